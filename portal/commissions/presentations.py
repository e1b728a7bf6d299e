"""To which commissions a household may be presented: those in service that examine named dossiers."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions.enums import Autorisation, Dossiers, PresenceMenage, StatutCommission
from portal.commissions.enums import Portee as PorteeCommission
from portal.commissions.models import Commission
from portal.grilles.autorisations.crochets import CommissionProposee, on_commissions
from portal.grilles.enums import Portee
from portal.shared.db import fetch

PORTEES = {PorteeCommission.P1: Portee.P1, PorteeCommission.P2: Portee.P2}


@on_commissions
def ouvertes(session: Session, departement_code: str, jour: date) -> list[CommissionProposee]:
    """Return the commissions of a département that take dossiers with the household's authorisation."""
    rows = fetch(
        session,
        select(Commission.id, Commission.ref, Commission.nom, Commission.portee, Commission.menage)
        .where(
            Commission.departement_code == departement_code,
            Commission.statut == StatutCommission.OUVERTE,
            Commission.fermee_le.is_(None) | (Commission.fermee_le > jour),
            Commission.dossiers == Dossiers.NOMINATIFS,
            Commission.autorisation == Autorisation.PRESENTATION,
        )
        .order_by(Commission.tri, Commission.id),
    )
    return [
        CommissionProposee(
            row.id, row.ref, row.nom, PORTEES[row.portee], row.menage is not PresenceMenage.NON
        )
        for row in rows
    ]
