"""The sequence of an import: give the file, match its columns, read the preview, confirm, perhaps undo.

The file is read at once for its titles; the preview and the import are jobs. The file belongs to the first
job, and goes away with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import acteurs
from portal.conventions.import_suivi import colonnes as colonnes_
from portal.conventions.import_suivi.analyse import analyser, siaos_de
from portal.conventions.import_suivi.colonnes import Colonnes, de_json, en_json
from portal.conventions.import_suivi.ecriture import Annulation, appliquer, defaire
from portal.conventions.import_suivi.lecture import montrer
from portal.documents.models import Fichier
from portal.documents.spreadsheets import Table, read_table
from portal.documents.storage import Storage
from portal.documents.types import TABLEAUX
from portal.jobs.context import JobContext
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.registry import job
from portal.jobs.service import enqueue_job, get_job, recent_jobs
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible

DEPOT = "conventions:import_depot"
ANALYSER = "conventions:import_analyser"
IMPORTER = "conventions:import_importer"
LIGNES_MAXIMUM = 5000
EXEMPLES = 3


@dataclass(frozen=True)
class Depot:
    """A file just given: its titles, the columns recognised, its first lines as texts."""

    travail: Travail
    entetes: list[str]
    colonnes: Colonnes
    retenues: bool  # the matching is the one used last time for the same titles
    exemples: list[list[str]]
    lignes: int


def deposer(
    session: Session, clock: Clock, actor: Actor, storage: Storage, stream: IO[bytes], nom: str
) -> Travail:
    """Keep a table and recognise its columns; nothing of its lines is written.

    Raises Forbidden, or DomainError when it is not a table that can be read.
    """
    _exiger(session, actor)
    fichier = storage.store(session, clock, stream, nom, TABLEAUX, actor=actor)
    table = read_table(storage.read(fichier), fichier.nom, max_rows=LIGNES_MAXIMUM)
    retenues = colonnes_.rappeler(session, actor, table.headers)
    travail = enqueue_job(session, clock, actor, DEPOT, {"nom": fichier.nom, "fichier": fichier.id})
    travail.statut, travail.avancement, travail.termine_le = StatutTravail.TERMINE, 100, clock.now()
    travail.fichier_id = fichier.id
    travail.resultat = {
        "entetes": list(table.headers),
        "colonnes": en_json(colonnes_.deviner(table.headers) if retenues is None else retenues),
        "retenues": retenues is not None,
        "exemples": [[montrer(cell)[:80] for cell in row.cells] for row in table.rows[:EXEMPLES]],
        "lignes": len(table.rows),
    }
    session.flush()
    return travail


def depot(session: Session, actor: Actor, ref: str) -> Depot:
    """Return a file given by the actor; raises NotVisible."""
    travail = _travail(session, actor, ref, DEPOT)
    lu = travail.resultat or {}
    return Depot(
        travail,
        lu["entetes"],
        de_json(lu["colonnes"]),
        lu["retenues"],
        lu["exemples"],
        lu["lignes"],
    )


def demander_apercu(
    session: Session, clock: Clock, actor: Actor, depot_ref: str, colonnes: Colonnes
) -> Travail:
    """Remember the matching of the columns and ask for the preview. Raises NotVisible, DomainError."""
    _exiger(session, actor)
    donne = depot(session, actor, depot_ref)
    colonnes_.verifier(colonnes, donne.entetes)
    colonnes_.retenir(session, actor, donne.entetes, colonnes)
    return enqueue_job(
        session,
        clock,
        actor,
        ANALYSER,
        donne.travail.parametres | {"depot": depot_ref, "colonnes": en_json(colonnes)},
    )


def apercu(session: Session, actor: Actor, ref: str) -> Travail:
    """Return the job of a preview (`Apercu.as_dict` in its result once ended); raises NotVisible."""
    return _travail(session, actor, ref, ANALYSER)


def confirmer(
    session: Session,
    clock: Clock,
    actor: Actor,
    apercu_ref: str,
    *,
    tout: bool,
    choix: Mapping[str, str],
) -> Travail:
    """Ask for the import that was read; confirmed again while it is under way or done, the same job answers.

    `tout`: all or nothing, else the valid lines only; `choix`: the organisation to match with each unknown
    operator, by key; empty: open it. Raises NotVisible, Forbidden.
    """
    _exiger(session, actor)
    analyse = apercu(session, actor, apercu_ref)
    if analyse.statut is not StatutTravail.TERMINE:
        raise NotVisible(apercu_ref)
    deja = import_de(session, actor, apercu_ref)
    if deja is not None and deja.statut is not StatutTravail.ECHOUE:
        return deja
    return enqueue_job(
        session,
        clock,
        actor,
        IMPORTER,
        analyse.parametres | {"apercu": apercu_ref, "tout": tout, "choix": dict(choix)},
    )


def import_de(session: Session, actor: Actor, apercu_ref: str) -> Travail | None:
    """Return the latest import asked for after a preview."""
    return next(
        (
            travail
            for travail in recent_jobs(session, actor, kind=IMPORTER, limit=50)
            if travail.parametres.get("apercu") == apercu_ref
        ),
        None,
    )


def importation(session: Session, actor: Actor, ref: str) -> Travail:
    """Return the job of an import (`Bilan.as_dict` in its result once ended); raises NotVisible."""
    return _travail(session, actor, ref, IMPORTER)


def annulable(clock: Clock, actor: Actor, travail: Travail) -> bool:
    """Tell whether an import can still be undone: ended, and on the same day."""
    return (
        travail.statut is StatutTravail.TERMINE
        and travail.termine_le is not None
        and travail.termine_le.astimezone(ZoneInfo(actor.fuseau)).date() == clock.today(actor.fuseau)
    )


def annuler(session: Session, clock: Clock, actor: Actor, ref: str) -> Annulation:
    """Undo an import within the day; the lines changed since are left, each with the reason.

    Raises NotVisible, Forbidden, DomainError.
    """
    _exiger(session, actor)
    travail = importation(session, actor, ref)
    session.refresh(travail, with_for_update=True)
    if travail.statut is StatutTravail.ANNULE:
        raise DomainError("conventions.import_deja_annule")
    if not annulable(clock, actor, travail):
        raise DomainError("conventions.import_annulation_tardive")
    bilan = defaire(session, clock, actor, travail.id, travail.resultat or {})
    travail.statut = StatutTravail.ANNULE
    travail.resultat = (travail.resultat or {}) | {"annulation": bilan.as_dict()}
    session.flush()
    record(session, clock, actor, "conventions:import:annuler", travail, changes=bilan.as_dict())
    return bilan


@job(ANALYSER)
def faire_apercu(context: JobContext) -> dict[str, Any]:
    """Tell what the import would do."""
    table, actor = _moyens(context)
    with context.database.session() as session:
        lu = analyser(session, context.clock, actor, table, de_json(context.parameters["colonnes"]))
        return lu.as_dict()


@job(IMPORTER)
def faire_import(context: JobContext) -> None:
    """Import in one transaction that also ends the job: done once, or not at all."""
    table, actor = _moyens(context)
    parametres = context.parameters
    with context.database.session(write=True) as session:
        lu = analyser(
            session, context.clock, actor, table, de_json(parametres["colonnes"]), parametres["choix"]
        )
        bilan = appliquer(session, context.clock, actor, lu, context.job.id, tout=parametres["tout"])
        record(
            session,
            context.clock,
            actor,
            "conventions:import:faire",
            session.get_one(Travail, context.job.id),
            changes={"fichier": parametres["nom"], **lu.comptes()},
        )
        context.complete(session, bilan.as_dict())
        session.commit()


def _moyens(context: JobContext) -> tuple[Table, Actor]:
    """Return the table, and who asked, whose access is read anew."""
    with context.database.session() as session:
        actor = acteurs.of_membership(session, context.job.adhesion_id)
        fichier = session.get(Fichier, context.parameters["fichier"])
        if actor is None or not can(actor, Permission.CONVENTIONS_IMPORTER):
            raise DomainError("conventions.import_acces")
        if fichier is None:
            raise DomainError("conventions.import_perdu")
        contenu = Storage(context.settings).read(fichier)
    return read_table(contenu, fichier.nom, max_rows=LIGNES_MAXIMUM), actor


def _travail(session: Session, actor: Actor, ref: str, genre: str) -> Travail:
    travail = get_job(session, actor, ref)
    if travail.genre != genre:
        raise NotVisible(ref)
    return travail


def _exiger(session: Session, actor: Actor) -> None:
    if not can(actor, Permission.CONVENTIONS_IMPORTER) or not siaos_de(session, actor):
        raise Forbidden(Permission.CONVENTIONS_IMPORTER.value)
