"""A session is held: opened, dossiers examined, decisions taken, put off, taken back, closed."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.commissions.conduite import decisions, queries, seance
from portal.commissions.conduite.saisie import SaisiePrescription
from portal.commissions.conduite.votes import Vote
from portal.commissions.enums import Presence, Quorum, RegleDecision
from portal.commissions.enums_dossiers import StatutDecision, StatutDossier
from portal.commissions.models_decisions import ConduiteSeance, Decision, PassageSeance
from portal.commissions.models_dossiers import Dossier
from portal.commissions.seances import SaisieSeance, prevoir
from portal.commissions.suites_seance.travaux import notifier
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.security.coffre import coffre
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from tests.integration.commissions.test_annulations import un_autre
from tests.integration.conduite.conftest import Tenue, typed
from tests.integration.dossiers.conftest import Table

REGLAGES = Settings(environnement="test")


def conduite(session: Session, tenue: Tenue) -> ConduiteSeance:
    found = session.scalar(select(ConduiteSeance).where(ConduiteSeance.seance_id == tenue.seance.id))
    assert found is not None
    return found


def prendre(session: Session, clock: FixedClock, tenue: Tenue, **champs: Any) -> Decision:
    version = champs.pop("version", 0)
    return decisions.prendre(
        session, clock, tenue.secretaire, tenue.seance, tenue.dossier, typed(**champs), version=version
    )


def refus(error: pytest.ExceptionInfo[DomainErrors]) -> set[tuple[str, str | None]]:
    return {(one.code, one.field) for one in error.value.errors}


def test_a_session_opens_an_hour_before_its_time_at_the_soonest(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    clock.instant = held.debut - timedelta(minutes=61)
    with pytest.raises(DomainError, match=r"conduite\.trop_tot"):
        seance.ouvrir(session, clock, secretaire, held)
    clock.instant = held.debut - timedelta(minutes=60)
    assert seance.ouvrir(session, clock, secretaire, held).ouverte_le == clock.now()
    number = queries.etat(session, clock, secretaire, held.ref)
    seance.ouvrir(session, clock, secretaire, held)
    assert queries.etat(session, clock, secretaire, held.ref) == number, "twice is as once"
    assert ouvert.statut is StatutDossier.INSCRIT


def test_who_sits_follows_and_does_not_conduct(session: Session, clock: FixedClock, tenue: Tenue) -> None:
    followed = queries.suivie(session, clock, tenue.table.president, tenue.seance.ref)
    assert (followed.conduit, followed.protege) == (False, True)
    followed = queries.suivie(session, clock, tenue.table.bailleur, tenue.seance.ref)
    assert (followed.conduit, followed.protege) == (False, False)
    for stranger in (tenue.table.dehors, tenue.table.ajoute, tenue.place.scene.travailleur):
        with pytest.raises(NotVisible):
            queries.suivie(session, clock, stranger, tenue.seance.ref)
        with pytest.raises(NotVisible):
            queries.etat(session, clock, stranger, tenue.seance.ref)
    with pytest.raises(Forbidden):
        seance.examiner(session, clock, tenue.table.president, tenue.seance, None)


def test_the_dossier_on_the_table_is_examined(session: Session, clock: FixedClock, tenue: Tenue) -> None:
    assert tenue.dossier.statut is StatutDossier.EN_SEANCE
    (ligne,) = queries.lignes(session, clock, tenue.seance)
    assert (ligne.code, ligne.rang, ligne.autorisee, ligne.issue) == (tenue.dossier.code, 1, True, "")


def test_a_decision_is_taken_by_consensus_with_its_reason(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    with pytest.raises(DomainErrors) as error:
        prendre(session, clock, tenue, motif=" ", consensus=False)
    assert refus(error) == {("conduite.motif", "motif"), ("conduite.consensus", "consensus")}
    session.rollback()
    made = prendre(session, clock, tenue)
    assert (made.statut, tenue.dossier.statut) == (StatutDecision.PRISE, StatutDossier.DECIDE)
    assert "Logement" not in made.motif
    assert queries.lire(session, made).motif == "Logement adapté au projet du ménage."
    passage = session.scalars(select(PassageSeance).where(PassageSeance.seance_id == tenue.seance.id)).one()
    assert passage.issue == "ORIENTATION_VALIDEE"


def test_the_journal_holds_no_word_of_a_decision(session: Session, clock: FixedClock, tenue: Tenue) -> None:
    prendre(session, clock, tenue, motif="Mot celé", conditions="Autre mot celé")
    session.flush()
    told = session.scalars(select(EntreeJournal).order_by(EntreeJournal.id)).all()
    assert not any("celé" in str(one.changements) for one in told)


def test_a_prescription_has_a_bearer_and_a_date_to_come(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    bailleur = tenue.place.scene.bailleur
    sans = (SaisiePrescription("AVDL"), SaisiePrescription("FSL", bailleur.ref, date(2026, 3, 1)))
    with pytest.raises(DomainErrors) as error:
        prendre(session, clock, tenue, prescriptions=sans)
    assert refus(error) == {
        ("conduite.porteur", "porteur_AVDL"),
        ("conduite.echeance", "echeance_AVDL"),
        ("conduite.echeance", "echeance_FSL"),
    }
    session.rollback()
    whole = (SaisiePrescription("AVDL", bailleur.ref, date(2026, 6, 1), "six mois"),)
    made = prendre(session, clock, tenue, prescriptions=whole)
    (prescrite,) = queries.lire(session, made).prescriptions
    assert (prescrite.porteur, prescrite.echeance) == (bailleur.nom, date(2026, 6, 1))
    assert prescrite.precision == "six mois"


def test_a_refusal_founded_on_minimum_benefits_is_refused_with_the_explanation(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    with pytest.raises(DomainErrors) as error:
        prendre(session, clock, tenue, code="HORS_CHAMP", motif="Bénéficiaire du RSA")
    (one,) = error.value.errors
    assert (one.code, one.field, one.params["interdit"]) == ("conduite.interdit", "motif", "MINIMA_SOCIAUX")
    session.rollback()
    prendre(session, clock, tenue, code="ORIENTATION_VALIDEE", motif="RSA ouvert, dossier complet")


def test_a_postponed_dossier_comes_back_by_itself_to_the_next_session(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    prendre(session, clock, tenue, code="AJOURNE", motif="Pièce attendue", consensus=False)
    dossier = tenue.dossier
    assert (dossier.statut, dossier.seance_id, dossier.rang) == (
        StatutDossier.INSCRIT,
        tenue.suivante.id,
        1,
    )
    assert dossier.ajournements == 1
    (ligne,) = queries.lignes(session, clock, tenue.seance)
    assert (ligne.issue, ligne.ici) == ("AJOURNE", False)
    (apres,) = queries.lignes(session, clock, tenue.suivante)
    assert (apres.issue, apres.ici, apres.ajournements) == ("", True, 1)


def test_a_postponement_taken_back_leaves_no_trace_on_the_next_agenda(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    made = prendre(session, clock, tenue, code="AJOURNE", motif="Pièce attendue")
    decisions.reprendre(session, clock, tenue.secretaire, made, version=made.version)
    dossier = tenue.dossier
    assert (dossier.statut, dossier.seance_id, dossier.ajournements) == (
        StatutDossier.EN_SEANCE,
        tenue.seance.id,
        0,
    )
    assert queries.lignes(session, clock, tenue.suivante) == []
    again = prendre(session, clock, tenue, version=made.version)
    assert again.statut is StatutDecision.PRISE


def test_without_a_next_session_a_postponed_dossier_waits(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    session.delete(tenue.suivante)
    session.flush()
    prendre(session, clock, tenue, code="AJOURNE", motif="Pièce attendue")
    assert (tenue.dossier.statut, tenue.dossier.seance_id) == (StatutDossier.RECEVABLE, None)
    jour = clock.today() + timedelta(days=10)
    planned = SaisieSeance(jour=jour, heure=time(14), duree_minutes=120, lieu="Mairie")
    (made,) = prevoir(session, clock, tenue.secretaire, tenue.place.commission, [planned])
    assert (tenue.dossier.statut, tenue.dossier.seance_id) == (StatutDossier.INSCRIT, made.id)


def test_two_secretaries_one_wins_the_other_reads_both(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    made = decisions.rediger(
        session, clock, tenue.secretaire, tenue.seance, tenue.dossier, typed(), version=0
    )
    with pytest.raises(StaleVersion) as error:
        decisions.prendre(session, clock, tenue.seconde, tenue.seance, tenue.dossier, typed(), version=0)
    assert error.value.current is made
    assert made.statut is StatutDecision.REDIGEE


def voter(tenue: Tenue, pour: int, contre: int) -> dict[str, Vote]:
    present = [f"o{one.referent.organisation_id}" for one in tenue.seance.invitations]
    party = f"o{tenue.dossier.organisation_id}"
    keys = [key for key in present if key != party]
    voices = [Vote.POUR] * pour + [Vote.CONTRE] * contre
    return dict(zip(keys, voices, strict=False))


def test_a_vote_is_counted_and_its_voices_are_never_shown_one_by_one(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    tenue.place.commission.regle = RegleDecision.VOTE
    with pytest.raises(DomainErrors) as error:
        prendre(session, clock, tenue, voix=voter(tenue, 1, 2))
    assert refus(error) == {("conduite.rejete", "code")}
    session.rollback()
    tenue.place.commission.regle = RegleDecision.VOTE
    made = prendre(session, clock, tenue, voix=voter(tenue, 2, 1))
    assert queries.lire(session, made).totaux == {
        "pour": "2",
        "contre": "1",
        "abstentions": 0,
        "preponderante": False,
        "pondere": False,
    }


def test_without_quorum_a_dossier_is_only_postponed(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    tenue.place.commission.quorum = Quorum.MOITIE
    for one in tenue.seance.invitations[1:]:
        one.presence = Presence.ABSENTE
    session.commit()
    with pytest.raises(DomainErrors) as error:
        prendre(session, clock, tenue)
    assert refus(error) == {("conduite.quorum", "code")}
    session.rollback()
    assert prendre(session, clock, tenue, code="AJOURNE").code == "AJOURNE"


def dites(session: Session) -> list[str]:
    """Return the addresses told that a commission decided."""
    session.expire_all()
    sujet = MessageSortant.sujet.contains("la commission a décidé")
    return list(session.scalars(select(MessageSortant.destinataire).where(sujet).order_by(MessageSortant.id)))


def test_closing_has_what_stands_told_once_to_the_prescriber(
    database: Database, session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    prendre(session, clock, tenue)
    session.commit()
    assert notifier(database, clock, REGLAGES) == 0, "the session may still correct it"
    assert seance.clore(session, clock, tenue.secretaire, tenue.seance) == 0
    session.commit()
    assert notifier(database, clock, REGLAGES) == 1
    assert notifier(database, clock, REGLAGES) == 0
    assert dites(session) == [tenue.place.scene.travailleur.email]
    assert tenue.dossier.statut is StatutDossier.NOTIFIE
    with pytest.raises(DomainError, match=r"conduite\.close"):
        prendre(session, clock, tenue)


def test_what_is_only_worded_is_told_to_nobody_and_follows_its_dossier(
    database: Database, session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    decisions.rediger(session, clock, tenue.secretaire, tenue.seance, tenue.dossier, typed(), version=0)
    assert seance.clore(session, clock, tenue.secretaire, tenue.seance) == 1
    session.commit()
    clock.instant = tenue.seance.fin + timedelta(hours=1)
    assert notifier(database, clock, REGLAGES) == 0
    assert dites(session) == []
    reprise = session.scalars(select(Decision)).one()
    assert reprise.seance_id == tenue.suivante.id
    assert queries.lire(session, reprise).motif == typed().motif, "worded again where it was left"


def test_a_decision_corrected_after_it_was_told_is_told_anew(
    database: Database, session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    made = prendre(session, clock, tenue)
    clock.instant = tenue.seance.fin + timedelta(minutes=10)
    session.commit()
    assert notifier(database, clock, REGLAGES) == 1, "the session outlasts its hour"
    session.expire_all()
    decisions.reprendre(session, clock, tenue.secretaire, made, version=made.version)
    session.commit()
    assert notifier(database, clock, REGLAGES) == 0
    prendre(session, clock, tenue, version=made.version, motif="Un autre motif.")
    session.commit()
    assert notifier(database, clock, REGLAGES) == 1
    assert len(dites(session)) == 2


def test_what_was_not_examined_comes_back_without_counting_as_postponed(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    assert seance.clore(session, clock, tenue.secretaire, tenue.seance) == 1
    assert (tenue.dossier.seance_id, tenue.dossier.ajournements) == (tenue.suivante.id, 0)
    (ligne,) = queries.lignes(session, clock, tenue.seance)
    assert ligne.issue == "REPORTE"
    told = select(MessageSortant).where(
        MessageSortant.sujet.contains(f"Dossier {tenue.dossier.code} : séance")
    )
    message = session.scalars(told.order_by(MessageSortant.id.desc())).first()
    assert message is not None
    assert message.destinataire == tenue.place.scene.travailleur.email
    assert "n’a pas examiné ce dossier" in message.corps


def test_a_postponed_dossier_comes_back_to_the_very_next_session_even_full(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    """domaine.md § 7.4: registered of right."""
    tenue.place.commission.capacite = 1
    pris = un_autre(session, clock, tenue.place, 1)
    pris.seance_id, pris.rang = tenue.suivante.id, 1
    session.flush()
    prendre(session, clock, tenue, code="AJOURNE")
    assert (tenue.dossier.seance_id, tenue.dossier.rang) == (tenue.suivante.id, 2)


def test_every_change_raises_the_number_that_screens_watch(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    before = conduite(session, tenue).etat
    prendre(session, clock, tenue)
    assert conduite(session, tenue).etat > before
    assert queries.etat(session, clock, tenue.table.conseil, tenue.seance.ref) > before


def test_general_points_are_kept_encrypted(session: Session, clock: FixedClock, tenue: Tenue) -> None:
    held = conduite(session, tenue)
    seance.noter_points(session, clock, tenue.secretaire, tenue.seance, "Point", version=0)
    assert held.points != "Point"
    assert coffre(session).ouvrir(held.points) == "Point"
    with pytest.raises(StaleVersion):
        seance.noter_points(session, clock, tenue.seconde, tenue.seance, "Autre", version=0)


def test_a_dossier_of_another_session_is_not_examined(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    with pytest.raises(DomainError, match=r"conduite\.pas_ouverte"):
        seance.examiner(session, clock, tenue.secretaire, tenue.suivante, tenue.dossier)
    seance.examiner(session, clock, tenue.secretaire, tenue.seance, None)
    tenue.dossier.seance_id = tenue.suivante.id
    session.flush()
    with pytest.raises(DomainError, match=r"conduite\.hors_seance"):
        seance.examiner(session, clock, tenue.secretaire, tenue.seance, tenue.dossier)
