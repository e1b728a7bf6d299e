"""What was acknowledged is there, whoever wrote at the same time and whatever was killed."""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from types import SimpleNamespace

import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.conventions import service as lignes
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.redaction import ouverture
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseFait,
    ConventionClausePosition,
)
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.campaigns.conftest import SHORT
from tests.campaigns.ecrivain import CLAUSES, run, write, write_clause
from tests.textes import publier

FORK = multiprocessing.get_context("fork")
pytestmark = pytest.mark.campaign
Figure = Callable[[str, object], None]


def url_of(database: Database) -> str:
    return make_url(database.url).render_as_string(hide_password=False)


@pytest.fixture
def line(
    session: Session, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> tuple[Convention, Actor]:
    convention = factories.Convention(natures={"CHU": 10})
    actor = actor_for(Profil.SIAO_DIRECTION, convention.siao)
    session.commit()
    return convention, actor


@dataclass
class Writer:
    """A writing process and what it said."""

    process: ForkProcess
    said: Connection

    def answers(self) -> Iterator[tuple[bool, str]]:
        """Read what it says until it ends or dies."""
        while True:
            try:
                yield self.said.recv()
            except (EOFError, OSError):
                self.process.join()
                return


def start(
    database: Database,
    actor: Actor,
    line: Convention,
    name: str,
    rounds: int,
    ecrire: Callable[[Database, Actor, int, str], bool] = write,
) -> Writer:
    """Fork a writer: it opens connections of its own."""
    said, says = FORK.Pipe(duplex=False)
    arguments = (url_of(database), actor.adhesion_id, line.id, name, rounds, says, ecrire)
    process = FORK.Process(target=run, args=arguments, daemon=True)
    process.start()
    says.close()
    return Writer(process, said)


def written(database: Database, line: Convention) -> tuple[list[str], int]:
    """Return the notes that the journal says were written, in order, and the line's version."""
    with database.session() as session:
        entries = session.scalars(
            select(EntreeJournal)
            .where(
                EntreeJournal.objet_id == line.id, EntreeJournal.action == "conventions:convention:modifier"
            )
            .order_by(EntreeJournal.id)
        ).all()
        version = session.get_one(Convention, line.id).version
    return [entry.changements["notes"][1] for entry in entries], version


def test_eight_parallel_writers(database: Database, line: tuple[Convention, Actor], figure: Figure) -> None:
    convention, actor = line
    before = convention.version
    rounds = 5 if SHORT else 40
    writers = [start(database, actor, convention, f"e{n}", rounds) for n in range(8)]
    answers = [answer for writer in writers for answer in writer.answers()]
    acknowledged = [word for written_, word in answers if written_]
    notes, version = written(database, convention)
    figure("acknowledged", len(acknowledged))
    figure("told they lost", len(answers) - len(acknowledged))
    assert len(answers) == 8 * rounds
    assert acknowledged
    assert sorted(notes) == sorted(acknowledged)
    assert version == before + len(acknowledged)


def test_killed_while_writing(database: Database, line: tuple[Convention, Actor], figure: Figure) -> None:
    convention, actor = line
    before = convention.version
    acknowledged, kills = killed(database, actor, convention, write)
    notes, version = written(database, convention)
    figure("kills", kills)
    figure("acknowledged", len(acknowledged))
    figure("committed and not yet told when killed", len(notes) - len(acknowledged))
    assert set(acknowledged) <= set(notes)
    assert len(notes) - len(acknowledged) <= kills
    assert version == before + len(notes)
    assert_sound(database)


def killed(
    database: Database,
    actor: Actor,
    convention: Convention,
    ecrire: Callable[[Database, Actor, int, str], bool],
) -> tuple[list[str], int]:
    """Start writers and kill each one in the middle; return the words acknowledged, and how many kills."""
    kills = 20 if SHORT else 100
    acknowledged: list[str] = []
    chance = random.Random(2026)
    for number in range(kills):
        writer = start(database, actor, convention, f"k{number}", 10_000, ecrire)
        acknowledged.append(writer.said.recv()[1])
        time.sleep(chance.random() * 0.05)  # let the kill fall anywhere in a later write
        writer.process.kill()
        acknowledged += [word for written_, word in writer.answers() if written_]
    return acknowledged, kills


def assert_sound(database: Database) -> None:
    if database.is_sqlite:
        with database.engine.connect() as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"


def test_killed_while_writing_clauses(
    database: Database,
    session: Session,
    clock: FixedClock,
    line: tuple[Convention, Actor],
    actor_for: Callable[..., Actor],
    figure: Figure,
) -> None:
    """Each clause is before a change or after it: its words, its positions, its history and the journal."""
    convention, actor = line
    publier(session)
    ouverture.ouvrir(session, clock, actor, convention.ref, convention.version)
    lignes.avancer(session, clock, actor, convention.ref, convention.version, "negocier")
    session.commit()
    acknowledged, kills = killed(database, actor, convention, write_clause)
    figure("kills", kills)
    figure("acknowledged", len(acknowledged))
    said: list[str] = []
    with database.session() as reading:
        for clause in reading.scalars(
            select(ConventionClause)
            .where(ConventionClause.convention_id == convention.id, ConventionClause.code.in_(CLAUSES))
            .order_by(ConventionClause.id)
        ):
            facts = reading.scalars(
                select(ConventionClauseFait)
                .where(
                    ConventionClauseFait.clause_id == clause.id, ConventionClauseFait.genre == GenreFait.TEXTE
                )
                .order_by(ConventionClauseFait.id)
            ).all()
            assert clause.texte == facts[-1].apres
            assert clause.numero == facts[-1].numero
            assert all(after.avant == before.apres for before, after in pairwise(facts))
            positions = reading.execute(
                select(ConventionClausePosition.partie, ConventionClausePosition.position)
                .where(ConventionClausePosition.clause_id == clause.id)
                .order_by(ConventionClausePosition.partie)
            ).all()
            assert [tuple(row) for row in positions] == [(Partie.SIAO, Position.PROPOSEE)]
            told = reading.scalars(
                select(EntreeJournal.changements)
                .where(
                    EntreeJournal.objet_id == clause.id,
                    EntreeJournal.action == "conventions:clause:modifier",
                )
                .order_by(EntreeJournal.id)
            ).all()
            assert [change["texte"] for change in told] == [[fact.avant, fact.apres] for fact in facts]
            said += [fact.apres.removeprefix("Écrit : ") for fact in facts]
    figure("committed and not yet told when killed", len(said) - len(acknowledged))
    assert set(acknowledged) <= set(said)
    assert len(said) == len(set(said)) <= len(acknowledged) + kills
    assert_sound(database)
