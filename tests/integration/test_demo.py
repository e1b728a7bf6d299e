"""The demonstration: complete, plausible, plainly fictitious, and the same on both engines."""

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Column, func, make_url, select, text
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.comptes import acteurs
from portal.comptes.models import Adhesion, InvitationCompte, Personne
from portal.comptes.policies import PROFILS_NATURELS
from portal.config import Settings
from portal.conventions import queries
from portal.conventions.enums import Etat, Mode, Partie, Statut
from portal.conventions.filtres import Filtres
from portal.conventions.lignes import Ligne
from portal.conventions.models import Convention, ConventionDateCible, ConventionSignature
from portal.notifications.models import MessageSortant, StatutMessage
from portal.organisations import identifiants
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement, Structure
from portal.organisations.reference import load_reference
from portal.security.passwords import check_password
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.migrate import alembic_config
from portal.tables import metadata
from seeds.demo import chargeur
from seeds.demo.calendrier import Calendrier
from seeds.demo.organisations import ReferenceAbsente
from tests.factories import INSTANT

SETTINGS = Settings(environnement="test")
DEPARTEMENTS = {"22", "37", "69", "75", "92", "974"}
TELEPHONES = re.compile(r"(01 99 00|02 61 91|03 53 01|04 65 71|05 36 49|06 39 98) \d\d \d\d")
COMPTES = json.loads((Path(chargeur.__file__).parent / "comptes.json").read_text())


@pytest.fixture(scope="module")
def referenced(
    template: str, engine_name: str, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Database]:
    """A database of this module's own that holds the whole reference data."""
    if engine_name == "sqlite":
        path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
        shutil.copyfile(make_url(template).database or "", path)
        database = Database(f"sqlite:///{path}")
        _load_reference(database)
        yield database
        database.dispose()
        return
    server, name = make_url(os.environ["TEST_DATABASE_URL"]), f"portail_demo_{worker_id}_{os.getpid()}"
    admin = Database(server)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        database = Database(server.set(database=name))
        try:
            command.upgrade(alembic_config(database), "head")
            _load_reference(database)
            yield database
        finally:
            database.dispose()
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def _load_reference(database: Database) -> None:
    with database.session(write=True) as session:
        load_reference(session)
        session.commit()


@pytest.fixture(scope="module")
def later(referenced: Database) -> set[Etat]:
    """The states that a demonstration loaded well after the national deadline shows."""
    with referenced.session(write=True) as session:
        clock = FixedClock(datetime(2027, 6, 13, 22, tzinfo=UTC))  # already Monday at La Réunion
        chargeur.load(session, clock, SETTINGS)
        found = {line.etat for line in lines(session, clock)}
        session.rollback()
    return found


@pytest.fixture(scope="module")
def demo(referenced: Database, later: set[Etat]) -> Database:
    """The same database, with the demonstration loaded in March 2026."""
    with referenced.session(write=True) as session:
        chargeur.load(session, FixedClock(INSTANT), SETTINGS)
        session.commit()
    return referenced


@pytest.fixture
def base(demo: Database) -> Iterator[Session]:
    """A session on the demonstration; what a test writes is rolled back."""
    with demo.session(write=True) as session:
        yield session
        session.rollback()


def actor_of(session: Session, email: str) -> Actor:
    """Return the actor of an account, by its first membership."""
    actor = acteurs.of_person(
        session, session.scalars(select(Personne.id).where(Personne.email == email)).one()
    )
    assert actor is not None
    return actor


def lines(session: Session, clock: FixedClock | None = None) -> list[Ligne]:
    """Return every line as the State of its département reads it, in March 2026 by default."""
    pilotes = session.scalars(select(Adhesion).where(Adhesion.profil == Profil.ETAT_PILOTE)).all()
    found: list[Ligne] = []
    for adhesion in pilotes:
        actor = acteurs.of_membership(session, adhesion.id)
        assert actor is not None
        found += queries.exporter(session, clock or FixedClock(INSTANT), actor, Filtres())
    return found


def test_some_150_lines_in_every_departement(base: Session) -> None:
    found = lines(base)
    assert 145 <= len(found) <= 170
    par_departement = Counter(line.departement_code for line in found)
    assert par_departement.keys() == DEPARTEMENTS
    assert min(par_departement.values()) >= 15
    assert len(found) == base.scalar(select(func.count()).select_from(Convention))


