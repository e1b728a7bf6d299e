"""What a new version of a grid takes from the last frozen one, on the model of today. Pure."""

from collections.abc import Mapping
from typing import Any

from portal.grilles import contenu
from portal.grilles.contenu import Champ
from portal.grilles.enums import Reponse

A_REDEMANDER = frozenset({"F4"})
"""What the household says of a summary is asked of each."""


def reporter(
    ancien: contenu.Grille, reponses: Mapping[str, Mapping[str, Mapping[str, Any]]], nouveau: contenu.Grille
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the answers that still answer the questions of the new model, by section.

    A field keeps its answer while its code and its kind are the same and its choice is still proposed; a
    computed value keeps its hypotheses alone.
    """
    connus = {item.code: {champ.code: champ for champ in item.champs} for item in ancien.items()}
    toutes = {code: champs for section in reponses.values() for code, champs in section.items()}
    report: dict[str, dict[str, dict[str, Any]]] = {}
    for section in nouveau.sections:
        items: dict[str, dict[str, Any]] = {}
        for item in section.items:
            if not item.posee or item.code in A_REDEMANDER:
                continue
            for champ in item.champs:
                avant = connus.get(item.code, {}).get(champ.code)
                valeur = _reprise(avant, champ, toutes.get(item.code, {}).get(champ.code))
                if valeur is not None:
                    items.setdefault(item.code, {})[champ.code] = valeur
        report[section.code] = items
    return report


def _reprise(avant: Champ | None, apres: Champ, valeur: Any) -> Any:
    if avant is None or valeur is None or avant.reponse is not apres.reponse:
        return None
    proposes = {choix.code for choix in apres.choix}
    if apres.reponse is Reponse.LISTE:
        return valeur if valeur in proposes else None
    if apres.reponse is Reponse.CHOIX_MULTIPLE:
        return [code for code in valeur if code in proposes] or None
    if apres.reponse is Reponse.CALCUL:
        return {"hypotheses": hypotheses} if (hypotheses := valeur.get("hypotheses")) else None
    return valeur
