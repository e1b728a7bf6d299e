"""Depositing, checking, putting on an agenda, and what the household's authorisation has to do with it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions.conduite.queries import lignes
from portal.commissions.dossiers import instruction, ordre, queries, radiation, service
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models_decisions import ConduiteSeance, PassageSeance
from portal.commissions.models_dossiers import Dossier
from portal.grilles.autorisations.fermeture import retirer
from portal.grilles.autorisations.models import Autorisation
from portal.notifications.models import MessageSortant
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from tests import dossiers
from tests.autorisations import accorder, demander
from tests.dossiers import Place
from tests.menages import ouvrir, vue


def messages(session: Session) -> list[str]:
    return list(session.scalars(select(MessageSortant.sujet).order_by(MessageSortant.id)))


def test_a_deposit_wants_the_authorisation_and_takes_the_version_that_it_covers(
    session: Session, clock: FixedClock, place: Place
) -> None:
    travailleur = place.scene.travailleur
    dossier = dossiers.brouillon(session, clock, place)
    lu = dossiers.vise(session, clock, travailleur, dossier)
    with pytest.raises(DomainError, match="sans_autorisation"):
        service.deposer(session, clock, travailleur, lu, version=dossier.version)
    accord = accorder(session, clock, place.scene, demander(session, clock, place.scene, a=place.commission))
    service.deposer(session, clock, travailleur, lu, version=dossier.version)
    assert dossier.statut is StatutDossier.DEPOSE
    assert (dossier.autorisation_id, dossier.grille_id) == (accord.id, accord.grille_id)
    assert f"Dossier {dossier.code} déposé" in messages(session)


def test_what_is_missing_is_told_field_by_field(session: Session, clock: FixedClock, place: Place) -> None:
    dossier = dossiers.brouillon(
        session, clock, place, situation=" ", demande="", motif_demande="", pieces={}
    )
    lu = dossiers.vise(session, clock, place.scene.travailleur, dossier)
    with pytest.raises(DomainErrors) as refused:
        service.deposer(session, clock, place.scene.travailleur, lu, version=dossier.version)
    wanted = {"situation", "demande", "motif_demande"} | ({"pieces"} if place.commission.pieces else set())
    assert {error.field for error in refused.value.errors} == wanted


def test_a_household_has_one_open_dossier_before_a_commission(
    session: Session, clock: FixedClock, place: Place
) -> None:
    dossiers.brouillon(session, clock, place)
    with pytest.raises(DomainError, match=r"dossiers\.deja"):
        dossiers.brouillon(session, clock, place)


def test_the_secretariat_gives_back_with_a_reason_and_a_delay_then_receives(
    session: Session, clock: FixedClock, place: Place
) -> None:
    secretaire, travailleur = place.scene.siao_direction, place.scene.travailleur
    dossier = dossiers.depose(session, clock, place)
    lu = dossiers.vise(session, clock, secretaire, dossier)
    with pytest.raises(DomainErrors):
        instruction.rendre(session, clock, secretaire, lu, " ", version=dossier.version)
    instruction.rendre(session, clock, secretaire, lu, "L’avis d’imposition.", version=dossier.version)
    assert dossier.complement_avant == clock.today() + timedelta(days=place.commission.complement_jours)
    assert service.manques(session, dossier) == "L’avis d’imposition."
    sien = dossiers.vise(session, clock, travailleur, dossier)
    service.modifier(
        session,
        clock,
        travailleur,
        sien,
        dossiers.saisie(place.commission, demande="Une autre demande."),
        version=dossier.version,
    )
    service.deposer(session, clock, travailleur, sien, version=dossier.version)
    with pytest.raises(DomainError, match="fige"):
        service.modifier(
            session, clock, travailleur, sien, dossiers.saisie(place.commission), version=dossier.version
        )
    instruction.recevoir(session, clock, secretaire, lu, version=dossier.version)
    assert (dossier.statut, dossier.manques) == (StatutDossier.RECEVABLE, "")


def test_only_the_secretariat_instructs_and_only_the_prescriber_deposits(
    session: Session, clock: FixedClock, place: Place
) -> None:
    dossier = dossiers.depose(session, clock, place)
    with pytest.raises(Forbidden):
        instruction.recevoir(
            session,
            clock,
            place.scene.travailleur,
            dossiers.vise(session, clock, place.scene.travailleur, dossier),
            version=dossier.version,
        )
    with pytest.raises(Forbidden):
        radiation.retirer(
            session,
            clock,
            place.scene.siao_direction,
            dossiers.vise(session, clock, place.scene.siao_direction, dossier),
            "motif",
            version=dossier.version,
        )


def test_a_stale_form_is_told(session: Session, clock: FixedClock, place: Place) -> None:
    dossier = dossiers.depose(session, clock, place)
    lu = dossiers.vise(session, clock, place.scene.siao_direction, dossier)
    with pytest.raises(StaleVersion):
        instruction.recevoir(session, clock, place.scene.siao_direction, lu, version=dossier.version - 1)


def test_registration_asks_for_an_authorisation_on_the_day_of_the_session(
    session: Session, clock: FixedClock, place: Place
) -> None:
    secretaire = place.scene.siao_direction
    dossier = dossiers.brouillon(session, clock, place)
    jour = clock.today()
    court = demander(session, clock, place.scene, a=place.commission, du=jour, au=jour + timedelta(days=3))
    accorder(session, clock, place.scene, court)
    travailleur = place.scene.travailleur
    service.deposer(
        session,
        clock,
        travailleur,
        dossiers.vise(session, clock, travailleur, dossier),
        version=dossier.version,
    )
    lu = dossiers.vise(session, clock, secretaire, dossier)
    instruction.recevoir(session, clock, secretaire, lu, version=dossier.version)
    with pytest.raises(DomainError, match="autorisation_finie"):
        ordre.inscrire(session, clock, secretaire, lu, place.seance.ref, version=dossier.version)


def test_beyond_the_capacity_or_the_freezing_only_an_urgent_dossier_is_added(
    session: Session, clock: FixedClock, place: Place, factories: SimpleNamespace
) -> None:
    secretaire = place.scene.siao_direction
    place.commission.capacite = 1
    premier = dossiers.inscrit(session, clock, place)
    second = second_dossier(session, clock, place)
    lu = dossiers.vise(session, clock, secretaire, second)
    with pytest.raises(DomainError, match="seance_pleine"):
        ordre.inscrire(session, clock, secretaire, lu, place.seance.ref, version=second.version)
    place.commission.capacite = None
    dossiers.figer(session, clock, place)
    with pytest.raises(DomainError, match="papiers_figes"):
        ordre.inscrire(session, clock, secretaire, lu, place.seance.ref, version=second.version)
    second.urgent = True
    session.flush()
    ordre.inscrire(session, clock, secretaire, lu, place.seance.ref, version=second.version)
    conduite = session.scalars(select(ConduiteSeance)).one()
    assert conduite.papiers == [premier.ref, second.ref]
    assert [row.rang for row in session.scalars(select(PassageSeance).order_by(PassageSeance.id))] == [1, 2]


def second_dossier(session: Session, clock: FixedClock, place: Place) -> Dossier:
    """A receivable dossier of another household, its presentation declared by hand."""
    from tests.grilles_remplies import grille_figee

    travailleur = place.scene.travailleur
    menage = ouvrir(session, clock, travailleur, numero_unique="", si_siao="SI-22-9999")
    grille_figee(session, clock, travailleur, vue(session, clock, travailleur, menage))
    dossier = dossiers.depose(session, clock, place, menage=menage)
    secretaire = place.scene.siao_direction
    instruction.recevoir(
        session,
        clock,
        secretaire,
        dossiers.vise(session, clock, secretaire, dossier),
        version=dossier.version,
    )
    return dossier


def test_the_same_people_under_two_households_are_told_to_the_secretariat_by_code(
    session: Session, clock: FixedClock, place: Place
) -> None:
    premier = dossiers.depose(session, clock, place)
    second = second_dossier(session, clock, place)  # the same two adults
    assert [row.code for row in queries.doublons(session, second)] == [premier.code]
    place.scene.menage.protege = True
    place.scene.menage.numero_unique, place.scene.menage.numero_unique_cle = "", None
    session.flush()
    assert not queries.doublons(session, second)


def test_a_withdrawal_between_agenda_and_session_is_told_to_the_secretariat_without_a_name(
    session: Session, clock: FixedClock, place: Place
) -> None:
    dossier = dossiers.inscrit(session, clock, place)
    travailleur = place.scene.travailleur
    autorisation = session.get_one(Autorisation, dossier.autorisation_id)
    before = session.scalars(select(ConduiteSeance.etat)).one()
    retirer(session, clock, travailleur, vue(session, clock, travailleur, dossier.menage), autorisation.ref)
    found = session.scalars(select(MessageSortant).order_by(MessageSortant.id.desc())).first()
    assert found is not None
    assert f"Dossier {dossier.code} : plus lisible" in found.sujet
    assert "Kerfictif" not in found.sujet + found.corps
    assert dossier.menage.code not in found.corps
    assert session.scalars(select(ConduiteSeance.etat)).one() > before


def test_a_draft_that_is_withdrawn_is_forgotten_a_dossier_is_struck_out(
    session: Session, clock: FixedClock, place: Place
) -> None:
    travailleur = place.scene.travailleur
    dossier = dossiers.brouillon(session, clock, place)
    lu = dossiers.vise(session, clock, travailleur, dossier)
    assert radiation.retirer(session, clock, travailleur, lu, "", version=dossier.version) is None
    with pytest.raises(NotVisible):
        dossiers.vise(session, clock, travailleur, dossier)
    dossier = dossiers.inscrit(session, clock, place)
    lu = dossiers.vise(session, clock, travailleur, dossier)
    with pytest.raises(DomainErrors):
        radiation.retirer(session, clock, travailleur, lu, "", version=dossier.version)
    radiation.retirer(
        session, clock, travailleur, lu, "Le ménage a trouvé un logement.", version=dossier.version
    )
    assert (dossier.statut, dossier.rang, dossier.seance_id) == (StatutDossier.RADIE, None, None)


def test_the_session_held_follows_the_order_given_to_its_agenda(
    session: Session, clock: FixedClock, place: Place
) -> None:
    premier, second = dossiers.inscrit(session, clock, place), second_dossier(session, clock, place)
    secretaire = place.scene.siao_direction
    lu = dossiers.vise(session, clock, secretaire, second)
    ordre.inscrire(session, clock, secretaire, lu, place.seance.ref, version=second.version)
    avant = f"{premier.ref},{second.ref}"
    ordre.ordonner(session, clock, secretaire, place.seance, [second.ref, premier.ref], ordre=avant)
    assert [une.ref for une in lignes(session, clock, place.seance)] == [second.ref, premier.ref]


@pytest.mark.parametrize("geste", ["retirer", "radier"])
def test_a_dossier_that_is_withdrawn_leaves_the_papers_and_the_session(
    session: Session, clock: FixedClock, place: Place, geste: str
) -> None:
    dossier = dossiers.inscrit(session, clock, place)
    dossiers.figer(session, clock, place)
    actor = place.scene.travailleur if geste == "retirer" else place.scene.siao_direction
    lu = dossiers.vise(session, clock, actor, dossier)
    avant = session.scalars(select(ConduiteSeance.etat)).one()
    getattr(radiation, geste)(session, clock, actor, lu, "Le ménage est relogé.", version=dossier.version)
    assert lignes(session, clock, place.seance) == []
    conduite = session.scalars(select(ConduiteSeance)).one()
    assert (conduite.papiers, conduite.etat > avant) == ([], True)
