"""Nomenclatures of the directory, kept as data in `seeds/reference/annuaire`: reading, without database."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from portal.organisations.enums import TypeOrganisation
from portal.organisations.natures import REFERENCE, Libelle
from portal.shared.text import normalise

DOSSIER = REFERENCE / "annuaire"


@dataclass(frozen=True)
class Fonction:
    """A function of the directory (domaine.md § 11).

    `unique`: one holder at a time in an organisation or structure of a département; `types`: kinds of
    organisation that may have it (empty: all); `attendue`: those where its absence is told.
    """

    code: str
    libelle: Libelle
    sujet: Libelle
    unique: bool = False
    types: frozenset[TypeOrganisation] = frozenset()
    attendue: frozenset[TypeOrganisation] = frozenset()
    mots: str = ""
    mots_par_type: Mapping[TypeOrganisation, str] = field(default_factory=dict)

    def convient(self, kind: TypeOrganisation) -> bool:
        """Tell whether an organisation of this kind may have the function."""
        return not self.types or kind in self.types

    def mots_pour(self, kind: TypeOrganisation) -> str:
        """Return the words by which it is asked for in an organisation of this kind."""
        return f"{self.mots} {self.mots_par_type.get(kind, '')}"


@dataclass(frozen=True)
class Ecritures:
    """How people write: groups of forms that stand for each other, words that say nothing (normalised)."""

    groupes: tuple[tuple[str, ...], ...]
    vides: frozenset[str]


@cache
def fonctions() -> dict[str, Fonction]:
    """Return the functions of everywhere, by code, in the order of display."""
    return {row["code"]: _fonction(row) for row in _read("fonctions")["fonction"]}


@cache
def publics() -> dict[str, Libelle]:
    """Return the publics that a référent may answer for, by code."""
    return {row["code"]: Libelle(row["libelle"], row["libelle_en"]) for row in _read("publics")["public"]}


@cache
def ecritures() -> Ecritures:
    """Return the abbreviations and the empty words of the search."""
    data = _read("recherche")
    return Ecritures(
        tuple(tuple(normalise(forme) for forme in groupe["formes"]) for groupe in data["groupe"]),
        frozenset(normalise(data["vides"]["mots"]).split()),
    )


@cache
def messageries() -> frozenset[str]:
    """Return the domains of the mail services that people open for themselves."""
    return frozenset(_read("messageries")["domaines"])


def _fonction(row: dict[str, Any]) -> Fonction:
    return Fonction(
        code=row["code"],
        libelle=Libelle(row["libelle"], row["libelle_en"]),
        sujet=Libelle(row["sujet"], row["sujet_en"]),
        unique=row["unique"],
        types=frozenset(TypeOrganisation(one) for one in row["types"]),
        attendue=frozenset(TypeOrganisation(one) for one in row["attendue"]),
        mots=row["mots"],
        mots_par_type={TypeOrganisation(k): mots for k, mots in row.get("mots_par_type", {}).items()},
    )


def _read(name: str) -> dict[str, Any]:
    with (DOSSIER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
