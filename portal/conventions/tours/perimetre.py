"""Which clauses, and which of their values, a nature negotiates in common. Pure.

What depends on each operator (its name, its places, its documents: values that are owed and that the model
cannot give by default) stays out of the round, and with it the parties, the annexes, and the clauses that
hold nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.conventions.modeles.composition import ANNEXES, ClauseRetenue, Composition
from portal.conventions.modeles.conditions import Contexte
from portal.conventions.modeles.contenu import Clause, Parametre
from portal.conventions.modeles.places import gabarit_pour
from portal.conventions.modeles.texte import titre_clause
from portal.conventions.redaction.ouverture import FAITS_PAR_DEFAUT
from portal.conventions.redaction.socle import Socle
from portal.documents.texte import Couleur


@dataclass(frozen=True)
class ClauseCommune:
    """A clause of the round. `parametres`: its yellow values that may be the same for every operator."""

    retenue: ClauseRetenue
    parametres: tuple[Parametre, ...]

    @property
    def clause(self) -> Clause:
        """The clause of the model."""
        return self.retenue.clause

    @property
    def code(self) -> str:
        """Its code, which never changes."""
        return self.clause.code

    @property
    def titre(self) -> str:
        """Its title with the number shown."""
        return titre_clause(self.retenue)

    @property
    def redigeable(self) -> bool:
        """Whether its words are negotiated too."""
        return self.clause.couleur is Couleur.JAUNE

    @property
    def entiere(self) -> bool:
        """Whether the round covers all that the parties negotiate in it."""
        return len(self.parametres) == sum(p.couleur is Couleur.JAUNE for p in self.clause.parametres)


@dataclass(frozen=True)
class Perimetre:
    """What a round negotiates."""

    composition: Composition
    clauses: Mapping[str, ClauseCommune]


def perimetre(base: Socle, nature: str) -> Perimetre:
    """Return the clauses that a nature negotiates in common, in the order of the text."""
    natures = (nature,)
    composition = base.composer(gabarit_pour(natures), Contexte.de(natures, FAITS_PAR_DEFAUT))
    communes = {}
    for retenue in composition.clauses():
        if not retenue.clause.negociable or not retenue.numero or retenue.article == ANNEXES:
            continue
        commune = ClauseCommune(retenue, _communs(retenue.clause))
        if _a_negocier(commune):
            communes[commune.code] = commune
    return Perimetre(composition, communes)


def propre(parametre: Parametre) -> bool:
    """Tell whether a value depends on each operator: it is owed, and the model gives none."""
    return parametre.obligatoire and not parametre.defaut


def _communs(clause: Clause) -> tuple[Parametre, ...]:
    return tuple(p for p in clause.parametres if p.couleur is Couleur.JAUNE and not propre(p))


def _a_negocier(commune: ClauseCommune) -> bool:
    """Tell whether something in the clause may be common: a value with a default, or the whole of it."""
    return commune.entiere or any(p.defaut for p in commune.parametres)
