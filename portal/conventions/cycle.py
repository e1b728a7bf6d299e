"""Acts that move a line along its life, signatures apart (domaine.md § 5.2, 5.4)."""

from datetime import date, timedelta
from enum import Enum

from sqlalchemy.orm import Session

from portal.conventions import avis, parametres, regles
from portal.conventions.chaine import lignes_du_couple, rechainer
from portal.conventions.creation import date_plausible
from portal.conventions.ecriture import acte, charger, jour_de, texte
from portal.conventions.enums import Partie, Statut
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
    """Fire a transition on a loaded line, and remember since when it stands there."""

    def allowed(permission: Enum) -> bool:
        return isinstance(permission, Permission) and can(actor, permission, ligne)

    avant, apres = WORKFLOW.fire(ligne, transition, allowed, target=target)
    if apres is not avant:
        ligne.statut_depuis = clock.now()


def avancer(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, transition: str, *, motif: str = ""
) -> Convention:
    """Fire one of the plain transitions (`workflow.SIMPLES`).

    `rouvrir` asks why, and erases the signatures already given: what is signed is the text of that moment.
    Raises Forbidden, StaleVersion, DomainError.
    """
    if transition not in SIMPLES:
        raise DomainError("introuvable")
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_LIRE, version)
    with acte(session, clock, actor, f"convention:{transition}", ligne) as faits:
        if transition == "rouvrir":
            faits["raison"] = _motif(motif)
            ligne.signatures.clear()
        changer_statut(clock, actor, ligne, transition)
        if transition == "engager" and ligne.ouverte_le is None:
            ligne.ouverte_le = jour_de(session, clock, ligne)
    return ligne


def suspendre(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, motif: str
) -> Convention:
    """Suspend a negotiation on a hard point, with its reason; the State alone does."""
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_SUSPENDRE, version)
    with acte(session, clock, actor, "convention:suspendre", ligne):
        avant = ligne.statut
        changer_statut(clock, actor, ligne, "suspendre")
        ligne.statut_avant_suspension, ligne.motif = avant, _motif(motif)
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


def classer(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, motif: str
) -> Convention:
    """Close a line that will never be signed (closure, merger, withdrawal), with its reason.

    It leaves the pair's chain: the line it was to replace may be renewed again.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_CLASSER_SANS_OBJET, version)
    with acte(session, clock, actor, "convention:classer", ligne):
        changer_statut(clock, actor, ligne, "classer")
        ligne.motif, ligne.statut_avant_suspension, ligne.remplace_id = _motif(motif), None, None
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
) -> Convention:
    """Record the termination of a signed CTP by a party (domaine.md § 5.4).

    `effet`: first day without the CTP, at the end of the notice (2 months) when None; earlier only with
    `preavis_ecourte`. An operator speaks for itself; State and SIAO record who terminated in `par`.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_RESILIER, version)
    if ligne.statut is not Statut.SIGNEE or ligne.date_effet is None or ligne.fin_effective is None:
        raise DomainError("conventions.pas_signee")
    if date_plausible(notifiee_le, "notifiee_le") > jour_de(session, clock, ligne):
        raise DomainError("conventions.notification_future", "notifiee_le")
    preavis = value(session, parametres.PREAVIS_MOIS, ligne.departement_code)
    au_plus_tot = regles.effet_resiliation(notifiee_le, preavis)
    effet = effet or au_plus_tot
    if effet < au_plus_tot and not preavis_ecourte:
        raise DomainError("conventions.resiliation_preavis", "effet", mois=preavis, le=au_plus_tot)
    if not ligne.date_effet < effet <= ligne.fin_effective:
        raise DomainError(
            "conventions.resiliation_effet", "effet", debut=ligne.date_effet, fin=ligne.fin_effective
        )
    sienne = partie_de(actor)
    with acte(session, clock, actor, "convention:resilier", ligne):
        changer_statut(clock, actor, ligne, "resilier")
        ligne.resiliation_notifiee_le, ligne.resiliation_effet = notifiee_le, effet
        ligne.resiliee_par = sienne if sienne is Partie.OPERATEUR else par or sienne
        ligne.motif = _motif(motif)
        ligne.fin_effective = ligne.fin_tri = effet - timedelta(days=1)
    return ligne


def annuler_resiliation(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, motif: str
) -> Convention:
    """Withdraw a termination before it takes effect, with the reason."""
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    if ligne.resiliation_effet is None:
        raise DomainError("conventions.resiliation_absente")
    if ligne.resiliation_effet <= jour_de(session, clock, ligne):
        raise DomainError("conventions.resiliation_passee")
    with acte(session, clock, actor, "convention:annuler_resiliation", ligne) as faits:
        faits["raison"] = _motif(motif)
        ligne.resiliation_notifiee_le = ligne.resiliation_effet = ligne.resiliee_par = None
        ligne.motif = ""
        rechainer(session, lignes_du_couple(session, ligne.operateur_id, ligne.siao_id))
    return ligne


def _motif(motif: str) -> str:
    return texte(motif, "motif", MOTIF, obligatoire="conventions.motif_obligatoire")
