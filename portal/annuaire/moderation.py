"""What the SIAO looks after in the directory: reports without answer, greyed entries, e-mails that did not
arrive, functions that nobody holds; and asking again by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from portal.annuaire import liens
from portal.annuaire.destinataires import adresse, comptes_de, repondants
from portal.annuaire.enums import Palier, Situation
from portal.annuaire.fraicheur import Cadre, portee, situation_de
from portal.annuaire.indexation import aujourdhui
from portal.annuaire.models import Referent
from portal.annuaire.models_vie import OUVERTS, Relance, Signalement
from portal.annuaire.porteurs import compte_actif
from portal.annuaire.queries import Ligne, lignes
from portal.annuaire.relances import depuis, nommees
from portal.annuaire.service import tenir
from portal.audit.service import record
from portal.notifications.models import MessageSortant, StatutMessage
from portal.notifications.service import enqueue
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente, lire, nombre
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.errors import DomainError

MONTREES = 20
"""Entries shown in each part of the queue; the dashboard has the others."""

ENCORE = timedelta(days=1)  # between two e-mails asked for by hand


@dataclass(frozen=True)
class EchecCourriel:
    """An e-mail that the mail server refused for good. `reponse`: what it said."""

    ligne: Ligne
    le: datetime
    reponse: str


@dataclass(frozen=True)
class File:
    """The queue. `totaux`: how many entries each part has in all, by its name.

    `versions`: of the greyed and empty entries shown, by their key.
    """

    signalements: Sequence[Signalement]
    echecs: Sequence[EchecCourriel]
    grisees: Sequence[Ligne]
    vides: Sequence[Ligne]
    totaux: dict[str, int]
    versions: dict[int, int]

    @property
    def vide(self) -> bool:
        """Whether nothing waits."""
        return not any(self.totaux.values())


def file(session: Session, clock: Clock, cadre: Cadre) -> File:
    """Return what waits for the SIAO in its départements, in five statements."""
    actor, anciens = cadre.actor, _sans_suite(clock, cadre)
    signalements = session.scalars(
        select(Signalement)
        .join(Referent, Referent.id == Signalement.referent_id)
        .where(anciens)
        .order_by(Signalement.created_at, Signalement.id)
        .limit(MONTREES)
        .options(
            joinedload(Signalement.referent).joinedload(Referent.organisation),
            joinedload(Signalement.auteur),
        )
    ).all()
    situation = situation_de(cadre)
    echecs = session.execute(
        select(Relance.referent_id, func.max(MessageSortant.created_at).label("le"))
        .add_columns(func.max(MessageSortant.derniere_erreur).label("reponse"))
        .join(MessageSortant, MessageSortant.id == Relance.message_id)
        .join(Referent, Referent.id == Relance.referent_id)
        .where(portee(actor), _en_echec())
        .group_by(Relance.referent_id)
        .order_by(func.max(MessageSortant.created_at).desc(), Relance.referent_id)
        .limit(MONTREES)
    ).all()
    parts = [
        select(Referent.id, Referent.version, situation.label("situation"))
        .where(portee(actor), situation == one.value)
        .order_by(Referent.verifie_le.asc().nullsfirst(), Referent.tri, Referent.id)
        .limit(MONTREES)
        .subquery()
        for one in (Situation.GRISEE, Situation.VIDE)
    ]
    cles = session.execute(
        union_all(*(select(part.c.id, part.c.version, part.c.situation) for part in parts))
    ).all()
    wanted = dict.fromkeys([*(row.id for row in cles), *(row.referent_id for row in echecs)])
    lues = {one.id: one for one in lignes(session, list(wanted), cadre.jour)}
    par_situation = {
        one: sorted((lues[row.id] for row in cles if row.situation == one.value), key=_anciennete)
        for one in (Situation.GRISEE, Situation.VIDE)
    }
    en_attente = lire(session, attentes(clock, cadre))
    return File(
        signalements,
        [EchecCourriel(lues[row.referent_id], row.le, row.reponse) for row in echecs],
        par_situation[Situation.GRISEE],
        par_situation[Situation.VIDE],
        {part: nombre(en_attente, quoi) for part, quoi in FILE.items()},
        {row.id: row.version for row in cles},
    )


def _anciennete(ligne: Ligne) -> tuple[date, int]:
    """Return what sorts entries: those verified the longest ago first, never verified before all."""
    return ligne.verifie_le or date.min, ligne.id


FILE = {part: f"annuaire_file_{part}" for part in ("signalements", "echecs", "grisees", "vides")}
"""The parts of the queue, and what they are looked for as."""


def attentes(clock: Clock, cadre: Cadre) -> list[AnySelect]:
    """Return what to look for: how many entries wait for the SIAO in each part of the queue."""
    actor = cadre.actor
    if not can(actor, Permission.ANNUAIRE_MODERER):
        return []
    situation = situation_de(cadre)
    en_echec = exists().where(
        Relance.referent_id == Referent.id, Relance.message_id == MessageSortant.id, _en_echec()
    )
    signales = (
        attente(FILE["signalements"], nombre=func.count())
        .select_from(Signalement)
        .join(Referent, Referent.id == Signalement.referent_id)
        .where(_sans_suite(clock, cadre))
    )
    return [signales] + [
        attente(FILE[part], nombre=func.count()).select_from(Referent).where(portee(actor), condition)
        for part, condition in (
            ("echecs", en_echec),
            ("grisees", situation == Situation.GRISEE.value),
            ("vides", situation == Situation.VIDE.value),
        )
    ]


def redemander(session: Session, clock: Clock, actor: Actor, referent: Referent, *, version: int) -> int:
    """Write now to who answers for an entry, with a link; return to how many people.

    Raises Forbidden, StaleVersion, DomainError when no address leads there, or when it was done within a day.
    """
    referent = tenir(session, actor, referent, version)
    jour = aujourdhui(session, clock, referent.departement_code)
    comptes = comptes_de(session, [referent])
    adresses = dict.fromkeys(filter(None, (adresse(one, comptes) for one in repondants(referent, jour))))
    if not adresses:
        raise DomainError("annuaire.sans_adresse")
    for email in adresses:
        compte = compte_actif(session, email)
        langue = compte.langue if compte else "fr"
        jeton, expire_le = liens.creer(session, clock, email)
        context = {
            "fonctions": nommees(session, [referent], langue),
            "jeton": jeton,
            "expire_le": expire_le,
            "rappel": False,
        }
        message = enqueue(
            session, clock, to=compte or email, template="annuaire/relance", context=context, langue=langue
        )
        _noter(session, clock, referent, email, message.id)
    record(session, clock, actor, "annuaire:referent:relancer", referent)
    return len(adresses)


def _noter(session: Session, clock: Clock, referent: Referent, email: str, message_id: int) -> None:
    """Remember a reminder asked for by hand; of the same verification and address, the last one alone."""
    jour = depuis(referent)
    row = session.scalar(
        select(Relance).where(
            Relance.referent_id == referent.id,
            Relance.depuis == jour,
            Relance.palier == Palier.MANUEL,
            Relance.email == email,
        )
    )
    if row is None:
        row = Relance(referent_id=referent.id, depuis=jour, palier=Palier.MANUEL, email=email)
        session.add(row)
    elif row.le > clock.now() - ENCORE:
        raise DomainError("annuaire.relance_recente")
    row.le, row.message_id = clock.now(), message_id
    session.flush()


def _sans_suite(clock: Clock, cadre: Cadre) -> ColumnElement[bool]:
    """The reports that wait for longer than the département where their entry now is allows."""
    limites: dict[int, list[str]] = {}
    for code, jours in cadre.patience.items():
        limites.setdefault(jours, []).append(code)
    vieux = [
        and_(
            Referent.departement_code.in_(codes),
            Signalement.created_at <= clock.now() - timedelta(days=jours),
        )
        for jours, codes in limites.items()
    ]
    return and_(portee(cadre.actor), Signalement.statut.in_(OUVERTS), or_(false(), *vieux))


def _en_echec() -> ColumnElement[bool]:
    """The message of a reminder was abandoned, and the entry was not verified since."""
    return and_(
        MessageSortant.statut == StatutMessage.ABANDONNE,
        or_(Referent.verifie_le.is_(None), Referent.verifie_le <= Relance.depuis),
    )
