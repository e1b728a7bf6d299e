"""The drill: back up by command, lose everything, restore by command, find everything again."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, text

from portal.config import Settings
from portal.shared.db import Database
from portal.tables import metadata
from tests.bench.serveur import fill, settings_for

pytestmark = pytest.mark.campaign
ENDED_BY_RESTORATION = {"session_connexion"}


def flask(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_VAR_DIR": str(settings.var_dir),
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def counts(settings: Settings) -> dict[str, int]:
    database = Database(settings.database_url)
    with database.session() as session:
        found = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            if table.name not in ENDED_BY_RESTORATION
        }
    database.dispose()
    return found


def lose_everything(settings: Settings) -> None:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        for path in settings.var_dir.glob("mesure*"):
            path.unlink()
    else:
        database = Database(url)
        with database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        database.dispose()
    shutil.rmtree(settings.files_path)
    shutil.rmtree(settings.var_dir / "cles", ignore_errors=True)


def test_the_drill(engine_name: str, tmp_path: Path, figure: Callable[[str, object], None]) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    settings = settings_for(engine_name, folder, 300)
    fill(settings, 300)
    kept = settings.files_path / "ab" / "piece"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"piece jointe")
    before = counts(settings)
    archive = tmp_path / "archive.tar.gz"
    saved = flask(settings, "sauvegarde", str(archive))
    assert saved.returncode == 0, saved.stderr
    figure("archive kB", archive.stat().st_size // 1024)

    refused = flask(settings, "restauration", str(archive))
    assert refused.returncode != 0
    lose_everything(settings)
    restored = flask(settings, "restauration", str(archive), "--remplacer")
    assert restored.returncode == 0, restored.stderr
    figure("rows", sum(before.values()))
    before["journal"] += 1  # the restoration itself is journalled
    assert counts(settings) == before
    assert kept.read_bytes() == b"piece jointe"
