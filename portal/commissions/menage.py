"""What the worker does for sessions: reminders, invitations that follow who holds a function, forgetting
whoever was taken out of the directory."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent, Titulaire
from portal.audit.service import record
from portal.commissions.convocations import ecrire
from portal.commissions.enums import Reponse, StatutSeance
from portal.commissions.invitations import actualiser
from portal.commissions.models_seances import InvitationSeance, Seance, Suppleance
from portal.commissions.queries_seances import a_tenir
from portal.commissions.seances import commencee
from portal.comptes.models import Personne
from portal.comptes.territoire import time_zone
from portal.config import Settings
from portal.jobs.registry import housekeeping
from portal.shared.clock import Clock
from portal.shared.db import Database

LOT = 1000  # invitations forgotten in one run

HORIZON = timedelta(days=120)
"""How far ahead invitations follow a change of holder."""


@housekeeping("commissions", every=timedelta(minutes=30))
def suivre(database: Database, clock: Clock, _settings: Settings) -> int:
    """Bring the invitations of coming sessions up to date and remind of those that are near; return how many
    e-mails that took. One transaction a session: what was written is written once.
    """
    now = clock.now()
    with database.session() as session:
        keys = a_tenir(session, now, now + HORIZON)
    written = 0
    for key in keys:
        with database.session(write=True) as session:
            seance = session.get(Seance, key, with_for_update=True)
            if seance is None or seance.statut is not StatutSeance.CONVOQUEE:
                continue  # cancelled since the keys were read
            if commencee(session, clock, seance):
                continue  # since then, or opened before its hour
            written += actualiser(session, clock, seance)
            written += _rappeler(session, clock, seance)
            session.commit()
    return written


def _rappeler(session: Session, clock: Clock, seance: Seance) -> int:
    """Remind those who have not declined, or the deputy who comes instead, once, from the day that the
    commission chose (domaine.md § 7.3).

    Whoever was written to that very day is not reminded.
    """
    days = seance.commission.rappel_jours
    if not days or seance.rappelee_le is not None:
        return 0
    fuseau = time_zone(session, seance.departement_code)
    held_on = seance.debut.astimezone(ZoneInfo(fuseau)).date()
    if clock.today(fuseau) < held_on - timedelta(days=days):
        return 0
    seance.rappelee_le = clock.now()
    told = 0
    for one in seance.invitations:
        qui = one.second or one
        recent = qui.ecrit_le is None or qui.ecrit_le > clock.now() - timedelta(hours=20)
        if qui.email and qui.statut is not Reponse.DECLINEE and not recent:
            ecrire(session, clock, one, "rappel", suppleance=one.second)
            told += 1
    session.flush()
    record(session, clock, None, "commissions:seance:rappeler", seance, changes={"ecrites": told})
    return told


@housekeeping("commissions_oubli", every=timedelta(days=1))
def oublier(database: Database, clock: Clock, _settings: Settings) -> int:
    """Forget, in past sessions, those whom the directory knows no more; return how many invitations.

    Whoever had their data taken out of the directory is found there neither by name nor by address. A deputy
    is known by their address, in the directory or of an account in use.
    """
    connu = exists().where(
        Titulaire.referent_id == InvitationSeance.referent_id,
        or_(
            Titulaire.email == InvitationSeance.email,
            func.trim(Titulaire.prenom + " " + Titulaire.nom) == InvitationSeance.nom,
        ),
    )
    boite = exists().where(
        Referent.id == InvitationSeance.referent_id, Referent.email == InvitationSeance.email
    )
    with database.session(write=True) as session:
        rows = session.scalars(
            select(InvitationSeance)
            .join(Seance, Seance.id == InvitationSeance.seance_id)
            .where(Seance.fin < clock.now(), InvitationSeance.email != "", ~connu, ~boite)
            .order_by(InvitationSeance.id)
            .limit(LOT)
        ).all()
        seconds = session.scalars(
            select(InvitationSeance)
            .join(Seance, Seance.id == InvitationSeance.seance_id)
            .join(Suppleance, Suppleance.invitation_id == InvitationSeance.id)
            .where(
                Seance.fin < clock.now(),
                ~exists().where(Titulaire.email == Suppleance.email),
                ~exists().where(Personne.email == Suppleance.email, Personne.desactivee_le.is_(None)),
            )
            .order_by(InvitationSeance.id)
            .limit(LOT)
        ).all()
        for row in {*rows, *seconds}:
            row.suppleance = None
        for row in rows:
            row.nom = row.email = row.remplacant = row.mot = row.repondu_par = ""
            row.personne_id = None
            row.jetons.clear()
            row.updated_at = clock.now()
        session.commit()
    return len({*rows, *seconds})
