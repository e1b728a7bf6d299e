"""Who may sit at a round's table: the operators that run the nature first, then the others around."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, exists, not_, or_, select
from sqlalchemy.orm import Session

from portal.conventions.enums import OUVERTS
from portal.conventions.models import Convention, ConventionNature
from portal.conventions.tours.models import Tour, TourParticipant
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.shared.db import fetch


def invitables(session: Session, siao_id: int, nature_code: str, tour_id: int = 0) -> Sequence[Any]:
    """Return the operators that may take part: id, ref, nom, `propose` (open line with the nature), `present`
    (at the table of a round), these first.

    Those with a line of this SIAO, the open operators of its département, and whoever is at the table.
    """
    present = exists().where(
        TourParticipant.tour_id == tour_id,
        TourParticipant.operateur_id == Organisation.id,
        TourParticipant.retire_le.is_(None),
    )
    lignes = exists().where(Convention.operateur_id == Organisation.id, Convention.siao_id == siao_id)
    de_la_nature = lignes.where(
        Convention.statut.in_(OUVERTS),
        exists().where(
            ConventionNature.convention_id == Convention.id, ConventionNature.nature_code == nature_code
        ),
    )
    departement = select(Organisation.departement_code).where(Organisation.id == siao_id).scalar_subquery()
    du_departement = exists().where(
        OrganisationDepartement.organisation_id == Organisation.id,
        OrganisationDepartement.departement_code == departement,
    )
    return fetch(
        session,
        select(
            Organisation.id,
            Organisation.ref,
            Organisation.nom,
            de_la_nature.label("propose"),
            present.label("present"),
        )
        .where(
            or_(
                present,
                and_(
                    Organisation.fermee_le.is_(None),
                    Organisation.fusionnee_dans_id.is_(None),
                    Organisation.type.not_in((TypeOrganisation.SIAO, TypeOrganisation.ETAT)),
                    or_(lignes, (Organisation.type == TypeOrganisation.GESTIONNAIRE) & du_departement),
                ),
            )
        )
        .order_by(
            present.desc(), and_(not_(present), de_la_nature).desc(), Organisation.tri, Organisation.id
        ),
    )


def avec_ligne(session: Session, tour_id: int) -> set[int]:
    """Return the operators at the table that have an open line of the round's SIAO: closing can fill it."""
    rows = fetch(
        session,
        select(TourParticipant.operateur_id)
        .join(Tour, Tour.id == TourParticipant.tour_id)
        .join(
            Convention,
            (Convention.operateur_id == TourParticipant.operateur_id) & (Convention.siao_id == Tour.siao_id),
        )
        .where(Tour.id == tour_id, TourParticipant.retire_le.is_(None), Convention.statut.in_(OUVERTS))
        .distinct(),
    )
    return {row.operateur_id for row in rows}
