"""The journal keeps everything, but for a purge that is dated, late enough, and written in it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.audit.purge import purge_journal
from portal.audit.service import record
from portal.cli import register
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError

PARIS = ZoneInfo("Europe/Paris")
BEFORE = date(2024, 1, 1)
KEPT = 730


@pytest.fixture
def clock(clock: FixedClock, session: Session) -> FixedClock:
    """Monday 2 March 2026; the journal has an entry on both sides of midnight, 1 January 2024 in Paris."""
    now = clock.instant
    midnight = datetime(2024, 1, 1, tzinfo=PARIS)
    for instant in (midnight - timedelta(days=400), midnight - timedelta(seconds=1), midnight, now):
        clock.instant = instant
        record(session, clock, None, "essai:journal:ecrire")
    session.commit()
    clock.instant = now
    return clock


def entries(session: Session) -> list[str]:
    return list(session.scalars(select(EntreeJournal.action).order_by(EntreeJournal.id)))


def refused(session: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append only"):
        session.execute(text(statement))
    session.rollback()


def test_a_purge_takes_what_precedes_its_date_and_says_so(session: Session, clock: FixedClock) -> None:
    assert purge_journal(session, clock, BEFORE, kept_days=KEPT) == 2
    session.commit()
    assert entries(session) == ["essai:journal:ecrire"] * 2 + ["technique:journal:purger"]
    entry = session.scalars(select(EntreeJournal).order_by(EntreeJournal.id.desc())).first()
    assert entry is not None
    assert entry.changements == {"avant": "2024-01-01", "nombre": 2}


def test_a_recent_date_is_refused(session: Session, clock: FixedClock) -> None:
    limit = date(2024, 3, 2)
    with pytest.raises(DomainError) as caught:
        purge_journal(session, clock, limit + timedelta(days=1), kept_days=KEPT)
    assert (caught.value.code, caught.value.params["limite"]) == ("journal.purge_recente", "02/03/2024")
    assert len(entries(session)) == 4
    assert purge_journal(session, clock, limit, kept_days=KEPT) == 3


def test_the_door_closes_behind_the_purge(session: Session, clock: FixedClock) -> None:
    purge_journal(session, clock, BEFORE, kept_days=KEPT)
    refused(session, "DELETE FROM journal")  # in the same transaction
    assert len(entries(session)) == 4  # which is undone as a whole
    purge_journal(session, clock, BEFORE, kept_days=KEPT)
    session.commit()
    refused(session, "DELETE FROM journal")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET auteur = 'x'",
        "DELETE FROM journal",
        "DELETE FROM journal WHERE le < '2024-01-01'",
        "TRUNCATE journal",
        "TRUNCATE journal CASCADE",
    ],
)
def test_nothing_else_changes_the_journal(
    session: Session, database: Database, clock: FixedClock, statement: str
) -> None:
    if database.is_sqlite and statement.startswith("TRUNCATE"):
        pytest.skip("SQLite has no TRUNCATE")
    refused(session, statement)
    assert len(entries(session)) == 4


@pytest.mark.parametrize("statement", ["UPDATE journal SET auteur = 'x'", "TRUNCATE journal"])
def test_not_even_a_purge_rewrites_or_truncates(
    session: Session, database: Database, clock: FixedClock, statement: str
) -> None:
    if database.is_sqlite:
        session.execute(text("INSERT INTO etat_technique (cle, valeur) VALUES ('purge_autorisee', 'oui')"))
        statement = "UPDATE journal SET auteur = 'x'"
    else:
        session.execute(text("SELECT set_config('portail.purge', 'oui', true)"))
    refused(session, statement)


def test_the_command_asks_once_and_says_how_many(app: Flask, session: Session, clock: FixedClock) -> None:
    register(app)  # on the test's database
    run = app.test_cli_runner().invoke
    asked = run(args=["journal", "purge", "--avant", "01/01/2024"], input="n\n")
    assert "2 lignes" in asked.output
    assert asked.exit_code == 1
    assert len(entries(session)) == 4
    for wrong in ("2026-03-01", "31/02/2024", "", "hier"):
        answer = run(args=["journal", "purge", "--avant", wrong, "--oui"])
        assert answer.exit_code == 1, wrong
        assert answer.output.startswith("Error: "), wrong
    session.rollback()
    done = run(args=["journal", "purge", "--avant", "2024-01-01", "--oui"])
    assert (done.exit_code, done.output) == (0, "2 lignes supprimées du journal\n")
    assert len(entries(session)) == 3
