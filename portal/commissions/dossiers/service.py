"""Depositing a dossier before a commission: draft, deposit, complement (domaine.md § 7.4).

Services flush, never commit. The journal says which items changed, never what they hold.
"""

import secrets
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions.dossiers import queries
from portal.commissions.dossiers.avertir import contexte, ecrire, secretariat
from portal.commissions.dossiers.policies import Vise
from portal.commissions.dossiers.saisie import SaisieDossier, lire, verifier
from portal.commissions.dossiers.workflow import MODIFIABLES, OUVERTS, WORKFLOW
from portal.commissions.enums import Autorisation as AutorisationDemandee
from portal.commissions.enums import PresenceMenage
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models import Commission
from portal.commissions.models_dossiers import Dossier
from portal.conventions.jours import fuseau_de
from portal.grilles.autorisations.enums import ObjetAutorisation
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.queries import ouverte
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import Vise as MenageVise
from portal.grilles.menages.service import LETTRES
from portal.grilles.remplissage.queries import derniere_figee
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion

DEPOSER = Permission.DOSSIERS_DEPOSER


def ouvrir(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: MenageVise,
    commission_ref: str,
    typed: SaisieDossier,
    *,
    key: str = "",
) -> Dossier:
    """Begin a draft for a household before a commission of its département. `key`: of the form.

    Raises Forbidden, DomainErrors, DomainError when it has an open one there already.
    """
    require(actor, DEPOSER, vise)
    menage = vise.menage
    ref = keyed_ref(key, Dossier.__tablename__, actor.adhesion_id, menage.id)
    again = session.scalar(select(Dossier).where(Dossier.ref == ref)) if ref else None
    if again is not None:
        return again
    commission = next(
        (one for one in queries.commissions_ouvertes(session, menage) if one.ref == commission_ref), None
    )
    if commission is None:
        raise DomainError("dossiers.commission", "commission")
    lus = lire(typed, commission)
    session.get_one(Menage, menage.id, with_for_update=True)
    _seul(session, commission, menage)
    now = clock.now()
    dossier = Dossier(
        departement_code=menage.departement_code,
        commission=commission,
        menage_id=menage.id,
        organisation_id=menage.organisation_id,
        prescripteur_id=actor.personne_id,
        code=_code(session),
        statut=StatutDossier.BROUILLON,
        created_at=now,
        updated_at=now,
        **_colonnes(session, commission, lus),
    )
    if ref:
        dossier.ref = ref
    session.add(dossier)
    session.flush()
    facts = {"code": dossier.code, "commission": commission.nom}
    record(session, clock, actor, "dossiers:dossier:ouvrir", dossier, changes=facts)
    return dossier


def modifier(
    session: Session, clock: Clock, actor: Actor, vise: Vise, typed: SaisieDossier, *, version: int
) -> Dossier:
    """Change a draft, or a dossier that the secretariat gave back. Raises Forbidden, StaleVersion,
    DomainErrors, DomainError."""
    dossier = tenir(session, actor, vise, DEPOSER, version)
    if dossier.statut not in MODIFIABLES:
        raise DomainError("dossiers.fige")
    lus = lire(typed, dossier.commission)
    avant = contenu(session, dossier)
    changes = [nom for nom in lus if lus[nom] != avant[nom]]
    if changes:
        for nom, valeur in _colonnes(session, dossier.commission, lus).items():
            setattr(dossier, nom, valeur)
        finir(session, clock, actor, dossier, "modifier", {"items": changes})
    return dossier


