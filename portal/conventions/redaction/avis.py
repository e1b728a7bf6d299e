"""E-mails of a negotiation: one when it becomes a party's turn, not one for each clause.

They are not urgent: whoever chose the daily digest finds them there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion, Personne
from portal.conventions.avis import DIRECTIONS
from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.models import Convention
from portal.conventions.redaction import positions as regles
from portal.conventions.redaction.ecriture import Prise
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseCommentaire,
    ConventionClausePosition,
)
from portal.notifications.service import enqueue
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import fetch

ENTRE_COMMENTAIRES = timedelta(hours=1)
"""A party that writes several remarks in a row is announced once."""

_DITES = (
    select(
        ConventionClause.id,
        ConventionClause.attention,
        ConventionClausePosition.partie,
        ConventionClausePosition.position,
    )
    .outerjoin(ConventionClausePosition, ConventionClausePosition.clause_id == ConventionClause.id)
    .where(ConventionClause.convention_id == bindparam("convention_id"), ConventionClause.retenue)
)
_SIENNES = select(ConventionClausePosition.partie, ConventionClausePosition.position).where(
    ConventionClausePosition.clause_id == bindparam("clause_id")
)


Dites = dict[Partie, Position]


def attentes(session: Session, convention_id: int) -> Counter[Partie]:
    """Return how many clauses of a text wait for each party."""
    return _attendues(_dites(session, convention_id))


def _dites(session: Session, convention_id: int) -> dict[tuple[int, bool], Dites]:
    """Return what the parties say of each clause kept, by its key and whether it is marked ★."""
    clauses: dict[tuple[int, bool], Dites] = {}
    for row in fetch(session, _DITES, {"convention_id": convention_id}):
        dites = clauses.setdefault((row.id, row.attention), {})
        if row.partie is not None:
            dites[row.partie] = row.position
    return clauses


def _attendues(clauses: Mapping[tuple[int, bool], Dites]) -> Counter[Partie]:
    return Counter(
        partie
        for (_id, attention), dites in clauses.items()
        for partie in regles.doivent_agir(dites, attention)
    )


@contextmanager
def suivies(prise: Prise) -> Iterator[None]:
    """Run an act on a clause, then write to the parties whose turn it has just become by it.

    What others do meanwhile on other clauses is theirs to announce: only this clause differs from before.
    """
    cle = (prise.clause.id, prise.clause.attention)
    avant = {row.partie: row.position for row in fetch(prise.session, _SIENNES, {"clause_id": cle[0]})}
    yield
    prise.session.flush()
    clauses = _dites(prise.session, prise.ligne.id)
    _annoncer(
        prise.session,
        prise.clock,
        prise.actor,
        prise.ligne,
        _attendues(clauses | {cle: avant}),
        _attendues(clauses),
    )


def tour_de(session: Session, clock: Clock, actor: Actor, ligne: Convention, avant: Counter[Partie]) -> None:
    """Write to the parties that had nothing to do and now have; to the SIAO once everything is agreed."""
    _annoncer(session, clock, actor, ligne, avant, attentes(session, ligne.id))


def _annoncer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    avant: Counter[Partie],
    apres: Counter[Partie],
) -> None:
    for partie, nombre in apres.items():
        if not avant[partie]:
            _ecrire(session, clock, actor, ligne, "redaction/attente", [partie], nombre=nombre)
    if avant and not apres:
        _ecrire(session, clock, actor, ligne, "redaction/accord", list(Partie))


def commentaire(prise: Prise) -> None:
    """Tell the two other parties that there are remarks to read, once for those written in a row."""
    recents = exists().where(
        ConventionClauseCommentaire.clause_id == ConventionClause.id,
        ConventionClauseCommentaire.partie == prise.partie,
        ConventionClauseCommentaire.le > prise.clock.now() - ENTRE_COMMENTAIRES,
    )
    deja = select(ConventionClause.id).where(ConventionClause.convention_id == prise.ligne.id, recents)
    if prise.session.scalar(deja.limit(1)) is not None:
        return
    autres = [partie for partie in Partie if partie is not prise.partie]
    _ecrire(
        prise.session,
        prise.clock,
        prise.actor,
        prise.ligne,
        "redaction/commentaire",
        autres,
        partie=LIBELLES_PARTIE[prise.partie],
        clause=prise.modele.titre,
    )


def _ecrire(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    template: str,
    parties: Iterable[Partie],
    **faits: Any,
) -> None:
    organisations = {
        Partie.OPERATEUR: ligne.operateur_id,
        Partie.SIAO: ligne.siao_id,
        Partie.ETAT: ligne.etat_id,
    }
    en_poste = select(Adhesion.personne_id).where(
        Adhesion.organisation_id.in_([organisations[partie] for partie in parties]),
        Adhesion.profil.in_(DIRECTIONS),
        Adhesion.revoquee_le.is_(None),
    )
    contexte = faits | {
        "operateur": ligne.operateur.nom,
        "siao": ligne.siao.nom,
        "chemin": f"/conventions/{ligne.ref}/texte",
    }
    for personne in session.scalars(
        select(Personne)
        .where(
            Personne.id.in_(en_poste),
            Personne.id != actor.personne_id,
            Personne.desactivee_le.is_(None),
        )
        .order_by(Personne.id)
    ):
        enqueue(session, clock, to=personne, template=template, context=contexte)
