"""Reading what follows a session: decisions, prescriptions. Always from what the actor may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Date, and_, exists, false, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from portal.annuaire.models import Referent, Titulaire
from portal.commissions.enums import Presence, Qualite, Reponse
from portal.commissions.enums_dossiers import StatutDecision, StatutPrescription
from portal.commissions.models import Commission, Siege
from portal.commissions.models_decisions import Decision, Prescription, Recours
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.policies import LECTEURS, SECRETAIRES
from portal.commissions.queries import ASSISE
from portal.commissions.queries_seances import invitation_de
from portal.commissions.suites_seance.parametres import COMPLET_JOURS
from portal.commissions.suites_seance.policies import PRESCRIPTEURS, Suivie
from portal.commissions.textes import a_accepter
from portal.conventions.jours import selon_le_departement
from portal.grilles.menages.models import Menage
from portal.grilles.menages.queries import siennes, visible_to
from portal.organisations import parametres
from portal.organisations.models import Organisation
from portal.security.permissions import SIAO
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import NotVisible
from portal.shared.pagination import Cursor, Page, paginate, with_keys

PRISES = (StatutDecision.PRISE, StatutDecision.A_CONFIRMER, StatutDecision.CONFIRMEE)
"""A decision that stands."""

SIEGE = and_(
    ASSISE,
    or_(
        InvitationSeance.presence == Presence.PRESENTE,
        and_(
            InvitationSeance.presence.is_(None),
            InvitationSeance.statut.in_((Reponse.ACCEPTEE, Reponse.SUPPLEANT)),
        ),
    ),
)
"""A function sat: noted present, or, where nothing is noted, it had said it would come."""

SANS_ECHEANCE = date.max

Recent: TypeAlias = Callable[[Any, Any], ColumnElement[bool]]


def a_siege(actor: Actor, clock: Clock, seance_id: Any, *, presidence: bool = False) -> ColumnElement[bool]:
    """Return the condition « the actor sat in the session »: for a function of their organisation that they
    hold or were written to for. `presidence`: for a function that chairs, there or not, since it approves
    what was decided."""
    return exists().where(
        InvitationSeance.seance_id == seance_id,
        InvitationSeance.retiree_le.is_(None),
        InvitationSeance.referent_id == Referent.id,
        Referent.organisation_id.in_(siennes(actor)),
        or_(invitation_de(actor), tient(actor, clock)),
        InvitationSeance.qualite == Qualite.PRESIDENCE if presidence else SIEGE,
    )


def tient(actor: Actor, clock: Clock) -> ColumnElement[bool]:
    """Return the condition « the actor holds this function today »; correlates to a `Referent`."""
    jour = clock.today(actor.fuseau)
    return exists().where(
        Titulaire.referent_id == Referent.id,
        Titulaire.du <= jour,
        or_(Titulaire.au.is_(None), Titulaire.au >= jour),
        or_(Titulaire.personne_id == actor.personne_id, Titulaire.email == actor.email),
    )


def preside(organisation_id: int, *fonction: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition « this organisation chairs the commission », by a function that meets others."""
    return exists().where(
        Siege.commission_id == Commission.id,
        Siege.au.is_(None),
        Siege.qualite == Qualite.PRESIDENCE,
        Siege.referent_id == Referent.id,
        Referent.organisation_id == organisation_id,
        *fonction,
    )


def prescrit(actor: Actor, clock: Clock) -> ColumnElement[bool]:
    """Return the condition « the dossier is the actor's, of a household that they accompany »."""
    if actor.profil not in PRESCRIPTEURS:
        return false()
    return and_(
        Dossier.organisation_id.in_(siennes(actor)),
        exists().where(Menage.id == Dossier.menage_id, visible_to(actor, clock)),
    )


