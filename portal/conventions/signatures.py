"""Recording signatures: one by one, at once when signed elsewhere; correcting them (domaine.md § 5.2)."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from portal.conventions import avis, crochets, parametres, regles
from portal.conventions.chaine import dater
from portal.conventions.creation import date_plausible
from portal.conventions.cycle import MOTIF, changer_statut
from portal.conventions.ecriture import acte, auteur, charger, joindre, jour_de, partie_fermee, texte
from portal.conventions.enums import LIBELLES_PARTIE, Partie, Statut
from portal.conventions.models import Convention, ConventionSignature
from portal.conventions.policies import peut_enregistrer_signature_de
from portal.organisations.parametres import value
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

SIGNATAIRE = 160


def enregistrer_signature(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    version: int,
    *,
    partie: Partie,
    signee_le: date,
    signataire: str = "",
    date_effet: date | None = None,
    date_fin: date | None = None,
    effet_anterieur: bool = False,
) -> Convention:
    """Record the signature of one party of a line « en signature »; the third one makes it signed.

    The third needs the dates of effect and end (given now, or with an earlier signature);
    `effet_anterieur` confirms an effect earlier than the last signature. The CTP it replaces is then cut at
    the eve of the effect. Raises Forbidden, StaleVersion, DomainError.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_ENREGISTRER_SIGNATURE, version)
    if not peut_enregistrer_signature_de(actor, partie):
        raise DomainError("conventions.signature_autre_partie", "partie")
    if ligne.statut is not Statut.EN_SIGNATURE:
        raise DomainError("etat.transition_impossible", etat=ligne.statut)
    crochets.controler(session, ligne, "enregistrer_signature")
    verifier_signature(session, clock, ligne, partie, signee_le)
    with acte(session, clock, actor, "signature:enregistrer", ligne) as faits:
        faits["partie"] = partie
        ajouter(clock, actor, ligne, partie, signee_le, signataire)
        effet, fin = date_effet or ligne.date_effet, date_fin or ligne.date_fin
        complete = conclure(session, clock, actor, ligne, effet, fin, effet_anterieur=effet_anterieur)
    if complete:
        avis.signee(session, clock, actor, ligne)
    return ligne


def verifier_signature(
    session: Session, clock: Clock, ligne: Convention, partie: Partie, signee_le: date
) -> None:
    """Refuse a signature dated in the future, already given, or out of the order of the parties."""
    verifier_signature_datee(session, clock, ligne, signee_le, "signee_le")
    regle = value(session, parametres.ORDRE_SIGNATURES, ligne.departement_code)
    ordre = parametres.ordre_de(ligne, regle)
    verifier_ordre({s.partie: s.signee_le for s in ligne.signatures}, partie, signee_le, ordre)


def ajouter(
    clock: Clock, actor: Actor, ligne: Convention, partie: Partie, signee_le: date, signataire: str
) -> None:
    """Add the signature of a party, inside an act on the line."""
    ligne.signatures.append(
        ConventionSignature(
            partie=partie,
            signee_le=signee_le,
            signataire=texte(signataire, "signataire", SIGNATAIRE),
            enregistree_le=clock.now(),
            enregistree_par=auteur(actor),
        )
    )


def conclure(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    effet: date | None,
    fin: date | None,
    *,
    effet_anterieur: bool,
) -> bool:
    """Check the dates after a signature; the third one makes the line signed. Tell whether it did."""
    derniere = max(s.signee_le for s in ligne.signatures)
    complete = len(ligne.signatures) == len(Partie)
    verifier_dates(effet, fin, derniere if complete else None, effet_anterieur=effet_anterieur)
    if complete and effet and fin:
        ligne.date_signature = derniere
        signer = partial(changer_statut, clock, actor, ligne, "signer")
        dater(session, ligne, date_effet=effet, date_fin=fin, signer=signer)
    else:
        ligne.date_effet, ligne.date_fin = effet, fin
    return complete


def verifier_ordre(
    signatures: Mapping[Partie, date],
    partie: Partie,
    signee_le: date,
    ordre: tuple[Partie, ...] | None,
) -> None:
    """Refuse a signature already given, out of order, or dated before the one it follows.

    `ordre` None: any order. Raises DomainError.
    """
    if partie in signatures:
        raise DomainError("conventions.signature_deja", "partie", le=signatures[partie])
    if ordre is None:
        return
    for avant in ordre[: ordre.index(partie)]:
        if avant not in signatures:
            raise DomainError(
                "conventions.signature_ordre",
                "partie",
                ordre=[LIBELLES_PARTIE[p] for p in ordre],
                manque=LIBELLES_PARTIE[avant],
            )
        if signatures[avant] > signee_le:
            raise DomainError(
                "conventions.signature_ordre_dates",
                "signee_le",
                partie=LIBELLES_PARTIE[avant],
                le=signatures[avant],
            )


def verifier_dates(
    effet: date | None, fin: date | None, derniere_signature: date | None, *, effet_anterieur: bool
) -> None:
    """Refuse impossible dates; with a last signature, both are required. Raises DomainError."""
    for jour, champ in ((effet, "date_effet"), (fin, "date_fin")):
        if jour is not None:
            date_plausible(jour, champ)
        elif derniere_signature is not None:
            raise DomainError("obligatoire", champ)
    if effet is not None and fin is not None and fin < effet:
        raise DomainError("conventions.fin_avant_effet", "date_fin", effet=effet)
    if effet and derniere_signature and effet < derniere_signature and not effet_anterieur:
        raise DomainError("conventions.effet_avant_signature", "date_effet", signature=derniere_signature)


