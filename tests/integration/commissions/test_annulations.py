"""A session cancelled or moved: what was to come to it goes elsewhere, and everyone concerned is told."""

from collections.abc import Callable
from datetime import time, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import seances
from portal.commissions.conduite import consultation
from portal.commissions.conduite import seance as conduite
from portal.commissions.conduite.decisions import decision_de
from portal.commissions.conduite.saisie import SaisieDecision
from portal.commissions.dossiers import avis, deports, instruction, invites, ordre
from portal.commissions.enums import Dossiers, PresencePrescripteur, StatutSeance
from portal.commissions.enums_dossiers import MotifDeport, SensAvis, StatutDecision, StatutDossier
from portal.commissions.models_decisions import ConduiteSeance, Decision, Recours
from portal.commissions.models_dossiers import Dossier, DossierAvis
from portal.commissions.models_seances import Seance
from portal.commissions.seances import SaisieSeance
from portal.notifications.models import MessageSortant
from portal.security.coffre import coffre
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, NotVisible
from tests import dossiers
from tests.dossiers import Place
from tests.integration.dossiers.conftest import Table, inscrit, ouvert, place, scene, table
from tests.integration.dossiers.test_lecture import inviter, ouvrir_par_code
from tests.integration.web_organisations import statements, text_of

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


def secretaire(table: Table) -> str:
    return table.place.scene.siao_direction.email


def un_autre(session: Session, clock: FixedClock, place: Place, rang: int) -> Dossier:
    """Return one more dossier of the same prescriber, on the agenda."""
    known = session.scalars(select(Dossier).where(Dossier.seance_id == place.seance.id)).first()
    assert known is not None
    champs = (
        "departement_code", "commission_id", "menage_id", "organisation_id", "prescripteur_id",
        "presentation", "pieces", "statut", "created_at", "updated_at",
    )  # fmt: skip
    made = Dossier(
        **{champ: getattr(known, champ) for champ in champs},
        code=f"D-Y{rang:05d}",
        seance_id=place.seance.id,
        rang=rang + 2,
        depose_le=clock.now() + timedelta(minutes=rang),
    )
    session.add(made)
    session.flush()
    return made


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
    assert f"{ouvert.code} : sera examiné le" in told.corps
    papers = select(ConduiteSeance.papiers).where(ConduiteSeance.seance_id == table.place.seance.id)
    assert session.scalar(papers) == []


def test_without_a_next_session_they_wait_and_join_the_one_then_planned(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier
) -> None:
    mark = dernier(session)
    annuler(session, clock, table)
    assert (inscrit.statut, inscrit.seance_id) == (StatutDossier.RECEVABLE, None)
    assert "dès qu’une séance sera prévue" in ecrits(session, prescripteur(table))[-1].corps
    [suivi] = [one for one in ecrits(session, secretaire(table), mark) if "à suivre" in one.sujet]
    assert inscrit.code in suivi.corps
    mark = dernier(session)
    jour = (clock.now() + timedelta(days=21)).date()
    typed = SaisieSeance(jour=jour, heure=time(14), duree_minutes=60, lieu="Salle")
    [nouvelle] = seances.prevoir(
        session, clock, table.place.scene.siao_direction, table.place.commission, [typed]
    )
    assert (inscrit.statut, inscrit.seance_id) == (StatutDossier.INSCRIT, nouvelle.id)
    [told] = ecrits(session, prescripteur(table), mark)
    assert told.sujet.startswith(f"Dossier {inscrit.code} : séance du")


@pytest.fixture
def trois(session: Session, clock: FixedClock, table: Table, ouvert: Dossier) -> list[Dossier]:
    """Three dossiers of one prescriber on the agenda."""
    found = [ouvert, *(un_autre(session, clock, table.place, rang) for rang in range(2))]
    session.commit()
    return found


def test_one_e_mail_tells_a_prescriber_of_all_its_dossiers(
    session: Session, clock: FixedClock, table: Table, trois: list[Dossier]
) -> None:
    for faire in (lambda: deplacer(session, clock, table, 7), lambda: annuler(session, clock, table)):
        mark = dernier(session)
        faire()
        [told] = ecrits(session, prescripteur(table), mark)
        assert told.sujet.startswith("3 dossiers : séance")
        for dossier in trois:
            assert f"{dossier.code} : " in told.corps
            assert f"/dossiers/{dossier.ref}" in told.corps


