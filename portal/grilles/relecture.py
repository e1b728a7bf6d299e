"""Words that a grid has no place for: found, pointed out, never sent anywhere (domaine.md § 6.3, « INT »).

Read on the server alone, and forgotten at once: neither the text nor what was found is kept.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from portal.organisations.natures import Libelle
from portal.shared.text import normalise

FICHIER = Path(__file__).parents[2] / "seeds" / "reference" / "grilles" / "mots_sensibles.toml"


@dataclass(frozen=True, slots=True)
class Expression:
    """A word of a text, and what it touches."""

    mot: str
    touche: Libelle


def expressions(texte: str) -> list[Expression]:
    """Return the words of a text that ask for another reading, in their order, each once."""
    found: dict[str, Expression] = {}
    lu = normalise(texte)
    places = sorted(
        ((match.start(), match[0], touche) for touche, motif in _familles() for match in motif.finditer(lu)),
        key=lambda place: place[0],
    )
    for _place, mot, touche in places:
        found.setdefault(mot, Expression(mot, touche))
    return list(found.values())


@lru_cache(maxsize=1)
def _familles() -> list[tuple[Libelle, re.Pattern[str]]]:
    with FICHIER.open("rb") as file:
        data = tomllib.load(file)
    return [(Libelle(f["libelle"], f["libelle_en"]), _motif(f["mots"])) for f in data["familles"]]


def _motif(mots: list[str]) -> re.Pattern[str]:
    formes = [re.escape(mot.rstrip("*")) + (r"\w*" if mot.endswith("*") else "s?") for mot in mots]
    return re.compile(r"\b(?:" + "|".join(formes) + r")\b")
