"""Rebuild the geographical files of this folder from the package `@etalab/decoupage-administratif`.

    npm pack @etalab/decoupage-administratif && tar xzf etalab-*.tgz
    python seeds/reference/generer.py package

The output depends on the package alone (sorted rows, gzip header without date), so that two runs give
the same bytes and a refresh shows as a readable difference. What is kept, and why: NOTICE.md.
"""

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

# No permanent inhabitants, hence no SIAO: Terres australes et antarctiques, Clipperton.
UNINHABITED = {"984", "989"}

# Every département not listed lives at the hour of Paris.
TIME_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}

Row = tuple[str, ...]


def main(package: Path) -> None:
    """Write every file from the unpacked package folder."""
    data = {
        name: json.loads((package / "data" / f"{name}.json").read_text("utf-8"))
        for name in ("regions", "departements", "arrondissements", "epci", "communes")
    }
    current = _inhabited(data["communes"], "departement")
    actual = [row for row in current if row["type"] == "commune-actuelle"]
    municipal = [row for row in current if row["type"] == "arrondissement-municipal"]
    epci_of = {member["code"]: epci["code"] for epci in data["epci"] for member in epci["membres"]}

    _plain("regions.csv", ("code", "nom"), _codes(_inhabited(data["regions"], "code")))
    _plain(
        "departements.csv",
        ("code", "nom", "region_code", "fuseau"),
        (
            (row["code"], row["nom"], row["region"], TIME_ZONES.get(row["code"], "Europe/Paris"))
            for row in _inhabited(data["departements"], "code")
        ),
    )
    _plain(
        "arrondissements.csv",
        ("code", "nom", "departement_code"),
        ((row["code"], row["nom"], row["departement"]) for row in data["arrondissements"]),
    )
    _plain("epci.csv", ("code", "nom"), _codes(data["epci"]))
    _packed(
        "communes.csv.gz",
        ("code", "nom", "departement_code", "arrondissement_code", "epci_code", "codes_postaux"),
        (_commune(row, epci_of) for row in actual + municipal),
    )
    _packed("communes_anciennes.csv.gz", ("code", "commune_code"), _former(current))


def _inhabited(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return [row for row in rows if row.get(key) not in UNINHABITED]


def _codes(rows: Iterable[dict[str, Any]]) -> Iterable[Row]:
    return ((row["code"], row["nom"]) for row in rows)


def _commune(row: dict[str, Any], epci_of: dict[str, str]) -> Row:
    whole = row.get("commune", row["code"])  # a municipal arrondissement belongs to its city's EPCI
    return (
        row["code"],
        row["nom"],
        row["departement"],
        row.get("arrondissement", ""),
        epci_of.get(whole, ""),
        " ".join(row.get("codesPostaux", ())),
    )


def _former(rows: list[dict[str, Any]]) -> Iterable[Row]:
    """Yield each code no longer in force with the commune it now belongs to."""
    in_force = {
        row["code"] for row in rows if row["type"] in ("commune-actuelle", "arrondissement-municipal")
    }
    former = {}
    for row in rows:
        if row["type"] == "commune-actuelle":
            former.update(dict.fromkeys(row.get("anciensCodes", ()), row["code"]))
        elif row["type"] in ("commune-deleguee", "commune-associee"):
            former[row["code"]] = row["chefLieu"]
    return ((code, now) for code, now in former.items() if code not in in_force and now in in_force)


def _text(header: Row, rows: Iterable[Row]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(sorted(rows))
    return buffer.getvalue()


def _plain(name: str, header: Row, rows: Iterable[Row]) -> None:
    (HERE / name).write_text(_text(header, rows), "utf-8")


def _packed(name: str, header: Row, rows: Iterable[Row]) -> None:
    (HERE / name).write_bytes(gzip.compress(_text(header, rows).encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
