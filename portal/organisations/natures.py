"""Nomenclatures kept as data in `seeds/reference` (domaine.md § 13): reading, without database."""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parents[2] / "seeds" / "reference"


@dataclass(frozen=True)
class Libelle:
    """A label in both languages of the interface."""

    fr: str
    en: str

    def en_langue(self, langue: str) -> str:
        """Return the label in the language of the interface (French unless « en »)."""
        return self.en if langue == "en" else self.fr


def read_toml(name: str) -> list[dict[str, Any]]:
    """Return the rows of a nomenclature file, which holds one array of tables."""
    with (REFERENCE / f"{name}.toml").open("rb") as file:
        (rows,) = tomllib.load(file).values()
    return list(rows)


@cache
def fuseaux() -> dict[str, str]:
    """Return the IANA time zone of each département, by code."""
    with (REFERENCE / "departements.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["fuseau"] for row in csv.DictReader(file)}


@cache
def types_place() -> dict[str, Libelle]:
    """Return the types of place, by code, in the order of display."""
    return {row["code"]: Libelle(row["libelle"], row["libelle_en"]) for row in read_toml("types_place")}


@cache
def categories_l345_2_6() -> dict[int, Libelle]:
    """Return the eleven categories of partners of art. L. 345-2-6 CASF, by number."""
    return {
        row["numero"]: Libelle(row["libelle"], row["libelle_en"]) for row in read_toml("categories_l345_2_6")
    }
