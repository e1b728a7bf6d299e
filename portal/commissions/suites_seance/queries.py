"""Reading what follows a session: decisions, prescriptions, appeals. Always from what the actor may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Date, and_, exists, false, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from portal.annuaire.models import Referent, Titulaire
from portal.commissions.enums import Presence, Qualite, Reponse, StatutSeance
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
from portal.commissions.suites_seance.regles import Fonction
from portal.commissions.textes import a_accepter
from portal.conventions.jours import selon_le_departement
from portal.grilles.menages.models import Menage
from portal.grilles.menages.queries import siennes, visible_to
from portal.organisations import parametres
from portal.organisations.models import Organisation
from portal.security.permissions import SIAO
from portal.security.policy import Actor
from portal.shared import ensemble
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.ensemble import rang
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

MAXIMUM = 300
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


def examine(actor: Actor, clock: Clock, recente: Recent) -> ColumnElement[bool]:
    """Return the condition « the actor sits in the session that examines an appeal against this decision »,
    for a function of theirs, the texts of its commission accepted; once its outcome is no longer `recent`, no
    more. For a dossier of the protected circuit, the presidents alone."""
    en_recours, seance, chez = aliased(Recours), aliased(Seance), aliased(Commission)
    ouvert = exists().where(Menage.id == Dossier.menage_id, Menage.protege.is_(False))
    if actor.profil not in LECTEURS:
        return false()
    return exists().where(
        en_recours.decision_id == Decision.id,
        or_(en_recours.decide_le.is_(None), recente(chez.departement_code, en_recours.decide_le)),
        seance.id == en_recours.seance_id,
        chez.id == seance.commission_id,
        ~a_accepter(actor, chez.id),
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
    """Return the decisions on a dossier that the actor reads, latest first: ref, code, statut, prise_le.

    `toujours`: they read it whenever they want, as its prescriber or who follows the commission; others read
    for a time. One statement, or two.
    """
    suivent = or_(instruit(actor), prescrit(actor, clock))
    lues = suivent if toujours else decisions_lues(actor, clock, recent(session, clock))
    return fetch(
        session,
        select(Decision.ref, Decision.code, Decision.statut, Decision.prise_le)
        .join(Dossier, Dossier.id == Decision.dossier_id)
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


def recours_de(session: Session, decision_id: int) -> Recours | None:
    """Return the appeal against a decision."""
    return session.scalar(select(Recours).where(Recours.decision_id == decision_id))


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


def recours_lus(actor: Actor, clock: Clock, recente: Recent) -> ColumnElement[bool]:
    """Return the condition « the actor reads this appeal »: its prescriber, the secretariat, the SIAO, the
    secretariat of the commission that examines it, who sits in the session that does."""
    seance = aliased(Seance, name="seance_examen")
    chez = aliased(Commission, name="commission_examen")
    conditions = [instruit(actor), prescrit(actor, clock), examine(actor, clock, recente)]
    if actor.profil in SECRETAIRES:
        conditions.append(
            exists().where(
                seance.id == Recours.seance_id,
                chez.id == seance.commission_id,
                chez.secretariat_id == actor.organisation_id,
            )
        )
    return or_(*conditions)


def recours(session: Session, clock: Clock, actor: Actor, ref: str) -> Recours:
    """Return a visible appeal, with the session that examines it; raises NotVisible."""
    found = session.scalar(
        select(Recours)
        .options(joinedload(Recours.seance).joinedload(Seance.commission))
        .join(Decision, Decision.id == Recours.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(Recours.ref == ref, recours_lus(actor, clock, recent(session, clock)))
    )
    if found is None:
        raise NotVisible(ref)
    return found


def lister_recours(session: Session, clock: Clock, actor: Actor) -> Sequence[AnyRow]:
    """Return the appeals that the actor reads, those without an outcome first. Two statements.

    Columns: ref, dossier, commission, departement_code, code, forme_le, examen (when), issue.
    """
    examen = aliased(Seance, name="examen")
    return fetch(
        session,
        select(
            Recours.ref,
            Dossier.code.label("dossier"),
            Commission.nom.label("commission"),
            Commission.departement_code,
            Decision.code,
            Recours.forme_le,
            examen.debut.label("examen"),
            Recours.issue,
        )
        .join(Decision, Decision.id == Recours.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .outerjoin(examen, examen.id == Recours.seance_id)
        .where(recours_lus(actor, clock, recent(session, clock)))
        .order_by(Recours.decide_le.is_not(None), Recours.forme_le.desc(), Recours.id)
        .limit(MAXIMUM),
    )


def recours_a_examiner(session: Session, clock: Clock, actor: Actor, seance_id: int) -> Sequence[AnyRow]:
    """Return the appeals of `recours_d_une_seance`, the oldest first. One statement."""
    recours = recours_d_une_seance(clock, actor, seance_id).subquery()
    return fetch(session, select(recours).order_by(recours.c.rang))


def recours_d_une_seance(clock: Clock, actor: Actor, seance_id: int) -> AnySelect:
    """Return what reads the appeals without an outcome that a session examines and that the actor reads: ref,
    dossier (its code alone), commission (whose decision it is), rang (the oldest first)."""
    return (
        select(
            Recours.ref,
            Dossier.code.label("dossier"),
            Commission.nom.label("commission"),
            rang(Recours.forme_le, Recours.id),
        )
        .join(Decision, Decision.id == Recours.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(
            Recours.seance_id == seance_id,
            Recours.issue.is_(None),
            recours_lus(actor, clock, lambda _departement, _le: false()),  # none has an outcome to be recent
        )
        .order_by(Recours.forme_le, Recours.id)
        .limit(MAXIMUM)
    )


def seances_a_venir(
    session: Session, clock: Clock, decision: Decision
) -> tuple[set[Fonction], list[tuple[Any, set[Fonction]]]]:
    """Return who decided, guests included, and the sessions to come of the département before which such
    dossiers come (ref, debut, commission_id, commission: its name), each with who sits there, guests aside.
    One statement. Before a session is convened, those who sit in its commission."""
    premiere = decision.seance
    a_venir = (
        select(
            Seance.id,
            Seance.ref,
            Seance.debut,
            Seance.commission_id,
            Commission.nom.label("commission"),
            rang(Seance.debut, Seance.id),
        )
        .join(Commission, Commission.id == Seance.commission_id)
        .where(
            Seance.departement_code == premiere.departement_code,
            Seance.id != premiere.id,
            Seance.statut != StatutSeance.ANNULEE,
            Seance.fin > clock.now(),
            Commission.dossiers == premiere.commission.dossiers,
        )
        .order_by(Seance.debut, Seance.id)
        .limit(60)
    )
    elles = a_venir.subquery()
    lues = ensemble.lire(
        session,
        {
            "seances": a_venir,
            "invitees": _invitees(
                or_(
                    InvitationSeance.seance_id == premiere.id,
                    and_(InvitationSeance.seance_id.in_(select(elles.c.id)), ASSISE),
                )
            ),
            "assises": _assises(
                or_(
                    Siege.commission_id == premiere.commission_id,
                    Siege.commission_id.in_(select(elles.c.commission_id)),
                )
            ),
        },
    )
    invitees, assises = (_par_cle(lues[nom]) for nom in ("invitees", "assises"))

    def qui(seance_id: int, commission_id: int) -> set[Fonction]:
        return invitees.get(seance_id) or assises.get(commission_id, set())

    rows = sorted(lues["seances"], key=lambda one: one.rang)
    return qui(premiere.id, premiere.commission_id), [(one, qui(one.id, one.commission_id)) for one in rows]


def formation(session: Session, seance: Seance, *conditions: ColumnElement[bool]) -> set[Fonction]:
    """Return the functions invited to a session; before it is convened, those that sit in its commission.
    `conditions`: on the invitations. Two statements at most."""
    for convoquees in (
        _invitees(InvitationSeance.seance_id == seance.id, *conditions),
        _assises(Siege.commission_id == seance.commission_id),
    ):
        if found := _par_cle(session.execute(convoquees.order_by(Referent.id)).all()):
            return found.popitem()[1]
    return set()


def _invitees(*conditions: ColumnElement[bool]) -> AnySelect:
    return (
        select(InvitationSeance.seance_id.label("cle"), Referent.id, Referent.organisation_id)
        .join(Referent, Referent.id == InvitationSeance.referent_id)
        .where(InvitationSeance.retiree_le.is_(None), *conditions)
    )


def _assises(*conditions: ColumnElement[bool]) -> AnySelect:
    return (
        select(Siege.commission_id.label("cle"), Referent.id, Referent.organisation_id)
        .join(Referent, Referent.id == Siege.referent_id)
        .where(Siege.au.is_(None), *conditions)
    )


def _par_cle(rows: Sequence[Any]) -> dict[int, set[Fonction]]:
    found: dict[int, set[Fonction]] = {}
    for row in rows:
        found.setdefault(row.cle, set()).add(Fonction(row.id, row.organisation_id))
    return found
