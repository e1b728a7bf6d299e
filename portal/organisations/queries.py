"""Reading organisations: always from what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import (
    Departement,
    Organisation,
    OrganisationCategorie,
    OrganisationDepartement,
    Structure,
)
from portal.organisations.policies import TERRITORIAL
from portal.organisations.queries_structures import has_nature, located_in, structures_of
from portal.organisations.referentiel import Lieu
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.errors import NotVisible
from portal.shared.pagination import Cursor, Page, paginate, with_keys
from portal.shared.search import matches

# Rows and selections of any width: what is selected is told by each docstring.
Ligne = Row[*tuple[Any, ...]]
Selection = Select[*tuple[Any, ...]]

PARTNERS = (TypeOrganisation.ETAT, TypeOrganisation.SIAO)


@dataclass(frozen=True)
class FiltreOrganisations:
    """Filters of the list. `categorie`: of art. L. 345-2-6 (1 to 11); `a_completer`: the name is provisional;
    `fermees`: closed and merged ones too.
    """

    texte: str = ""
    type: TypeOrganisation | None = None
    departement_code: str = ""
    nature_code: str = ""
    lieu: Lieu | None = None
    categorie: int | None = None
    a_completer: bool = False
    fermees: bool = False


@dataclass(frozen=True)
class FicheOrganisation:
    """One organisation with everything its page shows. `structures`: those the actor may see."""

    organisation: Organisation
    departements: Sequence[Departement]
    categories: Sequence[int]
    structures: Sequence[Ligne]
    absorbees: Sequence[Ligne] = field(default=())
    fusionnee_dans: Ligne | None = None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor may see this organisation » (domaine.md § 10.2, 10.3).

    The State and the SIAO see what works in their départements; the technical administrator sees all, to
    open accounts; everyone else sees their own organisation and, as partners, the State and SIAO of the
    départements where it works. Whoever reads aggregated figures only sees none.
    """
    if not can(actor, Permission.ORGANISATIONS_LIRE):
        return false()
    if actor.profil is Profil.ADMIN_TECHNIQUE:
        return true()
    here = _works_in(actor.departements)
    if actor.profil in TERRITORIAL:
        return or_(Organisation.id == actor.organisation_id, here)
    return or_(Organisation.id == actor.organisation_id, Organisation.type.in_(PARTNERS) & here)


def liste(
    session: Session,
    actor: Actor,
    filtre: FiltreOrganisations,
    cursor: Cursor | None = None,
    size: int = 50,
    *,
    tri: str = "nom",
) -> Page:
    """Return a page of organisations, sorted by « nom » or « departement » (« -nom »: descending).

    Columns: ref, nom, sigle, type, siren, departement_code, nom_provisoire, fermee_le, structures (count
    of the open ones, whoever looks).
    """
    statement = _filtered(session, actor, filtre)
    statement = statement.with_only_columns(
        Organisation.id,
        Organisation.ref,
        Organisation.nom,
        Organisation.sigle,
        Organisation.type,
        Organisation.siren,
        Organisation.departement_code,
        Organisation.nom_provisoire,
        Organisation.fermee_le,
        _open_structures().label("structures"),
    )
    keys: tuple[Any, ...] = (Organisation.tri, Organisation.id)
    if tri.lstrip("-") == "departement":
        keys = (Organisation.departement_code, *keys)
    return paginate(
        session,
        with_keys(statement, keys),
        keys,
        cursor=cursor,
        size=size,
        descending=tri.startswith("-"),
    )


def search(session: Session, actor: Actor, text: str, limit: int = 8) -> Sequence[Ligne]:
    """Return the first visible organisations matching a text: ref, nom, sigle, type, departement_code."""
    return suggestions(session, actor, text, limit=limit) if text.strip() else []


