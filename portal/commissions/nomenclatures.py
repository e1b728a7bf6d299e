"""Presets, decisions and prescriptions, kept as data in `seeds/reference`: reading, without database."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from portal.commissions.enums import Voix
from portal.organisations.enums import TypeOrganisation
from portal.organisations.natures import REFERENCE, Libelle


@dataclass(frozen=True)
class CollegePrevu:
    """A college of a preset: its name, the kinds of organisation expected there, its voice and weight."""

    nom: str
    types: tuple[TypeOrganisation, ...]
    voix: Voix
    poids: int


@dataclass(frozen=True)
class Prereglage:
    """What a new commission begins with (domaine.md § 7.1). `valeurs`: by field of the commission, as plain
    values; `presidents`: how many chair it."""

    code: str
    libelle: Libelle
    presidents: int
    valeurs: Mapping[str, Any]
    colleges: tuple[CollegePrevu, ...]


@cache
def prereglages() -> dict[str, Prereglage]:
    """Return the presets by code, in the order of display."""
    data = _read("commissions")
    return {row["code"]: _prereglage(data["defauts"] | row) for row in data["prereglage"]}


@cache
def decisions() -> dict[str, Libelle]:
    """Return what commissions may decide, by code."""
    return _libelles("decision")


@cache
def defavorables() -> frozenset[str]:
    """Return the codes of the decisions against what was asked for: they open the appeal (domaine.md § 7.7)
    and no forbidden ground may found them (§ 8.6)."""
    rows = _read("commissions_decisions")["decision"]
    return frozenset(row["code"] for row in rows if row.get("defavorable"))


@cache
def prescriptions() -> dict[str, Libelle]:
    """Return what commissions may prescribe, by code."""
    return _libelles("prescription")


@cache
def decisions_simples() -> dict[str, str]:
    """Return the decisions as a household is told of them, in French, by code."""
    return _simples("decision")


@cache
def prescriptions_simples() -> dict[str, str]:
    """Return the prescriptions as a household is told of them, in French, by code."""
    return _simples("prescription")


def _prereglage(row: dict[str, Any]) -> Prereglage:
    apart = ("code", "nom_en", "presidents", "colleges")
    return Prereglage(
        code=row["code"],
        libelle=Libelle(row["nom"], row["nom_en"]),
        presidents=row["presidents"],
        valeurs={name: value for name, value in row.items() if name not in apart},
        colleges=tuple(
            CollegePrevu(
                one["nom"],
                tuple(TypeOrganisation(kind) for kind in one["types"]),
                Voix(one.get("voix", Voix.DELIBERATIVE.value)),
                one.get("poids", 1),
            )
            for one in row["colleges"]
        ),
    )


def _libelles(kind: str) -> dict[str, Libelle]:
    rows = _read("commissions_decisions")[kind]
    return {row["code"]: Libelle(row["libelle"], row["libelle_en"]) for row in rows}


def _simples(kind: str) -> dict[str, str]:
    return {row["code"]: row["simple"] for row in _read("commissions_decisions")[kind] if "simple" in row}


def _read(name: str) -> dict[str, Any]:
    with (REFERENCE / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
