"""Reading a session while it is held: who follows it, its agenda, the decision on the table.

A poll that finds nothing new takes one statement; a page takes five, however many dossiers and members.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.annuaire.models import Referent, Titulaire
from portal.commissions.conduite.decisions import votes_lus
from portal.commissions.conduite.votes import Vote
from portal.commissions.dossiers.presentateur import CONVIE, vient
from portal.commissions.dossiers.queries import autorisee
from portal.commissions.enums import Qualite, StatutCommission, StatutSeance
from portal.commissions.enums_dossiers import StatutDecision, StatutDossier, StatutPrescription
from portal.commissions.models import Commission
from portal.commissions.models_decisions import ConduiteSeance, Decision, PassageSeance, Prescription
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.policies import SECRETAIRES
from portal.commissions.queries_seances import CONVIES, invitation_de
from portal.grilles.menages.models import Menage
from portal.grilles.menages.queries import siennes
from portal.organisations.models import Organisation
from portal.security.coffre import coffre
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import NotVisible

Condition = ColumnElement[bool]
BLOQUEES = "SITUATIONS_BLOQUEES"


@dataclass(frozen=True)
class Suivie:
    """A session that the actor follows. `conduit`: they write it; `protege`: they read the protected circuit
    (presidents, SIAO, secretariat: domaine.md § 7.6)."""

    seance: Seance
    conduite: ConduiteSeance | None
    conduit: bool
    protege: bool

    @property
    def ouverte(self) -> bool:
        """Whether the session is under way."""
        return self.conduite is not None and self.conduite.ouverte_le is not None and not self.close

    @property
    def close(self) -> bool:
        """Whether the session is closed."""
        return self.conduite is not None and self.conduite.close_le is not None

    @property
    def etat(self) -> int:
        """The number that live pages watch."""
        return self.conduite.etat if self.conduite else 0


def tient(actor: Actor, clock: Clock, *qualites: Qualite) -> Condition:
    """The actor was written to for a function of their own organisation that sits, or holds it today.

    A function invited beside the seats follows nothing by it.
    """
    jour = clock.today(actor.fuseau)
    titulaire = (
        exists()
        .where(
            Titulaire.referent_id == InvitationSeance.referent_id,
            Titulaire.du <= jour,
            or_(Titulaire.au.is_(None), Titulaire.au >= jour),
            or_(Titulaire.personne_id == actor.personne_id, Titulaire.email == actor.email),
        )
        .correlate(InvitationSeance)
    )
    return (
        exists()
        .where(
            InvitationSeance.seance_id == Seance.id,
            InvitationSeance.retiree_le.is_(None),
            InvitationSeance.qualite.in_(qualites)
            if qualites
            else or_(InvitationSeance.qualite != Qualite.INVITE, InvitationSeance.ajoutee_le.is_(None)),
            or_(invitation_de(actor), titulaire),
            Referent.id == InvitationSeance.referent_id,
            Referent.organisation_id.in_(siennes(actor)),
        )
        .correlate(Seance)
    )


def _du_siao(actor: Actor) -> Condition:
    return Seance.departement_code.in_(actor.departements) if actor.profil in SIAO else false()


def du_secretariat(actor: Actor) -> Condition:
    """Return the condition « the actor keeps the secretariat », for a statement that reads `Commission`."""
    if actor.profil not in SECRETAIRES:
        return false()
    return and_(
        Commission.secretariat_id == actor.organisation_id,
        Commission.departement_code.in_(actor.departements),
    )


def suit(actor: Actor, clock: Clock) -> Condition:
    """Return the condition « the actor follows this session »: they sit in it, keep its secretariat, or are
    of the SIAO of the département. For a statement that reads `Seance` and `Commission`."""
    if not can(actor, Permission.DOSSIERS_SUIVRE):
        return false()
    return and_(
        Seance.statut == StatutSeance.CONVOQUEE,
        or_(du_secretariat(actor), _du_siao(actor), tient(actor, clock)),
    )


def suivie(session: Session, clock: Clock, actor: Actor, ref: str) -> Suivie:
    """Return a session that the actor follows, with who is invited. Two statements. Raises NotVisible."""
    row = session.execute(
        select(
            Seance,
            ConduiteSeance,
            or_(du_secretariat(actor), _du_siao(actor), tient(actor, clock, Qualite.PRESIDENCE)).label(
                "protege"
            ),
        )
        .join(Commission, Commission.id == Seance.commission_id)
        .outerjoin(ConduiteSeance, ConduiteSeance.seance_id == Seance.id)
        .where(Seance.ref == ref, suit(actor, clock))
        .options(
            contains_eager(Seance.commission).joinedload(Commission.secretariat),
            CONVIES,
        )
    ).one_or_none()
    if row is None:
        raise NotVisible(ref)
    conduit = can(actor, Permission.DOSSIERS_DECIDER, row.Seance.commission)
    return Suivie(row.Seance, row.ConduiteSeance, conduit, row.protege)


def etat(session: Session, clock: Clock, actor: Actor, ref: str) -> int:
    """Return the number that the live pages of a session watch. One statement. Raises NotVisible."""
    found = fetch(
        session,
        select(func.coalesce(ConduiteSeance.etat, 0))
        .select_from(Seance)
        .join(Commission, Commission.id == Seance.commission_id)
        .outerjoin(ConduiteSeance, ConduiteSeance.seance_id == Seance.id)
        .where(Seance.ref == ref, suit(actor, clock))
        .order_by(Seance.id),
    )
    if not found:
        raise NotVisible(ref)
    return int(found[0][0])


@dataclass(frozen=True)
class Ligne:
    """A dossier of the agenda, by its code. `issue`: how it left this session; `ecrite`: where the decision
    in writing stands; `autorisee`: the household lets the commission read it, now; `presente`: the prescriber
    comes to present it."""

    id: int
    ref: str
    code: str
    rang: int
    statut: StatutDossier
    organisation: str
    ajournements: int
    urgent: bool
    menage_present: bool
    protege: bool
    autorisee: bool
    ici: bool
    issue: str
    ecrite: StatutDecision | None
    presente: bool

    @property
    def regle(self) -> bool:
        """Whether the session has nothing more to say of it."""
        return self.issue != "" and self.ecrite is not StatutDecision.A_CONFIRMER


def lignes(session: Session, clock: Clock, seance: Seance) -> list[Ligne]:
    """Return the agenda of a session in order: what is inscribed, and what left it. One statement."""
    seance_id = seance.id
    rows = fetch(
        session,
        select(
            Dossier.id,
            Dossier.ref,
            Dossier.code,
            func.coalesce(PassageSeance.rang, Dossier.rang, 0).label("rang"),
            Dossier.statut,
            Organisation.nom.label("organisation"),
            Dossier.ajournements,
            Dossier.urgent,
            Dossier.menage_present,
            Menage.protege,
            autorisee(clock).label("autorisee"),
            case((Dossier.seance_id == seance_id, true()), else_=false()).label("ici"),
            func.coalesce(PassageSeance.issue, "").label("issue"),
            Decision.statut.label("ecrite"),
            PassageSeance.details[CONVIE].as_string().label("convie_le"),
        )
        .join(Organisation, Organisation.id == Dossier.organisation_id)
        .join(Menage, Menage.id == Dossier.menage_id)
        .outerjoin(
            PassageSeance,
            and_(PassageSeance.dossier_id == Dossier.id, PassageSeance.seance_id == seance_id),
        )
        .outerjoin(
            Decision,
            and_(
                Decision.dossier_id == Dossier.id, Decision.seance_id == seance_id, Decision.ecrite.is_(True)
            ),
        )
        .where(or_(Dossier.seance_id == seance_id, PassageSeance.id.is_not(None)))
        .order_by(func.coalesce(PassageSeance.rang, Dossier.rang, 0), Dossier.id)
        .limit(500),
    )
    return [_ligne(row, seance.commission) for row in rows]


def _ligne(row: AnyRow, commission: Commission) -> Ligne:
    values = dict(row._mapping)
    return Ligne(presente=vient(commission, values.pop("convie_le")), **values)


@dataclass(frozen=True)
class PrescriptionLue:
    """What a decision prescribes, in words."""

    code: str
    porteur: str
    porteur_ref: str
    echeance: date | None
    precision: str
    statut: StatutPrescription


@dataclass(frozen=True)
class DecisionLue:
    """A decision, decrypted. `voix`: for who notes them alone; `totaux`: of the vote, once it is taken."""

    ref: str
    version: int
    statut: StatutDecision
    code: str
    motif: str
    conditions: str
    expression: str
    prise_le: datetime | None
    prise_par: str
    updated_at: datetime
    ecrite: bool
    repondre_avant: datetime | None
    consensus: bool
    prescriptions: Sequence[PrescriptionLue] = ()
    voix: Mapping[str, Vote] = field(default_factory=dict)
    totaux: Mapping[str, Any] = field(default_factory=dict)


def lire(session: Session, decision: Decision) -> DecisionLue:
    """Return a decision in clear, its prescriptions loaded or read."""
    vault = coffre(session)

    def clair(ferme: str) -> str:
        lu: str = vault.ouvrir(ferme) if ferme else ""
        return lu

    voix, consensus, totaux = votes_lus(session, decision)
    return DecisionLue(
        ref=decision.ref,
        version=decision.version,
        statut=decision.statut,
        code=decision.code,
        motif=clair(decision.motif),
        conditions=clair(decision.conditions),
        expression=clair(decision.expression),
        prise_le=decision.prise_le,
        prise_par=decision.prise_par,
        updated_at=decision.updated_at,
        ecrite=decision.ecrite,
        repondre_avant=decision.repondre_avant,
        consensus=consensus,
        prescriptions=[
            PrescriptionLue(
                row.code,
                row.porteur.nom if row.porteur else "",
                row.porteur.ref if row.porteur else "",
                row.echeance,
                clair(row.precision),
                row.statut,
            )
            for row in decision.prescriptions
        ],
        voix=voix,
        totaux=totaux,
    )


def decision(session: Session, suivie: Suivie, ref: str) -> Decision:
    """Return a decision of a session that is followed; raises NotVisible."""
    found = session.scalar(
        select(Decision).where(Decision.ref == ref, Decision.seance_id == suivie.seance.id)
    )
    if found is None:
        raise NotVisible(ref)
    return found


def dossier(session: Session, suivie: Suivie, ref: str) -> Dossier:
    """Return a dossier that is, or was, on the agenda of a session followed; raises NotVisible.

    One of the protected circuit exists for those alone who read it.
    """
    return examine(session, suivie, ref)[0]


def examine(session: Session, suivie: Suivie, ref: str) -> tuple[Dossier, dict[bool, Decision]]:
    """Return the same, and what is decided of it for the session, by whether it is in writing, with what it
    prescribes. One statement."""
    seance_id = suivie.seance.id
    passe = exists().where(PassageSeance.dossier_id == Dossier.id, PassageSeance.seance_id == seance_id)
    rows = (
        session.execute(
            select(Dossier, Decision)
            .outerjoin(Decision, and_(Decision.dossier_id == Dossier.id, Decision.seance_id == seance_id))
            .where(Dossier.ref == ref, or_(Dossier.seance_id == seance_id, passe))
            .options(
                joinedload(Dossier.menage),
                joinedload(Dossier.organisation),
                joinedload(Dossier.deports),
                joinedload(Decision.prescriptions).joinedload(Prescription.porteur),
            )
            .order_by(Decision.id)
        )
        .unique()
        .all()
    )
    if not rows or (rows[0].Dossier.menage.protege and not suivie.protege):
        raise NotVisible(ref)
    return rows[0].Dossier, {row.Decision.ecrite: row.Decision for row in rows if row.Decision}


def porteurs(suivie: Suivie, dossier: Dossier) -> list[tuple[str, str]]:
    """Return who may bear a prescription: those who sit, the prescriber's organisation, the secretariat."""
    found = {one.referent.organisation for one in suivie.seance.invitations}
    found |= {dossier.organisation, suivie.seance.commission.secretariat}
    return [(one.ref, one.nom) for one in sorted(found, key=lambda one: (one.tri, one.id))]


def situations_bloquees(session: Session, departement_code: str) -> Sequence[tuple[str, str]]:
    """Return the commissions of blocked cases in service in a département: reference and name."""
    rows = fetch(
        session,
        select(Commission.ref, Commission.nom)
        .where(
            Commission.departement_code == departement_code,
            Commission.prereglage_code == BLOQUEES,
            Commission.statut == StatutCommission.OUVERTE,
            Commission.fermee_le.is_(None),
        )
        .order_by(Commission.tri, Commission.id)
        .limit(5),
    )
    return [(row.ref, row.nom) for row in rows]
