"""A server of the bench: gunicorn as `make run` starts it, on a database filled for the measure."""

import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func, make_url, select, text

from portal import create_app
from portal.comptes import sessions
from portal.comptes.models import Adhesion, Personne
from portal.config import Settings
from portal.conventions.models import Convention
from portal.demarrage import prepare
from portal.security.permissions import Profil
from portal.shared.clock import SystemClock
from portal.shared.db import Database
from seeds.demo.volume import multiply

DEPARTEMENT = "22"


def free_port() -> int:
    """Return a port of the loopback that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fill(settings: Settings, lines: int) -> None:
    """Prepare the demonstration and multiply the lines of one département to about `lines`."""
    database = Database(settings.database_url)
    prepare(database, SystemClock(), settings, say=lambda _text: None)
    with database.session(write=True) as session:
        here = select(func.count()).where(Convention.departement_code == DEPARTEMENT)
        own = session.scalar(here) or 1
        multiply(session, datetime.now(UTC), max(1, round(lines / own)), DEPARTEMENT)
        session.commit()
    # What PostgreSQL does by itself in the minute that follows: the measure does not wait for it.
    upkeep = "ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"
    mode = {} if database.is_sqlite else {"isolation_level": "AUTOCOMMIT"}  # VACUUM wants no transaction
    with database.engine.connect().execution_options(**mode) as connection:
        connection.execute(text(upkeep))
        connection.commit()
    database.dispose()


def cookie_for(settings: Settings, profil: Profil) -> str:
    """Open a session for the demonstration's person of that profile and return its cookie."""
    app = create_app(settings)
    database: Database = app.extensions["portail_database"]
    with database.session(write=True) as session:
        adhesion = session.scalars(
            select(Adhesion)
            .join(Personne)
            .where(Adhesion.profil == profil, Adhesion.departement_code == DEPARTEMENT)
            .order_by(Adhesion.id)
        ).first()
        assert adhesion is not None
        token = sessions.open_session(
            session,
            SystemClock(),
            adhesion.personne_id,
            "Mesure",
            second_factor=True,
            adhesion_ref=adhesion.ref,
        )
        session.commit()
    database.dispose()
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'_user_id': token})}"


@contextmanager
def served(
    settings: Settings, *, workers: int = 1, profil: Profil = Profil.ETAT_PILOTE
) -> Iterator["Client"]:
    """Serve the bench's application with the options of production; stop it at the end."""
    port = free_port()
    environment = os.environ | {
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_VAR_DIR": str(settings.var_dir),
        "PORTAL_ENVIRONNEMENT": "demonstration",
        "PORTAL_WEB_WORKERS": str(workers),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.application", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        client = Client(port, cookie_for(settings, profil), process.pid)
        client.wait()
        yield client
    finally:
        process.terminate()
        process.wait(20)


class Client:
    """A client on the loopback, one request at a time. Like a browser, it carries the cookie it was given."""

    def __init__(self, port: int, cookie: str, pid: int) -> None:
        self.port, self.cookie, self.pid = port, cookie, pid

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Cookie": self.cookie, **headers})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        given = (response.getheader("Set-Cookie") or "").split(";")[0]
        if given.partition("=")[0] == self.cookie.partition("=")[0]:
            self.cookie = given
        return response.status, body

    def open_form(self, path: str) -> tuple[str, str]:
        """Return a page holding a form, and the cookie its CSRF token goes with."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Cookie": self.cookie})
        response = connection.getresponse()
        body = response.read().decode()
        assert response.status == 200, response.status
        cookie = (response.getheader("Set-Cookie") or self.cookie).split(";")[0]
        connection.close()
        return body, cookie

    def post(self, path: str, form: dict[str, str], cookie: str) -> tuple[int, str]:
        """Post a form; return the status and where it leads."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode(form), headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response.status, response.getheader("Location") or ""

    def wait(self) -> None:
        for _ in range(200):
            try:
                self.get("/healthz")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server does not answer")

    def page(self, path: str) -> bytes:
        status, body = self.get(path)
        assert status == 200, (path, status)
        return body

    def time(self, path: str) -> float:
        start = time.perf_counter()
        self.page(path)
        return time.perf_counter() - start

    def compare(self, path: str, other: str, rounds: int = 150) -> tuple[float, float]:
        """Return the median seconds of two pages asked in turn, after a warm-up."""
        for _ in range(15):
            self.page(path)
            self.page(other)
        pairs = [(self.time(path), self.time(other)) for _ in range(rounds)]
        return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)

    def worker_pss(self) -> int:
        """Return the proportional memory of the largest web worker, in bytes (Linux)."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(self._pss(child) for child in children)

    def _pss(self, pid: str) -> int:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024


def settings_for(engine: str, folder: Path, lines: int) -> Settings:
    """Return the settings of a bench database, made anew."""
    if engine == "sqlite":
        return Settings(var_dir=folder, database_url=f"sqlite:///{folder / f'mesure{lines}.sqlite3'}")
    server = make_url(os.environ["TEST_DATABASE_URL"])
    name = f"portail_mesure_{lines}"
    admin = Database(server)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return Settings(
        var_dir=folder, database_url=server.set(database=name).render_as_string(hide_password=False)
    )
