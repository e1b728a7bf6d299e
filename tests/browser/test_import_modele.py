"""A Word model imported with the keyboard alone, from the file to the agreement of both sides."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests import textes
from tests.browser.visites import PILOTE_92, SIAO_92
from tests.modeles_word import docx

Pages = Callable[..., Page]


def presser(page: Page, role: str, nom: str) -> None:
    """Activate a button or a link as the keyboard does."""
    page.get_by_role(role, name=re.compile(nom)).first.focus()  # type: ignore[arg-type]
    page.keyboard.press("Enter")


def test_from_the_file_to_the_agreement_of_both_sides(page_de: Pages, tmp_path: Path) -> None:
    fichier = tmp_path / "modele.docx"
    fichier.write_bytes(docx(textes.modele()))
    siao = page_de(SIAO_92)
    siao.goto("/modele")
    presser(siao, "link", "^Importer un modèle Word")
    siao.get_by_label("Le document Word").set_input_files(fichier)
    siao.get_by_label("Nom de cette version").focus()
    siao.keyboard.type("Modèle des Hauts-de-Seine")
    siao.keyboard.press("Enter")
    expect(siao.locator("#contenu").get_by_text("Texte fidèle")).to_be_visible()
    adresse = siao.url

    presser(siao, "link", "Mise à jour des évaluations")
    expect(siao.get_by_role("heading", name="Dans le document")).to_be_visible()
    siao.get_by_text("Titre, code, niveau").focus()
    siao.keyboard.press("Enter")
    titre = siao.get_by_label(re.compile("^Titre")).first
    expect(titre).to_be_visible()
    titre.focus()
    siao.keyboard.press("End")
    siao.keyboard.type(" partagées")
    siao.keyboard.press("Enter")
    expect(siao.get_by_role("heading", level=1)).to_contain_text("évaluations partagées")

    siao.goto(adresse)
    expect(siao.locator("#contenu").get_by_text("1 mot ou titre changé exprès")).to_be_visible()
    presser(siao, "button", "Annuler la dernière correction")
    expect(siao.locator("#contenu").get_by_text("Aucune correction pour l’instant")).to_be_visible()
    presser(siao, "link", "Proposer ce modèle")
    presser(siao, "button", "Donner l’accord")
    expect(siao.get_by_role("heading", name=re.compile("^Proposé"))).to_be_visible()

    etat = page_de(PILOTE_92, scripts=False)
    etat.goto(adresse)
    presser(etat, "link", "Donner l’accord")
    presser(etat, "button", "Donner l’accord")
    expect(etat.get_by_role("main")).to_contain_text("ce modèle est maintenant celui du département")
