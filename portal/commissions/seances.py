"""Planning, changing and cancelling sessions. Services flush, never commit; e-mails go through the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.diff import changed, snapshot
from portal.audit.service import record
from portal.commissions import convocations, crochets, queries
from portal.commissions.enums import Reponse, StatutCommission, StatutSeance
from portal.commissions.models import Commission
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_seances import Seance
from portal.commissions.regles import SEANCES_MAXIMUM, a_convoquer_avant, instant
from portal.commissions.saisie import texte, visio_lisible
from portal.commissions.suppleances import redemander
from portal.comptes.territoire import time_zone
from portal.organisations.saisie import Refusals
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, StaleVersion

AVANCE = timedelta(days=731)
DUREES = (15, 720)
MOTIF = 300
LIEUX = frozenset({"debut", "fin", "lieu", "visio"})
"""What those who come are told of, when it changes before the session begins."""


@dataclass(frozen=True, kw_only=True)
class SaisieSeance:
    """A session as typed: civil day and time of the département, minutes. `motif`: why one already convened
    moves to a day that the delay no longer allows, or becomes urgent."""

    jour: date
    heure: time
    duree_minutes: int
    lieu: str = ""
    visio: str = ""
    message: str = ""
    urgente: bool = False
    motif: str = ""


def prevoir(
    session: Session,
    clock: Clock,
    actor: Actor,
    commission: Commission,
    typed: Sequence[SaisieSeance],
    *,
    key: str = "",
) -> list[Seance]:
    """Plan sessions, one or the whole of a rhythm; nobody is told yet.

    `key`: the form's idempotency key. Raises Forbidden, DomainErrors, DomainError.
    """
    require(actor, Permission.COMMISSIONS_REUNIR, queries.vise(commission))
    if commission.statut is StatutCommission.FERMEE:
        raise DomainError("commissions.fermee")
    if len(typed) > SEANCES_MAXIMUM:
        raise DomainError("commissions.trop_de_seances", maximum=SEANCES_MAXIMUM)
    now, made = clock.now(), []
    for rang, one in enumerate(typed):
        ref = keyed_ref(key, Seance.__tablename__, actor.adhesion_id, commission.id, rang)
        again = session.scalar(select(Seance).where(Seance.ref == ref)) if ref else None
        if again is not None:
            made.append(again)
            continue
        values = _values(session, clock, commission, one)
        _libre(session, commission.id, values["debut"])
        seance = Seance(
            commission=commission,
            departement_code=commission.departement_code,
            statut=StatutSeance.PREVUE,
            created_at=now,
            updated_at=now,
            **values,
        )
        if ref:
            seance.ref = ref
        session.add(seance)
        session.flush()
        facts = {"debut": [None, seance.debut.isoformat()], "lieu": [None, seance.lieu]}
        record(session, clock, actor, "commissions:seance:prevoir", seance, changes=facts)
        made.append(seance)
        crochets.prevue(session, clock, seance)
    return made


def modifier(
    session: Session, clock: Clock, actor: Actor, seance: Seance, typed: SaisieSeance, *, version: int
) -> bool:
    """Change a session; tell whether anything changed. Once convened, everyone invited is told, and asked
    again when its time changes before it begins. Opened, it begins at no other time.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    seance = tenir(session, clock, actor, seance, version)
    values = _values(session, clock, seance.commission, typed, seance.debut)
    if values["debut"] != seance.debut:
        _pas_ouverte(session, seance)
        _libre(session, seance.commission_id, values["debut"], seance.id)
    if seance.statut is StatutSeance.CONVOQUEE:
        values["hors_delai"] = _hors_delai(session, clock, seance, typed)
    before = snapshot(seance, tuple(values))
    for name, value in values.items():
        setattr(seance, name, value)
    changes = changed(before, snapshot(seance, tuple(values)))
    if not changes:
        return False
    _dater(clock, seance)
    seance.sequence += 1  # planned only, its guests have the event already
    if seance.statut is StatutSeance.CONVOQUEE:
        if {"debut", "fin"} & changes.keys() and seance.debut > clock.now():
            _redemander(clock, seance)
        convocations.annoncer(session, clock, seance, "changement")
    session.flush()
    if LIEUX & changes.keys() and seance.debut > clock.now():
        crochets.deplacee(session, clock, seance, LIEUX & changes.keys())
    record(session, clock, actor, "commissions:seance:modifier", seance, changes=changes)
    return True


