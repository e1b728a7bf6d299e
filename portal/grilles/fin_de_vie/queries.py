"""Reading requests, erasures and what awaits someone about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from portal.grilles.fin_de_vie import demandes as service
from portal.grilles.fin_de_vie.enums import StatutDemande
from portal.grilles.fin_de_vie.models import DemandeMenage, PreuveEffacement
from portal.grilles.menages import queries as menages
from portal.grilles.menages.models import Menage
from portal.jobs.models import Travail
from portal.organisations.models import Organisation
from portal.security.coffre import coffre
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.errors import NotVisible

LIGNES = 100
"""Requests, or proofs, shown at once: the latest."""


def visible_to(actor: Actor, clock: Clock) -> ColumnElement[bool]:
    """Return the condition « the actor follows this request »: those of households that they see, and for
    the SIAO those that outlived their household. To be used with `Menage` joined outer."""
    vu = and_(Menage.id.is_not(None), menages.visible_to(actor, clock))
    if actor.profil in SIAO:
        return or_(vu, and_(Menage.id.is_(None), DemandeMenage.departement_code.in_(actor.departements)))
    return vu


@dataclass(frozen=True)
class DemandeLue:
    """A request as its page shows it. `menage`: None once erased."""

    demande: DemandeMenage
    menage: Menage | None
    organisation: str
    detail: str
    reponse: str


def demande(session: Session, clock: Clock, actor: Actor, ref: str) -> DemandeLue:
    """Return one request. Raises NotVisible."""
    row = session.execute(
        select(DemandeMenage, Menage, Organisation.nom)
        .join(Organisation, Organisation.id == DemandeMenage.organisation_id)
        .outerjoin(Menage, Menage.id == DemandeMenage.menage_id)
        .where(DemandeMenage.ref == ref, visible_to(actor, clock))
    ).one_or_none()
    if row is None:
        raise NotVisible(ref)
    vault = coffre(session)
    found, menage, organisation = row
    detail, reponse = (vault.ouvrir(texte) if texte else "" for texte in (found.detail, found.reponse))
    return DemandeLue(found, menage, organisation, detail, reponse)


def demandes(session: Session, clock: Clock, actor: Actor, *, traitees: bool = False) -> Sequence[AnyRow]:
    """Return the requests that the actor follows: those to be answered, the most pressing first, or the
    latest answered."""
    statut = DemandeMenage.statut == StatutDemande.RECUE
    ordre = (
        (DemandeMenage.traitee_le.desc(), DemandeMenage.id.desc())
        if traitees
        else (DemandeMenage.echeance, DemandeMenage.id)
    )
    return fetch(
        session,
        select(
            DemandeMenage.ref,
            DemandeMenage.code,
            DemandeMenage.genre,
            DemandeMenage.statut,
            DemandeMenage.recue_le,
            DemandeMenage.echeance,
            DemandeMenage.traitee_le,
            DemandeMenage.departement_code,
            Organisation.nom.label("organisation"),
            Menage.id.label("menage_id"),
        )
        .join(Organisation, Organisation.id == DemandeMenage.organisation_id)
        .outerjoin(Menage, Menage.id == DemandeMenage.menage_id)
        .where(visible_to(actor, clock), ~statut if traitees else statut)
        .order_by(*ordre)
        .limit(LIGNES),
    )


def du_menage(menage: Menage) -> AnySelect:
    """Return the select of the requests of one household, in no order."""
    return select(
        DemandeMenage.id,
        DemandeMenage.ref,
        DemandeMenage.genre,
        DemandeMenage.statut,
        DemandeMenage.echeance,
    ).where(DemandeMenage.menage_id == menage.id)


def copie(session: Session, actor: Actor, demande_ref: str) -> Travail | None:
    """Return the latest copy that the actor asked for, None without one: nobody else downloads it."""
    rows = session.scalars(
        select(Travail)
        .where(Travail.adhesion_id == actor.adhesion_id, Travail.genre == service.COPIE)
        .order_by(Travail.id.desc())
        .limit(50)
    )
    return next((row for row in rows if row.parametres.get("demande") == demande_ref), None)


@dataclass(frozen=True)
class Preuve:
    """A proof of erasure. `comptes`: rows by table, files."""

    code: str
    motif: str
    le: datetime
    par: str
    departement_code: str
    lignes: int
    fichiers: int


def preuves(session: Session, actor: Actor) -> list[Preuve]:
    """Return the latest erasures of the actor's départements, for the SIAO; nobody else reads them."""
    if not can(actor, Permission.MENAGES_EFFACER):
        return []
    rows = session.scalars(
        select(PreuveEffacement)
        .where(PreuveEffacement.departement_code.in_(actor.departements))
        .order_by(PreuveEffacement.id.desc())
        .limit(LIGNES)
    )
    return [
        Preuve(
            row.code,
            row.motif,
            row.le,
            row.par,
            row.departement_code,
            sum(n for nom, n in row.comptes.items() if nom != "fichiers"),
            row.comptes.get("fichiers", 0),
        )
        for row in rows
    ]


A_TRAITER, EN_RETARD = "demande_menage", "demande_menage_retard"


def attentes(clock: Clock, actor: Actor) -> list[AnySelect]:
    """« À faire »: how many requests await an answer, and how many are past their month."""
    if not can(actor, Permission.MENAGES_LIRE):
        return []
    jour: date = clock.today(actor.fuseau)
    retard: Any = func.coalesce(func.sum(case((DemandeMenage.echeance < jour, 1), else_=0)), 0)
    return [
        attente(quoi, nombre=nombre)
        .select_from(DemandeMenage)
        .outerjoin(Menage, Menage.id == DemandeMenage.menage_id)
        .where(DemandeMenage.statut == StatutDemande.RECUE, visible_to(actor, clock))
        for quoi, nombre in ((A_TRAITER, func.count()), (EN_RETARD, retard))
    ]
