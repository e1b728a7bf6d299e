"""Opening, changing, putting into service and closing commissions. Services flush, never commit."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.annuaire.indexation import aujourdhui
from portal.audit.diff import changed, plain, snapshot
from portal.audit.service import record
from portal.commissions.enums import Qualite, StatutCommission, StatutSeance
from portal.commissions.models import College, Commission
from portal.commissions.models_seances import Seance
from portal.commissions.nomenclatures import prereglages
from portal.commissions.policies import Vise
from portal.commissions.saisie import SaisieCommission, commission_values
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.organisations.saisie import Refusals
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, StaleVersion
from portal.shared.text import sort_key

VALIDES = (
    *("portee", "dossiers", "autorisation", "regle", "voix_par", "voix_preponderante", "quorum"),
    *("convocation_jours", "ordre_du_jour_jours", "urgence_heures", "complement_jours"),
    *("recours", "recours_jours", "decisions", "menage", "prescripteur", "releve"),
)
"""What the State validates: once the commission is in service, it alone changes them. The voices of the
colleges too (`composition`)."""


def ouvrir(
    session: Session,
    clock: Clock,
    actor: Actor,
    prereglage_code: str,
    departement_code: str,
    secretariat: Organisation,
    typed: SaisieCommission,
    *,
    key: str = "",
) -> Commission:
    """Open a commission in preparation, with the colleges of its preset.

    `key`: the form's idempotency key. Raises Forbidden, DomainErrors, DomainError.
    """
    require(
        actor,
        Permission.COMMISSIONS_CONFIGURER,
        Vise(departement_code, actor.organisation_id, secretariat.id),
    )
    ref = keyed_ref(key, Commission.__tablename__, actor.adhesion_id)
    again = session.scalar(select(Commission).where(Commission.ref == ref)) if ref else None
    if again is not None:
        return again
    prereglage = prereglages().get(prereglage_code)
    if prereglage is None:
        raise DomainError("commissions.prereglage")
    _secretariat_ici(session, secretariat, departement_code)
    values = commission_values(typed)
    _nom_libre(session, departement_code, values["tri"])
    now = clock.now()
    commission = Commission(
        departement_code=departement_code,
        organisation_id=actor.organisation_id,
        secretariat=secretariat,
        prereglage_code=prereglage.code,
        statut=StatutCommission.EN_PREPARATION,
        created_at=now,
        updated_at=now,
        **values,
    )
    if ref:
        commission.ref = ref
    commission.colleges = [
        College(
            nom=one.nom,
            tri=sort_key(one.nom),
            rang=rang,
            voix=one.voix,
            poids=one.poids,
            suppleants=True,
            types=[kind.value for kind in one.types],
        )
        for rang, one in enumerate(prereglage.colleges, 1)
    ]
    session.add(commission)
    session.flush()
    facts = {name: [None, plain(value)] for name, value in values.items() if value not in (None, "", [])}
    record(session, clock, actor, "commissions:commission:ouvrir", commission, changes=facts)
    return commission


def modifier(
    session: Session,
    clock: Clock,
    actor: Actor,
    commission: Commission,
    secretariat: Organisation,
    typed: SaisieCommission,
    *,
    version: int,
) -> Commission:
    """Change how a commission is configured; in service, the State alone changes what it validated.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    commission = tenir(session, actor, commission, version)
    values = commission_values(typed)
    if commission.statut is StatutCommission.OUVERTE:
        revalider(clock, actor, commission, [x for x in VALIDES if values[x] != getattr(commission, x)])
    if secretariat.id != commission.secretariat_id:
        _secretariat_ici(session, secretariat, commission.departement_code)
    _nom_libre(session, commission.departement_code, values["tri"], commission.id)
    fields = (*values, "secretariat_id")
    before = snapshot(commission, fields)
    for name, value in values.items():
        setattr(commission, name, value)
    commission.secretariat = secretariat
    session.flush()
    finir(session, clock, actor, commission, "modifier", changed(before, snapshot(commission, fields)))
    return commission


def mettre_en_service(
    session: Session, clock: Clock, actor: Actor, commission: Commission, *, version: int
) -> Commission:
    """Validate the configuration: the commission may convene (§ 10.3, « V » of the State).

    Raises Forbidden, StaleVersion, DomainError when nobody chairs it or a college has no seat.
    """
    require(actor, Permission.COMMISSIONS_VALIDER, commission)
    commission = _relire(session, commission, version)
    if commission.statut is not StatutCommission.EN_PREPARATION:
        raise DomainError("etat.transition_impossible", etat=commission.statut)
    verifier_composition(commission)
    commission.statut = StatutCommission.OUVERTE
    _valider(clock, actor, commission)
    change = {"statut": [StatutCommission.EN_PREPARATION.value, StatutCommission.OUVERTE.value]}
    finir(session, clock, actor, commission, "mettre_en_service", change)
    return commission


