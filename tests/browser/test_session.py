"""Nothing typed is lost: sessions that end, double clicks, two people on one line; pages that stay true."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from portal.conventions.enums import Statut
from portal.shared.clock import FixedClock
from tests.browser.lignes import ligne, nombre
from tests.browser.serveur import Site
from tests.browser.visites import PILOTE_92, SIAO_92

Pages = Callable[..., Page]
MINUTE = 60_000


def test_warned_before_the_end_one_stays_signed_in(page_de: Pages, site: Site, horloge: FixedClock) -> None:
    page = page_de(PILOTE_92)
    page.clock.install()
    page.goto(ligne(site, "92", Statut.PROJET) + "/modifier")
    page.get_by_label("Notes").fill("En cours de saisie")
    page.clock.fast_forward(29 * MINUTE)
    horloge.instant += timedelta(minutes=29)
    warning = page.get_by_role("dialog", name="Votre session va se fermer")
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("secondes")
    page.get_by_role("button", name="Rester connecté").click()
    expect(warning).to_be_hidden()
    horloge.instant += timedelta(minutes=29)
    page.clock.fast_forward(27 * MINUTE)
    expect(warning).to_be_hidden()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("main")).to_contain_text("En cours de saisie")


def test_signing_in_again_in_place_keeps_what_was_typed(
    page_de: Pages, site: Site, horloge: FixedClock
) -> None:
    page = page_de(PILOTE_92)
    page.clock.install()
    page.goto(ligne(site, "92", Statut.PROJET, 1) + "/modifier")
    page.get_by_label("Notes").fill("Une longue note, tapée avant la pause")
    horloge.instant += timedelta(minutes=40)
    page.clock.fast_forward(40 * MINUTE)
    again = page.get_by_role("dialog", name="Reconnectez-vous pour continuer")
    expect(again).to_be_visible()
    again.get_by_label("Adresse électronique").fill(PILOTE_92.email)
    again.get_by_label(re.compile("^Mot de passe")).fill("pas le bon")
    again.get_by_role("button", name="Se connecter").click()
    expect(again.locator("[data-erreurs]")).to_be_focused()
    again.get_by_label(re.compile("^Mot de passe")).fill(site.password)
    again.get_by_role("button", name="Se connecter").click()
    expect(again).to_be_hidden()
    expect(page.get_by_label("Notes")).to_have_value("Une longue note, tapée avant la pause")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".notes")).to_have_text("Une longue note, tapée avant la pause")


def test_a_form_sent_after_the_end_leaves_once_signed_in_again(
    page_de: Pages, site: Site, horloge: FixedClock
) -> None:
    """The portal's clock alone has moved: the page learns it from the answer to what it sends."""
    page = page_de(PILOTE_92)
    page.goto(ligne(site, "92", Statut.EN_NEGOCIATION))
    page.get_by_role("link", name="Déplacer", exact=True).click()
    page.get_by_label("Nouvelle date cible").fill("2027-01-20")
    page.get_by_label("Motif du report").fill("Tapé avant la fin de la session")
    horloge.instant += timedelta(minutes=40)
    page.get_by_role("button", name="Déplacer la date cible").click()
    expect(page.get_by_role("main").get_by_text("Tapé avant la fin de la session").first).to_be_visible()


def test_a_double_click_makes_one_line(page_de: Pages, site: Site) -> None:
    before = nombre(site, "92")
    page = page_de(PILOTE_92)
    page.goto("/conventions/nouvelle?q=peupliers")
    page.get_by_role("link", name=re.compile("Peupliers")).click()
    page.get_by_role("button", name="Ouvrir la ligne").dblclick()
    expect(page.get_by_role("main").get_by_text("La ligne est ouverte.")).to_be_visible()
    assert nombre(site, "92") == before + 1


def test_the_second_of_two_people_sees_both_versions(page_de: Pages, site: Site) -> None:
    address = ligne(site, "92", Statut.A_ENGAGER)
    first, second = page_de(PILOTE_92), page_de(SIAO_92)
    for page in (first, second):
        page.goto(address + "/modifier")
    first.get_by_label("Notes").fill("Ce que l’État a écrit")
    first.get_by_role("button", name="Enregistrer").click()
    expect(first.locator(".notes")).to_have_text("Ce que l’État a écrit")
    second.get_by_label("Notes").fill("Ce que le SIAO a écrit")
    second.get_by_role("button", name="Enregistrer").click()
    both = second.get_by_role("table", name="Les deux versions")
    expect(both).to_contain_text("Ce que l’État a écrit")
    expect(both).to_contain_text("Ce que le SIAO a écrit")
    expect(second.locator("[data-erreurs]").first).to_be_focused()
    expect(second.get_by_label("Notes")).to_have_value("Ce que le SIAO a écrit")
    second.get_by_label("Notes").fill("Les deux, réunis")
    second.get_by_role("button", name="Enregistrer").click()
    expect(second.locator(".notes")).to_have_text("Les deux, réunis")


def test_a_live_page_learns_what_another_did(page_de: Pages, site: Site, horloge: FixedClock) -> None:
    address = ligne(site, "92", Statut.A_ENGAGER, 1)
    watching, acting = page_de(SIAO_92), page_de(PILOTE_92)
    watching.clock.install()
    watching.goto(address)
    listing = watching.context.new_page()
    listing.clock.install()
    listing.goto("/conventions")
    horloge.instant += timedelta(seconds=30)
    acting.goto(address + "/modifier")
    acting.get_by_label("Notes").fill("Écrit par un autre")
    acting.get_by_role("button", name="Enregistrer").click()
    expect(acting.locator(".notes")).to_be_visible()
    for page, news in ((watching, "Écrit par un autre"), (listing, "Des lignes ont changé")):
        page.bring_to_front()
        page.clock.run_for(6_000)
        expect(page.get_by_role("main")).to_contain_text(news)
