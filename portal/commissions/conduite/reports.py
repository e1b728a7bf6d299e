"""A dossier that a session did not settle comes back to the next one by itself (domaine.md § 7.4), and
whoever presents it is told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.commissions import direct
from portal.commissions.conduite.regles import AJOURNE
from portal.commissions.crochets import on_seance_prevue
from portal.commissions.dossiers.avertir import de_la_seance, ecrire, prescripteur, secretariat
from portal.commissions.dossiers.ordre import a_de_la_place, couvert, loge, oublier_le_passage, placer
from portal.commissions.dossiers.presentateur import CONVIE, lieu_de, vient
from portal.commissions.dossiers.queries import a_venir
from portal.commissions.enums import PresencePrescripteur
from portal.commissions.enums_dossiers import REPORTE, StatutDossier
from portal.commissions.models_decisions import PassageSeance
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.comptes.models import Personne
from portal.shared.clock import Clock

ANNULEE, DEPLACEE, CLOSE, PREVUE, LIEU = "annulee", "deplacee", "close", "prevue", "lieu"
"""What became of the session by which dossiers are examined on another day, or at another place."""


@dataclass
class Places:
    """The sessions where the dossiers of a commission may go, the next first, held until the end of the
    transaction. `inscrits`: how many dossiers each has."""

    seances: Sequence[Seance]
    inscrits: Counter[int]

    def pour(self, dossier: Dossier) -> Seance | None:
        """Return the first session that has room for a dossier."""
        return next((one for one in self.seances if loge(one, dossier, self.inscrits[one.id])), None)


def places(session: Session, clock: Clock, commission_id: int, apres: datetime) -> Places:
    """Return the sessions of a commission after an instant, and still to come. Two statements."""
    seances = session.scalars(
        select(Seance)
        .where(a_venir(commission_id, max(apres, clock.now())))
        .options(joinedload(Seance.commission))
        .order_by(Seance.debut, Seance.id)
        .with_for_update(of=Seance)
    ).all()
    inscrits = session.execute(
        select(Dossier.seance_id, func.count())
        .where(Dossier.seance_id.in_([one.id for one in seances]))
        .group_by(Dossier.seance_id)
    )
    return Places(seances, Counter({cle: nombre for cle, nombre in inscrits if cle is not None}))


def reinscrire(
    session: Session, clock: Clock, dossier: Dossier, places: Places, *, d_office: bool = False
) -> Seance | None:
    """Put a dossier last on the agenda of the first session that has room for it; return that session.
    Without one, the dossier waits as admissible and joins the next session planned that has. `d_office`: on
    the very next one, whatever its capacity."""
    seance = next(iter(places.seances), None) if d_office else places.pour(dossier)
    if seance is not None:
        _inscrire(session, clock, dossier, seance)
        places.inscrits[seance.id] += 1
        return seance
    dossier.statut, dossier.seance_id, dossier.rang = StatutDossier.RECEVABLE, None, None
    dossier.updated_at = clock.now()
    session.flush()
    return None


def _inscrire(session: Session, clock: Clock, dossier: Dossier, seance: Seance) -> None:
    placer(session, clock, dossier, seance, details=_reste_convie(session, dossier))
    dossier.statut, dossier.updated_at = StatutDossier.INSCRIT, clock.now()
    session.flush()


def _reste_convie(session: Session, dossier: Dossier) -> dict[str, Any]:
    """Return what the passage of a dossier before the session that did not examine it says of its prescriber,
    when they were invited to present it there: they still are."""
    if dossier.commission.prescripteur is not PresencePrescripteur.SUR_INVITATION:
        return {}
    dernier = session.scalar(
        select(PassageSeance)
        .where(PassageSeance.dossier_id == dossier.id)
        .order_by(PassageSeance.id.desc())
        .limit(1)
    )
    if dernier is None or dernier.issue != REPORTE or CONVIE not in dernier.details:
        return {}
    return {CONVIE: dernier.details[CONVIE]}


def annoncer(
    session: Session,
    clock: Clock,
    seance: Seance,
    venus: Sequence[tuple[Dossier, Seance | None]],
    cause: str,
) -> None:
    """Tell who presents some dossiers when they will be examined, in one e-mail each: `venus`, with the
    session where each is now; `cause`, what became of the one where they were.

    The secretariat too of those for which no session has room, and of those that no authorisation of the
    household covers that day: nobody would read them then.
    """
    par_personne: dict[Personne, list[dict[str, Any]]] = {}
    a_suivre = []
    for dossier, nouvelle in venus:
        une = {
            "code": dossier.code,
            "reference": dossier.ref,
            "debut": nouvelle.debut if nouvelle else None,
            "couvert": nouvelle is None or couvert(session, clock, dossier, nouvelle),
            "lieu": _ou_venir(session, dossier, nouvelle),
        }
        for personne in prescripteur(session, dossier):
            par_personne.setdefault(personne, []).append(une)
        if nouvelle is None or not (une["couvert"] or cause == LIEU):
            a_suivre.append(une)
    dit = de_la_seance(seance) | {"cause": cause, "motif": seance.motif_annulation}
    for personne, siens in par_personne.items():
        ecrire(session, clock, [personne], "deplaces", dit | {"dossiers": siens}, urgent=True)
    if a_suivre:
        suivent = secretariat(session, clock, seance.commission)
        ecrire(session, clock, suivent, "a_replacer", dit | {"dossiers": a_suivre}, urgent=True)


def annoncer_le_lieu(session: Session, clock: Clock, seance: Seance, dossiers: Sequence[Dossier]) -> None:
    """Tell those who come to present a dossier that the session is held at another place."""
    viennent = [(one, seance) for one in dossiers if _ou_venir(session, one, seance)]
    annoncer(session, clock, seance, viennent, LIEU)


def _ou_venir(session: Session, dossier: Dossier, seance: Seance | None) -> str:
    """Return where the prescriber comes to present a dossier, "" when they do not."""
    if seance is None or dossier.commission.prescripteur is PresencePrescripteur.NON:
        return ""
    la = passage_de(session, dossier.id, seance.id)
    return lieu_de(seance) if vient(dossier.commission, la.details.get(CONVIE) if la else None) else ""


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
    """Have what was put off while no session had room join the one that is now planned, as far as it has."""
    venus = []
    for dossier in en_attente(session, seance):
        if a_de_la_place(session, seance, dossier):
            _inscrire(session, clock, dossier, seance)
            venus.append((dossier, seance))
    annoncer(session, clock, seance, venus, PREVUE)


def en_attente(session: Session, seance: Seance) -> list[Dossier]:
    """Return the dossiers of a session's commission that were put off while none had room, oldest first."""
    revenu = select(PassageSeance.id).where(
        PassageSeance.dossier_id == Dossier.id, PassageSeance.issue.in_((AJOURNE, REPORTE))
    )
    return list(
        session.scalars(
            select(Dossier)
            .where(
                Dossier.commission_id == seance.commission_id,
                Dossier.statut == StatutDossier.RECEVABLE,
                Dossier.seance_id.is_(None),
                revenu.exists(),
            )
            .order_by(Dossier.depose_le, Dossier.id)
        )
    )
