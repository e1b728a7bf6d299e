"""The agenda of a session: putting dossiers on it, ordering it, freezing its papers (domaine.md § 7.4).

The papers are a list of references, resolved when they are read: a withdrawal empties them at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, and_, bindparam, func, select, update
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record
from portal.commissions import queries as commissions
from portal.commissions.dossiers import service
from portal.commissions.dossiers.avertir import contexte, de_la_seance, ecrire, invites_de, prescripteur
from portal.commissions.dossiers.policies import Vise
from portal.commissions.dossiers.presentateur import lieu_de
from portal.commissions.dossiers.queries import seances_a_venir
from portal.commissions.dossiers.queries_agenda import ordre_de
from portal.commissions.enums import Autorisation as AutorisationDemandee
from portal.commissions.enums import StatutSeance
from portal.commissions.models_decisions import ConduiteSeance, PassageSeance
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.commissions.seances import commencee
from portal.conventions.jours import fuseau_de
from portal.grilles.autorisations.queries import en_vigueur
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, StaleVersion

INSTRUIRE = Permission.DOSSIERS_INSTRUIRE


def inscrire(
    session: Session, clock: Clock, actor: Actor, vise: Vise, seance_ref: str, *, version: int
) -> Dossier:
    """Put a receivable dossier last on the agenda of a session to come, or move it to another one.

    The authorisation covers that day. Beyond the capacity, or once the papers are open, an urgent one only.
    Raises Forbidden, StaleVersion, DomainError.
    """
    dossier = service.tenir(session, actor, vise, INSTRUIRE, version)
    seance = next(
        (one for one in seances_a_venir(session, clock, dossier.commission_id) if one.ref == seance_ref), None
    )
    if seance is None:
        raise DomainError("dossiers.seance", "seance")
    if seance.id == dossier.seance_id:
        return dossier
    seance = session.get_one(Seance, seance.id, with_for_update=True, populate_existing=True)
    if not couvert(session, clock, dossier, seance):
        raise DomainError("dossiers.autorisation_finie", "seance")
    conduite = conduite_de(session, seance.id)
    if not a_de_la_place(session, seance, dossier):
        raise DomainError("dossiers.seance_pleine", "seance", nombre=seance.commission.capacite)
    if conduite.fige_le is not None and not dossier.urgent:
        raise DomainError("dossiers.papiers_figes", "seance")
    placer(session, clock, dossier, seance)  # a state that refuses undoes it
    avant = service.passer(dossier, "inscrire", actor, vise)
    service.finir(session, clock, actor, dossier, "inscrire", {"statut": avant, "seance": seance.ref})
    dit = contexte(dossier) | {"debut": seance.debut, "fuseau": fuseau_de(dossier.departement_code)}
    dit |= {"presence": dossier.commission.prescripteur.value, "lieu": lieu_de(seance)}
    ecrire(session, clock, prescripteur(session, dossier), "inscrit", dit)
    return dossier


def a_de_la_place(session: Session, seance: Seance, dossier: Dossier) -> bool:
    """Tell whether a session, which the caller holds, has room for one more dossier."""
    inscrits = session.scalar(select(func.count(Dossier.id)).where(Dossier.seance_id == seance.id)) or 0
    return loge(seance, dossier, inscrits)


def loge(seance: Seance, dossier: Dossier, inscrits: int) -> bool:
    """Tell whether a session that has some dossiers takes one more: an urgent one always finds room."""
    capacite = seance.commission.capacite
    return capacite is None or dossier.urgent or inscrits < capacite


def desinscrire(session: Session, clock: Clock, actor: Actor, vise: Vise, *, version: int) -> Dossier:
    """Take a dossier out of an agenda: it waits for another session. Raises Forbidden, StaleVersion,
    DomainError."""
    dossier = service.tenir(session, actor, vise, INSTRUIRE, version)
    avant = service.passer(dossier, "desinscrire", actor, vise)
    assert dossier.seance is not None  # only what is on an agenda is taken out of it
    dit = contexte(dossier) | de_la_seance(dossier.seance)
    oublier_le_passage(session, dossier)
    dossier.seance_id = dossier.rang = None
    service.finir(session, clock, actor, dossier, "desinscrire", {"statut": avant})
    ecrire(session, clock, prescripteur(session, dossier), "desinscrit", dit | {"reference": dossier.ref})
    return dossier


def placer(
    session: Session,
    clock: Clock,
    dossier: Dossier,
    seance: Seance,
    *,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Put a dossier last on an agenda, whatever its state, and open its passage there, with what it keeps
    (`details`): registration, and a postponed dossier that comes back by itself. The caller holds the session
    (`seance`)."""
    oublier_le_passage(session, dossier)
    dernier = session.scalar(select(func.max(Dossier.rang)).where(Dossier.seance_id == seance.id)) or 0
    dossier.seance, dossier.rang = seance, dernier + 1
    session.flush()
    session.add(
        PassageSeance(
            dossier_id=dossier.id,
            seance_id=seance.id,
            rang=dernier + 1,
            inscrit_le=clock.now(),
            details=dict(details or {}),
        )
    )
    conduite = conduite_de(session, seance.id)
    if conduite.fige_le is not None:
        conduite.papiers = [*conduite.papiers, dossier.ref]
    conduite.etat += 1
    session.flush()