def test_moved_dossiers_go_where_there_is_room_and_the_secretariat_is_told_when_there_is_none(
    session: Session, clock: FixedClock, table: Table, trois: list[Dossier]
) -> None:
    commission, mark = table.place.commission, dernier(session)
    pleine = dossiers.seance(session, clock, commission, jours=21)
    pris = un_autre(session, clock, table.place, 7)
    pris.seance_id, pris.rang = pleine.id, 1
    libre = dossiers.seance(session, clock, commission, jours=28)
    commission.capacite = 1
    session.commit()
    annuler(session, clock, table)
    assert [one.seance_id for one in trois] == [libre.id, None, None]
    assert [one.statut for one in trois][1:] == [StatutDossier.RECEVABLE] * 2
    [told] = ecrits(session, prescripteur(table), mark)
    assert told.corps.count("aucune séance prévue n’a de place") == 2
    [suivi] = [one for one in ecrits(session, secretaire(table), mark) if "à suivre" in one.sujet]
    assert "2 dossiers à suivre" in suivi.sujet
    assert trois[0].code not in suivi.corps
    assert trois[1].code in suivi.corps
    jour = (clock.now() + timedelta(days=40)).date()
    typed = SaisieSeance(jour=jour, heure=time(14), duree_minutes=60, lieu="Salle")
    [nouvelle] = seances.prevoir(session, clock, table.place.scene.siao_direction, commission, [typed])
    assert [one.seance_id for one in trois] == [libre.id, nouvelle.id, None], "one place, for the oldest"


def test_a_cancellation_reads_the_full_sessions_once_however_many(
    database: Database, session: Session, clock: FixedClock, table: Table, trois: list[Dossier]
) -> None:
    place, secretaire = table.place, table.place.scene.siao_direction
    libre = dossiers.seance(session, clock, place.commission, jours=15)
    place.commission.capacite = 1
    comptes = []
    for pleines in (1, 4):
        for rang in range(pleines):
            pleine = dossiers.seance(session, clock, place.commission, jours=16 + rang)
            pris = un_autre(session, clock, place, 10 * pleines + rang)
            pris.seance_id, pris.rang = pleine.id, 1
        session.commit()
        session.expire_all()
        with statements(database) as seen:
            seances.annuler(session, clock, secretaire, place.seance, "Neige.", version=place.seance.version)
        assert [one.seance_id for one in trois] == [libre.id, None, None]
        session.rollback()
        comptes.append(len(seen))
    assert comptes[0] == comptes[1]


def test_a_prescriber_invited_to_present_stays_so_when_their_dossier_moves(
    session: Session, clock: FixedClock, table: Table, trois: list[Dossier]
) -> None:
    suivante = dossiers.seance(session, clock, table.place.commission, jours=35)
    table.place.commission.prescripteur = PresencePrescripteur.SUR_INVITATION
    lu = dossiers.vise(session, clock, table.place.scene.siao_direction, trois[0])
    instruction.convier(session, clock, table.place.scene.siao_direction, lu, version=trois[0].version)
    sans_passage = dossiers.vise(session, clock, table.place.scene.siao_direction, trois[1])
    with pytest.raises(DomainError, match="convier"):
        instruction.convier(
            session, clock, table.place.scene.siao_direction, sans_passage, version=trois[1].version
        )
    mark = dernier(session)
    annuler(session, clock, table)
    assert {one.seance_id for one in trois} == {suivante.id}
    [told] = ecrits(session, prescripteur(table), mark)
    assert told.corps.count("Vous y présentez ce dossier : Maison des associations.") == 1
    assert dossiers.vise(session, clock, table.place.scene.travailleur, trois[0]).presente


