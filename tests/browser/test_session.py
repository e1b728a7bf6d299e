"""Nothing typed is lost: sessions that end, double clicks, two people on one line; pages that stay true."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.audit.models import EntreeJournal
from portal.conventions.enums import Statut
from portal.shared.clock import FixedClock
from tests.browser.lignes import ligne, nombre
from tests.browser.serveur import Site
from tests.browser.visites import PDF, PILOTE_69, PILOTE_92, SIAO_92, Role

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
    reconnecter(page, site)
    expect(page.get_by_label("Notes")).to_have_value("Une longue note, tapée avant la pause")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".notes")).to_have_text("Une longue note, tapée avant la pause")


def reconnecter(page: Page, site: Site, role: Role = PILOTE_92) -> None:
    """Sign in again in the dialog that covers the page."""
    again = page.locator("#dialogue-connexion")
    again.locator("#connexion-email").fill(role.email)
    again.locator("#connexion-mot-de-passe").fill(site.password)
    again.locator("[type=submit]").click()
    expect(again).to_be_hidden()


@pytest.mark.parametrize("full_page", [False, True])
def test_a_form_sent_after_the_end_leaves_once_signed_in_again(
    page_de: Pages, site: Site, horloge: FixedClock, *, full_page: bool
) -> None:
    """The portal's clock alone has moved: the page learns it only when it sends something."""
    page = page_de(PILOTE_92)
    address = ligne(site, "92", Statut.EN_NEGOCIATION)
    reason = f"Tapé avant la fin, page entière : {full_page}"
    year = 2028 if full_page else 2027
    if full_page:
        page.goto(f"{address}/date-cible")
    else:
        page.goto(address)
        page.get_by_role("link", name="Déplacer", exact=True).click()
    page.get_by_label("Nouvelle date cible").fill(f"{year}-01-20")
    page.get_by_label("Motif du report").fill(reason)
    horloge.instant += timedelta(minutes=40)
    page.get_by_role("button", name="Déplacer la date cible").click()
    expect(page.get_by_role("dialog", name="Reconnectez-vous pour continuer")).to_be_visible()
    expect(page.get_by_label("Motif du report")).to_have_value(reason)
    reconnecter(page, site)
    expect(page).to_have_url(re.compile(f"{address}$"))
    expect(page.get_by_role("main").get_by_text(f"20/01/{year}").first).to_be_visible()
    assert reports(site, reason) == 1


def reports(site: Site, reason: str) -> int:
    """How many times the journal of the lines holds this reason."""
    with site.database.session() as session:
        changes = session.scalars(select(EntreeJournal.changements)).all()
    return sum(reason in json.dumps(one, ensure_ascii=False) for one in changes)


def test_a_file_chosen_before_the_end_leaves_with_its_form(
    page_de: Pages, site: Site, horloge: FixedClock
) -> None:
    page = page_de(PILOTE_92)
    page.goto(ligne(site, "92", Statut.SIGNEE) + "/documents/ajouter")
    page.get_by_label("Fichier").set_input_files(
        {"name": "convention.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_label("Intitulé").fill("Choisi avant la fin")
    horloge.instant += timedelta(minutes=40)
    page.get_by_role("button", name="Ajouter le document").click()
    reconnecter(page, site)
    expect(page.get_by_role("link", name="Choisi avant la fin", exact=True)).to_have_count(1)


def test_signing_in_again_speaks_the_language_of_the_page(
    page_de: Pages, site: Site, horloge: FixedClock
) -> None:
    page = page_de(PILOTE_92, locale="fr-FR")
    page.goto("/conventions")
    page.get_by_role("button", name=re.compile("English")).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.context.clear_cookies(name="langue")
    page.goto(ligne(site, "92", Statut.EN_NEGOCIATION) + "/date-cible")
    horloge.instant += timedelta(minutes=40)
    page.locator("main form.formulaire [type=submit]").click()
    again = page.locator("#dialogue-connexion")
    expect(again.get_by_role("button", name="Sign in")).to_be_visible()
    expect(again).not_to_contain_text("obligatoires")
    reconnecter(page, site)
    page.get_by_role("button", name=re.compile("Français")).click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_without_scripts_the_page_that_refuses_keeps_the_form(
    page_de: Pages, site: Site, horloge: FixedClock
) -> None:
    page = page_de(PILOTE_92, scripts=False)
    address = ligne(site, "92", Statut.EN_NEGOCIATION, 1)
    page.goto(f"{address}/date-cible")
    page.get_by_label("Nouvelle date cible").fill("2027-02-20")
    page.get_by_label("Motif du report").fill("Tapé sans script")
    horloge.instant += timedelta(minutes=40)
    page.get_by_role("button", name="Déplacer la date cible").click()
    main = page.get_by_role("main")
    expect(main.get_by_role("term")).to_have_text(["Nouvelle date cible", "Motif du report"])
    expect(main.get_by_role("definition")).to_have_text(["20/02/2027", "Tapé sans script"])
    page.get_by_label("Adresse électronique").fill(PILOTE_92.email)
    page.get_by_label(re.compile("^Mot de passe")).fill(site.password)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("button", name="Envoyer de nouveau").click()
    expect(page).to_have_url(re.compile(f"{address}$"))
    assert reports(site, "Tapé sans script") == 1


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


def test_a_refused_form_whose_box_was_enlarged_breaks_no_rule_of_the_page(page_de: Pages) -> None:
    """The browser writes the size in the field's style, which the policy of the page forbids to copy."""
    page = page_de(PILOTE_69)
    page.goto("/modele")  # a draft is being written there
    page.locator("a[href*='/champs/4.2/texte']").first.click()
    page.locator("#valeur").evaluate("(box) => { box.style.height = '400px'; }")
    dites: list[str] = []
    page.on("console", lambda message: dites.append(message.text))
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("[data-erreurs]")).to_be_focused()
    assert not [dite for dite in dites if "Security Policy" in dite]


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
