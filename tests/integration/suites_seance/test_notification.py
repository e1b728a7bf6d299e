"""Decisions told once, bearers reminded, what they say of a prescription."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.commissions.enums_dossiers import StatutDecision, StatutDossier, StatutPrescription
from portal.commissions.models_decisions import ConduiteSeance, Decision, Prescription
from portal.commissions.suites_seance import notification, prescriptions, queries, regles, travaux
from portal.commissions.suites_seance.parametres import COMPLET_JOURS
from portal.conventions.jours import fuseau_de
from portal.organisations import parametres
from portal.organisations.models import Parametre
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from tests.integration.suites_seance.conftest import REGLAGES, Suite, ecrits
from tests.integration.web_organisations import reread
from tests.menages import ADULTES
from tests.suites import SECRETE, decider, prescrire

ECHEANCE = date(2026, 4, 15)


def test_a_decision_is_told_once_to_the_prescriber_and_to_the_bearer_without_a_name(
    database: Database, session: Session, clock: FixedClock, suite: Suite
) -> None:
    assert travaux.notifier(database, clock, REGLAGES) == 1
    assert travaux.notifier(database, clock, REGLAGES) == 0, "run again, nothing leaves"
    reread(session)
    [told] = ecrits(session, "la commission a décidé")
    assert told.personne_id == suite.travailleur.personne_id
    [borne] = ecrits(session, "une prescription vous est confiée")
    assert borne.destinataire == suite.table.bailleur.email
    for message in (told, borne):
        for secret in (ADULTES[0].nom, ADULTES[0].prenom, SECRETE, "Orientation validée"):
            assert secret not in message.sujet + message.corps
    assert session.get_one(Decision, suite.decision.id).notifiee_le == clock.now()
    assert suite.dossier.statut is StatutDossier.NOTIFIE


def test_a_decision_taken_in_writing_is_told_with_the_session_that_is_to_confirm_it(
    database: Database, session: Session, clock: FixedClock, suite: Suite
) -> None:
    suite.decision.ecrite, suite.decision.statut = True, StatutDecision.A_CONFIRMER
    session.commit()
    assert travaux.notifier(database, clock, REGLAGES) == 1
    reread(session)
    [told] = ecrits(session, "la commission a décidé")
    assert "prise par écrit, en urgence" in told.corps
    assert "la confirme, ou non." in told.corps


def test_nothing_is_told_while_the_session_is_held_unless_closed_or_decided_in_writing(
    database: Database, session: Session, clock: FixedClock, suite: Suite
) -> None:
    clock.instant = suite.seance.debut + timedelta(hours=2)
    assert notification.a_notifier(session, clock) == []
    suite.decision.ecrite = True
    session.flush()
    assert notification.a_notifier(session, clock) == [suite.decision.id]
    suite.decision.ecrite = False
    conduite = session.query(ConduiteSeance).filter_by(seance_id=suite.seance.id).one_or_none()
    if conduite is None:
        conduite = ConduiteSeance(seance_id=suite.seance.id)
        session.add(conduite)
    conduite.close_le = clock.now()
    session.flush()
    assert notification.a_notifier(session, clock) == [suite.decision.id]


def test_a_decision_being_worded_or_not_confirmed_is_not_told(
    session: Session, clock: FixedClock, suite: Suite
) -> None:
    for statut in (StatutDecision.REDIGEE, StatutDecision.INFIRMEE):
        suite.decision.statut = statut
        session.flush()
        assert notification.a_notifier(session, clock) == []
        assert not notification.notifier(session, clock, suite.decision.id)


def test_what_dies_before_the_commit_tells_nobody_and_is_told_once_afterwards(
    database: Database, session: Session, clock: FixedClock, suite: Suite
) -> None:
    with database.session(write=True) as doomed:
        assert notification.notifier(doomed, clock, suite.decision.id)
        doomed.rollback()
    reread(session)
    assert ecrits(session, "la commission a décidé") == []
    assert travaux.notifier(database, clock, REGLAGES) == 1
    reread(session)
    assert len(ecrits(session, "la commission a décidé")) == 1


def test_the_bearer_is_reminded_then_again_after_two_weeks_until_it_answers(
    database: Database, session: Session, clock: FixedClock, suite: Suite
) -> None:
    travaux.notifier(database, clock, REGLAGES)
    assert travaux.rappeler(database, clock, REGLAGES) == 0, "too early"
    clock.instant = clock.instant.replace(month=4, day=8)
    assert travaux.rappeler(database, clock, REGLAGES) == 1
    assert travaux.rappeler(database, clock, REGLAGES) == 0
    clock.instant += timedelta(days=14)
    assert travaux.rappeler(database, clock, REGLAGES) == 1
    reread(session)
    assert [one.destinataire for one in ecrits(session, "Rappel : prescription")] == [
        suite.table.bailleur.email
    ] * 2
    held = session.get_one(Prescription, suite.prescription.id)
    prescriptions.noter(
        session, clock, suite.table.bailleur, held, StatutPrescription.FAIT, version=held.version
    )
    session.commit()
    clock.instant += timedelta(days=30)
    assert travaux.rappeler(database, clock, REGLAGES) == 0


def test_every_bearer_is_reminded_however_many_wait_and_one_that_fails_stops_no_other(
    database: Database, session: Session, clock: FixedClock, suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prescriptions, "LOT", 2)
    for code in ("ASLL", "FSL", "BAIL_GLISSANT", "ACCOMPAGNEMENT_GLOBAL"):
        prescrire(session, suite.decision, suite.table.place.scene.bailleur, echeance=ECHEANCE, code=code)
    session.commit()
    travaux.notifier(database, clock, REGLAGES)
    faire, clock.instant = prescriptions.rappeler, clock.instant.replace(month=4, day=8)

    def une_echoue(held: Session, at: FixedClock, key: int) -> int:
        if key == suite.prescription.id:
            raise RuntimeError(key)
        return faire(held, at, key)

    monkeypatch.setattr(prescriptions, "rappeler", une_echoue)
    assert travaux.rappeler(database, clock, REGLAGES) == 4
    monkeypatch.setattr(prescriptions, "rappeler", faire)
    assert travaux.rappeler(database, clock, REGLAGES) == 1
    assert travaux.rappeler(database, clock, REGLAGES) == 0


@pytest.mark.parametrize("departement", ["22", "974"])
def test_which_are_due_is_said_in_sql_as_by_the_rule(
    session: Session, clock: FixedClock, suite: Suite, departement: str
) -> None:
    session.add(Parametre(cle="commissions.prescription_avant_jours", departement_code="974", valeur="10"))
    session.add(Parametre(cle="commissions.prescription_rappel_jours", departement_code="974", valeur="3"))
    suite.decision.notifiee_le, suite.dossier.departement_code = clock.now(), departement
    avant, entre = (10, 3) if departement == "974" else (7, 14)
    zone = ZoneInfo(fuseau_de(departement))
    held, debut = suite.prescription, datetime(2026, 4, 1, 0, 30, tzinfo=UTC)
    dues = set()
    for rappele in (None, debut + timedelta(days=6)):
        held.rappele_le = rappele
        session.flush()
        for heures in range(0, 24 * 26, 5):
            clock.instant = debut + timedelta(hours=heures)
            dernier = rappele.astimezone(zone).date() if rappele else None
            jour = clock.today(fuseau_de(departement))
            due = regles.a_rappeler(ECHEANCE, dernier, jour, avant=avant, entre=entre)
            assert (prescriptions.a_rappeler(session, clock) == [held.id]) is due, (clock.instant, rappele)
            dues.add((rappele, due))
    assert len(dues) == 4, "due and not due, reminded before and not"


def test_a_bearer_is_shown_a_prescription_as_soon_as_its_departement_reminds_of_it(
    session: Session, clock: FixedClock, suite: Suite, client_for: Callable[..., FlaskClient]
) -> None:
    suite.decision.notifiee_le = clock.now()
    session.commit()
    said = "Dire où en est la prescription"
    clock.instant = clock.instant.replace(month=3, day=26)  # twenty days before
    bearer = client_for(suite.table.bailleur)
    assert said not in bearer.get("/a-faire").text
    session.add(Parametre(cle="commissions.prescription_avant_jours", departement_code="974", valeur="40"))
    session.commit()
    assert said not in bearer.get("/a-faire").text, "of another département"
    session.add(Parametre(cle="commissions.prescription_avant_jours", departement_code="22", valeur="20"))
    session.commit()
    assert said in bearer.get("/a-faire").text


def test_who_may_say_what_became_of_a_prescription(
    database: Database, session: Session, clock: FixedClock, suite: Suite
) -> None:
    held, bailleur, secretaire = suite.prescription, suite.table.bailleur, suite.secretaire
    with pytest.raises(DomainError, match=r"suites\.statut"):
        prescriptions.noter(session, clock, bailleur, held, StatutPrescription.ANNULE, version=held.version)
    for outside in (suite.table.conseil, suite.travailleur):
        with pytest.raises(Forbidden):
            prescriptions.noter(session, clock, outside, held, StatutPrescription.FAIT, version=held.version)
    with pytest.raises(StaleVersion):
        prescriptions.noter(session, clock, bailleur, held, StatutPrescription.FAIT, version=99)
    prescriptions.noter(session, clock, secretaire, held, StatutPrescription.ANNULE, version=held.version)
    assert (held.statut, held.statut_le) == (StatutPrescription.ANNULE, clock.now())
    assert held.statut_par.startswith(secretaire.nom)


def test_who_sees_a_prescription(session: Session, clock: FixedClock, suite: Suite) -> None:
    held = suite.table.place.scene
    for actor in (suite.table.bailleur, suite.secretaire, suite.travailleur):
        assert len(queries.prescriptions(session, clock, actor, "")[1]) == 1, actor.profil
    for actor in (suite.table.conseil, held.exterieur, held.agent, held.ailleurs):
        assert queries.prescriptions(session, clock, actor, "toutes")[1] == [], actor.profil
        with pytest.raises(NotVisible):
            queries.prescription(session, clock, actor, suite.prescription.ref)
    assert queries.prescriptions(session, clock, suite.table.bailleur, "faites")[1] == []


def test_who_reads_a_decision_and_for_how_long(session: Session, clock: FixedClock, suite: Suite) -> None:
    held, table = suite.table.place.scene, suite.table
    inside = (suite.travailleur, suite.secretaire, table.president, table.bailleur, table.conseil)
    outside = (table.operateur, table.ajoute, table.dehors, held.exterieur, held.collegue, held.ailleurs)
    for actor in inside:
        assert queries.decision(session, clock, actor, suite.decision.ref).id == suite.decision.id
    for actor in outside:
        with pytest.raises(NotVisible):
            queries.decision(session, clock, actor, suite.decision.ref)
    menage = suite.dossier.menage
    menage.protege, menage.numero_unique, menage.numero_unique_cle = True, "", None
    session.flush()
    assert queries.decision(session, clock, table.president, suite.decision.ref) is suite.decision
    with pytest.raises(NotVisible):
        queries.decision(session, clock, table.bailleur, suite.decision.ref)
    clock.instant += timedelta(days=91)
    with pytest.raises(NotVisible):
        queries.decision(session, clock, table.president, suite.decision.ref)
    assert queries.decision(session, clock, suite.secretaire, suite.decision.ref) is suite.decision


def test_for_how_long_is_said_where_the_commission_is(
    session: Session, clock: FixedClock, suite: Suite
) -> None:
    parametres.set_value(session, suite.table.president, clock, COMPLET_JOURS.key, "22", "30")
    siege = replace(suite.table.bailleur, departement_code="35")
    assert suite.decision.prise_le is not None
    clock.instant = suite.decision.prise_le + timedelta(days=30, minutes=-1)
    assert queries.decision(session, clock, siege, suite.decision.ref) is suite.decision
    clock.instant += timedelta(minutes=1)
    with pytest.raises(NotVisible):
        queries.decision(session, clock, siege, suite.decision.ref)


def test_a_decision_being_worded_is_read_by_nobody(session: Session, clock: FixedClock, suite: Suite) -> None:
    suite.decision.statut = StatutDecision.REDIGEE
    session.flush()
    with pytest.raises(NotVisible):
        queries.decision(session, clock, suite.secretaire, suite.decision.ref)


def test_a_postponed_dossier_is_told_and_stays_on_the_agenda(
    database: Database, session: Session, clock: FixedClock, suite: Suite
) -> None:
    session.delete(suite.decision)
    session.flush()
    decider(session, suite.dossier, clock.now(), code="AJOURNE")
    suite.dossier.statut = StatutDossier.INSCRIT
    session.commit()
    assert travaux.notifier(database, clock, REGLAGES) == 1
    reread(session)
    assert suite.dossier.statut is StatutDossier.INSCRIT
