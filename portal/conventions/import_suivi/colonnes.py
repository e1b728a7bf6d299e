"""Which column of the table says what: guessed from its title, remembered for the organisation."""

import hashlib
from collections.abc import Mapping, Sequence
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.models import CorrespondanceImport
from portal.security.policy import Actor
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.shared.text import normalise


class Champ(Enum):
    """What a column may say of a line."""

    OPERATEUR = "operateur"
    SIREN = "siren"
    SIAO = "siao"
    NATURES = "natures"
    PLACES = "places"
    MODE = "mode"
    ETAT = "etat"
    DATE_CIBLE = "date_cible"
    SIGNATURE = "date_signature"
    EFFET = "date_effet"
    FIN = "date_fin"
    NOTES = "notes"


LIBELLES_CHAMP: dict[Champ, str] = {
    Champ.OPERATEUR: N_("Opérateur"),
    Champ.SIREN: N_("SIREN de l’opérateur"),
    Champ.SIAO: N_("SIAO"),
    Champ.NATURES: N_("Natures de dispositif"),
    Champ.PLACES: N_("Places"),
    Champ.MODE: N_("Mode de négociation"),
    Champ.ETAT: N_("État"),
    Champ.DATE_CIBLE: N_("Date cible"),
    Champ.SIGNATURE: N_("Date de signature"),
    Champ.EFFET: N_("Date d’effet"),
    Champ.FIN: N_("Date de fin"),
    Champ.NOTES: N_("Notes"),
}

Colonnes = dict[Champ, int]

# Titles met in the field, without accents, the surest first. Words in any order; more may stand around.
_SYNONYMES: dict[Champ, tuple[str, ...]] = {
    Champ.SIREN: ("siren", "siret", "numero siren"),
    Champ.SIAO: ("siao",),
    Champ.FIN: (
        "date de fin",
        "fin de la convention",
        "fin",
        "date echeance",
        "echeance convention",
        "terme",
        "expiration",
    ),
    Champ.EFFET: (
        "date effet",
        "date d effet",
        "prise d effet",
        "debut",
        "date de debut",
        "effet",
    ),
    Champ.SIGNATURE: (
        "date de signature",
        "signature",
        "date signature",
        "signee le",
        "signe le",
    ),
    Champ.DATE_CIBLE: (
        "date cible",
        "cible",
        "signature prevue",
        "date previsionnelle",
        "objectif",
        "prevue le",
    ),
    Champ.NATURES: (
        "natures",
        "nature",
        "nature de dispositif",
        "type de dispositif",
        "dispositifs",
        "dispositif",
    ),
    Champ.PLACES: ("places", "nombre de places", "nb places", "capacite"),
    Champ.MODE: ("mode", "mode de negociation", "negociation"),
    Champ.ETAT: ("etat", "statut", "avancement", "etat d avancement"),
    Champ.NOTES: ("notes", "commentaires", "commentaire", "observations", "observation", "remarques"),
    Champ.OPERATEUR: (
        "operateur",
        "gestionnaire",
        "organisme gestionnaire",
        "personne morale",
        "association",
        "organisme",
        "structure",
        "nom",
    ),
}


def deviner(entetes: Sequence[str]) -> Colonnes:
    """Return the columns recognised by their titles: the same title first, then a title that holds it."""
    titres = [normalise(entete) for entete in entetes]
    colonnes: Colonnes = {}
    for contient in (False, True):
        for champ, synonymes in _SYNONYMES.items():
            if champ in colonnes:
                continue
            libres = [i for i in range(len(titres)) if i not in colonnes.values()]
            trouvee = _chercher(titres, libres, synonymes, contient=contient)
            if trouvee is not None:
                colonnes[champ] = trouvee
    return colonnes


def _chercher(
    titres: Sequence[str], libres: Sequence[int], synonymes: Sequence[str], *, contient: bool
) -> int | None:
    for synonyme in synonymes:
        mots = set(synonyme.split())
        for index in libres:
            if titres[index] == synonyme or (contient and mots <= set(titres[index].split())):
                return index
    return None


def verifier(colonnes: Colonnes, entetes: Sequence[str]) -> Colonnes:
    """Return the matching when it can be used; raises DomainError."""
    if Champ.OPERATEUR not in colonnes and Champ.SIREN not in colonnes:
        raise DomainError("conventions.import_operateur_colonne", Champ.OPERATEUR.value)
    for champ, index in colonnes.items():
        if not 0 <= index < len(entetes):
            raise DomainError("conventions.import_colonne", champ.value)
    doubles = [champ for champ, index in colonnes.items() if list(colonnes.values()).count(index) > 1]
    if doubles:
        raise DomainError("conventions.import_colonne_double", doubles[-1].value)
    return colonnes


def en_json(colonnes: Colonnes) -> dict[str, int]:
    """Return the matching in a form that a job keeps."""
    return {champ.value: index for champ, index in colonnes.items()}


def de_json(colonnes: Mapping[str, int]) -> Colonnes:
    """Return the matching that a job kept."""
    return {Champ(champ): index for champ, index in colonnes.items()}


def rappeler(session: Session, actor: Actor, entetes: Sequence[str]) -> Colonnes | None:
    """Return the matching last used by the actor's organisation for the same titles."""
    connue = _connue(session, actor, entetes)
    return de_json(connue.colonnes) if connue is not None else None


def retenir(session: Session, actor: Actor, entetes: Sequence[str], colonnes: Colonnes) -> None:
    """Remember a matching for the next import of the same titles."""
    connue = _connue(session, actor, entetes)
    if connue is None:
        connue = CorrespondanceImport(organisation_id=actor.organisation_id, entetes_hash=_empreinte(entetes))
        session.add(connue)
    connue.colonnes = en_json(colonnes)
    session.flush()


def _connue(session: Session, actor: Actor, entetes: Sequence[str]) -> CorrespondanceImport | None:
    return session.scalar(
        select(CorrespondanceImport).where(
            CorrespondanceImport.organisation_id == actor.organisation_id,
            CorrespondanceImport.entetes_hash == _empreinte(entetes),
        )
    )


def _empreinte(entetes: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(map(normalise, entetes)).encode()).hexdigest()
