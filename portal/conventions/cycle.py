"""Acts that move a line along its life, signatures apart (domaine.md § 5.2, 5.4)."""

from datetime import date
from enum import Enum

from sqlalchemy.orm import Session

from portal.conventions import avis, crochets, parametres, regles
from portal.conventions.chaine import lignes_du_couple, rechainer
from portal.conventions.creation import date_plausible
from portal.conventions.ecriture import acte, charger, joindre, jour_de, partie_fermee, texte
from portal.conventions.enums import OUVERTS, Partie, Statut
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.workflow import SIMPLES, WORKFLOW
from portal.organisations.parametres import value
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

MOTIF = 500


def changer_statut(
    clock: Clock, actor: Actor, ligne: Convention, transition: str, target: Statut | None = None
) -> None:
    """Fire a transition on a loaded line, and remember since when it stands there.

    Signed or closed, it holds no proposal to close it any more.
    """

    def allowed(permission: Enum) -> bool:
        return isinstance(permission, Permission) and can(actor, permission, ligne)

    avant, apres = WORKFLOW.fire(ligne, transition, allowed, target=target)
    if apres is not avant:
        ligne.statut_depuis = clock.now()
    if apres not in OUVERTS:
        ligne.classement = None


def avancer(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, transition: str, *, motif: str = ""
) -> Convention:
    """Fire one of the plain transitions (`workflow.SIMPLES`).

    `rouvrir` asks why, and erases the signatures already given: what is signed is the text of that moment.
    Raises Forbidden, StaleVersion, DomainError.
    """
    if transition not in SIMPLES:
        raise DomainError("introuvable")
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    with acte(session, clock, actor, f"convention:{transition}", ligne) as faits:
        if transition == "rouvrir":
            faits["raison"] = motif_de(motif)
            ligne.signatures.clear()
        crochets.controler(session, ligne, transition)
        changer_statut(clock, actor, ligne, transition)
        if transition == "mettre_en_signature":
            ligne.ordre_signatures = value(session, parametres.ORDRE_SIGNATURES, ligne.departement_code)
        if transition == "engager" and ligne.ouverte_le is None:
            ligne.ouverte_le = jour_de(session, clock, ligne)
        crochets.suivre(session, clock, actor, ligne, transition)
        if transition == "rouvrir":
            crochets.rouvrir(session, clock, actor, ligne, faits["raison"])
    return ligne


def suspendre(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, motif: str
) -> Convention:
    """Suspend a negotiation on a hard point, with its reason; the State alone does."""
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_SUSPENDRE, version)
    with acte(session, clock, actor, "convention:suspendre", ligne):
        avant = ligne.statut
        changer_statut(clock, actor, ligne, "suspendre")
        ligne.statut_avant_suspension, ligne.motif = avant, motif_de(motif)
    avis.suspendue(session, clock, actor, ligne)
    return ligne


def reprendre(session: Session, clock: Clock, actor: Actor, ref: str, version: int) -> Convention:
    """Resume a suspended negotiation where it stood."""
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_SUSPENDRE, version)
    with acte(session, clock, actor, "convention:reprendre", ligne):
        changer_statut(
            clock, actor, ligne, "reprendre", ligne.statut_avant_suspension or Statut.EN_NEGOCIATION
        )
        ligne.statut_avant_suspension, ligne.motif = None, ""
    return ligne


