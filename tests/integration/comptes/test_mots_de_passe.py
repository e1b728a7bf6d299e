"""Choosing a password: by link, or by giving the present one."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.comptes import acteurs, mots_de_passe, sessions
from portal.comptes.connexion import Issue, record_failure, sign_in
from portal.comptes.models import Adhesion, JetonReinitialisation, SessionConnexion
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError
from tests.integration.comptes import ADDRESS, PASSWORD

NEW = "un autre mot de passe"


@pytest.fixture
def ask(session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion) -> Callable[[], str]:
    """Return a function that asks for a link and gives the token its e-mail carries."""

    def make() -> str:
        assert not mots_de_passe.request_reset(
            session, clock, settings, adhesion.personne.email, ADDRESS, "fr"
        )
        body = session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc())).first()
        found = re.search(r"/reinitialisation/([\w-]{43})", body or "")
        assert found is not None
        return found[1]

    return make


@pytest.fixture
def actor(session: Session, clock: FixedClock, adhesion: Adhesion) -> Actor:
    token = sessions.open_session(session, clock, adhesion.personne_id, "", second_factor=False)
    found = sessions.actor_of(session, token)
    assert found is not None
    return found


def test_the_link_serves_once_and_ends_every_session(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    adhesion: Adhesion,
    actor: Actor,
    ask: Callable[[], str],
) -> None:
    other, token = ask(), ask()
    assert mots_de_passe.read_reset(session, clock, token) is not None
    mots_de_passe.reset(session, clock, settings, token, NEW)
    assert session.scalars(select(SessionConnexion)).all() == []
    assert sign_in(session, clock, settings, adhesion.personne.email, NEW, ADDRESS).issue is Issue.OK
    for spent in (token, other):
        with pytest.raises(DomainError, match="lien_perime"):
            mots_de_passe.reset(session, clock, settings, spent, NEW)
    subjects = session.scalars(select(MessageSortant.sujet)).all()
    assert "Votre mot de passe a changé" in subjects
    entry = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action.endswith(":reinitialiser"))
    ).one()
    assert entry.personne_id == adhesion.personne_id


def test_a_link_expires(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion, ask: Callable[[], str]
) -> None:
    token = ask()
    clock.instant += timedelta(minutes=settings.reset_minutes)
    assert mots_de_passe.read_reset(session, clock, token) is None
    with pytest.raises(DomainError, match="lien_perime"):
        mots_de_passe.reset(session, clock, settings, token, NEW)


def test_a_refused_password_does_not_spend_the_link(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion, ask: Callable[[], str]
) -> None:
    token = ask()
    with pytest.raises(DomainError, match="mot_de_passe_court"):
        mots_de_passe.reset(session, clock, settings, token, "court")
    mots_de_passe.reset(session, clock, settings, token, NEW)


@pytest.mark.parametrize("closed", [False, True], ids=["unknown", "closed"])
def test_no_link_leaves_for_an_account_that_is_not_open(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion, closed: bool
) -> None:
    adhesion.personne.desactivee_le = clock.now()
    session.flush()
    email = adhesion.personne.email if closed else "personne@partenaire.example"
    assert mots_de_passe.request_reset(session, clock, settings, email, ADDRESS, "fr") == 0
    session.commit()
    assert session.scalars(select(MessageSortant)).all() == []
    assert session.scalars(select(JetonReinitialisation)).all() == []


@pytest.mark.parametrize("email", ["claude.modele@partenaire.example", "personne@partenaire.example"])
def test_links_are_not_sent_without_end(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion, email: str
) -> None:
    waits = [mots_de_passe.request_reset(session, clock, settings, email, ADDRESS, "fr") for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3] == settings.login_window_minutes * 60


def test_changing_it_ends_the_other_sessions(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion, actor: Actor
) -> None:
    sessions.open_session(session, clock, adhesion.personne_id, "", second_factor=False)
    right = mots_de_passe.confirm_password(session, clock, settings, actor, PASSWORD, ADDRESS)
    assert right.issue is Issue.OK
    with pytest.raises(DomainError, match="identique"):
        mots_de_passe.change_password(session, clock, settings, actor, PASSWORD, PASSWORD)
    mots_de_passe.change_password(session, clock, settings, actor, PASSWORD, NEW)
    assert session.scalars(select(SessionConnexion.id)).all() == [actor.session_id]


def test_guessing_the_present_one_is_slowed_down(
    session: Session, clock: FixedClock, settings: Settings, actor: Actor
) -> None:
    issues = []
    for _ in range(settings.login_attempts + 1):
        outcome = mots_de_passe.confirm_password(session, clock, settings, actor, "faux", ADDRESS)
        record_failure(session, clock, outcome)
        issues.append(outcome.issue)
    assert issues == [Issue.PRESENT_REFUSED] * settings.login_attempts + [Issue.THROTTLED]


def test_an_actor_is_rebuilt_from_a_membership(
    session: Session, clock: FixedClock, adhesion: Adhesion
) -> None:
    found = acteurs.of_membership(session, adhesion.id)
    assert found is not None
    assert found.session_id is None
    adhesion.revoquee_le = clock.now()
    session.flush()
    assert acteurs.of_membership(session, adhesion.id) is None
    assert acteurs.of_person(session, adhesion.personne_id) is None
