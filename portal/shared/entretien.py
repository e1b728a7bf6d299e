"""The one exception to « a frozen grid never changes »: its upkeep, which changes nothing of what it says.

Re-encrypting it with a newer key, and erasing it with its household. The triggers of `portal.shared.ddl`
look at what is set here, within the transaction that asked for it only.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

_OPEN = {
    "sqlite": "INSERT OR IGNORE INTO etat_technique (cle, valeur) VALUES ('entretien_grilles', 'oui')",
    "postgresql": "SELECT set_config('portail.entretien', 'oui', true)",
}
_CLOSE = {
    "sqlite": "DELETE FROM etat_technique WHERE cle = 'entretien_grilles'",
    "postgresql": "SELECT set_config('portail.entretien', '', true)",
}

EXCEPTION = {
    "sqlite": "EXISTS (SELECT 1 FROM etat_technique WHERE cle = 'entretien_grilles')",
    "postgresql": "coalesce(current_setting('portail.entretien', true), '') = 'oui'",
}
"""What a trigger asks, by engine: whether the transaction is one of upkeep."""


@contextmanager
def entretien(session: Session) -> Iterator[None]:
    """Let the statements of the block change frozen grids; what is pending is written before and after.

    An error in the block is to be followed by a rollback, which takes the exception away too.
    """
    session.flush()
    dialect = session.get_bind().dialect.name
    session.execute(text(_OPEN[dialect]))
    yield
    session.flush()
    session.execute(text(_CLOSE[dialect]))
