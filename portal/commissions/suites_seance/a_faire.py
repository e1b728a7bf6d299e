"""« À faire »: minutes to write, to read, to approve, to send; prescriptions whose day comes; appeals to have
examined. Part of what `portal.shared.attentes` reads in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, cast, exists, func, literal, or_

from portal.commissions.enums import Presence, StatutSeance
from portal.commissions.enums_dossiers import StatutPrescription, StatutReleve
from portal.commissions.models import Commission
from portal.commissions.models_decisions import (
    ApprobationReleve,
    CommentaireReleve,
    ConduiteSeance,
    Decision,
    Prescription,
    Recours,
    ReleveSeance,
)
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.suites_seance.parametres import RAPPEL_AVANT_JOURS
from portal.commissions.suites_seance.queries import PRISES, a_siege, preside
from portal.conventions.expressions import jours_entre
from portal.grilles.menages.queries import siennes
from portal.organisations import parametres
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect

MONTREES = 8
RECENTES = timedelta(days=60)
"""A session older than this asks for no minutes any more."""

REDIGER, APPROUVER, ENVOYER = "releve_rediger", "releve_approuver", "releve_envoyer"
REMARQUES, RELIRE = "releve_remarques", "releve_relire"
PRESCRIPTION, RECOURS = "prescription_suivre", "recours_instruire"


def attentes(clock: Clock, actor: Actor) -> list[AnySelect]:
    """Return what to look for. Those of the minutes: `ref` of a session, `libelle`: its commission, `quand`:
    its beginning. PRESCRIPTION, RECOURS: `ref` of one, `libelle`: the code of the dossier."""
    found = []
    remarquee = exists().where(
        CommentaireReleve.releve_id == ReleveSeance.id, CommentaireReleve.traite_le.is_(None)
    )
    if can(actor, Permission.RELEVES_APPROUVER):
        approved = exists().where(
            ApprobationReleve.releve_id == ReleveSeance.id,
            ApprobationReleve.organisation_id == actor.organisation_id,
        )
        found.append(
            _releves(APPROUVER)
            .join(ReleveSeance, ReleveSeance.seance_id == Seance.id)
            .where(
                preside(actor.organisation_id),
                ReleveSeance.statut == StatutReleve.RELECTURE,
                ~approved,
                ~remarquee,
            )
        )
    if can(actor, Permission.RELEVES_LIRE):
        sienne = exists().where(
            CommentaireReleve.releve_id == ReleveSeance.id,
            CommentaireReleve.organisation_id == actor.organisation_id,
        )
        found.append(
            _releves(RELIRE)
            .join(ReleveSeance, ReleveSeance.seance_id == Seance.id)
            .where(
                ReleveSeance.statut == StatutReleve.RELECTURE,
                ReleveSeance.relire_avant >= clock.today(actor.fuseau),
                a_siege(actor, clock, Seance.id),
                Commission.secretariat_id != actor.organisation_id,
                ~preside(actor.organisation_id),
                ~sienne,
            )
        )
    if can(actor, Permission.RELEVES_ECRIRE):
        own = Commission.secretariat_id == actor.organisation_id
        close = exists().where(ConduiteSeance.seance_id == Seance.id, ConduiteSeance.close_le.is_not(None))
        tenue = exists().where(
            InvitationSeance.seance_id == Seance.id, InvitationSeance.presence == Presence.PRESENTE
        )
        found += [
            _releves(REDIGER).where(
                own,
                Seance.statut == StatutSeance.CONVOQUEE,
                or_(Seance.fin <= clock.now(), close),
                Seance.fin > clock.now() - RECENTES,
                tenue,
                ~exists().where(
                    ReleveSeance.seance_id == Seance.id, ReleveSeance.statut != StatutReleve.BROUILLON
                ),
            ),
            _releves(REMARQUES)
            .join(ReleveSeance, ReleveSeance.seance_id == Seance.id)
            .where(own, ReleveSeance.statut == StatutReleve.RELECTURE, remarquee),
            _releves(ENVOYER)
            .join(ReleveSeance, ReleveSeance.seance_id == Seance.id)
            .where(own, ReleveSeance.statut == StatutReleve.APPROUVE),
            attente(RECOURS, ref=Recours.ref, libelle=Dossier.code)
            .join(Decision, Decision.id == Recours.decision_id)
            .join(Dossier, Dossier.id == Decision.dossier_id)
            .join(Seance, Seance.id == Decision.seance_id)
            .join(Commission, Commission.id == Seance.commission_id)
            .where(own, Recours.issue.is_(None))
            .order_by(Recours.id)
            .limit(MONTREES),
        ]
    if can(actor, Permission.PRESCRIPTIONS_SUIVRE):
        la_bas = parametres.stored(RAPPEL_AVANT_JOURS, Dossier.departement_code)
        avant = func.coalesce(cast(la_bas, Integer), RAPPEL_AVANT_JOURS.default)
        jour = literal(clock.today(actor.fuseau))
        found.append(
            attente(PRESCRIPTION, ref=Prescription.ref, libelle=Dossier.code)
            .join(Decision, Decision.id == Prescription.decision_id)
            .join(Dossier, Dossier.id == Decision.dossier_id)
            .where(
                Prescription.porteur_id.in_(siennes(actor)),
                Prescription.statut == StatutPrescription.A_FAIRE,
                jours_entre(jour, Prescription.echeance) <= avant,
                Decision.statut.in_(PRISES),
                Decision.notifiee_le.is_not(None),
            )
            .order_by(Prescription.echeance, Prescription.id)
            .limit(MONTREES)
        )
    return found


def _releves(quoi: str) -> AnySelect:
    return (
        attente(quoi, ref=Seance.ref, libelle=Commission.nom, quand=Seance.debut)
        .select_from(Seance)
        .join(Commission, Commission.id == Seance.commission_id)
        .order_by(Seance.debut, Seance.id)
        .limit(MONTREES)
    )


@dataclass(frozen=True)
class ReleveAttendu:
    """Minutes that wait for someone: of which session of which commission."""

    ref: str
    commission: str
    debut: datetime


def lues(autres: Mapping[str, Sequence[AnyRow]]) -> dict[str, Sequence[Any]]:
    """Return what waits here of what all the rooms wait for, by kind; empty when nothing does."""
    releves = {
        "approuver": APPROUVER,
        "rediger": REDIGER,
        "relire": RELIRE,
        "remarques": REMARQUES,
        "envoyer": ENVOYER,
    }
    found: dict[str, Sequence[Any]] = {
        name: [ReleveAttendu(row.ref, row.libelle, row.quand) for row in autres.get(kind, ())]
        for name, kind in releves.items()
    }
    found |= {"prescription": autres.get(PRESCRIPTION, ()), "recours": autres.get(RECOURS, ())}
    return {name: rows for name, rows in found.items() if rows}
