"""The sessions of one person, for its private calendar: not those declined, nor where a deputy comes instead;
convened, or cancelled since."""

from datetime import timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.commissions.convocations import rendez_vous
from portal.commissions.enums import StatutSeance
from portal.commissions.models import Commission
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.queries import visible_to
from portal.commissions.queries_seances import MAXIMUM, invitation_de, siennes, vient
from portal.notifications.calendrier import Methode, RendezVous
from portal.security.policy import Actor
from portal.shared.clock import Clock

AVANT, APRES = timedelta(days=60), timedelta(days=731)


def seances_de(session: Session, clock: Clock, actor: Actor) -> list[RendezVous]:
    """Return the actor's sessions by time, as its membership sees them at this very moment. One statement."""
    now = clock.now()
    sienne = exists().where(InvitationSeance.seance_id == Seance.id, invitation_de(actor))
    attendue = exists().where(InvitationSeance.seance_id == Seance.id, vient(actor))
    rows = session.scalars(
        select(Seance)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(
            visible_to(actor),
            siennes(actor, clock.today(actor.fuseau)),
            or_(~sienne, attendue),
            Seance.convoquee_le.is_not(None),
            Seance.debut.between(now - AVANT, now + APRES),
        )
        .options(joinedload(Seance.commission))
        .order_by(Seance.debut, Seance.id)
        .limit(MAXIMUM)
    )
    return [
        rendez_vous(row, Methode.CANCEL if row.statut is StatutSeance.ANNULEE else Methode.REQUEST)
        for row in rows
    ]
