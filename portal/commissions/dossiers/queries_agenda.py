"""The agenda of a session, as each reader sees it: one list, in order, without a statement per dossier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent
from portal.commissions import textes
from portal.commissions.dossiers.policies import Regard
from portal.commissions.dossiers.queries import autorisee, partie, regards_sql, retiree, visibles
from portal.commissions.enums import Dossiers, Qualite
from portal.commissions.enums_dossiers import SensAvis, StatutDossier
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_dossiers import Dossier, DossierAvis, DossierDeport
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.suites_seance.queries_recours import recours_d_une_seance
from portal.grilles.menages.identites import designations
from portal.grilles.menages.models import Menage
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared import ensemble
from portal.shared.clock import Clock
from portal.shared.db import fetch


@dataclass(frozen=True)
class Agenda:
    """The dossiers of a session for a reader, in order. `fige_le`: when its papers were opened; `commencee`:
    whether it has begun, as `seances.commencee` says it; `acceptes`: whether the reader accepted the texts;
    `ordre`: fingerprint of the order, which forms carry; `etat`: the number that every change of it raises;
    `recours`: the appeals that the session examines, of those that the reader reads, the oldest first."""

    lignes: Sequence["LigneAgenda"]
    fige_le: datetime | None
    commencee: bool
    acceptes: bool
    ordre: str
    etat: int
    recours: Sequence[Any]


@dataclass(frozen=True)
class LigneAgenda:
    """A dossier of the agenda. `avis`: how many organisations gave theirs, of `attendus` asked;
    `sien`: that of the reader's; `partage`: opinions diverge, False while the commission hides them.
    """

    ref: str
    code: str
    designation: str
    statut: StatutDossier
    rang: int
    organisation: str
    ajournements: int
    urgent: bool
    menage_present: bool
    protege: bool
    autorisee: bool
    deport: bool
    avis: int
    attendus: int
    sien: SensAvis | None
    partage: bool


def agenda(session: Session, clock: Clock, actor: Actor, seance: Seance) -> Agenda:
    """Return the agenda of a session for a reader; empty when it is nobody's business of theirs. `seance`:
    with its invitations. Members read names once the texts are accepted. Three statements."""
    lues = ensemble.lire(
        session,
        {
            "ici": select(
                ConduiteSeance.fige_le,
                ConduiteSeance.ouverte_le,
                func.coalesce(ConduiteSeance.etat, 0).label("etat"),
                textes.a_accepter(actor, Seance.commission_id).label("textes_dus"),
            )
            .select_from(Seance)
            .outerjoin(ConduiteSeance, ConduiteSeance.seance_id == Seance.id)
            .where(Seance.id == seance.id),
            "recours": recours_d_une_seance(clock, actor, seance.id),
            "deports": select(DossierDeport.dossier_id, DossierDeport.organisation_id)
            .join(Dossier, Dossier.id == DossierDeport.dossier_id)
            .where(Dossier.seance_id == seance.id),
        },
    )
    ici = lues["ici"][0]
    droits = regards_sql(actor, clock)
    de_droit = or_(droits[Regard.PRESCRIPTEUR], droits[Regard.SIAO])
    un_avis = (
        DossierAvis.dossier_id == Dossier.id,
        DossierAvis.seance_id == seance.id,
        ~retiree(),
    )
    sien = (
        select(DossierAvis.sens)
        .where(*un_avis, DossierAvis.organisation_id == actor.organisation_id)
        .scalar_subquery()
    )
    tranches = (DossierAvis.sens != SensAvis.SANS_AVIS,)
    rows = fetch(
        session,
        select(
            Dossier.id,
            Dossier.ref,
            Dossier.code,
            Dossier.menage_id,
            Dossier.organisation_id,
            Dossier.statut,
            Dossier.rang,
            Organisation.nom.label("organisation"),
            Dossier.ajournements,
            Dossier.urgent,
            Dossier.menage_present,
            Menage.protege,
            autorisee(clock).label("autorisee"),
            partie(actor.organisation_id).label("deport"),
            de_droit.label("de_droit"),
            droits[Regard.MEMBRE].label("membre"),
            select(func.count()).where(*un_avis).scalar_subquery().label("avis"),
            sien.label("sien"),
            select(func.count(DossierAvis.sens.distinct()))
            .where(*un_avis, *tranches)
            .scalar_subquery()
            .label("sens"),
        )
        .join(Organisation, Organisation.id == Dossier.organisation_id)
        .join(Menage, Menage.id == Dossier.menage_id)
        .where(Dossier.seance_id == seance.id, visibles(actor, clock))
        .order_by(Dossier.rang, Dossier.id)
        .limit(500),
    )
    commission = seance.commission
    nominatif = commission.dossiers is Dossiers.NOMINATIFS
    lisibles = {
        row.menage_id: row.code
        for row in rows
        if row.de_droit or (not ici.textes_dus and nominatif and row.membre and row.autorisee)
    }
    designes = designations(session, lisibles)
    apres, secretaire = commission.avis_apres_le_sien, commission.secretariat_id == actor.organisation_id
    voix = {
        one.referent.organisation_id
        for one in seance.invitations
        if one.qualite in (Qualite.MEMBRE, Qualite.PRESIDENCE)
    }
    deportes: dict[int, set[int]] = {}
    for one in lues["deports"]:
        deportes.setdefault(one.dossier_id, set()).add(one.organisation_id)
    lignes = [
        LigneAgenda(
            ref=row.ref,
            code=row.code,
            designation=row.code if row.protege else designes.get(row.menage_id, row.code),
            statut=row.statut,
            rang=row.rang,
            organisation=row.organisation,
            ajournements=row.ajournements,
            urgent=row.urgent,
            menage_present=row.menage_present,
            protege=row.protege,
            autorisee=row.autorisee,
            deport=row.deport,
            avis=row.avis,
            attendus=len(voix - {row.organisation_id} - deportes.get(row.id, set())),
            sien=row.sien,
            partage=row.sens > 1 and (not apres or secretaire or row.sien is not None),
        )
        for row in rows
    ]
    ordre = ordre_de([row.ref for row in rows])
    return Agenda(
        lignes,
        ici.fige_le,
        seance.debut <= clock.now() or ici.ouverte_le is not None,
        not ici.textes_dus,
        ordre,
        ici.etat,
        sorted(lues["recours"], key=attrgetter("rang")),
    )


def etat(session: Session, clock: Clock, actor: Actor, seance_ref: str) -> int | None:
    """Return the number that every change of an agenda raises; None to who has none. One statement."""
    sienne = exists().where(Dossier.seance_id == Seance.id, visibles(actor, clock))
    return session.scalar(
        select(func.coalesce(ConduiteSeance.etat, 0))
        .select_from(Seance)
        .outerjoin(ConduiteSeance, ConduiteSeance.seance_id == Seance.id)
        .where(Seance.ref == seance_ref, sienne)
    )


def ordre_de(refs: Sequence[str]) -> str:
    """Return the fingerprint of an order: what a form compares before it changes it."""
    return ",".join(refs)


def appeles_sql(seance_id: int) -> Select[int]:
    """Return the statement of the organisations asked for an opinion in a session: those who sit in a college
    or preside."""
    return (
        select(Referent.organisation_id)
        .join(InvitationSeance, InvitationSeance.referent_id == Referent.id)
        .where(
            InvitationSeance.seance_id == seance_id,
            InvitationSeance.retiree_le.is_(None),
            InvitationSeance.qualite.in_((Qualite.MEMBRE, Qualite.PRESIDENCE)),
        )
    )


def appeles(session: Session, seance_id: int) -> frozenset[int]:
    """Return the organisations asked for an opinion in a session. One statement."""
    return frozenset(session.scalars(appeles_sql(seance_id).order_by(Referent.organisation_id)))
