"""Reading structures and their places: always from what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, false, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.organisations.models import (
    Arrondissement,
    Commune,
    Epci,
    Nature,
    Organisation,
    Structure,
    StructurePlaces,
)
from portal.organisations.policies import TERRITORIAL
from portal.organisations.referentiel import Lieu, Maille, communes_of, territories, with_territories
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.errors import NotVisible
from portal.shared.pagination import Cursor, Page, paginate, with_keys
from portal.shared.search import matches

# Rows and selections of any width: what is selected is told by each docstring.
Ligne = Row[*tuple[Any, ...]]
Selection = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class FiltreStructures:
    """Filters of the list. `a_qualifier`: the nature is not known yet; `fermees`: closed ones too."""

    texte: str = ""
    departement_code: str = ""
    nature_code: str = ""
    categorie_finess: str = ""
    lieu: Lieu | None = None
    organisation_id: int | None = None
    a_qualifier: bool = False
    fermees: bool = False


def structures_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor may see this structure »: its territory, or its own organisation."""
    if not can(actor, Permission.ORGANISATIONS_LIRE) or actor.profil is Profil.ADMIN_TECHNIQUE:
        return false()
    if actor.profil in TERRITORIAL:
        return Structure.departement_code.in_(actor.departements)
    return Structure.organisation_id == actor.organisation_id


def liste_structures(
    session: Session, actor: Actor, filtre: FiltreStructures, cursor: Cursor | None = None, size: int = 50
) -> Page:
    """Return a page of structures by name.

    Columns: id, ref, version, nom, finess, categorie_finess, nature_a_qualifier, departement_code, commune,
    epci, arrondissement, organisation_ref, organisation_nom, fermee_le.
    """
    statement = _structure_rows().where(structures_visible_to(actor)).where(_matches(session, filtre.texte))
    if filtre.departement_code:
        statement = statement.where(Structure.departement_code == filtre.departement_code)
    if filtre.lieu is not None:
        statement = statement.where(located_in(actor, filtre.lieu))
    if filtre.nature_code:
        statement = statement.where(has_nature(filtre.nature_code))
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


def search_structures(session: Session, actor: Actor, text: str, limit: int = 8) -> Sequence[Ligne]:
    """Return the first visible structures matching a text (columns of `liste_structures`)."""
    if not text.strip():
        return []
    return session.execute(
        _structure_rows()
        .where(structures_visible_to(actor), Structure.fermee_le.is_(None))
        .where(_matches(session, text))
        .order_by(Structure.tri, Structure.id)
        .limit(limit)
    ).all()


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


def structures_of(session: Session, actor: Actor, organisation_id: int, limit: int = 200) -> Sequence[Ligne]:
    """Return the visible structures of an organisation by name (columns of `liste_structures`)."""
    return session.execute(
        _structure_rows()
        .where(structures_visible_to(actor), Structure.organisation_id == organisation_id)
        .order_by(Structure.tri, Structure.id)
        .limit(limit)
    ).all()


def territoires(session: Session, actor: Actor) -> dict[Maille, list[tuple[str, str]]]:
    """Return the territories where the actor sees structures, as (address, name) by kind."""
    here = select(Structure.commune_code).where(structures_visible_to(actor), Structure.fermee_le.is_(None))
    return territories(session, Commune.code.in_(here))


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


def _matches(session: Session, text: str) -> ColumnElement[bool]:
    table: Any = Structure.__table__
    return matches(session, table, text)


def _structure_rows() -> Selection:
    return with_territories(
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
            Epci.nom.label("epci"),
            Arrondissement.nom.label("arrondissement"),
            Organisation.ref.label("organisation_ref"),
            Organisation.nom.label("organisation_nom"),
            Structure.fermee_le,
        )
        .join(Organisation, Organisation.id == Structure.organisation_id)
        .outerjoin(Commune, Commune.code == Structure.commune_code)
    )


def located_in(actor: Actor, lieu: Lieu) -> ColumnElement[bool]:
    """The structure is visible, and stands in a territory."""
    return structures_visible_to(actor) & Structure.commune_code.in_(communes_of(lieu))


def has_nature(code: str) -> ColumnElement[bool]:
    """The structure has places of a nature."""
    return exists().where(StructurePlaces.structure_id == Structure.id, StructurePlaces.nature_code == code)
