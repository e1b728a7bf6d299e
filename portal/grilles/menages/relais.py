"""Who stands in for an absent worker: the organisation's administrator says it, without seeing any name."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from portal.audit.service import record
from portal.comptes.models import Adhesion, Personne
from portal.grilles.menages.models import Menage, Relais
from portal.grilles.menages.policies import ACCOMPAGNENT
from portal.grilles.menages.queries import siennes
from portal.notifications.service import enqueue
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import DomainError, NotVisible

DUREE_MAXIMUM = 183
"""Days: beyond them households are handed over, not lent."""

MONTRES = 100
ABSENT, RELAYE = aliased(Personne, name="absent"), aliased(Personne, name="relaye")


def absents(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """Return whose households may be lent (id, ref, prenom, nom): the workers of
    the organisation, and those who left households behind."""
    tient = exists().where(
        Menage.referent_id == Personne.id,
        Menage.organisation_id.in_(siennes(actor)),
        Menage.clos_le.is_(None),
    )
    return fetch(
        session,
        select(Personne.id, Personne.ref, Personne.prenom, Personne.nom)
        .where(tient)
        .order_by(Personne.tri, Personne.id),
    )


def remplacants(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """Return who may stand in (id, ref, prenom, nom): those of the organisation who accompany households."""
    return fetch(
        session,
        select(Personne.id, Personne.ref, Personne.prenom, Personne.nom)
        .where(
            Personne.desactivee_le.is_(None),
            exists().where(
                Adhesion.personne_id == Personne.id,
                Adhesion.organisation_id == actor.organisation_id,
                Adhesion.profil.in_(ACCOMPAGNENT),
                Adhesion.revoquee_le.is_(None),
            ),
        )
        .order_by(Personne.tri, Personne.id),
    )


def confier(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    absent_ref: str,
    relais_ref: str,
    du: date,
    au: date,
) -> Relais:
    """Have someone stand in for an absent worker, from one day to another, both included; they are told.

    Raises Forbidden, DomainError.
    """
    require(actor, Permission.MENAGES_CONFIER, None)
    absent = next((un for un in absents(session, actor) if un.ref == absent_ref), None)
    if absent is None:
        raise DomainError("menages.absent", "absent")
    relaye = next((un for un in remplacants(session, actor) if un.ref == relais_ref), None)
    if relaye is None:
        raise DomainError("menages.relais", "relais")
    if absent.id == relaye.id:
        raise DomainError("menages.soi_meme", "relais")
    if au < du or au < clock.today(actor.fuseau):
        raise DomainError("menages.relais_jours", "au")
    if au - du >= timedelta(days=DUREE_MAXIMUM):
        raise DomainError("menages.relais_long", "au", maximum=DUREE_MAXIMUM)
    overlaps = exists().where(
        Relais.organisation_id == actor.organisation_id,
        Relais.absent_id == absent.id,
        Relais.relais_id == relaye.id,
        Relais.du <= au,
        Relais.au >= du,
    )
    if session.scalar(select(overlaps)):
        raise DomainError("menages.relais_double", "relais")
    now = clock.now()
    relais = Relais(
        organisation_id=actor.organisation_id,
        absent_id=absent.id,
        relais_id=relaye.id,
        du=du,
        au=au,
        created_at=now,
        updated_at=now,
    )
    session.add(relais)
    session.flush()
    facts = {"absent": absent.ref, "relais": relaye.ref, "du": du.isoformat(), "au": au.isoformat()}
    record(session, clock, actor, "menages:relais:confier", relais, changes=facts)
    enqueue(
        session,
        clock,
        to=session.get_one(Personne, relaye.id),
        template="menages/relais",
        context={"absent": f"{absent.prenom} {absent.nom}".strip(), "du": du, "au": au, "par": actor.nom},
    )
    return relais


def terminer(session: Session, clock: Clock, actor: Actor, ref: str) -> None:
    """End a stand-in at once, and tell who stood in: one that began keeps its days past. Raises Forbidden,
    NotVisible."""
    require(actor, Permission.MENAGES_CONFIER, None)
    jour = clock.today(actor.fuseau)
    relais = session.scalar(
        select(Relais)
        .where(Relais.ref == ref, Relais.organisation_id.in_(siennes(actor)), Relais.au >= jour)
        .with_for_update()
    )
    if relais is None:
        raise NotVisible(ref)
    record(session, clock, actor, "menages:relais:terminer", relais, changes={"le": jour.isoformat()})
    absent, relaye = (session.get_one(Personne, cle) for cle in (relais.absent_id, relais.relais_id))
    enqueue(
        session,
        clock,
        to=relaye,
        template="menages/relais_fini",
        context={"absent": absent.nom_complet, "par": actor.nom},
    )
    if relais.du >= jour:
        session.delete(relais)
    else:
        relais.au, relais.updated_at = jour - timedelta(days=1), clock.now()
    session.flush()


def lister(session: Session, clock: Clock, actor: Actor) -> Sequence[AnyRow]:
    """Return the stand-ins of the organisation, the latest first: ref, absent, relais, du, au, `passe`."""
    jour = clock.today(actor.fuseau)
    return fetch(
        session,
        select(
            Relais.ref,
            Relais.du,
            Relais.au,
            (ABSENT.prenom + " " + ABSENT.nom).label("absent"),
            (RELAYE.prenom + " " + RELAYE.nom).label("relais"),
            (Relais.au < jour).label("passe"),
            and_(Relais.du <= jour, Relais.au >= jour).label("en_cours"),
        )
        .join(ABSENT, ABSENT.id == Relais.absent_id)
        .join(RELAYE, RELAYE.id == Relais.relais_id)
        .where(Relais.organisation_id.in_(siennes(actor)))
        .order_by(Relais.au.desc(), Relais.id.desc())
        .limit(MONTRES),
    )


def codes(session: Session, actor: Actor) -> dict[int, list[str]]:
    """Return the codes of the open households of the organisation, by the key of who accompanies them."""
    found: dict[int, list[str]] = {}
    rows = fetch(
        session,
        select(Menage.referent_id, Menage.code)
        .where(Menage.organisation_id.in_(siennes(actor)), Menage.clos_le.is_(None))
        .order_by(Menage.referent_id, Menage.code)
        .limit(2000),
    )
    for row in rows:
        found.setdefault(row.referent_id, []).append(row.code)
    return found
