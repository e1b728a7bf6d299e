"""The pages of the dossiers, as people use them: from the draft to the agenda, read beforehand, by guests."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.commissions.conduite import seance as conduite
from portal.commissions.dossiers import avis
from portal.commissions.dossiers import menage as travaux
from portal.commissions.dossiers.queries import INSCRITS
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_dossiers import Dossier, DossierAvis, InviteSeance
from portal.grilles.autorisations.fermeture import retirer
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.menages.models import LectureMenage
from portal.notifications.models import MessageSortant
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests import dossiers
from tests.autorisations import accorder, demander
from tests.dossiers import Place
from tests.integration.dossiers.conftest import Table
from tests.integration.web_organisations import statements
from tests.menages import vue

Clients = Callable[..., FlaskClient]


def test_from_the_household_to_the_agenda(
    session: Session, clock: FixedClock, place: Place, client_for: Clients
) -> None:
    held = place.scene
    place.commission.pieces = ["Avis d’imposition"]
    accorder(session, clock, held, demander(session, clock, held, a=place.commission))
    session.commit()
    client = client_for(held.travailleur)
    page = client.get(f"/menages/{held.menage.ref}").get_data(as_text=True)
    assert f"/dossiers/nouveau/{held.menage.ref}" in page
    typed = {"commission": place.commission.ref, "situation": "Une situation.", "demande": "Une demande."}
    made = client.post(f"/dossiers/nouveau/{held.menage.ref}", data=typed)
    assert made.status_code == 303
    dossier = session.scalars(select(Dossier)).one()
    ici = f"/dossiers/{dossier.ref}"
    refused = client.post(f"{ici}/deposer", data={"version": dossier.version})
    assert refused.status_code == 422
    assert "Choisissez un motif de la liste." in refused.get_data(as_text=True)
    typed |= {"motif_demande": "EXPULSION", "piece-0": "attendue", "version": str(dossier.version)}
    assert client.post(f"{ici}/modifier", data=typed).status_code == 303
    session.commit()
    session.refresh(dossier)
    assert client.post(f"{ici}/deposer", data={"version": dossier.version}).status_code == 303
    session.commit()
    secretaire = client_for(held.siao_direction)
    assert "Vérifier 1 dossier déposé" in secretaire.get("/a-faire").get_data(as_text=True)
    session.refresh(dossier)
    assert secretaire.post(f"{ici}/recevoir", data={"version": dossier.version}).status_code == 303
    session.commit()
    session.refresh(dossier)
    sent = {"version": dossier.version, "seance": place.seance.ref}
    assert secretaire.post(f"{ici}/inscrire", data=sent).status_code == 303
    session.commit()
    session.refresh(dossier)
    assert (dossier.statut, dossier.rang) == (StatutDossier.INSCRIT, 1)
    stale = secretaire.post(f"{ici}/desinscrire", data=sent)
    assert stale.status_code == 409
    assert "a changé pendant que vous le lisiez" in stale.get_data(as_text=True)


def test_two_tabs_on_a_draft_lose_no_word(
    session: Session, clock: FixedClock, place: Place, client_for: Clients
) -> None:
    dossier = dossiers.brouillon(session, clock, place)
    session.commit()
    client = client_for(place.scene.travailleur)
    typed = {
        "situation": "Première.",
        "demande": "D.",
        "motif_demande": "EXPULSION",
        "version": dossier.version,
    }
    assert client.post(f"/dossiers/{dossier.ref}/modifier", data=typed).status_code == 303
    late = client.post(f"/dossiers/{dossier.ref}/modifier", data=typed | {"situation": "Seconde."})
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "Première." in page
    assert "Seconde." in page


def test_a_member_reads_gives_an_opinion_and_keeps_a_note(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    client, ici = client_for(table.bailleur), f"/dossiers/{ouvert.ref}"
    page = client.get(ici)
    assert page.headers["Cache-Control"] == "no-store"
    text = page.get_data(as_text=True)
    assert "Maëlle KERFICTIF" in text
    titre = text.split("<title>")[1].split("</title>")[0]
    assert ouvert.code in titre
    assert "KERFICTIF" not in titre.upper()
    refused = client.post(f"{ici}/avis", data={"sens": "defavorable", "motif": "", "version": "0"})
    assert refused.status_code == 422
    given = {"sens": "defavorable", "motif": "Trop loin du travail.", "version": "0"}
    assert client.post(f"{ici}/avis", data=given).status_code == 303
    assert client.post(f"{ici}/avis", data=given).status_code == 409
    note = {"marque": "question", "texte": "Une question à moi.", "version": "0"}
    assert client.post(f"{ici}/note", data=note).status_code == 303
    assert "Une question à moi." in client.get(ici).get_data(as_text=True)
    autre = client_for(table.conseil).get(ici).get_data(as_text=True)
    assert "Une question à moi." not in autre
    assert "Trop loin du travail." in autre
    session.commit()
    journal = " ".join(str(one.changements) for one in session.scalars(select(EntreeJournal)))
    for mot in ("Kerfictif", "KERFICTIF", "Trop loin", "Une question", dossiers.SITUATION):
        assert mot not in journal


def test_a_withdrawal_empties_the_page_of_a_member_at_once(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    client, ici = client_for(table.bailleur), f"/dossiers/{ouvert.ref}"
    assert "KERFICTIF" in client.get(ici).get_data(as_text=True)
    held = table.place.scene.travailleur
    ref = session.get_one(Autorisation, ouvert.autorisation_id).ref
    retirer(session, clock, held, vue(session, clock, held, ouvert.menage), ref)
    session.commit()
    text = client.get(ici).get_data(as_text=True)
    assert "Ce dossier n’est pas lisible" in text
    assert "KERFICTIF" not in text
    assert dossiers.SITUATION not in text


@pytest.mark.parametrize(
    ("nom", "statut"), [("ajoute", 404), ("dehors", 404), ("exterieur", 404), ("conseil", 200)]
)
def test_the_address_of_a_dossier_opens_for_those_who_sit(
    table: Table, ouvert: Dossier, client_for: Clients, nom: str, statut: int
) -> None:
    actor = getattr(table, nom, None) or getattr(table.place.scene, nom)
    assert client_for(actor).get(f"/dossiers/{ouvert.ref}").status_code == statut


def test_the_order_changes_without_a_script_and_tells_when_it_is_late(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier, client_for: Clients
) -> None:
    second = _encore(session, clock, inscrit, 1)[0]
    session.commit()
    client = client_for(table.place.scene.siao_direction)
    ici = f"/dossiers/seances/{table.place.seance.ref}"
    refs = [inscrit.ref, second.ref]
    sent = {"dossier": refs, "avant": ",".join(refs), "monter": second.ref}
    assert client.post(f"{ici}/ordre", data=sent).status_code == 303
    page = client.get(ici).get_data(as_text=True)
    assert page.index(f"/dossiers/{second.ref}") < page.index(f"/dossiers/{inscrit.ref}")
    late = client.post(f"{ici}/ordre", data=sent, headers={"HX-Request": "true"})
    assert late.status_code == 409
    assert "L’ordre du jour a changé" in late.get_data(as_text=True)
    assert client.post(f"{ici}/ordre", data=sent | {"dossier": refs[:1]}).status_code == 409


def test_a_session_opened_before_its_hour_keeps_the_order_that_it_was_opened_with(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    second = _encore(session, clock, ouvert, 1)[0]
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    clock.instant = held.debut - timedelta(minutes=10)
    session.commit()
    client, ici = client_for(secretaire), f"/dossiers/seances/{held.ref}"
    avant = ("ordre-formulaire", "Rappeler les avis manquants")
    page = client.get(ici).get_data(as_text=True)
    assert all(dit in page for dit in avant)
    conduite.ouvrir(session, clock, secretaire, held)
    session.commit()
    page = client.get(ici).get_data(as_text=True)
    assert not any(dit in page for dit in avant)
    refs = [ouvert.ref, second.ref]
    sent = {"dossier": refs, "avant": ",".join(refs), "monter": second.ref}
    refus = client.post(f"{ici}/ordre", data=sent)
    assert refus.status_code == 422
    assert "La séance a commencé" in refus.get_data(as_text=True)
    session.expire_all()
    assert (ouvert.rang, second.rang) == (1, 2)


def _encore(session: Session, clock: FixedClock, modele: Dossier, combien: int) -> list[Dossier]:
    """Add dossiers like one to its agenda, by hand."""
    made = [
        Dossier(
            departement_code="22",
            commission_id=modele.commission_id,
            menage_id=modele.menage_id,
            organisation_id=modele.organisation_id,
            prescripteur_id=modele.prescripteur_id,
            autorisation_id=modele.autorisation_id,
            grille_id=modele.grille_id,
            code=f"D-E{rang:05d}",
            statut=StatutDossier.INSCRIT,
            presentation=modele.presentation,
            pieces={},
            seance_id=modele.seance_id,
            rang=rang + 2,
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        for rang in range(combien)
    ]
    session.add_all(made)
    session.flush()
    return made


def test_sixty_dossiers_and_thirty_members_take_as_many_statements_as_one(
    session: Session,
    clock: FixedClock,
    database: Database,
    table: Table,
    ouvert: Dossier,
    client_for: Clients,
    factories: object,
    actor_for: Callable[..., Actor],
) -> None:
    membre, secretaire = client_for(table.conseil), client_for(table.place.scene.siao_direction)
    agenda, dossier = f"/dossiers/seances/{table.place.seance.ref}", f"/dossiers/{ouvert.ref}"
    pages = [(client, page) for client in (membre, secretaire) for page in (agenda, "/dossiers", dossier)]
    pages.append((secretaire, f"{agenda}/invites"))

    def counts() -> list[int]:
        return [compter(database, client, page) for client, page in pages]

    before = counts()
    _encore(session, clock, ouvert, 59)
    for _rang in range(26):
        organisation = factories.Organisation()  # type: ignore[attr-defined]
        actor = actor_for(table.conseil.profil, organisation)
        dossiers.asseoir(session, clock, factories, table.place, organisation, actor)  # type: ignore[arg-type]
    session.commit()
    assert counts() == before
    assert max(before) <= 8, before  # the session and what the journal writes included
    page = membre.get(agenda).get_data(as_text=True)
    assert page.count('<li class="panneau"') == 60


def compter(database: Database, client: FlaskClient, page: str) -> int:
    """Return how many statements a page takes, once its reading is written down for the household."""
    client.get(page)
    with statements(database) as seen:
        assert client.get(page).status_code == 200
    return len(seen)


@pytest.mark.parametrize("statut", [*StatutDossier])
def test_whatever_its_state_a_dossier_takes_eight_statements_at_most(
    session: Session,
    clock: FixedClock,
    database: Database,
    table: Table,
    ouvert: Dossier,
    client_for: Clients,
    statut: StatutDossier,
) -> None:
    ouvert.statut, ouvert.complement_avant = statut, clock.today()
    if statut not in INSCRITS or statut is StatutDossier.RECEVABLE:
        ouvert.seance_id = ouvert.rang = None
    session.commit()
    qui = ["travailleur"] if statut is StatutDossier.BROUILLON else ["travailleur", "siao_direction"]
    for nom in qui:
        client = client_for(getattr(table.place.scene, nom))
        assert compter(database, client, f"/dossiers/{ouvert.ref}") <= 8, nom


def test_the_papers_open_by_themselves_and_the_missing_opinions_are_reminded_of(
    session: Session,
    clock: FixedClock,
    database: Database,
    app: Flask,
    table: Table,
    inscrit: Dossier,
) -> None:
    settings = app.extensions["portail_settings"]
    assert travaux.ouvrir_les_papiers(database, clock, settings) == 0
    jours = table.place.commission.ordre_du_jour_jours
    clock.instant = table.place.seance.debut - timedelta(days=jours)
    assert travaux.ouvrir_les_papiers(database, clock, settings) == 5
    assert travaux.ouvrir_les_papiers(database, clock, settings) == 0
    clock.instant = table.place.seance.debut - timedelta(days=table.place.commission.rappel_jours)
    assert travaux.ouvrir_les_papiers(database, clock, settings) == 3  # neither the party nor the guest
    assert travaux.ouvrir_les_papiers(database, clock, settings) == 0
    session.commit()
    assert session.scalars(select(ConduiteSeance)).one().papiers == [inscrit.ref]


def test_nobody_is_reminded_of_an_opinion_once_the_session_is_opened_its_hour_come_or_not(
    session: Session,
    clock: FixedClock,
    database: Database,
    app: Flask,
    table: Table,
    ouvert: Dossier,
    client_for: Clients,
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    clock.instant = held.debut - timedelta(minutes=10)
    conduite.ouvrir(session, clock, secretaire, held)
    session.commit()
    assert avis.manquants(session, held.id)
    assert travaux.ouvrir_les_papiers(database, clock, app.extensions["portail_settings"]) == 0
    ici = f"/dossiers/seances/{held.ref}/relancer"
    assert "Aucun avis" in client_for(secretaire).post(ici, follow_redirects=True).get_data(as_text=True)


def test_a_guest_from_the_link_to_the_dossier_and_back_to_nothing(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    autre = _encore(session, clock, ouvert, 1)[0]
    session.commit()
    secretaire = client_for(table.place.scene.siao_direction)
    ici = f"/dossiers/seances/{table.place.seance.ref}/invites"
    wrong = secretaire.post(ici, data={"nom": "Dominique Fictif", "email": "pas une adresse"})
    assert wrong.status_code == 422
    assert "Dominique Fictif" in wrong.get_data(as_text=True)
    typed = {"nom": "Dominique Fictif", "email": "d.fictif@ailleurs.example", "dossiers": [ouvert.ref]}
    assert secretaire.post(ici, data=typed).status_code == 303
    session.commit()
    lien = _dernier(session).split("/dossiers/invitation/")[1].split()[0]
    base = f"/dossiers/invitation/{lien}"
    guest = client_for(None)
    assert "KERFICTIF" not in guest.get(base).get_data(as_text=True)
    assert guest.get(f"{base}/dossiers/{ouvert.ref}").status_code == 303
    assert guest.post(f"{base}/code").status_code == 303
    session.commit()
    code = _dernier(session).split("Votre code : ")[1][:6]
    assert guest.post(f"{base}/ouvrir", data={"code": "000"}).status_code == 422
    assert guest.post(f"{base}/ouvrir", data={"code": code}).status_code == 303
    assert guest.get(f"{base}/dossiers/{ouvert.ref}").status_code == 404
    assert guest.post(f"{base}/accepter").status_code == 303
    lu = guest.get(f"{base}/dossiers/{ouvert.ref}")
    assert "Maëlle KERFICTIF" in lu.get_data(as_text=True)
    assert lu.headers["Cache-Control"] == "no-store"
    assert lu.headers["Referrer-Policy"] == "no-referrer"
    for ref in (autre.ref, "inconnue"):
        assert guest.get(f"{base}/dossiers/{ref}").status_code == 404
    assert client_for(None).get(f"{base}/dossiers/{ouvert.ref}").status_code == 303  # another browser
    session.commit()
    invite = session.scalars(select(InviteSeance)).one()
    gone = secretaire.post(f"{ici}/{invite.ref}/revoquer", data={"version": invite.version})
    assert gone.status_code == 303
    dead = guest.get(f"{base}/dossiers/{ouvert.ref}")
    assert dead.status_code == 404
    assert "Ce lien ne fonctionne plus" in dead.get_data(as_text=True)
    assert guest.get(base).status_code == 404


def test_after_72_hours_the_link_is_dead(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    secretaire = client_for(table.place.scene.siao_direction)
    typed = {"nom": "Dominique Fictif", "email": "d.fictif@ailleurs.example", "dossiers": [ouvert.ref]}
    secretaire.post(f"/dossiers/seances/{table.place.seance.ref}/invites", data=typed)
    session.commit()
    lien = _dernier(session).split("/dossiers/invitation/")[1].split()[0]
    guest = client_for(None)
    clock.instant = table.place.seance.fin + timedelta(hours=71)
    assert guest.get(f"/dossiers/invitation/{lien}").status_code == 200
    clock.instant = table.place.seance.fin + timedelta(hours=72)
    dead = guest.get(f"/dossiers/invitation/{lien}")
    assert dead.status_code == 404
    assert "Ce lien ne fonctionne plus" in dead.get_data(as_text=True)
    assert guest.post(f"/dossiers/invitation/{lien}/code").status_code == 404


def test_the_calendar_of_a_session_names_no_household(
    session: Session, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    table.place.seance.convoquee_le = table.place.seance.created_at
    session.commit()
    client = client_for(table.conseil)
    answer = client.get(f"/commissions/seances/{table.place.seance.ref}/agenda.ics")
    assert answer.status_code == 200
    for mot in ("Kerfictif", "KERFICTIF", ouvert.code, ouvert.menage.code):
        assert mot not in answer.get_data(as_text=True)


def _dernier(session: Session) -> str:
    session.commit()
    return session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc())).first() or ""


def test_an_open_page_is_told_of_a_withdrawal_and_shows_nothing_more(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    client, ici = client_for(table.bailleur), f"/dossiers/{ouvert.ref}"
    liste = f"/dossiers/seances/{table.place.seance.ref}"
    veille = {"X-Veille": "1", "HX-Request": "true"}
    assert f'data-veille="{ici}" data-etat="ouvert"' in client.get(ici).get_data(as_text=True)
    etat = client.get(liste).get_data(as_text=True).split('data-etat="')[1].split('"')[0]
    lues = session.scalar(select(func.count(EntreeJournal.id)))
    assert client.get(f"{ici}?etat=ouvert", headers=veille).status_code == 204
    assert client.get(f"{liste}?etat={etat}", headers=veille).status_code == 204
    session.commit()
    assert session.scalar(select(func.count(EntreeJournal.id))) == lues
    held = table.place.scene.travailleur
    ref = session.get_one(Autorisation, ouvert.autorisation_id).ref
    retirer(session, clock, held, vue(session, clock, held, ouvert.menage), ref)
    session.commit()
    told = client.get(f"{ici}?etat=ouvert", headers=veille)
    assert told.status_code == 200
    assert f'data-hx-get="{ici}"' in told.get_data(as_text=True)
    assert 'data-etat="ferme"' in client.get(ici).get_data(as_text=True)
    assert client.get(f"{ici}?etat=ferme", headers=veille).status_code == 204
    told = client.get(f"{liste}?etat={etat}", headers=veille).get_data(as_text=True)
    assert "KERFICTIF" not in told
    assert ouvert.code in told
    for nom in ("dehors", "ajoute"):
        assert client_for(getattr(table, nom)).get(ici, headers=veille).status_code == 404


def test_no_opinion_is_asked_nor_taken_where_it_is_not_due(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    ici = f"/dossiers/{ouvert.ref}"
    permanent = client_for(table.permanent).get(ici).get_data(as_text=True)
    assert "KERFICTIF" in permanent
    assert "formulaire-avis" not in permanent
    client = client_for(table.bailleur)
    assert "formulaire-avis" in client.get(ici).get_data(as_text=True)
    held = table.place.scene.travailleur
    ref = session.get_one(Autorisation, ouvert.autorisation_id).ref
    retirer(session, clock, held, vue(session, clock, held, ouvert.menage), ref)
    session.commit()
    late = client.post(f"{ici}/avis", data={"sens": "favorable", "motif": "", "version": "0"})
    assert late.status_code == 422
    assert "KERFICTIF" not in late.get_data(as_text=True)
    assert session.scalar(select(func.count(DossierAvis.id))) == 0


def test_a_refused_act_that_shows_the_dossier_is_a_reading_too(
    session: Session, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    lu = client_for(table.bailleur).post(f"/dossiers/{ouvert.ref}/avis", data={"version": "0"})
    assert lu.status_code == 422
    assert "KERFICTIF" in lu.get_data(as_text=True)
    session.commit()
    lecteurs = session.scalars(select(LectureMenage.organisation_id).where(LectureMenage.quoi == "dossier"))
    assert list(lecteurs) == [table.bailleur.organisation_id]


def test_a_draft_without_authorisation_leads_to_where_it_is_asked_for(
    session: Session, clock: FixedClock, place: Place, client_for: Clients
) -> None:
    dossier = dossiers.brouillon(session, clock, place)
    session.commit()
    client = client_for(place.scene.travailleur)
    page = client.get(f"/dossiers/{dossier.ref}").get_data(as_text=True)
    lien = page.split(">Recueillir son autorisation<")[0].rsplit('href="', 1)[1].split('"')[0]
    assert client.get(lien).status_code == 200


def test_a_guests_open_page_closes_with_the_authorisation_or_the_invitation(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    secretaire = client_for(table.place.scene.siao_direction)
    typed = {"nom": "Dominique Fictif", "email": "d.fictif@ailleurs.example", "dossiers": [ouvert.ref]}
    secretaire.post(f"/dossiers/seances/{table.place.seance.ref}/invites", data=typed)
    base = "/dossiers/invitation/" + _dernier(session).split("/dossiers/invitation/")[1].split()[0]
    guest = client_for(None)
    guest.post(f"{base}/code")
    guest.post(f"{base}/ouvrir", data={"code": _dernier(session).split("Votre code : ")[1][:6]})
    guest.post(f"{base}/accepter")
    ici, veille = f"{base}/dossiers/{ouvert.ref}", {"X-Veille": "1"}
    assert f'data-veille="{ici}"' in guest.get(ici).get_data(as_text=True)
    assert guest.get(ici, headers=veille).status_code == 204
    held = table.place.scene.travailleur
    ref = session.get_one(Autorisation, ouvert.autorisation_id).ref
    retirer(session, clock, held, vue(session, clock, held, ouvert.menage), ref)
    session.commit()
    assert "Ce dossier n’est plus lisible" in guest.get(ici, headers=veille).get_data(as_text=True)
    assert "KERFICTIF" not in guest.get(ici).get_data(as_text=True)