def _valider(clock: Clock, actor: Actor, commission: Commission) -> None:
    commission.validee_le = clock.now()
    commission.validee_par = f"{actor.nom} ({actor.organisation_nom})"[:200]


def revalider(clock: Clock, actor: Actor, commission: Commission, fields: list[str]) -> None:
    """Have who changes what was validated validate it anew. Raises DomainErrors for those who may not."""
    if fields and can(actor, Permission.COMMISSIONS_VALIDER, commission):
        _valider(clock, actor, commission)
        return
    refusals = Refusals()
    for name in fields:
        refusals.add("commissions.valide", name)
    refusals.raise_any()


def verifier_composition(commission: Commission) -> None:
    """Refuse a composition with which nobody could decide. Raises DomainError."""
    seated = [siege for siege in commission.sieges if siege.au is None]
    if not any(siege.qualite is Qualite.PRESIDENCE for siege in seated):
        raise DomainError("commissions.sans_presidence")
    if not any(siege.college_id for siege in seated):
        raise DomainError("commissions.sans_membre")
    held = {siege.college_id for siege in seated}
    empty = [college.nom for college in commission.colleges if college.id not in held]
    if empty:
        raise DomainError("commissions.college_vide", noms=", ".join(empty))


def fermer(session: Session, clock: Clock, actor: Actor, commission: Commission, *, version: int) -> None:
    """Close a commission today: it stays readable. Raises Forbidden, StaleVersion, DomainError while a
    session is to come: those invited would not know that it is not held.
    """
    commission = tenir(session, actor, commission, version)
    coming = session.scalar(
        select(func.count(Seance.id)).where(
            Seance.commission_id == commission.id,
            Seance.statut != StatutSeance.ANNULEE,
            Seance.fin > clock.now(),
        )
    )
    if coming:
        raise DomainError("commissions.seances_a_venir", nombre=coming)
    before = commission.statut.value
    commission.statut = StatutCommission.FERMEE
    commission.fermee_le = aujourdhui(session, clock, commission.departement_code)
    change = {"statut": [before, StatutCommission.FERMEE.value]}
    finir(session, clock, actor, commission, "fermer", change)


def tenir(session: Session, actor: Actor, commission: Commission, version: int) -> Commission:
    """Return an open commission as it now is, held until the end of the transaction, to configure it.

    Raises Forbidden, StaleVersion, DomainError.
    """
    require(actor, Permission.COMMISSIONS_CONFIGURER, commission)
    current = _relire(session, commission, version)
    if current.statut is StatutCommission.FERMEE:
        raise DomainError("commissions.fermee")
    return current


def finir(
    session: Session, clock: Clock, actor: Actor, commission: Commission, act: str, changes: dict[str, Any]
) -> None:
    """End an act on a commission, unless it changes nothing: its date, its version, the journal."""
    if not changes:
        return
    commission.updated_at = clock.now()
    session.flush()
    record(session, clock, actor, f"commissions:commission:{act}", commission, changes=changes)


def _relire(session: Session, commission: Commission, version: int) -> Commission:
    current = session.get(Commission, commission.id, with_for_update=True, populate_existing=True)
    if current is None or current.version != version:
        raise StaleVersion(current)
    return current


def _secretariat_ici(session: Session, secretariat: Organisation, departement_code: str) -> None:
    here = select(OrganisationDepartement.organisation_id).where(
        OrganisationDepartement.organisation_id == secretariat.id,
        OrganisationDepartement.departement_code == departement_code,
    )
    if secretariat.fermee_le is not None or session.scalar(here) is None:
        raise DomainError("commissions.secretariat", "secretariat")


def _nom_libre(session: Session, departement_code: str, tri: str, own_id: int = 0) -> None:
    """Say before the database does that an open commission has this name."""
    with session.no_autoflush:
        taken = session.scalar(
            select(Commission.id).where(
                Commission.departement_code == departement_code,
                Commission.tri == tri,
                Commission.fermee_le.is_(None),
                Commission.id != own_id,
            )
        )
    if taken is not None:
        raise DomainError("commissions.nom_existe", "nom")
