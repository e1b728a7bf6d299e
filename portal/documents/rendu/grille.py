"""A household's grid on paper, as a tagged PDF: what was answered, or boxes and lines to fill by hand.

Black and white: nothing is said by a colour, and nothing is counted.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from portal.documents.rendu.commun import propre
from portal.documents.rendu.pdf import composer


@dataclass(frozen=True)
class Reponse:
    """An answer, or the room for one. `choix`: boxes to tick; `lignes`: dotted lines to write on."""

    libelle: str
    texte: str = ""
    choix: tuple[str, ...] = ()
    lignes: int = 0


@dataclass(frozen=True)
class Question:
    """A question. `note`: how a value was computed."""

    code: str
    libelle: str
    reponses: tuple[Reponse, ...]
    note: str = ""


@dataclass(frozen=True)
class Section:
    """The questions that stand together."""

    code: str
    titre: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Papier:
    """A whole grid. `titre_fichier`: what the file says of itself, where no name may be. `avis`: what is said
    to whoever holds it. `page`: with `{page}` and `{total}`."""

    titre: str
    titre_fichier: str
    sous_titre: str
    avis: tuple[str, ...]
    sections: tuple[Section, ...]
    pied: str
    page: str
    langue: str = "fr"


def grille_en_pdf(papier: Papier, le: datetime) -> bytes:
    """Return the grid as a PDF/UA-1 dated `le`; the same grid and date give the same bytes."""
    return composer("grille.typ", _propre(asdict(papier)), le)


def _propre(valeur: Any) -> Any:
    if isinstance(valeur, str):
        return propre(valeur)
    if isinstance(valeur, dict):
        return {cle: _propre(une) for cle, une in valeur.items()}
    if isinstance(valeur, Sequence):
        return [_propre(une) for une in valeur]
    return valeur
