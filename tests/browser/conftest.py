"""A real Chromium on the portal served with the demonstration, on the loopback."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from portal import create_app
from portal.config import Settings
from portal.demarrage import prepare
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.browser.constats import Visite, constater
from tests.browser.serveur import Site
from tests.browser.visites import ROLES, Role, choisir, client_of, cookie_of, en_anglais, meubler, vues

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser; run it where the demonstration is already loaded."""
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("navigateur"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("no Chromium, and REQUIRE_BROWSER=1")
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, served as `make run` would, at a fixed instant."""
    folder: Path = tmp_path_factory.mktemp("site")
    settings = Settings(environnement="demonstration", var_dir=folder)
    clock = FixedClock(NOW)
    database = Database(settings.database_url)
    prepare(database, clock, settings, say=lambda _text: None)
    app = create_app(settings, database=database, clock=clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", app, clock, database, settings.demo_password)
    server.shutdown()
    thread.join()
    server.server_close()
    database.dispose()


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
        context.set_default_timeout(10_000)
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
def horloge(site: Site) -> Iterator[FixedClock]:
    """The clock of the portal, to be moved; it goes back afterwards."""
    yield site.clock
    site.clock.instant = NOW


@pytest.fixture(scope="session")
def visite(browser: Browser, site: Site) -> Visite:
    """Every page, as everyone; those chosen, opened in French then in English."""
    objets = meubler(site)
    toutes = [vue for role in ROLES for vue in vues(site, objets, role)]
    choisies = choisir(toutes)
    anglaises = list(en_anglais(site, choisies))
    return Visite([*toutes, *anglaises], list(constater(browser, site, [*choisies, *anglaises])))
