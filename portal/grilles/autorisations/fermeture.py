"""Closing an authorisation: refused, withdrawn, ended by a change of the household, replaced (§ 6.5).

Access closes in the transaction that closes the authorisation, wherever it was open: every page and file
that reaches a recipient asks `queries.ouverte`, and the other rooms are told here.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import Enum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased, selectinload

from portal.audit.service import record
from portal.config import Settings
from portal.conventions.jours import Jours
from portal.grilles.autorisations import crochets, queries
from portal.grilles.autorisations.enums import ATTENDUES, DecisionAdulte, StatutAutorisation
from portal.grilles.autorisations.models import Autorisation, RecuMenage
from portal.grilles.autorisations.workflow import WORKFLOW
from portal.grilles.menages.crochets import on_cloture, on_composition
from portal.grilles.menages.models import Adulte, Menage
from portal.grilles.menages.policies import Vise
from portal.jobs.registry import housekeeping
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import Database
from portal.shared.errors import Forbidden, NotVisible

LE_MENAGE = "Le ménage"
"""Who the journal says acted when an adult acts by their receipt: no name, no code."""

VIVANTES = (*sorted(ATTENDUES, key=lambda one: one.value), StatutAutorisation.ACCORDE)


def tenir(session: Session, menage: Menage, ref: str) -> Autorisation:
    """Return an authorisation of a household, held until the end of the transaction. Raises NotVisible."""
    cle = _tenir_celles_de(session, menage.id).get(ref)
    if cle is None:
        raise NotVisible(ref)
    return session.get_one(
        Autorisation, cle, populate_existing=True, options=[selectinload(Autorisation.accords)]
    )


def _tenir_celles_de(session: Session, menage_id: int) -> dict[str, int]:
    """Hold every authorisation of a household, always in one order: one act may close several. Return their
    keys by reference."""
    rows = session.execute(
        select(Autorisation.ref, Autorisation.id)
        .where(Autorisation.menage_id == menage_id)
        .order_by(Autorisation.id)
        .with_for_update()
    )
    return {row.ref: row.id for row in rows}


def _sans_controle(_permission: Enum) -> bool:
    """The household itself, or what follows a fact: nobody's right is asked for."""
    return True


def fermer(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    autorisation: Autorisation,
    transition: str,
    permis: Callable[[Enum], bool] = _sans_controle,
    *,
    par: Autorisation | None = None,
) -> None:
    """Close an authorisation by one of the transitions that do, and tell the rooms that it was open to.

    `par`: that which replaces it. Raises Forbidden, DomainError.
    """
    avant, apres = WORKFLOW.fire(autorisation, transition, permis)
    autorisation.fermee_le = autorisation.updated_at = clock.now()
    if par is not None:
        autorisation.remplacee_par_id = par.id
    session.flush()
    record(
        session,
        clock,
        actor,
        f"autorisations:autorisation:{transition}",
        autorisation,
        changes={"statut": [avant.value, apres.value]},
        departement_code=autorisation.menage.departement_code,
        auteur=LE_MENAGE if actor is None and transition == "retirer" else "",
    )
    if avant is StatutAutorisation.ACCORDE:
        crochets.fermer(session, clock, actor, autorisation, apres)


def relayer(session: Session, clock: Clock, actor: Actor | None, autorisation: Autorisation) -> None:
    """Close what an agreement that has begun stands for; what was sent to the letter goes on under it."""
    if autorisation.du > queries.jour_de(clock, autorisation.menage):
        return  # what it is to stand for stays until its last day: no gap before this one begins
    for ancienne in queries.relayees(session, autorisation):
        fermer(session, clock, actor, ancienne, "remplacer", par=autorisation)


@housekeeping("autorisations_relayees", every=timedelta(minutes=10))
def relayer_a_leur_tour(database: Database, clock: Clock, _settings: Settings) -> int:
    """Close what the agreements whose first day came stand for; return how many began.

    Nobody reads by the former from that very day (`queries.ouverte`): this writes it down, and puts what was
    sent under the newer one.
    """
    jours = Jours.de(clock)
    older = aliased(Autorisation)
    with database.session() as session:
        rows = session.execute(
            select(Autorisation.id, Autorisation.du, Menage.id.label("menage_id"), Menage.departement_code)
            .join(Menage, Menage.id == Autorisation.menage_id)
            .where(
                Autorisation.statut == StatutAutorisation.ACCORDE,
                Autorisation.du <= max(jours.dates),
                exists().where(
                    older.menage_id == Autorisation.menage_id,
                    older.statut == StatutAutorisation.ACCORDE,
                    queries.relaie(Autorisation, older),
                ),
            )
            .order_by(Autorisation.id)
        ).all()
    begun = [row for row in rows if row.du <= jours.du(row.departement_code)]
    for row in begun:
        with database.session(write=True) as session:
            _tenir_celles_de(session, row.menage_id)
            autorisation = session.get_one(Autorisation, row.id)
            if autorisation.statut is StatutAutorisation.ACCORDE:
                relayer(session, clock, None, autorisation)
            session.commit()
    return len(begun)


