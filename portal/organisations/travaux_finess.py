"""The FINESS import asked for from a screen: what it would do, then doing it, both as long work.

The file that was given stays attached to the first job (`fichier_id`): it goes away with it.
"""

from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from portal.comptes import acteurs
from portal.documents.models import Fichier, StatutFichier
from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.jobs.context import JobContext
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.registry import job
from portal.jobs.service import enqueue_job, get_job, recent_jobs
from portal.organisations.finess import LecteurFiness
from portal.organisations.import_finess import Rapport, analyse_finess, import_finess
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible
from portal.shared.messages import N_, register

TAILLE_MAX = 64 * 1024 * 1024  # bytes: room for the whole national extraction, some 103,000 lines
ANALYSER = "organisations:finess_analyser"
IMPORTER = "organisations:finess_importer"

register(
    {
        "organisations.finess_acces": N_("Votre accès ne permet plus d’importer dans ce département."),
        "organisations.finess_perdu": N_("Le fichier n’est plus gardé : déposez-le de nouveau."),
    }
)


def ask_analysis(
    session: Session,
    clock: Clock,
    actor: Actor,
    storage: Storage,
    stream: IO[bytes],
    name: str,
    departement_code: str,
) -> Travail:
    """Keep the file and ask what importing it would do; nothing else is written.

    Raises Forbidden, or DomainError when the file is not the extraction.
    """
    _require(actor, departement_code)
    file = storage.store(
        session, clock, stream, name, frozenset({TypeFichier.CSV}), actor=actor, max_bytes=TAILLE_MAX
    )
    with (storage.folder / file.chemin).open("rb") as opened:
        LecteurFiness(opened, {}, departement_code)  # its first line tells another file at once
    asked = enqueue_job(
        session,
        clock,
        actor,
        ANALYSER,
        {"departement": departement_code, "nom": file.nom},
        departement_code=departement_code,
    )
    asked.fichier_id = file.id
    return asked


def confirm_import(session: Session, clock: Clock, actor: Actor, analysis_ref: str) -> Travail:
    """Ask for the import that was read and confirmed; confirmed again, the same job answers.

    Raises NotVisible, Forbidden, DomainError.
    """
    analysis = get_job(session, actor, analysis_ref)
    if analysis.genre != ANALYSER or analysis.statut is not StatutTravail.TERMINE:
        raise NotVisible(analysis_ref)
    departement = analysis.parametres["departement"]
    _require(actor, departement)
    again = next((one for one in imports_of(session, actor, analysis_ref)), None)
    if again is not None:
        return again
    if analysis.fichier_id is None:
        raise DomainError("organisations.finess_perdu")
    return enqueue_job(
        session,
        clock,
        actor,
        IMPORTER,
        analysis.parametres | {"analyse": analysis.ref, "fichier": analysis.fichier_id},
        departement_code=departement,
    )


def imports_of(session: Session, actor: Actor, analysis_ref: str) -> list[Travail]:
    """Return the imports already asked for after an analysis."""
    return [
        one
        for one in recent_jobs(session, actor, kind=IMPORTER, limit=50)
        if one.parametres.get("analyse") == analysis_ref and one.statut is not StatutTravail.ECHOUE
    ]


def report_of(row: Travail) -> Rapport | None:
    """Return the report of an ended analysis or import."""
    if row.statut is not StatutTravail.TERMINE or not row.resultat:
        return None
    return Rapport.from_dict(row.resultat)


@job(ANALYSER)
def analyse(context: JobContext) -> dict[str, Any]:
    """Tell what the import would do."""
    path, actor = _means(context, context.job.fichier_id)
    return analyse_finess(
        context.database,
        path,
        departement=context.parameters["departement"],
        actor=actor,
        progress=context.progress,
    ).as_dict()


@job(IMPORTER)
def run_import(context: JobContext) -> dict[str, Any]:
    """Import; done again after an interruption, it finds what is already there."""
    path, actor = _means(context, context.parameters["fichier"])
    return import_finess(
        context.database,
        path,
        clock=context.clock,
        departement=context.parameters["departement"],
        actor=actor,
        progress=context.progress,
    ).as_dict()


def _means(context: JobContext, file_id: int | None) -> tuple[Path, Actor]:
    """Return the file's path and who asked, whose access is read anew."""
    with context.database.session() as session:
        actor = acteurs.of_membership(session, context.job.adhesion_id)
        file = session.get(Fichier, file_id) if file_id else None
    if actor is None or not can(actor, Permission.ORGANISATIONS_IMPORTER, context.parameters["departement"]):
        raise DomainError("organisations.finess_acces")
    if file is None:
        raise DomainError("organisations.finess_perdu")
    if file.statut is StatutFichier.REFUSE:
        raise DomainError("fichier.refuse")
    return Storage(context.settings).folder / file.chemin, actor


def _require(actor: Actor, departement_code: str) -> None:
    if not can(actor, Permission.ORGANISATIONS_IMPORTER, departement_code):
        raise Forbidden(Permission.ORGANISATIONS_IMPORTER.value)
