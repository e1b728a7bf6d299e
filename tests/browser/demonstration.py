"""The demonstration: loaded once for all the workers of a run, copied for each, put back after each test."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, make_url, text

from portal.config import Settings
from portal.demarrage import prepare
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.bases import without_waiting
from tests.browser.serveur import Site

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Modele:
    """A portal that holds the demonstration and that nobody opens: its keys, its files, its database.

    `serveur`: that of PostgreSQL, where its database is called `nom`; None on SQLite, a file of the folder.
    """

    dossier: Path
    serveur: URL | None
    nom: str

    def charger(self) -> None:
        """Load the demonstration, as a first start does."""
        if self.serveur is not None:
            _creer(self.serveur, self.nom)
        settings = _reglages(self.dossier, self.serveur, self.nom)
        database = _ouvrir(settings)
        prepare(database, FixedClock(NOW), settings, say=lambda _text: None)
        database.dispose()

    def oublier(self) -> None:
        """Take away the model."""
        shutil.rmtree(self.dossier)
        if self.serveur is not None:
            _supprimer(self.serveur, self.nom)

    def copier(self, dossier: Path, worker: str) -> tuple[Settings, Database]:
        """Return the settings and the database of a copy of a worker's own, in a folder to be made."""
        shutil.copytree(self.dossier, dossier)
        nom = f"{self.nom}_{worker}"
        if self.serveur is not None:
            _creer(self.serveur, nom, modele=self.nom)
        settings = _reglages(dossier, self.serveur, nom)
        return settings, _ouvrir(settings)

    def retirer(self, database: Database) -> None:
        """Take away a copy that nobody opens any more."""
        if self.serveur is not None:
            _supprimer(self.serveur, database.url.database or "")

    def remettre(self, database: Database) -> None:
        """Make a copy what the model is, whatever was written in it and whoever still reads it."""
        copie = database.url.database or ""
        if self.serveur is not None:
            database.dispose()
            _creer(self.serveur, copie, modele=self.nom)
            return
        with (
            closing(sqlite3.connect(self.dossier / "portail.sqlite3")) as raw,
            closing(sqlite3.connect(copie)) as own,
        ):
            own.execute("PRAGMA synchronous=OFF")
            raw.backup(own)


@dataclass(frozen=True)
class Portail:
    """The served portal of a worker, and the model that it goes back to."""

    site: Site
    modele: Modele

    def revenir(self) -> None:
        """Make it what it was at its first start, at the same instant."""
        self.site.en_cours.attendre()
        self.modele.remettre(self.site.database)
        self.site.clock.instant = NOW


@contextmanager
def modele_partage(commun: Path, engine: str, run: str, worker: str) -> Iterator[Modele]:
    """Yield the model of a run: loaded by the first worker that asks, taken away by the last that leaves.

    `commun`: a folder that the workers of the run share.
    """
    serveur = make_url(os.environ["TEST_DATABASE_URL"]) if engine == "postgresql" else None
    modele = Modele(commun / "demonstration", serveur, f"portail_site_{run[:8]}")
    present = commun / f"{worker}.present"
    with _verrou(commun):
        if not list(commun.glob("*.present")):
            modele.charger()
        present.touch()
    yield modele
    with _verrou(commun):
        present.unlink()
        if not list(commun.glob("*.present")):
            modele.oublier()


@contextmanager
def _verrou(commun: Path) -> Iterator[None]:
    with (commun / "demonstration.verrou").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _reglages(dossier: Path, serveur: URL | None, nom: str) -> Settings:
    url = "" if serveur is None else serveur.set(database=nom).render_as_string(hide_password=False)
    return Settings(environnement="demonstration", var_dir=dossier, database_url=url)


def _ouvrir(settings: Settings) -> Database:
    database = Database(settings.database_url)
    return without_waiting(database) if database.is_sqlite else database


def _creer(serveur: URL, nom: str, *, modele: str = "template1") -> None:
    _sur(
        serveur,
        f"DROP DATABASE IF EXISTS {nom} WITH (FORCE)",
        f"CREATE DATABASE {nom} TEMPLATE {modele}",
        f"ALTER DATABASE {nom} SET synchronous_commit = off",
    )


def _supprimer(serveur: URL, nom: str) -> None:
    _sur(serveur, f"DROP DATABASE IF EXISTS {nom} WITH (FORCE)")


def _sur(serveur: URL, *ordres: str) -> None:
    admin = Database(serveur)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for ordre in ordres:
            connection.execute(text(ordre))
    admin.dispose()
