"""One writer, as a process of its own: sends (acknowledged, word) once its change is committed.

It writes the notes of a line, or the clauses of its text.
"""

import re
from collections.abc import Callable
from multiprocessing.connection import Connection

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.comptes.acteurs import build, memberships
from portal.comptes.models import Adhesion
from portal.conventions import service
from portal.conventions.models import Convention
from portal.conventions.redaction import service as redaction
from portal.conventions.redaction.models import ConventionClause
from portal.security.policy import Actor
from portal.shared.clock import SystemClock
from portal.shared.db import Database
from portal.shared.errors import StaleVersion

CLAUSES = ("5.3", "6.3", "7.3")
"""Those that are written, one after the other."""


def run(
    url: str,
    adhesion_id: int,
    convention_id: int,
    name: str,
    rounds: int,
    answers: Connection,
    ecrire: Callable[[Database, Actor, int, str], bool] | None = None,
) -> None:
    """Write `rounds` times, the notes unless told otherwise; a loser of a race is told so and goes on."""
    database = Database(url)
    with database.session() as session:
        actor = build(session.execute(memberships().where(Adhesion.id == adhesion_id)).all())
    assert actor is not None
    for number in range(rounds):
        word = f"{name}-{number}"
        answers.send(((ecrire or write)(database, actor, convention_id, word), word))
    answers.close()


def write(database: Database, actor: Actor, convention_id: int, word: str) -> bool:
    """Read the line as a person would, then save it with a new note."""
    with database.session() as session:
        line = session.get_one(Convention, convention_id)
        ref, version = line.ref, line.version
        natures = {nature.nature_code: nature.places for nature in line.natures}
    with database.session(write=True) as session:
        try:
            service.modifier(
                session, SystemClock(), actor, ref, version, natures=natures, mode=None, notes=word
            )
            session.commit()
        except (StaleVersion, OperationalError):
            session.rollback()
            return False
    return True


def write_clause(database: Database, actor: Actor, convention_id: int, word: str) -> bool:
    """Read a clause as a person would, then propose another text of it, of which `word` is the end."""
    code = CLAUSES[sum(map(int, re.findall(r"\d+", word))) % len(CLAUSES)]  # even if each writer writes once
    with database.session() as session:
        ref = session.get_one(Convention, convention_id).ref
        version = session.scalars(
            select(ConventionClause.version).where(
                ConventionClause.convention_id == convention_id, ConventionClause.code == code
            )
        ).one()
    with database.session(write=True) as session:
        try:
            redaction.modifier(session, SystemClock(), actor, ref, code, version, texte=f"Écrit : {word}")
            session.commit()
        except (StaleVersion, OperationalError):
            session.rollback()
            return False
    return True
