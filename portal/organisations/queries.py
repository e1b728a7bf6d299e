"""Reading organisations and structures: always from what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import (
    Commune,
    Departement,
    Nature,
    Organisation,
    OrganisationCategorie,
    OrganisationDepartement,
    Structure,
    StructurePlaces,
)
from portal.organisations.policies import TERRITORIAL
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.db import Base
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
    categorie: int | None = None
    a_completer: bool = False
    fermees: bool = False


@dataclass(frozen=True)
class FiltreStructures:
    """Filters of the list. `a_qualifier`: the nature is not known yet; `fermees`: closed ones too."""

    texte: str = ""
    departement_code: str = ""
    nature_code: str = ""
    categorie_finess: str = ""
    organisation_id: int | None = None
    a_qualifier: bool = False
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


def structures_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor may see this structure »: its territory, or its own organisation."""
    if not can(actor, Permission.ORGANISATIONS_LIRE) or actor.profil is Profil.ADMIN_TECHNIQUE:
        return false()
    if actor.profil in TERRITORIAL:
        return Structure.departement_code.in_(actor.departements)
    return Structure.organisation_id == actor.organisation_id


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
    statement = _filtered(session, select(Organisation.id).where(visible_to(actor)), filtre)
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


def liste_structures(
    session: Session, actor: Actor, filtre: FiltreStructures, cursor: Cursor | None = None, size: int = 50
) -> Page:
    """Return a page of structures by name.

    Columns: id, ref, version, nom, finess, categorie_finess, nature_a_qualifier, departement_code, commune,
    organisation_ref, organisation_nom, fermee_le.
    """
    statement = (
        _structure_rows()
        .where(structures_visible_to(actor))
        .where(_matches(session, Structure, filtre.texte))
    )
    if filtre.departement_code:
        statement = statement.where(Structure.departement_code == filtre.departement_code)
    if filtre.nature_code:
        statement = statement.where(_has_nature(filtre.nature_code))
    if filtre.categorie_finess:
        statement = statement.where(Structure.categorie_finess == filtre.categorie_finess)
    if filtre.organisation_id is not None:
        statement = statement.where(Structure.organisation_id == filtre.organisation_id)
    if filtre.a_qualifier:
        statement = statement.where(Structure.nature_a_qualifier)
    if not filtre.fermees:
        statement = statement.where(Structure.fermee_le.is_(None))
    keys: tuple[Any, ...] = (Structure.tri, Structure.id)
    return paginate(session, with_keys(statement, keys), keys, cursor=cursor, size=size)


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
    statement = _filtered(session, select(Organisation.id).where(visible_to(actor)), filtre)
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


def search_structures(session: Session, actor: Actor, text: str, limit: int = 8) -> Sequence[Ligne]:
    """Return the first visible structures matching a text (columns of `liste_structures`)."""
    if not text.strip():
        return []
    return session.execute(
        _structure_rows()
        .where(structures_visible_to(actor), Structure.fermee_le.is_(None))
        .where(_matches(session, Structure, text))
        .order_by(Structure.tri, Structure.id)
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
        structures=session.execute(
            _structure_rows()
            .where(structures_visible_to(actor), Structure.organisation_id == found.id)
            .order_by(Structure.tri, Structure.id)
            .limit(200)
        ).all(),
        absorbees=session.execute(
            merged.where(Organisation.fusionnee_dans_id == found.id).order_by(Organisation.tri)
        ).all(),
        fusionnee_dans=into,
    )


def structure(session: Session, actor: Actor, ref: str) -> Structure:
    """Return a visible structure with its organisation and places; raises NotVisible."""
    found = session.scalar(
        select(Structure)
        .where(Structure.ref == ref, structures_visible_to(actor))
        .options(joinedload(Structure.organisation), selectinload(Structure.places))
    )
    if found is None:
        raise NotVisible(ref)
    return found


def partners(session: Session, departement_code: str, kind: TypeOrganisation) -> Sequence[Ligne]:
    """Return the open organisations of one type working in a département: id, ref, nom, sigle."""
    return session.execute(
        select(Organisation.id, Organisation.ref, Organisation.nom, Organisation.sigle)
        .where(Organisation.type == kind, Organisation.fermee_le.is_(None), _works_in([departement_code]))
        .order_by(Organisation.tri, Organisation.id)
    ).all()


