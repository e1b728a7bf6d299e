"""Everything that matters works without JavaScript."""

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import BrowserContext, Page, expect

from portal.conventions.enums import Statut
from tests.browser.lignes import classer_en_plus, ligne, nombre
from tests.browser.serveur import Site
from tests.browser.visites import DEUX_PROFILS, PDF, PILOTE_69, PILOTE_75

Pages = Callable[..., Page]


def test_sign_in_and_out(context_for: Callable[..., BrowserContext], site: Site) -> None:
    page = context_for(scripts=False).new_page()
    page.goto("/conventions")
    expect(page.get_by_role("heading", level=1, name="Se connecter")).to_be_visible()
    sign_in_at(page, site, PILOTE_75.email)
    expect(page).to_have_url(re.compile("/conventions$"))
    page.locator("details.menu > summary", has_text="Compte et profil").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("main").get_by_text("Vous êtes déconnecté.")).to_be_visible()
    page.goto("/conventions")
    expect(page).to_have_url(re.compile("/connexion"))


def sign_in_at(page: Page, site: Site, email: str) -> None:
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label(re.compile("^Mot de passe")).fill(site.password)
    page.get_by_role("button", name="Se connecter").click()


def test_a_line_from_its_opening_to_its_last_signature(page_de: Pages) -> None:
    page = page_de(PILOTE_75, scripts=False)
    page.goto("/conventions")
    page.get_by_role("link", name="Nouvelle ligne").click()
    page.get_by_role("main").get_by_role("searchbox").fill("équipe mobile")
    page.get_by_role("main").get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="Équipe mobile santé Les Toits de Zinc").click()
    page.get_by_label("Notes").fill("Ouverte sans script")
    page.get_by_role("button", name="Ouvrir la ligne").click()
    expect(page.get_by_role("main").get_by_text("La ligne est ouverte.")).to_be_visible()
    for step in (
        "Ouvrir le projet",
        "Ouvrir la négociation",
        "Constater l’accord de principe",
        "Mettre en signature",
    ):
        page.get_by_role("link", name=step, exact=True).click()
        page.get_by_role("main").get_by_role("button", name=step, exact=True).click()
        expect(page.get_by_role("main").get_by_text("L’étape est enregistrée.")).to_be_visible()
    for party in ("opérateur", "SIAO", "État"):
        page.get_by_role(
            "link", name=re.compile(rf"^Enregistrer la signature – .*{party}", re.IGNORECASE)
        ).click()
        page.get_by_role("button", name="Enregistrer la signature").click()
        expect(page.get_by_role("main").get_by_text("La signature est enregistrée")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("En vigueur jusqu’au")


def test_a_date_that_does_not_exist_is_said_and_kept(page_de: Pages, site: Site) -> None:
    page = page_de(PILOTE_75, scripts=False)
    address = ligne(site, "75", Statut.SUSPENDUE)
    page.goto(f"{address}/modifier")
    page.get_by_label("Mode de négociation").select_option("gre_a_gre")
    page.get_by_label("Notes").fill("Revu à deux")
    jour = page.get_by_label("Dialogue de gestion")
    jour.fill("31/02/2026")
    page.get_by_role("button", name="Enregistrer").click()
    expect(jour).to_have_accessible_description(re.compile("Cette date n’existe pas."))
    expect(jour).to_have_value("31/02/2026")
    expect(page.get_by_label("Notes")).to_have_value("Revu à deux")
    jour.fill("28/02/2026")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page).to_have_url(re.compile(f"{address}$"))
    page.goto(f"{address}/modifier")
    expect(jour).to_have_value("28/02/2026")


def test_filter_sort_and_turn_pages(page_de: Pages, site: Site) -> None:
    classer_en_plus(site, "69", 60)
    page = page_de(PILOTE_69, scripts=False)
    page.goto("/conventions?ensemble=toutes")
    rows = page.locator("#conventions tbody tr")
    first = rows.first.get_by_role("rowheader").inner_text()
    page.get_by_role("link", name="Suivant").click()
    expect(page).to_have_url(re.compile("curseur="))
    assert rows.first.get_by_role("rowheader").inner_text() != first or rows.count() < 50
    page.get_by_role("link", name="Précédent").click()
    expect(rows.first.get_by_role("rowheader")).to_have_text(first, use_inner_text=True)
    page.locator("#conventions thead").get_by_role("link", name="Date cible").click()
    expect(page.get_by_role("columnheader", name="Date cible")).to_have_attribute("aria-sort", "ascending")
    page.get_by_label("Échéance").select_option(index=1)
    page.get_by_role("button", name="Filtrer", exact=True).click()
    expect(page).to_have_url(re.compile("(?=.*[?&]echeance=)(?=.*tri=echeance)"))
    expect(page.get_by_role("list", name="Filtres actifs")).to_be_visible()