def retirer_signature(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    version: int,
    *,
    partie: Partie,
    motif: str,
) -> Convention:
    """Withdraw a party's signature before the CTP is signed: it reopens the negotiation (domaine.md § 5.2).

    The other signatures are erased too, since the text they bear on reopens; the journal keeps them.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_ENREGISTRER_SIGNATURE, version)
    if not peut_enregistrer_signature_de(actor, partie):
        raise DomainError("conventions.signature_autre_partie", "partie")
    if all(signature.partie is not partie for signature in ligne.signatures):
        raise DomainError("conventions.signature_absente", "partie")
    with acte(session, clock, actor, "signature:retirer", ligne) as faits:
        faits["partie"] = partie
        faits["raison"] = texte(motif, "motif", MOTIF, obligatoire="conventions.motif_obligatoire")
        changer_statut(clock, actor, ligne, "retirer_signature")
        ligne.signatures.clear()
        crochets.suivre(session, clock, actor, ligne, "retirer_signature")
        crochets.rouvrir(session, clock, actor, ligne, faits["raison"], partie)
    return ligne


def saisir_reprise(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    version: int,
    *,
    date_signature: date,
    date_effet: date,
    date_fin: date,
    effet_anterieur: bool = False,
    fichier_id: int | None = None,
) -> Convention:
    """Enter a CTP signed elsewhere, from any open state, with the one signature date that is known.

    `fichier_id`: the signed text, stored in the same transaction; it joins the documents of the line.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    verifier_signature_datee(session, clock, ligne, date_signature, "date_signature")
    verifier_dates(date_effet, date_fin, date_signature, effet_anterieur=effet_anterieur)
    with acte(session, clock, actor, "convention:reprise", ligne) as faits:
        if fichier_id is not None:
            libelle = f"Convention signée du {date_signature:%d/%m/%Y}"
            faits["document"] = joindre(session, clock, actor, ligne, fichier_id, libelle).libelle
        ligne.date_signature, ligne.reprise = date_signature, True
        ligne.statut_avant_suspension, ligne.motif = None, ""
        signer = partial(changer_statut, clock, actor, ligne, "reprise")
        dater(session, ligne, date_effet=date_effet, date_fin=date_fin, signer=signer)
    return ligne


def corriger(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    version: int,
    *,
    date_effet: date,
    date_fin: date,
    motif: str,
    date_signature: date | None = None,
    signatures: Mapping[Partie, date] | None = None,
    effet_anterieur: bool = False,
) -> Convention:
    """Correct the dates of a signed CTP, with the reason.

    `signatures`: the corrected dates of recorded signatures; `date_signature`: that of a « reprise ». When
    a signature date changes, the line is again to be copied into the SI SIAO. A CTP whose party is closed or
    merged may not be made to last longer than that party.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    if ligne.statut is not Statut.SIGNEE:
        raise DomainError("conventions.pas_signee")
    nouvelles = dict(signatures or {})
    for jour in (*nouvelles.values(), *([date_signature] if date_signature else [])):
        verifier_signature_datee(session, clock, ligne, jour, "date_signature")
    with acte(session, clock, actor, "convention:corriger", ligne) as faits:
        faits["raison"] = texte(motif, "motif", MOTIF, obligatoire="conventions.motif_obligatoire")
        changees = _redater(ligne, nouvelles, date_signature)
        verifier_dates(date_effet, date_fin, ligne.date_signature, effet_anterieur=effet_anterieur)
        if changees:
            ligne.si_siao_copiee_le, ligne.si_siao_copiee_par = None, ""
        dater(session, ligne, date_effet=date_effet, date_fin=date_fin)
        _pas_apres_fermeture(ligne)
    return ligne


def _pas_apres_fermeture(ligne: Convention) -> None:
    fermee = partie_fermee(ligne)
    if fermee is None or fermee.fermee_le is None or ligne.fin_effective is None:
        return
    if ligne.fin_effective > fermee.fermee_le:
        raise DomainError("conventions.fin_apres_fermeture", "date_fin", nom=fermee.nom, le=fermee.fermee_le)


def _redater(ligne: Convention, nouvelles: Mapping[Partie, date], date_signature: date | None) -> bool:
    """Change the dates of signature that differ; tell whether any did."""
    avant = [ligne.date_signature, *(s.signee_le for s in ligne.signatures)]
    for signature in ligne.signatures:
        signature.signee_le = nouvelles.get(signature.partie, signature.signee_le)
    if len(ligne.signatures) == len(Partie):
        ligne.date_signature = max(s.signee_le for s in ligne.signatures)
    elif date_signature is not None:
        ligne.date_signature = date_signature
    return avant != [ligne.date_signature, *(s.signee_le for s in ligne.signatures)]


def dates_proposees(session: Session, ligne: Convention, derniere_signature: date) -> tuple[date, date]:
    """Return the dates of effect and end to propose when the last party signs on that day.

    The effect follows the CTP it replaces without a gap when that one is still in force.
    """
    effet = derniere_signature
    mere = ligne.predecesseur
    if mere is not None and mere.fin_effective is not None and mere.fin_effective >= effet:
        effet = regles.lendemain(mere.fin_effective)
    duree = value(session, parametres.DUREE_MOIS, ligne.departement_code)
    return effet, regles.fin_par_defaut(effet, duree)


def verifier_signature_datee(
    session: Session, clock: Clock, ligne: Convention, jour: date, champ: str
) -> None:
    """Refuse a day of signature that is absurd, or to come."""
    if date_plausible(jour, champ) > jour_de(session, clock, ligne):
        raise DomainError("conventions.signature_future", champ)