def test_a_prescriber_invited_to_present_stays_so_while_their_dossier_waits(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier
) -> None:
    secretaire = table.place.scene.siao_direction
    table.place.commission.prescripteur = PresencePrescripteur.SUR_INVITATION
    lu = dossiers.vise(session, clock, secretaire, inscrit)
    instruction.convier(session, clock, secretaire, lu, version=inscrit.version)
    annuler(session, clock, table)
    mark = dernier(session)
    jour = (clock.now() + timedelta(days=21)).date()
    typed = SaisieSeance(jour=jour, heure=time(14), duree_minutes=60, lieu="Salle bleue")
    seances.prevoir(session, clock, secretaire, table.place.commission, [typed])
    [told] = ecrits(session, prescripteur(table), mark)
    assert "Vous y présentez ce dossier : Salle bleue." in told.corps


def test_an_urgent_dossier_finds_room_in_the_next_session(
    session: Session, clock: FixedClock, table: Table, trois: list[Dossier]
) -> None:
    suivante = dossiers.seance(session, clock, table.place.commission, jours=28)
    table.place.commission.capacite = 1
    trois[1].urgent = True
    session.commit()
    annuler(session, clock, table)
    assert [one.seance_id for one in trois] == [suivante.id, suivante.id, None]


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


def test_the_opinion_of_who_withdrew_since_stays_behind(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, factories: SimpleNamespace
) -> None:
    place, secretaire = table.place, table.place.scene.siao_direction
    for membre in (table.conseil, table.bailleur):
        lu = dossiers.vise(session, clock, membre, ouvert)
        avis.donner(session, clock, membre, lu, SensAvis.FAVORABLE, "Oui.")
    annuler(session, clock, table)
    place.seance = dossiers.seance(session, clock, place.commission, jours=21)
    dossiers.asseoir(session, clock, factories, place, place.scene.bailleur, table.bailleur)
    lu = dossiers.vise(session, clock, secretaire, ouvert)
    ordre.inscrire(session, clock, secretaire, lu, place.seance.ref, version=ouvert.version)
    lu = dossiers.vise(session, clock, secretaire, ouvert)
    deports.declarer(session, clock, secretaire, lu, place.scene.bailleur.ref, MotifDeport.SOLLICITE)
    ordre.desinscrire(session, clock, secretaire, lu, version=ouvert.version)
    jour = (clock.now() + timedelta(days=28)).date()
    typed = SaisieSeance(jour=jour, heure=time(14), duree_minutes=60, lieu="Salle")
    [nouvelle] = seances.prevoir(session, clock, secretaire, place.commission, [typed])
    assert ouvert.seance_id == nouvelle.id
    session.expire_all()
    la = select(DossierAvis.organisation_id).where(DossierAvis.seance_id == nouvelle.id)
    assert session.scalars(la).all() == [table.conseil.organisation_id]


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


def test_a_decision_taken_in_writing_follows_to_no_session_already_past(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier
) -> None:
    """The session was not opened at its hour, nor the one planned an hour after it."""
    secretaire, seance = table.place.scene.siao_direction, table.place.seance
    made = consultation.consulter(session, clock, secretaire, seance, inscrit)
    clock.instant += timedelta(hours=49)
    consultation.decider(session, clock, secretaire, made, TYPED, version=made.version)
    passee = dossiers.seance(session, clock, table.place.commission)
    passee.debut, passee.fin = seance.debut + timedelta(hours=1), seance.fin + timedelta(hours=1)
    clock.instant = seance.debut + timedelta(hours=2)
    session.commit()
    with pytest.raises(DomainError, match="decision_ecrite"):
        annuler(session, clock, table)
    session.rollback()
    suivante = dossiers.seance(session, clock, table.place.commission, jours=21)
    annuler(session, clock, table)
    assert (made.seance_id, inscrit.seance_id) == (suivante.id, suivante.id)


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
    assert any("ne couvre pas le jour" in one.corps for one in ecrits(session, secretaire(table), mark))


def test_guests_are_told_and_their_link_dies_with_the_session(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    invite, jeton = inviter(session, clock, table, ouvert.ref)
    bureau = client_for(table.place.scene.siao_direction)
    page = f"/dossiers/seances/{table.place.seance.ref}/invites"
    assert "Ouverte" in text_of(bureau.get(page))
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
    said = text_of(bureau.get(page))
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
