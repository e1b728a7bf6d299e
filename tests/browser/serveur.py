"""The served portal, and signing in to it as a person does."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Condition
from typing import Any

from flask import Flask
from playwright.sync_api import Page

from portal.jobs.runner import run_due
from portal.shared.clock import FixedClock
from portal.shared.db import Database


class EnCours:
    """How many requests the portal is serving: a page closed by a test may have just asked something."""

    def __init__(self, app: Flask) -> None:
        self._suite = app.wsgi_app
        self._nombre = 0
        self._change = Condition()
        app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self._compter(1)
        try:
            return self._suite(environ, start_response)
        finally:
            self._compter(-1)

    def _compter(self, combien: int) -> None:
        with self._change:
            self._nombre += combien
            self._change.notify_all()

    def attendre(self) -> None:
        """Wait until every request is served, and its connection back with the others."""
        with self._change:
            assert self._change.wait_for(lambda: self._nombre == 0, timeout=30)


@dataclass
class Site:
    """The served portal."""

    url: str
    app: Flask
    clock: FixedClock
    database: Database
    password: str
    en_cours: EnCours

    def travailler(self) -> None:
        """Run every job that waits: other tests of the same portal may have left some before ours."""
        while run_due(self.database, self.clock, self.app.extensions["portail_settings"]) is not None:
            pass


def sign_in(page: Page, site: Site, email: str) -> None:
    """Sign in by the form, as a person does."""
    page.goto("/connexion")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label(re.compile("^Mot de passe")).fill(site.password)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/a-faire")
