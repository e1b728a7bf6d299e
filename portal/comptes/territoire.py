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
    """Return an organisation by its public reference or its key, None when there is none."""
    condition = organisation.c.id == ident if ref is None else organisation.c.ref == ref
    row = session.execute(select(organisation).where(condition)).one_or_none()
    if row is None:
        return None
    works_in = session.scalars(
        select(organisation_departement.c.departement_code)
        .where(organisation_departement.c.organisation_id == row.id)
        .order_by(organisation_departement.c.departement_code)
    ).all()
    return OrganisationLue(
        row.id, row.ref, row.nom, row.type, tuple(works_in), row.fermee_le is None, row.departement_code
    )


def time_zone(session: Session, code: str) -> str:
    """Return the IANA time zone of a département."""
    zone: str = session.execute(select(departement.c.fuseau).where(departement.c.code == code)).scalar_one()
    return zone
