"""Reading sessions: calendars, one session and who comes, what else members have on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, distinct, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.annuaire.models import Referent, Titulaire
from portal.commissions.enums import SANS_REPONSE, Reponse, StatutCommission, StatutSeance
from portal.commissions.models import Commission, Siege
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_seances import InvitationSeance, Seance, Suppleance
from portal.commissions.policies import SECRETAIRES
from portal.commissions.queries import visible_to
from portal.commissions.suppleances import Part
from portal.security.policy import Actor
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import NotVisible

MAXIMUM = 400
"""Sessions of one calendar page."""

CONVIES = selectinload(Seance.invitations).options(
    joinedload(InvitationSeance.college),
    joinedload(InvitationSeance.referent).joinedload(Referent.organisation),
)
"""Option of a statement that reads `Seance`: who is invited, in what capacity, of which organisation."""


def est_ouverte() -> ColumnElement[bool]:
    """Return the condition « the session was opened, its hour come or not, closed since or not ». For a
    statement that reads `Seance`."""
    return exists().where(ConduiteSeance.seance_id == Seance.id, ConduiteSeance.ouverte_le.is_not(None))


@dataclass(frozen=True)
class LigneSeance:
    """A session as calendars show it. `sienne`: the reader sits in it, or keeps its secretariat; `reponse`:
    what the reader answered, None when not invited in person."""

    ref: str
    commission_ref: str
    commission: str
    departement_code: str
    debut: datetime
    fin: datetime
    statut: StatutSeance
    urgente: bool
    sienne: bool
    reponse: Reponse | None


def _lui_meme(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor was written to for this invitation »: by the account, or by the
    address."""
    return or_(InvitationSeance.personne_id == actor.personne_id, InvitationSeance.email == actor.email)


