"""A session held on several screens: what is written on one is read on the others, without reloading."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from portal.commissions.enums import PresenceMenage
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from tests.browser.constats import axe
from tests.browser.serveur import Site
from tests.browser.test_clavier import tab_to
from tests.browser.visites import BAILLEUR, SIAO

Pages = Callable[..., Page]
PHONE = 390


@pytest.fixture
def adresse(site: Site) -> str:
    """The session that the demonstration holds, the household of the dossier on the table at the table."""
    with site.database.session(write=True) as session:
        conduite = session.scalars(
            select(ConduiteSeance)
            .where(ConduiteSeance.ouverte_le.is_not(None), ConduiteSeance.close_le.is_(None))
            .order_by(ConduiteSeance.id)
        ).one()
        seance = session.get_one(Seance, conduite.seance_id)
        seance.commission.menage = PresenceMenage.MEMBRE
        session.get_one(Dossier, conduite.dossier_id).menage_present = True
        session.commit()
        return f"/seances/{seance.ref}/conduite"


def test_two_pages_stay_in_step_and_a_paper_is_read_on_both(page_de: Pages, adresse: str) -> None:
    membre, siao = page_de(BAILLEUR), page_de(SIAO)
    membre.goto("/a-faire")
    membre.get_by_role("link", name="Rejoindre la séance en cours").click()
    membre.wait_for_url(f"**{adresse}")
    siao.goto(adresse)
    expect(siao.locator("#c-papier")).to_contain_text("Situation")
    siao.get_by_label("Motif", exact=True).fill("Un logement près de l’école.")
    expect(siao.locator("[data-brouillon-dit]")).to_contain_text("Affiché sur les écrans")
    expect(membre.locator("#c-decision")).to_contain_text("Un logement près de l’école.")
    expect(membre.locator("#c-decision form")).to_have_count(0)
    siao.get_by_role("button", name="Retirer de l’écran").click()
    expect(membre.locator("#c-table")).to_contain_text("Aucun dossier sur la table")
    expect(membre.locator("#c-papier")).to_be_empty()
    siao.locator("#c-ordre").get_by_role("button", name="Examiner").last.click()
    expect(membre.locator("#c-table")).to_contain_text("Présenté par")


def test_a_connection_that_drops_says_so_and_catches_up(page_de: Pages, adresse: str) -> None:
    membre, siao = page_de(BAILLEUR), page_de(SIAO)
    membre.goto(adresse)
    siao.goto(adresse)
    perdue = membre.get_by_text("La connexion est coupée", exact=False).first
    expect(perdue).to_be_hidden()
    membre.context.set_offline(True)
    expect(perdue).to_be_visible()
    siao.get_by_label("Motif", exact=True).fill("Écrit pendant la coupure.")
    expect(siao.locator("[data-brouillon-dit]")).to_contain_text("Affiché sur les écrans")
    membre.context.set_offline(False)
    expect(membre.locator("#c-decision")).to_contain_text("Écrit pendant la coupure.")
    expect(perdue).to_be_hidden()
    expect(membre.get_by_text("La connexion est revenue", exact=False).first).to_be_visible()


def test_what_is_typed_while_the_connection_is_cut_leaves_by_itself_afterwards(
    page_de: Pages, adresse: str
) -> None:
    membre, siao = page_de(BAILLEUR), page_de(SIAO)
    membre.goto(adresse)
    siao.goto(adresse)
    siao.context.set_offline(True)
    siao.get_by_label("Motif", exact=True).fill("Écrit sans réseau.")
    expect(siao.locator("[data-brouillon-dit]")).to_contain_text("Pas encore affiché")
    siao.mouse.wheel(0, 2000)
    expect(siao.get_by_text("La connexion est coupée", exact=False).first).to_be_in_viewport()
    siao.context.set_offline(False)
    expect(siao.locator("[data-brouillon-dit]")).to_contain_text("Affiché sur les écrans")
    expect(membre.locator("#c-decision")).to_contain_text("Écrit sans réseau.")


def test_what_a_cut_refused_is_not_said_any_more_once_the_connection_is_back(
    page_de: Pages, adresse: str
) -> None:
    siao = page_de(SIAO)
    siao.goto(adresse)
    siao.context.set_offline(True)
    siao.get_by_label("Motif", exact=True).fill("Envoyé sans réseau.")
    siao.get_by_role("button", name="Garder en rédaction").click()
    panne = siao.get_by_text("Le serveur ne répond pas", exact=False)
    expect(panne).to_be_visible()
    siao.context.set_offline(False)
    expect(panne).to_have_count(0)
    expect(siao.get_by_label("Motif", exact=True)).to_have_value("Envoyé sans réseau.")


def test_whoever_is_not_invited_any_more_keeps_nothing_on_the_screen(
    page_de: Pages, adresse: str, site: Site
) -> None:
    membre = page_de(BAILLEUR)
    membre.goto(adresse)
    expect(membre.locator("#c-papier")).to_contain_text("Situation")
    membre.route("**/etat?*", lambda route: route.fulfill(status=503, body="occupé"))
    expect(membre.get_by_text("La connexion est coupée", exact=False).first).to_be_visible()
    expect(membre.locator("#c-papier")).to_contain_text("Situation")
    membre.unroute("**/etat?*")
    with site.database.session(write=True) as session:
        session.execute(update(InvitationSeance).values(retiree_le=site.clock.now()))
        session.commit()
    expect(membre.get_by_role("heading", level=1)).to_contain_text("Cette page n’existe pas")
    expect(membre.locator("#c-papier")).to_have_count(0)


def test_two_secretaries_one_wins_the_other_sees_it_and_loses_no_word(page_de: Pages, adresse: str) -> None:
    first, second = page_de(SIAO), page_de(SIAO, width=PHONE)
    first.goto(adresse)
    second.goto(adresse)
    second.get_by_label("Motif", exact=True).focus()  # what one writes in is not replaced
    first.get_by_label("Motif", exact=True).fill("Texte du premier poste.")
    expect(first.locator("[data-brouillon-dit]")).to_contain_text("Affiché sur les écrans")
    second.get_by_label("Motif", exact=True).fill("Texte du second poste.")
    expect(second.locator("[data-brouillon-dit]")).to_contain_text("Une autre personne")
    second.get_by_role("button", name="Prendre la décision").click()
    conflit = second.get_by_role("table", name="Les deux versions")
    expect(conflit).to_contain_text("Texte du premier poste.")
    expect(conflit).to_contain_text("Texte du second poste.")
    expect(second.get_by_label("Motif", exact=True)).to_have_value("Texte du second poste.")
    assert axe(second) == []
    assert second.evaluate("document.documentElement.scrollWidth <= innerWidth")
    first.get_by_label("Motif", exact=True).fill("Encore un mot du premier.")
    expect(second.get_by_text("vient de changer sur un autre poste")).to_be_visible()
    expect(second.get_by_label("Motif", exact=True)).to_have_value("Texte du second poste.")


@pytest.mark.parametrize("langue", ["fr", "en"])
def test_the_household_reads_its_own_words_and_nothing_wider(
    page_de: Pages, adresse: str, langue: str
) -> None:
    siao, ecran = page_de(SIAO), page_de(SIAO, width=PHONE)
    ecran.goto(f"{adresse}/menage")
    if langue == "en":
        ecran.get_by_role("button", name="English").click()
        ecran.wait_for_load_state()
        expect(ecran.locator("html")).to_have_attribute("lang", "en")
    siao.goto(adresse)
    expect(siao.locator("#c-papier")).to_contain_text("Activité", timeout=30_000)
    dit = "Je voudrais rester près de l’école."
    siao.locator("[name=expression]").fill(dit)
    expect(ecran.locator("#c-decision")).to_contain_text(dit)
    expect(ecran.locator("#c-papier")).to_contain_text("1")
    for nothing in ("Activité", "Déport", "vote"):
        expect(ecran.get_by_role("main")).not_to_contain_text(nothing)
    assert axe(ecran) == []
    assert ecran.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_decision_is_taken_with_the_keyboard_alone(page_de: Pages, adresse: str) -> None:
    siao = page_de(SIAO)
    siao.goto(adresse)
    expect(siao.locator("#c-papier")).to_contain_text("Situation")
    tab_to(siao, siao.get_by_label("Motif", exact=True))
    siao.keyboard.type(" Et un accompagnement.")
    tab_to(siao, siao.locator("#c-decision summary").first)
    siao.keyboard.press("Enter")
    tab_to(siao, siao.get_by_label("La présidence constate le consensus"))
    siao.keyboard.press("Space")
    tab_to(siao, siao.get_by_role("button", name="Prendre la décision"))
    siao.keyboard.press("Enter")
    expect(siao.get_by_role("heading", name="Décision prise")).to_be_visible()
    expect(siao.locator("#c-decision")).to_contain_text("Et un accompagnement.")


def test_a_session_is_conducted_and_closed_without_a_script(page_de: Pages, adresse: str) -> None:
    siao = page_de(SIAO, scripts=False)
    siao.goto(adresse)
    siao.get_by_role("link", name="Lire le dossier").click()
    expect(siao.get_by_role("heading", name="Situation", exact=True)).to_be_visible()
    siao.get_by_role("link", name="Revenir à la séance").click()
    siao.get_by_label("Motif", exact=True).fill("Décidé sans script.")
    siao.get_by_label("La présidence constate le consensus").check()
    siao.get_by_role("button", name="Prendre la décision").click()
    expect(siao.get_by_role("heading", name="Décision prise")).to_be_visible()
    siao.get_by_role("link", name="Clore la séance").click()
    siao.get_by_role("button", name="Clore la séance").click()
    expect(siao.get_by_text("Séance close")).to_be_visible()
