"""When a bilan is asked for, and for which period (domaine.md §§ 4.5, 5.2). Pure: no database, no clock.

Periods follow each other from the day of effect, as many months each as the text said then: what an avenant
changes holds for the period under way. The final bilan, some months before the end, is about the whole
convention; a period that would end after it was asked for has none of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portal.conventions.bilans.enums import Genre, Situation
from portal.conventions.regles import BILAN_MOIS, bilan_le
from portal.shared.dates import plus_mois

FREQUENCE_MOIS = 12
"""Months between two bilans when the text says nothing (`freq_bilan_mois`, domaine.md § 4.5: S1, S2)."""

DELAI_JOURS = 60
"""Days to give a periodic bilan once its period is over [P]."""

RELANCE_JOURS = 365
"""Days after which a bilan that nobody gave is no longer among the things to do [P]."""

FINAL = 0
"""Rank of the final bilan; periods are ranked from 1."""


@dataclass(frozen=True)
class Rythme:
    """Months between two bilans: `mois` at first, then what avenants say, each from a day, in order."""

    mois: int = FREQUENCE_MOIS
    ensuite: tuple[tuple[date, int], ...] = ()

    def du(self, jour: date) -> int:
        """Return the months between two bilans on a day."""
        return next((mois for depuis, mois in reversed(self.ensuite) if depuis <= jour), self.mois)


@dataclass(frozen=True)
class Demande:
    """A bilan to ask for: its rank, its period (both days included), since when, until when."""

    rang: int
    du: date
    au: date
    demande_le: date
    echeance: date


def genre(rang: int) -> Genre:
    """Return which kind of bilan a rank is."""
    return Genre.FINAL if rang == FINAL else Genre.PERIODIQUE


def situation(*, rendu: bool, echeance: date, jour: date) -> Situation:
    """Return what people read on a day; the day itself is not late."""
    if rendu:
        return Situation.RENDU
    return Situation.MANQUANT if echeance < jour else Situation.ATTENDU


def periodes(effet: date, rythme: Rythme, delai: int = DELAI_JOURS) -> Iterator[Demande]:
    """Yield the bilans of the periods, without an end: each is asked for on the day after its last.

    A period that an avenant shortens below what has gone by is asked for on the day of that avenant. One that
    was over under what the text said before stays as it was: no avenant changes the past.
    """
    mois, rang = 0, 0
    while True:
        debut, duree, depuis = mois, rythme.mois, effet
        for changement, autre in rythme.ensuite:
            if max(plus_mois(effet, debut + duree), depuis) <= changement:
                break
            duree, depuis = autre, changement
        mois, rang = debut + duree, rang + 1
        suivante = plus_mois(effet, mois)
        demande_le = max(suivante, depuis)
        yield Demande(
            rang,
            plus_mois(effet, debut),
            suivante - timedelta(days=1),
            demande_le,
            demande_le + timedelta(days=delai),
        )


def final(effet: date, fin: date, mois: int = BILAN_MOIS) -> Demande:
    """Return the final bilan: asked for some months before the last day, due on that day."""
    return Demande(FINAL, effet, fin, max(effet, bilan_le(fin, mois)), fin)


def demande_du_jour(
    effet: date,
    fin: date,
    jour: date,
    *,
    rythme: Rythme | None = None,
    mois: int = BILAN_MOIS,
    delai: int = DELAI_JOURS,
) -> Demande | None:
    """Return the bilan that a convention owes on a day: the final one once asked for, else the last period's.

    Periods before are not asked for any more: a worker that was stopped asks for what is still true. None
    outside of the convention's validity, and before its first period is over.
    """
    if not effet <= jour <= fin:
        return None
    au_terme = final(effet, fin, mois)
    if jour >= au_terme.demande_le:
        return au_terme
    derniere = None
    for une in periodes(effet, rythme or Rythme(), delai):
        if une.demande_le > jour:
            break
        derniere = une
    return derniere


def prochaine(
    effet: date, fin: date, jour: date, *, rythme: Rythme | None = None, mois: int = BILAN_MOIS
) -> Demande | None:
    """Return the next bilan that will be asked for after a day, None when none is left."""
    au_terme = final(effet, fin, mois)
    suivant = next(une for une in periodes(effet, rythme or Rythme()) if une.demande_le > jour)
    voulu = suivant if suivant.demande_le < au_terme.demande_le else au_terme
    return voulu if voulu.demande_le > jour else None
