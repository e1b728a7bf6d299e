"""What the acts on an avenant share: taking it with its line, and the journal."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.audit.service import record
from portal.conventions.avenants.enums import OUVERTS, StatutAvenant
from portal.conventions.avenants.models import Avenant, AvenantClause
from portal.conventions.ecriture import charger, jour_de, journal_plat
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.conventions.signature.figer import courant
from portal.organisations.models import Organisation
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion


def prendre(
    session: Session,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    permission: Permission,
    version: int | None = None,
) -> tuple[Convention, Avenant]:
    """Take an avenant and its line, alone, until the end of the transaction.

    `version`: of the avenant. Raises NotVisible, Forbidden, StaleVersion (whose `current` is the avenant).
    """
    ligne = charger(session, actor, ref, permission)
    avenant = session.scalar(
        select(Avenant)
        .where(Avenant.ref == avenant_ref, Avenant.convention_id == ligne.id)
        .with_for_update()
        .options(selectinload(Avenant.clauses).selectinload(AvenantClause.positions))
        .execution_options(populate_existing=True)
    )
    if avenant is None:
        raise NotVisible(avenant_ref)
    if version is not None and avenant.version != version:
        raise StaleVersion(avenant)
    return ligne, avenant


def verifier_ouvrable(session: Session, clock: Clock, ligne: Convention) -> None:
    """Refuse to open an avenant of a line that is not signed here, that has ended, or that has one open.

    A merger ends the CTP of the operator absorbed: no avenant prolongs it (domaine.md § 5.4).
    """
    if ligne.statut is not Statut.SIGNEE or ligne.fin_effective is None:
        raise DomainError("avenants.pas_signee")
    if ligne.fin_effective < jour_de(session, clock, ligne):
        raise DomainError("avenants.terminee")
    absorbee = next((une for une in (ligne.operateur, ligne.siao) if une.fusionnee_dans_id is not None), None)
    if absorbee is not None:  # it may still run on the very day of the merger
        absorbante = session.get_one(Organisation, absorbee.fusionnee_dans_id)
        raise DomainError("avenants.fusionnee", absorbee=absorbee.nom, absorbante=absorbante.nom)
    if courant(session, ligne.id) is None:
        raise DomainError("avenants.texte_absent")
    if ouvert(session, ligne.id) is not None:
        raise DomainError("avenants.deja_ouvert")


def ouvert(session: Session, convention_id: int) -> Avenant | None:
    """Return the open avenant of a line, None without one."""
    return session.scalar(
        select(Avenant).where(Avenant.convention_id == convention_id, Avenant.statut.in_(OUVERTS))
    )


def signes(session: Session, convention_id: int) -> list[Avenant]:
    """Return the signed avenants of a line, in order."""
    return list(
        session.scalars(
            select(Avenant)
            .where(Avenant.convention_id == convention_id, Avenant.statut == StatutAvenant.SIGNE)
            .order_by(Avenant.numero)
        )
    )


def noter(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    avenant: Avenant,
    action: str,
    faits: Mapping[str, Any],
) -> None:
    """Write an act in the journal of the avenant, under its line's département."""
    record(
        session,
        clock,
        actor,
        f"conventions:{action}",
        avenant,
        changes=journal_plat({"convention": ligne.ref, "numero": avenant.numero} | dict(faits)),
        departement_code=ligne.departement_code,
    )
