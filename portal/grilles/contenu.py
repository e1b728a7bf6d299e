"""A grid: sections, questions and their fields (domaine.md § 6.3). Pure values, without database."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from portal.grilles.enums import P1Si, Portee, Reponse


@dataclass(frozen=True, slots=True)
class Choix:
    """One of the answers that a list proposes."""

    code: str
    libelle: str


@dataclass(frozen=True, slots=True)
class Champ:
    """What one answers. `libelle`: "" for the only field of a question."""

    code: str
    libelle: str
    reponse: Reponse
    portee: Portee
    choix: tuple[Choix, ...] = ()
    p1_si: P1Si | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the field as it is stored."""
        return {
            "code": self.code,
            "libelle": self.libelle,
            "reponse": self.reponse.value,
            "portee": self.portee.value,
            "choix": [asdict(choix) for choix in self.choix],
            "p1_si": self.p1_si.value if self.p1_si else None,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Champ":
        """Return the field that was stored, or read from a file. Raises KeyError, ValueError."""
        return cls(
            code=data["code"],
            libelle=data["libelle"],
            reponse=Reponse(data["reponse"]),
            portee=Portee(data["portee"]),
            choix=tuple(Choix(c["code"], c["libelle"]) for c in data.get("choix", ())),
            p1_si=P1Si(data["p1_si"]) if data.get("p1_si") else None,
        )


@dataclass(frozen=True, slots=True)
class Item:
    """A question. `posee`: False where a département does not ask it; it keeps its place and its code."""

    code: str
    libelle: str
    aide: str
    champs: tuple[Champ, ...]
    posee: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """The questions that stand together, with what is told to who fills them."""

    code: str
    titre: str
    consigne: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Grille:
    """A whole grid. It has no score, no total, no ranking and no colour: there is nothing to compute."""

    libelle: str
    sections: tuple[Section, ...]

    def items(self) -> Iterator[Item]:
        """Give every question, in order."""
        for section in self.sections:
            yield from section.items


def empreinte(grille: Grille) -> str:
    """Return the SHA-256 of a grid, whatever it was read from."""
    canonical = json.dumps(
        asdict(grille), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_valeur
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _valeur(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} is not a value of a grid")