def test_every_state_is_there_stored_and_computed(base: Session) -> None:
    found = lines(base)
    assert {line.etat for line in found} == set(Etat)
    assert {line.mode for line in found} == {*Mode, None}
    assert any(line.retard for line in found)
    assert any(line.a_renouveler for line in found)
    assert any(line.trou == 0 and line.suivante is Statut.SIGNEE for line in found)
    assert not any(line.trou for line in found)
    assert sum(0 < len(line.signatures) < len(Partie) for line in found) >= 3
    suspendues = [line for line in found if line.etat is Etat.SUSPENDUE]
    assert any((INSTANT - line.statut_depuis).days > 120 for line in suspendues)
    signees = [line for line in found if line.signee]
    assert {line.si_siao_copiee_le is None for line in signees} == {True, False}
    assert {bool(line.responsable) for line in found} == {True, False}
    assert all(line.natures for line in found)


def test_signatures_come_faster_each_year(base: Session) -> None:
    annees = Counter(line.date_signature.year for line in lines(base) if line.date_signature)
    assert 0 < annees[2022] < annees[2023] < annees[2024] < annees[2025]


def test_histories_are_told(base: Session) -> None:
    reasons = base.scalars(select(ConventionDateCible.motif)).all()
    assert len(reasons) >= 4
    assert all(reasons)
    assert all(base.scalars(select(ConventionSignature.signataire)))
    assert len(base.scalars(select(Convention.notes).where(Convention.notes != "")).all()) >= 5
    closed = base.scalars(select(Convention.motif).where(Convention.statut == Statut.SANS_OBJET)).all()
    assert closed
    assert all(closed)


def test_the_example_of_s0(base: Session) -> None:
    actor = actor_of(base, "direction@deux-rives.example")

    def on(day: str) -> list[Ligne]:
        clock = FixedClock(datetime.fromisoformat(f"{day}T12:00:00+00:00"))
        return list(queries.exporter(base, clock, actor, Filtres()))

    assert {line.departement_code for line in on("2026-03-02")} == {"75", "92"}
    for line in on("2026-12-12"):
        assert (line.date_signature, line.date_fin) == (date(2022, 12, 12), date(2026, 12, 12))
        assert line.etat is Etat.EN_VIGUEUR
    assert [line.etat for line in on("2026-12-13")] == [Etat.ECHUE, Etat.ECHUE]
    assert not any(line.a_renouveler for line in on("2025-12-11"))
    assert all(line.a_renouveler for line in on("2025-12-12"))


def test_every_profile_has_an_account_whose_organisation_fits(base: Session) -> None:
    rows = base.execute(select(Adhesion, Organisation.type).join(Organisation)).all()
    assert {adhesion.profil for adhesion, _type in rows if adhesion.departement_code == "22"} == set(Profil)
    autres = {
        Profil.ADMIN_TECHNIQUE: TypeOrganisation.AUTRE,
        Profil.ADMIN_DEPARTEMENT: TypeOrganisation.ETAT,
        Profil.INVITE_PONCTUEL: TypeOrganisation.SANTE,
    }
    for adhesion, kind in rows:
        assert adhesion.profil in PROFILS_NATURELS[kind.value] or autres[adhesion.profil] is kind
    for profil in (Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION, Profil.OPERATEUR_DIRECTION):
        assert len({a.departement_code for a, _type in rows if a.profil is profil}) >= 2
    assert max(Counter(a.personne_id for a, _type in rows).values()) >= 2


def test_the_accounts_shown_at_the_start_open(base: Session) -> None:
    personnes = {personne.email: personne for personne in base.scalars(select(Personne))}
    assert len({compte["libelle"] for compte in COMPTES}) == len(COMPTES)
    shown = [personnes[compte["email"]] for compte in COMPTES]
    (hashed,) = {personne.mot_de_passe for personne in shown}
    assert check_password(SETTINGS.demo_password, hashed)
    actors = [acteurs.of_person(base, personne.id) for personne in shown]
    assert None not in actors
    profils = set(
        base.scalars(select(Adhesion.profil).where(Adhesion.personne_id.in_(one.id for one in shown)))
    )
    assert profils == set(Profil)


