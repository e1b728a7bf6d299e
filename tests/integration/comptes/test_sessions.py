"""Server-side sessions: rights read anew at each request, two statements at most."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.comptes import sessions
from portal.comptes.models import Adhesion, SessionConnexion
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import NotVisible

LIMITS = {"idle": timedelta(minutes=30), "absolute": timedelta(hours=12)}


def opened(session: Session, clock: FixedClock, adhesion: Adhesion, **kwargs: object) -> str:
    token = sessions.open_session(
        session,
        clock,
        adhesion.personne_id,
        "",
        second_factor=bool(kwargs.pop("second_factor", False)),
        **kwargs,
    )
    session.commit()
    return token


def actor(session: Session, clock: FixedClock, token: str, **kwargs: object) -> Actor | None:
    loaded = sessions.load(session, clock, token, **LIMITS, **kwargs)
    return loaded.actor if loaded else None


def test_the_token_is_stored_hashed_and_names_the_actor(
    session: Session, clock: FixedClock, adhesion: Adhesion, factories: SimpleNamespace
) -> None:
    token = opened(session, clock, adhesion)
    row = session.scalars(select(SessionConnexion)).one()
    assert token not in (row.jeton_hash, row.ref)
    found = actor(session, clock, token)
    assert found is not None
    assert (found.adhesion_id, found.profil, found.fuseau) == (adhesion.id, adhesion.profil, "Europe/Paris")
    assert found.departements == ("22",)
    assert actor(session, clock, token + "x") is None


def test_loading_takes_one_statement_whatever_the_memberships(
    database: Database, session: Session, clock: FixedClock, adhesion: Adhesion, factories: SimpleNamespace
) -> None:
    for code in ("974", "37", "69"):
        factories.Adhesion(
            personne=adhesion.personne, organisation__departement_code=code, organisation__dans=["75"]
        )
    token = opened(session, clock, adhesion)
    statements: list[str] = []
    with database.session() as other:
        event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        found = sessions.load(other, clock, token, **LIMITS)
    assert found is not None
    assert len(found.actor.adhesions) == 4
    assert len([s for s in statements if not s.startswith("BEGIN")]) == 1


@pytest.mark.parametrize(
    ("after", "seen", "alive"),
    [(29, 0, True), (30, 0, False), (719, 700, True), (720, 719, False)],
    ids=["before idle", "idle", "before absolute", "absolute"],
)
def test_a_session_ends_without_activity_and_after_its_whole_length(
    session: Session, clock: FixedClock, adhesion: Adhesion, after: int, seen: int, alive: bool
) -> None:
    start = clock.instant
    token = opened(session, clock, adhesion)
    session.query(SessionConnexion).update({"vue_le": start + timedelta(minutes=seen)})
    clock.instant = start + timedelta(minutes=after)
    assert (actor(session, clock, token) is not None) is alive


def test_the_page_is_told_how_long_is_left(session: Session, clock: FixedClock, adhesion: Adhesion) -> None:
    token = opened(session, clock, adhesion)
    clock.instant += timedelta(minutes=10)
    loaded = sessions.load(session, clock, token, **LIMITS)
    assert loaded is not None
    assert loaded.seconds_left == (20 * 60, 710 * 60)
    assert loaded.touch_due


def test_activity_is_written_at_most_once_a_minute(
    session: Session, clock: FixedClock, adhesion: Adhesion
) -> None:
    opened(session, clock, adhesion)
    row = session.scalars(select(SessionConnexion)).one()
    first = row.vue_le
    clock.instant += timedelta(seconds=59)
    sessions.touch(session, clock, row.id)
    session.refresh(row)
    assert row.vue_le == first
    clock.instant += timedelta(seconds=1)
    sessions.touch(session, clock, row.id)
    session.refresh(row)
    assert row.vue_le == clock.now()


def test_deactivation_is_effective_at_the_next_request(
    session: Session, clock: FixedClock, adhesion: Adhesion
) -> None:
    token = opened(session, clock, adhesion)
    adhesion.personne.desactivee_le = clock.now()
    session.commit()
    assert actor(session, clock, token) is None


def test_a_revoked_membership_gives_way_to_another_one_or_to_none(
    session: Session, clock: FixedClock, adhesion: Adhesion, factories: SimpleNamespace
) -> None:
    other = factories.Adhesion(personne=adhesion.personne, profil=Profil.GESTIONNAIRE_STRUCTURE)
    token = opened(session, clock, adhesion, adhesion_ref=adhesion.ref)
    adhesion.revoquee_le = clock.now()
    session.commit()
    found = actor(session, clock, token)
    assert found is not None
    assert (found.adhesion_id, [m.ref for m in found.adhesions]) == (other.id, [other.ref])
    other.revoquee_le = clock.now()
    session.commit()
    assert actor(session, clock, token) is None


def test_switching_membership(
    session: Session, clock: FixedClock, adhesion: Adhesion, factories: SimpleNamespace
) -> None:
    other = factories.Adhesion(personne=adhesion.personne, organisation__departement_code="974")
    foreign = factories.Adhesion()
    token = opened(session, clock, adhesion, adhesion_ref=adhesion.ref)
    before = actor(session, clock, token)
    assert before is not None
    sessions.switch_membership(session, clock, before, other.ref)
    session.commit()
    after = actor(session, clock, token)
    assert after is not None
    assert (after.adhesion_ref, after.fuseau) == (other.ref, "Indian/Reunion")
    with pytest.raises(NotVisible):
        sessions.switch_membership(session, clock, after, foreign.ref)
    entry = session.scalars(select(EntreeJournal).order_by(EntreeJournal.id.desc())).first()
    assert entry is not None
    assert entry.action == "comptes:session:changer_de_profil"


def test_signing_in_again_starts_where_one_was(
    session: Session, clock: FixedClock, adhesion: Adhesion, factories: SimpleNamespace
) -> None:
    other = factories.Adhesion(personne=adhesion.personne)
    first = opened(session, clock, adhesion, adhesion_ref=other.ref)
    clock.instant += timedelta(minutes=31)
    second = opened(session, clock, adhesion)
    third = opened(session, clock, adhesion, adhesion_ref=adhesion.ref)
    stranger = factories.Adhesion()
    fourth = opened(session, clock, adhesion, adhesion_ref=stranger.ref)
    refs = [getattr(actor(session, clock, t), "adhesion_ref", None) for t in (first, second, third, fourth)]
    assert refs[:3] == [None, other.ref, adhesion.ref]
    assert refs[3] in (other.ref, adhesion.ref)


def test_rotation_ends_the_previous_session_and_keeps_its_profile(
    session: Session, clock: FixedClock, adhesion: Adhesion, factories: SimpleNamespace
) -> None:
    other = factories.Adhesion(personne=adhesion.personne)
    first = opened(session, clock, adhesion, adhesion_ref=other.ref)
    second = opened(session, clock, adhesion, previous=[first])
    assert actor(session, clock, first) is None
    assert getattr(actor(session, clock, second), "adhesion_ref", None) == other.ref


def test_without_the_second_factor_a_session_only_awaits_it(
    session: Session, clock: FixedClock, adhesion: Adhesion
) -> None:
    adhesion.personne.totp_active_le = clock.now()
    token = opened(session, clock, adhesion)
    assert actor(session, clock, token) is None
    waiting = sessions.awaiting(session, clock, token)
    assert waiting is not None
    assert (waiting.personne_id, waiting.enrolled) == (adhesion.personne_id, True)
    clock.instant += timedelta(minutes=10)
    assert sessions.awaiting(session, clock, token) is None
    full = opened(session, clock, adhesion, second_factor=True, previous=[token])
    assert actor(session, clock, full) is not None


def test_a_profile_that_requires_the_second_factor_is_not_offered_without_it(
    session: Session, clock: FixedClock, adhesion: Adhesion, factories: SimpleNamespace
) -> None:
    token = opened(session, clock, adhesion)
    strong = frozenset({adhesion.profil.value})
    assert actor(session, clock, token, strong_profiles=strong) is None
    factories.Adhesion(personne=adhesion.personne, profil=Profil.GESTIONNAIRE_STRUCTURE)
    found = actor(session, clock, token, strong_profiles=strong)
    assert found is not None
    assert found.profil is Profil.GESTIONNAIRE_STRUCTURE


def test_sessions_are_listed_and_ended(
    session: Session, clock: FixedClock, adhesion: Adhesion, factories: SimpleNamespace
) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    tokens = [
        sessions.open_session(session, clock, adhesion.personne_id, agent, second_factor=False)
        for _ in range(3)
    ]
    foreign = opened(session, clock, factories.Adhesion())
    mine = actor(session, clock, tokens[0])
    assert mine is not None
    listed = sessions.list_sessions(session, clock, mine, **LIMITS)
    assert [row.appareil for row in listed] == ["Firefox, Windows"] * 3
    ref = next(row.ref for row in listed if row.id != mine.session_id)
    sessions.close_by_ref(session, clock, mine, ref)
    assert sessions.close_others(session, clock, mine) == 1
    assert len(sessions.list_sessions(session, clock, mine, **LIMITS)) == 1
    other = session.scalars(
        select(SessionConnexion).where(SessionConnexion.personne_id != mine.personne_id)
    ).one()
    with pytest.raises(NotVisible):
        sessions.close_by_ref(session, clock, mine, other.ref)
    sessions.close(session, clock, mine)
    assert actor(session, clock, tokens[0]) is None
    assert actor(session, clock, foreign) is not None
