"""What the database itself refuses, on both engines."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import Fact, history, record, record_many
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.shared import db
from portal.shared.bulk import insert_many
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.search import matches


def signed(factories: SimpleNamespace, start: date, end: date, **kwargs: object) -> Convention:
    line: Convention = factories.Convention(
        statut=Statut.SIGNEE, date_effet=start, date_fin=end, date_signature=start, **kwargs
    )
    return line


def test_two_signed_ctps_of_one_pair_never_overlap(factories: SimpleNamespace, session: Session) -> None:
    first = signed(factories, date(2022, 12, 12), date(2026, 12, 12))
    pair = {"operateur": first.operateur, "siao": first.siao, "etat": first.etat}
    signed(factories, date(2026, 12, 13), date(2030, 12, 13), **pair)
    with pytest.raises(DBAPIError, match="ex_convention_vigueur"):
        signed(factories, date(2026, 12, 12), date(2026, 12, 12), **pair)


def test_one_open_line_per_pair(factories: SimpleNamespace) -> None:
    first = factories.Convention()
    with pytest.raises(IntegrityError):
        factories.Convention(operateur=first.operateur, siao=first.siao, etat=first.etat)


@pytest.mark.parametrize("statement", ["UPDATE journal SET auteur = 'x'", "DELETE FROM journal"])
def test_the_journal_is_append_only(session: Session, clock: FixedClock, statement: str) -> None:
    record(session, clock, None, "essai:journal:ecrire")
    session.commit()
    with pytest.raises(DBAPIError, match="append only"):
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("typed", "found"),
    [("armor assoc", True), ("ÉTOILE", True), ("toile", False), ("", True), ("étoile 35", False)],
)
def test_search_matches_word_beginnings_in_any_order(
    factories: SimpleNamespace, session: Session, typed: str, found: bool
) -> None:
    line = factories.Convention(operateur__nom="Association L’Étoile d’Armor")
    hits = session.query(Convention.id).where(matches(session, Convention.__table__, typed)).all()
    assert ([line.id] == [hit.id for hit in hits]) is found


def test_many_rows_are_written_as_one_would_be(session: Session, clock: FixedClock) -> None:
    rows = [
        {
            "type": TypeOrganisation.GESTIONNAIRE,
            "nom": f"L’Étoile\t{number} \\ « d’Armor »\n",
            "siren": siren,
            "departement_code": "22",
            "tri": "",
            "texte_recherche": " etoile",
            "created_at": clock.now(),
            "updated_at": clock.now(),
        }
        for number, siren in enumerate(("732829320", None))
    ]
    insert_many(session, Organisation, rows)
    insert_many(session, Organisation, [])
    first, second = session.scalars(select(Organisation).order_by(Organisation.nom))
    assert [{name: getattr(one, name) for name in rows[0]} for one in (first, second)] == rows
    assert (first.version, first.sigle, first.nom_provisoire) == (1, "", False)
    assert len({first.ref, second.ref}) == 2
    changes = {"nom": [None, "é\t\\N"], "places": 3}
    record_many(
        session, clock, None, "essai:lot:ecrire", [Fact("organisation", first.id, first.ref, "22", changes)]
    )
    (entry,) = history(session, "organisation", first.id)
    assert (entry.changements, entry.auteur) == (changes, "Portail")
    with pytest.raises(IntegrityError):
        insert_many(session, Organisation, [rows[0]])


@pytest.fixture
def own(database: Database) -> Iterator[Database]:
    """The same PostgreSQL database, with a pool of connections of the test's own."""
    if database.is_sqlite:
        pytest.skip("no server")
    own = Database(database.url)
    yield own
    own.dispose()


def number(session: Session) -> int:
    return int(session.scalar(text("SELECT pg_backend_pid()")) or 0)


def test_the_portal_outlives_its_connections(database: Database, own: Database) -> None:
    with own.reading() as one, own.session(write=True) as other:
        lost = {number(one), number(other)}
    with database.session() as session:
        for pid in lost:
            session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with own.reading() as one, own.session(write=True) as other:
        assert {number(one), number(other)}.isdisjoint(lost)


def test_a_connection_cut_while_it_serves_fails_one_request(database: Database, own: Database) -> None:
    with own.reading() as other:
        number(other)
        with own.reading() as session:
            pid = number(session)
            with database.session() as elsewhere:
                elsewhere.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            with pytest.raises(DBAPIError):
                number(session)
    with own.reading() as session:
        assert number(session) != pid


def test_a_connection_long_unused_is_asked_whether_it_answers(
    own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(own.engine.dialect, "do_ping", asked.append)
    for _ in range(3):
        with own.reading() as session:
            number(session)
    assert not asked
    monkeypatch.setattr(db, "ASK_AFTER", 0)
    with own.reading() as session:
        number(session)
    assert len(asked) == 1


def test_a_page_that_reads_cannot_write(own: Database) -> None:
    with own.reading() as session, pytest.raises(DBAPIError, match="read-only"):
        session.execute(text("UPDATE organisation SET nom = nom"))


def test_pages_that_read_keep_their_statements_planned(own: Database) -> None:
    planned = text("SELECT count(*) FROM pg_prepared_statements")
    for _ in range(8):
        with own.reading() as session:
            kept = session.scalar(planned)
    assert kept
