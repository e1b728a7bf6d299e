"""A line of an imported table as it is read: what is wrong with its cells, what is to be asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from portal.audit.diff import plain
from portal.shared.text import normalise

C = TypeVar("C", bound=Enum)


@dataclass(frozen=True)
class Constat(Generic[C]):
    """What is wrong with a cell, or worth knowing: the code of its text, its column (None: the line)."""

    champ: C | None
    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it in a form that a job keeps."""
        return {
            "champ": self.champ.value if self.champ else None,
            "code": self.code,
            "parametres": {nom: plain(valeur) for nom, valeur in self.params.items()},
        }


@dataclass(frozen=True)
class Question(Generic[C]):
    """A word of the file that a person may explain: `pris`, what it is taken for (empty: for nothing).

    `proches`: what is offered first, values or (value, label).
    """

    champ: C
    ecrit: str
    pris: str
    proches: tuple[Any, ...] = ()

    @property
    def cle(self) -> str:
        """What two writings of one word have in common; the answer is kept under it."""
        return cle_de_mot(self.champ, self.ecrit)


def cle_de_mot(champ: Enum, ecrit: str) -> str:
    """Return the key under which the answer about a word is kept."""
    return f"{champ.value}:{normalise(ecrit)[:80]}"


@dataclass
class Ligne(Generic[C]):
    """A line as read. `ignoree`: it says nothing, or was set aside by the person."""

    numero: int
    cellules: dict[str, str] = field(default_factory=dict, kw_only=True)
    erreurs: list[Constat[C]] = field(default_factory=list, kw_only=True)
    avertissements: list[Constat[C]] = field(default_factory=list, kw_only=True)
    questions: list[Question[C]] = field(default_factory=list, kw_only=True)
    ignoree: bool = field(default=False, kw_only=True)

    def refuser(self, champ: C | None, code: str, **params: Any) -> None:
        """Note an error."""
        self.erreurs.append(Constat(champ, code, params))

    def avertir(self, champ: C | None, code: str, **params: Any) -> None:
        """Note what is worth knowing and refuses nothing."""
        self.avertissements.append(Constat(champ, code, params))

    def as_dict(self, sort: str) -> dict[str, Any]:
        """Return what a preview shows of it, in a form that a job keeps. `sort`: what becomes of it."""
        return {
            "numero": self.numero,
            "sort": sort,
            "cellules": self.cellules,
            "erreurs": [one.as_dict() for one in self.erreurs],
            "avertissements": [one.as_dict() for one in self.avertissements],
        }


def questions_posees(lignes: Iterable[Ligne[Any]]) -> list[dict[str, Any]]:
    """Return the words to explain, each once, with the numbers of the lines that hold it."""
    posees: dict[str, dict[str, Any]] = {}
    for ligne in lignes:
        for question in ligne.questions:
            posee = posees.setdefault(
                question.cle,
                {
                    "cle": question.cle,
                    "champ": question.champ.value,
                    "ecrit": question.ecrit,
                    "pris": question.pris,
                    "proches": list(question.proches),
                    "lignes": [],
                },
            )
            posee["lignes"].append(ligne.numero)
    return list(posees.values())
