"""Closing an authorisation: refused, withdrawn, ended by a change of the household, replaced (§ 6.5).

Access closes in the transaction that closes the authorisation, wherever it was open: every page and file
that reaches a recipient asks `queries.ouverte`, and the other rooms are told here.
"""

from collections.abc import Callable
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.audit.service import record
from portal.grilles.autorisations import crochets, queries
from portal.grilles.autorisations.enums import ATTENDUES, DecisionAdulte, StatutAutorisation
from portal.grilles.autorisations.models import Autorisation, RecuMenage
from portal.grilles.autorisations.workflow import WORKFLOW
from portal.grilles.menages.crochets import on_cloture, on_composition
from portal.grilles.menages.models import Adulte, Menage
from portal.grilles.menages.policies import Vise
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import Forbidden, NotVisible

LE_MENAGE = "Le ménage"
"""Who the journal says acted when an adult acts by their receipt: no name, no code."""

VIVANTES = (*sorted(ATTENDUES, key=lambda one: one.value), StatutAutorisation.ACCORDE)


def tenir(session: Session, menage: Menage, ref: str) -> Autorisation:
    """Return an authorisation of a household, held until the end of the transaction. Raises NotVisible."""
    cle = session.scalar(
        select(Autorisation.id).where(Autorisation.menage_id == menage.id, Autorisation.ref == ref)
    )
    if cle is None:
        raise NotVisible(ref)
    return session.get_one(
        Autorisation,
        cle,
        with_for_update={"of": Autorisation},
        populate_existing=True,
        options=[selectinload(Autorisation.accords)],
    )


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
        auteur="" if actor else LE_MENAGE,
    )
    if avant is StatutAutorisation.ACCORDE:
        crochets.fermer(session, clock, actor, autorisation, apres)


def retirer(session: Session, clock: Clock, actor: Actor, vise: Vise, ref: str) -> Autorisation:
    """Withdraw an authorisation on the household's behalf, at once, and what was to follow it for the same
    recipient. Withdrawn already, nothing moves.

    No version is asked for: a withdrawal is never put off. Raises Forbidden, NotVisible, DomainError.
    """
    if not can(actor, Permission.AUTORISATIONS_RECUEILLIR, vise):
        raise Forbidden(Permission.AUTORISATIONS_RECUEILLIR.value)
    autorisation = tenir(session, vise.menage, ref)
    if autorisation.statut is not StatutAutorisation.RETIRE:
        for une in _avec_la_suite(session, autorisation):
            _reprendre(clock, une, None)
            fermer(session, clock, actor, une, "retirer")
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
        for une in _avec_la_suite(session, autorisation):
            _reprendre(clock, une, adulte.id)
            fermer(session, clock, None, une, "retirer")
    return autorisation


def _avec_la_suite(session: Session, autorisation: Autorisation) -> list[Autorisation]:
    """Return an authorisation and those, given to the same recipient, that begin after it: one gesture closes
    them all."""
    return [autorisation, *queries.accordees_au_meme(session, autorisation, ensuite=True)]


def _reprendre(clock: Clock, autorisation: Autorisation, adulte_id: int | None) -> None:
    """Mark the agreements that are taken back: one adult's, or all of them."""
    for one in autorisation.accords:
        if one.decision is DecisionAdulte.ACCORDE and adulte_id in (None, one.adulte_id):
            one.retire_le = one.retire_le or clock.now()


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
