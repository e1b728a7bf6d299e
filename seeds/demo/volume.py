"""Multiplying the demonstration's lines, to measure: each copy has a fictitious operator of its own."""

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


def multiply(session: Session, now: datetime, scale: int, departement_code: str | None = None) -> int:
    """Add `scale` - 1 copies of every line, of one département or of all; return how many were added.

    Renewals are left out: a copy stands alone.
    """
    lines = [dict(row._mapping) for row in session.execute(select(*Convention.__table__.columns))]
    siaos = dict(
        session.execute(
            select(Organisation.id, Organisation.nom).where(Organisation.type == TypeOrganisation.SIAO)
        )
        .tuples()
        .all()
    )
    natures = _children(session, ConventionNature)
    signatures = _children(session, ConventionSignature)
    kept = [
        line
        for line in lines
        if line["remplace_id"] is None and departement_code in (None, line["departement_code"])
    ]
    copies = [(copy, line) for copy in range(1, scale) for line in kept]
    for start in range(0, len(copies), CHUNK):
        _insert_chunk(session, now, copies[start : start + CHUNK], start, siaos, natures, signatures)
    return len(copies)


def _children(session: Session, model: Any) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in session.execute(select(*model.__table__.columns)):
        found.setdefault(row.convention_id, []).append(dict(row._mapping))
    return found


def _insert_chunk(
    session: Session,
    now: datetime,
    copies: list[tuple[int, dict[str, Any]]],
    start: int,
    siaos: dict[int, str],
    natures: dict[int, list[dict[str, Any]]],
    signatures: dict[int, list[dict[str, Any]]],
) -> None:
    operators = []
    for number, (_copy, line) in enumerate(copies, start):
        name = f"Association Multiple {number:06d}"
        operators.append(
            {
                "ref": new_ref(),
                "nom": name,
                "type": TypeOrganisation.GESTIONNAIRE,
                "departement_code": line["departement_code"],
                "tri": sort_key(name),
                "texte_recherche": searchable(name),
                "created_at": now,
                "updated_at": now,
            }
        )
    operator_ids = session.scalars(
        insert(Organisation).returning(Organisation.id, sort_by_parameter_order=True), operators
    ).all()
    session.execute(
        insert(OrganisationDepartement),
        [
            {"organisation_id": one, "departement_code": operator["departement_code"]}
            for one, operator in zip(operator_ids, operators, strict=True)
        ],
    )
    rows = []
    for (_copy, line), operator, one in zip(copies, operators, operator_ids, strict=True):
        row = {key: value for key, value in line.items() if key not in LEFT_OUT}
        row |= {
            "ref": new_ref(),
            "operateur_id": one,
            "operateur_tri": operator["tri"],
            "texte_recherche": searchable(operator["nom"], siaos[line["siao_id"]]),
        }
        rows.append(row)
    ids = session.scalars(
        insert(Convention).returning(Convention.id, sort_by_parameter_order=True), rows
    ).all()
    for model, children in ((ConventionNature, natures), (ConventionSignature, signatures)):
        values = [
            child | {"convention_id": one}
            for (_copy, line), one in zip(copies, ids, strict=True)
            for child in children.get(line["id"], [])
        ]
        if values:
            session.execute(insert(model), values)
