"""A text as the rendering and the reading of files see it: blocks of coloured passages, whatever the format.

The colour says who may adapt a passage (S0): nobody, once per département (green), each signatory (yellow).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Couleur(Enum):
    """The level of a passage (S0, domaine.md § 4.2)."""

    FIXE = "fixe"
    VERTE = "verte"
    JAUNE = "jaune"


class Genre(Enum):
    """What a block is."""

    TITRE = "titre"
    PARAGRAPHE = "paragraphe"
    PUCE = "puce"
    TABLEAU = "tableau"


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive characters of one colour."""

    texte: str
    couleur: Couleur = Couleur.FIXE


Passages = tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Bloc:
    """A heading, a paragraph, a list item (`passages`), or a table (`lignes`: rows of cells).

    `niveau`: level of a heading (1 = article, 2 = clause) or depth of a list item (0 = first).
    `serre`: a long table that is consulted, not read: in small type, on two columns of a page.
    """

    genre: Genre
    passages: Passages = ()
    niveau: int = 0
    lignes: tuple[tuple[Passages, ...], ...] = ()
    serre: bool = False

    @property
    def texte(self) -> str:
        """The characters of the block; cells of a table are separated by tabulations, its rows by lines."""
        if self.genre is Genre.TABLEAU:
            return "\n".join("\t".join(_texte(cellule) for cellule in ligne) for ligne in self.lignes)
        return _texte(self.passages)

    def toutes(self) -> Iterator[Passage]:
        """Return every passage, those of the cells included."""
        yield from self.passages
        for ligne in self.lignes:
            for cellule in ligne:
                yield from cellule


@dataclass(frozen=True, slots=True)
class Document:
    """A text ready to be written to a file.

    `sous_titre`: whose text it is, one a line, under the title. `projet`: a draft, marked « PROJET » across
    its pages. `colore`: passages are highlighted in their colour.
    `pied`: what each page's foot says beside its number, such as the fingerprint of a frozen text.
    """

    titre: str
    blocs: tuple[Bloc, ...]
    langue: str = "fr"
    projet: bool = False
    colore: bool = False
    pied: str = ""
    sous_titre: str = ""


def _texte(passages: Passages) -> str:
    return "".join(passage.texte for passage in passages)
