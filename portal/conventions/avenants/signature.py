"""Signing an avenant: the circuit of the convention, on its own frozen text (domaine.md § 5.4)."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import partial
from typing import Any, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.conventions import natures, regles
from portal.conventions.avenants import avis, figer, fil, propositions
from portal.conventions.avenants.ecriture import noter, prendre, signes
from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.models import Avenant
from portal.conventions.avenants.service import changer_statut, poser
from portal.conventions.chaine import dater
from portal.conventions.ecriture import acte
from portal.conventions.ecriture import texte as court
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.preremplir import PREFIXE_NATURE
from portal.conventions.signature.apposition import Apposition, ecrire_acte, exiger_habilitation
from portal.conventions.signature.composer import CLAUSE_DUREE
from portal.conventions.signature.figer import MOTIF
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.conventions.signature.partage import (
    EnLigne,
    SurPapier,
    accepter,
    dits,
    engager,
    montre,
    presenter,
    une_relance_par_jour,
)
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

RELANCE = "conventions:avenant:relancer"


def signer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    empreinte: str,
    **dit: Unpack[EnLigne],
) -> ActeSignature:
    """Accept a frozen avenant on line, for the actor's party; its password has just been asked again.

    The same person sending it twice signs once. Raises NotVisible, Forbidden, DomainError.
    """
    ligne, avenant = prendre(session, actor, ref, avenant_ref, Permission.SIGNATURE_SIGNER)
    fige = montre(figer.courant_de(session, avenant.id), empreinte)
    inscrire = partial(_enregistrer, session, clock, actor, ligne, avenant, fige)
    remettre = partial(avis.recu, session, clock, actor, ligne, avenant)
    return accepter(session, clock, actor, ligne, fige, inscrire, remettre, **dit)


def deposer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    empreinte: str,
    **dit: Unpack[SurPapier],
) -> ActeSignature:
    """Record the signature of a party from the scanned avenant, on the day written on it.

    The same form sent twice records one, with its first file. Raises NotVisible, Forbidden, DomainError.
    """
    permission = Permission.CONVENTIONS_ENREGISTRER_SIGNATURE
    ligne, avenant = prendre(session, actor, ref, avenant_ref, permission)
    fige = montre(figer.courant_de(session, avenant.id), empreinte)
    inscrire = partial(_enregistrer, session, clock, actor, ligne, avenant, fige)
    return presenter(session, actor, ligne, fige, inscrire, **dit)


def refuser(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    empreinte: str,
    *,
    motif: str,
    clauses: Collection[str] = (),
) -> Avenant:
    """Refuse to sign, with the reason: the negotiation reopens, signatures given are void, all are told.

    `clauses`: as for the convention itself. Raises NotVisible, Forbidden, DomainError.
    """
    ligne, avenant = prendre(session, actor, ref, avenant_ref, Permission.SIGNATURE_SIGNER)
    montre(figer.courant_de(session, avenant.id), empreinte)
    exiger_habilitation(session, clock, actor, ligne)
    raison = court(motif, "motif", MOTIF, obligatoire="conventions.motif_obligatoire")
    with acte(session, clock, actor, "avenant:refuser_signature", ligne) as faits:
        faits |= {"avenant": avenant.numero, "partie": partie_de(actor), "raison": raison}
        changer_statut(clock, actor, ligne, avenant, "refuser_signature")
        signees = figer.annuler(session, clock, actor, ligne, avenant, raison)
        faits |= _contester(session, clock, actor, avenant, clauses, raison)
    avis.rouvert(session, clock, actor, ligne, avenant, signees, raison, refus=True)
    return avenant


def _contester(
    session: Session, clock: Clock, actor: Actor, avenant: Avenant, codes: Collection[str], motif: str
) -> dict[str, Any]:
    """Have the actor's party refuse these clauses, or examine them all again; return what to write of it."""
    partie = partie_de(actor)
    assert partie is not None
    visees = [clause for clause in avenant.clauses if not codes or clause.code in codes]
    if codes and len(visees) != len(set(codes)):
        raise DomainError("signature.clause_inconnue", "clauses")
    apres = Position.REFUSEE if codes else Position.A_EXAMINER
    positions: dict[str, list[str]] = {}
    for clause in visees:
        dites = {une.partie: une.position for une in clause.positions}
        avant = dites.get(partie, Position.A_EXAMINER)
        positions[clause.code] = [avant.value, apres.value]
        poser(clock, actor, clause, partie, apres, motif)
        flag_modified(clause, "updated_at")
        dit = {"avant": avant.value, "apres": apres.value, "motif": motif}
        fil.inscrire(session, clock, actor, clause, GenreFait.POSITION, **dit)
    return {"positions": positions}


