"""The chain of a pair holds through corrections, closures, and what is forgotten long after."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from portal.conventions import service
from portal.conventions.models import Convention
from portal.jobs import service as jobs
from portal.jobs.models import StatutTravail
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError
from tests.integration.conventions.conftest import Parties

Ouvrir = Callable[..., Convention]


def test_a_ctp_already_cut_by_its_successor_can_be_corrected(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir, signer: Ouvrir
) -> None:
    mere = signer(ouvrir(), effet=date(2026, 3, 2), fin=date(2030, 3, 2))
    fille = service.renouveler(session, clock, parties.agent, mere.ref)
    signer(fille, effet=date(2029, 1, 1), fin=date(2033, 1, 1))
    service.corriger(
        session,
        clock,
        parties.agent,
        mere.ref,
        mere.version,
        date_effet=date(2026, 3, 3),
        date_fin=date(2030, 3, 2),
        motif="Faute de frappe",
    )
    assert (mere.date_effet, mere.fin_effective) == (date(2026, 3, 3), date(2028, 12, 31))
    assert (fille.date_effet, fille.fin_effective) == (date(2029, 1, 1), date(2033, 1, 1))


def test_a_terminated_ctp_does_not_begin_after_its_termination(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir, signer: Ouvrir
) -> None:
    ligne = signer(ouvrir(), effet=date(2026, 3, 2), fin=date(2030, 3, 2))
    service.resilier(
        session,
        clock,
        parties.pilote,
        ligne.ref,
        ligne.version,
        motif="Retrait",
        notifiee_le=date(2026, 3, 1),
    )
    with pytest.raises(DomainError, match="resiliation_effet"):
        service.corriger(
            session,
            clock,
            parties.agent,
            ligne.ref,
            ligne.version,
            date_effet=date(2026, 7, 1),
            date_fin=date(2030, 3, 2),
            motif="Faute de frappe",
        )


def test_a_closed_operator_renews_nothing(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir, signer: Ouvrir
) -> None:
    mere = signer(ouvrir())
    parties.operateur.fermee_le = date(2026, 3, 1)
    session.flush()
    with pytest.raises(DomainError, match="operateur_ferme"):
        service.renouveler(session, clock, parties.agent, mere.ref)


def test_a_closed_service_of_the_state_signs_nothing(
    factories: SimpleNamespace, parties: Parties, ouvrir: Ouvrir
) -> None:
    factories.Organisation(nom="Ancien service", type=TypeOrganisation.ETAT, fermee_le=date(2025, 1, 1))
    assert ouvrir().etat_id == parties.etat.id


def test_only_who_may_read_a_line_is_put_in_charge(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    ouvrir: Ouvrir,
    actor_for: Callable[..., Actor],
) -> None:
    ligne, salarie = ouvrir(), actor_for(Profil.TRAVAILLEUR_SOCIAL, parties.operateur)
    with pytest.raises(DomainError, match=r"conventions\.responsable"):
        service.confier(session, clock, parties.agent, [ligne.ref], personne_ref=salarie.personne_ref)


def test_an_import_is_forgotten_and_its_lines_stay(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir
) -> None:
    ligne, travail = ouvrir(), jobs.enqueue_job(session, clock, parties.agent, "conventions:import_importer")
    ligne.import_id = travail.id
    travail.statut, travail.termine_le = StatutTravail.TERMINE, clock.now() - timedelta(days=31)
    session.flush()
    assert jobs.purge_old(session, clock, days=30) == 1
    session.refresh(ligne)
    assert ligne.import_id is None
