"""axe-core finds nothing against WCAG 2.2 AA: every page, both languages, wide and narrow, dialogs open."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.conventions.enums import Statut
from tests.browser.constats import Constat, axe
from tests.browser.lignes import ligne
from tests.browser.serveur import Site
from tests.browser.visites import PILOTE_92, ROLES, Role


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.nom)
@pytest.mark.parametrize("langue", ["fr", "en"])
def test_axe_finds_nothing(constats: list[Constat], role: Role, langue: str) -> None:
    found = [
        f"{constat.vue.nom} : {one}"
        for constat in constats
        if constat.vue.role is role and constat.vue.langue == langue
        for one in constat.axe
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("statut", [Statut.EN_SIGNATURE, Statut.SIGNEE])
def test_axe_finds_nothing_in_the_dialogs(page_de: Callable[..., Page], site: Site, statut: Statut) -> None:
    page = page_de(PILOTE_92)
    page.goto(ligne(site, "92", statut))
    page.locator("main details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    assert not axe(page)
    links = page.locator("main [data-dialogue]")
    addresses = {links.nth(rank).get_attribute("href"): rank for rank in range(links.count())}
    assert len(addresses) > 2
    for rank in addresses.values():
        links.nth(rank).evaluate("(one) => one.click()")
        dialogue = page.locator("#dialogue-page")
        expect(dialogue).to_be_visible()
        assert not axe(page), links.nth(rank).inner_text()
        page.keyboard.press("Escape")
        expect(dialogue).to_be_hidden()


def test_axe_finds_nothing_in_what_opens_on_a_telephone(page_de: Callable[..., Page]) -> None:
    page = page_de(PILOTE_92, width=390)
    page.goto("/conventions")
    for name, opened in (("Menu", "#navigation"), ("Filtres", "#filtres-conventions-panneau")):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator(opened)).to_be_visible()
        assert not axe(page), name
        page.keyboard.press("Escape")
        expect(page.locator(opened)).to_be_hidden()
    page.locator("header details.menu summary").click()
    assert not axe(page)


def test_axe_finds_nothing_in_the_dialogs_of_the_session(page_de: Callable[..., Page], site: Site) -> None:
    page = page_de(PILOTE_92)
    page.clock.install()
    page.goto("/compte")
    page.clock.fast_forward(29 * 60_000)
    expect(page.get_by_role("dialog", name="Votre session va se fermer")).to_be_visible()
    page.clock.resume()
    assert not axe(page)
    page.clock.fast_forward(2 * 60_000)
    again = page.get_by_role("dialog", name="Reconnectez-vous pour continuer")
    expect(again.get_by_label("Adresse électronique")).to_be_visible()
    assert not axe(page)


def test_axe_sees_a_fault(page_de: Callable[..., Page], constats: list[Constat]) -> None:
    page = page_de(PILOTE_92)
    page.goto("/compte")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input>')")
    assert [one for one in axe(page) if one.startswith("label ")]
    assert {constat.vue.langue for constat in constats} == {"fr", "en"}
