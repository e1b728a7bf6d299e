"""One chunk of the FINESS import, written by a few statements, journal included."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from portal.audit.diff import changed, plain
from portal.audit.service import Fact, record_many
from portal.organisations.enums import TypeOrganisation
from portal.organisations.import_lot import (
    COLUMNS,
    Entite,
    Lot,
    MiseAJour,
    NouvelleStructure,
    Referentiel,
    indexed,
)
from portal.organisations.models import (
    Organisation,
    OrganisationDepartement,
    Structure,
    StructurePlaces,
)
from portal.organisations.service import organisation_text
from portal.organisations.structures import OUVERTURE, arrived
from portal.security.policy import Actor
from portal.shared.bulk import among, insert_many
from portal.shared.clock import Clock
from portal.shared.db import new_ref
from portal.shared.text import sort_key


def write_chunk(session: Session, clock: Clock, actor: Actor | None, lot: Lot, known: Referentiel) -> None:
    """Write a planned chunk in the session's transaction, journal included."""
    _complete_entities(session, clock, actor, lot.completed)
    _create_entities(session, clock, actor, lot.entities)
    _create_structures(session, clock, actor, lot.structures, known)
    _update_structures(session, clock, actor, lot.updates)
    _link_departements(session, lot)


def _create_entities(session: Session, clock: Clock, actor: Actor | None, entities: Sequence[Entite]) -> None:
    if not entities:
        return
    now = clock.now()
    by_ref: dict[str, Entite] = {}
    rows: list[dict[str, Any]] = []
    for entity in entities:
        assert entity.source is not None
        nom = f"Gestionnaire de {entity.source.nom[:160]} (à compléter)"
        ref = new_ref()
        by_ref[ref] = entity
        rows.append(
            {
                "ref": ref,
                "type": TypeOrganisation.GESTIONNAIRE,
                "nom": nom,
                "nom_provisoire": True,
                "siren": entity.siren,
                "finess_ej": entity.finess_ej,
                "departement_code": entity.source.departement_code,
                "tri": sort_key(nom),
                "texte_recherche": organisation_text(nom, "", entity.siren, entity.finess_ej),
                "created_at": now,
                "updated_at": now,
            }
        )
    insert_many(session, Organisation, rows)
    made = select(Organisation.id, Organisation.ref).where(among(session, Organisation.ref, by_ref))
    for id_, ref in session.execute(made):
        by_ref[ref].id = id_
    facts = [
        Fact(
            "organisation",
            by_ref[row["ref"]].id,
            row["ref"],
            row["departement_code"],
            {name: [None, row[name]] for name in ("nom", "siren", "finess_ej") if row[name]},
        )
        for row in rows
    ]
    record_many(session, clock, actor, "organisations:organisation:importer", facts)


def _complete_entities(
    session: Session, clock: Clock, actor: Actor | None, entities: Sequence[Entite]
) -> None:
    """Write the SIREN or FINESS EJ that the file gave to a known legal person."""
    if not entities:
        return
    wanted = {entity.id: entity for entity in entities}
    facts = []
    for organisation in session.scalars(select(Organisation).where(Organisation.id.in_(wanted))):
        entity = wanted[organisation.id]
        before = {"siren": organisation.siren, "finess_ej": organisation.finess_ej}
        organisation.siren, organisation.finess_ej = entity.siren, entity.finess_ej
        organisation.updated_at = clock.now()
        organisation.texte_recherche = organisation_text(
            organisation.nom, organisation.sigle, entity.siren, entity.finess_ej
        )
        changes = changed(before, {"siren": entity.siren, "finess_ej": entity.finess_ej})
        facts.append(
            Fact("organisation", organisation.id, organisation.ref, organisation.departement_code, changes)
        )
    session.flush()
    record_many(session, clock, actor, "organisations:organisation:completer", facts)


def _create_structures(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    structures: Sequence[NouvelleStructure],
    known: Referentiel,
) -> None:
    if not structures:
        return
    now = clock.now()
    rows = [
        {
            **new.values,
            **indexed(known, new.values, new.source.finess_et),
            "ref": new_ref(),
            "organisation_id": new.entity.id,
            "finess": new.source.finess_et,
            "nature_a_qualifier": new.a_qualifier,
            "created_at": now,
            "updated_at": now,
        }
        for new in structures
    ]
    insert_many(session, Structure, rows)
    written = among(session, Structure.finess, [row["finess"] for row in rows])
    ids = dict(session.execute(select(Structure.finess, Structure.id).where(written)).all())
    places = [
        {"structure_id": ids[new.source.finess_et], "nature_code": new.nature}
        for new in structures
        if new.nature
    ]
    insert_many(session, StructurePlaces, places)
    facts = [
        Fact(
            "structure",
            ids[row["finess"]],
            row["ref"],
            row["departement_code"],
            {name: [None, plain(row[name])] for name in ("finess", *COLUMNS) if row[name]},
        )
        for row in rows
    ]
    record_many(session, clock, actor, "organisations:structure:importer", facts)
    arrived(session, clock, actor, list(ids.values()), OUVERTURE)


def _update_structures(
    session: Session, clock: Clock, actor: Actor | None, updates: Sequence[MiseAJour]
) -> None:
    if not updates:
        return
    table: Any = Structure.__table__
    assert isinstance(table, Table)
    written = (*COLUMNS, "tri", "texte_recherche", "updated_at")
    statement = (
        update(table)
        .where(table.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in written})
        .values(version=table.c.version + 1)
    )
    now = clock.now()
    rows, facts = [], []
    for change in updates:
        before = {name: getattr(change.row, name) for name in COLUMNS}
        full = before | change.values | change.indexed | {"updated_at": now}
        rows.append({"row_id": change.row.id} | {f"new_{name}": full[name] for name in written})
        changes = {name: [plain(before[name]), plain(value)] for name, value in change.values.items()}
        facts.append(Fact("structure", change.row.id, change.row.ref, full["departement_code"], changes))
    session.connection().execute(statement, rows)
    record_many(session, clock, actor, "organisations:structure:actualiser", facts)


def _link_departements(session: Session, lot: Lot) -> None:
    """Let each legal person work where its structures are."""
    wanted = {(new.entity.id, new.values["departement_code"]) for new in lot.structures}
    wanted |= {
        (change.row.organisation_id, change.values["departement_code"])
        for change in lot.updates
        if "departement_code" in change.values
    }
    if not wanted:
        return
    linked = select(OrganisationDepartement.organisation_id, OrganisationDepartement.departement_code)
    ids = {id_ for id_, _code in wanted}
    present = session.execute(linked.where(among(session, OrganisationDepartement.organisation_id, ids)))
    missing = wanted - {(id_, code) for id_, code in present}
    rows = [{"organisation_id": id_, "departement_code": code} for id_, code in sorted(missing)]
    insert_many(session, OrganisationDepartement, rows)
