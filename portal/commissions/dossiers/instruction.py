"""The secretariat's part: completeness, reasons and delay, receivability (domaine.md § 7.4), inviting who
prescribed it to present it (§ 7.1)."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions.dossiers import service
from portal.commissions.dossiers.avertir import contexte, de_la_seance, ecrire, prescripteur
from portal.commissions.dossiers.policies import Vise
from portal.commissions.dossiers.presentateur import CONVIE, lieu_de
from portal.commissions.dossiers.saisie import MANQUES, texte
from portal.commissions.enums import PresencePrescripteur
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models_decisions import PassageSeance
from portal.commissions.models_dossiers import Dossier
from portal.conventions.jours import fuseau_de
from portal.organisations.saisie import Refusals
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

INSTRUIRE = Permission.DOSSIERS_INSTRUIRE


def rendre(
    session: Session, clock: Clock, actor: Actor, vise: Vise, manques: str, *, version: int
) -> Dossier:
    """Give a dossier back to its prescriber with what it lacks, and a delay [P: 15 days].

    Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    dossier = service.tenir(session, actor, vise, INSTRUIRE, version)
    refusals = Refusals()
    cleaned = texte(refusals, manques, "manques", MANQUES)
    if not cleaned:
        refusals.add("dossiers.manques", "manques")
    refusals.raise_any()
    jour = clock.today(fuseau_de(dossier.departement_code))
    dossier.complement_avant = jour + timedelta(days=dossier.commission.complement_jours)
    avant = service.passer(dossier, "rendre", actor, vise)
    dossier.manques = coffre(session).fermer(cleaned)
    service.finir(session, clock, actor, dossier, "rendre", {"statut": avant})
    dit = contexte(dossier) | {"avant": dossier.complement_avant}
    ecrire(session, clock, prescripteur(session, dossier), "incomplet", dit, urgent=True)
    return dossier


def recevoir(session: Session, clock: Clock, actor: Actor, vise: Vise, *, version: int) -> Dossier:
    """Say that a dossier is complete and may be put on an agenda. Raises Forbidden, StaleVersion,
    DomainError."""
    dossier = service.tenir(session, actor, vise, INSTRUIRE, version)
    avant = service.passer(dossier, "recevoir", actor, vise)
    dossier.manques, dossier.complement_avant = "", None
    service.finir(session, clock, actor, dossier, "recevoir", {"statut": avant})
    ecrire(session, clock, prescripteur(session, dossier), "recevable", contexte(dossier))
    return dossier


def convier(session: Session, clock: Clock, actor: Actor, vise: Vise, *, version: int) -> Dossier:
    """Invite the prescriber to present their dossier at its session, where the commission leaves it to the
    secretariat; they are told when and where. Twice is as once.

    Raises Forbidden, StaleVersion, DomainError.
    """
    dossier = service.tenir(session, actor, vise, INSTRUIRE, version)
    seance = dossier.seance
    passage = session.scalar(
        select(PassageSeance).where(
            PassageSeance.dossier_id == dossier.id, PassageSeance.seance_id == dossier.seance_id
        )
    )
    a_venir = seance is not None and dossier.statut is StatutDossier.INSCRIT and seance.debut > clock.now()
    prevu = dossier.commission.prescripteur is PresencePrescripteur.SUR_INVITATION
    if seance is None or passage is None or not (a_venir and prevu):
        raise DomainError("dossiers.convier")
    if CONVIE in passage.details:
        return dossier
    passage.details = passage.details | {CONVIE: clock.now().isoformat()}
    service.finir(session, clock, actor, dossier, "convier", {"seance": seance.ref})
    dit = contexte(dossier) | de_la_seance(seance) | {"lieu": lieu_de(seance), "reference": dossier.ref}
    ecrire(session, clock, prescripteur(session, dossier), "convie", dit, urgent=True)
    return dossier
