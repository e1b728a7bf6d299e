"""What every act on a round shares: taking it, its number, its journal.

The round is locked first, then what belongs to it: people who act at once on one round follow each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie
from portal.conventions.policies import partie_de
from portal.conventions.redaction.socle import Socle, socle
from portal.conventions.tours.enums import StatutTour
from portal.conventions.tours.models import Tour, TourClause, TourClauseValeur, TourParticipant
from portal.conventions.tours.perimetre import ClauseCommune, Perimetre, perimetre
from portal.conventions.tours.policies import Vise
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import fetch
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion


@dataclass
class Prise:
    """A round taken to be changed."""

    session: Session
    clock: Clock
    actor: Actor
    tour: Tour
    operateurs: Mapping[int, int]  # of those at the table: organisation → participant

    @property
    def partie(self) -> Partie:
        """The party that acts."""
        partie = partie_de(self.actor)
        assert partie is not None, "a permission lets through someone who stands for nobody"
        return partie

    @property
    def base(self) -> Socle:
        """The département's version on which the round stands."""
        return socle(self.session, self.tour.version_departementale_id)

    @property
    def perimetre(self) -> Perimetre:
        """What the round negotiates."""
        return perimetre(self.base, self.tour.nature_code)

    @property
    def par(self) -> str:
        """How the round remembers who acted."""
        return auteur(self.actor)

    def noter(self, action: str, changes: Mapping[str, Any], sujet: Any = None) -> None:
        """Write the act to the journal, and give the round its next number."""
        self.session.flush()
        self.session.execute(
            update(Tour)
            .where(Tour.id == self.tour.id)
            .values(numero=Tour.numero + 1)
            .execution_options(synchronize_session=False)
        )
        record(
            self.session,
            self.clock,
            self.actor,
            f"tours:{action}",
            sujet or self.tour,
            changes={"tour": self.tour.ref, **changes},
            departement_code=self.tour.departement_code,
        )


def prendre(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    permission: Permission,
    version: int | None = None,
    *,
    ouvert: bool = True,
) -> Prise:
    """Take a round, locked until the end of the transaction.

    `version`: of the round, for what bears on it as a whole; `ouvert`: it must be. Raises NotVisible,
    Forbidden, StaleVersion (whose `current` is the round), DomainError.
    """
    tour = session.scalar(
        select(Tour).where(Tour.ref == ref).with_for_update().execution_options(populate_existing=True)
    )
    if tour is None:
        raise NotVisible(ref)
    rows = fetch(
        session,
        select(TourParticipant.id, TourParticipant.operateur_id).where(
            TourParticipant.tour_id == tour.id, TourParticipant.retire_le.is_(None)
        ),
    )
    operateurs = {row.operateur_id: row.id for row in rows}
    vise = Vise(tour.departement_code, tour.siao_id, frozenset(operateurs))
    if not can(actor, Permission.TOURS_LIRE, vise):
        raise NotVisible(ref)
    if not can(actor, permission, vise):
        raise Forbidden(permission.value)
    if version is not None and tour.version != version:
        raise StaleVersion(tour)
    if ouvert and tour.statut is not StatutTour.OUVERT:
        raise DomainError("tours.ferme")
    return Prise(session, clock, actor, tour, operateurs)


def commune(prise: Prise, code: str) -> ClauseCommune:
    """Return a clause of the round as the model has it; raises NotVisible."""
    trouvee = prise.perimetre.clauses.get(code)
    if trouvee is None:
        raise NotVisible(code)
    return trouvee


def clause(prise: Prise, code: str) -> TourClause:
    """Return a clause of the round; raises NotVisible."""
    trouvee = prise.session.scalar(
        select(TourClause)
        .where(TourClause.tour_id == prise.tour.id, TourClause.code == code)
        .execution_options(populate_existing=True)
    )
    if trouvee is None:
        raise NotVisible(code)
    return trouvee


def clauses(prise: Prise) -> dict[str, TourClause]:
    """Return every clause of the round, by code."""
    lues = prise.session.scalars(
        select(TourClause)
        .where(TourClause.tour_id == prise.tour.id)
        .execution_options(populate_existing=True)
    )
    return {lue.code: lue for lue in lues}


def valeurs_du_socle(
    session: Session, perimetre: Perimetre, clauses: Mapping[str, TourClause]
) -> dict[str, dict[str, str]]:
    """Return the base's value of every parameter of some clauses, by code of clause. One statement."""
    ecrites = {
        (row.clause_id, row.parametre_code): row.valeur
        for row in fetch(
            session,
            select(
                TourClauseValeur.clause_id, TourClauseValeur.parametre_code, TourClauseValeur.valeur
            ).where(TourClauseValeur.clause_id.in_([clause.id for clause in clauses.values()])),
        )
    }
    return {
        code: {p.code: ecrites.get((clause.id, p.code), p.defaut) for p in perimetre.clauses[code].parametres}
        for code, clause in clauses.items()
        if code in perimetre.clauses
    }


def texte_du_socle(base: Socle, commune: ClauseCommune, texte: str | None) -> str:
    """Return the words of a clause in the base; `texte`: those it wrote, None for the département’s."""
    return texte if texte is not None else base.textes.get(commune.code, commune.clause.texte)
