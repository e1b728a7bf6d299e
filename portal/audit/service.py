"""Writing and reading the journal."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.security.policy import Actor
from portal.shared.bulk import insert_many
from portal.shared.clock import Clock

request_id: ContextVar[str] = ContextVar("request_id", default="")


def record(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    action: str,
    subject: Any = None,
    *,
    changes: Mapping[str, Any] | None = None,
    departement_code: str | None = None,
    auteur: str = "",
) -> EntreeJournal:
    """Add an entry to the journal, in the caller's transaction.

    `action` reads `domaine:sujet:action`; `subject` is a mapped object already flushed (its table, id and
    public reference are kept); `changes` is {field: [before, after]} or plain facts, JSON-serialisable.
    Without an actor the entry says `auteur` (who acts by a link), else « Portail » (the worker, a command).
    """
    entry = EntreeJournal(
        **_author(clock, actor, action, auteur),
        objet_type=subject.__tablename__ if subject is not None else "",
        objet_id=getattr(subject, "id", None),
        objet_ref=getattr(subject, "ref", "") or "",
        departement_code=departement_code
        or getattr(subject, "departement_code", None)
        or (actor.departement_code if actor else None),
        changements=dict(changes or {}),
    )
    session.add(entry)
    session.flush()
    return entry


@dataclass(frozen=True)
class Fact:
    """What happened to one object among many: its table, key, public reference, département, changes."""

    table: str
    id: int | None
    ref: str
    departement_code: str
    changes: Mapping[str, Any]


def record_many(
    session: Session, clock: Clock, actor: Actor | None, action: str, facts: Sequence[Fact]
) -> None:
    """Add one entry per fact in one statement: an import of thousands of rows keeps the same history."""
    common = _author(clock, actor, action)
    rows = [
        common
        | {
            "objet_type": fact.table,
            "objet_id": fact.id,
            "objet_ref": fact.ref,
            "departement_code": fact.departement_code,
            "changements": dict(fact.changes),
        }
        for fact in facts
    ]
    insert_many(session, EntreeJournal, rows)


def _author(clock: Clock, actor: Actor | None, action: str, auteur: str = "") -> dict[str, Any]:
    return {
        "le": clock.now(),
        "personne_id": actor.personne_id if actor else None,
        "adhesion_id": actor.adhesion_id if actor else None,
        "auteur": f"{actor.nom} ({actor.organisation_nom})"[:200] if actor else auteur[:200] or "Portail",
        "profil": actor.profil.value if actor else "",
        "action": action,
        "requete_id": request_id.get(),
    }


def history(session: Session, table: str, object_id: int, limit: int = 100) -> list[EntreeJournal]:
    """Return the latest entries about one object, newest first."""
    return list(
        session.scalars(
            select(EntreeJournal)
            .where(EntreeJournal.objet_type == table, EntreeJournal.objet_id == object_id)
            .order_by(EntreeJournal.id.desc())
            .limit(limit)
        )
    )