def test_partners_of_every_kind(base: Session) -> None:
    par_type = Counter(base.scalars(select(Organisation.type)))
    assert par_type.keys() == set(TypeOrganisation)
    siaos = base.execute(
        select(Organisation.departement_code, Organisation.siren).where(
            Organisation.type == TypeOrganisation.SIAO
        )
    ).all()
    par_departement = Counter(code for code, _siren in siaos)
    assert par_departement.keys() == DEPARTEMENTS
    assert max(par_departement.values()) == 2
    operateurs = set(
        base.scalars(select(Organisation.siren).where(Organisation.type == TypeOrganisation.GESTIONNAIRE))
    )
    assert operateurs & {siren for _code, siren in siaos}, "one operator carries the SIAO"
    present = Counter(
        base.scalars(
            select(OrganisationDepartement.departement_code)
            .join(Organisation)
            .where(Organisation.type == TypeOrganisation.GESTIONNAIRE)
        )
    )
    assert all(12 <= present[code] <= 30 for code in DEPARTEMENTS)


def test_numbers_are_well_formed_and_belong_to_nobody(base: Session) -> None:
    for organisation in base.scalars(select(Organisation)):
        if organisation.siren:
            assert identifiants.read_siren(organisation.siren) < "000325175"
            assert identifiants.read_siret(organisation.siret or "").startswith(organisation.siren)
        if organisation.finess_ej:
            assert identifiants.read_finess(organisation.finess_ej)[2:4] == "99"
        assert TELEPHONES.fullmatch(organisation.telephone) or organisation.telephone == ""
    structures = base.scalars(select(Structure)).all()
    assert len(structures) > 150
    for structure in structures:
        assert structure.finess is None or identifiants.read_finess(structure.finess)[2:4] == "99"
        assert TELEPHONES.fullmatch(structure.telephone)
        assert structure.commune_code
        assert structure.places or structure.nature_a_qualifier
    assert all(TELEPHONES.fullmatch(number) for number in base.scalars(select(Personne.telephone)))


def test_no_address_could_reach_anyone(base: Session) -> None:
    seen = 0
    columns: list[Column[str]] = [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in ("email", "destinataire")
    ]
    for column in columns:
        for address in base.scalars(select(column).where(column.is_not(None), column != "")):
            assert address.endswith(".example")
            seen += 1
    assert seen > 300


def test_nothing_of_the_past_is_sent_now(base: Session) -> None:
    statuses = Counter(base.scalars(select(MessageSortant.statut)))
    assert statuses.keys() == {StatutMessage.ENVOYE}
    assert base.scalar(select(func.count()).select_from(InvitationCompte)) == 1


def test_the_journal_follows_time(base: Session) -> None:
    instants = base.scalars(select(EntreeJournal.le).order_by(EntreeJournal.id)).all()
    assert len(instants) > 1000
    assert list(instants) == sorted(instants)
    assert instants[-1] <= INSTANT


def test_scale_multiplies_lines_and_keeps_their_renewals(base: Session) -> None:
    replaced = select(func.count()).where(Convention.remplace_id.is_not(None))
    total = select(func.count()).select_from(Convention)
    before = base.scalar(total), base.scalar(replaced)
    chargeur.load(base, FixedClock(INSTANT), SETTINGS, scale=3)
    assert (base.scalar(total), base.scalar(replaced)) == tuple(3 * (number or 0) for number in before)


def test_loading_again_changes_nothing(base: Session) -> None:
    chargeur.load(base, FixedClock(INSTANT), SETTINGS)
    assert not base.new
    assert not base.dirty


def test_it_says_what_it_lacks(session: Session) -> None:
    with pytest.raises(ReferenceAbsente, match="22070"):
        chargeur.load(session, FixedClock(INSTANT), SETTINGS)


def test_never_in_production(session: Session) -> None:
    production = SETTINGS.model_copy(update={"environnement": "production"})
    with pytest.raises(ValueError, match="production"):
        chargeur.load(session, FixedClock(INSTANT), production)


def test_days_move_with_today() -> None:
    calendrier = Calendrier(date(2026, 11, 21))
    assert calendrier.jour(date(2022, 12, 12)) == date(2022, 12, 12)
    assert calendrier.jour("J-1") == date(2026, 11, 20)
    assert calendrier.jour("J-6") == date(2026, 11, 13)  # the Friday before a Sunday
    assert calendrier.jour("J+30") == date(2026, 12, 21)
    assert calendrier.jour("50 %") == date(2025, 12, 12)  # the same, since the opening
    with pytest.raises(ValueError, match="2026"):
        Calendrier(date(2025, 12, 31))


def test_it_can_be_loaded_later_too(later: set[Etat]) -> None:
    assert later == set(Etat)
