"""Long lists of choices: a box finds one; without scripts they are what they always were."""

import re
from collections.abc import Callable
from itertools import pairwise

from playwright.sync_api import Page, expect

from portal.security.permissions import Profil
from tests.browser.constats import axe
from tests.browser.test_clavier import tab_to
from tests.browser.visites import PILOTE_75, Role

Pages = Callable[..., Page]


def test_find_a_nature_among_the_filters(page_de: Pages) -> None:
    page = page_de(PILOTE_75)
    page.goto("/conventions")
    menu = page.locator("details.menu-choix", has=page.locator("summary", has_text="Nature"))
    tab_to(page, menu.locator("summary"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Chercher dans « Nature »")).to_be_focused()
    page.keyboard.type("residence accueil")
    expect(menu.get_by_role("checkbox")).to_have_count(1)
    expect(page.locator("#annonces")).to_have_text("1 choix")
    assert "nature" not in page.url
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("nature=RA(&|$)"))
    expect(menu.locator("summary")).to_contain_text("1 nature")
    expect(page.get_by_role("list", name="Filtres actifs")).to_contain_text("Résidence accueil")


def test_find_an_option_in_a_long_list(page_de: Pages) -> None:
    page = page_de(PILOTE_75)
    page.goto("/organisations")
    liste = page.get_by_label("Nature de dispositif", exact=True)
    boite = page.get_by_label("Chercher dans « Nature de dispositif »")
    repos = liste.bounding_box()
    tab_to(page, boite)
    page.keyboard.type("mandat gestion")
    expect(liste.get_by_role("option")).to_have_text(["Toutes", "Intermédiation locative, mandat de gestion"])
    assert "nature" not in page.url
    page.keyboard.press("Enter")
    expect(liste).to_be_focused()
    expect(liste).to_have_value("IML_MG")
    expect(page).to_have_url(re.compile("nature=IML_MG"))
    assert liste.bounding_box() == repos
    boite.fill("")
    assert liste.get_by_role("option").count() > 30
    assert liste.bounding_box() == repos
    expect(liste).to_have_value("IML_MG")


def test_an_unfolded_list_hides_nothing_and_lets_what_follows_be_clicked(page_de: Pages) -> None:
    page = page_de(PILOTE_75)
    page.goto("/organisations")
    page.get_by_label("Chercher dans « Nature de dispositif »").fill("e")
    unfolded = page.locator("select[size]")
    expect(unfolded).to_have_count(1)
    assert not axe(page)
    page.get_by_role("button", name="Filtrer", exact=True).click()
    expect(page).to_have_url(re.compile(r"/organisations\?q="))
    expect(unfolded).to_have_count(0)


def test_without_scripts_the_lists_are_whole(page_de: Pages) -> None:
    page = page_de(PILOTE_75, scripts=False)
    page.goto("/organisations")
    expect(page.locator(".filtre-choix")).to_have_count(0)
    page.goto("/conventions")
    expect(page.locator(".filtre-choix")).to_have_count(0)
    page.locator("summary", has_text="Nature").click()
    page.get_by_label("Pension de famille").check()
    page.get_by_label("Résidence accueil").check()
    page.get_by_role("button", name="Filtrer", exact=True).click()
    expect(page).to_have_url(re.compile("nature=PF&nature=RA"))
    expect(page.locator("summary", has_text="Nature")).to_contain_text("2 natures")


def test_a_card_unfolds_on_a_telephone(page_de: Pages) -> None:
    page = page_de(PILOTE_75, width=390, scripts=False)
    page.goto("/conventions")
    carte = page.locator("#conventions tbody tr").first
    expect(carte.locator(".etat")).to_be_visible()
    expect(carte.locator(".signatures")).to_be_hidden()
    tab_to(page, carte.locator("summary"))
    page.keyboard.press("Enter")
    expect(carte.locator(".signatures")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(carte.locator("summary")).to_be_hidden()
    expect(carte.locator(".signatures")).to_be_visible()


def test_nothing_runs_into_a_checkbox_or_off_the_screen_on_a_telephone(page_de: Pages) -> None:
    page = page_de(Role("pilote-22", "pilote@ddets-22.example", Profil.ETAT_PILOTE), width=390)
    page.goto("/conventions")
    assert (
        page.locator("#conventions tbody tr").evaluate_all(
            """lignes => lignes.filter((ligne) => {
            const boite = ligne.querySelector("input[type=checkbox]").getBoundingClientRect();
            return [...ligne.querySelector("th a").getClientRects()].some((r) => r.right > boite.left);
        }).map((ligne) => ligne.querySelector("th").textContent.trim())"""
        )
        == []
    )
    page.goto(f"/conventions?q={'é' * 200}")
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


def test_the_months_of_a_curve_are_read_apart_on_a_telephone(page_de: Pages) -> None:
    page = page_de(PILOTE_75, width=390)
    page.goto("/progression")
    cotes = page.locator(".graphique-trace text[text-anchor=middle]").evaluate_all(
        """mois => mois.map((m) => m.getBoundingClientRect()).filter((r) => r.width)
        .map((r) => [r.left, r.right])"""
    )
    assert len(cotes) > 1
    assert all(droite + 4 < gauche for (_g, droite), (gauche, _d) in pairwise(cotes))
