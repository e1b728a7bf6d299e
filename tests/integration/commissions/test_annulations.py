"""A session cancelled or moved: what was to come to it goes elsewhere, and everyone concerned is told."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import seances
from portal.commissions.conduite import consultation
from portal.commissions.conduite import seance as conduite
from portal.commissions.conduite.decisions import decision_de
from portal.commissions.conduite.saisie import SaisieDecision
from portal.commissions.dossiers import avis, invites
from portal.commissions.enums import Dossiers, StatutSeance
from portal.commissions.enums_dossiers import SensAvis, StatutDecision, StatutDossier
from portal.commissions.models_decisions import ConduiteSeance, Decision, Recours
from portal.commissions.models_dossiers import Dossier, DossierAvis
from portal.commissions.models_seances import Seance
from portal.commissions.seances import SaisieSeance
from portal.notifications.models import MessageSortant
from portal.security.coffre import coffre
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError, NotVisible
from tests import dossiers
from tests.integration.dossiers.conftest import Table, inscrit, ouvert, place, scene, table
from tests.integration.dossiers.test_lecture import inviter, ouvrir_par_code
from tests.integration.web_organisations import text_of

__all__ = ["inscrit", "ouvert", "place", "scene", "table"]

TYPED = SaisieDecision(code="ORIENTATION_VALIDEE", motif="Un logement est libre demain.", consensus=True)
Clients = Callable[..., FlaskClient]


def annuler(session: Session, clock: FixedClock, table: Table, motif: str = "Neige.") -> None:
    seance = table.place.seance
    seances.annuler(session, clock, table.place.scene.siao_direction, seance, motif, version=seance.version)
    session.commit()


def deplacer(session: Session, clock: FixedClock, table: Table, jours: int) -> None:
    seance, debut = table.place.seance, table.place.seance.debut + timedelta(days=jours)
    typed = SaisieSeance(
        jour=debut.date(), heure=time(10), duree_minutes=180, lieu="Une autre salle", motif="Neige."
    )
    seances.modifier(session, clock, table.place.scene.siao_direction, seance, typed, version=seance.version)
    session.commit()


def ecrits(session: Session, a: str, depuis: int = 0) -> list[MessageSortant]:
    return list(
        session.scalars(
            select(MessageSortant)
            .where(MessageSortant.destinataire == a, MessageSortant.id > depuis)
            .order_by(MessageSortant.id)
        )
    )


def dernier(session: Session) -> int:
    return session.scalars(select(MessageSortant.id).order_by(MessageSortant.id.desc())).first() or 0


def prescripteur(table: Table) -> str:
    return table.place.scene.travailleur.email


def test_the_dossiers_of_a_cancelled_session_join_the_next_one_with_their_opinions(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    suivante = dossiers.seance(session, clock, table.place.commission, jours=35)
    lu = dossiers.vise(session, clock, table.conseil, ouvert)
    avis.donner(session, clock, table.conseil, lu, SensAvis.FAVORABLE, "Oui.")
    mark = dernier(session)
    annuler(session, clock, table)
    assert (ouvert.statut, ouvert.seance_id, ouvert.rang) == (StatutDossier.INSCRIT, suivante.id, 1)
    assert ouvert.ajournements == 0
    assert session.scalars(select(DossierAvis.seance_id)).all() == [suivante.id]
    [told] = ecrits(session, prescripteur(table), mark)
    assert "séance annulée" in told.sujet
    assert "Neige." in told.corps
    assert "Il passe à la séance suivante" in told.corps
    papers = select(ConduiteSeance.papiers).where(ConduiteSeance.seance_id == table.place.seance.id)
    assert session.scalar(papers) == []


def test_without_a_next_session_they_wait_and_join_the_one_then_planned(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier
) -> None:
    annuler(session, clock, table)
    assert (inscrit.statut, inscrit.seance_id) == (StatutDossier.RECEVABLE, None)
    assert "dès qu’elle sera prévue" in ecrits(session, prescripteur(table))[-1].corps
    jour = (clock.now() + timedelta(days=21)).date()
    typed = SaisieSeance(jour=jour, heure=time(14), duree_minutes=60, lieu="Salle")
    [nouvelle] = seances.prevoir(
        session, clock, table.place.scene.siao_direction, table.place.commission, [typed]
    )
    assert (inscrit.statut, inscrit.seance_id) == (StatutDossier.INSCRIT, nouvelle.id)


def test_opinions_wait_with_their_dossier_for_the_session_then_planned(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    lu = dossiers.vise(session, clock, table.conseil, ouvert)
    avis.donner(session, clock, table.conseil, lu, SensAvis.FAVORABLE, "Oui.")
    annuler(session, clock, table)
    jour = (clock.now() + timedelta(days=21)).date()
    typed = SaisieSeance(jour=jour, heure=time(14), duree_minutes=60, lieu="Salle")
    [nouvelle] = seances.prevoir(
        session, clock, table.place.scene.siao_direction, table.place.commission, [typed]
    )
    assert ouvert.seance_id == nouvelle.id
    assert session.scalars(select(DossierAvis.seance_id)).all() == [nouvelle.id]


def test_a_decision_taken_in_writing_follows_to_the_session_that_confirms_it(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier
) -> None:
    secretaire, seance = table.place.scene.siao_direction, table.place.seance
    made = consultation.consulter(session, clock, secretaire, seance, inscrit)
    clock.instant += timedelta(hours=49)
    consultation.decider(session, clock, secretaire, made, TYPED, version=made.version)
    session.commit()
    with pytest.raises(DomainError, match="decision_ecrite"):
        annuler(session, clock, table)
    session.rollback()
    assert session.get_one(Seance, seance.id).statut is StatutSeance.CONVOQUEE
    suivante = dossiers.seance(session, clock, table.place.commission, jours=35)
    annuler(session, clock, table)
    assert (made.seance_id, made.statut) == (suivante.id, StatutDecision.A_CONFIRMER)
    assert inscrit.seance_id == suivante.id
    assert inscrit.statut is not StatutDossier.INSCRIT


def test_a_consultation_under_way_ends_with_the_session(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier
) -> None:
    suivante = dossiers.seance(session, clock, table.place.commission, jours=35)
    consultation.consulter(session, clock, table.place.scene.siao_direction, table.place.seance, inscrit)
    annuler(session, clock, table)
    assert decision_de(session, inscrit.id, suivante.id, ecrite=True) is None
    assert (inscrit.seance_id, inscrit.urgent) == (suivante.id, True)


def test_an_opened_session_is_neither_cancelled_nor_moved(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    clock.instant = table.place.seance.debut + timedelta(minutes=5)
    conduite.ouvrir(session, clock, table.place.scene.siao_direction, table.place.seance)
    session.commit()
    for essai in (lambda: annuler(session, clock, table), lambda: deplacer(session, clock, table, 7)):
        with pytest.raises(DomainError, match="seance_ouverte"):
            essai()
        session.rollback()
    seance = session.get_one(Seance, table.place.seance.id)
    page = client_for(table.place.scene.siao_direction).post(
        f"/commissions/seances/{seance.ref}/annuler",
        data={"motif": "Neige.", "version": str(seance.version)},
    )
    assert page.status_code == 422
    assert "a été ouverte" in text_of(page)
    assert "Chaque personne invitée reçoit le motif" in text_of(page)


@pytest.mark.parametrize("lus", [Dossiers.NOMINATIFS, Dossiers.ANONYMES])
def test_who_presents_a_dossier_is_told_of_the_new_day_and_of_what_the_household_must_agree_to(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, lus: Dossiers
) -> None:
    table.place.commission.dossiers = lus
    mark = dernier(session)
    deplacer(session, clock, table, 7)
    assert ouvert.seance_id == table.place.seance.id
    [told] = ecrits(session, prescripteur(table), mark)
    assert "déplacée" in told.sujet
    assert "ne couvre pas ce jour" not in told.corps
    mark = dernier(session)
    deplacer(session, clock, table, 250)  # past the six months of the authorisation
    [told] = ecrits(session, prescripteur(table), mark)
    assert "ne couvre pas ce jour" in told.corps
    secretariat = ecrits(session, table.place.scene.siao_direction.email, mark)
    assert any("ne couvre pas ce jour" in one.corps for one in secretariat)


def test_guests_are_told_and_their_link_dies_with_the_session(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    invite, jeton = inviter(session, clock, table, ouvert.ref)
    secretaire = client_for(table.place.scene.siao_direction)
    page = f"/dossiers/seances/{table.place.seance.ref}/invites"
    assert "Ouverte" in text_of(secretaire.get(page))
    mark = dernier(session)
    deplacer(session, clock, table, 2)
    [told] = ecrits(session, invite.email, mark)
    assert "Une autre salle" in told.corps
    ouvrir_par_code(session, clock, jeton)
    mark = dernier(session)
    annuler(session, clock, table)
    [told] = ecrits(session, invite.email, mark)
    assert told.sujet.startswith("Annulée")
    with pytest.raises(NotVisible):
        invites.par_jeton(session, clock, jeton)
    said = text_of(secretaire.get(page))
    assert "Ouverte" not in said
    assert "Fermée : séance annulée" in said
    assert "/revoquer" not in said


def test_an_appeal_waits_for_another_session(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    vault, ailleurs = coffre(session), dossiers.seance(session, clock, table.place.commission, jours=7)
    decision = Decision(
        dossier=ouvert,
        seance=ailleurs,
        statut=StatutDecision.PRISE,
        code="HORS_CHAMP",
        prise_le=clock.now(),
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(decision)
    session.flush()
    recours = Recours(
        decision_id=decision.id,
        forme_le=clock.now(),
        forme_par="Personne",
        motif=vault.fermer("Contesté."),
        seance_id=table.place.seance.id,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(recours)
    session.commit()
    mark = dernier(session)
    annuler(session, clock, table)
    assert recours.seance_id is None
    subjects = [one.sujet for one in ecrits(session, table.place.scene.siao_direction.email, mark)]
    assert any("recours à examiner" in one for one in subjects)


def test_no_e_mail_of_a_cancellation_names_a_household(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    inviter(session, clock, table, ouvert.ref)
    deplacer(session, clock, table, 7)
    annuler(session, clock, table)
    for row in session.scalars(select(MessageSortant).order_by(MessageSortant.id)):
        for mot in ("Kerfictif", "Fictif-Coz", "Maëlle", "Yann", ouvert.menage.code, dossiers.SITUATION):
            assert mot not in row.sujet + row.corps + str(row.calendrier)
