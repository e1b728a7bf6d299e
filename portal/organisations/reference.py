"""Loading the reference data of `seeds/reference`: territory and nomenclatures."""

import csv
import gzip
import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.audit.models import EtatTechnique
from portal.organisations.enums import FamilleNature
from portal.organisations.models import (
    Arrondissement,
    CategorieFiness,
    Commune,
    Departement,
    Epci,
    Nature,
    Region,
)
from portal.organisations.natures import REFERENCE, read_toml
from portal.shared.text import searchable, sort_key

FINGERPRINT = "reference_empreinte"
CHUNK = 2000

Row = dict[str, Any]


def load_reference(session: Session) -> bool:
    """Insert or update every row of the reference data; the caller commits.

    Returns False, at the cost of one read, when the files are those already loaded. A row that has left
    the files stays in the database, where organisations may still refer to it.
    """
    fingerprint = _fingerprint()
    known = session.get(EtatTechnique, FINGERPRINT)
    if known is not None and known.valeur == fingerprint:
        return False
    for model, key, rows in _tables():
        _upsert(session, model.__table__, key, rows)
    if known is None:
        session.add(EtatTechnique(cle=FINGERPRINT, valeur=fingerprint))
    else:
        known.valeur = fingerprint
    session.flush()
    return True


def former_communes() -> dict[str, str]:
    """Return the commune codes no longer in force, each with the present commune it belongs to."""
    return {row["code"]: row["commune_code"] for row in _csv("communes_anciennes.csv.gz")}


def _tables() -> Iterator[tuple[Any, str, Iterable[Row]]]:
    """Yield each table with its key column and its rows, in an order that foreign keys accept."""
    yield Region, "code", _csv("regions.csv")
    yield Departement, "code", _csv("departements.csv")
    yield Arrondissement, "code", _csv("arrondissements.csv")
    yield Epci, "code", _csv("epci.csv")
    yield Commune, "code", map(_commune, _csv("communes.csv.gz"))
    yield Nature, "code", (_nature(order, row) for order, row in enumerate(read_toml("natures"), 1))
    yield (
        CategorieFiness,
        "code",
        (
            {"code": row["code"], "libelle": row["libelle"], "nature_code": row.get("nature")}
            for row in read_toml("categories_finess")
        ),
    )


def _commune(row: Row) -> Row:
    return row | {
        "arrondissement_code": row["arrondissement_code"] or None,
        "epci_code": row["epci_code"] or None,
        "tri": sort_key(row["nom"]),
        "texte_recherche": searchable(row["nom"], row["code"], row["codes_postaux"]),
    }


def _nature(order: int, row: Row) -> Row:
    return {
        "code": row["code"],
        "libelle": row["libelle"],
        "libelle_en": row["libelle_en"],
        "famille": FamilleNature(row["famille"]),
        "ordre": order,
        "hors_accord_cadre": row.get("hors_accord_cadre", False),
        "table_1_s2": row.get("table_1_s2", ""),
    }


def _upsert(session: Session, table: Table, key: str, rows: Iterable[Row]) -> None:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    pending = iter(rows)
    while chunk := list(islice(pending, CHUNK)):
        statement = insert(table)
        changed = {name: statement.excluded[name] for name in chunk[0] if name != key}
        session.connection().execute(
            statement.on_conflict_do_update(index_elements=[key], set_=changed), chunk
        )


def _csv(name: str) -> Iterator[Row]:
    raw = (REFERENCE / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8")
    return csv.DictReader(text.splitlines())


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(REFERENCE.iterdir()):
        if path.suffix in (".csv", ".gz", ".toml"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
