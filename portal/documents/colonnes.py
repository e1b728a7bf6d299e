"""Which column of an imported table says what: guessed from its title, remembered for the organisation."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.documents import messages as messages
from portal.documents.cellules import reconnaitre_titres
from portal.security.policy import Actor
from portal.shared.errors import DomainError
from portal.shared.text import normalise

C = TypeVar("C", bound=Enum)


@dataclass(frozen=True)
class Reconnaissance(Generic[C]):
    """What the columns of a kind of table may say, `champ`, and the titles that people give them.

    `modele`: the table that remembers matchings (`organisation_id`, `entetes_hash`, `colonnes`). `synonymes`:
    titles met in the field, normalised, the surest first; words in any order, more may stand around.
    `contraires`: words that make a title speak of something else than the synonym it holds. `l_un_de`: one
    of them must be there, else the error `manque` is told at the first.
    """

    champ: type[C]
    modele: type[Any]
    synonymes: Mapping[C, Sequence[str]]
    contraires: Mapping[C, frozenset[str]]
    l_un_de: tuple[C, ...]
    manque: str

    def deviner(self, entetes: Sequence[str]) -> dict[C, int]:
        """Return the columns recognised by their titles: the same title first, then one that holds it."""
        synonymes = {champ.value: textes for champ, textes in self.synonymes.items()}
        contraires = {champ.value: mots for champ, mots in self.contraires.items()}
        return self.de_json(reconnaitre_titres(entetes, synonymes, contraires))

    def verifier(self, colonnes: Mapping[C, int], entetes: Sequence[str]) -> None:
        """Raise DomainError when a matching cannot be used."""
        if not any(champ in colonnes for champ in self.l_un_de):
            raise DomainError(self.manque, self.l_un_de[0].value)
        vues: set[int] = set()
        for champ, index in colonnes.items():
            if not 0 <= index < len(entetes):
                raise DomainError("tableau.colonne", champ.value)
            if index in vues:
                raise DomainError("tableau.colonne_double", champ.value)
            vues.add(index)

    def en_json(self, colonnes: Mapping[C, int]) -> dict[str, int]:
        """Return a matching in a form that a job keeps."""
        return {champ.value: index for champ, index in colonnes.items()}

    def de_json(self, colonnes: Mapping[str, int]) -> dict[C, int]:
        """Return the matching that a job kept."""
        return {self.champ(champ): index for champ, index in colonnes.items()}

    def rappeler(self, session: Session, actor: Actor, entetes: Sequence[str]) -> dict[C, int] | None:
        """Return the matching last used by the actor's organisation for the same titles."""
        connue = self._connue(session, actor, entetes)
        return self.de_json(connue.colonnes) if connue is not None else None

    def retenir(
        self, session: Session, actor: Actor, entetes: Sequence[str], colonnes: Mapping[C, int]
    ) -> None:
        """Remember a matching for the next import of the same titles."""
        connue = self._connue(session, actor, entetes)
        if connue is None:
            connue = self.modele(organisation_id=actor.organisation_id, entetes_hash=_empreinte(entetes))
            session.add(connue)
        connue.colonnes = self.en_json(colonnes)
        session.flush()

    def _connue(self, session: Session, actor: Actor, entetes: Sequence[str]) -> Any:
        return session.scalar(
            select(self.modele).where(
                self.modele.organisation_id == actor.organisation_id,
                self.modele.entetes_hash == _empreinte(entetes),
            )
        )


def _empreinte(entetes: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(map(normalise, entetes)).encode()).hexdigest()
