"""Pure rules of what follows a session (domaine.md §§ 7.4, 7.7, 9.4). No database, no clock."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from portal.commissions.enums_dossiers import StatutPrescription as Statut
from portal.shared.dates import plus_mois

SEUIL = 5
"""Under so many households, a figure is masked in what leaves the commission (domaine.md § 9)."""

MISE_EN_OEUVRE_MOIS = 3
"""A decision is looked at so many months after it was taken (K7)."""

RELECTURE = timedelta(days=7)
"""How long the secretariat is proposed to leave members to read the draft [P]."""

SUITES: dict[Statut, tuple[Statut, ...]] = {
    Statut.A_FAIRE: (Statut.FAIT, Statut.REFUSE, Statut.SANS_NOUVELLES, Statut.ANNULE),
    Statut.SANS_NOUVELLES: (Statut.A_FAIRE, Statut.FAIT, Statut.REFUSE, Statut.ANNULE),
    Statut.FAIT: (Statut.A_FAIRE,),
    Statut.REFUSE: (Statut.A_FAIRE,),
    Statut.ANNULE: (Statut.A_FAIRE,),
}
DU_SECRETARIAT = frozenset({Statut.SANS_NOUVELLES, Statut.ANNULE})
"""What the secretariat alone notes: the bearer answers for what it does."""


def suites(statut: Statut, *, secretariat: bool) -> tuple[Statut, ...]:
    """Return what a prescription may become. The bearer does not take back what the secretariat cancelled."""
    if not secretariat and statut is Statut.ANNULE:
        return ()
    return tuple(one for one in SUITES[statut] if secretariat or one not in DU_SECRETARIAT)


def a_rappeler(echeance: date, rappelee: date | None, jour: date, *, avant: int, entre: int) -> bool:
    """Tell whether the bearer of a prescription still to do is reminded on a day: from `avant` days before
    its own, then every `entre` days."""
    if jour < echeance - timedelta(days=avant):
        return False
    return rappelee is None or jour >= rappelee + timedelta(days=entre)


def dernier_jour(notifiee_le: datetime, jours: int, fuseau: str) -> date:
    """Return the last day of an appeal, included: so many days after the prescriber was told, where the
    commission is."""
    return notifiee_le.astimezone(ZoneInfo(fuseau)).date() + timedelta(days=jours)


@dataclass(frozen=True)
class Fonction:
    """A function of the directory that sits, and its organisation, by their keys."""

    referent_id: int
    organisation_id: int


def formation_distincte(
    premiere: Collection[Fonction], examen: Collection[Fonction], *, autre_commission: bool
) -> bool:
    """Tell whether a formation is another or enlarged one (domaine.md § 7.7): in the same commission, an
    organisation more; in another, a function more, or not known yet."""
    if autre_commission:
        return not examen or bool(set(examen) - set(premiere))
    return bool({f.organisation_id for f in examen} - {f.organisation_id for f in premiere})


@dataclass(frozen=True)
class Mesure:
    """A figure: a share of a denominator when there is one, else a count or a median of days."""

    code: str
    numerateur: int | None
    denominateur: int | None = None

    @property
    def sans_objet(self) -> bool:
        """Whether there is nothing to measure: never shown as zero."""
        return self.numerateur is None or self.denominateur == 0

    @property
    def taux(self) -> float | None:
        """The share, None when there is none."""
        if self.sans_objet or not self.denominateur or self.numerateur is None:
            return None
        return self.numerateur / self.denominateur


def masquee(numerateur: int, denominateur: int) -> bool:
    """Tell whether a share must not leave the commission: too few households are counted, or left out."""
    return any(0 < part < SEUIL for part in (numerateur, denominateur - numerateur, denominateur))


def mediane(jours: Iterable[int]) -> int | None:
    """Return the median of some days, rounded to the day; None when there are none."""
    connus = list(jours)
    return round(median(connus)) if connus else None


def executee_a_temps(prise: date, suivis: Iterable[tuple[Statut, date]]) -> bool:
    """Tell whether every prescription that stands was done within the three months (K7)."""
    limite = plus_mois(prise, MISE_EN_OEUVRE_MOIS)
    tenues = [(statut, jour) for statut, jour in suivis if statut is not Statut.ANNULE]
    return bool(tenues) and all(statut is Statut.FAIT and jour <= limite for statut, jour in tenues)
