"""Where a line stands in time depends on its département: today there, and its delay of renewal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from portal.conventions import parametres
from portal.conventions.jours import Jours, selon_le_departement
from portal.conventions.models import Convention
from portal.organisations.parametres import by_departement
from portal.security.policy import Actor
from portal.shared.clock import Clock

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Reperes:
    """Today everywhere, and the days before the end from which a line is to be renewed.

    `delai`: in the reader's own département; `ailleurs`: where they differ from it, by code. Hashable: what
    is kept in memory is kept under it.
    """

    jours: Jours
    delai: int
    ailleurs: tuple[tuple[str, int], ...] = ()

    @classmethod
    def de(cls, clock: Clock, actor: Actor, delais: Mapping[str, int]) -> "Reperes":
        """Return those of a reader, from the delays of the départements where they work."""
        ici = delais[actor.departement_code]
        return cls(Jours.de(clock), ici, tuple(sorted((c, d) for c, d in delais.items() if d != ici)))

    def du(self, departement_code: str) -> tuple[date, int]:
        """Return today and the delay of a département."""
        delai = next((delai for code, delai in self.ailleurs if code == departement_code), self.delai)
        return self.jours.du(departement_code), delai

    def selon(self, actor: Actor, condition: Callable[[date, int], Condition]) -> Condition:
        """Return a condition on lines, each under the day and the delay of its département.

        It is written once when they are the same in all the actor's départements, which is the rule.
        """
        ici = self.du(actor.departement_code)
        ailleurs = {code: self.du(code) for code in actor.departements if self.du(code) != ici}
        return selon_le_departement(
            Convention.departement_code, ici, ailleurs, lambda reperes: condition(*reperes)
        )


def reperes(session: Session, clock: Clock, actor: Actor) -> Reperes:
    """Return those of a reader; one statement."""
    regles = by_departement(session, actor.departements, parametres.DELAI_RENOUVELLEMENT)
    delais = {code: regle[parametres.DELAI_RENOUVELLEMENT.key] for code, regle in regles.items()}
    return Reperes.de(clock, actor, delais)
