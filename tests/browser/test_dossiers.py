"""The agenda of a session: ordered with the keyboard, by dragging, without a script; a dossier on a phone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select, update

from portal.commissions.models import Siege
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from tests.browser.constats import OVERFLOW, axe
from tests.browser.serveur import Site
from tests.browser.test_clavier import tab_to
from tests.browser.visites import BAILLEUR, SIAO, parler

PHONE = 390
Pages = Callable[..., Page]


@pytest.fixture
def agenda(site: Site) -> str:
    """The address of the agenda of the 22 that has dossiers."""
    with site.database.session() as session:
        ref = session.scalars(
            select(Seance.ref)
            .join(Dossier, Dossier.seance_id == Seance.id)
            .where(Seance.departement_code == "22", Seance.debut > site.clock.now())
            .order_by(Seance.debut, Seance.id)
        ).first()
    return f"/dossiers/seances/{ref}"


def codes(page: Page) -> list[str]:
    """Return the order on the screen."""
    return [line.get_attribute("data-code") or "" for line in page.locator("[data-ordre] > li").all()]


def test_the_keyboard_orders_the_agenda_and_keeps_its_place(page_de: Pages, agenda: str) -> None:
    page = page_de(SIAO)
    page.goto(agenda)
    before = codes(page)
    assert len(before) > 2
    down = page.locator("[data-ordre] > li").first.locator("button[name=descendre]")
    ident = down.get_attribute("id") or ""
    tab_to(page, down)
    page.keyboard.press("Enter")
    expect(page.locator("[data-ordre] > li").nth(1)).to_have_attribute("data-code", before[0])
    expect(page.locator(f"#{ident}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-ordre] > li").nth(2)).to_have_attribute("data-code", before[0])
    page.reload()
    assert codes(page) == [before[1], before[2], before[0], *before[3:]]


def test_dragging_orders_it_too(page_de: Pages, agenda: str) -> None:
    page = page_de(SIAO)
    page.goto(agenda)
    before = codes(page)
    lines = page.locator("[data-ordre] > li")
    with page.expect_response("**/ordre"):
        lines.nth(2).locator(".dossiers-rang").drag_to(lines.first, target_position={"x": 200, "y": 4})
    expect(lines.first).to_have_attribute("data-code", before[2])
    page.reload()
    assert codes(page) == [before[2], before[0], before[1], *before[3:]]


def test_without_a_script_the_buttons_order_it(page_de: Pages, agenda: str) -> None:
    page = page_de(SIAO, scripts=False)
    page.goto(agenda)
    before = codes(page)
    page.locator("[data-ordre] > li").nth(1).locator("button[name=monter]").click()
    expect(page.locator("[data-ordre] > li").first).to_have_attribute("data-code", before[1])
    assert codes(page) == [before[1], before[0], *before[2:]]


@pytest.mark.parametrize("langue", ["fr", "en"])
def test_agenda_and_dossier_on_a_phone(page_de: Pages, site: Site, agenda: str, langue: str) -> None:
    parler(site, SIAO, langue)
    page = page_de(SIAO, width=PHONE)
    page.goto(agenda)
    expect(page.locator("html")).to_have_attribute("lang", langue)
    expect(page.get_by_role("heading", level=1)).to_have_text({"fr": "Ordre du jour", "en": "Agenda"}[langue])
    for address in (agenda, "/dossiers", f"{agenda}/invites"):
        page.goto(address)
        assert not page.evaluate(OVERFLOW), address
        assert not axe(page), address
    page.goto(agenda)
    page.locator(".dossiers-ligne > a").first.click()
    page.wait_for_url("**/dossiers/*")
    assert not page.evaluate(OVERFLOW)
    assert not axe(page)


@pytest.mark.parametrize("typing", [False, True])
def test_a_page_that_may_not_be_read_any_more_leaves_the_screen(
    page_de: Pages, site: Site, agenda: str, typing: bool
) -> None:
    """The agenda, then a dossier on which an opinion is being written, of someone who sits no longer."""
    page = page_de(BAILLEUR)
    page.goto(agenda)
    if typing:
        page.locator(".dossiers-ligne > a").first.click()
        page.wait_for_url("**/dossiers/*")
        page.locator("main textarea").first.press_sequentially("Un avis commencé")
    page.route("**/dossiers/**", lambda route: route.fulfill(status=503, body="occupé"))
    with page.expect_response(lambda answer: answer.status == 503):
        pass
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Cette page n’existe pas")
    page.unroute("**/dossiers/**")
    with site.database.session(write=True) as session:
        session.execute(update(InvitationSeance).values(retiree_le=site.clock.now()))
        session.execute(update(Siege).values(au=site.clock.now().date() - timedelta(days=1)))
        session.commit()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cette page n’existe pas")


def test_a_dead_invitation_says_so(context_for: Callable[..., BrowserContext]) -> None:
    page = context_for().new_page()
    page.goto("/dossiers/invitation/inconnue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")
    assert not axe(page)
