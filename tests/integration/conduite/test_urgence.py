"""An urgent case, from the written consultation to its confirmation, while the worker tells decisions."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import effacement
from portal.commissions.conduite import consultation, decisions, seance
from portal.commissions.dossiers import avis, deports, queries
from portal.commissions.dossiers.queries_agenda import agenda
from portal.commissions.enums import Presence
from portal.commissions.enums_dossiers import (
    LIBELLES_AVIS,
    MotifDeport,
    SensAvis,
    StatutDecision,
    StatutDossier,
)
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier
from portal.commissions.suites_seance.travaux import notifier
from portal.config import Settings
from portal.grilles.autorisations import fermeture
from portal.grilles.autorisations.models import Autorisation
from portal.notifications.models import MessageSortant
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError
from tests.integration.conduite.conftest import typed
from tests.integration.dossiers.conftest import Table
from tests.integration.web_organisations import text_of
from tests.menages import ADULTES, vue

REGLAGES = Settings(environnement="test")
PARIS = ZoneInfo("Europe/Paris")
Clients = Callable[..., FlaskClient]


@pytest.fixture
def ecrite(session: Session, clock: FixedClock, table: Table, ouvert: Dossier) -> Decision:
    """A decision taken in writing, told by the worker, its session not begun."""
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    made = consultation.consulter(session, clock, secretaire, held, ouvert)
    clock.instant += timedelta(hours=48)
    sans_consensus = typed(consensus=False)
    consultation.decider(session, clock, secretaire, made, sans_consensus, version=made.version)
    session.commit()
    return made


@pytest.fixture
def dite(database: Database, session: Session, clock: FixedClock, ecrite: Decision) -> Decision:
    """The same, told to the prescriber; its session opened."""
    assert notifier(database, clock, REGLAGES) == 1
    session.expire_all()
    assert ecrite.dossier.statut is StatutDossier.NOTIFIE
    clock.instant = ecrite.seance.debut
    return ecrite


def test_who_withdraws_and_the_guests_are_not_asked_in_writing(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    consultation.consulter(session, clock, table.place.scene.siao_direction, table.place.seance, ouvert)
    asked = session.scalars(
        select(MessageSortant.destinataire).where(MessageSortant.sujet.contains("votre avis écrit"))
    ).all()
    assert set(asked) == {table.president.email, table.conseil.email, table.bailleur.email}


def test_a_member_is_told_until_when_and_the_secretariat_waits_for_it(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, ouvert: Dossier
) -> None:
    membre, secretaire = client_for(table.conseil), client_for(table.place.scene.siao_direction)
    dossier = f"/dossiers/{ouvert.ref}"
    ici = f"/seances/{table.place.seance.ref}/conduite/dossiers/{ouvert.ref}/consultation"
    assert "Lire 1 dossier et donner l’avis" in text_of(membre.get("/a-faire"))
    assert f'href="{ici}">Consulter les membres' in secretaire.get(dossier).text
    assert secretaire.post(ici, data={"ouvrir": "1"}).status_code == 303
    assert f'href="{ici}">Voir la consultation' in secretaire.get(dossier).text
    assert f"en urgence, l’avis de votre organisme : dossier {ouvert.code}" in text_of(membre.get("/a-faire"))
    assert "Lire 1 dossier" not in text_of(membre.get("/a-faire"))
    fin = (clock.now() + timedelta(hours=table.place.commission.urgence_heures)).astimezone(PARIS)
    assert f"répondez avant le {fin:%d/%m/%Y %H:%M}" in text_of(membre.get(dossier))
    attente = text_of(secretaire.get(ici))
    assert "Les membres répondent" in attente
    assert "formulaire-decision" not in secretaire.get(ici).text, "nothing to type that would be refused"
    clock.instant += timedelta(hours=table.place.commission.urgence_heures)
    mure = client_for(table.place.scene.siao_direction).get(ici)
    assert "leur délai est passé" in text_of(mure)
    assert "formulaire-decision" in mure.text


def test_no_opinion_is_asked_for_once_the_session_is_opened_its_hour_come_or_not(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    clock.instant = held.debut - timedelta(minutes=10)
    session.commit()
    assert "Lire 1 dossier et donner l’avis" in text_of(client_for(table.conseil).get("/a-faire"))
    seance.ouvrir(session, clock, secretaire, held)
    session.commit()
    assert "donner l’avis" not in text_of(client_for(table.conseil).get("/a-faire"))


def test_once_taken_in_writing_nothing_else_is_typed_and_the_dossier_leads_to_it(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, dite: Decision
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    lien = f'href="/decisions/{dite.ref}"'
    for who in (table.place.scene.travailleur, secretaire, table.conseil):
        assert lien in client_for(who).get(f"/dossiers/{dite.dossier.ref}").text, who.profil
    seance.ouvrir(session, clock, secretaire, held)
    seance.examiner(session, clock, secretaire, held, dite.dossier)
    session.commit()
    client, url = client_for(secretaire), f"/seances/{held.ref}/conduite"
    assert "formulaire-decision" not in client.get(url).text
    confirmer = f"{url}/decisions/{dite.ref}/confirmer"
    assert client.post(confirmer, data={"version": str(dite.version)}).status_code == 303
    page = client.get(url).text
    assert "Confirmée en séance" in page
    assert "formulaire-decision" not in page


def test_a_decision_told_at_once_still_comes_on_the_table_to_be_confirmed(
    session: Session, clock: FixedClock, table: Table, dite: Decision
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    seance.ouvrir(session, clock, secretaire, held)
    seance.examiner(session, clock, secretaire, held, dite.dossier)
    consultation.confirmer(session, clock, secretaire, dite, version=dite.version, confirme=True)
    assert dite.statut is StatutDecision.CONFIRMEE
    assert dite.dossier.statut is StatutDossier.NOTIFIE
    assert seance.clore(session, clock, secretaire, held) == 0


def test_what_awaits_its_confirmation_is_not_decided_a_second_time(
    session: Session, clock: FixedClock, table: Table, dite: Decision
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    seance.ouvrir(session, clock, secretaire, held)
    with pytest.raises(DomainError, match=r"conduite\.decide"):
        decisions.prendre(session, clock, secretaire, held, dite.dossier, typed(), version=0)


def test_a_decision_that_the_session_does_not_confirm_is_taken_back_by_writing_once(
    database: Database, session: Session, clock: FixedClock, table: Table, dite: Decision
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    seance.ouvrir(session, clock, secretaire, held)
    consultation.confirmer(session, clock, secretaire, dite, version=dite.version, confirme=False)
    session.commit()
    assert notifier(database, clock, REGLAGES) == 0
    session.expire_all()
    dedit = session.scalars(
        select(MessageSortant).where(MessageSortant.sujet.contains("Décision non confirmée"))
    ).all()
    assert [one.destinataire for one in dedit] == [table.place.scene.travailleur.email]
    assert ADULTES[0].nom not in dedit[0].corps
    assert dite.dossier.statut is StatutDossier.EN_SEANCE
    assert seance.clore(session, clock, secretaire, held) == 1, "examined anew, or put off"


def test_who_withdraws_after_a_decision_in_writing_leaves_what_stood_behind_it_in_the_record(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    act = (session, clock, secretaire)
    made = consultation.consulter(*act, held, ouvert)
    for membre, sens in ((table.conseil, SensAvis.FAVORABLE), (table.bailleur, SensAvis.DEFAVORABLE)):
        vise = queries.vue(session, clock, membre, ouvert.ref)
        avis.donner(session, clock, membre, vise, sens, "Un motif du bailleur.")
    clock.instant += timedelta(hours=48)
    consultation.decider(*act, made, typed(consensus=False), version=made.version)
    clock.instant = held.debut
    seance.ouvrir(*act, held)
    consultation.confirmer(*act, made, version=made.version, confirme=False)
    vise = queries.vue(session, clock, table.bailleur, ouvert.ref)
    deports.declarer(session, clock, table.bailleur, vise, "", MotifDeport.SOLLICITE)
    session.commit()
    ecrite = f"/seances/{held.ref}/conduite/dossiers/{ouvert.ref}/consultation"
    record = text_of(client_for(secretaire).get(ecrite))
    assert "2 réponses reçues sur 3" in record
    assert "Défavorable : 1" in record
    copie = str(effacement.copier(session, clock, ouvert.menage))
    assert LIBELLES_AVIS[SensAvis.DEFAVORABLE] in copie, "as the household's copy says it"
    page = text_of(client_for(table.conseil).get(f"/dossiers/{ouvert.ref}"))
    assert "1 reçu sur 2 demandés" in page, "what is examined anew is, without it"
    assert "Défavorable" not in page
    [ligne] = agenda(session, clock, table.conseil, held).lignes
    assert (ligne.avis, ligne.attendus, ligne.partage) == (1, 2, False)


def test_what_nobody_was_told_is_not_taken_back(
    session: Session, clock: FixedClock, table: Table, ecrite: Decision
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    clock.instant = held.debut
    seance.ouvrir(session, clock, secretaire, held)
    consultation.confirmer(session, clock, secretaire, ecrite, version=ecrite.version, confirme=False)
    sujet = MessageSortant.sujet.contains("Décision non confirmée")
    assert session.scalars(select(MessageSortant).where(sujet)).all() == []


def test_once_the_session_is_open_it_decides_and_the_consultation_ends(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    made = consultation.consulter(session, clock, secretaire, held, ouvert)
    clock.instant = held.debut
    seance.ouvrir(session, clock, secretaire, held)
    sans = typed(consensus=False)
    with pytest.raises(DomainError, match=r"conduite\.consultation"):
        consultation.decider(session, clock, secretaire, made, sans, version=made.version)
    seance.clore(session, clock, secretaire, held)
    assert session.scalars(select(Decision)).all() == []


def test_nobody_is_consulted_on_what_nobody_may_read(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, ouvert: Dossier
) -> None:
    held = table.place.scene
    accord = session.scalars(select(Autorisation).order_by(Autorisation.id.desc())).first()
    assert accord is not None
    lu = vue(session, clock, held.travailleur, held.menage)
    fermeture.retirer(session, clock, held.travailleur, lu, accord.ref)
    session.commit()
    client, url = client_for(held.siao_direction), f"/seances/{table.place.seance.ref}/conduite"
    assert "Consulter par écrit" not in text_of(client.get(url))
    page = text_of(client.get(f"/dossiers/{ouvert.ref}"))
    assert "Consulter les membres par écrit" not in page
    ici = f"{url}/dossiers/{ouvert.ref}/consultation"
    refused = client.post(ici, data={"ouvrir": "1"}, follow_redirects=True)
    assert "nul ne pourrait répondre" in text_of(refused)
    assert session.scalars(select(Decision)).all() == []


def test_all_those_asked_having_withdrawn_the_delay_is_awaited(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    act = (session, clock, secretaire)
    made = consultation.consulter(*act, held, ouvert)
    for membre in (table.president, table.conseil, table.bailleur):
        vise = queries.vue(session, clock, membre, ouvert.ref)
        deports.declarer(session, clock, membre, vise, "", MotifDeport.AUTRE)
    dite = typed(consensus=False)
    with pytest.raises(DomainError, match=r"conduite\.delai"):
        consultation.decider(*act, made, dite, version=made.version)
    clock.instant += timedelta(hours=48)
    consultation.decider(*act, made, dite, version=made.version)
    assert made.statut is StatutDecision.A_CONFIRMER


def test_who_is_there_is_noted_as_soon_as_the_session_is_opened(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    clock.instant = held.debut - timedelta(minutes=20)
    client = client_for(secretaire)
    page, ici = f"/seances/{held.ref}/conduite", f"/commissions/seances/{held.ref}/presences"
    assert "Noter les présences" not in text_of(client.get(page))
    sent = {f"p_{held.invitations[0].ref}": "presente", "version": str(held.version)}
    assert "quand la séance a commencé" in text_of(client.post(ici, data=sent, follow_redirects=True))
    assert client.post(f"{page}/ouvrir").status_code == 303
    assert "Noter les présences" in text_of(client.get(page))
    assert client.post(ici, data=sent).status_code == 303
    session.expire_all()
    assert held.invitations[0].presence is Presence.PRESENTE


def test_a_session_closed_before_its_hour_is_over(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    avant = ("Relancer les sans-réponse", "Inviter une autre fonction", "Retirer l’invitation")
    clock.instant = held.debut - timedelta(minutes=10)
    client, page = client_for(secretaire), f"/commissions/seances/{held.ref}"
    for dit in avant:
        assert dit in text_of(client.get(page))
    seance.ouvrir(session, clock, secretaire, held)
    session.commit()
    for suite in ("Conduire la séance", "Revoir la séance"):
        lue = text_of(client.get(page))
        assert suite in lue
        assert "Noter les présences" in lue
        for dit in avant:
            assert dit not in lue
        refus = client.post(f"{page}/relancer", data={"version": str(held.version)}, follow_redirects=True)
        assert ("a commencé" if suite == "Conduire la séance" else "est terminée") in text_of(refus)
        if suite == "Conduire la séance":
            seance.clore(session, clock, secretaire, held)
            session.commit()
    assert "Rédiger le relevé" in lue
    assert "Annuler la séance" not in lue
    ouvert.urgent = True
    session.commit()
    sent = {"seance": held.ref, "version": str(ouvert.version)}
    assert client.post(f"/dossiers/{ouvert.ref}/inscrire", data=sent).status_code == 422
    un, version = held.invitations[0].ref, str(held.version)
    assert client.post(f"{page}/invitations/{un}/retirer", data={"version": version}).status_code == 422
    session.expire_all()
    assert held.invitations[0].retiree_le is None


def test_a_consultation_in_writing_is_offered_while_it_may_be_held(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    clock.instant = held.debut - timedelta(minutes=10)
    client, offre = client_for(secretaire), "Consulter les membres par écrit"
    assert offre in text_of(client.get(f"/dossiers/{ouvert.ref}"))
    seance.ouvrir(session, clock, secretaire, held)
    session.commit()
    assert offre not in text_of(client.get(f"/dossiers/{ouvert.ref}")), "the session is open"
