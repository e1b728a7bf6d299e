"""Rules of the circuit that need nothing but values. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from portal.conventions import regles
from portal.conventions.enums import Partie

PERSONNE_MORALE = frozenset({Partie.OPERATEUR, Partie.SIAO})
"""The parties for which one signature is enough, when one legal person is both and the form is a letter."""


def meme_personne_morale(siren_operateur: str | None, siren_siao: str | None) -> bool:
    """Tell whether the operator and the SIAO are one legal person (domaine.md § 10.4)."""
    return bool(siren_operateur) and siren_operateur == siren_siao


def parties_engagees(partie: Partie, *, lettre: bool) -> tuple[Partie, ...]:
    """Return the parties that one signature binds: in a two-party letter, the legal person signs once."""
    if lettre and partie in PERSONNE_MORALE:
        return tuple(p for p in Partie if p in PERSONNE_MORALE)
    return (partie,)


def attendues(
    signees: Collection[Partie], ordre: tuple[Partie, ...] | None, *, lettre: bool
) -> tuple[Partie, ...]:
    """Return the parties that may sign now: the next in order, all that remain when any may."""
    restent = [partie for partie in ordre or Partie if partie not in signees]
    if ordre is None or not restent:
        return tuple(restent)
    return parties_engagees(restent[0], lettre=lettre)


@dataclass(frozen=True)
class Echeances:
    """The effect and the last day of validity of a convention."""

    effet: date
    fin: date


def echeances(dites: Mapping[str, str], derniere: date, proposees: tuple[date, date]) -> Echeances:
    """Return the dates of a convention signed for the last time on `derniere`.

    `dites`: what the text says (`date_effet`, `date_fin`, `duree_mois`, each possibly empty); without it,
    those of the département (`proposees`). The effect is never before the last signature.
    """
    effet = max(_jour(dites.get("date_effet")) or proposees[0], derniere)
    fin = _jour(dites.get("date_fin"))
    if fin is not None and fin >= effet:
        return Echeances(effet, fin)
    duree = dites.get("duree_mois") or ""
    if duree.isdecimal() and int(duree):
        return Echeances(effet, regles.fin_par_defaut(effet, int(duree)))
    return Echeances(effet, max(proposees[1], effet))


def _jour(texte: str | None) -> date | None:
    try:
        return date.fromisoformat(texte) if texte else None
    except ValueError:
        return None
