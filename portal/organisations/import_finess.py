"""Bringing the FINESS extraction into structures: preview, then application, in chunks.

Both walk the file the same way and compare each chunk with the database by a few set-based statements;
the application writes it in a short transaction of its own (SQLite is never locked for long) and can be
run again at any time: what is already there is found by its FINESS number and left or updated.

The legal entity, whose name the file does not carry, is found by SIREN, then by FINESS EJ, among every
organisation but the State's and the SIAO; one merged into another leads to the latter. Else it is created
with a provisional name, « à compléter ». A structure already known stays with its organisation.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.organisations.finess import Etablissement, LecteurFiness, LigneRefusee
from portal.organisations.import_ecriture import write_chunk
from portal.organisations.import_lot import Lot, Referentiel, plan_chunk
from portal.organisations.models import CategorieFiness, Commune, Departement
from portal.organisations.reference import former_communes
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden
from portal.shared.messages import text_of

CHUNK = 1000  # establishments compared, then written, at a time
LISTED = 1000  # lines listed in each part of a report; the counts are always whole
ATTEMPTS = 3  # of one chunk, when another import wrote the same organisations at the same time

Progress = Callable[[int], None]
Write = Callable[[Session, Lot, Referentiel], None]


@dataclass
class LigneRapport:
    """A line of the report: its number in the file, what it is about, what was found."""

    numero: int
    finess: str = ""
    nom: str = ""
    motif: str = ""  # code of an error, whose text is in the messages
    params: dict[str, Any] = field(default_factory=dict)
    details: list[str] = field(default_factory=list)  # fields updated, or codes of anomalies

    @property
    def texte(self) -> str:
        """The French text of the reason, its parameters filled (untranslated)."""
        text = text_of(DomainError(self.motif))
        return text % self.params if self.params else text


@dataclass
class Rapport:
    """What an import does, or would do.

    Counts are of establishments of our field, but `lues` (lines after the first), `hors_champ`,
    `hors_departement` and `geolocalisations`. `organisations` counts those created, `a_qualifier` the
    created structures whose nature is to be said. The lists stop at LISTED lines each.
    """

    extraite_le: date | None = None
    departement: str | None = None
    lues: int = 0
    hors_champ: int = 0
    hors_departement: int = 0
    geolocalisations: int = 0
    crees: int = 0
    modifies: int = 0
    inchanges: int = 0
    refuses: int = 0
    organisations: int = 0
    a_qualifier: int = 0
    motifs: dict[str, int] = field(default_factory=dict)  # refused lines by reason
    lignes_refusees: list[LigneRapport] = field(default_factory=list)
    lignes_creees: list[LigneRapport] = field(default_factory=list)
    lignes_modifiees: list[LigneRapport] = field(default_factory=list)
    anomalies: list[LigneRapport] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON-serialisable data (the result of a job)."""
        data = asdict(self)
        data["extraite_le"] = self.extraite_le.isoformat() if self.extraite_le else None
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Rapport":
        """Read back what `as_dict` wrote."""
        values = dict(data)
        if values["extraite_le"]:
            values["extraite_le"] = date.fromisoformat(values["extraite_le"])
        for name in ("lignes_refusees", "lignes_creees", "lignes_modifiees", "anomalies"):
            values[name] = [LigneRapport(**line) for line in values[name]]
        return cls(**values)

    def counts(self) -> dict[str, int]:
        """Return the counts alone (what the journal keeps)."""
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}


def analyse_finess(
    database: Database,
    path: Path,
    *,
    departement: str | None = None,
    actor: Actor | None = None,
    progress: Progress | None = None,
) -> Rapport:
    """Return what importing the file would do; nothing is written.

    Raises DomainError when the file is another file or the département unknown, Forbidden when the actor
    (None: a command of the operator of the portal) may not import there.
    """
    return _walk(database, path, departement, actor, progress, None)


def import_finess(
    database: Database,
    path: Path,
    *,
    clock: Clock,
    departement: str | None = None,
    actor: Actor | None = None,
    progress: Progress | None = None,
) -> Rapport:
    """Import the file and return what was done; each chunk is committed, the journal receives the counts.

    Raises as `analyse_finess`. `progress` receives the percentage read.
    """

    def write(session: Session, lot: Lot, known: Referentiel) -> None:
        write_chunk(session, clock, actor, lot, known)

    report = _walk(database, path, departement, actor, progress, write)
    with database.session(write=True) as session:
        record(
            session,
            clock,
            actor,
            "organisations:finess:importer",
            changes=report.counts(),
            departement_code=departement,
        )
        session.commit()
    return report


