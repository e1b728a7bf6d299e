"""Writing to the outbox, and the daily digest."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import UndefinedError
from sqlalchemy import select
from sqlalchemy.orm import Session

import portal.notifications.messages as messages_module
import portal.shared.translations as translations_module
from portal.comptes.enums import PreferenceEnvoi
from portal.config import Settings
from portal.notifications.digest import last_digest_time, send_digests
from portal.notifications.models import MessageSortant, StatutMessage
from portal.notifications.service import enqueue, outbox_counts, purge_old, send_again
from portal.shared.clock import FixedClock
from portal.shared.db import Database

TEMPLATE = """{% extends "emails/message.txt" %}
{% block sujet %}Ligne {{ ligne }}{% endblock %}
{% block corps %}
La ligne {{ ligne }} attend jusqu’au {{ le|date }} (vue le {{ vue|datetime }}).
{% endblock %}
"""
CONTEXT = {"ligne": "A", "le": datetime(2026, 12, 31), "vue": datetime(2026, 3, 2, 9, tzinfo=UTC)}

pytestmark = pytest.mark.usefixtures("templates")


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The portal's templates with one of the test's own, `essai`, and an English catalogue of one message."""
    folder = tmp_path / "templates"
    (folder / "emails").mkdir(parents=True)
    (folder / "emails" / "essai.txt").write_text(TEMPLATE)
    for name in ("message.txt", "notifications"):
        (folder / "emails" / name).symlink_to(messages_module.TEMPLATES / "emails" / name)
    catalogues = tmp_path / "translations"
    (catalogues / "en" / "LC_MESSAGES").mkdir(parents=True)
    po = ["msgid", '"Bonjour,"', "msgstr", '"Hello,"']
    with (catalogues / "en" / "LC_MESSAGES" / "messages.mo").open("wb") as file:
        write_mo(file, read_po([" ".join(po[:2]), " ".join(po[2:])], locale="en"))
    monkeypatch.setattr(messages_module, "TEMPLATES", folder)
    monkeypatch.setattr(translations_module, "FOLDER", catalogues)
    messages_module._environment.cache_clear()
    translations_module.catalogue.cache_clear()
    yield
    messages_module._environment.cache_clear()
    translations_module.catalogue.cache_clear()


def rows(database: Database) -> list[MessageSortant]:
    with database.session() as session:
        return list(session.scalars(select(MessageSortant).order_by(MessageSortant.id)))


def test_a_message_is_written_in_the_language_of_the_person(
    session: Session, clock: FixedClock, factories: SimpleNamespace
) -> None:
    french = enqueue(session, clock, to=factories.Personne(), template="essai", context=CONTEXT)
    english = enqueue(session, clock, to=factories.Personne(langue="en"), template="essai", context=CONTEXT)
    assert french.sujet == "Ligne A"
    assert french.corps.startswith(
        "Bonjour,\n\nLa ligne A attend jusqu’au 31 décembre 2026 (vue le 2 mars 2026, 10:00).\n\n-- \n"
    )
    assert english.corps.startswith("Hello,\n\nLa ligne A attend jusqu’au 31 December 2026")


def test_a_message_with_a_hole_is_not_written(session: Session, clock: FixedClock) -> None:
    with pytest.raises(UndefinedError):
        enqueue(session, clock, to="a@partenaire.example", template="essai", context={"le": CONTEXT["le"]})


def test_a_subject_is_one_line_whatever_it_holds(session: Session, clock: FixedClock) -> None:
    context = CONTEXT | {"ligne": "A\r\nBcc: autre@partenaire.example" + "x" * 300}
    message = enqueue(session, clock, to="a@partenaire.example", template="essai", context=context)
    assert "\n" not in message.sujet
    assert len(message.sujet) <= 200


def test_a_rolled_back_act_writes_to_nobody(database: Database, clock: FixedClock) -> None:
    with database.session(write=True) as session:
        enqueue(session, clock, to="a@partenaire.example", template="essai", context=CONTEXT)
        session.rollback()
    assert rows(database) == []


@pytest.mark.parametrize(
    ("preference", "urgent", "expected"),
    [
        (PreferenceEnvoi.IMMEDIAT, False, StatutMessage.A_ENVOYER),
        (PreferenceEnvoi.QUOTIDIEN, True, StatutMessage.A_ENVOYER),
        (PreferenceEnvoi.QUOTIDIEN, False, StatutMessage.EN_ATTENTE_RECAPITULATIF),
    ],
)
def test_the_persons_choice_is_respected(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    preference: PreferenceEnvoi,
    urgent: bool,
    expected: StatutMessage,
) -> None:
    person = factories.Personne(preference_envoi=preference)
    message = enqueue(session, clock, to=person, template="essai", context=CONTEXT, urgent=urgent)
    assert message.statut is expected


def test_a_digest_groups_what_was_written_before_its_hour(
    database: Database,
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    settings_for: Callable[..., Settings],
) -> None:
    settings = settings_for(digest_hour=7)
    one, other = (factories.Personne(preference_envoi=PreferenceEnvoi.QUOTIDIEN) for _ in range(2))
    for person, line in ((one, "A"), (one, "B"), (other, "C")):
        enqueue(session, clock, to=person, template="essai", context=CONTEXT | {"ligne": line})
    session.commit()

    assert send_digests(database, clock, settings) == 0  # written at 10:00: they wait for tomorrow
    clock.instant = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)  # 7:00 in Paris
    enqueue(session, clock, to=other, template="essai", context=CONTEXT | {"ligne": "D"})
    session.commit()
    assert send_digests(database, clock, settings) == 2
    assert send_digests(database, clock, settings) == 0

    first, second = [m for m in rows(database) if m.statut is StatutMessage.A_ENVOYER]
    assert (first.destinataire, second.destinataire) == (one.email, other.email)
    assert first.sujet == "Portail du SIAO : 2 messages"
    assert first.corps.count("Bonjour,") == first.corps.count("-- \n") == 1
    assert "1. Ligne A\n\nLa ligne A attend" in first.corps
    assert "2. Ligne B\n\nLa ligne B attend" in first.corps
    assert "Ligne C" in second.corps
    assert all(m.corps == "" for m in rows(database) if m.statut is StatutMessage.REGROUPE)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 3, 2, 5, 59, tzinfo=UTC), datetime(2026, 3, 1, 6, tzinfo=UTC)),
        (datetime(2026, 3, 2, 6, 0, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC)),
        (datetime(2026, 7, 2, 5, 0, tzinfo=UTC), datetime(2026, 7, 2, 5, tzinfo=UTC)),
        (datetime(2026, 3, 29, 4, 59, tzinfo=UTC), datetime(2026, 3, 28, 6, tzinfo=UTC)),
    ],
    ids=str,
)
def test_the_digest_hour_is_that_of_paris(now: datetime, expected: datetime) -> None:
    assert last_digest_time(now, 7) == expected


def test_what_is_settled_is_purged_and_what_was_abandoned_can_go_again(
    session: Session, clock: FixedClock
) -> None:
    for status in StatutMessage:
        message = enqueue(session, clock, to="a@partenaire.example", template="essai", context=CONTEXT)
        message.statut = status
    assert send_again(session, clock) == 1
    clock.instant += timedelta(days=91)
    assert purge_old(session, clock, days=90) == 2
    assert outbox_counts(session) == {
        StatutMessage.A_ENVOYER: 2,
        StatutMessage.EN_ATTENTE_RECAPITULATIF: 1,
        StatutMessage.ENVOYE: 0,
        StatutMessage.REGROUPE: 0,
        StatutMessage.ABANDONNE: 0,
    }
