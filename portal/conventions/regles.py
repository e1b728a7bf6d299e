"""Pure rules of a CTP's life (domaine.md § 5): dates, computed states, lateness. No database, no clock.

Days are civil dates in the zone of the line's département. `portal.conventions.expressions` says the same
rules in SQL, and a test keeps both in agreement.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from portal.conventions.enums import OUVERTS, Etat, Statut
from portal.shared.dates import plus_mois

ECHEANCE_NATIONALE = date(2026, 12, 31)
"""Last day to sign (S0 « signées au plus tard pour l'année 2026 », domaine.md D1). Never moves."""

DELAI_RENOUVELLEMENT = 365
"""Days before the end from which a CTP is to be renewed (domaine.md § 5.2)."""

DUREE_MOIS = 48
"""Months from the day of effect to the last day, same day of the month (S0: 12/12/2022 → 12/12/2026)."""

ALERTES_JOURS = (365, 180, 90, 30, 0)
"""Days before the end at which renewal is recalled (domaine.md § 5.2 [P])."""

BILAN_MOIS = 3
"""Months before the end at which the final review is asked for (domaine.md § 5.2, after S2)."""

PREAVIS_MOIS = 2
"""Months of notice of a termination (domaine.md § 5.4)."""


class Faits(Protocol):
    """What the computed states read of a line.

    `suivante_statut` and `suivante_effet` are those of the line that replaces it, None without one;
    `remplace_id` is the key of the line it replaces.
    """

    @property
    def statut(self) -> Statut: ...
    @property
    def date_cible(self) -> date: ...
    @property
    def date_effet(self) -> date | None: ...
    @property
    def fin_effective(self) -> date | None: ...
    @property
    def resiliation_effet(self) -> date | None: ...
    @property
    def remplace_id(self) -> int | None: ...
    @property
    def suivante_statut(self) -> Statut | None: ...
    @property
    def suivante_effet(self) -> date | None: ...


@dataclass(frozen=True)
class Retard:
    """Days of lateness on a given day, 0 when not late.

    `propre`: against the line's own target date, which can move; `national`: against 31/12/2026.
    """

    propre: int
    national: int

    def __bool__(self) -> bool:
        return self.propre > 0 or self.national > 0


def etat(ligne: Faits, jour: date) -> Etat:
    """Return the state that people read on a day; the last day of validity is included (domaine.md D2)."""
    if ligne.statut is not Statut.SIGNEE:
        return Etat(ligne.statut.value)
    assert ligne.date_effet is not None
    assert ligne.fin_effective is not None
    if jour < ligne.date_effet:
        return Etat.A_VENIR
    if jour <= ligne.fin_effective:
        return Etat.EN_VIGUEUR
    if _relayee(ligne, jour):
        return Etat.REMPLACEE
    return Etat.RESILIEE if ligne.resiliation_effet is not None else Etat.ECHUE


def _relayee(ligne: Faits, jour: date) -> bool:
    """Tell whether a signed successor has taken effect, no later than a termination would have."""
    if ligne.suivante_statut is not Statut.SIGNEE or ligne.suivante_effet is None:
        return False
    limite = ligne.resiliation_effet or date.max
    return ligne.suivante_effet <= min(jour, limite)


def en_vigueur(ligne: Faits, jour: date) -> bool:
    """Tell whether the CTP is valid that day (domaine.md § 5.2)."""
    return etat(ligne, jour) is Etat.EN_VIGUEUR


def a_renouveler(ligne: Faits, jour: date, delai: int = DELAI_RENOUVELLEMENT) -> bool:
    """Tell whether it is in force, ends within `delai` days, and nobody has opened its successor.

    A CTP that a party has terminated is not to be renewed (domaine.md § 5.2).
    """
    if (
        not en_vigueur(ligne, jour)
        or ligne.suivante_statut is not None
        or ligne.resiliation_effet is not None
    ):
        return False
    assert ligne.fin_effective is not None
    return ligne.fin_effective <= jour + timedelta(days=delai)


def echue_sans_successeur(ligne: Faits, jour: date) -> bool:
    """Tell whether it has ended, by its date or by a termination, and no successor is signed.

    An open successor does not cover the pair yet.
    """
    return etat(ligne, jour) in (Etat.ECHUE, Etat.RESILIEE) and ligne.suivante_statut is not Statut.SIGNEE


def retard(ligne: Faits, jour: date) -> Retard:
    """Return the lateness of a line not signed yet, against its own target and the national deadline.

    The national deadline is that of a pair's first signature: a renewal is late against its own target only
    (domaine.md § 5.2, C2).
    """
    if ligne.statut not in OUVERTS:
        return Retard(0, 0)
    national = (jour - ECHEANCE_NATIONALE).days if ligne.remplace_id is None else 0
    return Retard(max(0, (jour - ligne.date_cible).days), max(0, national))


def jours_de_blocage(suspendue_le: date, jour: date) -> int:
    """Return for how many days a negotiation has been suspended."""
    return max(0, (jour - suspendue_le).days)


def trou(fin_effective: date, effet_suivante: date) -> int:
    """Return the days between a CTP and its successor: an anomaly unless 0 (domaine.md § 5.4)."""
    return max(0, (effet_suivante - fin_effective).days - 1)


def lendemain(jour: date) -> date:
    """Return the day after."""
    return jour + timedelta(days=1)


def fin_par_defaut(date_effet: date, mois: int = DUREE_MOIS) -> date:
    """Return the usual last day of a CTP: the same day, `mois` months after its effect (S0, D2)."""
    return plus_mois(date_effet, mois)


def fin_effective(date_fin: date, resiliation_effet: date | None, effet_suivante: date | None) -> date:
    """Return the last day really valid: the end, cut at the eve of a termination or of a signed successor."""
    veilles = [d - timedelta(days=1) for d in (resiliation_effet, effet_suivante) if d is not None]
    return min([date_fin, *veilles])


def effet_resiliation(notifiee_le: date, preavis: int = PREAVIS_MOIS) -> date:
    """Return the first day without the CTP, `preavis` months after the notice (domaine.md § 5.4)."""
    return plus_mois(notifiee_le, preavis)


def bilan_le(fin: date, mois: int = BILAN_MOIS) -> date:
    """Return the day from which the final review of a CTP is asked for, some months before its last day."""
    return plus_mois(fin, -mois)


def alerte_atteinte(fin: date, depuis: date, jour: date, seuils: Iterable[int] = ALERTES_JOURS) -> int | None:
    """Return the threshold (days before the end) crossed after `depuis` and until `jour`, both included last.

    The nearest to the end when several were crossed at once (the worker was stopped), None without any.
    """
    return min((s for s in seuils if depuis < fin - timedelta(days=s) <= jour), default=None)
