"""The link that a référent receives: read, confirmed, corrected and left, without an account nor a script."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import LienAnnuaire
from portal.security.tokens import token_hash
from tests.browser.serveur import Site
from tests.browser.test_clavier import tab_to

JETON = "jeton-de-confirmation"
WIDTH = 390


def link(site: Site) -> str:
    """Make the link of someone who holds one function alone, far from the département that is visited."""
    with site.database.session(write=True) as session:
        email = session.scalars(
            select(Titulaire.email)
            .join(Referent, Referent.id == Titulaire.referent_id)
            .where(Referent.departement_code == "92", Titulaire.au.is_(None), Titulaire.email != "")
            .order_by(Titulaire.id)
        ).first()
        assert email is not None
        now = site.clock.now()
        session.add(
            LienAnnuaire(
                email=email,
                jeton_hash=token_hash(JETON),
                created_at=now,
                expire_le=now + timedelta(days=30),
            )
        )
        session.commit()
    return f"/annuaire/lien/{JETON}"


def test_a_referent_confirms_corrects_and_leaves_with_the_keyboard_alone(
    context_for: Callable[..., BrowserContext], site: Site
) -> None:
    page = context_for(width=WIDTH, scripts=False).new_page()
    page.goto(link(site))
    main = page.get_by_role("main")
    expect(page.get_by_role("heading", level=1, name="Vos fonctions à l’annuaire")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    tab_to(page, main.get_by_role("button", name="Tout est exact").first)
    page.keyboard.press("Enter")
    expect(main.get_by_text("Merci : une fiche est vérifiée aujourd’hui.")).to_be_visible()
    expect(main.get_by_text("Vérifiée le 23/11/2026").first).to_be_visible()
    tab_to(page, main.get_by_role("link", name="Corriger").first)
    page.keyboard.press("Enter")
    address = page.get_by_label("Courriel professionnel").input_value()
    page.get_by_label("Courriel professionnel").fill("camille@")
    page.get_by_label("Horaires").fill("Le matin")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    expect(page.locator("[data-erreurs]")).to_be_visible()
    expect(page.get_by_label("Horaires")).to_have_value("Le matin")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    page.get_by_label("Courriel professionnel").fill(address)
    page.get_by_label("Téléphone professionnel").fill("02 61 91 00 42")
    page.get_by_role("button", name="Enregistrer").press("Enter")
    expect(main.get_by_text("Merci : la fiche est corrigée.")).to_be_visible()
    expect(main.get_by_text("02 61 91 00 42")).to_be_visible()
    tab_to(page, main.get_by_role("link", name="Retirer mes données de l’annuaire"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Retirer mes données")).to_be_visible()
    tab_to(page, main.get_by_role("checkbox").first)
    page.keyboard.press("Space")
    tab_to(page, main.get_by_role("button", name="Retirer pour les fonctions choisies"))
    page.keyboard.press("Enter")
    expect(main.get_by_text("C’est fait : une fiche ne dit plus rien de vous.")).to_be_visible()
    expect(main.get_by_text("02 61 91 00 42")).to_have_count(0)
