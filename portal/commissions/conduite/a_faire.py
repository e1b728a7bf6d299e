"""« À faire »: sessions to open or under way, consultations in writing to be concluded. Part of what
`portal.shared.attentes` reads in one statement."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import and_, exists, or_

from portal.commissions.conduite.queries import du_secretariat, suit, tient
from portal.commissions.conduite.regles import AVANCE
from portal.commissions.enums import StatutSeance
from portal.commissions.enums_dossiers import StatutDecision
from portal.commissions.models import Commission
from portal.commissions.models_decisions import ConduiteSeance, Decision
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.commissions.queries_seances import est_ouverte
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect

SUIVRE, OUVRIR, CONCLURE = "seance_suivre", "seance_ouvrir", "urgence_conclure"
OUBLIEE = timedelta(hours=12)
"""A session that nobody opened, or closed, is told no more so long after its end, but to who closes it."""

MONTREES = 8


def attentes(clock: Clock, actor: Actor) -> list[AnySelect]:
    """Return what to look for. SUIVRE, OUVRIR: `ref` of a session, `libelle`: its commission. CONCLURE: a
    consultation whose time is over; `ref`: its address under `/seances/`, `libelle`: the dossier's code."""
    if not can(actor, Permission.DOSSIERS_SUIVRE):
        return []
    now = clock.now()
    recente = Seance.fin > now - OUBLIEE
    sienne = or_(du_secretariat(actor), and_(recente, tient(actor, clock)))
    found = [
        _seances(SUIVRE)
        .join(ConduiteSeance, ConduiteSeance.seance_id == Seance.id)
        .where(
            suit(actor, clock),
            sienne,
            ConduiteSeance.ouverte_le.is_not(None),
            ConduiteSeance.close_le.is_(None),
        )
    ]
    if can(actor, Permission.DOSSIERS_DECIDER):
        a_ouvrir = (
            du_secretariat(actor),
            Seance.statut == StatutSeance.CONVOQUEE,
            Seance.debut <= now + AVANCE,
            recente,
            exists().where(Dossier.seance_id == Seance.id),
        )
        found.append(_seances(OUVRIR).where(*a_ouvrir, ~est_ouverte()))
        adresse = Seance.ref + "/conduite/dossiers/" + Dossier.ref + "/consultation"
        found.append(
            attente(CONCLURE, ref=adresse, libelle=Dossier.code)
            .select_from(Decision)
            .join(Dossier, Dossier.id == Decision.dossier_id)
            .join(Seance, Seance.id == Decision.seance_id)
            .join(Commission, Commission.id == Seance.commission_id)
            .where(
                du_secretariat(actor),
                Decision.ecrite.is_(True),
                Decision.statut == StatutDecision.REDIGEE,
                Decision.repondre_avant <= now,
                Dossier.seance_id == Seance.id,
                ~est_ouverte(),
            )
            .order_by(Decision.repondre_avant, Decision.id)
            .limit(MONTREES)
        )
    return found


def _seances(quoi: str) -> AnySelect:
    return (
        attente(quoi, ref=Seance.ref, libelle=Commission.nom)
        .select_from(Seance)
        .join(Commission, Commission.id == Seance.commission_id)
        .order_by(Seance.debut, Seance.id)
        .limit(MONTREES)
    )


def lues(autres: Mapping[str, Sequence[AnyRow]]) -> dict[str, Sequence[AnyRow]]:
    """Return what waits here of what all the rooms wait for, by kind; empty when nothing does."""
    kinds = {"suivre": SUIVRE, "ouvrir": OUVRIR, "conclure": CONCLURE}
    return {name: rows for name, kind in kinds.items() if (rows := autres.get(kind))}
