"""Reading dossiers: always from what the actor may see.

`visibles` says whose dossiers exist for a reader; `autorisee` whether the household lets the commission read
them at that very second: without it a member sees a code, and nothing of the household.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.annuaire.models import Referent, Titulaire
from portal.commissions import textes
from portal.commissions.dossiers.policies import Regard, Vise
from portal.commissions.dossiers.presentateur import CONVIE, vient
from portal.commissions.dossiers.workflow import DEPOSES, OUVERTS
from portal.commissions.enums import Autorisation as AutorisationDemandee
from portal.commissions.enums import Dossiers, Qualite, StatutCommission, StatutSeance
from portal.commissions.enums_dossiers import IssueRecours, StatutDossier
from portal.commissions.models import Commission
from portal.commissions.models_decisions import ConduiteSeance, Decision, PassageSeance, Recours
from portal.commissions.models_dossiers import Dossier, DossierAvis, DossierDeport, DossierNote
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.policies import SECRETAIRES
from portal.commissions.queries import ASSISE
from portal.commissions.queries_seances import invitation_de
from portal.grilles.autorisations.enums import ObjetAutorisation
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.queries import ouverte
from portal.grilles.menages.models import Adulte, Menage
from portal.grilles.menages.queries import relaie, sien, siennes
from portal.grilles.menages.queries import visible_to as menages_visibles
from portal.organisations.models import Organisation
from portal.security.permissions import SIAO, Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import NotVisible

Condition = ColumnElement[bool]
APRES_SEANCE = timedelta(days=30)
"""Those who sat read the papers of a session for this long after it [P]."""
INSCRITS = frozenset(OUVERTS - {StatutDossier.BROUILLON, StatutDossier.DEPOSE, StatutDossier.INCOMPLET})


def _depose() -> Condition:
    return Dossier.statut.in_(sorted(DEPOSES, key=lambda one: one.value))


def prescrit(actor: Actor, clock: Clock) -> Condition:
    """The actor accompanies the household: they see the dossier from its draft on."""
    if not can(actor, Permission.DOSSIERS_DEPOSER):
        return false()
    a_soi = or_(sien(actor), relaie(actor, clock))
    if actor.profil is Profil.SIAO_MISSION_LOGEMENT:
        a_soi = Menage.organisation_id.in_(siennes(actor))
    return (
        exists()
        .where(Menage.id == Dossier.menage_id, menages_visibles(actor, clock), a_soi)
        .correlate(Dossier)
    )


def du_siao(actor: Actor) -> Condition:
    """The SIAO of the département sees what was deposited."""
    if actor.profil not in SIAO:
        return false()
    return and_(Dossier.departement_code.in_(actor.departements), _depose())


def du_secretariat(actor: Actor) -> Condition:
    """The actor keeps the secretariat of the commission."""
    if actor.profil not in SECRETAIRES:
        return false()
    ici = exists().where(
        Commission.id == Dossier.commission_id,
        Commission.secretariat_id == actor.organisation_id,
        Commission.departement_code.in_(actor.departements),
    )
    return and_(_depose(), ici.correlate(Dossier))


def siege(actor: Actor, clock: Clock) -> Condition:
    """The actor sits in the session where the dossier is, and its papers are open (domaine.md § 7.4).

    By a function of their own organisation, that they hold or were written to for, and that sits. Of the
    protected circuit, the presidents alone (§ 7.6).
    """
    if not can(actor, Permission.DOSSIERS_AVISER):
        return false()
    jour = clock.today(actor.fuseau)
    tient = (
        exists()
        .where(
            Titulaire.referent_id == InvitationSeance.referent_id,
            Titulaire.du <= jour,
            or_(Titulaire.au.is_(None), Titulaire.au >= jour),
            or_(Titulaire.personne_id == actor.personne_id, Titulaire.email == actor.email),
        )
        .correlate(InvitationSeance)
    )
    protege = exists().where(Menage.id == Dossier.menage_id, Menage.protege).correlate(Dossier)
    return (
        exists()
        .where(
            InvitationSeance.seance_id == Dossier.seance_id,
            InvitationSeance.retiree_le.is_(None),
            ASSISE,
            or_(InvitationSeance.qualite == Qualite.PRESIDENCE, ~protege),
            or_(invitation_de(actor), tient),
            Referent.id == InvitationSeance.referent_id,
            Referent.organisation_id.in_(siennes(actor)),
            Seance.id == Dossier.seance_id,
            Seance.statut == StatutSeance.CONVOQUEE,
            Seance.fin > clock.now() - APRES_SEANCE,
            ConduiteSeance.seance_id == Dossier.seance_id,
            ConduiteSeance.fige_le.is_not(None),
            Dossier.statut.in_(sorted(INSCRITS, key=lambda one: one.value)),
        )
        .correlate(Dossier)
    )


def partie(organisation_id: int) -> Condition:
    """Return the condition « this organisation is party to the dossier », as `policies.parties` says it. For
    a statement that reads `Dossier`."""
    declaree = exists().where(
        DossierDeport.dossier_id == Dossier.id, DossierDeport.organisation_id == organisation_id
    )
    return or_(Dossier.organisation_id == organisation_id, declaree.correlate(Dossier))


def retiree() -> Condition:
    """Return the condition « whoever gave this opinion withdrew from the dossier since ». For a statement
    that reads `DossierAvis`."""
    return (
        exists()
        .where(
            DossierDeport.dossier_id == DossierAvis.dossier_id,
            DossierDeport.organisation_id == DossierAvis.organisation_id,
        )
        .correlate(DossierAvis)
    )


def regards_sql(actor: Actor, clock: Clock) -> dict[Regard, Condition]:
    """Return the condition of each right, for a statement that reads `Dossier`."""
    return {
        Regard.PRESCRIPTEUR: prescrit(actor, clock),
        Regard.SIAO: du_siao(actor),
        Regard.SECRETARIAT: du_secretariat(actor),
        Regard.MEMBRE: siege(actor, clock),
    }


def visibles(actor: Actor, clock: Clock) -> Condition:
    """Return the condition « this dossier exists for the actor »: prescriber, SIAO, secretariat, members of
    its session once its papers are open. For a statement that reads `Dossier`."""
    if not can(actor, Permission.DOSSIERS_LIRE):
        return false()
    return or_(*regards_sql(actor, clock).values())


def autorisee(clock: Clock) -> Condition:
    """Return the condition « the household lets the commission read it, now »: an authorisation of
    presentation in force at that very second, where the commission asks for one."""
    sans = exists().where(
        Commission.id == Dossier.commission_id, Commission.autorisation == AutorisationDemandee.AUCUNE
    )
    accord = exists().where(
        Autorisation.menage_id == Dossier.menage_id,
        Autorisation.commission_id == Dossier.commission_id,
        Autorisation.objet == ObjetAutorisation.PRESENTATION,
        ouverte(clock),
    )
    return or_(sans.correlate(Dossier), accord.correlate(Dossier))


def entier(*, adultes: Callable[..., Any] = selectinload) -> Select[Dossier]:
    """Return the statement that reads a dossier with all that its pages show of it. `adultes`: how those of
    the household, and the organisations that withdrew, are loaded; by `joinedload` it is one statement, whose
    rows are to be made unique."""
    return select(Dossier).options(
        joinedload(Dossier.commission).joinedload(Commission.secretariat),
        joinedload(Dossier.menage).joinedload(Menage.referent),
        joinedload(Dossier.menage).joinedload(Menage.organisation),
        joinedload(Dossier.menage).options(adultes(Menage.adultes)),
        joinedload(Dossier.organisation),
        joinedload(Dossier.seance),
        adultes(Dossier.deports).joinedload(DossierDeport.organisation),
    )


def vue(session: Session, clock: Clock, actor: Actor, ref: str) -> Vise:
    """Return a visible dossier, by what rights it is seen, and the actor's own note. One statement. Raises
    NotVisible."""
    found = regards_sql(actor, clock)
    sienne = and_(DossierNote.dossier_id == Dossier.id, DossierNote.personne_id == actor.personne_id)
    row = (
        session.execute(
            entier(adultes=joinedload)
            .outerjoin(DossierNote, sienne)
            .outerjoin(
                PassageSeance,
                and_(PassageSeance.dossier_id == Dossier.id, PassageSeance.seance_id == Dossier.seance_id),
            )
            .add_columns(
                DossierNote,
                PassageSeance.details[CONVIE].as_string().label("convie_le"),
                textes.a_accepter(actor, Dossier.commission_id).label("textes_dus"),
                select(ConduiteSeance.ouverte_le)
                .where(ConduiteSeance.seance_id == Dossier.seance_id)
                .correlate(Dossier)
                .scalar_subquery()
                .label("ouverte_le"),
                exists()
                .where(
                    Recours.decision_id == Decision.id,
                    Decision.dossier_id == Dossier.id,
                    Recours.issue == IssueRecours.RENVOI,
                )
                .correlate(Dossier)
                .label("renvoye"),
                *[condition.label(regard.value) for regard, condition in found.items()],
            )
            .where(Dossier.ref == ref, visibles(actor, clock))
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        raise NotVisible(ref)
    held = frozenset(regard for regard in found if getattr(row, regard.value))
    presente = row.Dossier.seance_id is not None and vient(row.Dossier.commission, row.convie_le)
    return Vise(
        row.Dossier,
        held,
        actor.organisation_id,
        row.textes_dus,
        row.DossierNote,
        presente,
        row.ouverte_le is not None,
        row.renvoye,
    )


def lisible(session: Session, clock: Clock, actor: Actor, ref: str) -> bool:
    """Tell whether a visible dossier shows the household to the actor at this second, as `lecture.papier`
    says it, without reading anything of it. One statement. Raises NotVisible."""
    droits = regards_sql(actor, clock)
    de_droit = or_(droits[Regard.PRESCRIPTEUR], droits[Regard.SIAO])
    protege = exists().where(Menage.id == Dossier.menage_id, Menage.protege).correlate(Dossier)
    membre = and_(autorisee(clock), or_(~protege, droits[Regard.MEMBRE]))
    found = session.scalar(select(or_(de_droit, membre)).where(Dossier.ref == ref, visibles(actor, clock)))
    if found is None:
        raise NotVisible(ref)
    return found


def dossier(session: Session, clock: Clock, actor: Actor, ref: str) -> Dossier:
    """Return a visible dossier. Raises NotVisible."""
    return vue(session, clock, actor, ref).dossier


def commissions_ouvertes(session: Session, menage: Menage) -> Sequence[Commission]:
    """Return the commissions before which a household's dossier may be deposited, by name."""
    return session.scalars(
        select(Commission)
        .where(
            Commission.departement_code == menage.departement_code,
            Commission.statut == StatutCommission.OUVERTE,
            Commission.fermee_le.is_(None),
            Commission.dossiers != Dossiers.AUCUN,
        )
        .order_by(Commission.tri, Commission.id)
        .limit(100)
    ).all()


