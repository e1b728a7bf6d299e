"""The text of a convention on a day: what was signed first, then each avenant that had taken effect. Pure.

A later avenant says the last word on what it changes, and on nothing else (domaine.md § 5.4).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

Valeurs = Mapping[tuple[str, str], str]
"""Values by (code of the clause, code of the parameter)."""


@dataclass(frozen=True)
class Etat:
    """What decides of a text. `version_id`: of the green; `natures`: those that it covers.

    `textes`, `valeurs`: what the parties wrote instead of the model's and of the département's.
    """

    version_id: int
    natures: frozenset[str]
    textes: Mapping[str, str]
    valeurs: Valeurs


@dataclass(frozen=True)
class Changement:
    """What one avenant changes. `effet`: the first day on which it does, None as long as it is not signed.

    `version_id`: the green version it brings the text to, None when the green stays.
    """

    numero: int
    effet: date | None
    version_id: int | None = None
    natures_ajoutees: frozenset[str] = frozenset()
    natures_retirees: frozenset[str] = frozenset()
    textes: Mapping[str, str] = field(default_factory=dict)
    valeurs: Valeurs = field(default_factory=dict)


def en_vigueur(changements: Iterable[Changement], jour: date | None) -> list[Changement]:
    """Return the changes that had taken effect on a day (all that ever will when None), in order."""
    pris = [c for c in changements if c.effet is not None and (jour is None or c.effet <= jour)]
    return sorted(pris, key=lambda c: (c.effet or date.min, c.numero))


def appliquer(etat: Etat, changement: Changement) -> Etat:
    """Return what a text becomes with one change."""
    return Etat(
        changement.version_id or etat.version_id,
        (etat.natures | changement.natures_ajoutees) - changement.natures_retirees,
        {**etat.textes, **changement.textes},
        {**etat.valeurs, **changement.valeurs},
    )


def consolider(etat: Etat, changements: Iterable[Changement], jour: date | None = None) -> Etat:
    """Return the text as it stands on a day; None: with every signed change, whenever it takes effect."""
    for changement in en_vigueur(changements, jour):
        etat = appliquer(etat, changement)
    return etat