def instruit(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor follows the commission »: its secretariat, the SIAO around it."""
    conditions: list[ColumnElement[bool]] = [false()]
    if actor.profil in SECRETAIRES:
        conditions.append(Commission.secretariat_id == actor.organisation_id)
    if actor.profil in SIAO:
        conditions.append(Commission.departement_code.in_(actor.departements))
    return or_(*conditions)


def recent(session: Session, clock: Clock) -> Recent:
    """Return the condition « what happened then (second column) is still read by those who sat », under the
    delay of a département (first column). One statement."""
    ici, ailleurs = parametres.everywhere(session, COMPLET_JOURS)
    return lambda departement, le: selon_le_departement(
        departement, ici, ailleurs, lambda jours: le > clock.now() - timedelta(days=jours)
    )


def examine(actor: Actor, clock: Clock, recente: Recent, *, textes_dus: bool = False) -> ColumnElement[bool]:
    """Return the condition « the actor sits in the session that examines an appeal against this decision »,
    for a function of theirs, the texts of its commission accepted; once its outcome is no longer `recent`, no
    more. For a dossier of the protected circuit, the presidents alone. `textes_dus`: the same, of those who
    have yet to accept these texts."""
    en_recours, seance, chez = aliased(Recours), aliased(Seance), aliased(Commission)
    ouvert = exists().where(Menage.id == Dossier.menage_id, Menage.protege.is_(False))
    if actor.profil not in LECTEURS:
        return false()
    return exists().where(
        en_recours.decision_id == Decision.id,
        or_(en_recours.decide_le.is_(None), recente(chez.departement_code, en_recours.decide_le)),
        seance.id == en_recours.seance_id,
        chez.id == seance.commission_id,
        a_accepter(actor, chez.id) if textes_dus else ~a_accepter(actor, chez.id),
        InvitationSeance.seance_id == seance.id,
        InvitationSeance.retiree_le.is_(None),
        ASSISE,
        InvitationSeance.referent_id == Referent.id,
        Referent.organisation_id.in_(siennes(actor)),
        or_(invitation_de(actor), tient(actor, clock)),
        or_(ouvert, InvitationSeance.qualite == Qualite.PRESIDENCE),
    )


def decisions_lues(actor: Actor, clock: Clock, recente: Recent) -> ColumnElement[bool]:
    """Return the condition « the actor reads this decision » (domaine.md § 10.3, « Décisions »).

    Its prescriber, the secretariat, the SIAO; while it is `recent` those who sat, without the dossiers of the
    protected circuit, which the presidents alone read; who examines an appeal against it.
    """
    conditions = [instruit(actor), prescrit(actor, clock), examine(actor, clock, recente)]
    if actor.profil in LECTEURS:
        ouvert = exists().where(Menage.id == Dossier.menage_id, Menage.protege.is_(False))
        conditions.append(
            and_(
                recente(Commission.departement_code, Decision.prise_le),
                a_siege(actor, clock, Decision.seance_id),
                or_(ouvert, preside(actor.organisation_id)),
            )
        )
    return and_(Decision.statut != StatutDecision.REDIGEE, or_(*conditions))


def decision(session: Session, clock: Clock, actor: Actor, ref: str) -> Decision:
    """Return a visible decision, its dossier, household, commission, prescriptions; raises NotVisible."""
    found = session.scalar(
        select(Decision)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(Decision.ref == ref, decisions_lues(actor, clock, recent(session, clock)))
        .options(*_entier())
    )
    if found is None:
        raise NotVisible(ref)
    return found


def du_dossier(
    session: Session, clock: Clock, actor: Actor, dossier_id: int, *, toujours: bool
) -> Sequence[AnyRow]:
    """Return the decisions on a dossier that the actor reads, latest first: ref, code, statut, prise_le,
    issue (what an appeal against it came to, None for none).

    `toujours`: they read it whenever they want, as its prescriber or who follows the commission; others read
    for a time. One statement, or two.
    """
    suivent = or_(instruit(actor), prescrit(actor, clock))
    lues = suivent if toujours else decisions_lues(actor, clock, recent(session, clock))
    return fetch(
        session,
        select(Decision.ref, Decision.code, Decision.statut, Decision.prise_le, Recours.issue)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .outerjoin(Recours, Recours.decision_id == Decision.id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(Decision.dossier_id == dossier_id, Decision.statut != StatutDecision.REDIGEE, lues)
        .order_by(Decision.prise_le.desc(), Decision.id.desc()),
    )


def _entier() -> tuple[ExecutableOption, ...]:
    return (
        joinedload(Decision.dossier).joinedload(Dossier.menage),
        joinedload(Decision.dossier).joinedload(Dossier.organisation),
        joinedload(Decision.seance).joinedload(Seance.commission).joinedload(Commission.secretariat),
        selectinload(Decision.prescriptions).joinedload(Prescription.porteur),
    )


@dataclass(frozen=True)
class LignePrescription:
    """A prescription as lists show it; `suit`: the reader may say what became of it."""

    ref: str
    code: str
    dossier: str
    decision_ref: str
    commission: str
    departement_code: str
    porteur: str
    echeance: date | None
    statut: StatutPrescription
    statut_le: datetime
    suit: bool


def prescriptions_lues(actor: Actor, clock: Clock) -> ColumnElement[bool]:
    """Return the condition « the actor sees this prescription »: its bearer, the secretariat, the SIAO, the
    prescriber. Nothing before its decision stands."""
    return and_(
        Decision.statut.in_(PRISES),
        or_(instruit(actor), prescrit(actor, clock), Prescription.porteur_id.in_(siennes(actor))),
    )


FILTRES: dict[str, ColumnElement[bool]] = {
    "": Prescription.statut.in_((StatutPrescription.A_FAIRE, StatutPrescription.SANS_NOUVELLES)),
    "faites": Prescription.statut == StatutPrescription.FAIT,
    "refusees": Prescription.statut.in_((StatutPrescription.REFUSE, StatutPrescription.ANNULE)),
    "toutes": true(),
}


def prescriptions(
    session: Session, clock: Clock, actor: Actor, filtre: str, cursor: Cursor | None = None
) -> tuple[Page, list[LignePrescription]]:
    """Return a page of the prescriptions that the actor sees: to be done, the most pressing first; the
    others, the latest day first. Two statements."""
    porteur = aliased(Organisation, name="porteur")
    keys = (func.coalesce(Prescription.echeance, literal(SANS_ECHEANCE, Date())), Prescription.id)
    statement = (
        select(
            Prescription.ref,
            Prescription.code,
            Dossier.code.label("dossier"),
            Decision.ref.label("decision_ref"),
            Commission.nom.label("commission"),
            Commission.departement_code,
            func.coalesce(porteur.nom, "").label("porteur"),
            Prescription.echeance,
            Prescription.statut,
            Prescription.statut_le,
            or_(instruit(actor), Prescription.porteur_id.in_(siennes(actor))).label("suit"),
        )
        .join(Decision, Decision.id == Prescription.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .outerjoin(porteur, porteur.id == Prescription.porteur_id)
        .where(prescriptions_lues(actor, clock), FILTRES[filtre])
    )
    page = paginate(session, with_keys(statement, keys), keys, cursor=cursor, descending=filtre != "")
    champs = LignePrescription.__dataclass_fields__
    return page, [
        LignePrescription(**{nom: getattr(row, nom) for nom in champs} | {"suit": bool(row.suit)})
        for row in page.rows
    ]


def prescription(session: Session, clock: Clock, actor: Actor, ref: str) -> Prescription:
    """Return a visible prescription; raises NotVisible."""
    found = session.scalar(
        select(Prescription)
        .join(Decision, Decision.id == Prescription.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(Prescription.ref == ref, prescriptions_lues(actor, clock))
        .options(joinedload(Prescription.porteur))
    )
    if found is None:
        raise NotVisible(ref)
    return found


def decision_de(session: Session, decision_id: int) -> Decision:
    """Return a decision by its key, with all that hangs on it."""
    return session.scalars(select(Decision).where(Decision.id == decision_id).options(*_entier())).one()


def suivie(prescription: Prescription, decision: Decision) -> Suivie:
    """Return a prescription as rights read it."""
    commission = decision.seance.commission
    return Suivie(prescription.porteur_id, commission.secretariat_id, commission.departement_code)
