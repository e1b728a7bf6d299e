"""From the answers of a grid to its computed values (domaine.md § 6.4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.grilles import contenu
from portal.grilles.calculs import (
    Donnees,
    Parametres,
    Resultat,
    places,
    reste_a_vivre,
    surface_minimale,
    taux_effort,
)
from portal.grilles.remplissage.saisie import calcule

CALCULS: dict[str, Callable[[Donnees, Parametres, date], Resultat]] = {
    "B5": reste_a_vivre,
    "B6": taux_effort,
}
"""What computes each question of the national grid that has a computed answer."""

Reponses = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Surfaces:
    """What is said of the size of a home. `minimale`: None where the département gave none for so many
    persons; `envisagee`, `places`: of the home thought of, None without one. In m²."""

    personnes: int
    minimale: int | None
    envisagee: int | None
    places: int | None


def donnees(reponses: Reponses) -> Donnees:
    """Return what the calculations need of the answers."""
    compo = reponses.get("A", {}).get("A1", {})
    budget = reponses.get("B", {})
    vivre = budget.get("B5", {}).get("reponse", {}).get("hypotheses", {})
    effort = budget.get("B6", {}).get("reponse", {}).get("hypotheses", {})
    surface = effort.get("surface")
    return Donnees(
        ressources=budget.get("B1", {}).get("total"),
        supportables=budget.get("B4", {}).get("reponse"),
        loyer=effort.get("loyer"),
        charges=effort.get("charges"),
        aides=effort.get("aides"),
        autres=vivre.get("autres"),
        adultes=compo.get("adultes"),
        enfants=compo.get("enfants"),
        grands=vivre.get("grands"),
        surface=Decimal(surface) if surface is not None else None,
    )


def resultats(
    grille: contenu.Grille, reponses: Reponses, parametres: Parametres, le: date
) -> dict[str, Resultat]:
    """Return the computed value of each question that has one and is asked, by code."""
    lues = donnees(reponses)
    return {
        item.code: CALCULS[item.code](lues, parametres, le)
        for item in grille.items()
        if item.posee and item.code in CALCULS and calcule(item) is not None
    }


def surfaces(reponses: Reponses, parametres: Parametres) -> Surfaces | None:
    """Return what is said of the size of a home, None while the household's own is not known."""
    lues = donnees(reponses)
    personnes = (lues.adultes or 0) + (lues.enfants or 0)
    if not personnes:
        return None
    envisagee = int(lues.surface) if lues.surface is not None else None
    return Surfaces(
        personnes,
        surface_minimale(personnes, parametres.surfaces),
        envisagee,
        places(lues.surface) if lues.surface is not None else None,
    )
