"""Pure arithmetic of « Progression vers 2026 »: the cumulative curve, the pace needed, the projection.

A month is counted 365.25 / 12 days. The present pace is the mean of the last six full months and of the one
under way; the projection carries it on, and never passes what is planned. The pace needed shares what is
left evenly between now and the national deadline.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal.conventions.regles import ECHEANCE_NATIONALE
from portal.shared.dates import plus_mois

DEBUT = date(2022, 1, 1)
MOIS_OBSERVES = 6
JOURS_PAR_MOIS = 365.25 / 12


@dataclass(frozen=True)
class Point:
    """A month of the curve, as counts at its last day (today for the month under way).

    `realise` None: the month is to come; `necessaire` and `projete` None: it is past.
    """

    mois: date  # its first day
    realise: int | None
    necessaire: float | None
    projete: float | None


@dataclass(frozen=True)
class Trajectoire:
    """Where a territory stands on the way to the deadline, in pairs signed at least once.

    `rythme_actuel`, `rythme_necessaire`: signatures a month; the latter None once the deadline is past.
    `observe_depuis`: the first day on which the present pace rests.
    `projection`: pairs signed on the deadline at the present pace, None once it is past.
    `achevement`: the day when all would be signed at the present pace; None when never, or already done.
    """

    points: list[Point]
    signees: int
    prevues: int
    mois_restants: float
    rythme_actuel: float
    observe_depuis: date
    rythme_necessaire: float | None
    projection: float | None
    achevement: date | None

    @property
    def reste(self) -> int:
        """Pairs left to sign."""
        return max(0, self.prevues - self.signees)

    @property
    def tenue(self) -> bool | None:
        """Whether the present pace reaches the deadline; None once it is past and something is left."""
        if self.reste == 0:
            return True
        return None if self.rythme_necessaire is None else self.rythme_actuel >= self.rythme_necessaire


def trajectoire(par_mois: Mapping[date, int], prevues: int, jour: date) -> Trajectoire:
    """Return the trajectory on a day.

    `par_mois`: first signatures of a pair by first day of month, from any year; `prevues`: planned pairs.
    """
    signees = sum(par_mois.values())
    reste = max(0, prevues - signees)
    jours = max(0, (ECHEANCE_NATIONALE - jour).days)
    restants = jours / JOURS_PAR_MOIS
    actuel = rythme(par_mois, jour)
    return Trajectoire(
        points=_points(par_mois, prevues, jour, actuel),
        signees=signees,
        prevues=prevues,
        mois_restants=restants,
        rythme_actuel=actuel,
        observe_depuis=observe_depuis(jour),
        rythme_necessaire=reste / restants if jours else None,
        projection=min(float(prevues), signees + actuel * restants) if jours else None,
        achevement=_achevement(jour, reste, actuel),
    )


def observe_depuis(jour: date) -> date:
    """Return the first day of the six full months before the day's own."""
    return plus_mois(jour.replace(day=1), -MOIS_OBSERVES)


def rythme(par_mois: Mapping[date, int], jour: date) -> float:
    """Return the signatures a month, as the mean since `observe_depuis`, today included."""
    debut = observe_depuis(jour)
    nombre = sum(n for mois, n in par_mois.items() if debut <= mois <= jour)
    return nombre / (_mois(debut, jour) + 1 / JOURS_PAR_MOIS)


def _achevement(jour: date, reste: int, actuel: float) -> date | None:
    if reste == 0 or actuel == 0:
        return None
    jours = reste / actuel * JOURS_PAR_MOIS
    return jour + timedelta(days=round(jours)) if jours < 365 * 50 else None


def _points(par_mois: Mapping[date, int], prevues: int, jour: date, actuel: float) -> list[Point]:
    courant = jour.replace(day=1)
    dernier = max(courant, ECHEANCE_NATIONALE.replace(day=1))
    cumul = sum(nombre for mois, nombre in par_mois.items() if mois < DEBUT)
    signees = sum(par_mois.values())
    points, mois = [], DEBUT
    while mois <= dernier:
        cumul += par_mois.get(mois, 0)
        fin = jour if mois == courant else plus_mois(mois, 1) - timedelta(days=1)
        a_venir = mois >= courant and jour <= ECHEANCE_NATIONALE
        points.append(
            Point(
                mois=mois,
                realise=cumul if mois <= courant else None,
                necessaire=_necessaire(signees, prevues, jour, fin) if a_venir else None,
                projete=min(float(max(prevues, signees)), signees + actuel * _mois(jour, fin))
                if a_venir
                else None,
            )
        )
        mois = plus_mois(mois, 1)
    return points


def _mois(debut: date, fin: date) -> float:
    return (fin - debut).days / JOURS_PAR_MOIS


def _necessaire(signees: int, prevues: int, jour: date, fin: date) -> float:
    """Return where the straight line from today to « all signed on the deadline » stands on a day."""
    duree = (ECHEANCE_NATIONALE - jour).days
    part = (fin - jour).days / duree if duree else 1.0
    return signees + max(0, prevues - signees) * part
