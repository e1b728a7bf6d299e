"""What this room reads of the rooms above it: columns of their tables, for joins, and nothing to write."""

from dataclasses import dataclass

from sqlalchemy import Date, Integer, String, column, select, table
from sqlalchemy.orm import Session

organisation = table(
    "organisation",
    column("id", Integer),
    column("ref", String),
    column("nom", String),
    column("type", String),
    column("tri", String),
    column("departement_code", String),
    column("fermee_le", Date),
    column("fusionnee_dans_id", Integer),
)
organisation_departement = table(
    "organisation_departement",
    column("organisation_id", Integer),
    column("departement_code", String),
)
departement = table(
    "departement",
    column("code", String),
    column("nom", String),
    column("fuseau", String),
)


@dataclass(frozen=True)
class OrganisationLue:
    """An organisation as this room sees it. `type`: a value of the organisations room's TypeOrganisation;
    `departements`: codes of those where it works; `departement_code`: of its home."""

    id: int
    ref: str
    nom: str
    type: str
    departements: tuple[str, ...]
    ouverte: bool = True
    departement_code: str = ""


def read_organisation(
    session: Session, *, ref: str | None = None, ident: int | None = None
) -> OrganisationLue | None:
    """Return an organisation by its public reference or its key, None when there is none. One statement."""
    travaille = organisation_departement.c.departement_code.label("travaille")
    condition = organisation.c.id == ident if ref is None else organisation.c.ref == ref
    rows = session.execute(
        select(organisation, travaille)
        .outerjoin(organisation_departement, organisation_departement.c.organisation_id == organisation.c.id)
        .where(condition)
        .order_by(travaille)
    ).all()
    if not rows:
        return None
    row = rows[0]
    works_in = tuple(one.travaille for one in rows if one.travaille is not None)
    return OrganisationLue(
        row.id, row.ref, row.nom, row.type, works_in, row.fermee_le is None, row.departement_code
    )


def time_zone(session: Session, code: str) -> str:
    """Return the IANA time zone of a département."""
    zone: str = session.execute(select(departement.c.fuseau).where(departement.c.code == code)).scalar_one()
    return zone
