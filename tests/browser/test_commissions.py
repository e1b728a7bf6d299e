"""Commissions and their sessions: with the keyboard alone, without a script, on a telephone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from portal.commissions.dossiers import invites
from portal.commissions.enums import StatutSeance
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models import Commission
from portal.commissions.models_dossiers import Dossier, InviteDossier, InviteSeance
from portal.commissions.models_seances import InvitationSeance, JetonInvitation, Seance
from portal.notifications.models import MessageSortant
from portal.security.tokens import new_token, token_hash
from tests.browser.constats import OVERFLOW, axe
from tests.browser.serveur import Site
from tests.browser.test_clavier import tab_to
from tests.browser.visites import SIAO

PHONE = 390


def seance(site: Site, statut: StatutSeance) -> str:
    """The address of a session to come of the 22 in a state."""
    with site.database.session() as session:
        ref = session.scalars(
            select(Seance.ref)
            .where(
                Seance.departement_code == "22",
                Seance.statut == statut,
                Seance.debut > site.clock.now(),
            )
            .order_by(Seance.debut)
        ).first()
    return f"/commissions/seances/{ref}"


def commission(site: Site, prereglage: str) -> str:
    with site.database.session() as session:
        ref = session.scalars(
            select(Commission.ref)
            .where(Commission.departement_code == "22", Commission.prereglage_code == prereglage)
            .order_by(Commission.id)
        ).first()
    return f"/commissions/{ref}"


def test_open_a_commission_with_the_keyboard(page_de: Callable[..., Page]) -> None:
    page = page_de(SIAO)
    page.goto("/commissions/nouvelle")
    tab_to(page, page.get_by_role("link", name="Commission d’admission"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/commissions/nouvelle/ADMISSION")
    tab_to(page, page.get_by_label("Nom de la commission"))
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(page.locator("[data-erreurs]")).to_be_focused()
    tab_to(page, page.get_by_label("Nom de la commission"))
    page.keyboard.type("Admission au clavier")
    page.keyboard.press("Enter")
    page.wait_for_url("**/composition")
    tab_to(page, page.get_by_role("link", name="Donner un siège : Porteurs du projet"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Fonction, organisation ou personne"))
    page.keyboard.type("landes")
    seat = page.get_by_role("button", name=re.compile("Donner le siège.*Landes")).first
    expect(seat).to_be_visible()
    tab_to(page, seat)
    page.keyboard.press("Enter")
    page.wait_for_url("**/composition")
    expect(page.get_by_role("main").get_by_text("La fonction siège.")).to_be_visible()


def test_plan_a_session_without_a_script_on_a_telephone(page_de: Callable[..., Page], site: Site) -> None:
    page = page_de(SIAO, scripts=False, width=PHONE)
    page.goto(f"{commission(site, 'PLATEFORME')}/seances/nouvelle")
    page.get_by_label("Jour").fill("2027-05-04")
    page.get_by_label("Nombre de séances").fill("2")
    page.get_by_role("button", name="Voir les dates").click()
    expect(page.get_by_label("mardi 4 mai 2027")).to_be_checked()
    page.get_by_role("button", name="Prévoir ces séances").click()
    expect(page.get_by_role("main").get_by_text("2 séances sont prévues")).to_be_visible()
    page.goto("/commissions/seances?mois=2027-05")
    expect(page.locator("#contenu").get_by_text("mardi 4 mai 2027")).to_be_visible()
    expect(page.locator("#contenu").get_by_text("Fête du Travail")).to_be_visible()


@pytest.mark.parametrize("width", [320, PHONE])
def test_nothing_overflows_and_axe_finds_nothing(
    page_de: Callable[..., Page], site: Site, width: int
) -> None:
    page = page_de(SIAO, width=width)
    ici, convoquee = commission(site, "PLATEFORME"), seance(site, StatutSeance.CONVOQUEE)
    for address in (
        "/commissions",
        "/commissions/nouvelle/CUO",
        "/commissions/seances",
        "/commissions/seances?vue=liste",
        ici,
        f"{ici}/composition",
        f"{ici}/textes",
        convoquee,
        f"{convoquee}/modifier",
    ):
        page.goto(address)
        assert page.evaluate(OVERFLOW) <= 0, address
        assert not axe(page), address


def test_answer_by_the_link_of_the_e_mail(context_for: Callable[..., BrowserContext], site: Site) -> None:
    token = new_token()
    with site.database.session(write=True) as session:
        invitation = session.scalars(
            select(InvitationSeance)
            .join(Seance)
            .where(Seance.statut == StatutSeance.CONVOQUEE, Seance.debut > site.clock.now())
            .order_by(InvitationSeance.id.desc())
        ).first()
        assert invitation is not None
        invitation.jetons.append(JetonInvitation(jeton_hash=token_hash(token), cree_le=site.clock.now()))
        session.commit()
    page = context_for(width=PHONE, scripts=False).new_page()
    page.goto(f"/seances/reponse/{token}")
    page.get_by_label("Oui, je viens").check()
    page.get_by_role("button", name="Envoyer ma réponse").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("votre réponse est enregistrée")
    with_script = context_for(width=PHONE).new_page()
    with_script.goto(f"/seances/reponse/{token}")
    expect(with_script.get_by_label("Oui, je viens")).to_be_checked()
    assert with_script.evaluate(OVERFLOW) <= 0
    assert not axe(with_script)


def test_cancel_a_session_with_the_keyboard_and_its_dossiers_join_the_next(
    page_de: Callable[..., Page], site: Site
) -> None:
    page, ici = page_de(SIAO), seance(site, StatutSeance.CONVOQUEE)
    page.goto(ici)
    tab_to(page, page.get_by_role("link", name="Annuler la séance"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Motif")).to_be_focused()
    assert not axe(page)
    page.keyboard.type("Routes fermées")
    page.keyboard.press("Enter")
    main = page.get_by_role("main")
    expect(main.get_by_text("La séance est annulée.")).to_be_visible()
    expect(main.get_by_text("Routes fermées")).to_be_visible()
    with site.database.session() as session:
        places = session.execute(
            select(Seance.statut, Seance.ref)
            .join(Dossier, Dossier.seance_id == Seance.id)
            .where(Dossier.statut == StatutDossier.INSCRIT, Seance.departement_code == "22")
        ).all()
    assert places
    assert all(row.statut is not StatutSeance.ANNULEE for row in places)


def test_a_guest_reads_by_a_code_on_a_telephone_without_a_script(
    context_for: Callable[..., BrowserContext], site: Site
) -> None:
    token = new_token()
    with site.database.session(write=True) as session:
        dossier = session.scalars(
            select(Dossier)
            .join(Seance, Seance.id == Dossier.seance_id)
            .where(Dossier.statut == StatutDossier.INSCRIT, Seance.debut > site.clock.now())
            .order_by(Dossier.rang, Dossier.id)
        ).first()
        assert dossier is not None
        assert dossier.seance_id is not None
        autre = session.scalars(
            select(Dossier.ref).where(Dossier.seance_id == dossier.seance_id, Dossier.id != dossier.id)
        ).first()
        now, code = site.clock.now(), dossier.code
        guest = InviteSeance(
            seance_id=dossier.seance_id,
            nom="Ana Expert",
            email="ana@expert.example",
            jeton_hash=token_hash(token),
            invite_par="Le secrétariat",
            created_at=now,
            updated_at=now,
        )
        guest.dossiers = [InviteDossier(dossier_id=dossier.id)]
        session.add(guest)
        session.commit()
    page, ici = context_for(width=PHONE, scripts=False).new_page(), f"{invites.CHEMIN}{token}"
    page.goto(ici)
    page.get_by_role("button", name="Recevoir un code par courriel").click()
    expect(page.get_by_label("Code à 6 chiffres")).to_be_visible()
    with site.database.session() as session:
        corps = session.scalars(
            select(MessageSortant.corps).where(MessageSortant.destinataire == "ana@expert.example")
        ).one()
    page.get_by_label("Code à 6 chiffres").fill(re.search(r"\d{6}", corps)[0])  # type: ignore[index]
    page.get_by_role("button", name="Ouvrir").click()
    page.get_by_role("button", name="J’accepte et je m’engage").click()
    carte = page.locator(".public-carte").bounding_box()
    assert carte is not None
    assert carte["width"] > PHONE - 40, "a short list makes no narrower card"
    page.get_by_role("link", name=f"Dossier {code}").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate(OVERFLOW) <= 0
    reply = page.goto(f"{ici}/dossiers/{autre}")
    assert reply is not None
    assert reply.status == 404
