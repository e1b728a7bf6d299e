"""Pure rules of the commissions (domaine.md § 7). No database, no clock: days are those of the place."""

from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.commissions.enums import Quorum, Rythme
from portal.commissions.feries import ferie, moins_jours_ouvres, ouvre_suivant
from portal.shared.dates import plus_mois

SEANCES_MAXIMUM = 20
"""Sessions planned at once."""


@dataclass(frozen=True)
class Occurrence:
    """A day proposed for a session. `prevu`: the day that the rhythm gives, when a holiday moves it."""

    jour: date
    prevu: date
    ferie: str = ""

    @property
    def deplacee(self) -> bool:
        """Whether a holiday moves it."""
        return self.jour != self.prevu


def occurrences(
    depart: date, rythme: Rythme, nombre: int, combien: int, departement_code: str
) -> list[Occurrence]:
    """Return the days of the next sessions, the first on `depart` (S3: « toutes les trois semaines »).

    Weeks go by seven days; months keep the same weekday of the month (the second Tuesday), the last one
    when a month has no fifth. A holiday moves that session alone to the next working day; the day chosen
    for the first is kept as it is.
    """
    found = []
    for rang in range(min(max(combien, 1), SEANCES_MAXIMUM)):
        prevu = _rang(depart, rythme, nombre, rang)
        nom = ferie(prevu, departement_code)
        jour = ouvre_suivant(prevu, departement_code) if nom and rang else prevu
        found.append(Occurrence(jour, prevu, nom))
        if rythme is Rythme.A_LA_DEMANDE:
            break
    return found


def _rang(depart: date, rythme: Rythme, nombre: int, rang: int) -> date:
    if rythme is not Rythme.MOIS:
        return depart + timedelta(weeks=nombre * rang)
    premier = plus_mois(depart.replace(day=1), nombre * rang)
    decalage = (depart.weekday() - premier.weekday()) % 7
    jour = 1 + decalage + 7 * ((depart.day - 1) // 7)
    dernier = monthrange(premier.year, premier.month)[1]
    return premier.replace(day=jour if jour <= dernier else jour - 7)


def a_convoquer_avant(jour: date, convocation_jours: int, departement_code: str) -> date:
    """Return the last day on which a session may be convened (domaine.md § 7.2: working days [E])."""
    return moins_jours_ouvres(jour, convocation_jours, departement_code)


def instant(jour: date, heure: time, fuseau: str) -> datetime:
    """Return the instant, in UTC, of a civil day and time in a zone."""
    return datetime.combine(jour, heure, ZoneInfo(fuseau)).astimezone(UTC)


@dataclass(frozen=True)
class Assis:
    """A seat as the quorum counts it: its organisation, its college (None outside of them), whether it
    chairs, whether it comes. Permanent guests and consultative colleges are not counted."""

    organisation_id: int
    college_id: int | None
    preside: bool
    vient: bool


def quorum_atteint(quorum: Quorum, sieges: Collection[Assis], colleges: Iterable[int]) -> bool:
    """Tell whether those who come are enough (domaine.md § 7.2). `colleges`: those that deliberate."""
    if quorum is Quorum.CHAQUE_COLLEGE:
        presents = {one.college_id for one in sieges if one.vient}
        return all(college in presents for college in colleges)
    if quorum is Quorum.MOITIE:
        return 2 * sum(one.vient for one in sieges) >= len(sieges)
    if quorum is Quorum.PRESIDENCE:
        return any(one.preside and one.vient for one in sieges)
    return True
