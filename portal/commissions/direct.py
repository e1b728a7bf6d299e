"""What live pages of a session watch: a number that every change raises, and which part changed with it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_seances import Seance

ETAT, TABLE, DECISION, PRESENCES = "etat", "table", "decision", "presences"
"""Parts of the page: whether the session is open; the dossier on the table; its decision; who is there."""
VU, TOUT = "_", "tout"
"""The last value whose part was told; the value from which the whole page is to be read again."""


def depuis(conduite: ConduiteSeance, connu: int) -> frozenset[str]:
    """Return the parts that changed since a number was read; TOUT when it cannot be told."""
    marques = conduite.marques
    if marques.get(VU, 0) != conduite.etat or marques.get(TOUT, 0) > connu or connu > conduite.etat:
        return frozenset({TOUT})
    return frozenset(part for part, valeur in marques.items() if valeur > connu)


def ligne(dossier_id: int) -> str:
    """Return the name of the part that is the line of a dossier in the agenda."""
    return f"d{dossier_id}"


def tenir(session: Session, seance_id: int) -> ConduiteSeance:
    """Return the course of a session, held until the end of the transaction; begun when there is none."""
    session.scalar(select(Seance.id).where(Seance.id == seance_id).with_for_update())
    found = session.scalar(
        select(ConduiteSeance)
        .where(ConduiteSeance.seance_id == seance_id)
        .with_for_update(of=ConduiteSeance)
        .execution_options(populate_existing=True)
    )
    if found is None:
        found = ConduiteSeance(seance_id=seance_id, etat=0, marques={}, papiers=[])
        session.add(found)
        session.flush()
    return found


def avancer(session: Session, seance_id: int, *parts: str) -> ConduiteSeance:
    """Tell the screens that follow a session that parts of it changed, with the transaction's commit."""
    conduite = tenir(session, seance_id)
    entier = conduite.marques.get(VU, 0) != conduite.etat  # raised without saying which part
    conduite.etat += 1
    parts = (*parts, VU, *((TOUT,) if entier else ()))
    conduite.marques = conduite.marques | dict.fromkeys(parts, conduite.etat)
    session.flush()
    return conduite
