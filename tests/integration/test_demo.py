"""The demonstration: complete, plausible, plainly fictitious, and the same on both engines."""

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import Column, func, inspect, make_url, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import create_app, demarrage
from portal.audit.models import EntreeJournal, EtatTechnique
from portal.comptes import acteurs, sessions
from portal.comptes.models import Adhesion, InvitationCompte, Personne
from portal.comptes.policies import PROFILS_NATURELS
from portal.config import Settings
from portal.conventions import queries
from portal.conventions.enums import Etat, Mode, Partie, Statut
from portal.conventions.filtres import Filtres
from portal.conventions.lignes import Ligne
from portal.conventions.modeles import queries as modeles
from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.modeles.models import VersionDepartementale
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
from tests.bases import without_waiting
from tests.conftest import COFFRE
from tests.factories import INSTANT
from tests.integration.web_conventions.conftest import comptees

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
        database = without_waiting(Database(f"sqlite:///{path}"))
        database.info["coffre"] = COFFRE
        _load_reference(database)
        yield database
        database.dispose()
        return
    server, name = make_url(os.environ["TEST_DATABASE_URL"]), f"portail_demo_{worker_id}_{os.getpid()}"
    admin = Database(server)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        database = Database(server.set(database=name))
        database.info["coffre"] = COFFRE
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
        if column.name in ("email", "destinataire") and table.name != "autorisation"  # there, a name
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
    with pytest.raises(chargeur.DemonstrationRefusee, match="production"):
        chargeur.load(session, FixedClock(INSTANT), production)


def test_never_beside_other_conventions(session: Session, factories: SimpleNamespace) -> None:
    factories.Convention()
    with pytest.raises(chargeur.DemonstrationRefusee, match="déjà ses conventions"):
        chargeur.load(session, FixedClock(INSTANT), SETTINGS)


def test_a_portal_with_its_own_conventions_starts_without_the_demonstration(
    database: Database, session: Session, clock: FixedClock, factories: SimpleNamespace, tmp_path: Path
) -> None:
    factories.Convention()
    session.add(EtatTechnique(cle=demarrage.REFERENCE_DONE, valeur="oui"))
    session.commit()
    settings = Settings(environnement="demonstration", var_dir=tmp_path / "var")
    for _start in range(2):
        said: list[str] = []
        demarrage.prepare(database, clock, settings, say=said.append)
        assert "déjà ses conventions" in said[-1]
        assert not any("mot de passe" in text for text in said)
    session.rollback()
    assert session.scalar(select(func.count(Convention.id))) == 1
    assert session.scalar(select(Personne.id).where(Personne.email == COMPTES[0]["email"])) is None


@pytest.mark.parametrize(
    ("command_line", "refusal"),
    [
        (["seed", "demo"], chargeur.DemonstrationRefusee("La base a déjà ses conventions.")),
        (["serve", "--port", "8031"], ReferenceAbsente("La commune 22070 manque.")),
    ],
)
def test_commands_say_why_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command_line: list[str], refusal: Exception
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise refusal

    monkeypatch.setattr(demarrage, "prepare", refuse)
    monkeypatch.setattr(demarrage, "load_demo", refuse)
    app = create_app(Settings(environnement="test", var_dir=tmp_path))
    done = app.test_cli_runner().invoke(args=command_line)
    assert (done.exit_code, done.output) == (1, f"Error: {refusal}\n")


def test_the_first_command_of_a_fresh_clone_makes_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORTAL_DATABASE_URL", raising=False)
    cle = Fernet.generate_key().decode()  # with keys of one's own, nothing else makes the folder
    settings = Settings(environnement="test", var_dir=tmp_path / "var", encryption_keys=cle, hash_key=cle)
    done = create_app(settings).test_cli_runner().invoke(args=["db", "upgrade", "001"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "var" / "portail.sqlite3").exists()


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ([], "n’a pas encore ses tables. Lancez d’abord : flask --app wsgi db upgrade"),
        (["db", "upgrade", "001"], "en retard sur le code. Sauvegardez-la, puis lancez : flask"),
    ],
)
@pytest.mark.parametrize("command_line", [["seed", "demo"], ["tick"], ["chiffrement", "tourner"]])
def test_commands_ask_for_the_migrations(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: list[str],
    said: str,
    command_line: list[str],
) -> None:
    """Each ended in a traceback of SQLAlchemy."""
    monkeypatch.delenv("PORTAL_DATABASE_URL", raising=False)
    run = create_app(Settings(environnement="test", var_dir=tmp_path)).test_cli_runner().invoke
    if before:
        assert run(args=before).exit_code == 0
    done = run(args=command_line)
    assert done.exit_code == 1
    assert done.output.startswith("Error: La base ")
    assert said in done.output


def test_commands_say_that_the_database_does_not_answer(tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path / 'absent' / 'portail.sqlite3'}"
    app = create_app(Settings(environnement="test", var_dir=tmp_path, database_url=nowhere))
    done = app.test_cli_runner().invoke(args=["tick"])
    assert done.exit_code == 1
    assert "La base ne répond pas ; vérifiez PORTAL_DATABASE_URL" in done.output


