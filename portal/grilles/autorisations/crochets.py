"""What other rooms do when an authorisation closes, and what they know of: they register here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.grilles.autorisations.enums import StatutAutorisation
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.enums import Portee
from portal.security.policy import Actor
from portal.shared.clock import Clock

Fermeture = Callable[[Session, Clock, Actor | None, Autorisation, StatutAutorisation], None]


@dataclass(frozen=True)
class CommissionProposee:
    """A commission to which a household may be presented. `portee`: P1 or P2, the most its members read;
    `menage_present`: whether the household may attend, which an oral agreement takes."""

    id: int
    ref: str
    nom: str
    portee: Portee
    menage_present: bool


Commissions = Callable[[Session, str, date], Sequence[CommissionProposee]]

_fermetures: list[Fermeture] = []
_commissions: list[Commissions] = []


def on_fermeture(fn: Fermeture) -> Fermeture:
    """Register what follows an authorisation that was open and closes, in the transaction that closes it.

    `fn(session, clock, actor, autorisation, cause)`: no actor when the household, or the portal, closes it;
    `cause`: RETIRE, EXPIRE (the household changed) or REMPLACE. The last day of an authorisation passes
    without an act: nothing is called then.
    """
    _fermetures.append(fn)
    return fn


def fermer(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    autorisation: Autorisation,
    cause: StatutAutorisation,
) -> None:
    """Run what follows an authorisation that closes."""
    for fn in _fermetures:
        fn(session, clock, actor, autorisation, cause)


def on_commissions(provider: Commissions) -> Commissions:
    """Register who knows the open commissions of a département: `provider(session, departement, jour)`."""
    _commissions.append(provider)
    return provider


def commissions(session: Session, departement_code: str, jour: date) -> list[CommissionProposee]:
    """Return the commissions to which a household of a département may be presented, by name."""
    return [one for provider in _commissions for one in provider(session, departement_code, jour)]