def deposer(session: Session, clock: Clock, actor: Actor, vise: Vise, *, version: int) -> Dossier:
    """Deposit a dossier: whole, and authorised by the household where the commission asks for it.

    The version of the grid is the one that the authorisation covers. The secretariat is told. Raises
    Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    dossier = tenir(session, actor, vise, DEPOSER, version)
    commission = dossier.commission
    verifier(contenu(session, dossier), commission, protege=dossier.menage.protege)
    if commission.autorisation is AutorisationDemandee.PRESENTATION:
        accord = accord_utilisable(session, clock, dossier)
        if accord is None:
            raise DomainError("dossiers.sans_autorisation")
        grille = derniere_figee(session, dossier.menage_id) if accord.mise_a_jour else None
        dossier.autorisation_id = accord.id
        dossier.grille_id = grille.id if grille else accord.grille_id
    avant = passer(dossier, "deposer", actor, vise)
    dossier.depose_le = dossier.depose_le or clock.now()
    dossier.complement_avant = None
    dossier.manques = ""
    finir(session, clock, actor, dossier, "deposer", {"statut": avant})
    ecrire(session, clock, secretariat(session, clock, commission), "depose", contexte(dossier))
    return dossier


def accord_utilisable(session: Session, clock: Clock, dossier: Dossier) -> Autorisation | None:
    """Return the authorisation on which a deposit may rely: in force today, or on the day of a session to
    come (an oral agreement opens that day alone). One statement more than the sessions'."""
    fuseau = fuseau_de(dossier.departement_code)
    jours = {
        clock.today(fuseau),
        *(
            one.debut.astimezone(ZoneInfo(fuseau)).date()
            for one in queries.seances_a_venir(session, clock, dossier.commission_id)
        ),
    }
    return session.scalars(
        select(Autorisation)
        .where(
            Autorisation.menage_id == dossier.menage_id,
            Autorisation.commission_id == dossier.commission_id,
            Autorisation.objet == ObjetAutorisation.PRESENTATION,
            or_(*(ouverte(clock, jour=jour) for jour in sorted(jours))),
        )
        .order_by(Autorisation.ouverte_le.desc(), Autorisation.id.desc())
        .limit(1)
    ).one_or_none()


def contenu(session: Session, dossier: Dossier) -> dict[str, Any]:
    """Return what was typed of a dossier, decrypted, by field as `saisie.lire` gives it."""
    return {
        "presentation": coffre(session).ouvrir(dossier.presentation),
        "motif_demande": dossier.motif_demande,
        "pieces": dossier.pieces,
        "menage_present": dossier.menage_present,
        "urgent": dossier.urgent,
    }


def manques(session: Session, dossier: Dossier) -> str:
    """Return what the secretariat misses, or why the dossier was struck out; "" otherwise."""
    dits: str = coffre(session).ouvrir(dossier.manques) if dossier.manques else ""
    return dits


def tenir(session: Session, actor: Actor, vise: Vise, permission: Permission, version: int) -> Dossier:
    """Return a dossier as it now is, held until the end of the transaction.

    Raises Forbidden, StaleVersion, NotVisible."""
    require(actor, permission, vise)
    current = session.scalar(
        queries.entier()
        .where(Dossier.id == vise.dossier.id)
        .with_for_update(of=Dossier)
        .execution_options(populate_existing=True)
    )
    if current is None:
        raise NotVisible(vise.dossier.ref)
    if current.version != version:
        raise StaleVersion(current)
    return current


def passer(dossier: Dossier, geste: str, actor: Actor, vise: Vise) -> list[str]:
    """Fire a transition; return the states before and after, for the journal.

    Raises Forbidden, DomainError."""

    def permis(permission: Any) -> bool:
        return can(actor, permission, vise)

    avant, apres = WORKFLOW.fire(dossier, geste, permis)
    return [avant.value, apres.value]


def finir(
    session: Session, clock: Clock, actor: Actor | None, dossier: Dossier, geste: str, facts: dict[str, Any]
) -> None:
    """Date a change and write it in the journal."""
    dossier.updated_at = clock.now()
    session.flush()
    record(session, clock, actor, f"dossiers:dossier:{geste}", dossier, changes=facts)


def _colonnes(session: Session, commission: Commission, lus: dict[str, Any]) -> dict[str, Any]:
    present = commission.menage is PresenceMenage.MEMBRE or (
        commission.menage is PresenceMenage.INVITE and lus["menage_present"]
    )
    return lus | {
        "presentation": coffre(session).fermer(lus["presentation"]),
        "menage_present": present,
    }


def _seul(session: Session, commission: Commission, menage: Menage) -> None:
    """Refuse a second open dossier of a household before the same commission."""
    deja = session.scalar(
        select(Dossier.code)
        .where(
            Dossier.commission_id == commission.id,
            Dossier.menage_id == menage.id,
            Dossier.statut.in_(sorted(OUVERTS, key=lambda one: one.value)),
        )
        .order_by(Dossier.id)
        .limit(1)
    )
    if deja is not None:
        raise DomainError("dossiers.deja", "commission", dossier=deja)


def _code(session: Session) -> str:
    """Return a code that no dossier has: what names one in minutes and e-mails."""
    while True:
        code = "D-" + "".join(secrets.choice(LETTRES) for _ in range(6))
        if session.scalar(select(Dossier.id).where(Dossier.code == code)) is None:
            return code
