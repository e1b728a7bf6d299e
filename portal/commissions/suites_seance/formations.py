"""Who decides and who examines: the formations that an appeal compares (domaine.md § 7.7)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent
from portal.commissions.enums import StatutSeance
from portal.commissions.models import Commission, Siege
from portal.commissions.models_decisions import Decision
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.queries import ASSISE
from portal.commissions.suites_seance.regles import Fonction
from portal.shared import ensemble
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import rang


def seances_a_venir(
    session: Session, clock: Clock, decision: Decision
) -> tuple[set[Fonction], list[tuple[Any, set[Fonction]]]]:
    """Return who decided, guests included, and the sessions to come of the département before which such
    dossiers come (ref, debut, commission_id, commission: its name, and what rights read of it), each with who
    sits there, guests aside. One statement. Before a session is convened, those who sit in its commission."""
    premiere = decision.seance
    a_venir = (
        select(
            Seance.id,
            Seance.ref,
            Seance.debut,
            Seance.commission_id,
            Commission.nom.label("commission"),
            Commission.ref.label("commission_ref"),
            Commission.departement_code,
            Commission.organisation_id,
            Commission.secretariat_id,
            rang(Seance.debut, Seance.id),
        )
        .join(Commission, Commission.id == Seance.commission_id)
        .where(
            Seance.departement_code == premiere.departement_code,
            Seance.id != premiere.id,
            Seance.statut != StatutSeance.ANNULEE,
            Seance.fin > clock.now(),
            Commission.dossiers == premiere.commission.dossiers,
        )
        .order_by(Seance.debut, Seance.id)
        .limit(60)
    )
    elles = a_venir.subquery()
    lues = ensemble.lire(
        session,
        {
            "seances": a_venir,
            "invitees": _invitees(
                or_(
                    InvitationSeance.seance_id == premiere.id,
                    and_(InvitationSeance.seance_id.in_(select(elles.c.id)), ASSISE),
                )
            ),
            "assises": _assises(
                or_(
                    Siege.commission_id == premiere.commission_id,
                    Siege.commission_id.in_(select(elles.c.commission_id)),
                )
            ),
        },
    )
    invitees, assises = (_par_cle(lues[nom]) for nom in ("invitees", "assises"))

    def qui(seance_id: int, commission_id: int) -> set[Fonction]:
        return invitees.get(seance_id) or assises.get(commission_id, set())

    rows = sorted(lues["seances"], key=lambda one: one.rang)
    return qui(premiere.id, premiere.commission_id), [(one, qui(one.id, one.commission_id)) for one in rows]


def formation(session: Session, seance: Seance, *conditions: ColumnElement[bool]) -> set[Fonction]:
    """Return the functions invited to a session; before it is convened, those that sit in its commission.
    `conditions`: on the invitations. Two statements at most."""
    for convoquees in (
        _invitees(InvitationSeance.seance_id == seance.id, *conditions),
        _assises(Siege.commission_id == seance.commission_id),
    ):
        if found := _par_cle(session.execute(convoquees.order_by(Referent.id)).all()):
            return found.popitem()[1]
    return set()


def _invitees(*conditions: ColumnElement[bool]) -> AnySelect:
    return (
        select(InvitationSeance.seance_id.label("cle"), Referent.id, Referent.organisation_id)
        .join(Referent, Referent.id == InvitationSeance.referent_id)
        .where(InvitationSeance.retiree_le.is_(None), *conditions)
    )


def _assises(*conditions: ColumnElement[bool]) -> AnySelect:
    return (
        select(Siege.commission_id.label("cle"), Referent.id, Referent.organisation_id)
        .join(Referent, Referent.id == Siege.referent_id)
        .where(Siege.au.is_(None), *conditions)
    )


def _par_cle(rows: Sequence[Any]) -> dict[int, set[Fonction]]:
    found: dict[int, set[Fonction]] = {}
    for row in rows:
        found.setdefault(row.cle, set()).add(Fonction(row.id, row.organisation_id))
    return found
