"""Functions that are expected of organisations and that none of their entries holds (domaine.md § 11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, exists, func, literal, select, type_coerce, union_all
from sqlalchemy.orm import Session

from portal.annuaire.fraicheur import TAILLE, TERRITORIAUX, Cadre, Coupe
from portal.annuaire.models import Referent
from portal.annuaire.nomenclatures import fonctions
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.shared.pagination import Cursor, Page, paginate, with_keys


@dataclass(frozen=True)
class Absente:
    """An organisation that is expected to have a function and opened none (domaine.md § 11)."""

    organisation_id: int
    organisation_ref: str
    organisation: str
    type: TypeOrganisation
    departement_code: str


def compter_absentes(session: Session, cadre: Cadre, coupe: Coupe) -> dict[str, int]:
    """Return how many organisations lack each function expected of them, by its code. One statement."""
    statement, attendue = _absentes(cadre, coupe)
    rows = session.execute(
        statement.with_only_columns(attendue.c.code, func.count().label("nombre"))
        .group_by(attendue.c.code)
        .order_by(attendue.c.code)
    )
    return {row.code: row.nombre for row in rows}


def lister_absentes(
    session: Session, cadre: Cadre, coupe: Coupe, fonction_code: str, cursor: Cursor | None = None
) -> tuple[Sequence[Absente], Page]:
    """Return a page of the organisations behind a figure of `compter_absentes`, by name."""
    statement, attendue = _absentes(cadre, coupe)
    keys: tuple[Any, ...] = (Organisation.tri, Organisation.id, OrganisationDepartement.departement_code)
    columns = statement.with_only_columns(
        Organisation.id,
        Organisation.ref,
        Organisation.nom,
        Organisation.type,
        OrganisationDepartement.departement_code,
        maintain_column_froms=True,
    ).where(attendue.c.code == fonction_code)
    page = paginate(session, with_keys(columns, keys), keys, cursor=cursor, size=TAILLE)
    return [Absente(row.id, row.ref, row.nom, row.type, row.departement_code) for row in page.rows], page


def _absentes(cadre: Cadre, coupe: Coupe) -> tuple[Any, Any]:
    """Return the organisations, once for each département and each function expected there that they lack."""
    actor = cadre.actor
    couples = [
        (kind.value, one.code) for one in fonctions().values() for kind in sorted(one.attendue, key=str)
    ]
    attendue = union_all(
        *(select(literal(kind).label("type"), literal(code).label("code")) for kind, code in couples)
    ).subquery()
    ouverte = exists().where(
        Referent.organisation_id == Organisation.id,
        Referent.departement_code == OrganisationDepartement.departement_code,
        Referent.fonction_code == attendue.c.code,
        Referent.ferme_le.is_(None),
    )
    kept: list[ColumnElement[bool]] = [
        Organisation.fermee_le.is_(None),
        OrganisationDepartement.departement_code.in_(actor.departements),
        ~ouverte,
    ]
    if actor.profil not in TERRITORIAUX or coupe.siennes:
        kept.append(Organisation.id == actor.organisation_id)
    if coupe.departement_code:
        kept.append(OrganisationDepartement.departement_code == coupe.departement_code)
    if coupe.type is not None:
        kept.append(Organisation.type == coupe.type)
    statement = (
        select(Organisation.id)
        .select_from(Organisation)
        .join(OrganisationDepartement, OrganisationDepartement.organisation_id == Organisation.id)
        .join(attendue, attendue.c.type == type_coerce(Organisation.type, String()))
        .where(*kept)
    )
    return statement, attendue
