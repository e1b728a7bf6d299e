"""Shared fixtures: a migrated database per test on either engine, a fixed clock, factories, actors."""

import gc
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from alembic import command
from cryptography.fernet import Fernet, MultiFernet
from flask import Flask, Response
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import tests.factories as factories_module
from portal import create_app
from portal.comptes import sessions
from portal.comptes.models import Adhesion
from portal.config import Settings
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.coffre import Coffre
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.migrate import alembic_config
from portal.tables import metadata
from tests.bases import share_statements, share_templates, without_waiting
from tests.factories import INSTANT
from tests.partage import Partage
from tests.reference import REFERENCE_TABLES, load_small_reference

COFFRE = Coffre(MultiFernet([Fernet(Fernet.generate_key())]), b"secret des essais")
"""One vault for the tests' sessions, those made before any application included."""


hypothesis_settings.register_profile("portail", deadline=None)  # a busy machine is slow, not wrong
hypothesis_settings.load_profile("portail")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["sqlite", "postgresql"], default="sqlite")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Partage:
    return Partage(config, log)


def pytest_collection_finish() -> None:
    """Leave the modules and the collected tests, which stay to the end, out of the search for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


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
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
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
def _shared(template: str) -> Iterator[Database]:
    """The template, open for the whole run: the database of the tests on PostgreSQL, else their model."""
    database = Database(template)
    assert database.answers()
    yield database
    database.dispose()


@pytest.fixture
def database(template: str, tmp_path: Path, _shared: Database) -> Iterator[Database]:
    """A database of the test's own, with real commits: a copied file, or emptied after on PostgreSQL."""
    if not _shared.is_sqlite:
        _shared.info["coffre"] = COFFRE
        yield _shared
        _empty(_shared)
        return
    path = tmp_path / "portail.sqlite3"
    shutil.copyfile(str(_shared.url.database), path)
    database = without_waiting(Database(f"sqlite:///{path}"))
    database.info["coffre"] = COFFRE
    share_statements(database, _shared)
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
def commun(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that the workers of a run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory, commun: Path) -> Flask:
    """One application per worker (templates are compiled once); `app` gives it the test's database."""
    settings = Settings(
        environnement="test",
        var_dir=tmp_path_factory.mktemp("var"),
        database_url="sqlite://",
        public_url="http://localhost",
    )
    settings.files_path.mkdir(parents=True)
    return share_templates(create_app(settings), commun / "gabarits")


@pytest.fixture
def app(shared_app: Flask, database: Database, clock: FixedClock) -> Flask:
    """The application on the test's database and clock, CSRF protection off (it has tests of its own)."""
    shared_app.extensions["portail_database"] = database
    shared_app.extensions["portail_clock"] = clock
    shared_app.config["WTF_CSRF_ENABLED"] = False
    return shared_app


class _Client(FlaskClient):
    """A client after whose requests the test's session reads anew.

    A reading left open on SQLite would go on showing the base as it was before the request.
    """

    session: Session

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request, then end what the test's session was reading."""
        try:
            return super().open(*args, **kwargs)
        finally:
            self.session.commit()


class _AsRead(TestResponse, Response):
    """An answer whose text is compared as it is read: no eye tells an unbreakable space from another."""

    def get_data(self, as_text: bool = False) -> Any:
        """Return the body."""
        data = super().get_data(as_text)
        return data.replace("\N{NO-BREAK SPACE}", " ") if isinstance(data, str) else data


@pytest.fixture
def client_for(app: Flask, session: Session, clock: FixedClock) -> Callable[..., FlaskClient]:
    """Return a function actor → client signed in as that actor (None: nobody)."""

    def make(actor: Actor | None = None) -> FlaskClient:
        client = _Client(app, _AsRead)
        client.session = session
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


@pytest.fixture
def logs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the portal logs, as the application set it up: its own stream is that of whoever started it."""
    written = io.StringIO()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(written), processors=structlog.get_config()["processors"]
    )
    for name, module in list(sys.modules.items()):
        if name.startswith("portal.") and hasattr(module, "log"):
            monkeypatch.setattr(module, "log", logger)
    return written
