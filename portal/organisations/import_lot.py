"""One chunk of the FINESS import: compared with the database by a few statements, then written by a few."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Table, bindparam, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from portal.audit.diff import changed, plain
from portal.audit.service import Fact, record_many
from portal.organisations.enums import TypeOrganisation
from portal.organisations.finess import Etablissement
from portal.organisations.identifiants import siren_of
from portal.organisations.models import (
    Organisation,
    OrganisationDepartement,
    Structure,
    StructurePlaces,
)
from portal.organisations.service import SHARED_SIREN, organisation_text
from portal.organisations.structures import FINESS_FIELDS, structure_text
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import new_ref
from portal.shared.text import sort_key

_COLUMNS = (*FINESS_FIELDS, "categorie_finess", "finess_maj_le")


@dataclass(eq=False)
class Entite:
    """A legal person, known or to be created. `id` None: it will be, or already would be in a preview."""

    id: int | None
    siren: str | None
    finess_ej: str | None
    merged: bool = False
    source: Etablissement | None = None
    completed: bool = False


@dataclass
class Referentiel:
    """What every chunk is compared with, read once. `natures`: FINESS category → nature, or None."""

    natures: dict[str, str | None]
    departements: frozenset[str]
    communes: dict[str, str]
    anciennes: dict[str, str]
    previewed: dict[str, Entite] = field(default_factory=dict)  # by SIREN and FINESS EJ, in a preview

    def commune(self, code: str | None) -> str | None:
        """Return the present commune of a code, which may be of a commune since merged; None if unknown."""
        code = self.anciennes.get(code or "", code)
        return code if code in self.communes else None

    def remember(self, lot: "Lot") -> None:
        """Keep the legal persons that a preview did not create, so that they are counted once."""
        for entity in lot.entities:
            self.previewed.update({key: entity for key in (entity.siren, entity.finess_ej) if key})


@dataclass
class NouvelleStructure:
    """A structure to create."""

    source: Etablissement
    entity: Entite
    values: dict[str, Any]
    nature: str | None

    @property
    def a_qualifier(self) -> bool:
        return self.nature is None


@dataclass
class MiseAJour:
    """A structure to update: its row as it is, and the values that change."""

    source: Etablissement
    row: Row[*tuple[Any, ...]]
    values: dict[str, Any]
    indexed: dict[str, str]


@dataclass
class Lot:
    """What a chunk does. `anomalies`: records with the codes of what was wrong and left out."""

    structures: list[NouvelleStructure] = field(default_factory=list)
    updates: list[MiseAJour] = field(default_factory=list)
    entities: list[Entite] = field(default_factory=list)
    completed: list[Entite] = field(default_factory=list)
    anomalies: list[tuple[Etablissement, Sequence[str]]] = field(default_factory=list)
    unchanged: int = 0


class _Entites:
    """The legal persons that a chunk's establishments name, by SIREN and by FINESS EJ."""

    def __init__(self, session: Session, known: Referentiel, records: Iterable[Etablissement]) -> None:
        self._by_siren: dict[str, Entite] = {}
        self._by_ej: dict[str, Entite] = {}
        records = list(records)
        for entity in known.previewed.values():
            self._add(entity)
        sirens = {siren_of(r.siret) for r in records if r.siret}
        numbers = {r.finess_ej for r in records if r.finess_ej}
        rows = session.execute(
            select(
                Organisation.id,
                Organisation.type,
                Organisation.siren,
                Organisation.finess_ej,
                Organisation.fusionnee_dans_id,
            )
            .where(Organisation.type.not_in(SHARED_SIREN))
            .where(or_(Organisation.siren.in_(sirens), Organisation.finess_ej.in_(numbers)))
        ).all()
        # The best comes last and wins: not merged, then an operator rather than another type.
        for row in sorted(rows, key=_rank):
            merged = row.fusionnee_dans_id is not None
            self._add(Entite(row.fusionnee_dans_id or row.id, row.siren, row.finess_ej, merged))

    def _add(self, entity: Entite) -> None:
        if entity.siren:
            self._by_siren[entity.siren] = entity
        if entity.finess_ej:
            self._by_ej[entity.finess_ej] = entity

    def find(self, source: Etablissement) -> Entite | None:
        siren = siren_of(source.siret) if source.siret else ""
        return self._by_siren.get(siren) or self._by_ej.get(source.finess_ej or "")

    def create(self, source: Etablissement) -> Entite:
        siren = siren_of(source.siret) if source.siret else None
        entity = Entite(None, siren, source.finess_ej, source=source)
        self._add(entity)
        return entity

    def complete(self, entity: Entite, source: Etablissement) -> bool:
        """Give a legal person the number it lacked; tell whether it changed."""
        if entity.merged:
            return False
        siren = entity.siren or (siren_of(source.siret) if source.siret else None)
        number = entity.finess_ej or source.finess_ej
        if (siren, number) == (entity.siren, entity.finess_ej):
            return False
        entity.siren, entity.finess_ej = siren, number
        self._add(entity)
        return True


def _rank(row: Row[*tuple[Any, ...]]) -> tuple[bool, bool, int]:
    return (row.fusionnee_dans_id is None, row.type is TypeOrganisation.GESTIONNAIRE, -row.id)


