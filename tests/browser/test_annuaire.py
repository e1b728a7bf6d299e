"""The directory in a browser: with the keyboard alone, without a script, in both languages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.annuaire.models import Referent, Titulaire
from portal.comptes.models import Adhesion, Personne
from portal.organisations.models import Organisation
from tests.browser.constats import axe
from tests.browser.serveur import Site
from tests.browser.test_clavier import tab_to
from tests.browser.visites import SIAO_92, parler

Pages = Callable[..., Page]
PHONE = 390


def entry(site: Site) -> tuple[str, str, str]:
    """Return the card of someone who can be called and written to: its address, their name, their e-mail."""
    with site.database.session() as session:
        row = session.execute(
            select(Referent.ref, Titulaire)
            .join(Titulaire, Titulaire.referent_id == Referent.id)
            .where(
                Referent.departement_code == "92",
                Referent.ferme_le.is_(None),
                Titulaire.au.is_(None),
                Titulaire.telephone != "",
                Titulaire.email != "",
                ~Titulaire.absences.any(),
            )
            .order_by(Referent.tri, Titulaire.role.desc(), Titulaire.id)
        ).first()
        assert row is not None
        return f"/annuaire/{row.ref}", row.Titulaire.nom_complet, row.Titulaire.email


def addresses(site: Site) -> list[str]:
    """Return the pages of the directory: lists, card, forms, what a commune or a structure answers."""
    card, _name, _email = entry(site)
    with site.database.session() as session:
        adhesion = session.scalars(
            select(Adhesion.ref)
            .join(Personne)
            .where(Personne.email == SIAO_92.email, Adhesion.profil == SIAO_92.profil)
            .order_by(Adhesion.id)
        ).first()
        organisation = session.scalars(
            select(Organisation.ref)
            .join(Referent, Referent.organisation_id == Organisation.id)
            .where(Referent.departement_code == "92")
            .order_by(Organisation.id)
        ).first()
    return [
        "/annuaire",
        "/annuaire?q=rien+de+tel",
        f"/annuaire?organisation={organisation}",
        card,
        "/annuaire/nouvelle",
        "/annuaire/fonctions",
        *(f"{card}/{act}" for act in ("modifier", "confier", "absence", "fermer")),
        "/annuaire/interlocuteurs",
        "/annuaire/interlocuteurs?commune=nanterre",
        "/annuaire/interlocuteurs?commune=nanterre&sujet=referent_siao",
        f"/equipe/{adhesion}/passer",
    ]


@pytest.mark.parametrize(("langue", "width"), [("fr", 1280), ("en", PHONE)])
def test_axe_finds_nothing_in_the_directory(page_de: Pages, site: Site, langue: str, width: int) -> None:
    parler(site, SIAO_92, langue)
    page = page_de(SIAO_92, width=width)
    try:
        for address in addresses(site):
            page.goto(address)
            expect(page.locator("html")).to_have_attribute("lang", langue)
            page.locator("main details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
            assert not axe(page), address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    finally:
        parler(site, SIAO_92, "fr")


def test_someone_is_found_called_written_to_and_copied_with_the_keyboard_alone(
    page_de: Pages, site: Site
) -> None:
    card, name, email = entry(site)
    page = page_de(SIAO_92)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/annuaire")
    box = page.get_by_label("Nom, fonction, organisation, lieu, téléphone")
    tab_to(page, box)
    page.keyboard.type(name)
    page.wait_for_function("(name) => new URLSearchParams(location.search).get('q') === name", arg=name)
    first = page.locator("#resultats tbody th a").first
    expect(page.locator("#resultats tbody tr").first).to_contain_text(name)
    expect(page.locator("#annonces")).to_contain_text(re.compile(r"\d+ réponse"))
    assert not axe(page)
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.goto(f"/annuaire?q={email}")
    box.focus()
    wanted = page.locator(f"#resultats tbody th a[href='{card}']")
    for _ in range(page.locator("#resultats tbody th a").count()):
        page.keyboard.press("ArrowDown")
        if wanted.evaluate("(one) => one === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name=name)).to_be_visible()
    main = page.get_by_role("main")
    tab_to(page, main.get_by_role("link", name=re.compile("^Appeler")))
    expect(main.get_by_role("link", name=re.compile("^Appeler"))).to_have_attribute(
        "href", re.compile(r"^tel:[+\d]+$")
    )
    tab_to(page, main.get_by_role("link", name="Écrire"))
    expect(main.get_by_role("link", name="Écrire")).to_have_attribute("href", f"mailto:{email}")
    tab_to(page, main.get_by_role("button", name="Copier l’adresse"))
    page.keyboard.press("Enter")
    expect(page.locator("#annonces")).to_contain_text("Adresse copiée.")
    assert page.evaluate("navigator.clipboard.readText()") == email


def test_without_a_script_the_directory_is_searched_and_kept(page_de: Pages, site: Site) -> None:
    card, name, email = entry(site)
    page = page_de(SIAO_92, scripts=False, width=PHONE)
    main = page.get_by_role("main")
    page.goto("/annuaire")
    main.get_by_role("searchbox").first.fill(email)
    main.get_by_role("searchbox").first.press("Enter")
    expect(page.locator("#resultats tbody tr").first).to_contain_text(name)
    page.goto(card)
    expect(main.get_by_role("button", name="Copier l’adresse")).to_be_hidden()
    expect(main.get_by_role("link", name="Carte de contact")).to_be_visible()
    page.goto(f"{card}/absence")
    main.get_by_role("button", name="Noter l’absence").click()
    expect(main.get_by_text("L’absence est notée.")).to_be_visible()
    main.get_by_role("button", name="Retirer cette absence").first.click()
    expect(main.get_by_text("L’absence est retirée.")).to_be_visible()
    page.goto("/annuaire/interlocuteurs")
    main.get_by_role("searchbox", name="Commune").fill("nanterre")
    main.get_by_role("searchbox", name="Commune").press("Enter")
    expect(main.get_by_role("heading", level=2, name="Nanterre")).to_be_visible()


def test_what_someone_holds_is_handed_over_after_a_preview(page_de: Pages, site: Site) -> None:
    with site.database.session(write=True) as session:
        held = session.scalars(
            select(Titulaire)
            .join(Referent, Referent.id == Titulaire.referent_id)
            .join(Adhesion, Adhesion.organisation_id == Referent.organisation_id)
            .join(Personne, Personne.id == Adhesion.personne_id)
            .where(
                Personne.email == SIAO_92.email,
                Referent.departement_code == "92",
                Referent.ferme_le.is_(None),
                Titulaire.au.is_(None),
            )
            .order_by(Titulaire.id)
        ).first()
        assert held is not None
        held.email = SIAO_92.email
        session.commit()
    page = page_de(SIAO_92, scripts=False, width=PHONE)
    main = page.get_by_role("main")
    page.goto("/compte")
    main.get_by_role("link", name="Passer la main").click()
    expect(page.get_by_role("heading", level=1, name="Passer la main")).to_be_visible()
    main.locator("fieldset").get_by_role("combobox").last.select_option("vider")
    main.get_by_role("button", name="Voir l’aperçu").click()
    expect(main.get_by_text("À personne")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    main.get_by_role("button", name="Revenir aux choix").click()
    expect(main.locator("fieldset").get_by_role("combobox").last).to_have_value("vider")
    main.get_by_role("button", name="Voir l’aperçu").click()
    main.get_by_role("button", name="Passer la main").click()
    expect(page.locator("#contenu").get_by_text("1 ligne est passée.")).to_be_visible()
