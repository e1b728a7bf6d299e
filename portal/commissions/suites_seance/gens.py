"""Whom what follows a session is told to. What is written names no household: a code, and where to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from portal.annuaire.models import Referent
from portal.commissions.enums import Qualite, Reponse
from portal.commissions.models_seances import InvitationSeance, Suppleance
from portal.commissions.queries import ASSISE
from portal.commissions.suites_seance.policies import CONCERNES, PRESCRIPTEURS
from portal.commissions.suites_seance.queries import SIEGE
from portal.comptes.models import Adhesion, Personne
from portal.grilles.menages.models import Menage
from portal.grilles.transmissions.destinataires import accompagnant, du_siao
from portal.notifications.service import enqueue
from portal.shared.clock import Clock

Gens = Sequence[Personne | str]
PREVENUS = 20


def ecrire(session: Session, clock: Clock, gens: Gens, modele: str, contexte: Mapping[str, Any]) -> int:
    """Write an e-mail of this room in the caller's transaction; return to how many."""
    for one in gens:
        enqueue(session, clock, to=one, template=f"releves/{modele}", context=contexte)
    return len(gens)


def prescripteur(session: Session, menage: Menage) -> Gens:
    """Return who accompanies a household today, else the SIAO, that finds who does."""
    return accompagnant(session, menage) or du_siao(session, menage.departement_code)


def invites(session: Session, seance_id: int) -> Gens:
    """Return who was invited to a session: their account where they have one, else their address."""
    return _invites(session, seance_id)


def qui_siegent(session: Session, seance_id: int) -> Gens:
    """Return who was invited to sit in a session and did not decline, which excludes the guests of a day."""
    return _invites(session, seance_id, ASSISE, InvitationSeance.statut != Reponse.DECLINEE)


def relecteurs(session: Session, seance_id: int) -> Gens:
    """Return who reads the draft of its minutes: those who sat, and who chairs."""
    return _invites(session, seance_id, or_(SIEGE, InvitationSeance.qualite == Qualite.PRESIDENCE))


def _invites(session: Session, seance_id: int, *conditions: ColumnElement[bool]) -> Gens:
    """Return who was written to for some invitations, then the deputies that they sent."""
    second = aliased(Personne, name="second")
    rows = session.execute(
        select(InvitationSeance.email, Personne, Suppleance.email.label("au_second"), second)
        .join(Referent, Referent.id == InvitationSeance.referent_id)
        .outerjoin(Personne, Personne.id == InvitationSeance.personne_id)
        .outerjoin(
            Suppleance,
            and_(
                Suppleance.invitation_id == InvitationSeance.id,
                Suppleance.statut != Reponse.DECLINEE,
                InvitationSeance.statut == Reponse.SUPPLEANT,
            ),
        )
        .outerjoin(second, second.id == Suppleance.personne_id)
        .where(
            InvitationSeance.seance_id == seance_id,
            InvitationSeance.retiree_le.is_(None),
            InvitationSeance.email != "",
            *conditions,
        )
        .order_by(InvitationSeance.id)
    ).all()
    seconds = [row.second or row.au_second for row in rows if row.au_second]
    return list(dict.fromkeys([*(row.Personne or row.email for row in rows), *seconds]))


def de_l_organisation(session: Session, organisation_id: int, seance_id: int | None = None) -> Gens:
    """Return whom an organisation is told by: who came to the session for it, else whoever has an account
    that reads what it is asked for."""
    if seance_id is not None:
        came = _invites(session, seance_id, Referent.organisation_id == organisation_id)
        if came:
            return came
    found = session.scalars(
        select(Personne)
        .join(Adhesion, Adhesion.personne_id == Personne.id)
        .where(
            Adhesion.organisation_id == organisation_id,
            Adhesion.profil.in_(sorted(CONCERNES - PRESCRIPTEURS, key=lambda one: one.value)),
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .order_by(Personne.id)
        .limit(PREVENUS)
    ).all()
    return list(dict.fromkeys(found))