def oublier_le_passage(session: Session, dossier: Dossier) -> None:
    """Forget that a dossier was to come to the session where it is, when that session has not seen it."""
    if dossier.seance_id is None:
        return
    passage = session.scalar(
        select(PassageSeance).where(
            PassageSeance.dossier_id == dossier.id,
            PassageSeance.seance_id == dossier.seance_id,
            PassageSeance.issue == "",
        )
    )
    conduite = conduite_de(session, dossier.seance_id)
    if passage is not None:
        session.delete(passage)
        conduite.papiers = [ref for ref in conduite.papiers if ref != dossier.ref]
    conduite.etat += 1
    session.flush()


def ordonner(
    session: Session, clock: Clock, actor: Actor, seance: Seance, refs: Sequence[str], *, ordre: str
) -> None:
    """Give the agenda of a session its order. `refs`: the dossiers, first to last; `ordre`: the fingerprint
    of the order that was on the screen.

    Raises Forbidden, StaleVersion when the agenda changed meanwhile, DomainError once the session has begun.
    """
    require(actor, INSTRUIRE, commissions.vise(seance.commission))
    seance = session.get_one(Seance, seance.id, with_for_update=True, populate_existing=True)
    if commencee(session, clock, seance):
        raise DomainError("dossiers.ordre_fige")
    rows = session.execute(
        select(Dossier.id, Dossier.ref, Dossier.code)
        .where(Dossier.seance_id == seance.id)
        .order_by(Dossier.rang, Dossier.id)
        .with_for_update()
    ).all()
    actuel = [row.ref for row in rows]
    if ordre != ordre_de(actuel) or sorted(refs) != sorted(actuel):
        raise StaleVersion(seance)
    if list(refs) == actuel:
        return
    cles = {row.ref: row.id for row in rows}
    dossiers, passages = cast(Table, Dossier.__table__), cast(Table, PassageSeance.__table__)
    ici = and_(passages.c.seance_id == seance.id, passages.c.dossier_id == bindparam("cle"))
    for table, lui, signe in (  # dossiers in two passes: no two of them hold one rank in between
        (dossiers, dossiers.c.id == bindparam("cle"), -1),
        (dossiers, dossiers.c.id == bindparam("cle"), 1),
        (passages, ici, 1),
    ):
        session.execute(
            update(table).where(lui).values(rang=bindparam("place")),
            [{"cle": cles[ref], "place": signe * rang} for rang, ref in enumerate(refs, 1)],
        )
    session.expire_all()
    conduite = conduite_de(session, seance.id)
    if conduite.fige_le is not None:
        conduite.papiers = list(refs)
    conduite.etat += 1
    session.flush()
    codes = {row.ref: row.code for row in rows}
    facts = {"ordre": [codes[ref] for ref in refs]}
    record(session, clock, actor, "dossiers:seance:ordonner", seance, changes=facts)


def deplacer(refs: Sequence[str], ref: str, pas: int) -> list[str]:
    """Return an order where one dossier went up (-1) or down (1); the same when it cannot."""
    places = list(refs)
    if ref not in places:
        return places
    ici = places.index(ref)
    la = min(max(ici + pas, 0), len(places) - 1)
    places.insert(la, places.pop(ici))
    return places


def figer(session: Session, clock: Clock, actor: Actor | None, seance: Seance) -> int:
    """Open the papers of a convened session to those who sit, once; return how many were told.

    `actor`: the secretariat, None for the worker on the day that the commission chose. Raises Forbidden,
    DomainError.
    """
    if actor is not None:
        require(actor, INSTRUIRE, commissions.vise(seance.commission))
    if seance.statut is not StatutSeance.CONVOQUEE:
        raise DomainError("dossiers.pas_convoquee")
    conduite = conduite_de(session, seance.id, tenue=True)
    if conduite.fige_le is not None:
        return 0
    refs = session.scalars(
        select(Dossier.ref).where(Dossier.seance_id == seance.id).order_by(Dossier.rang, Dossier.id)
    ).all()
    if not refs:
        raise DomainError("dossiers.rien_a_figer")
    conduite.fige_le, conduite.papiers = clock.now(), list(refs)
    conduite.etat += 1
    session.flush()
    told = ecrire(
        session, clock, invites_de(session, seance), "papiers", de_la_seance(seance) | {"nombre": len(refs)}
    )
    facts = {"dossiers": len(refs), "ecrites": told}
    record(session, clock, actor, "dossiers:seance:figer", seance, changes=facts)
    return told


def conduite_de(session: Session, seance_id: int, *, tenue: bool = False) -> ConduiteSeance:
    """Return the course of a session, made when it has none yet. In a transaction that holds the session."""
    statement = select(ConduiteSeance).where(ConduiteSeance.seance_id == seance_id)
    found = session.scalar(statement.with_for_update() if tenue else statement)
    if found is None:
        found = ConduiteSeance(seance_id=seance_id, etat=0, papiers=[])
        session.add(found)
        session.flush()
    return found


def seance_de(session: Session, seance_id: int) -> Seance:
    """Return a session held until the end of the transaction, with its commission."""
    return session.get_one(
        Seance, seance_id, with_for_update={"of": Seance}, options=[joinedload(Seance.commission)]
    )


def couvert(session: Session, clock: Clock, dossier: Dossier, seance: Seance) -> bool:
    """Tell whether a dossier may be read on the day of a session: an authorisation covers it, or its
    commission asks for none."""
    if dossier.commission.autorisation is AutorisationDemandee.AUCUNE:
        return True
    jour = seance.debut.astimezone(ZoneInfo(fuseau_de(seance.departement_code))).date()
    accord = en_vigueur(
        session, clock, menage_id=dossier.menage_id, commission_id=dossier.commission_id, jour=jour
    )
    return accord is not None
