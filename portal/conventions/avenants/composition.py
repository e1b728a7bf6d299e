"""What an avenant changes in a text: clause by clause, before and after. Reads no database but the greens."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from sqlalchemy.orm import Session

from portal.conventions.avenants.consolidation import Changement
from portal.conventions.avenants.consolidee import Consolide, avec
from portal.conventions.modeles.contenu import Clause
from portal.conventions.redaction.queries import ClauseLue, Texte
from portal.documents.texte import Bloc


class Sort(Enum):
    """What becomes of a clause."""

    MODIFIEE = "modifiee"
    AJOUTEE = "ajoutee"
    SUPPRIMEE = "supprimee"


@dataclass(frozen=True)
class Modification:
    """A clause before and after, None on the side where it is not. One of them at least is there."""

    code: str
    avant: ClauseLue | None
    apres: ClauseLue | None
    blocs_avant: tuple[Bloc, ...]
    blocs_apres: tuple[Bloc, ...]
    change: bool

    @property
    def lue(self) -> ClauseLue:
        """The clause as it will be, else as it was."""
        lue = self.apres or self.avant
        assert lue is not None
        return lue

    @property
    def modele(self) -> Clause:
        """The clause of the model."""
        return self.lue.clause

    @property
    def titre(self) -> str:
        """Its title with its number, in the text where it is."""
        return self.lue.titre

    @property
    def sort(self) -> Sort:
        """What becomes of it."""
        if self.avant is None:
            return Sort.AJOUTEE
        return Sort.SUPPRIMEE if self.apres is None else Sort.MODIFIEE

    @property
    def modifiable(self) -> bool:
        """Whether the parties write in it: not in what is green or fixed, nor in what leaves."""
        return self.apres is not None and self.modele.negociable


@dataclass(frozen=True)
class Composee:
    """A text before and after a change."""

    depart: Consolide
    avant: Texte
    apres: Texte

    @cached_property
    def _avant(self) -> Mapping[str, ClauseLue]:
        return {lue.code: lue for lue in self.avant.clauses}

    @cached_property
    def _apres(self) -> Mapping[str, ClauseLue]:
        return {lue.code: lue for lue in self.apres.clauses}

    def modification(self, code: str) -> Modification | None:
        """Return what becomes of a clause, None when neither text has it."""
        avant, apres = self._avant.get(code), self._apres.get(code)
        if avant is None and apres is None:
            return None
        return Modification(
            code,
            avant,
            apres,
            self.avant.blocs(avant) if avant else (),
            self.apres.blocs(apres) if apres else (),
            _fond(self.avant, avant) != _fond(self.apres, apres),
        )

    @property
    def ordre(self) -> dict[str, int]:
        """The rank of each clause: those of the new text, then those that leave."""
        codes = [*self._apres, *(code for code in self._avant if code not in self._apres)]
        return {code: rang for rang, code in enumerate(codes)}

    @property
    def induites(self) -> list[str]:
        """The clauses that differ, whoever changed them; numbers that close up do not count."""
        return [
            code
            for code in self.ordre
            if _fond(self.avant, self._avant.get(code)) != _fond(self.apres, self._apres.get(code))
        ]


def composer(session: Session, depart: Consolide, changement: Changement) -> Composee:
    """Return a consolidated text before and after a change."""
    return Composee(depart, depart.texte, avec(session, depart, changement))


def _fond(texte: Texte, lue: ClauseLue | None) -> tuple[str, str, tuple[tuple[str, str], ...]] | None:
    """Return what a clause says, whatever its number and those of the clauses that it refers to."""
    if lue is None:
        return None
    clause = lue.clause
    valeurs = tuple((p.code, texte.valeurs.get((lue.code, p.code), p.defaut)) for p in clause.parametres)
    return texte.textes.get(lue.code, clause.texte).strip(), clause.mention, valeurs
