"""Who sits: the colleges of a commission, and the functions of the directory that sit. Services flush."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.annuaire.indexation import aujourdhui, fonction_de
from portal.annuaire.models import Referent
from portal.audit.diff import changed, snapshot
from portal.commissions.enums import Qualite, StatutCommission, Voix
from portal.commissions.models import College, Commission, Siege
from portal.commissions.saisie import nombre, texte
from portal.commissions.service import finir, revalider, tenir
from portal.organisations.enums import TypeOrganisation
from portal.organisations.saisie import Refusals
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible
from portal.shared.text import sort_key

PRESIDENTS = 2
SIEGES, POIDS = (1, 200), (0, 100)


@dataclass(frozen=True, kw_only=True)
class SaisieCollege:
    """A college as typed; `sieges` None: as many as wanted."""

    nom: str
    voix: Voix = Voix.DELIBERATIVE
    poids: int = 1
    sieges: int | None = None
    suppleants: bool = True
    types: tuple[TypeOrganisation, ...] = ()


def college_de(commission: Commission, ref: str) -> College:
    """Return a college of a commission; raises NotVisible."""
    found = next((one for one in commission.colleges if one.ref == ref), None)
    if found is None:
        raise NotVisible(ref)
    return found


def siege_de(commission: Commission, ref: str) -> Siege:
    """Return a seat of a commission that is held now; raises NotVisible."""
    found = next((one for one in commission.sieges if one.ref == ref and one.au is None), None)
    if found is None:
        raise NotVisible(ref)
    return found


def ajouter_college(
    session: Session,
    clock: Clock,
    actor: Actor,
    commission: Commission,
    typed: SaisieCollege,
    *,
    version: int,
) -> College:
    """Add a college, after the others. Raises Forbidden, StaleVersion, DomainErrors, DomainError."""
    commission = tenir(session, actor, commission, version)
    values = _college_values(commission, typed)
    if values["voix"] is Voix.DELIBERATIVE:
        _revalider(clock, actor, commission, ["voix"])
    college = College(rang=max((one.rang for one in commission.colleges), default=0) + 1, **values)
    commission.colleges.append(college)
    _touch(commission)
    finir(session, clock, actor, commission, "ajouter_college", {"college": [None, college.nom]})
    return college


def modifier_college(
    session: Session,
    clock: Clock,
    actor: Actor,
    commission: Commission,
    college: College,
    typed: SaisieCollege,
    *,
    version: int,
) -> None:
    """Change a college. Raises Forbidden, StaleVersion, DomainErrors, DomainError."""
    commission = tenir(session, actor, commission, version)
    values = _college_values(commission, typed, college)
    _revalider(clock, actor, commission, [x for x in ("voix", "poids") if values[x] != getattr(college, x)])
    before = snapshot(college, tuple(values))
    for name, value in values.items():
        setattr(college, name, value)
    changes = changed(before, snapshot(college, tuple(values)))
    if changes:
        _touch(commission)
        finir(session, clock, actor, commission, "modifier_college", {"college": college.nom} | changes)


def retirer_college(
    session: Session, clock: Clock, actor: Actor, commission: Commission, college: College, *, version: int
) -> None:
    """Remove a college where nobody ever sat. Raises Forbidden, StaleVersion, DomainError."""
    commission = tenir(session, actor, commission, version)
    if any(siege.college_id == college.id for siege in commission.sieges):
        raise DomainError("commissions.college_occupe")
    commission.colleges.remove(college)
    _touch(commission)
    finir(session, clock, actor, commission, "retirer_college", {"college": [college.nom, None]})


def donner_siege(
    session: Session,
    clock: Clock,
    actor: Actor,
    commission: Commission,
    referent_ref: str,
    qualite: Qualite,
    college: College | None,
    *,
    version: int,
) -> Siege:
    """Have a function of the département's directory sit, from today.

    Raises Forbidden, StaleVersion, DomainError: it sits already, the college is full, two preside already.
    """
    commission = tenir(session, actor, commission, version)
    referent = session.scalar(
        select(Referent).where(
            Referent.ref == referent_ref,
            Referent.departement_code == commission.departement_code,
            Referent.ferme_le.is_(None),
        )
    )
    if referent is None:
        raise DomainError("commissions.fonction", "fonction")
    _check_siege(commission, referent, qualite, college)
    siege = Siege(
        college=college,
        referent=referent,
        qualite=qualite,
        du=aujourdhui(session, clock, commission.departement_code),
        created_at=clock.now(),
    )
    commission.sieges.append(siege)
    _touch(commission)
    finir(session, clock, actor, commission, "donner_siege", {"siege": [None, _dit(session, siege)]})
    return siege


def presider(
    session: Session,
    clock: Clock,
    actor: Actor,
    commission: Commission,
    siege_ref: str,
    *,
    preside: bool,
    version: int,
) -> None:
    """Have a member of a college chair from its seat, or chair no more.

    Raises Forbidden, StaleVersion, NotVisible, DomainError: two preside already.
    """
    commission = tenir(session, actor, commission, version)
    siege = siege_de(commission, siege_ref)
    if siege.college_id is None or siege.qualite not in (Qualite.MEMBRE, Qualite.PRESIDENCE):
        raise NotVisible(siege_ref)
    voulue = Qualite.PRESIDENCE if preside else Qualite.MEMBRE
    if siege.qualite is voulue:
        return
    if preside:
        _check_presidence(commission)
    avant, siege.qualite = siege.qualite, voulue
    _touch(commission)
    facts = {"siege": _dit(session, siege), "qualite": [avant.value, voulue.value]}
    finir(session, clock, actor, commission, "presider", facts)


def retirer_siege(
    session: Session, clock: Clock, actor: Actor, commission: Commission, siege_ref: str, *, version: int
) -> None:
    """End a seat yesterday; one given today is as if it had never been.

    Raises Forbidden, StaleVersion, NotVisible.
    """
    commission = tenir(session, actor, commission, version)
    siege = siege_de(commission, siege_ref)
    dit = _dit(session, siege)
    hier = aujourdhui(session, clock, commission.departement_code) - timedelta(days=1)
    if siege.du > hier:
        commission.sieges.remove(siege)
    else:
        siege.au = hier
    _touch(commission)
    finir(session, clock, actor, commission, "retirer_siege", {"siege": [dit, None]})


def _revalider(clock: Clock, actor: Actor, commission: Commission, fields: list[str]) -> None:
    """Have the State alone change who votes, and for how much, once the commission is in service."""
    if commission.statut is StatutCommission.OUVERTE:
        revalider(clock, actor, commission, fields)


def _check_siege(
    commission: Commission, referent: Referent, qualite: Qualite, college: College | None
) -> None:
    seated = [one for one in commission.sieges if one.au is None]
    if any(one.referent_id == referent.id for one in seated):
        raise DomainError("commissions.siege_existe", "fonction")
    if qualite is Qualite.MEMBRE and college is None:
        raise DomainError("commissions.college_absent", "place")
    if qualite is Qualite.PRESIDENCE:
        _check_presidence(commission)
    if college is None or college.sieges is None:
        return
    if sum(one.college_id == college.id for one in seated) >= college.sieges:
        raise DomainError("commissions.siege_complet", "place", nom=college.nom, nombre=college.sieges)


def _check_presidence(commission: Commission) -> None:
    presidents = sum(one.au is None and one.qualite is Qualite.PRESIDENCE for one in commission.sieges)
    if presidents >= PRESIDENTS:
        raise DomainError("commissions.deux_presidents", "place")


def _college_values(
    commission: Commission, typed: SaisieCollege, own: College | None = None
) -> dict[str, Any]:
    refusals = Refusals()
    nom = texte(refusals, typed.nom, "nom", 120)
    if not nom:
        refusals.add("obligatoire", "nom")
    if any(one.tri == sort_key(nom) for one in commission.colleges if one is not own):
        refusals.add("commissions.college_existe", "nom")
    nombre(refusals, typed.poids, "poids", POIDS)
    if typed.sieges is not None:
        nombre(refusals, typed.sieges, "sieges", SIEGES)
    refusals.raise_any()
    return {
        "nom": nom,
        "tri": sort_key(nom),
        "voix": typed.voix,
        "poids": typed.poids,
        "sieges": typed.sieges,
        "suppleants": typed.suppleants,
        "types": sorted(kind.value for kind in set(typed.types)),
    }


def _dit(session: Session, siege: Siege) -> str:
    """Return a seat as the journal says it: the function, its organisation, where it sits."""
    fonction = fonction_de(session, siege.referent.fonction_code).libelle.fr
    place = siege.college.nom if siege.college else siege.qualite.value
    return f"{fonction} – {siege.referent.organisation.nom} ({place})"


def _touch(commission: Commission) -> None:
    """Give the commission a new version, though its own columns are as they were."""
    flag_modified(commission, "updated_at")
