"""The steps of a recipient's answer: which may follow which, and which count once some are corrected."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from portal.grilles.transmissions.enums import StatutTransmission as Statut

SUIVANTES: dict[Statut, tuple[Statut, ...]] = {
    Statut.ENVOYEE: (Statut.RECUE, Statut.POSITIONNEE, Statut.NON_RETENUE, Statut.REFUS_MENAGE),
    Statut.RECUE: (Statut.POSITIONNEE, Statut.NON_RETENUE, Statut.REFUS_MENAGE),
    Statut.POSITIONNEE: (
        Statut.DECIDEE,
        Statut.POSITIONNEE,
        Statut.NON_RETENUE,
        Statut.REFUS_MENAGE,
    ),  # again: put off to another session
    Statut.DECIDEE: (Statut.BAIL_SIGNE, Statut.REFUS_MENAGE, Statut.DECIDEE, Statut.POSITIONNEE),
    Statut.BAIL_SIGNE: (),
    Statut.REFUS_MENAGE: (),
    Statut.NON_RETENUE: (),
}
"""What may follow each step, the most usual first."""


class Etape(Protocol):
    """A step as this module reads it."""

    @property
    def id(self) -> int: ...
    @property
    def statut(self) -> Statut: ...
    @property
    def corrige_id(self) -> int | None: ...
    @property
    def annule(self) -> bool: ...


E = TypeVar("E", bound=Etape)


def effectives(suites: Iterable[E]) -> list[E]:
    """Return the steps that count, oldest first: none that is corrected, none that takes another back."""
    found: list[E] = []
    for suite in suites:
        if suite.corrige_id is not None:
            found = [one for one in found if one.id != suite.corrige_id]
        if not suite.annule:
            found.append(suite)
    return found


def possibles(suites: Iterable[E], *, corrige: bool = False) -> tuple[Statut, ...]:
    """Return the steps that may be written now; `corrige`: instead of the last one that counts, none when
    there is but the receipt."""
    comptent = effectives(suites)
    if corrige:
        if len(comptent) < 2:
            return ()
        comptent = comptent[:-1]
    return SUIVANTES[comptent[-1].statut if comptent else Statut.ENVOYEE]
