"""Accepting again, in one act, what a party went back on when it refused to sign (domaine.md § 5.2).

Nothing is accepted unread: only clauses whose words and values have not changed since this party agreed to
them. Those marked ★ stay one by one, and so does what another party objects to.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.models import ConventionClause, ConventionClauseFait
from portal.conventions.redaction.positions import FAVORABLES, objections, position
from portal.conventions.redaction.queries import ClauseLue, Texte
from portal.conventions.redaction.service import prendre_position
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import fetch
from portal.shared.errors import StaleVersion

_POSITION = ConventionClauseFait.genre == GenreFait.POSITION
_DITS = sorted(p.value for p in FAVORABLES)
_CHANGE = ConventionClauseFait.genre.not_in([GenreFait.POSITION, GenreFait.COMMENTAIRE, GenreFait.RESOLUTION])


def reprenables(session: Session, actor: Actor, lu: Texte) -> Sequence[ClauseLue]:
    """Return the clauses of a text that the actor's party may accept again at once. One statement."""
    partie = partie_de(actor)
    if partie is None:
        return []
    attendues = [lue for lue in lu.negociees if _attend(lue, partie)]
    inchangees = _inchangees(session, actor, lu.entete.id, partie) if attendues else set()
    return [lue for lue in attendues if lue.ecrit.id in inchangees]


def _attend(lue: ClauseLue, partie: Partie) -> bool:
    """Tell whether a clause waits for a party alone, without asking for its agreement one by one."""
    dites = lue.positions
    return (
        not lue.clause.attention and position(dites, partie) is Position.A_EXAMINER and not objections(dites)
    )


def _inchangees(session: Session, actor: Actor, convention_id: int, partie: Partie) -> set[int]:
    """Return the keys of the clauses that a party had agreed to, unchanged since it went back on them.

    It gave its reason, and is the actor's own organisation: one that takes another's place agreed to nothing.
    """
    sienne = _POSITION & (ConventionClauseFait.partie == partie)
    collegues = select(Adhesion.personne_id).where(Adhesion.organisation_id == actor.organisation_id)
    revenue = (
        sienne
        & ConventionClauseFait.avant.in_(_DITS)
        & (ConventionClauseFait.apres == Position.A_EXAMINER.value)
        & (ConventionClauseFait.motif != "")
        & ConventionClauseFait.personne_id.in_(collegues)
    )
    rows = fetch(
        session,
        select(
            ConventionClauseFait.clause_id,
            func.max(case((revenue, ConventionClauseFait.id))).label("revenue"),
            func.max(case((sienne | _CHANGE, ConventionClauseFait.id))).label("derniere"),
        )
        .where(ConventionClauseFait.convention_id == convention_id)
        .group_by(ConventionClauseFait.clause_id)
        .order_by(ConventionClauseFait.clause_id),
    )
    return {row.clause_id for row in rows if row.revenue is not None and row.revenue == row.derniere}


def reprendre(
    session: Session, clock: Clock, actor: Actor, lu: Texte, versions: Mapping[str, int]
) -> list[str]:
    """Accept for one's party the clauses that were shown; return the codes of those accepted.

    `lu`: the text as it is now; `versions`: of the clauses, by code, as the page showed them. A clause that
    moved since is left to be read. Each acceptance is an act of its own in the history and the journal.
    Raises NotVisible, Forbidden, DomainError.
    """
    faites = []
    lues = [lue for lue in reprenables(session, actor, lu) if lue.code in versions]
    _prendre(session, lu, lues)
    for lue in lues:
        try:
            prendre_position(
                session,
                clock,
                actor,
                lu.entete.ref,
                lue.code,
                versions[lue.code],
                position=Position.ACCEPTEE,
            )
        except StaleVersion:
            continue
        faites.append(lue.code)
    return faites


def _prendre(session: Session, lu: Texte, lues: Sequence[ClauseLue]) -> None:
    """Lock the line then the clauses, before any takes the number of the text: the order of every act."""
    session.execute(select(Convention.id).where(Convention.id == lu.entete.id).with_for_update(read=True))
    session.execute(
        select(ConventionClause.id)
        .where(ConventionClause.id.in_([lue.ecrit.id for lue in lues]))
        .order_by(ConventionClause.id)
        .with_for_update()
    )
