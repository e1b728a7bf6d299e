"""What signing a convention and signing one of its avenants share: the acts of a party on a frozen text."""

from collections.abc import Callable
from datetime import date
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie
from portal.conventions.jours import est_du_jour
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de, peut_enregistrer_signature_de
from portal.conventions.signature.apposition import Apposition, en_ligne, sur_papier, une_personne_par_partie
from portal.conventions.signature.circuit import regles_de
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.conventions.signature.regles import parties_engagees
from portal.conventions.signatures import verifier_ordre, verifier_signature_datee
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import Base
from portal.shared.errors import DomainError, Forbidden

Enregistrer = Callable[[Apposition], ActeSignature]


class EnLigne(TypedDict):
    """What is said by who signs on line. Under a recorded delegation, its capacity and its act are used."""

    qualite: str
    delegation: NotRequired[str]
    delegation_fichier_id: NotRequired[int | None]
    second_facteur: NotRequired[bool]
    lu: NotRequired[bool]


class SurPapier(TypedDict):
    """What is said of a signed paper. `fichier_id`: a file stored in the same transaction."""

    partie: Partie
    signee_le: date
    nom: str
    qualite: str
    fichier_id: int
    delegation: NotRequired[str]


def montre(fige: TexteFige | None, empreinte: str) -> TexteFige:
    """Return the text in signature, if it is the one that was shown. Raises DomainError."""
    if fige is None and not empreinte:
        raise DomainError("signature.pas_fige")
    if fige is None or fige.empreinte != empreinte:
        raise DomainError("signature.depasse")
    return fige


def accepter(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    fige: TexteFige,
    enregistrer: Enregistrer,
    remettre: Callable[[ActeSignature], None],
    **dit: Unpack[EnLigne],
) -> ActeSignature:
    """Accept a text on line for the actor's party, and send the receipt; sent twice, it is signed once.

    Raises Forbidden, DomainError.
    """
    partie = partie_de(actor)
    if partie is None:
        raise Forbidden(Permission.SIGNATURE_SIGNER.value)
    deja = _acte(session, fige, partie)
    if deja is not None and deja.personne_id == actor.personne_id:
        return deja
    recu = enregistrer(en_ligne(session, clock, actor, ligne, partie, **dit))
    remettre(recu)
    return recu


def presenter(
    session: Session,
    actor: Actor,
    ligne: Convention,
    fige: TexteFige,
    enregistrer: Enregistrer,
    **dit: Unpack[SurPapier],
) -> ActeSignature:
    """Record the signature of a party from the scanned text; sent twice, one, with its first file.

    Any party brings its own; State and SIAO, that of any party. Raises DomainError.
    """
    partie = dit["partie"]
    if not peut_enregistrer_signature_de(actor, partie):
        raise DomainError("conventions.signature_autre_partie", "partie")
    fait = sur_papier(session, ligne, fige, **dit)
    deja = _acte(session, fige, partie)
    if deja is not None and deja.enregistre_par == auteur(actor) and fait.est(deja):
        return deja
    return enregistrer(fait)


def engager(
    session: Session,
    clock: Clock,
    ligne: Convention,
    fige: TexteFige,
    fait: Apposition,
    donnees: dict[Partie, date],
) -> tuple[Partie, ...]:
    """Return the parties that a signature binds, in the order they sign in. Raises DomainError.

    `donnees`: the days of the signatures given, to which these are added.
    """
    ordre, lettre = regles_de(session, ligne, fige)
    ensemble = parties_engagees(fait.partie, lettre=lettre)
    engagees = tuple(partie for partie in ordre or Partie if partie in ensemble)
    une_personne_par_partie(session, ligne, fige, fait, engagees)
    verifier_signature_datee(session, clock, ligne, fait.signee_le, "signee_le")
    for partie in engagees:
        verifier_ordre(donnees, partie, fait.signee_le, ordre)
        donnees[partie] = fait.signee_le
    return engagees


def dits(fige: TexteFige, fait: Apposition, engagees: tuple[Partie, ...]) -> dict[str, Any]:
    """Return what the journal keeps of a signature."""
    return {
        "parties": [partie.value for partie in engagees],
        "genre": fait.genre,
        "empreinte": fige.empreinte,
        "texte": fige.numero,
        "signataire": fait.valeurs["nom"],
        "qualite": fait.valeurs["qualite"],
        "delegation": fait.valeurs["delegation"],
    }


def une_relance_par_jour(
    session: Session, clock: Clock, ligne: Convention, objet: type[Base], objet_id: int, action: str
) -> None:
    """Refuse to remind twice on one day. Raises DomainError."""
    derniere = session.scalar(
        select(EntreeJournal.le)
        .where(
            EntreeJournal.objet_type == objet.__tablename__,
            EntreeJournal.objet_id == objet_id,
            EntreeJournal.action == action,
        )
        .order_by(EntreeJournal.id.desc())
        .limit(1)
    )
    if est_du_jour(clock, ligne.departement_code, derniere):
        raise DomainError("signature.relance_recente")


def _acte(session: Session, fige: TexteFige, partie: Partie) -> ActeSignature | None:
    return session.scalar(
        select(ActeSignature).where(ActeSignature.texte_fige_id == fige.id, ActeSignature.partie == partie)
    )
