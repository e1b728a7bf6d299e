"""Asking for long work, and following it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session, defer

from portal.audit.diff import plain
from portal.documents.models import Fichier
from portal.jobs import messages as messages
from portal.jobs.models import StatutTravail, Travail
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, NotVisible

ENDED = (StatutTravail.TERMINE, StatutTravail.ECHOUE, StatutTravail.ANNULE)


def enqueue_job(
    session: Session,
    clock: Clock,
    actor: Actor,
    kind: str,
    payload: Mapping[str, Any] | None = None,
    *,
    departement_code: str | None = None,
) -> Travail:
    """Write a job in the caller's transaction; the worker takes it once committed.

    `payload` is JSON-serialisable, without any household's data.
    """
    row = Travail(
        genre=kind,
        statut=StatutTravail.EN_ATTENTE,
        personne_id=actor.personne_id,
        adhesion_id=actor.adhesion_id,
        organisation_id=actor.organisation_id,
        departement_code=departement_code or actor.departement_code,
        parametres=dict(payload or {}),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def visible_to(actor: Actor) -> Select[Travail]:
    """Return the jobs an actor may follow: those of its own active membership."""
    return select(Travail).where(Travail.adhesion_id == actor.adhesion_id)


def recent_jobs(session: Session, actor: Actor, *, kind: str | None = None, limit: int = 20) -> list[Travail]:
    """Return the actor's latest jobs, newest first; their results, which may be long, are read when asked."""
    statement = visible_to(actor).order_by(Travail.id.desc()).limit(limit).options(defer(Travail.resultat))
    return list(session.scalars(statement.where(Travail.genre == kind) if kind else statement))


def get_job(session: Session, actor: Actor, ref: str) -> Travail:
    """Return one of the actor's jobs; raises NotVisible."""
    row = session.scalar(visible_to(actor).where(Travail.ref == ref))
    if row is None:
        raise NotVisible
    return row


def get_result_file(session: Session, actor: Actor, ref: str) -> Fichier:
    """Return the file that one of the actor's jobs made; raises NotVisible."""
    row = get_job(session, actor, ref)
    file = session.get(Fichier, row.fichier_id) if row.fichier_id else None
    if file is None:
        raise NotVisible
    return file


def errors_of(row: Travail) -> list[DomainError]:
    """Return why a job failed, as domain errors to be shown like any other; empty when it did not."""
    if row.statut is not StatutTravail.ECHOUE:
        return []
    kept = (row.resultat or {}).get("erreurs", [])
    return [DomainError(one["code"], one["champ"], **one["parametres"]) for one in kept]


def error_values(error: DomainError | DomainErrors) -> dict[str, Any]:
    """Return the columns that keep an error: the code, and in the result what `errors_of` reads."""
    errors = error.errors if isinstance(error, DomainErrors) else [error]
    kept = [
        {"code": e.code, "champ": e.field, "parametres": {k: _json(v) for k, v in e.params.items()}}
        for e in errors
    ]
    return {"erreur": errors[0].code, "resultat": {"erreurs": kept}}


def purge_old(session: Session, clock: Clock, *, days: int) -> int:
    """Delete the jobs ended more than `days` ago, and the files they made; return how many jobs."""
    old = session.execute(
        select(Travail.id, Travail.fichier_id)
        .where(Travail.statut.in_(ENDED), Travail.termine_le < clock.now() - timedelta(days=days))
        .limit(1000)
    ).all()
    session.execute(delete(Travail).where(Travail.id.in_([row.id for row in old])))
    files = [row.fichier_id for row in old if row.fichier_id]
    if files:
        session.execute(delete(Fichier).where(Fichier.id.in_(files)))
    return len(old)


def _json(value: Any) -> Any:
    value = plain(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