def retirer(session: Session, clock: Clock, actor: Actor, vise: Vise, ref: str) -> Autorisation:
    """Withdraw an authorisation on the household's behalf, at once, and what was to follow it for the same
    recipient; what it stood for stays closed. Withdrawn already, nothing moves.

    No version is asked for: a withdrawal is never put off. Raises Forbidden, NotVisible, DomainError.
    """
    if not can(actor, Permission.AUTORISATIONS_RECUEILLIR, vise):
        raise Forbidden(Permission.AUTORISATIONS_RECUEILLIR.value)
    autorisation = tenir(session, vise.menage, ref)
    if autorisation.statut is not StatutAutorisation.RETIRE:
        _reprendre_l_accord(session, clock, actor, autorisation, None)
    return autorisation


def retirer_soi_meme(session: Session, clock: Clock, adulte: Adulte, ref: str) -> Autorisation:
    """Withdraw an authorisation, and what was to follow it, as one of the adults who gave it, by receipt.

    Closed already, for whatever reason, nothing moves. Raises NotVisible.
    """
    menage = session.get_one(Menage, adulte.menage_id)
    autorisation = tenir(session, menage, ref)
    if all(one.adulte_id != adulte.id for one in autorisation.accords):
        raise NotVisible(ref)
    if autorisation.statut in VIVANTES:
        _reprendre_l_accord(session, clock, None, autorisation, adulte.id)
    return autorisation


def _reprendre_l_accord(
    session: Session, clock: Clock, actor: Actor | None, autorisation: Autorisation, adulte_id: int | None
) -> None:
    """Withdraw a request; or an agreement and those, given to the same recipient, that begin after it: one
    gesture closes them all, and what it stood for does not come back. `adulte_id`: whose agreement is taken
    back; None: everyone's."""
    retirees = [autorisation]
    if autorisation.statut is StatutAutorisation.ACCORDE:
        relayer(session, clock, actor, autorisation)
        retirees += queries.suivantes(session, autorisation)
    for une in retirees:
        for one in une.accords:
            if one.decision is DecisionAdulte.ACCORDE and adulte_id in (None, one.adulte_id):
                one.retire_le = one.retire_le or clock.now()
        fermer(session, clock, actor, une, "retirer")


@on_composition
def composition(session: Session, clock: Clock, actor: Actor, menage: Menage) -> None:
    """End every authorisation of a household that changed, and the receipts of whoever left.

    In the protected circuit no receipt is left at all.
    """
    _expirer(session, clock, actor, menage)
    partis = select(Adulte.id).where(Adulte.menage_id == menage.id)
    if not menage.protege:
        partis = partis.where(Adulte.parti_le.is_not(None))
    recus = session.scalars(
        select(RecuMenage)
        .where(RecuMenage.adulte_id.in_(partis), RecuMenage.revoque_le.is_(None))
        .order_by(RecuMenage.id)
    ).all()
    for recu in recus:
        recu.revoque_le = recu.updated_at = clock.now()
    session.flush()


@on_cloture
def cloture(session: Session, clock: Clock, actor: Actor, menage: Menage) -> None:
    """End every authorisation of a household that nobody accompanies any more."""
    _expirer(session, clock, actor, menage)


def _expirer(session: Session, clock: Clock, actor: Actor, menage: Menage) -> None:
    ouvertes = session.scalars(
        select(Autorisation)
        .where(Autorisation.menage_id == menage.id, Autorisation.statut.in_(VIVANTES))
        .options(selectinload(Autorisation.accords))
        .order_by(Autorisation.id)
        .with_for_update(of=Autorisation)
    ).all()
    for autorisation in ouvertes:
        fermer(session, clock, actor, autorisation, "expirer")
