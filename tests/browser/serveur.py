"""The served portal, and signing in to it as a person does."""

import re
from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Page

from portal.jobs.runner import run_due
from portal.shared.clock import FixedClock
from portal.shared.db import Database


@dataclass
class Site:
    """The served portal."""

    url: str
    app: Flask
    clock: FixedClock
    database: Database
    password: str

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
