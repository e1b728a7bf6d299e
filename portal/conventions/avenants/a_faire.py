"""What avenants await of the actor: clauses to examine, signatures, proposals. One statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.models import Avenant, AvenantClause, AvenantPosition, AvenantProposition
from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.queries import portee
from portal.conventions.redaction.expressions import attend
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.organisations.models import Organisation
from portal.security.permissions import ETAT, SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch

MONTREES = 50
AVENANT, PROPOSITION = "avenant", "proposition"


@dataclass(frozen=True)
class Attentes:
    """What waits, of each kind.

    `avenants`: convention_ref, ref, numero, libelle (what it is about), operateur, nombre (clauses to
    examine, 0 when it is to be signed). `propositions`: convention_ref, operateur, libelle (of one reason),
    nombre (of reasons).
    """

    avenants: Sequence[AnyRow] = field(default=())
    propositions: Sequence[AnyRow] = field(default=())


def attentes(session: Session, clock: Clock, actor: Actor) -> Attentes:
    """Return the open avenants that wait for the actor's party, and for State and SIAO those to open.

    Those of a convention that has ended wait for nobody: they cannot be signed any more.
    """
    partie, jour = partie_de(actor), clock.today()
    if partie is None or not can(actor, Permission.CONVENTIONS_LIRE):
        return Attentes()
    parts = [_avenants(actor, partie, jour)]
    if actor.profil in ETAT | SIAO:
        parts.append(_propositions(actor, jour))
    toutes = union_all(*(select(part.subquery()) for part in parts)).subquery()
    rows = fetch(session, select(toutes).order_by(toutes.c.genre, toutes.c.rang))
    return Attentes(
        [row for row in rows if row.genre == AVENANT], [row for row in rows if row.genre == PROPOSITION]
    )


def _avenants(actor: Actor, partie: Partie, jour: date) -> Select[Any]:
    """Select the open avenants that wait for a party, the oldest first."""
    signe = (
        select(TexteFige.id)
        .join(ActeSignature, ActeSignature.texte_fige_id == TexteFige.id)
        .where(
            TexteFige.avenant_id == Avenant.id,
            TexteFige.annule_le.is_(None),
            ActeSignature.partie == partie,
        )
        .exists()
    )
    clauses = (
        select(func.count())
        .where(AvenantClause.avenant_id == Avenant.id, attend(partie, AvenantClause, AvenantPosition))
        .correlate(Avenant)
        .scalar_subquery()
    )
    a_signer = and_(Avenant.statut == StatutAvenant.EN_SIGNATURE, ~signe)
    return (
        select(
            literal(AVENANT).label("genre"),
            func.row_number().over(order_by=(Avenant.statut_depuis, Avenant.id)).label("rang"),
            Convention.ref.label("convention_ref"),
            Organisation.nom.label("operateur"),
            Avenant.ref,
            Avenant.numero,
            Avenant.objet.label("libelle"),
            case((Avenant.statut == StatutAvenant.EN_NEGOCIATION, clauses), else_=0).label("nombre"),
        )
        .join(Convention, Convention.id == Avenant.convention_id)
        .join(Organisation, Organisation.id == Convention.operateur_id)
        .where(
            portee(actor),
            Convention.fin_effective >= jour,
            or_(a_signer, and_(Avenant.statut == StatutAvenant.EN_NEGOCIATION, clauses > 0)),
        )
        .order_by(Avenant.statut_depuis, Avenant.id)
        .limit(MONTREES)
    )


def _propositions(actor: Actor, jour: date) -> Select[Any]:
    """Select the running lines for which an avenant is called for, with how many reasons."""
    return (
        select(
            literal(PROPOSITION).label("genre"),
            func.row_number().over(order_by=(Convention.operateur_tri, Convention.id)).label("rang"),
            Convention.ref.label("convention_ref"),
            Organisation.nom.label("operateur"),
            literal("").label("ref"),
            literal(0).label("numero"),
            func.min(AvenantProposition.libelle).label("libelle"),
            func.count(AvenantProposition.id).label("nombre"),
        )
        .join(AvenantProposition, AvenantProposition.convention_id == Convention.id)
        .join(Organisation, Organisation.id == Convention.operateur_id)
        .where(
            portee(actor),
            Convention.statut == Statut.SIGNEE,
            Convention.fin_effective >= jour,
            AvenantProposition.avenant_id.is_(None),
            AvenantProposition.ecartee_le.is_(None),
        )
        .group_by(Convention.id, Organisation.id)
        .order_by(Convention.operateur_tri, Convention.id)
        .limit(MONTREES)
    )