def test_a_migration_that_fails_says_why_and_not_to_migrate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upgrade(*_config: object) -> None:
        raise OperationalError("ALTER TABLE", {}, Exception("disk is full"))

    monkeypatch.delenv("PORTAL_DATABASE_URL", raising=False)
    monkeypatch.setattr("portal.cli.command.upgrade", upgrade)
    run = create_app(Settings(environnement="test", var_dir=tmp_path)).test_cli_runner().invoke
    done = run(args=["db", "upgrade"])
    assert "disk is full" in str(done.exception)
    assert "db upgrade" not in done.output
    nowhere = f"sqlite:///{tmp_path / 'absent' / 'portail.sqlite3'}"
    app = create_app(Settings(environnement="test", var_dir=tmp_path, database_url=nowhere))
    done = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert "La base ne répond pas" in done.output


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


def test_departements_stand_at_every_stage_of_their_green_version(base: Session) -> None:
    rows = base.execute(
        select(VersionDepartementale.departement_code, VersionDepartementale.statut).order_by(
            VersionDepartementale.departement_code, VersionDepartementale.numero
        )
    ).all()
    stages: dict[str, list[str]] = {}
    for code, statut in rows:
        stages.setdefault(code, []).append(statut.value)
    assert stages == {
        "22": ["publiee", "publiee"],
        "37": ["brouillon"],
        "69": ["brouillon"],
        "75": ["publiee", "brouillon"],
        "92": ["publiee"],
    }
    attendus = {
        version.departement_code: [p.nom for p in modeles.validations(base, version) if p.le is None]
        for version in base.scalars(
            select(VersionDepartementale).where(VersionDepartementale.statut == StatutVersion.BROUILLON)
        )
    }
    assert {code: len(noms) for code, noms in attendus.items()} == {"37": 1, "69": 1, "75": 2}
    assert {code for code in DEPARTEMENTS if modeles.adoption(base, code).acquise} == {"22", "37", "69", "75"}


@pytest.fixture
def copie(demo: Database, engine_name: str, tmp_path: Path) -> Iterator[Database]:
    """A copy of the demonstration, to migrate."""
    demo.dispose()
    if engine_name == "sqlite":
        path = tmp_path / "copie.sqlite3"
        shutil.copyfile(demo.url.database or "", path)
        database = without_waiting(Database(f"sqlite:///{path}"))
        database.info["coffre"] = COFFRE
        yield database
        database.dispose()
        return
    name = f"{demo.url.database}_copie"
    admin = Database(make_url(os.environ["TEST_DATABASE_URL"]))
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {demo.url.database}"))
        database = Database(demo.url.set(database=name))
        database.info["coffre"] = COFFRE
        try:
            yield database
        finally:
            database.dispose()
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def schema(database: Database) -> set[str]:
    """Return what the database is made of: columns, keys, checks, indexes, triggers."""
    with database.engine.connect() as connection:
        seen = inspect(connection)
        found = set()
        for table in seen.get_table_names():
            found |= {f"{table}.{c['name']} {c['type']} {c['nullable']}" for c in seen.get_columns(table)}
            found |= {f"{table} index {i['name']}" for i in seen.get_indexes(table)}
            found |= {f"{table} check {c['name']}" for c in seen.get_check_constraints(table)}
            found |= {f"{table} key {k['name']}" for k in seen.get_foreign_keys(table)}
        query = (
            "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
            if database.is_sqlite
            else "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
        )
        return found | {str(line) for line in connection.scalars(text(query))}


def counts(database: Database) -> dict[str, int]:
    """Return how many rows each table that is ours holds."""
    with database.engine.connect() as connection:
        there = set(inspect(connection).get_table_names()) & set(metadata.tables)
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in there}


OF_AVENANTS = {"texte_fige", "acte_signature"}
"""Tables that hold rows of avenants beside others, and lose them with the avenants."""


def test_every_migration_goes_down_and_up_again_on_the_demonstration(copie: Database) -> None:
    config = alembic_config(copie)
    before, rows = schema(copie), counts(copie)
    revisions = [revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()]
    for revision in revisions[1:]:
        command.downgrade(config, revision)
        left = counts(copie)
        lost = {name for name in left if left[name] != rows[name]}
        assert lost <= OF_AVENANTS, revision
    command.upgrade(config, "head")
    assert schema(copie) == before
    again = counts(copie)
    assert [again["organisation"], again["convention"]] == [rows["organisation"], rows["convention"]]
    command.downgrade(config, "base")
    assert counts(copie) == {}


def test_a_faire_stays_within_eight_statements_for_every_account(demo: Database, shared_app: Flask) -> None:
    clock = FixedClock(INSTANT)
    shared_app.extensions |= {"portail_database": demo, "portail_clock": clock}
    with demo.session(write=True) as session:
        adhesions = session.scalars(select(Adhesion).order_by(Adhesion.id)).all()
        tokens = [
            (
                one.profil,
                sessions.open_session(
                    session, clock, one.personne_id, "", second_factor=True, adhesion_ref=one.ref
                ),
            )
            for one in adhesions
        ]
        session.commit()
    for profil, token in tokens:
        client = shared_app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
        client.get("/a-faire")
        with comptees(demo) as dites:
            assert client.get("/a-faire").status_code == 200
        assert len([dite for dite in dites if not dite.startswith("BEGIN")]) <= 8, (profil, dites)
