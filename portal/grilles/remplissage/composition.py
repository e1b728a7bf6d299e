"""Whether a grid and the page of its household count the same people: read by whoever freezes or shows it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.grilles.menages.identites import composition, presents
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage.queries import Reponses

QUESTION = "A1"


@dataclass(frozen=True)
class Ecart:
    """Adults and children in charge: on the household's page; in the grid, None where it does not say."""

    adultes: int
    enfants: int
    adultes_dits: int | None
    enfants_dits: int | None


def ecart(session: Session, menage: Menage, reponses: Reponses) -> Ecart | None:
    """Return what differs between a household's page and the answers of a grid, None when nothing does."""
    dits = next((items[QUESTION] for items in reponses.values() if QUESTION in items), {})
    vu = Ecart(
        len(presents(menage)), composition(session, menage).a_charge, dits.get("adultes"), dits.get("enfants")
    )
    pareils = vu.adultes_dits in (None, vu.adultes) and vu.enfants_dits in (None, vu.enfants)
    return None if pareils else vu