def annuler(
    session: Session, clock: Clock, actor: Actor, seance: Seance, motif: str, *, version: int
) -> None:
    """Cancel a session: it leaves the calendars of everyone invited; what was to come to it goes elsewhere.
    Opened, it is closed instead.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    seance = tenir(session, clock, actor, seance, version)
    refusals = Refusals()
    cleaned = texte(refusals, motif, "motif", MOTIF)
    if not cleaned and seance.statut is StatutSeance.CONVOQUEE:
        refusals.add("commissions.motif", "motif")
    refusals.raise_any()
    _pas_ouverte(session, seance)
    before, seance.statut = seance.statut, StatutSeance.ANNULEE
    seance.motif_annulation = cleaned
    seance.sequence += 1
    _dater(clock, seance)
    if before is StatutSeance.CONVOQUEE:
        convocations.annoncer(session, clock, seance, "annulation")
    session.flush()
    crochets.annulee(session, clock, actor, seance)
    change = {"statut": [before.value, StatutSeance.ANNULEE.value]}
    record(session, clock, actor, "commissions:seance:annuler", seance, changes=change)


def tenir(
    session: Session, clock: Clock, actor: Actor, seance: Seance, version: int, *, passee: bool = False
) -> Seance:
    """Return a session as it now is, held until the end of the transaction, for who convenes it.

    `passee`: whether one that is over may be written too. Raises Forbidden, StaleVersion, DomainError.
    """
    require(actor, Permission.COMMISSIONS_REUNIR, queries.vise(seance.commission))
    current = session.get(Seance, seance.id, with_for_update=True, populate_existing=True)
    if current is None or current.version != version:
        raise StaleVersion(current)
    if current.statut is StatutSeance.ANNULEE:
        raise DomainError("commissions.seance_annulee")
    if not passee and finie(session, clock, current):
        raise DomainError("commissions.seance_finie")
    return current


def ouverte(session: Session, seance: Seance) -> bool:
    """Tell whether a session was opened, closed since or not. One statement."""
    le = select(ConduiteSeance.ouverte_le).where(ConduiteSeance.seance_id == seance.id)
    return session.scalar(le) is not None


def commencee(session: Session, clock: Clock, seance: Seance) -> bool:
    """Tell whether a session has begun: its hour has come, or it was opened before. One statement at most."""
    return seance.debut <= clock.now() or ouverte(session, seance)


def finie(session: Session, clock: Clock, seance: Seance) -> bool:
    """Tell whether a session is over: its time has passed, or it was closed before. One statement at most."""
    if seance.fin <= clock.now():
        return True
    close = select(ConduiteSeance.close_le).where(ConduiteSeance.seance_id == seance.id)
    return session.scalar(close) is not None


def _pas_ouverte(session: Session, seance: Seance) -> None:
    """Refuse what only a session that was not opened allows: what it decided stands."""
    if ouverte(session, seance):
        raise DomainError("commissions.seance_ouverte")


def _redemander(clock: Clock, seance: Seance) -> None:
    """Ask everyone again: what they answered was for another time. Of who sends a deputy, the deputy."""
    for one in seance.invitations:
        if one.suppleance is not None and one.statut is Reponse.SUPPLEANT:
            redemander(one.suppleance)
            continue
        one.statut, one.remplacant, one.mot = Reponse.ENVOYEE, "", ""
        one.repondu_le = one.canal = None
        one.repondu_par = ""
        one.updated_at = clock.now()
    seance.rappelee_le = None


def _hors_delai(session: Session, clock: Clock, seance: Seance, typed: SaisieSeance) -> str:
    """Return why a convened session is held sooner than its members were promised; empty when it is not.

    Moving it, or calling it urgent afterwards, is convening it anew: the same delay holds, and what makes it
    urgent only now does not lift it. Raises DomainErrors.
    """
    fuseau = time_zone(session, seance.departement_code)
    deplacee = typed.jour != seance.debut.astimezone(ZoneInfo(fuseau)).date()
    jours = 0 if seance.urgente else seance.commission.convocation_jours
    limite = a_convoquer_avant(typed.jour, jours, seance.departement_code)
    tard = deplacee and clock.today(fuseau) > limite
    urgence = typed.urgente and not seance.urgente
    if not (tard or urgence):
        return "" if deplacee else seance.hors_delai
    refusals = Refusals()
    motif = texte(refusals, typed.motif, "motif", MOTIF)
    if not motif and tard:
        refusals.add("commissions.hors_delai", "motif", jour=limite)
    elif not motif:
        refusals.add("commissions.urgence", "motif")
    refusals.raise_any()
    return motif


def _dater(clock: Clock, seance: Seance) -> None:
    seance.updated_at = clock.now()


def _values(
    session: Session, clock: Clock, commission: Commission, typed: SaisieSeance, connu: datetime | None = None
) -> dict[str, Any]:
    """Return the columns of a session; raises DomainErrors. `connu`: its beginning, even in the past."""
    refusals = Refusals()
    values: dict[str, Any] = {
        "lieu": texte(refusals, typed.lieu, "lieu", 200),
        "visio": texte(refusals, typed.visio, "visio", 300),
        "message": texte(refusals, typed.message, "message", 2000, lignes=True),
        "urgente": typed.urgente,
    }
    if not visio_lisible(values["visio"]):
        refusals.add("commissions.visio", "visio")
    if not values["lieu"] and not values["visio"]:
        refusals.add("commissions.lieu", "lieu")
    if not DUREES[0] <= typed.duree_minutes <= DUREES[1]:
        refusals.add("commissions.duree", "duree_minutes")
    debut = instant(typed.jour, typed.heure, time_zone(session, commission.departement_code))
    if debut <= clock.now() and debut != connu:
        refusals.add("commissions.seance_passee", "jour")
    if debut > clock.now() + AVANCE:
        refusals.add("commissions.seance_loin", "jour")
    refusals.raise_any()
    return values | {"debut": debut, "fin": debut + timedelta(minutes=typed.duree_minutes)}


def _libre(session: Session, commission_id: int, debut: datetime, own_id: int = 0) -> None:
    """Refuse a second session of the same commission at the same time, whoever plans them at once."""
    session.scalar(select(Commission.id).where(Commission.id == commission_id).with_for_update())
    taken = session.scalar(
        select(Seance.id).where(
            Seance.commission_id == commission_id,
            Seance.debut == debut,
            Seance.statut != StatutSeance.ANNULEE,
            Seance.id != own_id,
        )
    )
    if taken is not None:
        raise DomainError("commissions.seance_existe", "jour")
