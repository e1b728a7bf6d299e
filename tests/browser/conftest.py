"""A real Chromium on the portal served with the demonstration, on the loopback."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from portal import create_app
from portal.shared.clock import FixedClock
from tests.bases import share_templates
from tests.browser.compteur import Compteur
from tests.browser.constats import Constat, Visite, constater
from tests.browser.demonstration import NOW, Portail, modele_partage
from tests.browser.serveur import EnCours, Site
from tests.browser.visites import ROLES, Role, choisir, client_of, cookie_of, en_anglais, meubler, vues

# The headless shell first: the same engine, without windows to draw, takes a third of the processor.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000  # milliseconds that a busy machine may take; live pages ask every four seconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("no Chromium, and REQUIRE_BROWSER=1")
        pytest.skip("no Chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def portail(
    engine_name: str, tmp_path_factory: pytest.TempPathFactory, commun: Path, worker_id: str, testrun_uid: str
) -> Iterator[Portail]:
    """The demonstration, served as `make run` would, at a fixed instant."""
    with modele_partage(commun, engine_name, testrun_uid, worker_id) as modele:
        settings, database = modele.copier(tmp_path_factory.getbasetemp() / "site", worker_id)
        clock = FixedClock(NOW)
        app = create_app(settings, database=database, clock=clock)
        share_templates(app, commun / "gabarits")
        en_cours = EnCours(app)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield Portail(Site(url, app, clock, database, settings.demo_password, en_cours), modele)
        server.shutdown()
        thread.join()
        server.server_close()
        database.dispose()
        modele.retirer(database)


@pytest.fixture
def site(portail: Portail) -> Iterator[Site]:
    """The demonstration as it is at its first start: what a test does in it, the next does not see."""
    yield portail.site
    portail.revenir()


@pytest.fixture
def context_for(browser: Browser, site: Site) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function making a browser context: width, language, scripts."""
    opened: list[BrowserContext] = []

    def make(*, width: int = 1280, locale: str = "fr-FR", scripts: bool = True) -> BrowserContext:
        context = browser.new_context(
            base_url=site.url,
            viewport={"width": width, "height": 900},
            locale=locale,
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page_de(context_for: Callable[..., BrowserContext], site: Site) -> Callable[..., Page]:
    """Return a function role → a page of a new context, signed in as this role."""

    def make(role: Role, **options: Any) -> Page:
        context = context_for(**options)
        context.add_cookies(cookie_of(site, client_of(site, role)))
        return context.new_page()

    return make


@pytest.fixture
def horloge(site: Site) -> FixedClock:
    """The clock of the portal, to be moved; it goes back with the rest."""
    return site.clock


@pytest.fixture(scope="session")
def compteur(portail: Portail) -> Compteur:
    """How many SQL statements each page of the visit took."""
    return Compteur(portail.site, 8)


@pytest.fixture(scope="session")
def visite(browser: Browser, portail: Portail, compteur: Compteur, engine_name: str) -> Visite:
    """Every page, as everyone; those chosen, opened in French then in English.

    Chromium is shown those of SQLite alone: the pages do not depend on the engine.
    """
    site = portail.site
    objets = meubler(site)
    with compteur:
        toutes = [vue for role in ROLES for vue in vues(site, objets, role)]
    choisies = choisir(toutes)
    anglaises = list(en_anglais(site, objets, choisies))
    opened = [*choisies, *anglaises] if engine_name == "sqlite" else []
    visite = Visite([*toutes, *anglaises], list(constater(browser, site, objets, opened)))
    portail.revenir()
    return visite


@pytest.fixture
def constats(visite: Visite) -> list[Constat]:
    """What Chromium made of the pages that it opened."""
    if not visite.constats:
        pytest.skip("Chromium opens the pages of SQLite")
    return visite.constats
