"""Merging two organisations: what lives moves to the absorbing one, the absorbed row stays as history.

Rooms above say what they move by `on_merge` (conventions: the absorbed operator's CTPs end the day of the
merger, domaine.md § 5.4). A registered number of the absorbed organisation leads to the absorbing one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.audit.service import Fact, record, record_many
from portal.comptes import adhesions
from portal.comptes.models import Adhesion
from portal.organisations.models import (
    Organisation,
    OrganisationCategorie,
    OrganisationDepartement,
    Structure,
)
from portal.organisations.service import check_closing, check_territory, lock, require, touch
from portal.organisations.structures import TRANSFERT, arrived
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.shared.messages import N_


@dataclass(frozen=True)
class Fusion:
    """A merger under way: `absorbed` into `absorber`, on a day already come. Both rows are locked."""

    session: Session
    clock: Clock
    actor: Actor
    absorbed: Organisation
    absorber: Organisation
    on: date


@dataclass(frozen=True)
class Sort:
    """What becomes of one row: what it is, and its fate, as French texts marked with N_ and parameters."""

    nom: str
    devient: str
    args: Mapping[str, Any]


@dataclass(frozen=True)
class Effet:
    """What a merger does in one room. `label`: French text with %(nombre)s, marked with N_.

    `count` tells beforehand how many rows are concerned by a merger today (absorbed, absorber); `apply`
    moves them and returns how many it moved. `detail` names each of them with its fate, where fates differ.
    """

    name: str
    label: str
    count: Callable[[Session, Clock, Organisation, Organisation], int]
    apply: Callable[[Fusion], int]
    detail: Callable[[Session, Clock, Organisation, Organisation], list[Sort]] | None = None


@dataclass(frozen=True)
class Consequence:
    """What a merger will do, to be told before it is confirmed."""

    label: str
    nombre: int
    sorts: Sequence[Sort] = ()


_EFFECTS: dict[str, Effet] = {}


def on_merge(effect: Effet) -> Effet:
    """Register what a room does when two organisations merge."""
    if _EFFECTS.setdefault(effect.name, effect) is not effect:
        raise ValueError(f"merge effect registered twice: {effect.name}")
    return effect


def consequences(
    session: Session, clock: Clock, actor: Actor, absorbed: Organisation, absorber: Organisation
) -> list[Consequence]:
    """Return what merging would do; raises Forbidden or DomainError when it is not possible."""
    _check(actor, absorbed, absorber)
    return [
        Consequence(
            effect.label,
            effect.count(session, clock, absorbed, absorber),
            effect.detail(session, clock, absorbed, absorber) if effect.detail else (),
        )
        for effect in _EFFECTS.values()
    ]


def merge_organisations(
    session: Session,
    clock: Clock,
    actor: Actor,
    absorbed: Organisation,
    absorber: Organisation,
    on: date,
    *,
    versions: tuple[int, int],
) -> Organisation:
    """Merge `absorbed` into `absorber` on a past day or today and return the absorber.

    `versions`: those the form was opened with, in the same order. Raises Forbidden, StaleVersion,
    DomainError.
    """
    _check(actor, absorbed, absorber)
    for organisation, version in sorted(zip((absorbed, absorber), versions, strict=True), key=_by_id):
        lock(session, organisation, version)
    _check(actor, absorbed, absorber)
    check_closing(session, clock, absorbed.departement_code, on)
    _join_territories(actor, absorbed, absorber)
    merger = Fusion(session, clock, actor, absorbed, absorber, on)
    absorbed.fusionnee_dans_id = absorber.id  # first: rooms write to the people who pass to the absorber
    moved = {name: effect.apply(merger) for name, effect in _EFFECTS.items()}
    absorbed.fermee_le = on
    session.execute(
        update(Organisation)
        .where(Organisation.fusionnee_dans_id == absorbed.id)
        .values(fusionnee_dans_id=absorber.id)
    )
    touch(absorbed, clock)
    touch(absorber, clock)
    session.flush()
    facts: dict[str, Any] = {"le": on.isoformat(), **moved}
    record(
        session,
        clock,
        actor,
        "organisations:organisation:fusionner",
        absorbed,
        changes=facts | {"fusionnee_dans": absorber.ref},
    )
    record(
        session,
        clock,
        actor,
        "organisations:organisation:absorber",
        absorber,
        changes=facts | {"absorbee": absorbed.ref},
    )
    return absorber


def _by_id(pair: tuple[Organisation, int]) -> int:
    return pair[0].id


def _check(actor: Actor, absorbed: Organisation, absorber: Organisation) -> None:
    require(actor, Permission.ORGANISATIONS_FUSIONNER, absorbed)
    require(actor, Permission.ORGANISATIONS_FUSIONNER, absorber)
    if absorbed.id == absorber.id:
        raise DomainError("organisations.fusion_meme", "absorbante")
    if absorbed.type is not absorber.type:
        raise DomainError("organisations.fusion_types", "absorbante")
    if absorbed.fermee_le is not None or absorber.fermee_le is not None:
        raise DomainError("organisations.fermee", "absorbante")


def _join_territories(actor: Actor, absorbed: Organisation, absorber: Organisation) -> None:
    """Let the absorber work where the absorbed did, and belong to the same categories."""
    present = {row.departement_code for row in absorber.departements}
    added = {row.departement_code for row in absorbed.departements} - present
    check_territory(actor, absorber.type, added)
    absorber.departements.extend(OrganisationDepartement(departement_code=code) for code in sorted(added))
    known = {row.categorie for row in absorber.categories}
    new = {row.categorie for row in absorbed.categories} - known
    absorber.categories.extend(OrganisationCategorie(categorie=number) for number in sorted(new))


def _count_structures(session: Session, clock: Clock, absorbed: Organisation, absorber: Organisation) -> int:
    return session.scalar(select(func.count()).where(*_open_structures(absorbed))) or 0


def _move_structures(merger: Fusion) -> int:
    """Move the open structures; those already closed stay with the organisation that ran them."""
    session, here = merger.session, _open_structures(merger.absorbed)
    facts = [
        Fact(
            "structure",
            id_,
            ref,
            code,
            {"organisation": [merger.absorbed.ref, merger.absorber.ref]},
        )
        for id_, ref, code in session.execute(
            select(Structure.id, Structure.ref, Structure.departement_code)
            .where(*here)
            .order_by(Structure.id)
        )
    ]
    session.execute(
        update(Structure)
        .where(*here)
        .values(
            organisation_id=merger.absorber.id,
            version=Structure.version + 1,
            updated_at=merger.clock.now(),
        )
    )
    record_many(session, merger.clock, merger.actor, "organisations:structure:transferer", facts)
    arrived(session, merger.clock, merger.actor, [fact.id for fact in facts if fact.id], TRANSFERT)
    return len(facts)


def _open_structures(organisation: Organisation) -> tuple[Any, ...]:
    return (Structure.organisation_id == organisation.id, Structure.fermee_le.is_(None))


def _count_memberships(session: Session, clock: Clock, absorbed: Organisation, absorber: Organisation) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                Adhesion.organisation_id == absorbed.id, Adhesion.revoquee_le.is_(None)
            )
        )
        or 0
    )


def _move_memberships(merger: Fusion) -> int:
    return adhesions.transfer(
        merger.session, merger.clock, merger.actor, merger.absorbed.id, merger.absorber.id
    )


on_merge(
    Effet(
        "structures",
        N_("Structures ouvertes qui changent de gestionnaire : %(nombre)s"),
        _count_structures,
        _move_structures,
    )
)
on_merge(
    Effet(
        "adhesions",
        N_("Accès de personnes qui passent à l’organisation absorbante : %(nombre)s"),
        _count_memberships,
        _move_memberships,
    )
)
