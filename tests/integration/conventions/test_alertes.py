"""The recalls of renewal: once at each threshold, to the parties, never twice, never for nothing."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.alertes import rappeler
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.notifications.models import MessageSortant
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock


def signed(factories: SimpleNamespace, end: date, **values: object) -> Convention:
    start = date(2022, 12, 12)
    line: Convention = factories.Convention(
        statut=Statut.SIGNEE, date_signature=start, date_effet=start, date_fin=end, **values
    )
    return line


def subjects(session: Session) -> list[tuple[str, str]]:
    return [
        (m.destinataire, m.sujet) for m in session.scalars(select(MessageSortant).order_by(MessageSortant.id))
    ]


def test_the_direction_is_written_to_once_at_each_threshold(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    line = signed(factories, date(2026, 12, 12))
    direction = actor_for(Profil.SIAO_DIRECTION, line.siao)
    for day in (date(2026, 9, 12), date(2026, 9, 13), date(2026, 9, 13), date(2026, 9, 14)):
        rappeler(session, clock, "22", day)
    (written,) = subjects(session)
    assert written[0] == direction.email
    assert line.operateur.nom in written[1]
    body = session.scalars(select(MessageSortant.corps)).one()
    assert "dans 90 jours" in body
    assert "12 décembre 2026" in body


def test_a_stopped_worker_catches_up_with_one_message(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    actor_for(Profil.SIAO_DIRECTION, signed(factories, date(2026, 12, 12)).siao)
    rappeler(session, clock, "22", date(2025, 12, 1))
    assert rappeler(session, clock, "22", date(2026, 9, 20)) == 1
    assert len(subjects(session)) == 1


def test_a_line_already_renewed_or_terminated_is_left_alone(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    mother = signed(factories, date(2026, 12, 12))
    actor_for(Profil.SIAO_DIRECTION, mother.siao)
    factories.Convention(
        operateur=mother.operateur,
        siao=mother.siao,
        etat=mother.etat,
        remplace_id=mother.id,
        statut=Statut.PROJET,
    )
    signed(
        factories,
        date(2026, 12, 12),
        siao=mother.siao,
        etat=mother.etat,
        resiliation_effet=date(2026, 12, 13),
    )
    assert rappeler(session, clock, "22", date(2026, 9, 13)) == 0
    assert subjects(session) == []
