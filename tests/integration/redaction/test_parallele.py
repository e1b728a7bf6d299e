"""Eight people on the clauses of one convention at once: what was acknowledged is there, losers were told.

And one process killed in the middle of an act leaves the clause as it was before.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.conventions.enums import Partie
from portal.conventions.redaction import fil, ouverture, service
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseFait,
    ConventionClausePosition,
    ConventionTexte,
)
from portal.shared.db import Database
from portal.shared.errors import StaleVersion
from tests.integration.redaction.conftest import Negociation

ECRIVAINS = 8
TOURS = 5
Gestes = list[tuple[str, str]]  # clause, text acknowledged


def ecrire(database: Database, negociation: Negociation, qui: int, depart: Barrier) -> tuple[Gestes, int]:
    """Write on a clause, again and again, from what it says; return what was acknowledged, and refusals."""
    faits: Gestes = []
    perdus = 0
    actor = list(negociation.voix.values())[qui % 3]
    depart.wait()
    for tour in range(TOURS):
        code = ("5.3", "6.3", "7.3")[(qui + tour) % 3]
        with database.session(write=True) as session:
            version = session.scalar(
                select(ConventionClause.version).where(
                    ConventionClause.convention_id == negociation.ligne.id, ConventionClause.code == code
                )
            )
            assert version is not None
            try:
                texte = f"Écrit par {qui} au tour {tour}."
                service.modifier(
                    session, negociation.clock, actor, negociation.ref, code, version, texte=texte
                )
                session.commit()
                faits.append((code, texte))
            except StaleVersion:
                session.rollback()
                perdus += 1
    return faits, perdus


def test_eight_writers_lose_nothing(negociation: Negociation, database: Database) -> None:
    negociation.negocier()
    session = negociation.session
    session.commit()
    avant = negociation.lire().numero
    session.commit()
    depart = Barrier(ECRIVAINS)
    with ThreadPoolExecutor(ECRIVAINS) as executor:
        rendus = list(executor.map(lambda qui: ecrire(database, negociation, qui, depart), range(ECRIVAINS)))
    acceptes = sorted(geste for faits, _perdus in rendus for geste in faits)
    refuses = sum(perdus for _faits, perdus in rendus)
    assert len(acceptes) + refuses == ECRIVAINS * TOURS
    ecrits = session.execute(
        select(ConventionClause.code, ConventionClauseFait.apres)
        .join(ConventionClause, ConventionClause.id == ConventionClauseFait.clause_id)
        .where(ConventionClauseFait.genre == GenreFait.TEXTE)
    ).all()
    assert sorted((row.code, row.apres) for row in ecrits) == acceptes
    lu = negociation.lire()
    assert lu.numero == avant + len(acceptes)  # each change has its own number
    for code in ("5.3", "6.3", "7.3"):
        historique = fil.faits(session, lu.clause(code).ecrit.id)
        textes = [fait for fait in historique if fait.genre is GenreFait.TEXTE]
        assert lu.clause(code).ecrit.texte == textes[0].apres
        for plus_recent, plus_ancien in pairwise(textes):
            assert plus_recent.avant == plus_ancien.apres  # nobody wrote over what they had not read


@pytest.mark.parametrize("etape", ["modifier", "position", "synchroniser"])
def test_what_is_cut_short_leaves_each_clause_before_or_after(
    negociation: Negociation, database: Database, etape: str
) -> None:
    negociation.negocier()
    negociation.session.commit()

    def photographie() -> list[object]:
        with database.session() as session:
            clauses = session.execute(
                select(
                    ConventionClause.code,
                    ConventionClause.texte,
                    ConventionClause.version,
                    ConventionClause.retenue,
                ).order_by(ConventionClause.code)
            ).all()
            positions = session.execute(
                select(ConventionClausePosition.clause_id, ConventionClausePosition.position).order_by(
                    ConventionClausePosition.clause_id, ConventionClausePosition.partie
                )
            ).all()
            faits = session.scalar(select(func.count()).select_from(ConventionClauseFait))
            numero = session.scalar(select(ConventionTexte.numero))
            return [list(map(tuple, clauses)), list(map(tuple, positions)), faits, numero]

    class Coupure(BaseException):
        """The process dies: no handler runs."""

    avant = photographie()

    def mourir() -> None:
        with database.session(write=True) as session:
            _agir(negociation, session, etape)
            session.flush()
            raise Coupure

    with pytest.raises(Coupure):
        mourir()
    assert photographie() == avant


def _agir(negociation: Negociation, session: Session, etape: str) -> None:
    siao, horloge, ref = negociation.voix[Partie.SIAO], negociation.clock, negociation.ref
    if etape == "modifier":
        version = negociation.clause("6.3").version
        negociation.session.commit()
        service.modifier(session, horloge, siao, ref, "6.3", version, texte="À moitié.")
    elif etape == "position":
        version = negociation.clause("7.3").version
        negociation.session.commit()
        service.prendre_position(session, horloge, siao, ref, "7.3", version, position=Position.ACCEPTEE)
    else:
        version = negociation.lire().version
        negociation.session.commit()
        ouverture.regler(session, horloge, siao, ref, version, faits=["si_propre"])
