"""« À faire »: dossiers given back to their prescriber, to be checked or put on an agenda by the secretariat,
opinions that those who sit have not given. Part of what `portal.shared.attentes` reads in one statement."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, exists, func, select

from portal.annuaire.models import Referent
from portal.commissions.dossiers import queries
from portal.commissions.enums import Qualite
from portal.commissions.enums_dossiers import StatutDecision, StatutDossier
from portal.commissions.models import Commission
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier, DossierAvis
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.queries_seances import est_ouverte
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect

COMPLETER, VERIFIER, INSCRIRE, AVIS, CONSULTE = (
    "dossier_completer",
    "dossier_verifier",
    "dossier_inscrire",
    "dossier_avis",
    "dossier_consulte",
)
MONTREES = 8


def attentes(clock: Clock, actor: Actor) -> list[AnySelect]:
    """Return what to look for. COMPLETER: `ref` of a dossier, `libelle`: its code. VERIFIER, INSCRIRE: `ref`
    and `libelle` of a commission, `nombre` of dossiers. AVIS: `ref` of a session, `libelle`: its commission,
    `nombre` of dossiers without the reader's organisation's opinion. CONSULTE: the same of those on which
    the members are consulted in writing; `ref` of the dossier, `libelle`: its code."""
    found: list[AnySelect] = []
    if can(actor, Permission.DOSSIERS_DEPOSER):
        found.append(
            attente(COMPLETER, ref=Dossier.ref, libelle=Dossier.code)
            .where(queries.prescrit(actor, clock), Dossier.statut == StatutDossier.INCOMPLET)
            .order_by(Dossier.complement_avant, Dossier.id)
            .limit(MONTREES)
        )
    if can(actor, Permission.DOSSIERS_INSTRUIRE):
        found += [
            _par_commission(VERIFIER, actor, Dossier.statut == StatutDossier.DEPOSE),
            _par_commission(INSCRIRE, actor, Dossier.statut == StatutDossier.RECEVABLE),
        ]
    if can(actor, Permission.DOSSIERS_AVISER):
        consulte = exists().where(
            Decision.dossier_id == Dossier.id,
            Decision.seance_id == Dossier.seance_id,
            Decision.ecrite.is_(True),
            Decision.statut == StatutDecision.REDIGEE,
        )
        attendus = _sans_avis(clock, actor)
        found.append(
            attente(CONSULTE, ref=Dossier.ref, libelle=Dossier.code)
            .select_from(Dossier)
            .join(Seance, Seance.id == Dossier.seance_id)
            .where(*attendus, consulte)
            .order_by(Seance.debut, Dossier.id)
            .limit(MONTREES)
        )
        found.append(
            attente(AVIS, ref=Seance.ref, libelle=Commission.nom, nombre=func.count(Dossier.id))
            .select_from(Dossier)
            .join(Seance, Seance.id == Dossier.seance_id)
            .join(Commission, Commission.id == Seance.commission_id)
            .where(*attendus, ~consulte)
            .group_by(Seance.id, Seance.ref, Seance.debut, Commission.nom)
            .order_by(Seance.debut, Seance.id)
            .limit(MONTREES)
        )
    return found


def _par_commission(quoi: str, actor: Actor, condition: ColumnElement[bool]) -> AnySelect:
    return (
        attente(quoi, ref=Commission.ref, libelle=Commission.nom, nombre=func.count(Dossier.id))
        .select_from(Commission)
        .join(Dossier, Dossier.commission_id == Commission.id)
        .where(
            Commission.secretariat_id == actor.organisation_id,
            Commission.departement_code.in_(actor.departements),
            condition,
        )
        .group_by(Commission.id, Commission.ref, Commission.nom, Commission.tri)
        .order_by(Commission.tri, Commission.id)
        .limit(MONTREES)
    )


def _sans_avis(clock: Clock, actor: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions « the actor's organisation is asked for an opinion on this dossier, and has given
    none », for a statement that reads `Dossier` and its `Seance`."""
    donne = exists().where(
        DossierAvis.dossier_id == Dossier.id,
        DossierAvis.seance_id == Dossier.seance_id,
        DossierAvis.organisation_id == actor.organisation_id,
    )
    appele = (
        select(InvitationSeance.id)
        .join(Referent, Referent.id == InvitationSeance.referent_id)
        .where(
            InvitationSeance.seance_id == Dossier.seance_id,
            InvitationSeance.retiree_le.is_(None),
            InvitationSeance.qualite.in_((Qualite.MEMBRE, Qualite.PRESIDENCE)),
            Referent.organisation_id == actor.organisation_id,
        )
        .exists()
    )
    return [
        Seance.debut > clock.now(),
        ~est_ouverte(),
        Dossier.statut == StatutDossier.INSCRIT,
        ~queries.partie(actor.organisation_id),
        queries.siege(actor, clock),
        appele,
        ~donne,
    ]


def lues(found: Mapping[str, Sequence[AnyRow]]) -> dict[str, Sequence[AnyRow]] | None:
    """Return what `attentes` found, by kind; None when nothing waits."""
    kept = {
        "completer": found[COMPLETER],
        "verifier": found[VERIFIER],
        "inscrire": found[INSCRIRE],
        "consulte": found[CONSULTE],
        "avis": found[AVIS],
    }
    return kept if any(kept.values()) else None
