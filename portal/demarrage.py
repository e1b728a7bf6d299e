"""First start: migrations, reference and demonstration data; nothing is done twice."""

import fcntl
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EtatTechnique
from portal.config import ROOT, Settings
from portal.conventions.modeles.chargement import load_models
from portal.grilles.chargement import load_grid
from portal.organisations import reference
from portal.security import coffre
from portal.shared.clock import Clock
from portal.shared.db import Database
from portal.shared.migrate import alembic_config
from seeds.demo.chargeur import DemonstrationRefusee
from seeds.demo.chargeur import load as load_demo_data

REFERENCE_DONE = "reference_chargee"
DEMO_DONE = "demonstration_chargee"


def prepare(database: Database, clock: Clock, settings: Settings, *, say: Callable[[str], None]) -> None:
    """Bring an installation to the state where it can serve; quick and harmless when it already is."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    settings.files_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.var_dir / "demarrage.verrou").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command.upgrade(alembic_config(database), "head")
        with database.session() as session:
            done = set(session.scalars(select(EtatTechnique.cle)))
        if REFERENCE_DONE not in done:
            say("Chargement des données de référence…")
            load_reference(database)
        if settings.environnement == "demonstration" and (
            DEMO_DONE in done or _load_demo_if_empty(database, clock, settings, say)
        ):
            _say_demo_accounts(settings, say)
        _publish_models(database, clock)


def load_reference(database: Database) -> None:
    """Load the reference data and remember it, in one transaction."""
    with database.session(write=True) as session:
        reference.load_reference(session)
        _remember(session, REFERENCE_DONE)
        session.commit()


def _publish_models(database: Database, clock: Clock) -> None:
    """Publish the models that came with this version of the code; nothing when they are already there."""
    with database.session(write=True) as session:
        load_models(session, clock)
        load_grid(session, clock)
        session.commit()


def load_demo(database: Database, clock: Clock, settings: Settings, scale: int = 1) -> None:
    """Load the demonstration and remember it, in one transaction."""
    coffre.installer(database, settings)  # its households are encrypted
    with database.session(write=True) as session:
        load_demo_data(session, clock, settings, scale=scale)
        _remember(session, DEMO_DONE)
        session.commit()


def _load_demo_if_empty(
    database: Database, clock: Clock, settings: Settings, say: Callable[[str], None]
) -> bool:
    """Load the demonstration; return False where conventions of one's own leave it no place, and say so."""
    say("Chargement des données de démonstration…")
    try:
        load_demo(database, clock, settings)
    except DemonstrationRefusee as refusal:
        say(str(refusal))
        return False
    return True


def _remember(session: Session, key: str) -> None:
    if session.get(EtatTechnique, key) is None:
        session.add(EtatTechnique(cle=key, valeur="oui"))


def _say_demo_accounts(settings: Settings, say: Callable[[str], None]) -> None:
    accounts = json.loads((ROOT / "seeds" / "demo" / "comptes.json").read_text())
    say(f"Comptes de démonstration (mot de passe : {settings.demo_password}) :")
    for account in accounts:
        say(f"  {account['email']:<44} {account['libelle']}")


def check_migrations() -> None:
    """Raise when there are several heads or when models and migrations differ."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'controle.sqlite3'}")
        config = alembic_config(database)
        heads = ScriptDirectory.from_config(config).get_heads()
        if len(heads) != 1:
            raise SystemExit(f"plusieurs têtes de migration : {heads}")
        command.upgrade(config, "head")
        command.check(config)
        database.dispose()