def relancer(session: Session, clock: Clock, actor: Actor, ref: str, avenant_ref: str) -> int:
    """Remind those whose signature is awaited, once a day; return how many people were written to.

    Raises NotVisible, Forbidden, DomainError.
    """
    ligne, avenant = prendre(session, actor, ref, avenant_ref, Permission.CONVENTIONS_MODIFIER)
    fige = figer.courant_de(session, avenant.id)
    if fige is None or avenant.statut is not StatutAvenant.EN_SIGNATURE:
        raise DomainError("signature.destinataire")
    une_relance_par_jour(session, clock, ligne, Avenant, avenant.id, RELANCE)
    signees = [une.partie for une in actes(session, fige)]
    nombre = avis.a_signer(session, clock, actor, ligne, avenant, fige, signees, relance=True)
    noter(session, clock, actor, ligne, avenant, "avenant:relancer", {"destinataires": nombre})
    return nombre


def actes(session: Session, fige: TexteFige) -> Sequence[ActeSignature]:
    """Return the signatures that a frozen text has received, in order."""
    return session.scalars(
        select(ActeSignature).where(ActeSignature.texte_fige_id == fige.id).order_by(ActeSignature.id)
    ).all()


def _enregistrer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    avenant: Avenant,
    fige: TexteFige,
    fait: Apposition,
) -> ActeSignature:
    """Record a signature, and what follows: the next party is told, the last one makes the avenant signed."""
    if avenant.statut is not StatutAvenant.EN_SIGNATURE:
        raise DomainError("avenants.etat", etat=avenant.statut)
    figer.verifier_intact(ligne, avenant, fige)
    donnees = {une.partie: une.signee_le for une in actes(session, fige)}
    engagees = engager(session, clock, ligne, fige, fait, donnees)
    with acte(session, clock, actor, "avenant:accepter", ligne) as faits:
        rendu = ecrire_acte(session, clock, actor, ligne, fige, fait, engagees)
        faits |= {"avenant": avenant.numero} | dits(fige, fait, engagees)
        complete = len(donnees) == len(Partie)
        if complete:
            _conclure(session, clock, actor, ligne, avenant, max(donnees.values()))
        else:
            avenant.updated_at = clock.now()
            flag_modified(avenant, "updated_at")  # a signature within the same instant is news too
    noter(session, clock, actor, ligne, avenant, "avenant:signer", dict(faits))
    if complete:
        avis.signe(session, clock, actor, ligne, avenant)
    else:
        avis.a_signer(session, clock, actor, ligne, avenant, fige, list(donnees))
    return rendu


def _conclure(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, derniere: date
) -> None:
    """Make an avenant signed: from its effect on, the text is the consolidated one; the line follows.

    The effect is never before the last signature, nor before that of the convention or of the avenants signed
    earlier.
    """
    effets = [une.date_effet for une in signes(session, ligne.id) if une.date_effet is not None]
    assert ligne.date_effet is not None
    effet = max([avenant.date_effet or derniere, derniere, ligne.date_effet, *effets])
    assert ligne.fin_effective is not None
    if effet > ligne.fin_effective:
        raise DomainError("avenants.effet_hors", debut=ligne.date_effet, fin=ligne.fin_effective)
    avenant.date_effet, avenant.date_signature = effet, derniere
    changer_statut(clock, actor, ligne, avenant, "signer")
    remises = propositions.places_remises(session, ligne)
    for code in avenant.natures_ajoutees:
        places = _places(avenant, code)
        natures.ajouter(ligne, code, effet, remises.get(code) if places is None else places)
    for code in avenant.natures_retirees:
        natures.retirer(ligne, code, effet)
    fin = _fin(ligne, avenant)
    if fin is not None and fin != ligne.date_fin:
        if fin < effet:
            raise DomainError("conventions.fin_avant_effet", effet=effet)
        dater(session, ligne, date_effet=ligne.date_effet, date_fin=fin)
    session.flush()


def _places(avenant: Avenant, nature: str) -> int | None:
    """Return how many places an avenant gives a nature that it brings, None when its clause says none."""
    clause = next((une for une in avenant.clauses if une.code == f"{PREFIXE_NATURE}{nature}"), None)
    dit = clause.valeurs.get("places", "") if clause is not None else ""
    return int(dit) if dit.isdecimal() else None


def _fin(ligne: Convention, avenant: Avenant) -> date | None:
    """Return the last day that an avenant gives the convention, None when it leaves it."""
    duree = next((clause for clause in avenant.clauses if clause.code == CLAUSE_DUREE), None)
    if duree is None or ligne.date_effet is None:
        return None
    if duree.valeurs.get("date_fin"):
        return date.fromisoformat(duree.valeurs["date_fin"])
    mois = duree.valeurs.get("duree_mois", "")
    return regles.fin_par_defaut(ligne.date_effet, int(mois)) if mois.isdecimal() else None
