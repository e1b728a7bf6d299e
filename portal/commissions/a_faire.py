"""« À faire »: invitations to answer, texts to accept, sessions to convene, answers to ask for again,
commissions to put into service. One statement for the sessions, and what `portal.shared.attentes` reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.commissions.enums import Reponse, StatutCommission, StatutSeance
from portal.commissions.models import Acceptation, Commission, TexteCommission
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.queries import siege_ouvert, visible_to
from portal.commissions.queries_seances import a_repondre, est_ouverte, invitation_de, sans_reponse
from portal.commissions.regles import a_convoquer_avant
from portal.organisations.models import Departement
from portal.security.permissions import ETAT, Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, fetch

PROCHE = timedelta(days=21)
"""A session to be convened is shown from this long before its deadline."""

HORIZON = timedelta(days=90)
"""How far ahead the secretariat is told of its sessions."""

RELANCE = timedelta(days=10)
"""Missing answers are shown from this long before the session."""

MONTREES = 8


@dataclass(frozen=True)
class SeanceAttendue:
    """A session that waits. `quoi`: « repondre », « convoquer », « relancer »; `nombre`: answers missing;
    `limite`: the last day to convene; `invitation_ref`: the actor's own."""

    quoi: str
    ref: str
    commission: str
    debut: datetime
    fuseau: str
    invitation_ref: str = ""
    nombre: int = 0
    limite: date | None = None
    retard: bool = False


def seances(session: Session, clock: Clock, actor: Actor) -> list[SeanceAttendue]:
    """Return the sessions that wait for the actor, the first to be held first."""
    if not can(actor, Permission.COMMISSIONS_LIRE):
        return []
    own = (
        select(InvitationSeance.ref)
        .where(
            InvitationSeance.seance_id == Seance.id,
            a_repondre(actor),
        )
        .order_by(InvitationSeance.id)
        .limit(1)
        .scalar_subquery()
    )
    missing = (
        select(func.count())
        .where(
            InvitationSeance.seance_id == Seance.id,
            sans_reponse(),
        )
        .scalar_subquery()
    )
    now = clock.now()
    secretariat = (
        (Commission.secretariat_id == actor.organisation_id)
        & (Commission.statut == StatutCommission.OUVERTE)
        & (Seance.debut <= now + HORIZON)
        if can(actor, Permission.COMMISSIONS_REUNIR)
        else false()
    )
    rows = fetch(
        session,
        select(
            Seance.ref,
            Seance.debut,
            Seance.statut,
            Seance.urgente,
            Seance.departement_code,
            Commission.nom,
            Commission.convocation_jours,
            Departement.fuseau,
            own.label("invitation_ref"),
            missing.label("manquent"),
            secretariat.label("secretariat"),
            est_ouverte().label("ouverte"),
        )
        .join(Commission, Commission.id == Seance.commission_id)
        .join(Departement, Departement.code == Seance.departement_code)
        .where(
            visible_to(actor),
            Seance.statut != StatutSeance.ANNULEE,
            Seance.debut > now,
            or_(secretariat, own.is_not(None)),
        )
        .order_by(Seance.debut, Seance.id)
        .limit(100),
    )
    found = [one for row in rows for one in _attendues(clock, row)]
    return sorted(found, key=lambda one: (not one.retard, one.debut, one.ref))[:MONTREES]


def _attendues(clock: Clock, row: AnyRow) -> Iterator[SeanceAttendue]:
    """Yield what a session asks of the actor: to answer, to convene, to ask for the answers again."""
    common = (row.ref, row.nom, row.debut, row.fuseau)
    convened = row.statut is StatutSeance.CONVOQUEE
    if row.invitation_ref and convened:
        yield SeanceAttendue("repondre", *common, row.invitation_ref)
    waits = row.secretariat and convened and not row.ouverte
    if waits and row.manquent and row.debut <= clock.now() + RELANCE:
        yield SeanceAttendue("relancer", *common, nombre=row.manquent)
    if row.secretariat and not convened:
        held_on = row.debut.astimezone(ZoneInfo(row.fuseau)).date()
        days = 0 if row.urgente else row.convocation_jours
        limite, jour = a_convoquer_avant(held_on, days, row.departement_code), clock.today(row.fuseau)
        if jour >= limite - PROCHE:
            yield SeanceAttendue("convoquer", *common, limite=limite, retard=jour > limite)


VALIDER, ACCEPTER = "commission_valider", "commission_accepter"


def attentes(actor: Actor) -> list[AnySelect]:
    """Return what to look for (`ref`, `libelle`: its name). VALIDER: commissions to put into service, for the
    State. ACCEPTER: those whose texts the actor has to accept."""
    if not can(actor, Permission.COMMISSIONS_LIRE):
        return []
    newer = aliased(TexteCommission, name="newer")
    to_accept = (
        select(TexteCommission.id)
        .where(
            TexteCommission.commission_id == Commission.id,
            ~select(newer.id)
            .where(
                newer.commission_id == TexteCommission.commission_id,
                newer.genre == TexteCommission.genre,
                newer.numero > TexteCommission.numero,
            )
            .exists(),
            ~select(Acceptation.id)
            .where(Acceptation.texte_id == TexteCommission.id, Acceptation.personne_id == actor.personne_id)
            .exists(),
        )
        .exists()
    )
    invited = (
        select(InvitationSeance.id)
        .join(Seance, Seance.id == InvitationSeance.seance_id)
        .where(
            Seance.commission_id == Commission.id,
            invitation_de(actor),
            InvitationSeance.statut != Reponse.DECLINEE,
        )
        .exists()
    )
    cherchees: dict[str, ColumnElement[bool]] = {
        ACCEPTER: to_accept & invited & siege_ouvert(actor.organisation_id)
    }
    if actor.profil in ETAT:
        cherchees[VALIDER] = Commission.statut == StatutCommission.EN_PREPARATION
    return [
        attente(quoi, ref=Commission.ref, libelle=Commission.nom)
        .where(visible_to(actor), Commission.fermee_le.is_(None), condition)
        .order_by(Commission.tri, Commission.id)
        .limit(MONTREES)
        for quoi, condition in cherchees.items()
    ]
