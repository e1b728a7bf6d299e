"""Shared fixtures: a migrated database per test on either engine, a fixed clock, factories, actors."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic import command
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

import tests.factories as factories_module
from portal import create_app
from portal.comptes import sessions
from portal.comptes.models import Adhesion
from portal.config import Settings
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.migrate import alembic_config
from portal.tables import metadata
from tests.factories import INSTANT
from tests.reference import REFERENCE_TABLES, load_small_reference


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["sqlite", "postgresql"], default="sqlite")


@pytest.fixture(scope="session")
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--engine"))


@pytest.fixture(scope="session")
def template(engine_name: str, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """URL of a database migrated once per worker, holding the small reference data."""
    if engine_name == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('modele') / 'modele.sqlite3'}"
        _prepare(url)
        yield url
        return
    server = make_url(os.environ["TEST_DATABASE_URL"])
    name = f"portail_essai_{worker_id}_{os.getpid()}"
    admin = Database(server)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        url = server.set(database=name).render_as_string(hide_password=False)
        _prepare(url)
        yield url
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


def _prepare(url: str) -> None:
    database = Database(url)
    command.upgrade(alembic_config(database), "head")
    with database.session(write=True) as session:
        load_small_reference(session)
        session.commit()
    if database.is_sqlite:
        with database.engine.connect() as connection:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()


@pytest.fixture(scope="session")
def _shared_postgres(template: str, engine_name: str) -> Iterator[Database | None]:
    database = Database(template) if engine_name == "postgresql" else None
    yield database
    if database is not None:
        database.dispose()


@pytest.fixture
def database(template: str, tmp_path: Path, _shared_postgres: Database | None) -> Iterator[Database]:
    """A database of the test's own, with real commits: a copied file, or emptied after on PostgreSQL."""
    if _shared_postgres is not None:
        yield _shared_postgres
        _empty(_shared_postgres)
        return
    path = tmp_path / "portail.sqlite3"
    source = make_url(template).database
    assert source is not None
    shutil.copyfile(source, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


def _empty(database: Database) -> None:
    """Delete every row but the reference data, triggers and foreign keys set aside."""
    tables = [t.name for t in metadata.sorted_tables if t.name not in REFERENCE_TABLES]
    statements = "; ".join(f"DELETE FROM {name}" for name in reversed(tables))
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statements))


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """An open write session; commit in it what another session must see."""
    with database.session() as session:
        yield session


@pytest.fixture
def clock() -> FixedClock:
    """Monday 2 March 2026, 10:00 in Paris; move it with `clock.instant = …`."""
    return FixedClock(INSTANT)


@pytest.fixture
def factories(session: Session) -> SimpleNamespace:
    """The factories, bound to the test's session: `factories.Convention(...)`."""
    for one in factories_module.ALL:
        one._meta.sqlalchemy_session = session
    return SimpleNamespace(**{one.__name__.removesuffix("Factory"): one for one in factories_module.ALL})


@pytest.fixture
def actor_for(factories: SimpleNamespace) -> Callable[..., Actor]:
    """Return a function (profil, organisation) → Actor, with a real person and membership behind it."""

    def make(profil: Profil, organisation: Organisation | None = None) -> Actor:
        organisation = organisation or factories.Organisation(type=_natural_type(profil))
        adhesion: Adhesion = factories.Adhesion(profil=profil, organisation=organisation)
        return Actor(
            personne_id=adhesion.personne_id,
            personne_ref=adhesion.personne.ref,
            nom=adhesion.personne.nom_complet,
            email=adhesion.personne.email,
            adhesion_id=adhesion.id,
            adhesion_ref=adhesion.ref,
            profil=profil,
            organisation_id=organisation.id,
            organisation_ref=organisation.ref,
            organisation_nom=organisation.nom,
            organisation_type=organisation.type.value,
            departement_code=adhesion.departement_code,
            departements=tuple(sorted(d.departement_code for d in organisation.departements)),
        )

    return make


def _natural_type(profil: Profil) -> TypeOrganisation:
    prefix = profil.value.split("_")[0]
    return {
        "etat": TypeOrganisation.ETAT,
        "siao": TypeOrganisation.SIAO,
        "bailleur": TypeOrganisation.BAILLEUR,
        "collectivite": TypeOrganisation.COLLECTIVITE,
        "reservataire": TypeOrganisation.RESERVATAIRE,
        "tete": TypeOrganisation.TETE_DE_RESEAU,
    }.get(prefix, TypeOrganisation.ETAT if "departement" in profil.value else TypeOrganisation.GESTIONNAIRE)


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One application per worker (templates are compiled once); `app` gives it the test's database."""
    settings = Settings(
        environnement="test",
        var_dir=tmp_path_factory.mktemp("var"),
        database_url="sqlite://",
        public_url="http://localhost",
    )
    settings.files_path.mkdir(parents=True)
    return create_app(settings)


@pytest.fixture
def app(shared_app: Flask, database: Database, clock: FixedClock) -> Flask:
    """The application on the test's database and clock, CSRF protection off (it has tests of its own)."""
    shared_app.extensions["portail_database"] = database
    shared_app.extensions["portail_clock"] = clock
    shared_app.config["WTF_CSRF_ENABLED"] = False
    return shared_app


@pytest.fixture
def client_for(app: Flask, session: Session, clock: FixedClock) -> Callable[..., FlaskClient]:
    """Return a function actor → client signed in as that actor (None: nobody)."""

    def make(actor: Actor | None = None) -> FlaskClient:
        client = app.test_client()
        if actor is not None:
            token = sessions.open_session(
                session,
                clock,
                actor.personne_id,
                "Essai",
                second_factor=True,
                adhesion_ref=actor.adhesion_ref,
            )
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
        session.commit()
        return client

    return make
