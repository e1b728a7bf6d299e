"""What time undoes: links, sessions and counts that no longer serve; and the reminder of the review."""

from datetime import timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from portal.audit.models import EtatTechnique
from portal.comptes import throttle
from portal.comptes.models import (
    Adhesion,
    InvitationCompte,
    JetonReinitialisation,
    Personne,
    SessionConnexion,
)
from portal.comptes.queries import review_limit
from portal.comptes.territoire import organisation
from portal.config import Settings
from portal.jobs.registry import housekeeping
from portal.notifications.service import enqueue
from portal.security.permissions import Profil
from portal.shared.clock import Clock
from portal.shared.db import Database

INVITATIONS_KEPT = timedelta(days=90)  # after their end, so that they can be sent again
REMIND_EVERY = timedelta(days=30)


@housekeeping("comptes", every=timedelta(hours=1))
def run_purge(database: Database, clock: Clock, settings: Settings) -> None:
    """Delete what no longer serves."""
    with database.session(write=True) as session:
        purge(session, clock, settings)
        session.commit()


@housekeeping("revue_comptes", every=timedelta(days=1))
def run_reminders(database: Database, clock: Clock, _settings: Settings) -> None:
    """Remind of the six-monthly reviews."""
    with database.session(write=True) as session:
        remind_reviews(session, clock)
        session.commit()


def purge(session: Session, clock: Clock, settings: Settings) -> None:
    """Delete sessions that are over, links that no longer work, failures that no longer count."""
    now = clock.now()
    session.execute(
        delete(SessionConnexion).where(
            or_(
                SessionConnexion.created_at <= now - timedelta(hours=settings.session_max_hours),
                SessionConnexion.vue_le <= now - timedelta(minutes=settings.session_idle_minutes, days=1),
            )
        )
    )
    session.execute(
        delete(JetonReinitialisation).where(JetonReinitialisation.expire_le <= now - timedelta(days=1))
    )
    session.execute(delete(InvitationCompte).where(InvitationCompte.expire_le <= now - INVITATIONS_KEPT))
    throttle.purge(session, clock, settings)


def remind_reviews(session: Session, clock: Clock) -> int:
    """Write to the administrators of the organisations where accounts are due for review, once a month.

    Returns the number of e-mails written (domaine.md § 10.2: « revue semestrielle »).
    """
    due = session.execute(
        select(Adhesion.organisation_id, organisation.c.nom, func.count().label("nombre"))
        .join(organisation, organisation.c.id == Adhesion.organisation_id)
        .join(Personne, Personne.id == Adhesion.personne_id)
        .where(
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
            Adhesion.verifiee_le <= review_limit(clock.today()),
        )
        .group_by(Adhesion.organisation_id, organisation.c.nom)
    ).all()
    written = 0
    for row in due:
        if not _remind_now(session, clock, row.organisation_id):
            continue
        for personne in _administrators(session, row.organisation_id):
            context = {"organisation": row.nom, "nombre": row.nombre}
            enqueue(session, clock, to=personne, template="comptes/revue", context=context)
            written += 1
    return written


def _remind_now(session: Session, clock: Clock, organisation_id: int) -> bool:
    """Tell whether a month has passed since the last reminder, and note this one."""
    key = f"revue_comptes:{organisation_id}"
    mark = session.get(EtatTechnique, key, with_for_update=True)
    today = clock.today()
    if mark is None:
        session.add(EtatTechnique(cle=key, valeur=today.isoformat()))
    elif mark.valeur > (today - REMIND_EVERY).isoformat():
        return False
    else:
        mark.valeur = today.isoformat()
    session.flush()
    return True


def _administrators(session: Session, organisation_id: int) -> list[Personne]:
    return list(
        session.scalars(
            select(Personne)
            .join(Adhesion, Adhesion.personne_id == Personne.id)
            .where(
                Adhesion.organisation_id == organisation_id,
                Adhesion.revoquee_le.is_(None),
                Adhesion.profil.in_([Profil.ADMIN_ORGANISATION, Profil.ADMIN_DEPARTEMENT]),
                Personne.desactivee_le.is_(None),
            )
            .distinct()
            .order_by(Personne.id)
        )
    )
