"""Acts on a round as a whole: opening it, who is at the table, its end (domaine.md § 5.3)."""

from collections.abc import Sequence
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.audit.service import record
from portal.conventions.creation import etat_de
from portal.conventions.ecriture import auteur, base_traduite
from portal.conventions.policies import partie_de
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.service import court
from portal.conventions.redaction.socle import derniere_publiee, socle
from portal.conventions.tours import avis
from portal.conventions.tours.cloture import remplir_les_conventions
from portal.conventions.tours.ecriture import Prise, prendre
from portal.conventions.tours.enums import StatutTour
from portal.conventions.tours.models import Tour, TourClause, TourParticipant
from portal.conventions.tours.perimetre import perimetre
from portal.conventions.tours.policies import Vise
from portal.conventions.tours.table import invitables
from portal.conventions.tours.workflow import WORKFLOW
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Nature, Organisation
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden

INTITULE = 160
MOTIF = 1000


def ouvrir(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    nature_code: str,
    siao_ref: str = "",
    operateurs: Sequence[str] = (),
    intitule: str = "",
    cle: str | None = None,
) -> Tour:
    """Open a round on a nature; the party that opens it proposes the model's defaults as the common base.

    `siao_ref`: needed from the State of a département with several; `operateurs`: references of those at the
    table. The same form sent twice opens one. Raises Forbidden, DomainError.
    """
    siao = _siao(session, actor, siao_ref)
    if not can(actor, Permission.TOURS_PILOTER, Vise(siao.departement_code, siao.id)):
        raise Forbidden(Permission.TOURS_PILOTER.value)
    if cle:
        deja = session.scalar(select(Tour).where(Tour.idempotence == cle, Tour.siao_id == siao.id))
        if deja is not None:
            return deja
    tour = _nouveau(session, clock, actor, siao, nature_code, court(intitule, "intitule", INTITULE))
    tour.idempotence = cle or None
    communes = perimetre(socle(session, tour.version_departementale_id), nature_code).clauses
    if not communes:
        raise DomainError("tours.sans_clause", "nature")
    _verifier_libre(session, tour)
    with base_traduite(session):
        session.add(tour)
        session.flush()
        for code, commune in communes.items():
            session.add(_clause(clock, actor, tour, code, commune.clause.attention))
        prise = Prise(session, clock, actor, tour, {})
        noms = _asseoir(prise, operateurs)
    record(
        session,
        clock,
        actor,
        "tours:tour:ouvrir",
        tour,
        changes={"nature": nature_code, "operateurs": noms, "clauses": len(communes)},
    )
    return tour


def _siao(session: Session, actor: Actor, ref: str) -> Organisation:
    """Return the SIAO of the round: the actor's own, else the one named, of its département."""
    if actor.profil in SIAO:
        return session.get_one(Organisation, actor.organisation_id)
    siao = session.scalar(
        select(Organisation).where(
            Organisation.ref == ref,
            Organisation.type == TypeOrganisation.SIAO,
            Organisation.departement_code == actor.departement_code,
            Organisation.fermee_le.is_(None),
        )
    )
    if siao is None:
        raise DomainError("tours.siao_absent", "siao")
    return siao


def _nouveau(
    session: Session, clock: Clock, actor: Actor, siao: Organisation, nature_code: str, intitule: str
) -> Tour:
    if session.scalar(select(Nature.code).where(Nature.code == nature_code)) is None:
        raise DomainError("tours.nature_absente", "nature")
    version_id = derniere_publiee(session, siao.departement_code)
    if version_id is None:
        raise DomainError("redaction.version_absente")
    return Tour(
        departement_code=siao.departement_code,
        siao_id=siao.id,
        etat_id=etat_de(session, siao).id,
        nature_code=nature_code,
        version_departementale_id=version_id,
        intitule=intitule,
        ouvert_par=auteur(actor),
        statut=StatutTour.OUVERT,
        created_at=clock.now(),
        updated_at=clock.now(),
    )


def _verifier_libre(session: Session, tour: Tour) -> None:
    autre = session.scalar(
        select(Tour.id).where(
            Tour.siao_id == tour.siao_id,
            Tour.nature_code == tour.nature_code,
            Tour.statut == StatutTour.OUVERT,
        )
    )
    if autre is not None:
        raise DomainError("tours.deja_ouvert", "nature")


