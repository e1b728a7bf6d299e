"""« Déport »: an organisation party to a dossier speaks of it and does not vote (domaine.md § 7.2).

The one that presents the dossier withdraws of itself. Any other link is known by those whom it concerns: the
member declares it, or the secretariat does. The reason is one of a list, that tells nothing of the household.
Services flush, never commit.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session, selectinload

from portal.audit.service import record
from portal.commissions import direct
from portal.commissions.dossiers.lecture import exiger_les_textes
from portal.commissions.dossiers.policies import Regard, Vise, parties
from portal.commissions.dossiers.queries_agenda import appeles_sql
from portal.commissions.enums_dossiers import MotifDeport, StatutDecision, StatutDossier
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier, DossierAvis, DossierDeport
from portal.organisations.models import Organisation
from portal.organisations.saisie import Refusals
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import DomainError, Forbidden, NotVisible

INSTRUIRE = Permission.DOSSIERS_INSTRUIRE
AVANT_LA_DECISION = (StatutDossier.INSCRIT, StatutDossier.EN_SEANCE)


def declarables(actor: Actor, vise: Vise, siegent: Iterable[AnyRow]) -> list[AnyRow]:
    """Return the organisations whose withdrawal the actor may declare now, of those that sit in the dossier's
    session (id, ref, nom): to the secretariat, any; to a member, their own. None that withdrew already, but
    for a secretariat that is not to read which did."""
    if vise.dossier.statut not in AVANT_LA_DECISION:
        return []
    deja = {vise.dossier.organisation_id} if vise.hors_circuit else parties(vise.dossier)
    toutes = can(actor, INSTRUIRE, vise)
    sienne = actor.organisation_id if Regard.MEMBRE in vise.regards else None
    return [one for one in siegent if one.id not in deja and (toutes or one.id == sienne)]


def declarer(
    session: Session, clock: Clock, actor: Actor, vise: Vise, organisation_ref: str, motif: MotifDeport | None
) -> None:
    """Have an organisation withdraw from a dossier: it votes no more, and its written opinion is taken away,
    but for the record of a decision already taken upon it, in writing, that the session did not confirm.
    `organisation_ref`: "" for the only one that the actor may say it of. Twice is as once.

    Raises Forbidden, DomainErrors, DomainError once the dossier is decided.
    """
    dossier = vise.dossier
    secretaire = can(actor, INSTRUIRE, vise)
    if not secretaire:
        require(actor, Permission.DOSSIERS_LIRE, vise)
        if Regard.MEMBRE not in vise.regards:
            raise Forbidden(INSTRUIRE.value)
        exiger_les_textes(vise)
    _tenir(session, dossier)
    faits = {one.organisation.ref if secretaire else one.organisation_id for one in dossier.deports}
    if (organisation_ref if secretaire else actor.organisation_id) in faits:
        return
    possibles = declarables(actor, vise, _siegent(session, dossier))
    if not possibles and actor.organisation_id in parties(dossier):
        raise DomainError("dossiers.deport_deja")
    if len(possibles) == 1 and not organisation_ref:
        organisation_ref = possibles[0].ref
    organisation = next((one for one in possibles if one.ref == organisation_ref), None)
    refusals = Refusals()
    if organisation is None:
        refusals.add("dossiers.deport_organisme", "organisme")
    if motif is None:
        refusals.add("dossiers.deport_motif", "motif")
    refusals.raise_any()
    assert organisation is not None
    assert motif is not None
    dossier.deports.append(
        DossierDeport(
            organisation_id=organisation.id,
            motif=motif,
            le=clock.now(),
            par=f"{actor.nom} ({actor.organisation_nom})"[:200],
        )
    )
    prise_par_ecrit = exists().where(
        Decision.dossier_id == dossier.id,
        Decision.seance_id == dossier.seance_id,
        Decision.ecrite.is_(True),
        Decision.statut != StatutDecision.REDIGEE,
    )
    session.execute(
        delete(DossierAvis).where(
            DossierAvis.dossier_id == dossier.id,
            DossierAvis.seance_id == dossier.seance_id,
            DossierAvis.organisation_id == organisation.id,
            ~prise_par_ecrit,
        )
    )
    _noter(
        session, clock, actor, dossier, "declarer", {"organisation": organisation.nom, "motif": motif.value}
    )


def lever(session: Session, clock: Clock, actor: Actor, vise: Vise, organisation_ref: str) -> None:
    """Have an organisation vote again on a dossier: it had been declared by mistake. The secretariat alone,
    when it reads which withdrew.

    Raises Forbidden, NotVisible, DomainError once the dossier is decided.
    """
    require(actor, INSTRUIRE, vise)
    if vise.hors_circuit:
        raise NotVisible(organisation_ref)
    dossier = vise.dossier
    _tenir(session, dossier)
    found = next((one for one in dossier.deports if one.organisation.ref == organisation_ref), None)
    if found is None:
        raise NotVisible(organisation_ref)
    nom = found.organisation.nom
    dossier.deports.remove(found)
    _noter(session, clock, actor, dossier, "lever", {"organisation": nom})


def _siegent(session: Session, dossier: Dossier) -> Sequence[AnyRow]:
    if dossier.seance_id is None:
        return ()
    return fetch(
        session,
        select(Organisation.id, Organisation.ref, Organisation.nom)
        .where(Organisation.id.in_(appeles_sql(dossier.seance_id)))
        .order_by(Organisation.tri, Organisation.id),
    )


def _tenir(session: Session, dossier: Dossier) -> None:
    """Hold a dossier as it now is, its session first, as whoever decides of it does. Raises DomainError once
    it is decided: the vote is counted."""
    if dossier.seance_id is not None:
        direct.tenir(session, dossier.seance_id)
    session.scalar(
        select(Dossier)
        .where(Dossier.id == dossier.id)
        .options(selectinload(Dossier.deports).joinedload(DossierDeport.organisation))
        .with_for_update(of=Dossier)
        .execution_options(populate_existing=True)
    )
    if dossier.statut not in AVANT_LA_DECISION:
        raise DomainError("dossiers.deport_tard")


def _noter(
    session: Session, clock: Clock, actor: Actor, dossier: Dossier, geste: str, facts: dict[str, Any]
) -> None:
    """Tell every screen, and the journal: never which organisation is close to a protected household."""
    session.flush()
    if dossier.seance_id is not None:
        parts = (direct.TABLE, direct.DECISION, direct.ligne(dossier.id))
        direct.avancer(session, dossier.seance_id, *parts)
    dits = {} if dossier.menage.protege else facts
    record(session, clock, actor, f"dossiers:deport:{geste}", dossier, changes=dits)
