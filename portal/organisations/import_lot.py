"""One chunk of the FINESS import, compared with the database by a few statements.

What it does there is in `import_ecriture`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from portal.organisations.enums import TypeOrganisation
from portal.organisations.finess import Etablissement
from portal.organisations.identifiants import siren_of
from portal.organisations.models import Organisation, Structure
from portal.organisations.service import SHARED_SIREN
from portal.organisations.structures import FINESS_FIELDS, structure_text
from portal.shared.bulk import among
from portal.shared.text import sort_key

COLUMNS = (*FINESS_FIELDS, "categorie_finess", "finess_maj_le")


@dataclass(eq=False, slots=True)
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
    previewed: "Entites" = field(default_factory=lambda: Entites())  # not created, in a preview

    def commune(self, code: str | None) -> str | None:
        """Return the present commune of a code, which may be of a commune since merged; None if unknown."""
        code = self.anciennes.get(code or "", code)
        return code if code in self.communes else None

    def remember(self, lot: "Lot") -> None:
        """Keep the legal persons that a preview did not create, so that they are counted once."""
        for entity in lot.entities:
            entity.source = None  # only a creation reads it: a hundred thousand of them weigh 100 MB
            self.previewed.add(entity)


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


class Entites:
    """Legal persons by SIREN and by FINESS EJ; the last added wins."""

    def __init__(self) -> None:
        self._by_siren: dict[str, Entite] = {}
        self._by_ej: dict[str, Entite] = {}

    def add(self, entity: Entite) -> None:
        if entity.siren:
            self._by_siren[entity.siren] = entity
        if entity.finess_ej:
            self._by_ej[entity.finess_ej] = entity

    def of_siren(self, siren: str | None) -> Entite | None:
        return self._by_siren.get(siren or "")

    def of_ej(self, number: str | None) -> Entite | None:
        return self._by_ej.get(number or "")


class _DuLot(Entites):
    """The legal persons that a chunk's establishments name, those of a preview behind them."""

    def __init__(self, session: Session, known: Referentiel, records: Sequence[Etablissement]) -> None:
        super().__init__()
        self._previewed = known.previewed
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
            .where(
                or_(
                    among(session, Organisation.siren, sirens),
                    among(session, Organisation.finess_ej, numbers),
                )
            )
        ).all()
        # The best comes last and wins: not merged, then an operator rather than another type.
        for row in sorted(rows, key=_rank):
            merged = row.fusionnee_dans_id is not None
            self.add(Entite(row.fusionnee_dans_id or row.id, row.siren, row.finess_ej, merged))

    def find(self, source: Etablissement) -> Entite | None:
        siren = siren_of(source.siret) if source.siret else None
        return (
            self.of_siren(siren)
            or self._previewed.of_siren(siren)
            or self.of_ej(source.finess_ej)
            or self._previewed.of_ej(source.finess_ej)
        )

    def create(self, source: Etablissement) -> Entite:
        siren = siren_of(source.siret) if source.siret else None
        entity = Entite(None, siren, source.finess_ej, source=source)
        self.add(entity)
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
        from_another_chunk = entity.id is None and entity.source is None
        (self._previewed if from_another_chunk else self).add(entity)
        return True


def _rank(row: Row[*tuple[Any, ...]]) -> tuple[bool, bool, int]:
    return (row.fusionnee_dans_id is None, row.type is TypeOrganisation.GESTIONNAIRE, -row.id)


def plan_chunk(session: Session, known: Referentiel, records: Sequence[Etablissement]) -> Lot:
    """Compare the records with the database; nothing is written."""
    lot = Lot()
    columns = [getattr(Structure, name) for name in COLUMNS]
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
            ).where(among(session, Structure.finess, [record.finess_et for record in records]))
        )
    }
    entities = _DuLot(session, known, records)
    for record in records:
        _plan_one(lot, known, entities, record, existing.get(record.finess_et))
    return lot


def _plan_one(
    lot: Lot,
    known: Referentiel,
    entities: _DuLot,
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
    full = {name: new.get(name, getattr(row, name)) for name in COLUMNS}
    lot.updates.append(MiseAJour(record, row, new, indexed(known, full, record.finess_et)))


def indexed(known: Referentiel, values: dict[str, Any], finess: str) -> dict[str, str]:
    """Return what lists and the search read of a structure."""
    commune = known.communes.get(values["commune_code"] or "")
    return {
        "tri": sort_key(values["nom"]),
        "texte_recherche": structure_text(values["nom"], finess, values["siret"], commune),
    }