def _clause(clock: Clock, actor: Actor, tour: Tour, code: str, attention: bool) -> TourClause:
    clause = TourClause(tour_id=tour.id, code=code, attention=attention, updated_at=clock.now())
    partie = partie_de(actor)
    assert partie is not None
    setattr(clause, f"position_{partie.value}", Position.PROPOSEE)
    setattr(clause, f"{partie.value}_le", clock.now())
    setattr(clause, f"{partie.value}_par", auteur(actor))
    return clause


def composer_la_table(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, operateurs: Sequence[str]
) -> Tour:
    """Say which operators are at the table. One that leaves reads the round no more; what it said stays.

    Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    prise = prendre(session, clock, actor, ref, Permission.TOURS_PILOTER, version)
    _asseoir(prise, operateurs)
    prise.tour.updated_at = clock.now()
    flag_modified(prise.tour, "updated_at")  # even in the same instant: what forms carry is its version
    return prise.tour


def _asseoir(prise: Prise, refs: Sequence[str]) -> list[str]:
    """Seat these operators and no other; return their names."""
    session, tour = prise.session, prise.tour
    voulus = {row.id: row for row in invitables(session, tour.siao_id, tour.nature_code) if row.ref in refs}
    presents = {
        participant.operateur_id: participant
        for participant in session.scalars(
            select(TourParticipant).where(TourParticipant.tour_id == tour.id).order_by(TourParticipant.id)
        )
    }
    deja = session.execute(
        select(Organisation.id, Organisation.ref, Organisation.nom)
        .where(Organisation.id.in_(presents), Organisation.ref.in_(refs))
        .order_by(Organisation.tri, Organisation.id)
    ).all()
    voulus |= {row.id: row for row in deja}
    if not voulus:
        raise DomainError("tours.operateurs_absents", "operateurs")
    if len(voulus) < len(set(refs)):
        raise DomainError("tours.operateur_inconnu", "operateurs")
    now = prise.clock.now()
    arrives, partis = [], []
    for operateur_id, row in voulus.items():
        participant = presents.get(operateur_id)
        if participant is None:
            session.add(
                TourParticipant(
                    tour_id=tour.id, operateur_id=operateur_id, ajoute_le=now, ajoute_par=prise.par
                )
            )
        elif participant.retire_le is not None:
            participant.retire_le = None
        else:
            continue
        arrives.append((operateur_id, row.nom))
    for operateur_id, participant in presents.items():
        if operateur_id not in voulus and participant.retire_le is None:
            participant.retire_le = now
            partis.append(session.get_one(Organisation, operateur_id).nom)
    if arrives or partis:
        prise.noter("table:composer", {"arrives": [nom for _id, nom in arrives], "partis": partis})
    avis.invites(prise, [operateur_id for operateur_id, _nom in arrives])
    return [row.nom for row in voulus.values()]


def terminer(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, transition: str, *, motif: str = ""
) -> Tour:
    """Close, abandon or reopen a round; the last two say why.

    Closing writes what was agreed in each operator's convention (`cloture`). Raises NotVisible, Forbidden,
    StaleVersion, DomainError.
    """
    if transition not in {t.name for t in WORKFLOW}:
        raise DomainError("introuvable")
    prise = prendre(session, clock, actor, ref, Permission.TOURS_PILOTER, version, ouvert=False)
    tour, motif = prise.tour, court(motif, "motif", MOTIF)
    if transition != "clore" and not motif:
        raise DomainError("tours.motif_obligatoire", "motif")
    if transition == "rouvrir":
        _verifier_libre(session, tour)
    vise = Vise(tour.departement_code, tour.siao_id)

    def allowed(permission: Enum) -> bool:
        return isinstance(permission, Permission) and can(actor, permission, vise)

    with base_traduite(session):
        avant, apres = WORKFLOW.fire(tour, transition, allowed)
        tour.motif = motif if transition != "clore" else ""
        clos = apres is not StatutTour.OUVERT
        tour.clos_le, tour.clos_par = (clock.now(), prise.par) if clos else (None, "")
        tour.updated_at = clock.now()
        session.flush()
    faits = {"statut": [avant.value, apres.value]}
    bilans = remplir_les_conventions(prise) if transition == "clore" else {}
    prise.noter(f"tour:{transition}", {**faits, "motif": motif, "conventions": bilans})
    avis.termine(prise, transition)
    return tour
