"""The figures of a line that its bilans quote (domaine.md § 9.2), on a day. Five statements at most."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.conventions.models import Convention
from portal.conventions.natures import natures_le
from portal.conventions.redaction.models import ConventionEngagement
from portal.organisations.models import Structure, StructurePlaces
from portal.shared.messages import N_

LIBELLES: Mapping[str, str] = {
    "places_couvertes": N_("Places couvertes par la convention"),
    "places_recensees": N_("Places recensées des structures ouvertes de l’opérateur dans le département"),
    "couverture": N_("Part des places recensées que la convention couvre, en %"),
    "delai": N_("Délai de négociation, en jours"),
    "transcrits": N_("Engagements reliés à l’acte qui les transcrit (CPOM, convention de financement)"),
}


def indicateurs(session: Session, ligne: Convention, jour: date) -> dict[str, int | None]:
    """Return the figures of a line by code, in the order of `LIBELLES`; None when one is not known."""
    portees = natures_le(ligne, jour)
    connues = [nature.places for nature in portees if nature.places is not None]
    couvertes = sum(connues) if connues else None
    natures = [nature.nature_code for nature in portees]
    recensees = session.scalar(
        select(func.sum(StructurePlaces.nombre))
        .join(Structure, Structure.id == StructurePlaces.structure_id)
        .where(
            Structure.organisation_id == ligne.operateur_id,
            Structure.departement_code == ligne.departement_code,
            or_(Structure.fermee_le.is_(None), Structure.fermee_le > jour),
            StructurePlaces.nature_code.in_(natures),
        )
    )
    transcrits = session.scalar(
        select(func.count(ConventionEngagement.clause_code.distinct())).where(
            ConventionEngagement.convention_id == ligne.id
        )
    )
    return {
        "places_couvertes": couvertes,
        "places_recensees": recensees,
        "couverture": round(100 * couvertes / recensees) if couvertes is not None and recensees else None,
        "delai": _delai(ligne),
        "transcrits": transcrits,
    }


def _delai(ligne: Convention) -> int | None:
    if ligne.reprise or ligne.ouverte_le is None or ligne.date_signature is None:
        return None
    jours = (ligne.date_signature - ligne.ouverte_le).days
    return jours if jours >= 0 else None


def lus(donnees: Mapping[str, Any] | None) -> dict[str, int | None]:
    """Return the figures kept in a bilan, in the usual order."""
    return {code: donnees.get(code) for code in LIBELLES} if donnees is not None else {}