def resilier(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    version: int,
    *,
    motif: str,
    notifiee_le: date,
    effet: date | None = None,
    par: Partie | None = None,
    preavis_ecourte: bool = False,
    mise_en_demeure_le: date | None = None,
    mise_en_demeure_id: int | None = None,
) -> Convention:
    """Record the termination of a signed CTP by a party (domaine.md § 5.4), and tell the three parties.

    `effet`: first day without the CTP, at the end of the notice when None; earlier only with
    `preavis_ecourte`. The notice is that of the text, else of the département (2 months).
    `mise_en_demeure_le`: the day of the formal notice that came before, if any; `mise_en_demeure_id`: its
    file, just stored by the actor's organisation, which joins the documents as such. An operator speaks for
    itself; State and SIAO record who terminated in `par`.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_RESILIER, version)
    if ligne.statut is not Statut.SIGNEE or ligne.date_effet is None or ligne.fin_effective is None:
        raise DomainError("conventions.pas_signee")
    if date_plausible(notifiee_le, "notifiee_le") > jour_de(session, clock, ligne):
        raise DomainError("conventions.notification_future", "notifiee_le")
    if (
        mise_en_demeure_le is not None
        and date_plausible(mise_en_demeure_le, "mise_en_demeure_le") > notifiee_le
    ):
        raise DomainError("conventions.mise_en_demeure", "mise_en_demeure_le")
    if mise_en_demeure_id is not None and mise_en_demeure_le is None:
        raise DomainError("conventions.mise_en_demeure_date", "mise_en_demeure_le")
    preavis = preavis_de(session, ligne)
    au_plus_tot = regles.effet_resiliation(notifiee_le, preavis)
    effet = effet or au_plus_tot
    if effet < au_plus_tot and not preavis_ecourte:
        raise DomainError("conventions.resiliation_preavis", "effet", mois=preavis, le=au_plus_tot)
    if not ligne.date_effet < effet <= ligne.fin_effective:
        raise DomainError(
            "conventions.resiliation_effet", "effet", debut=ligne.date_effet, fin=ligne.fin_effective
        )
    sienne = partie_de(actor)
    with acte(session, clock, actor, "convention:resilier", ligne) as faits:
        changer_statut(clock, actor, ligne, "resilier")
        if mise_en_demeure_id is not None:
            libelle = f"Mise en demeure du {mise_en_demeure_le:%d/%m/%Y}"
            faits["document"] = joindre(session, clock, actor, ligne, mise_en_demeure_id, libelle).libelle
        ligne.resiliation_notifiee_le, ligne.resiliation_effet = notifiee_le, effet
        ligne.mise_en_demeure_le = mise_en_demeure_le
        ligne.resiliee_par = sienne if sienne is Partie.OPERATEUR else par or sienne
        ligne.motif = motif_de(motif)
        session.flush()
        rechainer(session, lignes_du_couple(session, ligne.operateur_id, ligne.siao_id))
    avis.resiliee(session, clock, actor, ligne)
    return ligne


def preavis_de(session: Session, ligne: Convention) -> int:
    """Return the months of notice of a line: those of its text, else those of its département."""
    du_texte = crochets.preavis(session, ligne)
    return value(session, parametres.PREAVIS_MOIS, ligne.departement_code) if du_texte is None else du_texte


def annuler_resiliation(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, motif: str
) -> Convention:
    """Withdraw a termination before it takes effect, with the reason.

    Refused when a party is closed or merged: the CTP would come back to life without it.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    if ligne.resiliation_effet is None:
        raise DomainError("conventions.resiliation_absente")
    if ligne.resiliation_effet <= jour_de(session, clock, ligne):
        raise DomainError("conventions.resiliation_passee")
    fermee = partie_fermee(ligne)
    if fermee is not None:
        raise DomainError("conventions.partie_fermee", nom=fermee.nom)
    with acte(session, clock, actor, "convention:annuler_resiliation", ligne) as faits:
        faits["raison"] = motif_de(motif)
        ligne.resiliation_notifiee_le = ligne.resiliation_effet = ligne.resiliee_par = None
        ligne.mise_en_demeure_le = None
        ligne.motif = ""
        rechainer(session, lignes_du_couple(session, ligne.operateur_id, ligne.siao_id))
    return ligne


def motif_de(motif: str) -> str:
    """Return the reason of an act, which is required. Raises DomainError."""
    return texte(motif, "motif", MOTIF, obligatoire="conventions.motif_obligatoire")
