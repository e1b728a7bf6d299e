"""Reading the filled grids. Who may read a household is settled before, by `menages.queries.menage`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from portal.conventions.modeles.enums import StatutVersion
from portal.grilles import contenu
from portal.grilles import queries as modeles
from portal.grilles.models import GrilleModele
from portal.grilles.remplissage.enums import StatutGrille
from portal.grilles.remplissage.models import GrilleAcces, GrilleSection
from portal.security.coffre import coffre
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.errors import NotVisible
from portal.shared.memory import Memory

Reponses = dict[str, dict[str, dict[str, Any]]]
"""Answers: section, question, field. What is absent is « non renseigné »."""

_ENTIERE = (
    select(GrilleAcces)
    .options(joinedload(GrilleAcces.sections), joinedload(GrilleAcces.modele))
    .execution_options(populate_existing=True)
)
_MODELES: Memory[contenu.Grille] = Memory(64)


def _une(session: Session, requete: Select[GrilleAcces]) -> GrilleAcces | None:
    """Return the grid that a select of `_ENTIERE` finds, one at most. One statement."""
    return session.scalars(requete).unique().one_or_none()


def en_cours(session: Session, menage_id: int) -> GrilleAcces | None:
    """Return the grid being written for a household, with its answers and its model."""
    return _une(
        session,
        _ENTIERE.where(GrilleAcces.menage_id == menage_id, GrilleAcces.statut == StatutGrille.BROUILLON)
        .order_by(GrilleAcces.id)
        .limit(1),
    )


def derniere_figee(session: Session, menage_id: int) -> GrilleAcces | None:
    """Return the last frozen version of a household's grid, with its answers and its model. One statement."""
    return _une(
        session,
        _ENTIERE.where(GrilleAcces.menage_id == menage_id, GrilleAcces.statut == StatutGrille.FIGEE)
        .order_by(GrilleAcces.numero.desc())
        .limit(1),
    )


def version(session: Session, menage_id: int, ref: str) -> GrilleAcces:
    """Return one version of a household's grid, with its answers and its model. Raises NotVisible."""
    found = _une(session, _ENTIERE.where(GrilleAcces.menage_id == menage_id, GrilleAcces.ref == ref))
    if found is None:
        raise NotVisible(ref)
    return found


def deux(session: Session, menage_id: int, ref: str, autre: str) -> tuple[GrilleAcces, GrilleAcces]:
    """Return two versions of a household's grid as `version` does, in as many statements.

    Raises NotVisible."""
    rows = session.scalars(
        _ENTIERE.where(GrilleAcces.menage_id == menage_id, GrilleAcces.ref.in_((ref, autre))).order_by(
            GrilleAcces.id
        )
    )
    found = {row.ref: row for row in rows.unique()}
    if ref not in found or autre not in found:
        raise NotVisible(autre)
    return found[ref], found[autre]


def versions(session: Session, menage_id: int) -> Sequence[AnyRow]:
    """Return the versions of a household's grid, newest first, without their answers."""
    return fetch(session, lecture_des_versions(menage_id).order_by(GrilleAcces.numero.desc()))


def lecture_des_versions(menage_id: int) -> AnySelect:
    """Return the select of `versions`, in no order."""
    return (
        select(
            GrilleAcces.ref,
            GrilleAcces.numero,
            GrilleAcces.statut,
            GrilleAcces.ouverte_par,
            GrilleAcces.created_at,
            GrilleAcces.updated_at,
            GrilleAcces.figee_le,
            GrilleAcces.figee_par,
            GrilleAcces.a_renouveler_le,
            GrilleModele.numero.label("modele"),
            GrilleModele.departement_code,
        )
        .join(GrilleModele, GrilleModele.id == GrilleAcces.modele_id)
        .where(GrilleAcces.menage_id == menage_id)
    )


def modele(session: Session, grille: GrilleAcces) -> contenu.Grille:
    """Return the model that a grid is read in: that of its own version, whatever came after.

    It is published, and never changes: the process keeps it under the hash of its content.
    """
    return _MODELES.get(grille.modele.empreinte, lambda: modeles.contenu(grille.modele))


def modele_actuel(session: Session, departement_code: str) -> GrilleModele:
    """Return the model that a new grid takes: the last published one of its département, else the national
    one. Raises DomainError when none is loaded."""
    return modeles.derniere(session, departement_code, StatutVersion.PUBLIEE) or modeles.nationale(session)


def reponses(session: Session, grille: GrilleAcces) -> Reponses:
    """Return the answers of a grid, decrypted."""
    return {section.section: reponses_de(session, section) for section in grille.sections}


def reponses_de(session: Session, section: GrilleSection) -> dict[str, dict[str, Any]]:
    """Return the answers of one section, decrypted, by question then by field."""
    items: dict[str, dict[str, Any]] = ouvrir(session, section)["items"]
    return items


def relus(session: Session, section: GrilleSection) -> dict[str, list[str]]:
    """Return, by field as « E3.reponse », the words that the writer read again and kept."""
    found: dict[str, list[str]] = ouvrir(session, section).get("relus", {})
    return found


def ouvrir(session: Session, section: GrilleSection) -> dict[str, Any]:
    """Return what a section holds, decrypted: `items`, and `relus` while the grid is written."""
    held: dict[str, Any] = coffre(session).ouvrir(section.reponses)
    return held
