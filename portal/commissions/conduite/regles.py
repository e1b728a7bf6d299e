"""Pure rules of the decisions (domaine.md §§ 7.4 to 7.6, 8.6)."""

from datetime import datetime, timedelta

from portal.commissions.nomenclatures import defavorables
from portal.grilles.transmissions.nomenclatures import Interdit, interdit_dans

AJOURNE = "AJOURNE"
ECARTENT = frozenset({"SORTIE", "LISTE_ATTENTE"})
"""Decisions that are no refusal but keep a household out: their reasons are watched in the same way."""

AVANCE = timedelta(hours=1)
"""A session is opened from this long before its time."""


def motif_interdit(code: str, *textes: str) -> Interdit | None:
    """Return the ground that nobody may give on which a refusal or an exclusion is founded, None without one.

    Other decisions may name such facts: the household's rights are opened, a support is asked for.
    """
    if code not in defavorables() | ECARTENT:
        return None
    return next((found for one in textes if (found := interdit_dans(one))), None)


def peut_ouvrir(maintenant: datetime, debut: datetime) -> bool:
    """Tell whether a session may be opened: from an hour before its time."""
    return maintenant >= debut - AVANCE