def _walk(
    database: Database,
    path: Path,
    departement: str | None,
    actor: Actor | None,
    progress: Progress | None,
    write: Write | None,
) -> Rapport:
    if actor is not None and not (departement and can(actor, Permission.ORGANISATIONS_IMPORTER, departement)):
        raise Forbidden(Permission.ORGANISATIONS_IMPORTER.value)
    known = _referential(database)
    if departement is not None and departement not in known.departements:
        raise DomainError("organisations.departement_inconnu", "departement")
    report = Rapport(departement=departement)
    seen: dict[str, int] = {}
    size = max(path.stat().st_size, 1)
    with path.open("rb") as file:
        reader = LecteurFiness(file, known.natures, departement)
        report.extraite_le = reader.extraite_le
        for records in _chunks(reader, report, known, seen):
            lot = _chunk(database, known, records, write)
            _tell(report, lot)
            if progress is not None:
                progress(min(99, 100 * file.tell() // size))
    _finish(report, reader)
    if progress is not None:
        progress(100)
    return report


def _chunk(
    database: Database,
    known: Referentiel,
    records: list[Etablissement],
    write: Write | None,
) -> Lot:
    """Plan and write one chunk in its own transaction; planned again when another import was faster."""
    if write is None:
        with database.session() as session:
            lot = plan_chunk(session, known, records)
        known.remember(lot)
        return lot
    attempt = 1
    while True:
        with database.session(write=True) as session:
            lot = plan_chunk(session, known, records)
            try:
                write(session, lot, known)
                session.commit()
            except IntegrityError:
                if attempt == ATTEMPTS:
                    raise
                attempt += 1
            else:
                return lot


def _chunks(
    reader: LecteurFiness, report: Rapport, known: Referentiel, seen: dict[str, int]
) -> Iterator[list[Etablissement]]:
    """Yield the establishments by chunks, telling the refused lines on the way."""

    def accepted() -> Iterator[Etablissement]:
        for item in reader:
            error = item.erreur if isinstance(item, LigneRefusee) else _objection(item, known, seen)
            if error is not None:
                _refuse(report, item, error)
            elif isinstance(item, Etablissement):
                seen[item.finess_et] = item.numero
                yield item

    pending = accepted()
    while chunk := list(islice(pending, CHUNK)):
        yield chunk


def _objection(item: Etablissement, known: Referentiel, seen: dict[str, int]) -> DomainError | None:
    if item.departement_code not in known.departements:
        return DomainError("organisations.finess_departement", valeur=item.departement_code)
    if item.finess_et in seen:
        return DomainError("organisations.finess_doublon", ligne=seen[item.finess_et])
    if item.siret is None and item.finess_ej is None:
        return DomainError("organisations.finess_sans_entite")
    return None


def _refuse(report: Rapport, item: Etablissement | LigneRefusee, error: DomainError) -> None:
    report.refuses += 1
    report.motifs[error.code] = report.motifs.get(error.code, 0) + 1
    if len(report.lignes_refusees) < LISTED:
        line = LigneRapport(item.numero, motif=error.code, params=error.params)
        if isinstance(item, Etablissement):
            line.finess, line.nom = item.finess_et, item.nom
        report.lignes_refusees.append(line)


def _tell(report: Rapport, lot: Lot) -> None:
    report.crees += len(lot.structures)
    report.modifies += len(lot.updates)
    report.inchanges += lot.unchanged
    report.organisations += len(lot.entities)
    report.a_qualifier += sum(row.a_qualifier for row in lot.structures)
    _list(report.lignes_creees, [(row.source, ()) for row in lot.structures])
    _list(report.lignes_modifiees, [(row.source, sorted(row.values)) for row in lot.updates])
    _list(report.anomalies, lot.anomalies)


def _list(kept: list[LigneRapport], lines: Sequence[tuple[Etablissement, Sequence[str]]]) -> None:
    for source, details in lines[: LISTED - len(kept)]:
        kept.append(LigneRapport(source.numero, source.finess_et, source.nom, details=list(details)))


def _finish(report: Rapport, reader: LecteurFiness) -> None:
    report.lues = reader.lues
    report.hors_champ = reader.hors_champ
    report.hors_departement = reader.hors_departement
    report.geolocalisations = reader.geolocalisations
    report.motifs = dict(Counter(report.motifs).most_common())


def _referential(database: Database) -> Referentiel:
    with database.session() as session:
        return Referentiel(
            natures=dict(session.execute(select(CategorieFiness.code, CategorieFiness.nature_code)).all()),
            departements=frozenset(session.scalars(select(Departement.code))),
            communes=dict(session.execute(select(Commune.code, Commune.nom)).all()),
            anciennes=former_communes(),
        )