def test_move_the_target_date(page_de: Pages, site: Site) -> None:
    page = page_de(PILOTE_75, scripts=False)
    page.goto(ligne(site, "75", Statut.A_ENGAGER))
    page.get_by_role("link", name="Déplacer", exact=True).click()
    page.get_by_label("Nouvelle date cible").fill("2027-03-31")
    page.get_by_role("button", name="Déplacer la date cible").click()
    expect(
        page.get_by_role("link", name=re.compile("Motif du report : Ce champ est obligatoire"))
    ).to_be_visible()
    expect(page.get_by_label("Nouvelle date cible")).to_have_value("2027-03-31")
    page.get_by_label("Motif du report").fill("Conseil d’administration en mars")
    page.get_by_role("button", name="Déplacer la date cible").click()
    expect(page.get_by_role("main")).to_contain_text("31/03/2027")


def test_change_many_lines(page_de: Pages) -> None:
    page = page_de(PILOTE_75, scripts=False)
    page.goto("/conventions?etat=en_negociation")
    boxes = page.locator("#conventions tbody input[name=ref]")
    assert boxes.count() >= 2
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="Déplacer la date cible").click()
    page.get_by_label("Nouvelle date cible").fill("2026-12-24")
    page.get_by_label("Motif du report").fill("Calendrier commun")
    page.get_by_role("button", name="Déplacer la date cible").click()
    expect(page.get_by_role("main").get_by_text("2 lignes modifiées.")).to_be_visible()
    assert "etat=en_negociation" in page.url
    expect(page.locator("#conventions").get_by_text(date(2026, 12, 24).strftime("%d/%m/%Y"))).to_have_count(2)


SUIVI = """Opérateur;Date de signature;Date d'effet;Date de fin
Association du Zinc (fictive);12/12/2022;12/12/2022;12/12/2026
Association du Comptoir (fictive);31/02/2023;12/12/2022;12/12/2026
"""


def test_import_a_follow_up_and_undo_it(page_de: Pages, site: Site) -> None:
    before = nombre(site, "75")
    page = page_de(PILOTE_75, scripts=False)
    page.goto("/conventions/importer")
    page.get_by_label("Votre tableau de suivi").set_input_files(
        {"name": "suivi.csv", "mimeType": "text/csv", "buffer": SUIVI.encode()}
    )
    page.get_by_role("button", name="Lire le fichier").click()
    page.get_by_role("button", name="Voir l’aperçu").click()
    site.travailler()
    page.reload()
    expect(page.get_by_role("row", name="Ligne 3")).to_contain_text("Cette date n’existe pas.")
    page.get_by_label("Association du Zinc (fictive)").select_option(
        label="Créer « Association du Zinc (fictive) »"
    )
    page.get_by_label("Tout ou rien").check()
    page.get_by_role("button", name="Importer", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("rien n’a été importé"))).to_be_visible()
    assert nombre(site, "75") == before
    page.get_by_label("Les lignes valides seulement").check()
    page.get_by_role("button", name="Importer", exact=True).click()
    site.travailler()
    page.get_by_role("link", name="Actualiser").click()
    expect(page.get_by_role("main").get_by_text("1 ligne créée")).to_be_visible()
    assert nombre(site, "75") == before + 1
    page.get_by_role("link", name="Défaire cet import").click()
    page.get_by_role("button", name="Défaire l’import").click()
    expect(page.get_by_role("main").get_by_text("1 ligne retirée")).to_be_visible()
    assert nombre(site, "75") == before


def test_upload_a_document(page_de: Pages, site: Site) -> None:
    page = page_de(PILOTE_75, scripts=False)
    page.goto(ligne(site, "75", Statut.SIGNEE))
    page.get_by_role("link", name="Ajouter un document").click()
    page.get_by_label("Fichier").set_input_files(
        {"name": "convention.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_label("Intitulé").fill("Convention signée, sans script")
    page.get_by_role("button", name="Ajouter le document").click()
    expect(page.get_by_role("main").get_by_text("Le document est ajouté.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Convention signée, sans script", exact=True).click()
    assert download.value.path().read_bytes() == PDF


def test_language_and_profile(page_de: Pages) -> None:
    page = page_de(DEUX_PROFILS, scripts=False)
    page.goto("/conventions")
    page.get_by_role("button", name=re.compile("English")).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/conventions")
    page.get_by_role("button", name=re.compile("Français")).click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.locator("details.menu > summary", has_text="Compte et profil").click()
    page.get_by_role("button", name=re.compile("Association Maison Ligérienne")).click()
    expect(page.get_by_role("main").get_by_text("Vous avez changé de profil.")).to_be_visible()
