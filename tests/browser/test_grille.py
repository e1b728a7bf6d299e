"""Filling the grid on a tablet: the connection that drops, two tabs, nothing in the browser's storage."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect
from sqlalchemy import select

from portal.comptes import acteurs
from portal.comptes.models import Adhesion, Personne
from portal.grilles.menages import queries as menages
from portal.grilles.menages import service as service_menages
from portal.grilles.menages.models import Menage
from portal.grilles.menages.saisie import SaisieAdulte, SaisieMenage
from portal.grilles.remplissage import queries, service
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.browser.constats import OVERFLOW, axe
from tests.browser.serveur import Site
from tests.browser.test_clavier import tab_to
from tests.browser.test_session import reconnecter
from tests.browser.visites import Role
from tests.grilles_remplies import REPONSES, figer

Pages = Callable[..., Page]
TRAVAILLEUR = Role("travailleur-social", "travail.social@phare-emeraude.example", Profil.TRAVAILLEUR_SOCIAL)
TABLETTE, TELEPHONE = 820, 390
STOCKAGE = """async () => [
  ...Object.values(localStorage), ...Object.values(sessionStorage), document.cookie,
  ...(await indexedDB.databases()).map((base) => base.name), ...(await caches.keys()),
].filter(Boolean)"""
_noms = count(1)


def acteur(site: Site) -> Actor:
    with site.database.session() as session:
        adhesion = session.scalars(
            select(Adhesion)
            .join(Personne)
            .where(Personne.email == TRAVAILLEUR.email, Adhesion.profil == TRAVAILLEUR.profil)
            .order_by(Adhesion.id)
        ).first()
        assert adhesion is not None
        actor = acteurs.of_membership(session, adhesion.id)
    assert actor is not None
    return actor


@pytest.fixture
def grille(site: Site) -> str:
    """The address of the grid of a household just opened, its sections empty."""
    actor = acteur(site)
    with site.database.session(write=True) as session:
        adulte = SaisieAdulte(nom=f"Fictif{next(_noms)}", prenom="Anna", naissance=date(1990, 1, 8))
        typed = SaisieMenage(departement_code="22", adultes=(adulte,))
        menage = service_menages.ouvrir(session, site.clock, actor, typed)
        service.ouvrir(session, site.clock, actor, menages.vue(session, site.clock, actor, menage.ref))
        session.commit()
        return f"/menages/{menage.ref}/grille"


def enregistrees(site: Site, grille: str) -> dict[str, Any]:
    """Return the answers kept of a grid being written, by section."""
    with site.database.session() as session:
        menage = session.scalars(select(Menage).where(Menage.ref == grille.split("/")[2])).one()
        draft = queries.en_cours(session, menage.id)
        assert draft is not None
        return queries.reponses(session, draft)


def etat(page: Page) -> Any:
    return page.locator("#grille-etat")


def test_what_is_typed_is_saved_as_one_goes(page_de: Pages, site: Site, grille: str) -> None:
    page = page_de(TRAVAILLEUR, width=TABLETTE)
    page.goto(f"{grille}/sections/B")
    page.get_by_label("Total", exact=True).fill("1 650,50")
    page.get_by_label("Loyer supposé, par mois").fill("480")
    expect(etat(page)).to_contain_text("Enregistré le")
    expect(page.locator("#calcul-B6")).to_contain_text("29,1 % des ressources")
    assert enregistrees(site, grille)["B"]["B1"] == {"total": 165050}
    page.locator("#B3__reponse").get_by_text("En cours").click()
    expect(etat(page)).to_contain_text("Enregistré le")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url(f"**{grille}/sections/C")
    assert enregistrees(site, grille)["B"]["B3"] == {"reponse": "en_cours"}


def test_offline_it_says_so_keeps_what_was_typed_retries_and_warns_before_leaving(
    page_de: Pages, site: Site, grille: str
) -> None:
    page = page_de(TRAVAILLEUR, width=TABLETTE)
    page.goto(f"{grille}/sections/E")
    page.context.set_offline(True)
    souhait = page.get_by_label("Le logement que le ménage souhaite")
    souhait.press_sequentially("Près de l’école, avec un balcon.")
    expect(etat(page)).to_contain_text("Non enregistré : la connexion ne passe pas.")
    souhait.press_sequentially(" Et un jardin.")  # typing goes on meanwhile
    expect(souhait).to_have_value("Près de l’école, avec un balcon. Et un jardin.")
    assert page.evaluate(STOCKAGE) in ([], [f"{grille}/sections/E"])  # htmx keeps the page's own address
    assert "E1" not in enregistrees(site, grille)["E"]

    dits: list[str] = []

    def rester(dialogue: Dialog) -> None:
        dits.append(dialogue.type)
        dialogue.dismiss()

    page.on("dialog", rester)
    with page.expect_event("dialog"):
        page.evaluate("setTimeout(() => location.assign('/a-faire'))")
    assert dits == ["beforeunload"]
    expect(souhait).to_have_value("Près de l’école, avec un balcon. Et un jardin.")

    page.context.set_offline(False)
    expect(etat(page)).to_contain_text("Enregistré le")
    assert enregistrees(site, grille)["E"]["E1"] == {
        "reponse": "Près de l’école, avec un balcon. Et un jardin."
    }
    page.goto("/a-faire")  # nothing keeps one any more
    assert dits == ["beforeunload"]


def test_two_tabs_on_one_section_show_both_texts_and_send_nothing_by_themselves(
    page_de: Pages, site: Site, grille: str
) -> None:
    page = page_de(TRAVAILLEUR, width=TABLETTE)
    page.goto(f"{grille}/sections/E")
    autre = page.context.new_page()
    autre.goto(f"{grille}/sections/E")
    autre.get_by_label("Le logement que le ménage souhaite").fill("Une maison")
    expect(etat(autre)).to_contain_text("Enregistré le")
    souhait = page.get_by_label("Le logement que le ménage souhaite")
    souhait.fill("Un appartement")
    expect(
        page.get_by_role("heading", name="Cette fiche a changé pendant que vous la modifiiez")
    ).to_be_visible()
    expect(etat(page).get_by_role("cell", name="Une maison")).to_be_visible()
    expect(souhait).to_have_value("Un appartement")
    souhait.press_sequentially(" au calme")
    page.wait_for_function("document.querySelector('[data-conflit]') !== null")
    assert enregistrees(site, grille)["E"]["E1"] == {"reponse": "Une maison"}
    page.get_by_role("button", name="Garder ma saisie").click()
    expect(etat(page)).to_contain_text("Enregistré le")
    assert enregistrees(site, grille)["E"]["E1"] == {"reponse": "Un appartement au calme"}


def test_the_portal_that_fails_is_tried_again(page_de: Pages, site: Site, grille: str) -> None:
    page = page_de(TRAVAILLEUR, width=TABLETTE)
    page.goto(f"{grille}/sections/D")
    pannes: list[str] = []

    def tomber(route: Route) -> None:
        if route.request.method == "POST" and len(pannes) < 2:
            pannes.append(route.request.url)
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    page.route("**/sections/D", tomber)
    page.locator("#D2__reponse").get_by_text("Avec un appui ponctuel").click()
    expect(etat(page)).to_contain_text("Non enregistré : le portail ne répond pas comme prévu.")
    expect(etat(page)).to_contain_text("Enregistré le")
    assert len(pannes) == 2
    assert enregistrees(site, grille)["D"]["D2"] == {"reponse": "ponctuel"}


def test_a_session_that_ended_asks_to_sign_in_in_place_then_saves(
    page_de: Pages, site: Site, grille: str, horloge: FixedClock
) -> None:
    page = page_de(TRAVAILLEUR, width=TABLETTE)
    page.goto(f"{grille}/sections/D")
    horloge.instant += timedelta(minutes=40)
    page.locator("#D1__reponse").get_by_text("Autonome", exact=True).click()
    expect(page.get_by_role("dialog", name="Reconnectez-vous pour continuer")).to_be_visible()
    reconnecter(page, site, TRAVAILLEUR)
    expect(etat(page)).to_contain_text("Enregistré le")
    expect(page.locator("#D1__reponse-0")).to_be_checked()
    assert enregistrees(site, grille)["D"]["D1"] == {"reponse": "autonome"}


def test_what_cannot_be_read_is_told_and_the_words_to_read_again_are_confirmed(
    page_de: Pages, site: Site, grille: str
) -> None:
    page = page_de(TRAVAILLEUR, width=TABLETTE)
    page.goto(f"{grille}/sections/B")
    page.get_by_label("Total", exact=True).fill("mille")
    expect(page.locator("#erreur-B1__total")).to_contain_text("Écrivez un montant en euros")
    expect(etat(page)).to_contain_text("Non enregistré")
    page.get_by_label("Total", exact=True).fill("1000")
    expect(etat(page)).to_contain_text("Enregistré le")
    expect(page.locator("#erreur-B1__total")).to_be_hidden()
    page.goto(f"{grille}/sections/E")
    page.get_by_label("Difficultés repérées en lien avec le logement").fill("Sort de l’hôpital.")
    expect(page.locator("#relire-E3__reponse")).to_contain_text("« hopital » touche à la santé")
    with page.expect_response("**/sections/E"):  # « Enregistré » was said of what was typed before
        page.get_by_label("Je l’ai relu, c’est utile au logement").check()
    expect(etat(page)).to_contain_text("Enregistré le")
    page.reload()
    expect(page.get_by_label("Je l’ai relu, c’est utile au logement")).to_be_checked()


def test_from_the_first_section_to_the_frozen_version_with_the_keyboard(
    page_de: Pages, site: Site, grille: str
) -> None:
    page = page_de(TRAVAILLEUR)
    page.goto(f"{grille}/sections/F")
    tab_to(page, page.locator("#F4__position-3"))
    page.keyboard.press("ArrowDown")  # from « non renseigné » round to « d’accord »
    expect(page.locator("#F4__position-0")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Enregistrer et relire"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/grille/relecture")
    for code in "ABCDEF":
        tab_to(page, page.get_by_label(f"Section {code} lue au ménage"))
        page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Figer la version 1"))
    page.keyboard.press("Enter")
    expect(
        page.locator("#contenu").get_by_text("La version 1 est figée : elle ne change plus.")
    ).to_be_visible()


def test_without_script_each_section_has_its_button(page_de: Pages, site: Site, grille: str) -> None:
    page = page_de(TRAVAILLEUR, width=TELEPHONE, scripts=False)
    page.goto(f"{grille}/sections/A")
    page.get_by_label("Communes souhaitées").fill("Villefictive")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.locator("#contenu").get_by_text("La section A est enregistrée.")).to_be_visible()
    expect(page).to_have_url(re.compile("/sections/B$"))
    assert enregistrees(site, grille)["A"]["A8"] == {"communes": "Villefictive"}


@pytest.mark.parametrize(("largeur", "langue"), [(TELEPHONE, "fr-FR"), (1280, "en-GB")])
def test_axe_finds_nothing_and_nothing_overflows(
    page_de: Pages, site: Site, grille: str, largeur: int, langue: str
) -> None:
    actor = acteur(site)
    with site.database.session(write=True) as session:
        vise = menages.vue(session, site.clock, actor, grille.split("/")[2])
        draft = queries.en_cours(session, vise.menage.id)
        assert draft is not None
        for code, typees in REPONSES.items():
            row = next(row for row in draft.sections if row.section == code)
            service.enregistrer(session, site.clock, actor, vise, code, typees, version=row.version)
        figee = figer(session, site.clock, actor, vise)
        service.ouvrir(session, site.clock, actor, vise)
        session.commit()
        ref = figee.ref
    page = page_de(TRAVAILLEUR, width=largeur, locale=langue)
    versions = f"{grille}/versions/{ref}"
    sections = [f"{grille}/sections/{code}" for code in "ABCDEF"]
    for adresse in (grille, *sections, f"{grille}/relecture", versions, f"{versions}/comparaison"):
        page.goto(adresse)
        assert axe(page) == [], adresse
        assert page.evaluate(OVERFLOW) <= 0, adresse
