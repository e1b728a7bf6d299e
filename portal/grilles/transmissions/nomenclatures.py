"""Why a recipient may not retain a household, and why it may not: `seeds/reference/grilles/motifs.toml`."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from portal.grilles.transmissions.enums import Issue
from portal.organisations.enums import TypeOrganisation
from portal.organisations.natures import REFERENCE, Libelle
from portal.shared.text import normalise


@dataclass(frozen=True)
class Motif:
    """An admissible reason. `irrecevable`: a condition of access, for which the application itself may be
    rejected; `precision`: facts are asked for; `calcul`: the measured calculation is; `relecture`: the SIAO
    reads it again."""

    code: str
    libelle: Libelle
    pour: frozenset[TypeOrganisation]
    fondement: str
    irrecevable: bool
    precision: bool
    calcul: bool
    relecture: bool


@dataclass(frozen=True)
class Interdit:
    """A ground that no text allows, with what is said to whoever gives it."""

    code: str
    libelle: Libelle
    fondement: str
    explication: Libelle


@cache
def motifs() -> dict[str, Motif]:
    """Return the admissible reasons, by code, in the order of display."""
    return {
        row["code"]: Motif(
            row["code"],
            Libelle(row["libelle"], row["libelle_en"]),
            frozenset(TypeOrganisation(kind) for kind in row["pour"]),
            row["fondement"],
            row.get("irrecevable", False),
            row.get("precision", False),
            row.get("calcul", False),
            row.get("relecture", False),
        )
        for row in _lus()["motif"]
    }


def motifs_de(kind: TypeOrganisation, issue: Issue | None = None) -> list[Motif]:
    """Return the admissible reasons of a kind of organisation; `issue`: what its commission decided. The
    application itself is rejected for a condition of access alone (CCH, R. 441-3 e, R. 441-2-8 d)."""
    rejet = issue is Issue.REJET_IRRECEVABLE
    return [one for one in motifs().values() if kind in one.pour and (one.irrecevable or not rejet)]


@cache
def interdits() -> dict[str, Interdit]:
    """Return the grounds that nobody may give, by code."""
    return {
        row["code"]: Interdit(
            row["code"],
            Libelle(row["libelle"], row["libelle_en"]),
            row["fondement"],
            Libelle(row["explication"], row["explication_en"]),
        )
        for row in _lus()["interdit"]
    }


def interdit_dans(texte: str) -> Interdit | None:
    """Return the first ground that a text gives and that nobody may, None when it gives none."""
    lu = normalise(texte)
    for code, minuscules, ecrits in _expressions():
        if minuscules.search(lu) or (ecrits and ecrits.search(texte)):
            return interdits()[code]
    return None


@cache
def _expressions() -> list[tuple[str, re.Pattern[str], re.Pattern[str] | None]]:
    """Return what to look for: in the normalised text, and in the text as it was written, acronyms that are
    also words, and those spelt out letter by letter."""
    found = []
    for row in _lus()["interdit"]:
        ecrits = [mot for mot in row["mots"] if mot.isupper()]
        for sigle in row.get("sigles", ()):
            ecrits += [_epele(sigle), _epele(sigle.lower())]
        formes = [
            re.escape(mot.rstrip("*")) + (r"\w*" if mot.endswith("*") else "s?")
            for mot in row["mots"]
            if not mot.isupper()
        ]
        capitales = re.compile(r"\b(?:" + "|".join(ecrits) + r")\b") if ecrits else None
        found.append((row["code"], re.compile(r"\b(?:" + "|".join(formes) + r")\b"), capitales))
    return found


_CIVILITES = "".join(
    rf"(?<!\b(?i:{civilite}) )"
    for civilite in (r"m\.", "m", "mr", "mme", "mlle", "monsieur", "madame", "famille", "ménage")
)


def _epele(sigle: str) -> str:
    """Return the expression of an acronym spelt out (« R.S.A. », « r s a »): all its letters in one case, and
    not somebody's initials (« M. R. S. a refusé », « Mme R. S. A. »)."""
    return _CIVILITES + r"[\s.·-]{1,3}".join(sigle)


@cache
def _lus() -> dict[str, Any]:
    with (REFERENCE / "grilles" / "motifs.toml").open("rb") as file:
        return tomllib.load(file)
