"""E-mails of this room: written to the outbox in the transaction of the act that causes them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion, Personne
from portal.conventions.modeles.models import VersionDepartementale
from portal.conventions.modeles.policies import ENGAGENT
from portal.notifications.service import enqueue
from portal.organisations.enums import TypeOrganisation
from portal.organisations.queries import partners
from portal.security.policy import Actor
from portal.shared.clock import Clock


def validations_annulees(
    session: Session,
    clock: Clock,
    actor: Actor,
    version: VersionDepartementale,
    clause: str = "",
    motif: str = "",
) -> None:
    """Tell State and SIAO that what they had validated has changed: a clause, or the national model."""
    contexte = {
        "numero": version.numero,
        "clause": clause,
        "motif": motif,
        "par": actor.nom,
        "chemin": _page(version),
    }
    for personne in pilotes(session, actor, version.departement_code):
        enqueue(session, clock, to=personne, template="conventions/validations_annulees", context=contexte)


def publiee(session: Session, clock: Clock, actor: Actor, version: VersionDepartementale) -> None:
    """Tell State and SIAO that a version is published."""
    contexte = {"numero": version.numero, "departement": version.departement_code, "chemin": _page(version)}
    for personne in pilotes(session, actor, version.departement_code):
        enqueue(session, clock, to=personne, template="conventions/version_publiee", context=contexte)


def _page(version: VersionDepartementale) -> str:
    return f"/modele/versions/{version.ref}"


def pilotes(session: Session, actor: Actor, departement_code: str) -> list[Personne]:
    """Return those who bind the State and the SIAO of a département, the author aside."""
    organisations = [
        row.id
        for kind in (TypeOrganisation.ETAT, TypeOrganisation.SIAO)
        for row in partners(session, departement_code, kind)
    ]
    en_poste = select(Adhesion.personne_id).where(
        Adhesion.organisation_id.in_(organisations),
        Adhesion.profil.in_(ENGAGENT),
        Adhesion.revoquee_le.is_(None),
    )
    return list(
        session.scalars(
            select(Personne)
            .where(
                Personne.id.in_(en_poste),
                Personne.id != actor.personne_id,
                Personne.desactivee_le.is_(None),
            )
            .order_by(Personne.id)
        )
    )
