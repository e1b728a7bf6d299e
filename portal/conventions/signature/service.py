"""Signing a frozen text: on line, or by the scanned paper; refusing; reminding (domaine.md § 5.2)."""

from collections.abc import Collection
from functools import partial
from typing import Unpack

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions import avis as avis_ligne
from portal.conventions import natures
from portal.conventions.cycle import changer_statut
from portal.conventions.ecriture import acte, charger
from portal.conventions.ecriture import texte as court
from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.redaction.ouverture import contester
from portal.conventions.signature import avis, figer, regles
from portal.conventions.signature.apposition import Apposition, ecrire_acte, exiger_habilitation
from portal.conventions.signature.circuit import attendues_de
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
from portal.conventions.signatures import ajouter, conclure, dates_proposees
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

NOM = 160
MOTIF = 500
RELANCE = "conventions:signature:relancer"


def signer(
    session: Session, clock: Clock, actor: Actor, ref: str, empreinte: str, **dit: Unpack[EnLigne]
) -> ActeSignature:
    """Accept the frozen text on line, for the actor's party; its password has just been asked again.

    `empreinte`: that of the text which was shown. The same person sending it twice signs once, and gets the
    same receipt. Raises NotVisible, Forbidden, DomainError.
    """
    ligne = charger(session, actor, ref, Permission.SIGNATURE_SIGNER)
    fige = montre(figer.courant(session, ligne.id), empreinte)
    inscrire = partial(_enregistrer, session, clock, actor, ligne, fige)
    remettre = partial(avis.recu, session, clock, actor, ligne)
    return accepter(session, clock, actor, ligne, fige, inscrire, remettre, **dit)


def deposer(
    session: Session, clock: Clock, actor: Actor, ref: str, empreinte: str, **dit: Unpack[SurPapier]
) -> ActeSignature:
    """Record the signature of a party from the scanned text, on the day written on it.

    The same form sent twice records one, with its first file. Raises NotVisible, Forbidden, DomainError.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_ENREGISTRER_SIGNATURE)
    fige = montre(figer.courant(session, ligne.id), empreinte)
    inscrire = partial(_enregistrer, session, clock, actor, ligne, fige)
    return presenter(session, actor, ligne, fige, inscrire, **dit)


def _enregistrer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    fige: TexteFige,
    fait: Apposition,
) -> ActeSignature:
    """Record a signature, and what follows: the next party is told, the last one makes the line signed."""
    if ligne.statut is not Statut.EN_SIGNATURE:
        raise DomainError("etat.transition_impossible", etat=ligne.statut)
    figer.verifier_intact(session, ligne, fige)
    donnees = {s.partie: s.signee_le for s in ligne.signatures}
    engagees = engager(session, clock, ligne, fige, fait, donnees)
    with acte(session, clock, actor, "signature:accepter", ligne) as faits:
        for partie in engagees:
            ajouter(clock, actor, ligne, partie, fait.signee_le, fait.signataire)
        rendu = ecrire_acte(session, clock, actor, ligne, fige, fait, engagees)
        faits |= dits(fige, fait, engagees)
        session.flush()
        derniere = max(donnees.values())
        proposees = dates_proposees(session, ligne, derniere)
        dates = regles.echeances(fige.contenu["echeances"], derniere, proposees)
        if len(donnees) == len(Partie):
            conclure(session, clock, actor, ligne, dates.effet, dates.fin, effet_anterieur=False)
            natures.remettre(ligne, session.get_one(ConventionTexte, ligne.id).natures_differees)
    if len(donnees) == len(Partie):
        avis_ligne.signee(session, clock, actor, ligne)
    else:
        avis.a_signer(session, clock, actor, ligne, fige, attendues_de(session, ligne))
    return rendu


def refuser(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    empreinte: str,
    *,
    motif: str,
    clauses: Collection[str] = (),
) -> Convention:
    """Refuse to sign, with the reason: the negotiation reopens, signatures given are void, all are told.

    `clauses`: codes of those for which the party refuses, none when it is the whole text. It has to accept
    them anew before the agreement is found again. Raises NotVisible, Forbidden, DomainError.
    """
    ligne = charger(session, actor, ref, Permission.SIGNATURE_SIGNER)
    partie = partie_de(actor)
    fige = montre(figer.courant(session, ligne.id), empreinte)
    exiger_habilitation(session, clock, actor, ligne)
    assert partie is not None
    raison = court(motif, "motif", MOTIF, obligatoire="conventions.motif_obligatoire")
    with acte(session, clock, actor, "signature:refuser", ligne) as faits:
        faits |= {"partie": partie, "raison": raison, "texte": fige.numero}
        changer_statut(clock, actor, ligne, "retirer_signature")
        ligne.signatures.clear()
        figer.annuler(session, clock, actor, ligne, raison)
        faits["clauses"] = contester(session, clock, actor, ligne, partie, clauses, raison)
    avis.refusee(session, clock, actor, ligne, partie, raison)
    return ligne


def relancer(session: Session, clock: Clock, actor: Actor, ref: str) -> int:
    """Remind those whose signature is awaited, once a day; return how many people were written to.

    Raises NotVisible, Forbidden, DomainError.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER)
    fige = figer.courant(session, ligne.id)
    if fige is None or ligne.statut is not Statut.EN_SIGNATURE:
        raise DomainError("signature.destinataire")
    une_relance_par_jour(session, clock, ligne, Convention, ligne.id, RELANCE)
    parties = attendues_de(session, ligne)
    nombre = avis.a_signer(session, clock, actor, ligne, fige, parties, relance=True)
    faits = {"parties": [partie.value for partie in parties], "destinataires": nombre}
    record(session, clock, actor, RELANCE, ligne, changes=faits)
    return nombre