def suggestions(
    session: Session,
    actor: Actor,
    text: str,
    *,
    types: Sequence[TypeOrganisation] = (),
    departement_code: str = "",
    limit: int = 10,
) -> Sequence[Ligne]:
    """Return open, visible organisations by name: id, ref, nom, sigle, type, departement_code."""
    filtre = FiltreOrganisations(texte=text, departement_code=departement_code)
    statement = _filtered(session, actor, filtre)
    if types:
        statement = statement.where(Organisation.type.in_(types))
    return session.execute(
        statement.with_only_columns(
            Organisation.id,
            Organisation.ref,
            Organisation.nom,
            Organisation.sigle,
            Organisation.type,
            Organisation.departement_code,
        )
        .order_by(Organisation.tri, Organisation.id)
        .limit(limit)
    ).all()


def organisation(session: Session, actor: Actor, ref: str) -> Organisation:
    """Return a visible organisation by its public reference; raises NotVisible."""
    found = session.scalar(select(Organisation).where(Organisation.ref == ref, visible_to(actor)))
    if found is None:
        raise NotVisible(ref)
    return found


def fiche(session: Session, actor: Actor, ref: str) -> FicheOrganisation:
    """Return the page of a visible organisation, in a constant number of statements; raises NotVisible."""
    found = session.scalar(
        select(Organisation)
        .where(Organisation.ref == ref, visible_to(actor))
        .options(selectinload(Organisation.categories))
    )
    if found is None:
        raise NotVisible(ref)
    works_in = select(OrganisationDepartement.departement_code).where(
        OrganisationDepartement.organisation_id == found.id
    )
    merged = select(Organisation.ref, Organisation.nom, Organisation.fermee_le)
    into = None
    if found.fusionnee_dans_id is not None:
        into = session.execute(merged.where(Organisation.id == found.fusionnee_dans_id)).one()
    return FicheOrganisation(
        organisation=found,
        departements=session.scalars(
            select(Departement).where(Departement.code.in_(works_in)).order_by(Departement.code)
        ).all(),
        categories=sorted(row.categorie for row in found.categories),
        structures=structures_of(session, actor, found.id),
        absorbees=session.execute(
            merged.where(Organisation.fusionnee_dans_id == found.id).order_by(
                Organisation.tri, Organisation.id
            )
        ).all(),
        fusionnee_dans=into,
    )


def partners(session: Session, departement_code: str, kind: TypeOrganisation) -> Sequence[Ligne]:
    """Return the open organisations of one type working in a département: id, ref, nom, sigle."""
    return session.execute(
        select(Organisation.id, Organisation.ref, Organisation.nom, Organisation.sigle)
        .where(Organisation.type == kind, Organisation.fermee_le.is_(None), _works_in([departement_code]))
        .order_by(Organisation.tri, Organisation.id)
    ).all()


def _filtered(session: Session, actor: Actor, filtre: FiltreOrganisations) -> Selection:
    table: Any = Organisation.__table__
    statement: Selection = select(Organisation.id).where(visible_to(actor))
    statement = statement.where(matches(session, table, filtre.texte))
    if filtre.type is not None:
        statement = statement.where(Organisation.type == filtre.type)
    if filtre.departement_code:
        statement = statement.where(_works_in([filtre.departement_code]))
    if filtre.nature_code:
        statement = statement.where(
            exists().where(
                Structure.organisation_id == Organisation.id,
                Structure.fermee_le.is_(None),
                has_nature(filtre.nature_code),
            )
        )
    if filtre.lieu is not None:
        statement = statement.where(
            exists().where(
                Structure.organisation_id == Organisation.id,
                Structure.fermee_le.is_(None),
                located_in(actor, filtre.lieu),
            )
        )
    if filtre.categorie is not None:
        statement = statement.where(
            exists().where(
                OrganisationCategorie.organisation_id == Organisation.id,
                OrganisationCategorie.categorie == filtre.categorie,
            )
        )
    if filtre.a_completer:
        statement = statement.where(Organisation.nom_provisoire)
    if not filtre.fermees:
        statement = statement.where(Organisation.fermee_le.is_(None))
    return statement


def _works_in(codes: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        OrganisationDepartement.organisation_id == Organisation.id,
        OrganisationDepartement.departement_code.in_(codes),
    )


def _open_structures() -> Any:
    return (
        select(func.count())
        .where(Structure.organisation_id == Organisation.id, Structure.fermee_le.is_(None))
        .scalar_subquery()
    )
