"""Reading the appeals against what a session decided. Always from what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, false, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.commissions.enums_dossiers import IssueRecours
from portal.commissions.models import Commission
from portal.commissions.models_decisions import Decision, Recours
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.commissions.policies import SECRETAIRES
from portal.commissions.suites_seance.queries import Recent, examine, instruit, prescrit, recent
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.ensemble import rang
from portal.shared.errors import NotVisible
from portal.shared.pagination import Cursor, Page, paginate, with_keys

MAXIMUM = 300
"""How many appeals the page of one session names."""


def recours_de(session: Session, decision_id: int) -> Recours | None:
    """Return the appeal against a decision."""
    return session.scalar(select(Recours).where(Recours.decision_id == decision_id))


def recours_lus(actor: Actor, clock: Clock, recente: Recent) -> ColumnElement[bool]:
    """Return the condition « the actor reads this appeal »: its prescriber, the secretariat, the SIAO, the
    secretariat of the commission that examines it, who sits in the session that does."""
    seance = aliased(Seance, name="seance_examen")
    chez = aliased(Commission, name="commission_examen")
    conditions = [instruit(actor), prescrit(actor, clock), examine(actor, clock, recente)]
    if actor.profil in SECRETAIRES:
        conditions.append(
            exists().where(
                seance.id == Recours.seance_id,
                chez.id == seance.commission_id,
                chez.secretariat_id == actor.organisation_id,
            )
        )
    return or_(*conditions)


def recours(session: Session, clock: Clock, actor: Actor, ref: str) -> Recours:
    """Return a visible appeal, with the session that examines it; raises NotVisible."""
    found = session.scalar(
        select(Recours)
        .options(joinedload(Recours.seance).joinedload(Seance.commission))
        .join(Decision, Decision.id == Recours.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(Recours.ref == ref, recours_lus(actor, clock, recent(session, clock)))
    )
    if found is None:
        raise NotVisible(ref)
    return found


def textes_dus(session: Session, clock: Clock, actor: Actor, ref: str) -> AnyRow | None:
    """Return the commission whose texts the actor has to accept before they read an appeal that they examine
    (ref, nom; dossier: the code): None for anyone whom that would not let in. One statement."""
    chez, examen = aliased(Commission), aliased(Seance)
    rows = fetch(
        session,
        select(chez.ref, chez.nom, Dossier.code.label("dossier"))
        .select_from(Recours)
        .join(Decision, Decision.id == Recours.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(examen, examen.id == Recours.seance_id)
        .join(chez, chez.id == examen.commission_id)
        .where(Recours.ref == ref, examine(actor, clock, recent(session, clock), textes_dus=True)),
    )
    return rows[0] if rows else None


def revision(session: Session, recours: Recours | None) -> AnyRow | None:
    """Return the decision (ref, code) that an appeal put in the place of the one it contested, None when its
    outcome is another, or there is none. One statement at most."""
    if recours is None or recours.issue is not IssueRecours.REVISION:
        return None
    rows = fetch(
        session,
        select(Decision.ref, Decision.code).where(
            Decision.dossier_id == recours.decision.dossier_id,
            Decision.seance_id == recours.seance_id,
            Decision.prise_le == recours.decide_le,
        ),
    )
    return rows[0] if rows else None


def revisee(session: Session, decision: Decision) -> Decision | None:
    """Return the contested decision that an appeal replaced by this one, None when it replaced none. One
    statement."""
    return session.scalar(
        select(Decision)
        .join(Recours, Recours.decision_id == Decision.id)
        .where(
            Decision.dossier_id == decision.dossier_id,
            Recours.seance_id == decision.seance_id,
            Recours.decide_le == decision.prise_le,
            Recours.issue == IssueRecours.REVISION,
        )
    )


@dataclass(frozen=True)
class LigneRecours:
    """An appeal as lists show it. `code`: of the decision; `examen`: when it is examined, None while no
    session is named."""

    ref: str
    dossier: str
    commission: str
    departement_code: str
    code: str
    forme_le: datetime
    examen: datetime | None
    issue: IssueRecours | None


def lister_recours(
    session: Session, clock: Clock, actor: Actor, cursor: Cursor | None = None
) -> tuple[Page, list[LigneRecours]]:
    """Return a page of the appeals that the actor reads: those without an outcome first, then the latest
    formed. Three statements."""
    examen = aliased(Seance, name="examen")
    keys = (case((Recours.decide_le.is_(None), 1), else_=0), Recours.forme_le, Recours.id)
    statement = (
        select(
            Recours.ref,
            Dossier.code.label("dossier"),
            Commission.nom.label("commission"),
            Commission.departement_code,
            Decision.code,
            Recours.forme_le,
            examen.debut.label("examen"),
            Recours.issue,
        )
        .join(Decision, Decision.id == Recours.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .outerjoin(examen, examen.id == Recours.seance_id)
        .where(recours_lus(actor, clock, recent(session, clock)))
    )
    page = paginate(session, with_keys(statement, keys), keys, cursor=cursor, descending=True)
    champs = LigneRecours.__dataclass_fields__
    return page, [LigneRecours(**{nom: getattr(row, nom) for nom in champs}) for row in page.rows]


def recours_a_examiner(session: Session, clock: Clock, actor: Actor, seance_id: int) -> Sequence[AnyRow]:
    """Return the appeals of `recours_d_une_seance`, the oldest first. One statement."""
    recours = recours_d_une_seance(clock, actor, seance_id).subquery()
    return fetch(session, select(recours).order_by(recours.c.rang))


def recours_d_une_seance(clock: Clock, actor: Actor, seance_id: int) -> AnySelect:
    """Return what reads the appeals without an outcome that a session examines and that the actor reads: ref,
    dossier (its code alone), commission (whose decision it is), rang (the oldest first)."""
    return (
        select(
            Recours.ref,
            Dossier.code.label("dossier"),
            Commission.nom.label("commission"),
            rang(Recours.forme_le, Recours.id),
        )
        .join(Decision, Decision.id == Recours.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(
            Recours.seance_id == seance_id,
            Recours.issue.is_(None),
            recours_lus(actor, clock, lambda _departement, _le: false()),  # none has an outcome to be recent
        )
        .order_by(Recours.forme_le, Recours.id)
        .limit(MAXIMUM)
    )
