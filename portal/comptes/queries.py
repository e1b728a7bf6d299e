"""Reading accounts: always from what the actor may see."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.comptes.models import Adhesion, CodeSecours, InvitationCompte, Personne
from portal.comptes.policies import Acces, grantable
from portal.comptes.territoire import (
    OrganisationLue,
    departement,
    organisation,
    organisation_departement,
    read_organisation,
    time_zone,
)
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.errors import NotVisible
from portal.shared.pagination import Cursor, Page, paginate, with_keys
from portal.shared.search import matches

REVIEW_MONTHS = 6  # domaine.md § 10.2: « revue semestrielle » [P]

Ligne = Row[*tuple[Any, ...]]
Selection = Select[*tuple[Any, ...]]


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor may see this membership ».

    One's organisation's; for the département's administrator also the administrators of the organisations
    that work there; for the technical administrator all of them.
    """
    if not can(actor, Permission.COMPTES_LIRE):
        return false()
    if actor.profil is Profil.ADMIN_TECHNIQUE:
        return true()
    own = Adhesion.organisation_id == actor.organisation_id
    if actor.profil is not Profil.ADMIN_DEPARTEMENT:
        return own
    here = exists().where(
        organisation_departement.c.organisation_id == Adhesion.organisation_id,
        organisation_departement.c.departement_code.in_(actor.departements),
    )
    return or_(own, and_(Adhesion.profil == Profil.ADMIN_ORGANISATION, here))


def team_of(session: Session, actor: Actor, organisation_ref: str | None = None) -> OrganisationLue:
    """Return the organisation whose accounts the actor may see, their own unless another is named."""
    found = read_organisation(session, ref=organisation_ref or actor.organisation_ref)
    if found is None or not can(actor, Permission.COMPTES_LIRE, found):
        raise NotVisible
    return found


def equipe(
    session: Session, actor: Actor, team: OrganisationLue, cursor: Cursor | None = None, size: int = 50
) -> Page:
    """Return a page of an organisation's memberships in force, by name.

    Columns: ref, version, profil, departement_code, verifiee_le, created_at, personne_id, prenom, nom,
    email, desactivee_le, totp_active_le.
    """
    keys: tuple[Any, ...] = (Personne.tri, Adhesion.id)
    statement = (
        select(
            Adhesion.ref,
            Adhesion.version,
            Adhesion.profil,
            Adhesion.departement_code,
            Adhesion.verifiee_le,
            Adhesion.created_at,
            Personne.id.label("personne_id"),
            Personne.prenom,
            Personne.nom,
            Personne.email,
            Personne.desactivee_le,
            Personne.totp_active_le,
        )
        .join(Personne, Personne.id == Adhesion.personne_id)
        .where(visible_to(actor), Adhesion.organisation_id == team.id, Adhesion.revoquee_le.is_(None))
    )
    return paginate(session, with_keys(statement, keys), keys, cursor=cursor, size=size)


def editable(actor: Actor, team: OrganisationLue, row: Ligne) -> bool:
    """Tell whether the actor may change or withdraw a membership of `equipe`."""
    return can(actor, Permission.COMPTES_MODIFIER, Acces(row.personne_id, row.profil, team))


def adhesion(session: Session, actor: Actor, ref: str) -> tuple[Adhesion, Personne, OrganisationLue]:
    """Return a visible membership in force, its person and its organisation; raises NotVisible."""
    row = session.execute(
        select(Adhesion, Personne)
        .join(Personne, Personne.id == Adhesion.personne_id)
        .where(Adhesion.ref == ref, Adhesion.revoquee_le.is_(None), visible_to(actor))
    ).one_or_none()
    team = read_organisation(session, ident=row.Adhesion.organisation_id) if row is not None else None
    if row is None or team is None:
        raise NotVisible
    return row.Adhesion, row.Personne, team


def review_limit(today: date) -> date:
    """Return the day six months before: what was verified that day or earlier is due for review."""
    month = today.month - REVIEW_MONTHS
    year, month = (today.year, month) if month > 0 else (today.year - 1, month + 12)
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=today.day - 1), first_of_next - timedelta(days=1))


A_REVOIR = "comptes_a_revoir"


def attentes(session: Session, clock: Clock, actor: Actor) -> list[AnySelect]:
    """Return what to look for: how many accounts of their own organisation the actor should review now."""
    if not can(actor, Permission.COMPTES_INVITER):
        return []
    today = clock.today(time_zone(session, actor.departement_code))
    return [
        attente(A_REVOIR, nombre=func.count())
        .select_from(Adhesion)
        .where(
            Adhesion.organisation_id == actor.organisation_id,
            Adhesion.revoquee_le.is_(None),
            Adhesion.verifiee_le <= review_limit(today),
        )
    ]


