"""With the keyboard alone: everything is reached, the focus is seen, errors take it."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from portal.conventions.enums import Statut
from tests.browser.lignes import ligne
from tests.browser.serveur import Site
from tests.browser.visites import DEUX_PROFILS, PILOTE_75

# What the focused element shows of itself: an outline, or a shadow that it has not at rest.
FOCUS_IS_SEEN = """() => {
  const one = document.activeElement;
  const shown = getComputedStyle(one);
  const ring = shown.outlineStyle !== "none" && parseFloat(shown.outlineWidth) >= 2;
  const box = one.getBoundingClientRect();
  return (ring || shown.boxShadow !== "none") && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
}"""
FAR = 120  # presses of Tab before giving up


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press Tab until the target has the focus, which is visible all the way."""
    for _ in range(FAR):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press(key)
        assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    raise AssertionError(f"never reached: {target}")


def test_from_the_sign_in_to_a_line(context_for: Callable[..., BrowserContext], site: Site) -> None:
    page = context_for().new_page()
    page.goto("/connexion")
    tab_to(page, page.get_by_label("Adresse électronique"))
    page.keyboard.type(PILOTE_75.email)
    page.keyboard.press("Tab")
    page.keyboard.type("pas le bon")
    page.keyboard.press("Enter")
    expect(page.locator("[data-erreurs]")).to_be_focused()
    tab_to(page, page.get_by_label(re.compile("^Mot de passe")))
    page.keyboard.type(site.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/a-faire")
    tab_to(page, page.get_by_role("link", name="Aller au contenu"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.goto("/a-faire")
    tab_to(page, page.get_by_role("navigation").get_by_role("link", name="Conventions"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/conventions")
    tab_to(page, page.get_by_role("main").get_by_label("Rechercher"))
    page.keyboard.type("pont aux")
    expect(page).to_have_url(re.compile(r"q=pont(\+|%20)aux"))
    expect(page.get_by_role("main").get_by_label("Rechercher")).to_be_focused()
    opening = page.locator("#conventions tbody").get_by_role("link").first
    expect(opening).to_contain_text("Pont")
    tab_to(page, opening)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Pont")


def test_record_an_act(page_de: Callable[..., Page], site: Site) -> None:
    page = page_de(PILOTE_75)
    page.goto(ligne(site, "75", Statut.SUSPENDUE))
    opening = page.get_by_role("link", name="Déplacer", exact=True)
    tab_to(page, opening)
    page.keyboard.press("Enter")
    dialogue = page.get_by_role("dialog", name="Déplacer la date cible")
    expect(dialogue).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialogue).to_be_hidden()
    expect(opening).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialogue).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Déplacer la date cible"))
    page.keyboard.press("Enter")
    summary = page.locator("[data-erreurs]")
    expect(summary).to_be_focused()
    tab_to(page, summary.get_by_role("link", name=re.compile("Motif")))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Motif du report")).to_be_focused()
    page.keyboard.type("Au clavier")
    tab_to(page, page.get_by_label("Nouvelle date cible"), key="Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("03032027")
    tab_to(page, page.get_by_role("button", name="Déplacer la date cible"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("03/03/2027")


def test_a_date_that_does_not_exist_is_said_and_kept(page_de: Callable[..., Page], site: Site) -> None:
    """The browser holds what was typed, and would send nothing: not required, it would be lost unsaid."""
    page = page_de(PILOTE_75)
    address = ligne(site, "75", Statut.SUSPENDUE)
    page.goto(f"{address}/modifier")
    page.get_by_label("Mode de négociation").select_option("gre_a_gre")
    jour = page.get_by_label("Dialogue de gestion")
    jour.focus()
    page.keyboard.type("02302026")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page).to_have_url(re.compile("/modifier$"))
    expect(jour).to_be_focused()
    expect(jour).to_have_accessible_description(re.compile("Cette date est incomplète, ou n’existe pas."))
    assert jour.evaluate("(champ) => champ.validity.badInput")
    page.keyboard.press("Shift+Tab")
    jour.fill("2026-02-28")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page).to_have_url(re.compile(f"{address}$"))


def test_switch_profile(page_de: Callable[..., Page]) -> None:
    page = page_de(DEUX_PROFILS)
    page.goto("/a-faire")
    menu = page.locator("header details.menu")
    tab_to(page, menu.locator("summary"))
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, menu.get_by_role("button", name=re.compile("Association Maison Ligérienne")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_text("Vous avez changé de profil.")).to_be_visible()


def test_the_menu_of_a_telephone(page_de: Callable[..., Page]) -> None:
    page = page_de(PILOTE_75, width=390)
    page.goto("/a-faire")
    tab_to(page, page.get_by_role("button", name="Menu"))
    page.keyboard.press("Enter")
    expect(page.locator("#navigation")).to_be_visible()
    tab_to(page, page.locator("#navigation").get_by_role("link", name="Progression"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/progression")
