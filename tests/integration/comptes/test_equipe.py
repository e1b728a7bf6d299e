"""Memberships changed, withdrawn, reviewed; accounts closed; the second factor; what time undoes."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pyotp
import pytest
from cryptography.fernet import MultiFernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.comptes import (
    acteurs,
    adhesions,
    comptes,
    menage,
    mots_de_passe,
    queries,
    second_facteur,
    sessions,
)
from portal.comptes.models import (
    Adhesion,
    CodeSecours,
    InvitationCompte,
    JetonReinitialisation,
    PreferenceEnvoi,
    SessionConnexion,
)
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared import attentes
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from portal.shared.pagination import Cursor


@pytest.fixture
def admin(actor_for: Callable[..., Actor]) -> Actor:
    return actor_for(Profil.ADMIN_ORGANISATION)


@pytest.fixture
def colleague(session: Session, factories: SimpleNamespace, admin: Actor) -> Adhesion:
    made: Adhesion = factories.Adhesion(organisation_id=admin.organisation_id, departement_code="22")
    session.commit()
    return made


def test_changing_a_profile(session: Session, clock: FixedClock, admin: Actor, colleague: Adhesion) -> None:
    new = Profil.GESTIONNAIRE_STRUCTURE
    adhesions.change(session, clock, admin, colleague.ref, profil=new, departement_code="22", version=1)
    assert colleague.profil is new
    with pytest.raises(StaleVersion):
        adhesions.change(session, clock, admin, colleague.ref, profil=new, departement_code="22", version=1)
    with pytest.raises(DomainError, match="profil_non_accordable"):
        adhesions.change(
            session, clock, admin, colleague.ref, profil=Profil.ETAT_PILOTE, departement_code="22", version=2
        )
    entry = session.scalars(select(EntreeJournal)).one()
    assert entry.changements["profil"] == ["operateur_direction", "gestionnaire_structure"]
    assert session.scalars(select(MessageSortant.destinataire)).all() == [colleague.personne.email]


def test_withdrawing_an_access(
    session: Session, clock: FixedClock, admin: Actor, colleague: Adhesion
) -> None:
    token = sessions.open_session(session, clock, colleague.personne_id, "", second_factor=False)
    assert sessions.actor_of(session, token) is not None
    adhesions.revoke(session, clock, admin, colleague.ref, version=colleague.version)
    assert sessions.actor_of(session, token) is None
    with pytest.raises(NotVisible):
        adhesions.revoke(session, clock, admin, colleague.ref, version=colleague.version)


def test_nobody_withdraws_their_own_access_nor_a_stranger_s(
    session: Session,
    clock: FixedClock,
    admin: Actor,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
) -> None:
    with pytest.raises(Forbidden):
        adhesions.revoke(session, clock, admin, admin.adhesion_ref, version=1)
    stranger = factories.Adhesion()
    with pytest.raises(NotVisible):
        adhesions.revoke(session, clock, admin, stranger.ref, version=1)
    reader = actor_for(Profil.SIAO_DIRECTION)
    mate = factories.Adhesion(
        organisation_id=reader.organisation_id, departement_code="22", profil=Profil.SIAO_REGULATEUR
    )
    with pytest.raises(Forbidden):
        adhesions.revoke(session, clock, reader, mate.ref, version=1)
    with pytest.raises(Forbidden):
        adhesions.review(session, clock, reader, [mate.ref])


def test_the_same_profile_is_not_given_twice(
    session: Session, clock: FixedClock, admin: Actor, colleague: Adhesion, factories: SimpleNamespace
) -> None:
    other = factories.Adhesion(
        personne=colleague.personne,
        organisation_id=admin.organisation_id,
        departement_code="22",
        profil=Profil.TRAVAILLEUR_SOCIAL,
    )
    with pytest.raises(DomainError, match="deja_membre"):
        adhesions.change(
            session, clock, admin, other.ref, profil=colleague.profil, departement_code="22", version=1
        )


def reviews_due(session: Session, clock: FixedClock, actor: Actor) -> int:
    lues = attentes.lire(session, queries.attentes(session, clock, actor))
    return attentes.nombre(lues, queries.A_REVOIR)


def test_the_six_monthly_review(
    session: Session, clock: FixedClock, admin: Actor, colleague: Adhesion
) -> None:
    assert reviews_due(session, clock, admin) == 0
    colleague.verifiee_le = date(2025, 9, 2)
    session.flush()
    assert reviews_due(session, clock, admin) == 1
    assert menage.remind_reviews(session, clock) == 1
    assert menage.remind_reviews(session, clock) == 0
    message = session.scalars(select(MessageSortant)).one()
    assert message.destinataire == admin.email
    clock.instant += timedelta(days=30)
    assert menage.remind_reviews(session, clock) == 1
    assert adhesions.review(session, clock, admin, [colleague.ref, colleague.ref]) == 1
    assert colleague.verifiee_le == clock.today()
    assert reviews_due(session, clock, admin) == 0


def test_the_team_is_listed_by_name_page_after_page(
    session: Session, admin: Actor, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    for nom in ("Zola", "Éluard", "Apollinaire"):
        factories.Adhesion(organisation_id=admin.organisation_id, departement_code="22", personne__nom=nom)
    factories.Adhesion(personne__nom="Étrangère")
    team = queries.team_of(session, admin)
    first = queries.equipe(session, admin, team, size=2)
    assert first.rows[0].nom == "Apollinaire"
    second = queries.equipe(session, admin, team, Cursor.decode(first.next), size=2)
    names = [row.nom for row in (*first.rows, *second.rows)]
    assert len(names) == 4
    assert names.index("Éluard") < names.index("Zola")
    mine = next(row for row in (*first.rows, *second.rows) if row.personne_id == admin.personne_id)
    assert [queries.editable(admin, team, row) for row in (first.rows[0], mine)] == [True, False]
    state = actor_for(Profil.ADMIN_DEPARTEMENT)
    seen = queries.equipe(session, state, queries.team_of(session, state, admin.organisation_ref))
    assert [row.personne_id for row in seen.rows] == [admin.personne_id]


def test_merging_moves_the_accounts(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    state = actor_for(Profil.ADMIN_DEPARTEMENT)
    source, target = factories.Organisation(), factories.Organisation()
    both = factories.Adhesion(organisation=target)
    duplicate = factories.Adhesion(organisation=source, personne=both.personne)
    moved = factories.Adhesion(organisation=source)
    session.flush()
    assert adhesions.transfer(session, clock, state, source.id, target.id) == 1
    assert (moved.organisation_id, duplicate.revoquee_le) == (target.id, clock.now())


def test_one_corrects_one_s_own_data(session: Session, clock: FixedClock, admin: Actor) -> None:
    with pytest.raises(DomainErrors) as caught:
        comptes.update_identity(session, clock, admin, prenom=" ", nom="x" * 81, telephone="non", version=1)
    assert [error.field for error in caught.value.errors] == ["prenom", "nom", "telephone"]
    comptes.update_identity(
        session, clock, admin, prenom="Noé", nom="Été", telephone="02 96 00 00 00", version=1
    )
    me = queries.moi(session, admin)
    assert (me.tri, me.texte_recherche.split()[:2]) == ("ete noe", ["noe", "ete"])
    with pytest.raises(StaleVersion):
        comptes.update_identity(session, clock, admin, prenom="Noé", nom="Été", telephone="", version=1)
    comptes.update_preferences(
        session, clock, admin, langue="en", preference_envoi=PreferenceEnvoi.QUOTIDIEN, version=2
    )
    comptes.set_language(session, clock, admin, "fr")
    assert (me.langue, me.preference_envoi) == ("fr", PreferenceEnvoi.QUOTIDIEN)
    actions = session.scalars(select(EntreeJournal.action)).all()
    assert actions == ["comptes:personne:modifier"] * 3


def test_a_new_address_counts_once_its_owner_has_confirmed_it(
    session: Session, clock: FixedClock, settings: Settings, admin: Actor, factories: SimpleNamespace
) -> None:
    comptes.request_new_email(session, clock, settings, admin, "Neuve@partenaire.example")
    message = session.scalars(select(MessageSortant)).one()
    token = message.corps.split("/adresse/")[1].split()[0]
    assert message.destinataire == "neuve@partenaire.example"
    assert comptes.read_new_email(session, clock, token) == "neuve@partenaire.example"
    comptes.confirm_new_email(session, clock, token)
    assert queries.moi(session, admin).email == "neuve@partenaire.example"
    told = session.scalars(select(MessageSortant.destinataire).order_by(MessageSortant.id)).all()
    assert told == ["neuve@partenaire.example", admin.email]
    with pytest.raises(DomainError, match="lien_perime"):
        comptes.confirm_new_email(session, clock, token)


def test_a_new_password_spends_the_link_to_a_new_address(
    session: Session, clock: FixedClock, settings: Settings, admin: Actor
) -> None:
    comptes.request_new_email(session, clock, settings, admin, "intrus@ailleurs.example")
    token = session.scalars(select(MessageSortant)).one().corps.split("/adresse/")[1].split()[0]
    mots_de_passe.change_password(session, clock, settings, admin, "ancien", "un autre mot de passe")
    with pytest.raises(DomainError, match="lien_perime"):
        comptes.confirm_new_email(session, clock, token)


def test_a_new_address_that_is_someone_else_s_is_refused(
    session: Session, clock: FixedClock, settings: Settings, admin: Actor, factories: SimpleNamespace
) -> None:
    other = factories.Personne()
    comptes.request_new_email(session, clock, settings, admin, other.email)
    token = session.scalars(select(MessageSortant)).one().corps.split("/adresse/")[1].split()[0]
    with pytest.raises(DomainError, match="lien_perime"):
        comptes.confirm_new_email(session, clock, token)


def test_the_technical_administrator_closes_and_opens_accounts(
    session: Session, clock: FixedClock, admin: Actor, colleague: Adhesion, actor_for: Callable[..., Actor]
) -> None:
    technical = actor_for(Profil.ADMIN_TECHNIQUE)
    token = sessions.open_session(session, clock, colleague.personne_id, "", second_factor=False)
    ref = colleague.personne.ref
    with pytest.raises(NotVisible):
        comptes.deactivate(session, clock, admin, ref, version=1)
    with pytest.raises(Forbidden):
        comptes.deactivate(session, clock, technical, technical.personne_ref, version=1)
    comptes.deactivate(session, clock, technical, ref, version=1)
    assert sessions.actor_of(session, token) is None
    comptes.reactivate(session, clock, technical, ref, version=2)
    assert acteurs.of_person(session, colleague.personne_id) is not None
    found = queries.comptes(session, technical, f"{colleague.personne.nom} cami")
    assert [(row.ref, row.acces) for row in found.rows] == [(ref, 1)]
    with pytest.raises(NotVisible):
        queries.comptes(session, admin)


def test_the_second_factor_from_beginning_to_end(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    cipher: MultiFernet,
    adhesion: Adhesion,
    actor_for: Callable[..., Actor],
) -> None:
    personne_id = adhesion.personne_id
    token = sessions.open_session(session, clock, personne_id, "", second_factor=False)
    sessions.open_session(session, clock, personne_id, "", second_factor=False)
    actor = sessions.actor_of(session, token)
    assert actor is not None
    assert second_facteur.prepared(session, cipher, personne_id) is None
    for _ in range(2):
        second_facteur.start(session, clock, cipher, personne_id)
    prepared = second_facteur.prepared(session, cipher, personne_id)
    assert prepared is not None
    secret, uri = prepared
    assert secret in uri
    assert secret.encode() not in (adhesion.personne.totp_secret or b"")
    with pytest.raises(DomainError, match="code_refuse"):
        second_facteur.confirm(session, clock, cipher, personne_id, "000 00", session_id=actor.session_id)
    code = pyotp.TOTP(secret).at(clock.now())
    codes = second_facteur.confirm(session, clock, cipher, personne_id, code, session_id=actor.session_id)
    assert len(codes) == queries.codes_restants(session, personne_id) == 10
    assert session.scalars(select(SessionConnexion.id)).all() == [actor.session_id]
    limits = {"idle": timedelta(minutes=30), "absolute": timedelta(hours=12)}
    assert sessions.load(session, clock, token, **limits) is not None
    assert second_facteur.prepared(session, cipher, personne_id) is None
    assert set(second_facteur.renew_recovery_codes(session, clock, actor)).isdisjoint(codes)
    required = settings.model_copy(update={"totp_required_profiles": actor.profil.value})
    with pytest.raises(DomainError, match="second_facteur_requis"):
        second_facteur.disable(session, clock, required, actor)
    second_facteur.disable(session, clock, settings, actor)
    assert session.scalars(select(CodeSecours)).all() == []
    with pytest.raises(DomainError, match="second_facteur_absent"):
        second_facteur.renew_recovery_codes(session, clock, actor)
    second_facteur.start(session, clock, cipher, personne_id)
    again = second_facteur.prepared(session, cipher, personne_id)
    assert again is not None
    second_facteur.confirm(
        session, clock, cipher, personne_id, pyotp.TOTP(again[0]).at(clock.now()), session_id=actor.session_id
    )
    technical = actor_for(Profil.ADMIN_TECHNIQUE)
    session.refresh(adhesion.personne)
    comptes.remove_second_factor(
        session, clock, technical, adhesion.personne.ref, version=adhesion.personne.version
    )
    assert adhesion.personne.totp_active_le is None
    assert session.scalars(select(SessionConnexion)).all() == []


def test_what_no_longer_serves_is_deleted(
    database: Database, session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    now = clock.now()
    sessions.open_session(session, clock, adhesion.personne_id, "", second_factor=False)
    session.add(
        JetonReinitialisation(personne_id=adhesion.personne_id, jeton_hash="a", created_at=now, expire_le=now)
    )
    session.add(
        InvitationCompte(
            email="x@partenaire.example",
            prenom="X",
            nom="Y",
            organisation_id=adhesion.organisation_id,
            departement_code="22",
            profil=Profil.TRAVAILLEUR_SOCIAL,
            jeton_hash="b",
            expire_le=now,
            created_at=now,
            updated_at=now,
        )
    )
    session.flush()
    tables = (SessionConnexion, JetonReinitialisation, InvitationCompte)
    session.commit()
    left = []
    for days in (0, 1, 90):
        clock.instant = now + timedelta(days=days)
        menage.run_purge(database, clock, settings)
        session.rollback()
        left.append(tuple(len(session.scalars(select(table)).all()) for table in tables))
    assert left == [(1, 1, 1), (0, 0, 1), (0, 0, 0)]
