"""Answering on the professional's device: with the mouse, the keyboard, without a script; then on a phone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from portal.grilles.autorisations import queries, recus, service
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.enums import (
    DecisionAdulte,
    Finalite,
    Lecture,
    Mode,
    ObjetAutorisation,
    StatutAutorisation,
)
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.saisie import SaisieDemande, SaisieReponse
from portal.grilles.autorisations.signatures import lisible
from portal.grilles.menages import queries as menages
from portal.grilles.menages import service as service_menages
from portal.grilles.menages.saisie import SaisieAdulte, SaisieMenage
from portal.organisations.enums import TypeOrganisation
from portal.security.coffre import coffre
from tests.browser.constats import ETROIT, OVERFLOW, axe
from tests.browser.serveur import Site
from tests.browser.test_clavier import tab_to
from tests.browser.test_grille import STOCKAGE, TRAVAILLEUR, acteur
from tests.grilles_remplies import figer, remplir

Pages = Callable[..., Page]
Contexts = Callable[..., BrowserContext]
PIN = "481592"
TABLETTE, TELEPHONE = 820, 390
_noms = count(1)


@dataclass
class Demande:
    """A request of transmission, its notice given, and the adults who have to answer."""

    menage: str
    ref: str
    adultes: list[str]

    @property
    def fiche(self) -> str:
        return f"/menages/{self.menage}/autorisations/{self.ref}"

    def signer(self, rang: int = 0) -> str:
        return f"{self.fiche}/adultes/{self.adultes[rang]}/signer"


@pytest.fixture
def demande(site: Site) -> Demande:
    """A household of two adults just asked, in English for the notice."""
    actor = acteur(site)
    with site.database.session(write=True) as session:
        adultes = tuple(
            SaisieAdulte(nom=f"Signé{next(_noms)}", prenom=prenom, naissance=date(1990, 1, 8))
            for prenom in ("Anna", "Yann")
        )
        menage = service_menages.ouvrir(
            session, site.clock, actor, SaisieMenage(departement_code="22", adultes=adultes)
        )
        vise = menages.vue(session, site.clock, actor, menage.ref)
        remplir(session, site.clock, actor, vise)
        figer(session, site.clock, actor, vise)
        bailleur = next(
            ref
            for ref, _nom, kind in queries.destinataires(session, menage)
            if kind is TypeOrganisation.BAILLEUR
        )
        jour = queries.jour_de(site.clock, menage)
        typed = SaisieDemande(
            objet=ObjetAutorisation.TRANSMISSION,
            destinataire=bailleur,
            finalite=Finalite.LOGEMENT,
            sections=("A", "B"),
            du=jour,
            au=service.duree_proposee(session, menage, jour),
        )
        une = service.demander(session, site.clock, actor, vise, typed)
        service.informer(
            session, site.clock, actor, vise, une.ref, langue="fr", lecture=Lecture.LUE, version=une.version
        )
        refs = [adulte.ref for adulte in queries.presents(session, menage)]
        session.commit()
        return Demande(menage.ref, une.ref, refs)


def lire(site: Site, demande: Demande) -> Autorisation:
    with site.database.session() as session:
        une = session.scalars(select(Autorisation).where(Autorisation.ref == demande.ref)).one()
        assert une.accords
        return une


def signature(site: Site, demande: Demande, rang: int = 0) -> dict[str, str]:
    with site.database.session() as session:
        une = session.scalars(select(Autorisation).where(Autorisation.ref == demande.ref)).one()
        found: dict[str, str] = coffre(session).ouvrir(une.accords[rang].signature)
        return found


def dessiner(page: Page) -> None:
    """Draw two strokes in the frame with the mouse."""
    toile = page.get_by_role("img", name="Cadre pour signer")
    toile.scroll_into_view_if_needed()
    cadre = toile.bounding_box()
    assert cadre
    for depart in (0.2, 0.5):
        page.mouse.move(cadre["x"] + cadre["width"] * depart, cadre["y"] + cadre["height"] * 0.3)
        page.mouse.down()
        for pas in range(1, 6):
            page.mouse.move(
                cadre["x"] + cadre["width"] * (depart + pas * 0.04),
                cadre["y"] + cadre["height"] * (0.3 + 0.1 * (pas % 3)),
            )
        page.mouse.up()


@pytest.mark.parametrize("width", [TABLETTE, TELEPHONE])
def test_signing_with_the_mouse(page_de: Pages, site: Site, demande: Demande, width: int) -> None:
    page = page_de(TRAVAILLEUR, width=width)
    page.goto(demande.fiche)
    page.get_by_role("link", name=re.compile("Faire répondre à l’écran")).first.click()
    page.wait_for_url(f"**{demande.signer()}")
    expect(page.get_by_role("navigation")).to_have_count(0)
    dessiner(page)
    page.get_by_role("button", name="Effacer la signature").click()
    page.get_by_role("button", name="J’accepte").click()
    erreurs = page.locator("[data-erreurs]")
    expect(erreurs).to_be_focused()
    expect(erreurs).to_contain_text("Signez dans le cadre")
    dessiner(page)
    page.get_by_role("button", name="J’accepte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci, votre réponse est enregistrée")
    gardee = signature(site, demande)
    assert lisible(gardee["trace"])
    assert gardee["trace"].count("M") == 2
    page.get_by_role("link", name="Rendre l’appareil au professionnel").click()
    expect(page.get_by_role("main")).to_contain_text("Réponses reçues : 1 sur 2")
    page.get_by_role("main").get_by_text("Signature", exact=True).click()
    expect(page.get_by_role("img", name="Signature dessinée")).to_be_visible()
    assert page.evaluate(STOCKAGE) in ([], [demande.fiche])


def test_signing_with_the_keyboard(page_de: Pages, site: Site, demande: Demande) -> None:
    page = page_de(TRAVAILLEUR, width=TABLETTE)
    page.goto(demande.signer())
    tab_to(page, page.get_by_label("Nom de la personne qui signe"))
    page.keyboard.type("Anna Signée")
    page.keyboard.press("Enter")  # never an agreement without the box
    expect(page.locator("[data-erreurs]")).to_be_focused()
    expect(page.get_by_label("Nom de la personne qui signe")).to_have_value("Anna Signée")
    tab_to(page, page.get_by_role("checkbox"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="J’accepte"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci, votre réponse est enregistrée")
    assert signature(site, demande) == {"trace": "", "nom": "Anna Signée"}


def test_signing_and_refusing_without_a_script(page_de: Pages, site: Site, demande: Demande) -> None:
    page = page_de(TRAVAILLEUR, width=TABLETTE, scripts=False)
    page.goto(demande.signer())
    expect(page.get_by_role("img", name="Cadre pour signer")).to_be_hidden()
    page.get_by_label("Nom de la personne qui signe").fill("Anna Signée")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="J’accepte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci, votre réponse est enregistrée")
    page.goto(demande.signer(1))
    page.get_by_role("button", name="Je refuse").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci, votre réponse est enregistrée")
    assert lire(site, demande).statut is StatutAutorisation.REFUSE


@pytest.mark.parametrize("width", [TABLETTE, TELEPHONE])
def test_accepting_and_refusing_are_side_by_side_and_of_one_size(
    page_de: Pages, demande: Demande, width: int
) -> None:
    page = page_de(TRAVAILLEUR, width=width)
    page.goto(demande.signer())
    boites = [
        page.get_by_role("button", name=nom, exact=True).bounding_box() for nom in ("J’accepte", "Je refuse")
    ]
    accepter, refuser = boites
    assert accepter
    assert refuser
    assert (accepter["width"], accepter["height"]) == (refuser["width"], refuser["height"])
    assert accepter["y"] == refuser["y"]
    styles = "(one) => { const s = getComputedStyle(one); return [s.color, s.backgroundColor, s.fontSize, s.fontWeight, s.borderColor]; }"  # noqa: E501
    vus = [
        page.get_by_role("button", name=nom, exact=True).evaluate(styles)
        for nom in ("J’accepte", "Je refuse")
    ]
    assert vus[0] == vus[1]


def test_the_household_s_pages_are_clean_in_both_languages(
    page_de: Pages, context_for: Contexts, site: Site, demande: Demande
) -> None:
    worker = page_de(TRAVAILLEUR, width=ETROIT)
    base = f"/menages/{demande.menage}/autorisations"
    wrong = []
    for url in (
        demande.signer(),
        f"{demande.fiche}/adultes/{demande.adultes[0]}/merci",
        f"{base}/recus/{demande.adultes[0]}",
        f"{demande.fiche}/adultes/{demande.adultes[0]}/papier",
        f"{demande.fiche}/adultes/{demande.adultes[0]}/oral",
        f"{demande.fiche}/notice?langue=en",
        demande.fiche,
        base,
        f"{base}/demander/transmission",
    ):
        worker.goto(url)
        wrong += [f"{url}: {one}" for one in axe(worker)]
        if worker.evaluate(OVERFLOW) > 0:
            wrong.append(f"{url}: overflow")
    jeton = recu(site, demande)
    for locale in ("fr-FR", "en-GB"):
        page = context_for(width=ETROIT, locale=locale).new_page()
        page.goto(f"/r/{jeton}")
        wrong += [f"code {locale}: {one}" for one in axe(page)]
        page.locator("input[name=pin]").fill(PIN)
        page.keyboard.press("Enter")
        page.wait_for_selector("#lectures")
        wrong += [f"page {locale}: {one}" for one in axe(page)]
        if page.evaluate(OVERFLOW) > 0:
            wrong.append(f"page {locale}: overflow")
        page.goto(f"/r/{jeton}/{demande.ref}")
        wrong += [f"partage {locale}: {one}" for one in axe(page)]
        if page.evaluate(OVERFLOW) > 0:
            wrong.append(f"partage {locale}: overflow")
    assert wrong == []


def recu(site: Site, demande: Demande) -> str:
    """Let both adults agree, give the first a receipt, return its secret."""
    actor = acteur(site)
    with site.database.session(write=True) as session:
        vise = menages.vue(session, site.clock, actor, demande.menage)
        une = queries.une(session, vise.menage, demande.ref)
        for adulte in demande.adultes:
            typed = SaisieReponse(
                decision=DecisionAdulte.ACCORDE,
                mode=Mode.ECRAN,
                nom="Qui signe",
                confirme=True,
                empreinte=apercu(session, une).empreinte,
            )
            service.repondre(session, site.clock, actor, vise, demande.ref, adulte, typed)
        made = recus.creer(session, site.clock, actor, vise, demande.adultes[0], PIN, PIN)
        session.commit()
        return recus.jeton(session, made)


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_with_the_paper_and_the_code(
    context_for: Contexts, site: Site, demande: Demande, scripts: bool
) -> None:
    jeton = recu(site, demande)
    page = context_for(width=TELEPHONE, scripts=scripts).new_page()
    page.goto(f"/r/{jeton}")
    page.get_by_label("Votre code à 6 chiffres").fill("000000")
    page.get_by_role("button", name="Ouvrir ma page").click()
    expect(page.get_by_role("main")).to_contain_text("Ce code n’est pas le bon.")
    page.get_by_label("Votre code à 6 chiffres").fill(PIN)
    page.get_by_role("button", name="Ouvrir ma page").click()
    expect(page.get_by_role("main")).to_contain_text("Votre grille peut être lue.")
    page.get_by_role("link", name=re.compile("Voir ce qui est partagé")).click()
    with page.expect_download() as copie:
        page.get_by_role("link", name="Garder une copie (PDF)").click()
    assert copie.value.suggested_filename == "copie.pdf"
    page.get_by_label("Votre remarque").fill("Je préfère un rez-de-chaussée.")
    page.get_by_role("button", name="Ajouter cette remarque").click()
    expect(page.get_by_role("main")).to_contain_text("Je préfère un rez-de-chaussée.")
    page.get_by_role("link", name="Revenir à ma page").click()
    page.get_by_role("button", name=re.compile("Retirer mon accord maintenant")).click()
    expect(page.get_by_role("main")).to_contain_text("Votre accord est retiré :")
    expect(page.get_by_role("main")).to_contain_text("Fermé : votre grille ne peut pas être lue.")
    page.get_by_role("button", name="Fermer ma page sur cet appareil").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre code")
    assert lire(site, demande).statut is StatutAutorisation.RETIRE
