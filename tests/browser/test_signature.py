"""The circuit of a text as people go through it: with the keyboard alone, then without a script."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.conventions.models import Convention
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from tests import rendus
from tests.browser.serveur import Site
from tests.browser.test_clavier import tab_to
from tests.browser.visites import PILOTE, SIAO, Role

Pages = Callable[..., Page]
VENT = Role("operateur-vent", "direction@vent-portant.example", Profil.OPERATEUR_DIRECTION)
AMARRES = Role("operateur-amarres", "direction@amarres-douces.example", Profil.OPERATEUR_DIRECTION)


def circuit(site: Site, operateur: str) -> str:
    """Return the address of the circuit of an operator's line."""
    with site.database.session() as session:
        ref = session.scalars(
            select(Convention.ref)
            .join(Organisation, Organisation.id == Convention.operateur_id)
            .where(Organisation.nom.contains(operateur))
        ).one()
    return f"/conventions/{ref}/circuit"


def test_signing_on_line_with_the_keyboard(page_de: Pages, site: Site) -> None:
    page = page_de(VENT)
    page.goto(circuit(site, "Vent Portant"))
    tab_to(page, page.get_by_role("link", name="Signer en ligne"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/signer")
    tab_to(page, page.get_by_label(re.compile("^En quelle qualité")))
    page.keyboard.type("Directrice")
    tab_to(page, page.get_by_label(re.compile("^Votre mot de passe")))
    page.keyboard.type("pas le bon")
    page.keyboard.press("Enter")
    erreurs = page.locator("[data-erreurs]")
    expect(erreurs).to_be_focused()
    expect(page.get_by_label(re.compile("^En quelle qualité"))).to_have_value("Directrice")
    tab_to(page, page.get_by_role("checkbox"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label(re.compile("^Votre mot de passe")))
    page.keyboard.type(site.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_text("Votre signature est enregistrée.")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Reçu – Opérateur"))
    with page.expect_download() as recu:
        page.keyboard.press("Enter")
    assert "Directrice" in rendus.mots_pdf(recu.value.path().read_bytes())


def test_freezing_refusing_and_an_old_link_without_a_script(page_de: Pages, site: Site) -> None:
    siao = page_de(SIAO, scripts=False)
    siao.goto(circuit(site, "Maison du Lin"))
    siao.get_by_role("link", name="Figer le texte").click()
    siao.get_by_role("button", name="Figer le texte et le mettre en signature").click()
    expect(siao.get_by_role("main")).to_contain_text("Le texte est figé")

    amarres = circuit(site, "Amarres Douces")
    siao.goto(amarres)
    siao.get_by_role("link", name="Refuser de signer").click()
    siao.get_by_role("button", name="Refuser de signer").click()
    expect(siao.get_by_role("link", name=re.compile("obligatoire"))).to_be_visible()
    siao.get_by_label(re.compile("^Pourquoi")).fill("La commission a changé de nom")
    siao.get_by_role("button", name="Refuser de signer").click()
    expect(siao.get_by_role("main")).to_contain_text("la négociation est rouverte")

    operateur = page_de(AMARRES, scripts=False, width=390)
    operateur.goto(amarres)
    expect(operateur.get_by_role("main")).to_contain_text("Motif : La commission a changé de nom")
    operateur.goto(f"{amarres}/signer")
    expect(operateur.get_by_role("main")).to_contain_text("il n’y a rien à signer")


def test_an_archive_is_prepared_while_one_is_elsewhere(page_de: Pages, site: Site) -> None:
    page = page_de(PILOTE, scripts=False)
    page.goto("/conventions/archive")
    page.get_by_role("radio", name="PDF").check()
    page.get_by_role("button", name="Préparer l’archive").click()
    expect(page.get_by_role("main")).to_contain_text("Vous pouvez quitter cette page")
    suivi = page.url
    page.goto("/a-faire")
    site.travailler()
    page.goto(suivi)
    with page.expect_download() as archive:
        page.get_by_role("link", name="Télécharger le fichier").click()
    assert archive.value.suggested_filename.endswith(".zip")
    assert archive.value.path().read_bytes().startswith(b"PK")
