"""The dated purge of the journal: the one way out of a table that refuses every other deletion."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.audit.service import record
from portal.shared.clock import PARIS, Clock
from portal.shared.errors import DomainError
from portal.shared.messages import N_, register

# What opens and closes the triggers' exception (portal.shared.ddl), within the transaction only.
_OPEN = {
    "sqlite": "INSERT INTO etat_technique (cle, valeur) VALUES ('purge_autorisee', 'oui')",
    "postgresql": "SELECT set_config('portail.purge', 'oui', true)",
}
_CLOSE = {
    "sqlite": "DELETE FROM etat_technique WHERE cle = 'purge_autorisee'",
    "postgresql": "SELECT set_config('portail.purge', '', true)",
}

register(
    {
        "journal.purge_recente": N_(
            "Le journal garde au moins %(jours)s jours : choisissez une date au plus tard le %(limite)s."
        )
    }
)


def check_purge(clock: Clock, before: date, *, kept_days: int) -> None:
    """Refuse a date that would take away what must be kept. Raises DomainError."""
    limit = clock.today() - timedelta(days=kept_days)
    if before > limit:
        raise DomainError("journal.purge_recente", "avant", jours=kept_days, limite=f"{limit:%d/%m/%Y}")


def count_before(session: Session, before: date) -> int:
    """Return how many entries a purge would delete: those of the days before `before`, in Paris."""
    number = select(func.count()).select_from(EntreeJournal).where(EntreeJournal.le < _instant(before))
    return session.scalar(number) or 0


def purge_journal(session: Session, clock: Clock, before: date, *, kept_days: int) -> int:
    """Delete the entries of the days before `before` (Paris) and write that in the journal; return how many.

    `kept_days`: what must be kept in any case. Raises DomainError when `before` is too recent. The triggers
    let these rows go in this transaction only, and no other statement of it but this one.
    """
    check_purge(clock, before, kept_days=kept_days)
    number = count_before(session, before)
    dialect = session.get_bind().dialect.name
    session.execute(text(_OPEN[dialect]))
    session.execute(delete(EntreeJournal).where(EntreeJournal.le < _instant(before)))
    session.execute(text(_CLOSE[dialect]))
    facts = {"avant": before.isoformat(), "nombre": number}
    record(session, clock, None, "technique:journal:purger", changes=facts)
    return number


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(PARIS)).astimezone(UTC)
