"""Multiplying the demonstration's lines, to measure: each copied pair has an operator of its own."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.conventions.models import Convention, ConventionNature, ConventionSignature
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.shared.db import new_ref
from portal.shared.text import searchable, sort_key

CHUNK = 2000
LEFT_OUT = {
    "id",
    "ref",
    "operateur_id",
    "operateur_tri",
    "texte_recherche",
    "remplace_id",
    "idempotence",
    "import_id",
}

Row = dict[str, Any]


def multiply(session: Session, now: datetime, scale: int, departement_code: str | None = None) -> int:
    """Add `scale` - 1 copies of every line, of one département or of all; return how many were added.

    A copy keeps its dates, natures, signatures, and the links of its renewals.
    """
    rows = [dict(row._mapping) for row in session.execute(select(*Convention.__table__.columns))]
    pairs: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        if departement_code in (None, row["departement_code"]):
            pairs.setdefault((row["operateur_id"], row["siao_id"]), []).append(row)
    named = select(Organisation.id, Organisation.nom).where(Organisation.type == TypeOrganisation.SIAO)
    siaos = {key: nom for key, nom in session.execute(named)}  # noqa: C416  (dict(rows) is not typed)
    copier = _Copier(session, now, siaos)
    copies = [lines for _copy in range(1, scale) for lines in pairs.values()]
    for start in range(0, len(copies), CHUNK):
        copier.insert(copies[start : start + CHUNK], start)
    return sum(map(len, copies))


class _Copier:
    """Inserts copies of pairs, a chunk at a time, in a constant number of statements."""

    def __init__(self, session: Session, now: datetime, siaos: dict[int, str]) -> None:
        self.session, self.now, self.siaos = session, now, siaos
        self.children = [
            (model, _children(session, model)) for model in (ConventionNature, ConventionSignature)
        ]

    def insert(self, pairs: list[list[Row]], first: int) -> None:
        """Insert a copy of each pair, for operators numbered from `first`."""
        operators = self._insert_operators([lines[0] for lines in pairs], first)
        for generation in _generations(pairs):
            made = self._insert_lines(generation, operators)
            for (copy, line), key in zip(generation, made, strict=True):
                operators[copy]["lignes"][line["id"]] = key
            for model, children in self.children:
                values = [
                    child | {"convention_id": key}
                    for (_copy, line), key in zip(generation, made, strict=True)
                    for child in children.get(line["id"], ())
                ]
                if values:
                    self.session.execute(insert(model), values)

    def _insert_operators(self, lines: list[Row], first: int) -> list[Row]:
        """Return the new operators: their id, tri, nom, and a table from each line to its copy's id."""
        operators = [
            {
                "ref": new_ref(),
                "nom": f"Association Multiple {number:06d}",
                "type": TypeOrganisation.GESTIONNAIRE,
                "departement_code": line["departement_code"],
                "tri": sort_key(f"Association Multiple {number:06d}"),
                "texte_recherche": searchable(f"Association Multiple {number:06d}"),
                "created_at": self.now,
                "updated_at": self.now,
            }
            for number, line in enumerate(lines, first)
        ]
        ids = self.session.scalars(
            insert(Organisation).returning(Organisation.id, sort_by_parameter_order=True), operators
        ).all()
        self.session.execute(
            insert(OrganisationDepartement),
            [
                {"organisation_id": one, "departement_code": operator["departement_code"]}
                for one, operator in zip(ids, operators, strict=True)
            ],
        )
        return [operator | {"id": one, "lignes": {}} for one, operator in zip(ids, operators, strict=True)]

    def _insert_lines(self, generation: list[tuple[int, Row]], operators: list[Row]) -> list[int]:
        rows = []
        for copy, line in generation:
            operator = operators[copy]
            row = {key: value for key, value in line.items() if key not in LEFT_OUT}
            row |= {
                "ref": new_ref(),
                "operateur_id": operator["id"],
                "operateur_tri": operator["tri"],
                "texte_recherche": searchable(operator["nom"], self.siaos[line["siao_id"]]),
                "remplace_id": operator["lignes"].get(line["remplace_id"]),
            }
            rows.append(row)
        return list(
            self.session.scalars(
                insert(Convention).returning(Convention.id, sort_by_parameter_order=True), rows
            )
        )


def _generations(pairs: list[list[Row]]) -> Iterator[list[tuple[int, Row]]]:
    """Yield the first lines of every pair, then those that replace them, and so on."""
    chains = [sorted(lines, key=_order) for lines in pairs]
    for rank in range(max(map(len, chains), default=0)):
        yield [(copy, chain[rank]) for copy, chain in enumerate(chains) if rank < len(chain)]


def _order(line: Row) -> tuple[bool, Any, int]:
    """Order the lines of a pair as they replace each other: signed ones by effect, then the open one."""
    return (line["date_signature"] is None, line["date_effet"] or line["date_cible"], line["id"])


def _children(session: Session, model: Any) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in session.execute(select(*model.__table__.columns)):
        found.setdefault(row.convention_id, []).append(dict(row._mapping))
    return found
