"""What the database itself refuses, on both engines."""

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.shared.clock import FixedClock
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
