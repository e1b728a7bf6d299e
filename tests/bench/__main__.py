"""`make bench`: print the cost figures, one « name: value » a line.

Ratios are taken in one run on one server; `b` is a bare Flask + Jinja page with as many bytes. PostgreSQL
is measured too when TEST_DATABASE_URL is set. BENCH_LINES shortens the large database.
"""

import gzip
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import event

from portal import create_app
from portal.config import ROOT, Settings
from portal.security.permissions import Profil
from portal.shared.db import Database
from portal.shared.pagination import LAST_PAGE
from tests.bench import annuaire, finess, seance
from tests.bench.serveur import Client, cookie_for, fill, served, settings_for

LARGE = int(os.environ.get("BENCH_LINES", "100000"))
LIST = "/conventions"
FILTERED = "/conventions?etat=en_negociation&etat=projet&etat=a_engager&tri=echeance"
PAGES = ("/a-faire", LIST, FILTERED, "/progression", "/organisations", "/recherche?q=association", "/compte")
MB = 1_000_000
WORKERS = 2  # as an installation runs by default


def say(name: str, value: float | int) -> None:
    """Print one figure."""
    print(f"{name}: {value:.2f}" if isinstance(value, float) else f"{name}: {value}", flush=True)


def statements(
    settings: Settings, paths: tuple[str, ...], profil: Profil = Profil.ETAT_PILOTE
) -> dict[str, int]:
    """Return how many SQL statements each page takes, the BEGIN that SQLite is told aside (the driver of
    PostgreSQL sends its own, unseen)."""
    app = create_app(settings)
    database: Database = app.extensions["portail_database"]
    counted: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    client = app.test_client()
    name, value = cookie_for(settings, profil).split("=", 1)
    client.set_cookie(name, value, domain="localhost")
    found = {}
    for path in paths:
        client.get(path)
        counted.clear()
        assert client.get(path).status_code == 200, path
        found[path] = sum(not one.startswith("BEGIN") for one in counted)
    database.dispose()
    return found


def cold_load(client: Client, path: str) -> int:
    """Return the bytes of a first visit: the page and all it loads, compressed."""
    html = client.page(path).decode()
    total = len(gzip.compress(html.encode(), 6))
    links = set(re.findall(r'(?:src|href)="(/static/[^"?#]+)', html))
    for link in sorted(links):
        if not link.endswith((".css", ".js", ".svg", ".woff2", ".png")):
            continue
        body = (ROOT / link.lstrip("/")).read_bytes()
        total += len(body) if link.endswith((".woff2", ".png")) else len(gzip.compress(body, 9))
        if link.endswith(".css"):
            for inner in set(re.findall(r"url\(['\"]?(?:\.\./|/static/)([^)'\"?#]+)", body.decode())):
                data = (ROOT / "static" / inner).read_bytes()
                total += len(data) if inner.endswith(".woff2") else len(gzip.compress(data, 9))
    return total