def a_venir(commission_id: int, apres: datetime) -> Condition:
    """Return the condition « a dossier of this commission may be put to this session, that begins after an
    instant »: neither cancelled nor, before its hour, closed. For a statement that reads `Seance`."""
    close = exists().where(ConduiteSeance.seance_id == Seance.id, ConduiteSeance.close_le.is_not(None))
    return and_(
        Seance.commission_id == commission_id,
        Seance.statut != StatutSeance.ANNULEE,
        Seance.debut > apres,
        ~close.correlate(Seance),
    )


def seances_a_venir(session: Session, clock: Clock, commission_id: int) -> Sequence[Seance]:
    """Return the sessions of a commission to which a dossier may be put, the next first."""
    return session.scalars(
        select(Seance).where(a_venir(commission_id, clock.now())).order_by(Seance.debut, Seance.id).limit(20)
    ).all()


def doublons(session: Session, dossier: Dossier) -> Sequence[AnyRow]:
    """Return the other open dossiers of the same people or of the same references, found by keyed hash:
    code, statut, commission, organisation, depose_le. The protected circuit is never told. One statement.
    """
    autre = Dossier.__table__.alias("autre")
    menage = Menage.__table__.alias("menage_autre")
    lui, leur = Adulte.__table__.alias("lui"), Adulte.__table__.alias("leur")
    ici = Menage.__table__.alias("ici")
    memes_gens = (
        select(leur.c.id)
        .where(
            leur.c.menage_id == autre.c.menage_id,
            leur.c.parti_le.is_(None),
            leur.c.cle.in_(
                select(lui.c.cle)
                .where(lui.c.menage_id == dossier.menage_id, lui.c.parti_le.is_(None), lui.c.cle.is_not(None))
                .order_by(lui.c.id)
            ),
        )
        .order_by(leur.c.id)
        .exists()
    )
    memes_reperes = (
        select(ici.c.id)
        .where(
            ici.c.id == dossier.menage_id,
            or_(
                ici.c.si_siao_cle == menage.c.si_siao_cle,
                ici.c.numero_unique_cle == menage.c.numero_unique_cle,
            ),
        )
        .exists()
    )
    return fetch(
        session,
        select(
            autre.c.code,
            autre.c.statut,
            autre.c.depose_le,
            Commission.nom.label("commission"),
            Organisation.nom.label("organisation"),
        )
        .select_from(autre)
        .join(menage, menage.c.id == autre.c.menage_id)
        .join(Commission, Commission.id == autre.c.commission_id)
        .join(Organisation, Organisation.id == autre.c.organisation_id)
        .where(
            autre.c.id != dossier.id,
            autre.c.departement_code == dossier.departement_code,
            autre.c.statut.in_(sorted(OUVERTS - {StatutDossier.BROUILLON}, key=lambda one: one.value)),
            menage.c.protege.is_(False),
            or_(autre.c.menage_id == dossier.menage_id, memes_gens, memes_reperes),
        )
        .order_by(autre.c.depose_le, autre.c.id)
        .limit(10),
    )
