"""What each choice of a commission changes to its dossiers (domaine.md § 7.1)."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.commissions.dossiers import instruction, ordre, queries, service
from portal.commissions.dossiers.lecture import Acces, papier
from portal.commissions.enums import Autorisation, Dossiers, PresenceMenage, Releve
from portal.commissions.enums_dossiers import StatutDossier
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError
from tests import dossiers
from tests.dossiers import SITUATION
from tests.integration.dossiers.conftest import Table
from tests.integration.web_organisations import text_of
from tests.menages import ADULTES

Clients = Callable[..., FlaskClient]


def test_a_commission_without_dossiers_takes_none(
    session: Session, clock: FixedClock, table: Table, client_for: Clients
) -> None:
    place = table.place
    assert place.commission in queries.commissions_ouvertes(session, place.scene.menage)
    page, secretaire = f"/commissions/seances/{place.seance.ref}", client_for(place.scene.siao_direction)
    assert "Ordre du jour" in text_of(secretaire.get(page))
    place.commission.dossiers, place.commission.autorisation = Dossiers.AUCUN, Autorisation.AUCUNE
    session.commit()
    assert place.commission not in queries.commissions_ouvertes(session, place.scene.menage)
    with pytest.raises(DomainError, match=r"dossiers\.commission"):
        dossiers.brouillon(session, clock, place)
    assert "Ordre du jour" not in text_of(secretaire.get(page))
    assert "Inviter une personne sans compte" not in text_of(secretaire.get(page))


def test_anonymised_cases_need_no_authorisation_and_name_nobody(
    session: Session, clock: FixedClock, table: Table, client_for: Clients
) -> None:
    place, held = table.place, table.place.scene
    commission = place.commission
    commission.dossiers, commission.autorisation = Dossiers.ANONYMES, Autorisation.AUCUNE
    commission.releve = Releve.ANONYME
    dossier = dossiers.brouillon(session, clock, place)
    service.deposer(
        session, clock, held.travailleur, dossiers.vise(session, clock, held.travailleur, dossier), version=1
    )
    lu = dossiers.vise(session, clock, held.siao_direction, dossier)
    instruction.recevoir(session, clock, held.siao_direction, lu, version=dossier.version)
    ordre.inscrire(session, clock, held.siao_direction, lu, place.seance.ref, version=dossier.version)
    dossiers.figer(session, clock, place)
    session.commit()
    assert dossier.statut is StatutDossier.INSCRIT
    paper = papier(session, clock, table.conseil, dossier)
    assert (paper.acces, paper.designation, paper.sortie) == (Acces.OUVERT, dossier.code, None)
    page = text_of(client_for(table.conseil).get(f"/dossiers/{dossier.ref}"))
    assert SITUATION in page
    assert ADULTES[0].nom not in page
    agenda = text_of(client_for(table.conseil).get(f"/dossiers/seances/{place.seance.ref}"))
    assert dossier.code in agenda
    assert ADULTES[0].nom not in agenda


@pytest.mark.parametrize(
    ("menage", "coche", "present"),
    [
        (PresenceMenage.NON, True, False),
        (PresenceMenage.INVITE, True, True),
        (PresenceMenage.INVITE, False, False),
        (PresenceMenage.MEMBRE, False, True),
    ],
)
def test_whether_the_household_comes(
    session: Session, clock: FixedClock, table: Table, menage: PresenceMenage, coche: bool, present: bool
) -> None:
    table.place.commission.menage = menage
    assert dossiers.brouillon(session, clock, table.place, menage_present=coche).menage_present is present
