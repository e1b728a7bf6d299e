"""The lists of dossiers, of those that the actor may see: they select columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.commissions.dossiers.policies import Regard
from portal.commissions.dossiers.queries import autorisee, regards_sql, visibles
from portal.commissions.dossiers.workflow import OUVERTS
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models import Commission
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.grilles.menages.identites import designations
from portal.grilles.menages.models import Menage
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.pagination import Cursor, Page, paginate, with_keys

TAILLE = 50
EN_COURS = sorted(OUVERTS, key=lambda one: one.value)


@dataclass(frozen=True)
class LigneDossier:
    """A dossier as lists show it. `designation`: names where the reader may read them, else the code."""

    ref: str
    code: str
    designation: str
    statut: StatutDossier
    commission: str
    commission_ref: str
    organisation: str
    departement_code: str
    depose_le: datetime | None
    complement_avant: date | None
    seance_ref: str | None
    seance_debut: datetime | None
    ajournements: int
    urgent: bool
    protege: bool
    autorisee: bool


FILTRES: dict[str, tuple[StatutDossier, ...]] = {
    "a_completer": (StatutDossier.BROUILLON, StatutDossier.INCOMPLET),
    "a_verifier": (StatutDossier.DEPOSE,),
    "a_inscrire": (StatutDossier.RECEVABLE,),
    "inscrits": (StatutDossier.INSCRIT, StatutDossier.EN_SEANCE),
    "decides": (StatutDossier.DECIDE, StatutDossier.NOTIFIE, StatutDossier.RECOURS),
    "clos": (StatutDossier.CLOS, StatutDossier.RADIE),
}


def lister(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    filtre: str = "",
    commission_ref: str = "",
    code: str = "",
    cursor: Cursor | None = None,
) -> tuple[Page, list[LigneDossier]]:
    """Return a page of the dossiers that the actor sees, the newest first. Two statements.

    `filtre`: one of FILTRES, else all but those that are over; `code`: exactly that of one dossier.
    """
    keys = (Dossier.created_at, Dossier.id)
    droits = regards_sql(actor, clock)
    de_droit = or_(droits[Regard.PRESCRIPTEUR], droits[Regard.SIAO])
    statement = (
        select(
            Dossier.ref,
            Dossier.code,
            Dossier.menage_id,
            Dossier.statut,
            Commission.nom.label("commission"),
            Commission.ref.label("commission_ref"),
            Organisation.nom.label("organisation"),
            Dossier.departement_code,
            Dossier.depose_le,
            Dossier.complement_avant,
            Seance.ref.label("seance_ref"),
            Seance.debut.label("seance_debut"),
            Dossier.ajournements,
            Dossier.urgent,
            Menage.protege,
            autorisee(clock).label("autorisee"),
            de_droit.label("de_droit"),
        )
        .join(Commission, Commission.id == Dossier.commission_id)
        .join(Organisation, Organisation.id == Dossier.organisation_id)
        .join(Menage, Menage.id == Dossier.menage_id)
        .outerjoin(Seance, Seance.id == Dossier.seance_id)
        .where(visibles(actor, clock), Dossier.statut.in_(FILTRES.get(filtre, EN_COURS)))
    )
    if commission_ref:
        statement = statement.where(Commission.ref == commission_ref)
    if code:
        statement = statement.where(Dossier.code == code.strip().upper())
    page = paginate(session, with_keys(statement, keys), keys, cursor=cursor, size=TAILLE, descending=True)
    noms = designations(session, {row.menage_id: row.code for row in page.rows if row.de_droit})
    return page, [_ligne(row, noms.get(row.menage_id, row.code)) for row in page.rows]


def _ligne(row: AnyRow, designation: str) -> LigneDossier:
    values = dict(row._mapping)
    kept = {name: values[name] for name in LigneDossier.__dataclass_fields__ if name != "designation"}
    return LigneDossier(designation=row.code if row.protege else designation, **kept)


def du_menage(session: Session, clock: Clock, actor: Actor, menage_id: int) -> Sequence[AnyRow]:
    """Return the dossiers of a household that the actor sees, newest first: ref, code, statut, commission,
    seance_debut, departement_code. One statement."""
    return fetch(
        session,
        select(
            Dossier.ref,
            Dossier.code,
            Dossier.statut,
            Commission.nom.label("commission"),
            Seance.debut.label("seance_debut"),
            Dossier.departement_code,
        )
        .join(Commission, Commission.id == Dossier.commission_id)
        .outerjoin(Seance, Seance.id == Dossier.seance_id)
        .where(Dossier.menage_id == menage_id, visibles(actor, clock))
        .order_by(Dossier.id.desc())
        .limit(20),
    )
