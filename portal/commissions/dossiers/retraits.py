"""What follows an authorisation of presentation that closes before the session: nobody reads any more, which
every reading asks anew; the secretariat is told, without content (domaine.md § 6.5)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions.dossiers.avertir import contexte, ecrire, secretariat
from portal.commissions.dossiers.queries import autorisee
from portal.commissions.dossiers.workflow import AVANT_LA_SEANCE
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models_dossiers import Dossier
from portal.grilles.autorisations.crochets import on_fermeture
from portal.grilles.autorisations.enums import StatutAutorisation
from portal.grilles.autorisations.models import Autorisation
from portal.security.policy import Actor
from portal.shared.clock import Clock

ATTENDUS = sorted(
    (AVANT_LA_SEANCE - {StatutDossier.BROUILLON}) | {StatutDossier.EN_SEANCE}, key=lambda one: one.value
)


@on_fermeture
def prevenir(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    autorisation: Autorisation,
    cause: StatutAutorisation,
) -> None:
    """Tell the secretariat of each dossier that nobody may read any more.

    One that a newer authorisation opens is still read: nothing is told.
    """
    if autorisation.commission_id is None:
        return
    rows = session.scalars(
        select(Dossier)
        .where(
            Dossier.menage_id == autorisation.menage_id,
            Dossier.commission_id == autorisation.commission_id,
            Dossier.statut.in_(ATTENDUS),
            ~autorisee(clock),
        )
        .order_by(Dossier.id)
    ).all()
    for dossier in rows:
        gens = secretariat(session, clock, dossier.commission)
        told = ecrire(session, clock, gens, "ferme", contexte(dossier), urgent=True)
        facts = {"cause": cause.value, "ecrites": told}
        record(session, clock, actor, "dossiers:dossier:fermer_lecture", dossier, changes=facts)