def invitations(session: Session, actor: Actor, team: OrganisationLue) -> Sequence[Ligne]:
    """Return the invitations of an organisation that were neither accepted nor revoked, latest first.

    Columns: ref, email, prenom, nom, profil, departement_code, expire_le.
    """
    if not can(actor, Permission.COMPTES_INVITER, team):
        return []
    return session.execute(
        select(
            InvitationCompte.ref,
            InvitationCompte.email,
            InvitationCompte.prenom,
            InvitationCompte.nom,
            InvitationCompte.profil,
            InvitationCompte.departement_code,
            InvitationCompte.expire_le,
        )
        .where(
            InvitationCompte.organisation_id == team.id,
            InvitationCompte.profil.in_(grantable(actor, team)),
            InvitationCompte.acceptee_le.is_(None),
            InvitationCompte.revoquee_le.is_(None),
        )
        .order_by(InvitationCompte.id.desc())
        .limit(200)
    ).all()


def comptes(
    session: Session, actor: Actor, texte: str = "", cursor: Cursor | None = None, size: int = 50
) -> Page:
    """Return a page of all the accounts, by name, for the technical administrator alone.

    Columns: ref, prenom, nom, email, desactivee_le, totp_active_le, acces (memberships in force).
    """
    _require_technical(actor)
    table: Any = Personne.__table__
    keys: tuple[Any, ...] = (Personne.tri, Personne.id)
    count = (
        select(func.count())
        .where(Adhesion.personne_id == Personne.id, Adhesion.revoquee_le.is_(None))
        .scalar_subquery()
    )
    statement = select(
        Personne.ref,
        Personne.prenom,
        Personne.nom,
        Personne.email,
        Personne.desactivee_le,
        Personne.totp_active_le,
        count.label("acces"),
    ).where(matches(session, table, texte))
    return paginate(session, with_keys(statement, keys), keys, cursor=cursor, size=size)


def compte(session: Session, actor: Actor, ref: str) -> Personne:
    """Return an account, for the technical administrator alone; raises NotVisible."""
    _require_technical(actor)
    found = session.scalar(select(Personne).where(Personne.ref == ref))
    if found is None:
        raise NotVisible
    return found


def _require_technical(actor: Actor) -> None:
    if actor.profil is not Profil.ADMIN_TECHNIQUE:
        raise NotVisible


def moi(session: Session, actor: Actor) -> Personne:
    """Return the actor's own account."""
    return session.get_one(Personne, actor.personne_id)


def acces_de(session: Session, personne_id: int) -> Sequence[Ligne]:
    """Return every membership a person has or had, those in force first.

    Columns: ref, version, profil, organisation_ref, organisation_nom, departement_nom, created_at,
    verifiee_le, revoquee_le.
    """
    return session.execute(
        select(
            Adhesion.ref,
            Adhesion.version,
            Adhesion.profil,
            organisation.c.ref.label("organisation_ref"),
            organisation.c.nom.label("organisation_nom"),
            departement.c.nom.label("departement_nom"),
            Adhesion.created_at,
            Adhesion.verifiee_le,
            Adhesion.revoquee_le,
        )
        .join(organisation, organisation.c.id == Adhesion.organisation_id)
        .join(departement, departement.c.code == Adhesion.departement_code)
        .where(Adhesion.personne_id == personne_id)
        .order_by(Adhesion.revoquee_le.is_not(None), Adhesion.id)
    ).all()


def codes_restants(session: Session, personne_id: int) -> int:
    """Return how many recovery codes a person still has."""
    return (
        session.scalar(
            select(func.count())
            .select_from(CodeSecours)
            .where(CodeSecours.personne_id == personne_id, CodeSecours.utilise_le.is_(None))
        )
        or 0
    )


def connexions_recentes(session: Session, personne_id: int, limit: int = 20) -> Sequence[Ligne]:
    """Return a person's latest sign-ins and refused attempts, latest first: le, action."""
    return session.execute(
        select(EntreeJournal.le, EntreeJournal.action)
        .where(
            or_(
                and_(
                    EntreeJournal.personne_id == personne_id,
                    EntreeJournal.action == "comptes:connexion:ouvrir",
                ),
                and_(
                    EntreeJournal.objet_type == "personne",
                    EntreeJournal.objet_id == personne_id,
                    EntreeJournal.action == "comptes:connexion:refuser",
                ),
            )
        )
        .order_by(EntreeJournal.id.desc())
        .limit(limit)
    ).all()


def departements_nommes(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """Return {code: « 22 – Côtes-d’Armor »} of départements, by code."""
    rows = session.execute(
        select(departement.c.code, departement.c.nom)
        .where(departement.c.code.in_(codes))
        .order_by(departement.c.code)
    )
    return {code: f"{code} – {nom}" for code, nom in rows}
