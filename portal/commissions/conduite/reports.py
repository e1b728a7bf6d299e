"""A dossier that a session did not settle comes back to the next one by itself (domaine.md § 7.4)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import direct
from portal.commissions.conduite.regles import AJOURNE, REPORTE
from portal.commissions.crochets import on_seance_prevue
from portal.commissions.dossiers.ordre import oublier_le_passage, placer, seance_de
from portal.commissions.enums import StatutSeance
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models_decisions import PassageSeance
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.shared.clock import Clock


def suivante(session: Session, commission_id: int, apres: datetime) -> Seance | None:
    """Return the first session of a commission that begins after an instant, None when none is planned."""
    return session.scalar(
        select(Seance)
        .where(
            Seance.commission_id == commission_id,
            Seance.debut > apres,
            Seance.statut != StatutSeance.ANNULEE,
        )
        .order_by(Seance.debut, Seance.id)
        .limit(1)
    )


def reinscrire(session: Session, clock: Clock, dossier: Dossier, apres: datetime) -> Seance | None:
    """Put a dossier last on the agenda of the session that follows an instant, whatever its capacity; return
    that session. Without one, the dossier waits as admissible and joins the next session planned."""
    seance = suivante(session, dossier.commission_id, apres)
    if seance is None:
        dossier.statut, dossier.seance_id, dossier.rang = StatutDossier.RECEVABLE, None, None
    else:
        placer(session, clock, dossier, seance_de(session, seance.id))
        dossier.statut = StatutDossier.INSCRIT
    dossier.updated_at = clock.now()
    session.flush()
    return seance


def replacer(session: Session, dossier: Dossier, seance_id: int, rang: int) -> None:
    """Bring a dossier back to the session that had put it off, at its rank unless another one took it."""
    oublier_le_passage(session, dossier)
    conduite = direct.tenir(session, dossier.seance_id) if dossier.seance_id else None
    if conduite is not None:
        conduite.papiers = [ref for ref in conduite.papiers if ref != dossier.ref]
    pris = select(Dossier.rang).where(Dossier.seance_id == seance_id).order_by(Dossier.rang)
    rangs = {one or 0 for one in session.scalars(pris)}
    dossier.statut, dossier.seance_id = StatutDossier.EN_SEANCE, seance_id
    dossier.rang = rang if rang not in rangs else max(rangs) + 1
    session.flush()


def passage(session: Session, clock: Clock, dossier: Dossier, seance_id: int) -> PassageSeance:
    """Return the passage of a dossier before a session, written when there is none."""
    found = passage_de(session, dossier.id, seance_id)
    if found is None:
        found = PassageSeance(
            dossier_id=dossier.id,
            seance_id=seance_id,
            rang=dossier.rang or 1,
            inscrit_le=clock.now(),
            details={},
        )
        session.add(found)
        session.flush()
    return found


def passage_de(session: Session, dossier_id: int, seance_id: int | None) -> PassageSeance | None:
    """Return the passage of a dossier before a session, None without one."""
    return session.scalar(
        select(PassageSeance).where(
            PassageSeance.dossier_id == dossier_id, PassageSeance.seance_id == seance_id
        )
    )


@on_seance_prevue
def rejoindre(session: Session, clock: Clock, seance: Seance) -> None:
    """Have what was put off while no session was planned join the one that is now."""
    for dossier in en_attente(session, seance.commission_id):
        reinscrire(session, clock, dossier, clock.now())


def en_attente(session: Session, commission_id: int) -> list[Dossier]:
    """Return the dossiers of a commission that were put off while no session was planned, oldest first."""
    revenu = select(PassageSeance.id).where(
        PassageSeance.dossier_id == Dossier.id, PassageSeance.issue.in_((AJOURNE, REPORTE))
    )
    return list(
        session.scalars(
            select(Dossier)
            .where(
                Dossier.commission_id == commission_id,
                Dossier.statut == StatutDossier.RECEVABLE,
                Dossier.seance_id.is_(None),
                revenu.exists(),
            )
            .order_by(Dossier.depose_le, Dossier.id)
        )
    )