def measure(engine: str, report: Callable[[str, float | int], None]) -> None:
    """Measure one engine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, medium, large = (settings_for(engine, folder, n) for n in (1000, 20000, LARGE))
        for settings, lines in ((small, 1000), (medium, 20000), (large, LARGE)):
            fill(settings, lines)
        few, many = statements(small, PAGES), statements(large, PAGES)
        for path in PAGES:
            report(f"{engine}.statements {path}", few[path])
            report(f"{engine}.statements_growth {path}", many[path] - few[path])
        with served(medium) as client:
            size = len(client.page(FILTERED))
            bare_page = f"/nu/{size}"
            bare_size = len(client.page(bare_page))
            ours, bare = client.compare(FILTERED, bare_page)
            report(f"{engine}.list_ms", ours * 1000)
            report(f"{engine}.bare_ms", bare * 1000)
            report(f"{engine}.bare_bytes", bare_size)
            report(f"{engine}.list_bytes", size)
            report(f"{engine}.list_vs_bare", bare / ours)
            report(f"{engine}.cold_load_bytes", cold_load(client, FILTERED))
        with served(medium, workers=WORKERS) as client:
            for _ in range(1000 * WORKERS):
                client.page(LIST)
            report(f"{engine}.worker_pss_mb", client.worker_pss() / MB)
        with served(small) as near, served(large) as far:
            paired = [(near.time(LIST), far.time(LIST)) for _ in range(120)][20:]
            near_s, far_s = (sorted(column)[len(paired) // 2] for column in zip(*paired, strict=True))
            report(f"{engine}.growth_1000_to_{LARGE}", far_s / near_s)
            last, first = far.compare(f"{LIST}?page={LAST_PAGE.encode()}", LIST, rounds=60)
            report(f"{engine}.last_page_vs_first", last / first)


def measure_annuaire(engine: str, report: Callable[[str, float | int], None]) -> None:
    """Measure the search of a large directory against the same entries found by their primary keys."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(engine, Path(folder), 2)
        fill(settings, 1)
        annuaire.prepare(settings, LARGE)
        asked = {word: f"/annuaire?q={quote(word)}" for word in (*annuaire.SELECTIVE, *annuaire.BROAD)}
        counted = statements(settings, tuple(asked.values()))
        with served(settings) as client:
            for word, path in asked.items():
                rows = client.page(path).count(b'<th scope="row">')
                found, by_key = client.compare(path, f"/annuaire?q=cle+{annuaire.FIRST}+{rows}", rounds=60)
                kind = "selective" if word in annuaire.SELECTIVE else "broad"
                report(f"{engine}.annuaire_{kind}_vs_key {word}", found / by_key)
                report(f"{engine}.annuaire_ms {word}", found * 1000)
                report(f"{engine}.annuaire_statements {word}", counted[path])


def measure_seance(engine: str, report: Callable[[str, float | int], None]) -> None:
    """Measure a session held with 60 dossiers and 30 members, followed by 40 people."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(engine, Path(folder), 3)
        page, papier = seance.prepare(settings).split()
        report(f"{engine}.seance_statements", statements(settings, (page,), Profil.SIAO_DIRECTION)[page])
        with served(settings, profil=Profil.SIAO_DIRECTION) as client:
            html = client.page(page)
            report(f"{engine}.seance_page_gzip_bytes", len(gzip.compress(html, 6)))
            found = re.search(rb'data-numero="(\d+)"', html)
            assert found is not None
            state = int(found[1])
            watch = {"X-Veille": "1", "HX-Request": "true"}
            written = seance.ecritures(settings)
            assert client.get(f"{page}/etat?n={state}", **watch) == (204, b"")
            poll = seance.cout(client, lambda: client.get(f"{page}/etat?n={state}", **watch), 300)
            report(f"{engine}.seance_poll_writes", seance.ecritures(settings) - written)
            before = seance.changer(settings)
            status, update = client.get(f"{page}/etat?n={before}&vue=projecteur", **watch)
            report(f"{engine}.seance_update_bytes", len(update))
            assert status == 200
            change = seance.cout(client, lambda: client.get(f"{page}/etat?n={before}", **watch), 60)
            paper = seance.cout(client, lambda: client.get(papier, **watch), 40)
            for name, value in (("poll", poll), ("change", change), ("paper", paper)):
                report(f"{engine}.seance_{name}_cpu_ms", value * 1000)
            report(f"{engine}.seance_40_followers_core_share", seance.part(poll, change, paper))


def measure_finess(engine: str, report: Callable[[str, float | int], None]) -> None:
    """Measure the import of an extraction: one line in seven of our field, as published, then every line."""
    for name, ours in (("finess", LARGE // 7), ("finess_all_ours", LARGE)):
        with tempfile.TemporaryDirectory() as folder:
            settings = settings_for(engine, Path(folder), 1)
            fill(settings, 1)
            path = Path(folder) / "finess.csv"
            path.write_text("\n".join(finess.lines(LARGE, ours)) + "\n")
            seconds, peak = finess.run_import(settings, path)
            report(f"{engine}.{name}_seconds", seconds)
            report(f"{engine}.{name}_peak_mb", peak / MB)


def main() -> int:
    """Measure every engine at hand."""
    for engine in ("sqlite", "postgresql"):
        if engine == "sqlite" or "TEST_DATABASE_URL" in os.environ:
            measure(engine, say)
            measure_annuaire(engine, say)
            measure_seance(engine, say)
            measure_finess(engine, say)
    return 0


sys.exit(main())
