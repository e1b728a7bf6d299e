"""Two parties on one text at once: what one does shows on the other's page, and what is typed stays."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.conventions.redaction.models import ConventionTexte
from tests.browser.serveur import Site
from tests.browser.visites import DEPARTEMENT, PILOTE, SIAO

Pages = Callable[..., Page]


def texte(site: Site) -> str:
    """Return the address of a text in negotiation."""
    with site.database.session() as session:
        ref = session.scalars(
            select(Convention.ref)
            .join(ConventionTexte, ConventionTexte.convention_id == Convention.id)
            .where(Convention.statut == Statut.EN_NEGOCIATION, Convention.departement_code == DEPARTEMENT)
            .order_by(Convention.id)
        ).first()
    assert ref
    return f"/conventions/{ref}/texte"


def test_a_page_learns_what_the_other_party_did_without_losing_what_is_typed(
    page_de: Pages, site: Site
) -> None:
    adresse = texte(site)
    siao = page_de(SIAO)
    siao.goto(f"{adresse}/clauses/8.1")
    siao.get_by_label("Votre commentaire").fill("Une phrase commencée")
    redaction = siao.context.new_page()
    redaction.goto(f"{adresse}/clauses/8.1/modifier")
    liste = siao.context.new_page()
    liste.goto(adresse)

    etat = page_de(PILOTE, scripts=False)
    etat.goto(f"{adresse}/clauses/8.1")
    etat.get_by_role("link", name="Proposer autre chose").click()
    etat.get_by_label("Pourquoi cette proposition").fill("Essai en direct")
    etat.locator("#formulaire-clause input[type=text]").first.fill("Deux personnes désignées")
    etat.get_by_role("button", name="Proposer aux autres parties").click()
    expect(etat.get_by_role("main")).to_contain_text("Votre proposition est enregistrée")

    expect(siao.locator("#clause-texte")).to_contain_text("Deux personnes désignées")
    expect(siao.get_by_label("Votre commentaire")).to_have_value("Une phrase commencée")
    expect(siao.locator("#annonces")).to_contain_text("valeur modifiée")
    expect(redaction.locator("#edition-avis")).to_contain_text("Votre saisie est gardée")
    voix = liste.locator(".clauses-ligne", has_text="8.1")
    expect(voix).to_contain_text(re.compile("État : proposée"))


def test_clauses_are_examined_one_after_the_other_with_the_keyboard(page_de: Pages, site: Site) -> None:
    page = page_de(PILOTE)
    page.goto(texte(site))
    page.get_by_role("link", name=re.compile("^Examiner les")).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/clauses/**")
    premiere = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Accepter la clause").focus()
    page.keyboard.press("Enter")
    refus = page.get_by_role("main").get_by_text("a encore une valeur à compléter")
    suite = page.get_by_role("main").get_by_text(re.compile("acceptée\\.$"))
    expect(refus.or_(suite).first).to_be_visible()
    if refus.count() == 0:
        expect(page.get_by_role("heading", level=1)).not_to_have_text(premiere)


def test_a_reservation_without_a_script(page_de: Pages, site: Site) -> None:
    page = page_de(PILOTE, scripts=False)
    page.goto(f"{texte(site)}/clauses/8.3")
    page.get_by_text("Émettre une réserve ou refuser").click()
    page.get_by_role("button", name="Émettre une réserve").click()
    expect(page.get_by_role("main")).to_contain_text("Dites pourquoi")
    page.get_by_label("Motif").fill("Un thème par an suffit")
    page.get_by_role("button", name="Émettre une réserve").click()
    expect(page.locator("#clause-texte")).to_contain_text("Un thème par an suffit")
