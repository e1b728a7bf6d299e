"""A booklet of contacts as a tagged PDF: cover, contents, sections, and indexes that give page numbers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from portal.documents.rendu.commun import propre
from portal.documents.rendu.pdf import composer


@dataclass(frozen=True)
class Entree:
    """A line of the booklet. `cle`: what the indexes refer to, its own in the whole booklet.

    `organisation`: what it is (first line) and where (others); `personnes`: who answers, then others;
    `joindre`: how; `alerte`: what the reader must know of it, empty when all is well.
    """

    cle: str
    organisation: tuple[str, ...]
    personnes: tuple[str, ...]
    joindre: tuple[str, ...]
    alerte: str = ""


@dataclass(frozen=True)
class Groupe:
    """Entries about one subject."""

    titre: str
    entrees: tuple[Entree, ...]


@dataclass(frozen=True)
class Section:
    """The subjects of one territory."""

    titre: str
    groupes: tuple[Groupe, ...]


@dataclass(frozen=True)
class Index:
    """An index: each name with the keys of the entries that hold it."""

    titre: str
    noms: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Livret:
    """A whole booklet. `couverture`: lines of the cover below the title; `avis`: what is said of its use.

    `page`: what a foot says of its number, with `{page}` and `{total}`.
    """

    titre: str
    sous_titre: str
    couverture: tuple[str, ...]
    avis: tuple[str, ...]
    pied: str
    page: str
    entetes: tuple[str, str, str]
    sommaire: str
    sections: tuple[Section, ...]
    index: tuple[Index, ...]
    langue: str = "fr"


def livret_en_pdf(livret: Livret, le: datetime) -> bytes:
    """Return the booklet as a PDF/UA-1 dated `le`; the same booklet and date give the same bytes."""
    return composer("livret.typ", _propre(asdict(livret)), le)


def _propre(valeur: Any) -> Any:
    """Return data whose texts hold nothing that a page cannot show."""
    if isinstance(valeur, str):
        return propre(valeur)
    if isinstance(valeur, dict):
        return {cle: _propre(une) for cle, une in valeur.items()}
    if isinstance(valeur, Sequence):
        return [_propre(une) for une in valeur]
    return valeur
