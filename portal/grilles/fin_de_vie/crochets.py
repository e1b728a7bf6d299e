"""What other rooms do when a household is erased, and what they hold of it: they register here."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from portal.documents.texte import Bloc
from portal.grilles.fin_de_vie.perimetre import Perimetre
from portal.grilles.menages.models import Menage
from portal.shared.clock import Clock

Effacement = Callable[[Session, Clock, Menage, Perimetre], None]
Copie = Callable[[Session, Clock, Menage], Sequence[Bloc]]

_effacements: list[Effacement] = []
_copies: list[Copie] = []


def on_effacement(fn: Effacement) -> Effacement:
    """Register what a room takes away itself when a household is erased, before its rows go, in that
    transaction: what no foreign key ties to it (a text that names it, a paper made of several)."""
    _effacements.append(fn)
    return fn


def on_copie(fn: Copie) -> Copie:
    """Register what a room holds of a household, as blocks of the copy that it may ask for."""
    _copies.append(fn)
    return fn


def effacement(session: Session, clock: Clock, menage: Menage, perimetre: Perimetre) -> None:
    """Run what each room takes away."""
    for fn in _effacements:
        fn(session, clock, menage, perimetre)


def copies(session: Session, clock: Clock, menage: Menage) -> list[Bloc]:
    """Return what each room holds."""
    return [bloc for fn in _copies for bloc in fn(session, clock, menage)]
