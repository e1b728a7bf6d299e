"""French public holidays, overseas included, and working days. Pure: a year and a département.

Sources: Code du travail L. 3133-1 (everywhere), L. 3422-2 (overseas), L. 3134-13 (Alsace and Moselle).
"""

from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter

from portal.shared.messages import N_

FIXES: tuple[tuple[int, int, str], ...] = (
    (1, 1, N_("Jour de l’an")),
    (5, 1, N_("Fête du Travail")),
    (5, 8, N_("Victoire de 1945")),
    (7, 14, N_("Fête nationale")),
    (8, 15, N_("Assomption")),
    (11, 1, N_("Toussaint")),
    (11, 11, N_("Armistice de 1918")),
    (12, 25, N_("Noël")),
)
DE_PAQUES: tuple[tuple[int, str], ...] = (
    (1, N_("Lundi de Pâques")),
    (39, N_("Ascension")),
    (50, N_("Lundi de Pentecôte")),
)
ABOLITION: dict[str, tuple[int, int]] = {
    "971": (5, 27),
    "972": (5, 22),
    "973": (6, 10),
    "974": (12, 20),
    "976": (4, 27),
    "977": (10, 9),
    "978": (5, 28),
}
ABOLITION_NOM = N_("Abolition de l’esclavage")
DROIT_LOCAL = frozenset({"57", "67", "68"})
VENDREDI_SAINT, SAINT_ETIENNE = N_("Vendredi saint"), N_("Saint-Étienne")


@lru_cache(maxsize=256)
def feries(annee: int, departement_code: str) -> dict[date, str]:
    """Return the holidays of a year in a département: French name by day."""
    paques = easter(annee)
    found = {date(annee, mois, jour): nom for mois, jour, nom in FIXES}
    found |= {paques + timedelta(days=apres): nom for apres, nom in DE_PAQUES}
    if departement_code in ABOLITION:
        found[date(annee, *ABOLITION[departement_code])] = ABOLITION_NOM
    if departement_code in DROIT_LOCAL:
        found[paques - timedelta(days=2)] = VENDREDI_SAINT
        found[date(annee, 12, 26)] = SAINT_ETIENNE
    return dict(sorted(found.items()))


def ferie(jour: date, departement_code: str) -> str:
    """Return the name of the holiday that a day is in a département, empty when it is none."""
    return feries(jour.year, departement_code).get(jour, "")


def ouvre(jour: date, departement_code: str) -> bool:
    """Tell whether a day is a working day: neither a week-end nor a holiday."""
    return jour.weekday() < 5 and not ferie(jour, departement_code)


def moins_jours_ouvres(jour: date, nombre: int, departement_code: str) -> date:
    """Return the day that leaves at least `nombre` whole working days before another."""
    found = jour
    while nombre > 0:
        found -= timedelta(days=1)
        nombre -= ouvre(found, departement_code)
    return found


def ouvre_suivant(jour: date, departement_code: str) -> date:
    """Return the day itself, or the first working day after it."""
    while not ouvre(jour, departement_code):
        jour += timedelta(days=1)
    return jour
