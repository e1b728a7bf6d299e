"""What forms of the directory offer to choose from."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.annuaire.saisie import cles_de_commune
from portal.organisations.models import Commune, Structure
from portal.organisations.referentiel import communes
from portal.shared.db import AnyRow

COMMUNES = 8  # proposed for a name that several begin with
INCONNUE = 0  # the key of no structure: the service refuses it


def structures_ouvertes(
    session: Session, organisation_id: int, departements: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the open structures of an organisation in some départements, as (public reference, name)."""
    rows = session.execute(
        select(Structure.ref, Structure.nom)
        .where(
            Structure.organisation_id == organisation_id,
            Structure.departement_code.in_(departements),
            Structure.fermee_le.is_(None),
        )
        .order_by(Structure.tri, Structure.id)
    )
    return [(row.ref, row.nom) for row in rows]


def communes_demandees(
    session: Session, departements: Sequence[str], typed: str
) -> tuple[AnyRow | None, Sequence[AnyRow]]:
    """Return the commune of some départements that was asked for, or else those to choose from.

    By its code, or by its name when one alone bears it; « st » says « saint ». Columns: code, nom,
    departement_code, codes_postaux.
    """
    keys = cles_de_commune(typed)
    exact = session.execute(
        select(Commune.code, Commune.nom, Commune.departement_code, Commune.codes_postaux)
        .where(Commune.departement_code.in_(departements), or_(Commune.code == typed, Commune.tri.in_(keys)))
        .order_by(Commune.tri, Commune.code)
    ).all()
    found = exact or communes(session, keys[-1], limit=COMMUNES, parmi=departements)
    return (found[0], []) if len(found) == 1 else (None, found)


def structure_id(session: Session, ref: str) -> int | None:
    """Return the key of a structure by its public reference: None for none, `INCONNUE` when there is none."""
    if not ref:
        return None
    return session.scalar(select(Structure.id).where(Structure.ref == ref)) or INCONNUE
