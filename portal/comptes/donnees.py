"""What the rooms above hold about someone, told on « Mes données »: each registers how it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.comptes.models import Personne


@dataclass(frozen=True)
class Donnee:
    """Something held about a person. `titre`: as the room writes it, shown as it is; `nature`: a message to
    be translated; `au` None: until now, or no end known."""

    titre: str
    nature: str
    coordonnees: str
    du: date
    au: date | None


Lecture = Callable[[Session, Personne], list[Donnee]]

_LECTURES: list[Lecture] = []


def on_donnees(lecture: Lecture) -> Lecture:
    """Register what a room above holds about people."""
    _LECTURES.append(lecture)
    return lecture


def donnees_de(session: Session, personne: Personne) -> list[Donnee]:
    """Return what the rooms above hold about someone."""
    return [donnee for lecture in _LECTURES for donnee in lecture(session, personne)]
