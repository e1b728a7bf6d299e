"""Why a household asks, kept as data in `seeds/reference`: reading, without database."""

import tomllib
from dataclasses import dataclass
from functools import cache

from portal.organisations.natures import REFERENCE, Libelle


@dataclass(frozen=True)
class Motif:
    """A reason of the list of § 13.5, cut. `logement`: bound to housing, so that a landlord may read it."""

    code: str
    libelle: Libelle
    logement: bool


@cache
def motifs() -> dict[str, Motif]:
    """Return the reasons by code, in the order of display."""
    with (REFERENCE / "dossiers_motifs.toml").open("rb") as file:
        rows = tomllib.load(file)["motif"]
    return {
        row["code"]: Motif(row["code"], Libelle(row["libelle"], row["libelle_en"]), row["logement"])
        for row in rows
    }