def plan_chunk(session: Session, known: Referentiel, records: Sequence[Etablissement]) -> Lot:
    """Compare the records with the database; nothing is written."""
    lot = Lot()
    columns = [getattr(Structure, name) for name in _COLUMNS]
    existing = {
        row.finess: row
        for row in session.execute(
            select(
                Structure.id,
                Structure.ref,
                Structure.finess,
                Structure.organisation_id,
                Structure.corriges,
                *columns,
            ).where(Structure.finess.in_([record.finess_et for record in records]))
        )
    }
    entities = _Entites(session, known, records)
    for record in records:
        _plan_one(lot, known, entities, record, existing.get(record.finess_et))
    return lot


def _plan_one(
    lot: Lot,
    known: Referentiel,
    entities: _Entites,
    record: Etablissement,
    row: Row[*tuple[Any, ...]] | None,
) -> None:
    anomalies = list(record.anomalies)
    commune = known.commune(record.commune_code)
    if commune is None:
        anomalies.append("commune")
    entity = entities.find(record)
    if entity is not None:
        if entity.siren and record.siret and not record.siret.startswith(entity.siren):
            anomalies.append("siren")
        if row is not None and entity.id != row.organisation_id:
            anomalies.append("gestionnaire")
        if entities.complete(entity, record) and entity.id is not None and not entity.completed:
            entity.completed = True
            lot.completed.append(entity)
    elif row is None:
        entity = entities.create(record)
        lot.entities.append(entity)
    values = _values(record, commune)
    if row is not None:
        _plan_update(lot, known, record, row, values)
    elif entity is not None:
        lot.structures.append(NouvelleStructure(record, entity, values, known.natures[record.categorie]))
    if anomalies:
        lot.anomalies.append((record, anomalies))


def _values(record: Etablissement, commune: str | None) -> dict[str, Any]:
    return {
        "nom": record.nom,
        "siret": record.siret,
        "departement_code": record.departement_code,
        "commune_code": commune,
        "adresse": record.adresse,
        "telephone": record.telephone,
        "ouverte_le": record.ouverte_le,
        "categorie_finess": record.categorie,
        "finess_maj_le": record.maj_le,
    }


def _plan_update(
    lot: Lot,
    known: Referentiel,
    record: Etablissement,
    row: Row[*tuple[Any, ...]],
    values: dict[str, Any],
) -> None:
    """Keep what changes: never what a person corrected, nor an emptiness, nor an older extraction."""
    older = bool(record.maj_le and row.finess_maj_le and record.maj_le < row.finess_maj_le)
    new = {
        name: value
        for name, value in values.items()
        if value not in (None, "", getattr(row, name)) and name not in row.corriges
    }
    if older or not new:
        lot.unchanged += 1
        return
    full = {name: new.get(name, getattr(row, name)) for name in _COLUMNS}
    lot.updates.append(MiseAJour(record, row, new, _indexed(known, full, record.finess_et)))


def _indexed(known: Referentiel, values: dict[str, Any], finess: str) -> dict[str, str]:
    commune = known.communes.get(values["commune_code"] or "")
    return {
        "tri": sort_key(values["nom"]),
        "texte_recherche": structure_text(values["nom"], finess, values["siret"], commune),
    }


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
    session.execute(insert(Organisation), rows)
    made = select(Organisation.id, Organisation.ref).where(Organisation.ref.in_(by_ref))
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
            **_indexed(known, new.values, new.source.finess_et),
            "ref": new_ref(),
            "organisation_id": new.entity.id,
            "finess": new.source.finess_et,
            "nature_a_qualifier": new.a_qualifier,
            "created_at": now,
            "updated_at": now,
        }
        for new in structures
    ]
    session.execute(insert(Structure), rows)
    made = select(Structure.finess, Structure.id).where(Structure.finess.in_(row["finess"] for row in rows))
    ids = dict(session.execute(made).all())
    places = [
        {"structure_id": ids[new.source.finess_et], "nature_code": new.nature}
        for new in structures
        if new.nature
    ]
    if places:
        session.execute(insert(StructurePlaces), places)
    facts = [
        Fact(
            "structure",
            ids[row["finess"]],
            row["ref"],
            row["departement_code"],
            {name: [None, plain(row[name])] for name in ("finess", *_COLUMNS) if row[name]},
        )
        for row in rows
    ]
    record_many(session, clock, actor, "organisations:structure:importer", facts)


def _update_structures(
    session: Session, clock: Clock, actor: Actor | None, updates: Sequence[MiseAJour]
) -> None:
    if not updates:
        return
    table: Any = Structure.__table__
    assert isinstance(table, Table)
    written = (*_COLUMNS, "tri", "texte_recherche", "updated_at")
    statement = (
        update(table)
        .where(table.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in written})
        .values(version=table.c.version + 1)
    )
    now = clock.now()
    rows, facts = [], []
    for change in updates:
        before = {name: getattr(change.row, name) for name in _COLUMNS}
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
    pair = tuple_(OrganisationDepartement.organisation_id, OrganisationDepartement.departement_code)
    present = set(
        session.execute(
            select(OrganisationDepartement.organisation_id, OrganisationDepartement.departement_code).where(
                pair.in_(wanted)
            )
        )
    )
    missing = [{"organisation_id": id_, "departement_code": code} for id_, code in sorted(wanted - present)]
    if missing:
        session.execute(insert(OrganisationDepartement), missing)
