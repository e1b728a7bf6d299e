"""A collective round: an operator answers with the keyboard alone, the SIAO without a script."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.conventions.tours.enums import StatutTour
from portal.conventions.tours.models import Tour
from tests.browser.serveur import Site
from tests.browser.test_clavier import tab_to
from tests.browser.visites import OPERATEUR, SIAO

Pages = Callable[..., Page]


def tour(site: Site) -> str:
    """Return the address of the open round of the département that is visited."""
    with site.database.session() as session:
        ref = session.scalars(
            select(Tour.ref)
            .where(Tour.statut == StatutTour.OUVERT, Tour.departement_code == "22")
            .order_by(Tour.id)
        ).first()
    assert ref
    return f"/tours/{ref}"


def test_an_operator_answers_with_the_keyboard_and_the_leaders_page_learns_it(
    page_de: Pages, site: Site
) -> None:
    adresse = tour(site)
    siao = page_de(SIAO)
    siao.goto(f"{adresse}/clauses/8.3")
    page = page_de(OPERATEUR)
    page.goto(f"{adresse}?vue=moi")
    lien = page.locator("#tour-colonne").get_by_role("link", name=re.compile("Revue de pratiques"))
    tab_to(page, lien)
    page.keyboard.press("Enter")
    page.wait_for_url("**/clauses/8.3")
    tab_to(page, page.get_by_role("link", name="Proposer un écart"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/ecart")
    champ = page.locator("#formulaire-clause input[type=text]").first
    tab_to(page, champ)
    page.keyboard.press("Control+a")
    page.keyboard.type("999")
    envoyer = page.get_by_role("button", name="Proposer cet écart")
    tab_to(page, envoyer)
    page.keyboard.press("Enter")
    expect(page.locator("[data-erreurs]")).to_be_focused()
    tab_to(page, page.get_by_label("Pourquoi cet écart"))
    page.keyboard.type("Une seule équipe")
    tab_to(page, champ, key="Shift+Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("12")
    tab_to(page, envoyer)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Votre écart est proposé")
    expect(siao.locator("#clause-reponses")).to_contain_text("Une seule équipe")
    expect(siao.locator("#annonces")).to_contain_text("Réponses ou positions nouvelles")


def test_the_siao_answers_several_cells_without_a_script(page_de: Pages, site: Site) -> None:
    page = page_de(SIAO, scripts=False)
    page.goto(tour(site))
    cases = page.locator("input[name=cellule]")
    assert cases.count() >= 1
    for rang in range(cases.count()):
        cases.nth(rang).check()
    page.get_by_text("Réserve ou refus des écarts cochés").click()
    page.get_by_role("button", name="Émettre une réserve").click()
    expect(page.get_by_role("main")).to_contain_text("Dites pourquoi")
    expect(cases.first).to_be_checked()
    page.get_by_label("Motif").fill("Voyons-le en réunion")
    page.get_by_role("button", name="Émettre une réserve").click()
    expect(page.get_by_role("main")).to_contain_text("Votre position est enregistrée sur")
    operateur = page_de(OPERATEUR, scripts=False, width=390)
    operateur.goto(tour(site))
    operateur.get_by_role("link", name=re.compile("Revue des files actives")).click()
    expect(operateur.locator("#clause-sienne")).to_contain_text("Voyons-le en réunion")
    operateur.get_by_role("button", name="Adopter le socle").click()
    expect(operateur.get_by_role("main")).to_contain_text("Socle adopté sur 1 clause")
