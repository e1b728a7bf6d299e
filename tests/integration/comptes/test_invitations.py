"""Invitations: a link that serves once."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.comptes import invitations, sessions
from portal.comptes.invitations import SaisieInvitation
from portal.comptes.models import Adhesion, InvitationCompte, Personne
from portal.comptes.queries import invitations as waiting
from portal.comptes.queries import team_of
from portal.comptes.territoire import OrganisationLue
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, NotVisible
from tests.integration.comptes import PASSWORD

TYPED = SaisieInvitation("Alix.Neuf@partenaire.example", "Alix", "Neuf", Profil.TRAVAILLEUR_SOCIAL, "22")


@pytest.fixture
def admin(actor_for: Callable[..., Actor]) -> Actor:
    return actor_for(Profil.ADMIN_ORGANISATION)


@pytest.fixture
def team(session: Session, admin: Actor) -> OrganisationLue:
    return team_of(session, admin)


@pytest.fixture
def invite(
    session: Session, clock: FixedClock, settings: Settings, admin: Actor, team: OrganisationLue
) -> Callable[..., str]:
    """Return a function that invites and gives the token that the e-mail carries."""

    def make(typed: SaisieInvitation = TYPED) -> str:
        invitations.invite(session, clock, settings, admin, team, typed)
        session.commit()
        return last_token(session)

    return make


def last_token(session: Session) -> str:
    body = session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc())).first()
    found = re.search(r"/invitation/([\w-]{43})", body or "")
    assert found is not None
    return found[1]


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code


def test_the_link_is_stored_hashed_and_shown_without_effect(
    session: Session, clock: FixedClock, invite: Callable[..., str]
) -> None:
    token = invite()
    row = session.scalars(select(InvitationCompte)).one()
    assert token != row.jeton_hash
    assert row.email == "alix.neuf@partenaire.example"
    for _ in range(2):
        seen = invitations.read(session, clock, token)
        assert seen is not None
        assert (seen.prenom, seen.profil, seen.compte) == ("Alix", Profil.TRAVAILLEUR_SOCIAL, False)
    assert invitations.read(session, clock, token[:-1]) is None
    journal = session.scalars(select(EntreeJournal)).all()
    assert [entry.action for entry in journal] == ["comptes:invitation:creer"]
    assert token not in str(journal[0].changements)


def test_accepting_creates_the_person_once(
    session: Session, clock: FixedClock, invite: Callable[..., str], team: OrganisationLue
) -> None:
    token = invite()
    code = refused(
        lambda: invitations.accept(session, clock, token, password="court", prenom="Alix", nom="Neuf")
    )
    assert code == "comptes.mot_de_passe_court"
    session.rollback()
    personne_id, ref = invitations.accept(session, clock, token, password=PASSWORD, prenom="Alix", nom="Neuf")
    opened = sessions.open_session(session, clock, personne_id, "", second_factor=False, adhesion_ref=ref)
    actor = sessions.actor_of(session, opened)
    assert actor is not None
    assert (actor.email, actor.organisation_id) == ("alix.neuf@partenaire.example", team.id)
    code = refused(
        lambda: invitations.accept(session, clock, token, password=PASSWORD, prenom="Alix", nom="Neuf")
    )
    assert code == "comptes.lien_perime"
    entry = session.scalars(select(EntreeJournal).where(EntreeJournal.action.endswith(":accepter"))).one()
    assert entry.personne_id == personne_id


def test_two_acceptances_at_once_make_one_account(
    database: Database, clock: FixedClock, invite: Callable[..., str]
) -> None:
    token = invite()
    with database.session() as slow:
        assert invitations.read(slow, clock, token) is not None
        slow.commit()
        with database.session(write=True) as quick:
            invitations.accept(quick, clock, token, password=PASSWORD, prenom="Alix", nom="Neuf")
            quick.commit()
        code = refused(
            lambda: invitations.accept(slow, clock, token, password=PASSWORD, prenom="Alix", nom="Neuf")
        )
    assert code == "comptes.lien_perime"


def test_someone_who_has_an_account_gains_a_membership(
    session: Session,
    clock: FixedClock,
    adhesion: Adhesion,
    factories: SimpleNamespace,
    invite: Callable[..., str],
) -> None:
    typed = SaisieInvitation(adhesion.personne.email, "Claude", "Modèle", Profil.GESTIONNAIRE_STRUCTURE, "22")
    token = invite(typed)
    seen = invitations.read(session, clock, token)
    assert seen is not None
    assert seen.compte
    code = refused(
        lambda: invitations.accept(session, clock, token, password=PASSWORD, prenom="Pi", nom="Rate")
    )
    assert code == "comptes.lien_perime"
    session.rollback()
    stranger = factories.Personne()
    session.commit()
    code = refused(lambda: invitations.accept_existing(session, clock, token, stranger.id))
    assert code == "comptes.autre_compte"
    session.rollback()
    invitations.accept_existing(session, clock, token, adhesion.personne_id)
    mine = session.scalars(select(Adhesion.profil).where(Adhesion.personne_id == adhesion.personne_id)).all()
    assert set(mine) == {Profil.OPERATEUR_DIRECTION, Profil.GESTIONNAIRE_STRUCTURE}


def test_a_closed_account_stays_closed(
    session: Session, clock: FixedClock, adhesion: Adhesion, invite: Callable[..., str]
) -> None:
    typed = SaisieInvitation(adhesion.personne.email, "Claude", "Modèle", Profil.GESTIONNAIRE_STRUCTURE, "22")
    token = invite(typed)
    adhesion.personne.desactivee_le = clock.now()
    session.commit()
    code = refused(lambda: invitations.accept_existing(session, clock, token, adhesion.personne_id))
    assert code == "comptes.sans_acces"


def test_an_organisation_closed_since_takes_nobody_in(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    admin: Actor,
    adhesion: Adhesion,
    invite: Callable[..., str],
    team: OrganisationLue,
) -> None:
    typed = SaisieInvitation(adhesion.personne.email, "Claude", "Modèle", Profil.GESTIONNAIRE_STRUCTURE, "22")
    known, new = invite(typed), invite()
    session.get_one(Organisation, team.id).fermee_le = clock.today("Europe/Paris")
    session.commit()
    code = refused(lambda: invitations.accept_existing(session, clock, known, adhesion.personne_id))
    assert code == "comptes.organisation_fermee"
    session.rollback()
    code = refused(
        lambda: invitations.accept(session, clock, new, password=PASSWORD, prenom="Alix", nom="Neuf")
    )
    assert code == "comptes.organisation_fermee"
    session.rollback()
    for row in waiting(session, admin, team):
        code = refused(lambda ref=row.ref: invitations.resend(session, clock, settings, admin, ref))
        assert code == "comptes.organisation_fermee"


def test_an_invitation_expires_and_may_be_sent_again(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    admin: Actor,
    team: OrganisationLue,
    invite: Callable[..., str],
) -> None:
    token = invite()
    ref = session.scalars(select(InvitationCompte.ref)).one()
    clock.instant += timedelta(days=settings.invitation_days)
    assert invitations.read(session, clock, token) is None
    assert invitations.expired(session, clock, token) == (team.nom, clock.instant)
    invitations.resend(session, clock, settings, admin, ref)
    session.flush()
    again = last_token(session)
    assert again != token
    assert invitations.read(session, clock, again) is not None
    assert invitations.expired(session, clock, again) is None
    assert invitations.read(session, clock, token) is None
    assert invitations.expired(session, clock, token) is None  # replaced: the newer link is the one to open


def test_an_invitation_may_be_cancelled(
    session: Session, clock: FixedClock, admin: Actor, team: OrganisationLue, invite: Callable[..., str]
) -> None:
    token = invite()
    (row,) = waiting(session, admin, team)
    invitations.revoke(session, clock, admin, row.ref)
    assert invitations.read(session, clock, token) is None
    assert waiting(session, admin, team) == []
    with pytest.raises(NotVisible):
        invitations.revoke(session, clock, admin, row.ref)


def test_ten_clicks_make_one_invitation(
    session: Session, clock: FixedClock, settings: Settings, admin: Actor, team: OrganisationLue
) -> None:
    for _ in range(10):
        invitations.invite(session, clock, settings, admin, team, TYPED, key="abcdefghijkl")
    assert session.scalar(select(func.count()).select_from(InvitationCompte)) == 1
    assert session.scalar(select(func.count()).select_from(MessageSortant)) == 1
    code = refused(lambda: invitations.invite(session, clock, settings, admin, team, TYPED))
    assert code == "comptes.invitation_en_cours"


def test_a_key_answers_to_its_author_only_and_while_they_may(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    admin: Actor,
    team: OrganisationLue,
    actor_for: Callable[..., Actor],
) -> None:
    made = invitations.invite(session, clock, settings, admin, team, TYPED, key="abcdefghijkl")
    colleague = actor_for(Profil.ADMIN_ORGANISATION, session.get_one(Organisation, admin.organisation_id))
    stranger = actor_for(Profil.ADMIN_ORGANISATION)
    for key in ("abcdefghijkl", made.ref):
        asked = partial(invitations.invite, session, clock, settings, typed=TYPED, key=key)
        assert refused(lambda asked=asked: asked(colleague, team)) == "comptes.invitation_en_cours"
        own = team_of(session, stranger)
        assert asked(stranger, own) is not made
        with pytest.raises(Forbidden):
            asked(stranger, team)
        invitations.revoke(
            session, clock, stranger, waiting(session, stranger, team_of(session, stranger))[0].ref
        )
    with pytest.raises(Forbidden):
        invitations.invite(
            session,
            clock,
            settings,
            replace(admin, profil=Profil.TRAVAILLEUR_SOCIAL),
            team,
            TYPED,
            key="abcdefghijkl",
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"profil": Profil.SIAO_DIRECTION}, "comptes.profil_non_accordable"),
        ({"profil": Profil.ADMIN_DEPARTEMENT}, "comptes.profil_non_accordable"),
        ({"departement_code": "75"}, "comptes.departement_non_accordable"),
        ({"email": "pas une adresse"}, "comptes.email_forme"),
        ({"nom": " "}, "obligatoire"),
        ({"langue": "xx"}, "comptes.langue_inconnue"),
    ],
    ids=lambda value: str(value),
)
def test_what_an_invitation_refuses(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    admin: Actor,
    team: OrganisationLue,
    change: dict[str, object],
    code: str,
) -> None:
    typed = SaisieInvitation(**{**TYPED.__dict__, **change})
    assert refused(lambda: invitations.invite(session, clock, settings, admin, team, typed)) == code


def test_a_foreign_organisation_is_not_seen(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    admin: Actor,
    actor_for: Callable[..., Actor],
    invite: Callable[..., str],
) -> None:
    invite()
    ref = session.scalars(select(InvitationCompte.ref)).one()
    stranger = actor_for(Profil.ADMIN_ORGANISATION)
    with pytest.raises(NotVisible):
        team_of(session, stranger, admin.organisation_ref)
    with pytest.raises(NotVisible):
        invitations.revoke(session, clock, stranger, ref)
    state = actor_for(Profil.ADMIN_DEPARTEMENT)
    team = team_of(session, state, admin.organisation_ref)
    with pytest.raises(DomainError):
        invitations.invite(session, clock, settings, state, team, TYPED)
    with pytest.raises(Forbidden):
        invitations.revoke(session, clock, state, ref)
    assert waiting(session, state, team) == []
    agent = actor_for(Profil.ETAT_AGENT)
    with pytest.raises(NotVisible):
        team_of(session, agent)


def test_the_state_opens_an_organisation_to_its_first_administrator(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
) -> None:
    state = actor_for(Profil.ADMIN_DEPARTEMENT)
    opened = factories.Organisation(dans=["75"])
    team = team_of(session, state, opened.ref)
    typed = SaisieInvitation("a@partenaire.example", "Alix", "Neuf", Profil.ADMIN_ORGANISATION, "22")
    invitations.invite(session, clock, settings, state, team, typed)
    elsewhere = SaisieInvitation("b@partenaire.example", "Alix", "Neuf", Profil.ADMIN_ORGANISATION, "75")
    code = refused(lambda: invitations.invite(session, clock, settings, state, team, elsewhere))
    assert code == "comptes.departement_non_accordable"


def test_the_first_administrator_is_made_by_command(
    session: Session, clock: FixedClock, settings: Settings, factories: SimpleNamespace
) -> None:
    state = factories.Organisation(type="etat")
    link = ""
    for _ in range(2):
        link = invitations.create_admin(
            session,
            clock,
            settings,
            email="chef@partenaire.example",
            prenom="Sacha",
            nom="Chef",
            profil=Profil.ADMIN_DEPARTEMENT,
            organisation_id=state.id,
            departement_code="22",
        )
    token = link.removeprefix(f"{settings.public_url}/invitation/")
    personne_id, _ref = invitations.accept(
        session, clock, token, password=PASSWORD, prenom="Sacha", nom="Chef"
    )
    assert session.get_one(Personne, personne_id).email == "chef@partenaire.example"
