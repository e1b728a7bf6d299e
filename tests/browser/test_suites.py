"""After a session: minutes, appeals, indicators; keyboard, no scripts, narrow, both languages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.commissions.enums_dossiers import StatutReleve
from portal.commissions.models import Commission
from portal.commissions.models_decisions import Decision, Recours, ReleveSeance
from portal.commissions.models_seances import Seance
from portal.security.permissions import Profil
from tests.browser.constats import ETROIT, OVERFLOW, axe
from tests.browser.serveur import Site
from tests.browser.visites import PILOTE_92, SIAO_92, Role

Pages = Callable[..., Page]

PRESCRIPTEUR = Role("prescripteur-92", "travail.social@boucle-verte.example", Profil.TRAVAILLEUR_SOCIAL)
PORTEUR = Role("porteur-92", "referent@habitat-des-coteaux.example", Profil.BAILLEUR_REFERENT)


@pytest.fixture
def adresses(site: Site) -> dict[str, str]:
    """The pages of what followed the sessions of the labelling commission."""
    with site.database.session() as session:
        releves = {
            row.statut: f"/seances/{row.ref}/releve"
            for row in session.execute(
                select(Seance.ref, ReleveSeance.statut)
                .join(ReleveSeance, ReleveSeance.seance_id == Seance.id)
                .where(Seance.departement_code == "92")
            )
        }
        conteste = session.execute(
            select(Recours.ref, Decision.ref.label("decision"), Commission.ref.label("commission"))
            .join(Decision, Decision.id == Recours.decision_id)
            .join(Seance, Seance.id == Decision.seance_id)
            .join(Commission, Commission.id == Seance.commission_id)
            .where(Commission.departement_code == "92")
        ).one()
    return {
        "envoye": releves[StatutReleve.ENVOYE],
        "relecture": releves[StatutReleve.RELECTURE],
        "recours": f"/recours/{conteste.ref}",
        "decision": f"/decisions/{conteste.decision}",
        "indicateurs": f"/commissions/{conteste.commission}/indicateurs",
        "diffusion": f"/commissions/{conteste.commission}/indicateurs?diffusion=1",
        "lignes": f"/commissions/{conteste.commission}/indicateurs/K6",
        "prescriptions": "/prescriptions?voir=toutes",
    }


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_axe_finds_nothing_and_nothing_overflows(
    page_de: Pages, adresses: dict[str, str], locale: str
) -> None:
    page = page_de(SIAO_92, locale=locale)
    for adresse in adresses.values():
        page.goto(adresse)
        assert not axe(page), adresse
    page.set_viewport_size({"width": ETROIT, "height": 900})
    for adresse in adresses.values():
        page.goto(adresse)
        assert page.evaluate(OVERFLOW) <= 0, adresse


def test_minutes_are_dealt_with_approved_and_sent_by_keyboard(
    page_de: Pages, adresses: dict[str, str]
) -> None:
    siao, pilote = page_de(SIAO_92), page_de(PILOTE_92)
    siao.goto(adresses["relecture"])
    presser(siao, "Marquer comme traitée")
    expect(siao.get_by_text("La remarque est traitée.").first).to_be_visible()
    pilote.goto(adresses["relecture"])
    presser(pilote, "Approuver ce relevé")
    expect(pilote.get_by_text("Vous avez approuvé ce relevé.").first).to_be_visible()
    siao.goto(adresses["relecture"])
    presser(siao, "Envoyer aux personnes invitées")
    expect(siao.get_by_text("Ses fichiers se préparent.").first).to_be_visible()
    siao.reload()
    expect(siao.get_by_text("jusqu’au").first).to_be_visible()


def test_an_appeal_gets_its_session_without_scripts_and_nothing_typed_is_lost(
    page_de: Pages, adresses: dict[str, str]
) -> None:
    page = page_de(SIAO_92, scripts=False)
    page.goto(adresses["recours"])
    page.get_by_role("button", name="Désigner cette séance").click()
    expect(page.locator("[data-erreurs]")).to_be_visible()
    choix = page.get_by_label("Séance qui examine le recours")
    seance = choix.locator("option").nth(1).get_attribute("value")
    choix.select_option(seance)
    page.get_by_role("button", name="Désigner cette séance").click()
    same = page.get_by_text("Le recours est examiné par une autre formation")
    done = page.get_by_text("La séance qui examine le recours est désignée.")
    expect(same.or_(done).first).to_be_visible()
    if same.count():
        expect(choix).to_have_value(seance or "")
    stranger = page_de(PORTEUR, scripts=False)
    answer = stranger.goto(adresses["recours"])
    assert answer is not None
    assert answer.status == 404


def test_a_bearer_says_what_became_of_a_prescription_without_scripts(page_de: Pages, site: Site) -> None:
    page = page_de(PORTEUR, scripts=False)
    page.goto("/prescriptions")
    page.get_by_role("link", name="Noter la suite").first.click()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("[data-erreurs]")).to_be_visible()
    page.get_by_label("Fait", exact=True).check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("C’est noté.").first).to_be_visible()


def test_a_prescriber_reads_the_decision_and_its_appeal(page_de: Pages, adresses: dict[str, str]) -> None:
    page = page_de(PRESCRIPTEUR)
    page.goto(adresses["decision"])
    expect(page.get_by_role("button", name="Préparer le courrier du ménage")).to_be_visible()
    expect(page.get_by_text("DALO").first).to_be_visible()
    page.get_by_role("link", name="Voir le recours").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recours, dossier")


def test_indicators_are_exported_as_they_are_shown_without_scripts(
    page_de: Pages, adresses: dict[str, str]
) -> None:
    page = page_de(SIAO_92, scripts=False)
    for nom, masque in (("indicateurs", False), ("diffusion", True)):
        page.goto(adresses[nom])
        expect(page.get_by_label("Année")).to_have_count(int(masque))
        expect(page.get_by_label("Du", exact=True)).to_have_count(int(not masque))
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        read = download.value.path().read_text("utf-8-sig")
        assert ("Masqué" in read) is masque
        assert ("-diffusion" in download.value.suggested_filename) is masque


def test_a_period_that_does_not_exist_is_said_next_to_its_field(
    page_de: Pages, adresses: dict[str, str]
) -> None:
    page = page_de(SIAO_92)
    page.goto(adresses["indicateurs"])
    du = page.get_by_label("Du", exact=True)
    du.focus()
    page.keyboard.type("02302026")
    page.get_by_role("button", name="Voir cette période").click()
    expect(du).to_have_accessible_description(re.compile("Cette date est incomplète, ou n’existe pas."))


def presser(page: Page, nom: str) -> None:
    """Reach a button with the Tab key and press it."""
    bouton = page.get_by_role("button", name=nom).first
    expect(bouton).to_be_visible()
    for _ in range(120):
        page.keyboard.press("Tab")
        if bouton.evaluate("(one) => one === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"never reached: {nom}")