def departements(session: Session) -> Sequence[Ligne]:
    """Return every département: code, nom, region_code, fuseau."""
    return session.execute(
        select(Departement.code, Departement.nom, Departement.region_code, Departement.fuseau).order_by(
            Departement.code
        )
    ).all()


def natures(session: Session) -> Sequence[Nature]:
    """Return every nature de dispositif in the order of the nomenclature."""
    return session.scalars(select(Nature).order_by(Nature.ordre)).all()


def communes(session: Session, text: str, departement_code: str = "", limit: int = 10) -> Sequence[Ligne]:
    """Return the communes matching a text, by name: code, nom, departement_code, codes_postaux."""
    statement = (
        select(Commune.code, Commune.nom, Commune.departement_code, Commune.codes_postaux)
        .where(_matches(session, Commune, text))
        .order_by(Commune.tri, Commune.code)
        .limit(limit)
    )
    if departement_code:
        statement = statement.where(Commune.departement_code == departement_code)
    return session.execute(statement).all()


def places_par_nature(session: Session, organisation_id: int) -> dict[str, int | None]:
    """Return the places of an organisation's open structures by nature; None when no number is known."""
    rows = session.execute(
        select(StructurePlaces.nature_code, func.sum(StructurePlaces.nombre))
        .join(Structure, Structure.id == StructurePlaces.structure_id)
        .where(Structure.organisation_id == organisation_id, Structure.fermee_le.is_(None))
        .group_by(StructurePlaces.nature_code)
    )
    return {nature: total for nature, total in rows}  # noqa: C416  (dict(rows) is not typed)


def places_by_structure(session: Session, structure_ids: Sequence[int]) -> dict[int, list[Ligne]]:
    """Return the lines of places of some structures (nature_code, type_place, nombre), by structure."""
    lines: dict[int, list[Ligne]] = {}
    if structure_ids:
        rows = session.execute(
            select(
                StructurePlaces.structure_id,
                StructurePlaces.nature_code,
                StructurePlaces.type_place,
                StructurePlaces.nombre,
            )
            .join(Nature, Nature.code == StructurePlaces.nature_code)
            .where(StructurePlaces.structure_id.in_(structure_ids))
            .order_by(StructurePlaces.structure_id, Nature.ordre, StructurePlaces.type_place)
        )
        for row in rows:
            lines.setdefault(row.structure_id, []).append(row)
    return lines


def _matches(session: Session, model: type[Base], text: str) -> ColumnElement[bool]:
    table: Any = model.__table__
    return matches(session, table, text)


def _filtered(session: Session, statement: Selection, filtre: FiltreOrganisations) -> Selection:
    statement = statement.where(_matches(session, Organisation, filtre.texte))
    if filtre.type is not None:
        statement = statement.where(Organisation.type == filtre.type)
    if filtre.departement_code:
        statement = statement.where(_works_in([filtre.departement_code]))
    if filtre.nature_code:
        statement = statement.where(
            exists().where(
                Structure.organisation_id == Organisation.id,
                Structure.fermee_le.is_(None),
                _has_nature(filtre.nature_code),
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


def _structure_rows() -> Selection:
    return (
        select(
            Structure.id,
            Structure.ref,
            Structure.version,
            Structure.nom,
            Structure.finess,
            Structure.categorie_finess,
            Structure.nature_a_qualifier,
            Structure.departement_code,
            Commune.nom.label("commune"),
            Organisation.ref.label("organisation_ref"),
            Organisation.nom.label("organisation_nom"),
            Structure.fermee_le,
        )
        .join(Organisation, Organisation.id == Structure.organisation_id)
        .outerjoin(Commune, Commune.code == Structure.commune_code)
    )


def _works_in(codes: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        OrganisationDepartement.organisation_id == Organisation.id,
        OrganisationDepartement.departement_code.in_(codes),
    )


def _has_nature(code: str) -> ColumnElement[bool]:
    return exists().where(StructurePlaces.structure_id == Structure.id, StructurePlaces.nature_code == code)


def _open_structures() -> Any:
    return (
        select(func.count())
        .where(Structure.organisation_id == Organisation.id, Structure.fermee_le.is_(None))
        .scalar_subquery()
    )