def _second(actor: Actor, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition « the actor is the deputy named for this invitation », in the same way."""
    return (
        exists()
        .where(
            Suppleance.invitation_id == InvitationSeance.id,
            or_(Suppleance.personne_id == actor.personne_id, Suppleance.email == actor.email),
            *conditions,
        )
        .correlate(InvitationSeance)
    )


def invitation_de(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « this invitation is the actor's own »: by the account, or by the address; theirs,
    or that of whoever sends them, unless they said no."""
    return or_(_lui_meme(actor), _second(actor, Suppleance.statut != Reponse.DECLINEE))


def vient(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor is expected for this invitation »: they did not say no, nor send
    someone else."""
    ici = InvitationSeance.statut.not_in((Reponse.DECLINEE, Reponse.SUPPLEANT))
    return or_(and_(_lui_meme(actor), ici), _second(actor, Suppleance.statut != Reponse.DECLINEE))


def a_repondre(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor has this invitation to answer »."""
    return or_(
        and_(_lui_meme(actor), InvitationSeance.statut.in_(SANS_REPONSE)),
        and_(
            InvitationSeance.statut == Reponse.SUPPLEANT,
            _second(actor, Suppleance.statut.in_(SANS_REPONSE)),
        ),
    )


def sans_reponse() -> ColumnElement[bool]:
    """Return the condition « whoever was written to has not answered »: who is invited, or the deputy."""
    second = exists().where(
        Suppleance.invitation_id == InvitationSeance.id, Suppleance.statut.in_(SANS_REPONSE)
    )
    return or_(
        and_(InvitationSeance.statut.in_(SANS_REPONSE), InvitationSeance.email != ""),
        and_(InvitationSeance.statut == Reponse.SUPPLEANT, second.correlate(InvitationSeance)),
    )


def siennes(actor: Actor, jour: date) -> ColumnElement[bool]:
    """Return the condition « the actor comes to this session »: invited in person, holder or deputy of a
    function that sits, or of its secretariat."""
    invited = exists().where(InvitationSeance.seance_id == Seance.id, invitation_de(actor))
    holds = exists().where(
        Siege.commission_id == Seance.commission_id,
        Siege.au.is_(None),
        Titulaire.referent_id == Siege.referent_id,
        Titulaire.du <= jour,
        or_(Titulaire.au.is_(None), Titulaire.au >= jour),
        or_(Titulaire.personne_id == actor.personne_id, Titulaire.email == actor.email),
    )
    if actor.profil in SECRETAIRES:
        return or_(invited, holds, Commission.secretariat_id == actor.organisation_id)
    return or_(invited, holds)


def lister(
    session: Session,
    actor: Actor,
    jour: date,
    du: datetime,
    au: datetime,
    *,
    departement_code: str = "",
    miennes: bool = False,
    commission_id: int | None = None,
) -> list[LigneSeance]:
    """Return the visible sessions that begin between two instants, by time. One statement.

    `jour`: today where the actor is.
    """
    own = siennes(actor, jour)
    answer = (
        select(case((_lui_meme(actor), InvitationSeance.statut), else_=Suppleance.statut))
        .outerjoin(Suppleance, Suppleance.invitation_id == InvitationSeance.id)
        .where(InvitationSeance.seance_id == Seance.id, invitation_de(actor))
        .order_by(InvitationSeance.id)
        .limit(1)
        .scalar_subquery()
    )
    conditions = [visible_to(actor), Seance.debut >= du, Seance.debut < au]
    if departement_code:
        conditions.append(Seance.departement_code == departement_code)
    if miennes:
        conditions.append(own)
    if commission_id is not None:
        conditions.append(Seance.commission_id == commission_id)
    rows = fetch(
        session,
        select(
            Seance.ref,
            Commission.ref.label("commission_ref"),
            Commission.nom.label("commission"),
            Seance.departement_code,
            Seance.debut,
            Seance.fin,
            Seance.statut,
            Seance.urgente,
            own.label("sienne"),
            answer.label("reponse"),
        )
        .join(Commission, Commission.id == Seance.commission_id)
        .where(*conditions)
        .order_by(Seance.debut, Seance.id)
        .limit(MAXIMUM),
    )
    return [LigneSeance(**row._mapping) for row in rows]


def seance(session: Session, actor: Actor, ref: str) -> Seance:
    """Return a visible session with its commission, seats and invitations; raises NotVisible."""
    found = session.scalar(
        select(Seance)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(Seance.ref == ref, visible_to(actor))
        .options(
            joinedload(Seance.commission).joinedload(Commission.secretariat),
            joinedload(Seance.commission)
            .selectinload(Commission.sieges)
            .joinedload(Siege.referent)
            .joinedload(Referent.organisation),
            CONVIES,
        )
    )
    if found is None:
        raise NotVisible(ref)
    return found


def sienne(actor: Actor, seance: Seance) -> Part | None:
    """Return what the actor answers for a session, its invitations loaded: their own invitation rather than
    that of whom they replace."""
    parts = [part for one in seance.invitations if (part := part_de(actor, one))]
    return next((part for part in parts if part.suppleance is None), parts[0] if parts else None)


def part_de(actor: Actor, invitation: InvitationSeance) -> Part | None:
    """Return what the actor answers of an invitation, None when it is not theirs."""
    if _est(actor, invitation):
        return Part(invitation)
    second = invitation.suppleance
    return Part(invitation, second) if second is not None and _est(actor, second) else None


def _est(actor: Actor, qui: InvitationSeance | Suppleance) -> bool:
    return qui.personne_id == actor.personne_id or (qui.email != "" and qui.email == actor.email)


def ailleurs(
    session: Session, commission_id: int, jour: date, du: datetime, au: datetime
) -> Sequence[AnyRow]:
    """Return the sessions of other commissions, between two instants, where members of this one sit too.

    A member is told by the address of who holds the function. Columns: debut, fin, nom, membres (how many).
    """
    ici, siege, autre = (
        aliased(Siege, name="ici"),
        aliased(Titulaire, name="t1"),
        aliased(Titulaire, name="t2"),
    )

    def held(one: type[Titulaire]) -> ColumnElement[bool]:
        return and_(one.du <= jour, or_(one.au.is_(None), one.au >= jour), one.email != "")

    rows: Sequence[AnyRow] = session.execute(
        select(
            Seance.debut,
            Seance.fin,
            Commission.nom,
            func.count(distinct(autre.email)).label("membres"),
        )
        .join(Commission, Commission.id == Seance.commission_id)
        .join(Siege, and_(Siege.commission_id == Commission.id, Siege.au.is_(None)))
        .join(autre, and_(autre.referent_id == Siege.referent_id, held(autre)))
        .join(siege, and_(siege.email == autre.email, held(siege)))
        .join(
            ici,
            and_(ici.referent_id == siege.referent_id, ici.commission_id == commission_id, ici.au.is_(None)),
        )
        .where(
            Seance.commission_id != commission_id,
            Seance.statut != StatutSeance.ANNULEE,
            Seance.debut < au,
            Seance.fin > du,
        )
        .group_by(Seance.id, Seance.debut, Seance.fin, Commission.nom)
        .order_by(Seance.debut, Seance.id)
        .limit(MAXIMUM)
    ).all()
    return rows


def a_tenir(session: Session, du: datetime, au: datetime) -> list[int]:
    """Return the keys of the sessions that open commissions convened between two instants, by time."""
    return list(
        session.scalars(
            select(Seance.id)
            .join(Commission, Commission.id == Seance.commission_id)
            .where(
                Commission.statut == StatutCommission.OUVERTE,
                Seance.statut == StatutSeance.CONVOQUEE,
                Seance.debut > du,
                Seance.debut <= au,
            )
            .order_by(Seance.debut, Seance.id)
        )
    )
