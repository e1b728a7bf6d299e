"""Rules of a CTP's life, without database (S0; domaine.md § 5, § 15 cases 5 and 6)."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from portal.conventions import regles
from portal.conventions.enums import Etat, Statut


@dataclass
class Ligne:
    """A line as the rules read it; by default the one of S0: 12/12/2022 → 12/12/2026."""

    statut: Statut = Statut.SIGNEE
    date_cible: date = date(2026, 12, 31)
    date_effet: date | None = date(2022, 12, 12)
    fin_effective: date | None = date(2026, 12, 12)
    resiliation_effet: date | None = None
    remplace_id: int | None = None
    suivante_statut: Statut | None = None
    suivante_effet: date | None = None


@pytest.mark.parametrize(
    ("jour", "etat", "a_renouveler"),
    [
        (date(2022, 12, 11), Etat.A_VENIR, False),
        (date(2022, 12, 12), Etat.EN_VIGUEUR, False),
        (date(2025, 12, 11), Etat.EN_VIGUEUR, False),
        (date(2025, 12, 12), Etat.EN_VIGUEUR, True),
        (date(2026, 12, 12), Etat.EN_VIGUEUR, True),
        (date(2026, 12, 13), Etat.ECHUE, False),
    ],
)
def test_the_example_of_s0(jour: date, etat: Etat, a_renouveler: bool) -> None:
    """domaine.md § 15, case 5: last day included, to be renewed since 12/12/2025."""
    assert regles.etat(Ligne(), jour) is etat
    assert regles.a_renouveler(Ligne(), jour) is a_renouveler
    assert regles.echue_sans_successeur(Ligne(), jour) is (etat is Etat.ECHUE)


def test_usual_end_is_the_same_day_48_months_later() -> None:
    """S0: 12/12/2022 → 12/12/2026."""
    assert regles.fin_par_defaut(date(2022, 12, 12)) == date(2026, 12, 12)
    assert regles.fin_par_defaut(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert regles.fin_par_defaut(date(2022, 8, 31), 6) == date(2023, 2, 28)


@pytest.mark.parametrize("statut", [s for s in Statut if s is not Statut.SIGNEE])
def test_a_line_not_signed_shows_its_stored_state(statut: Statut) -> None:
    assert regles.etat(Ligne(statut=statut), date(2026, 1, 1)).value == statut.value


@pytest.mark.parametrize(
    ("suivante_statut", "suivante_effet", "jour", "etat", "sans_successeur"),
    [
        (Statut.SIGNEE, date(2026, 12, 13), date(2026, 12, 13), Etat.REMPLACEE, False),
        # A gap: until the successor takes effect the pair is not covered (domaine.md § 5.4).
        (Statut.SIGNEE, date(2027, 2, 1), date(2027, 1, 15), Etat.ECHUE, False),
        (Statut.SIGNEE, date(2027, 2, 1), date(2027, 2, 1), Etat.REMPLACEE, False),
        # An open successor does not cover the pair.
        (Statut.PROJET, None, date(2026, 12, 13), Etat.ECHUE, True),
    ],
)
def test_an_ended_line_and_its_successor(
    suivante_statut: Statut, suivante_effet: date | None, jour: date, etat: Etat, sans_successeur: bool
) -> None:
    ligne = Ligne(suivante_statut=suivante_statut, suivante_effet=suivante_effet)
    assert regles.etat(ligne, jour) is etat
    assert regles.echue_sans_successeur(ligne, jour) is sans_successeur


def test_a_terminated_line_has_ended_without_successor_once_its_notice_is_over() -> None:
    ligne = Ligne(fin_effective=date(2025, 5, 31), resiliation_effet=date(2025, 6, 1))
    assert not regles.echue_sans_successeur(ligne, date(2025, 5, 31))
    assert regles.echue_sans_successeur(ligne, date(2025, 6, 1))
    suivie = Ligne(
        fin_effective=date(2025, 5, 31),
        resiliation_effet=date(2025, 6, 1),
        suivante_statut=Statut.SIGNEE,
        suivante_effet=date(2026, 1, 1),
    )
    assert not regles.echue_sans_successeur(suivie, date(2025, 6, 1))


def test_a_line_with_a_successor_or_terminated_is_not_to_be_renewed() -> None:
    jour = date(2026, 6, 1)
    assert regles.a_renouveler(Ligne(), jour)
    assert not regles.a_renouveler(Ligne(suivante_statut=Statut.PROJET), jour)
    assert not regles.a_renouveler(Ligne(suivante_statut=Statut.SIGNEE), jour)
    assert not regles.a_renouveler(Ligne(resiliation_effet=date(2026, 12, 12)), jour)
    assert not regles.a_renouveler(Ligne(), jour, delai=90)


def test_termination_takes_effect_on_its_day_and_yields_to_an_earlier_successor() -> None:
    ligne = Ligne(fin_effective=date(2025, 5, 31), resiliation_effet=date(2025, 6, 1))
    assert regles.etat(ligne, date(2025, 5, 31)) is Etat.EN_VIGUEUR
    assert regles.etat(ligne, date(2025, 6, 1)) is Etat.RESILIEE
    ligne.suivante_statut, ligne.suivante_effet = Statut.SIGNEE, date(2025, 9, 1)
    assert regles.etat(ligne, date(2025, 9, 1)) is Etat.RESILIEE
    ligne.suivante_effet = date(2025, 6, 1)
    assert regles.etat(ligne, date(2025, 6, 1)) is Etat.REMPLACEE


def test_lateness_is_told_against_both_deadlines() -> None:
    """The national deadline is fixed (D1); the line's own target can move (domaine.md § 5.2, C2)."""
    ligne = Ligne(statut=Statut.EN_NEGOCIATION, date_cible=date(2026, 6, 30))
    assert regles.retard(ligne, date(2026, 6, 30)) == regles.Retard(0, 0)
    assert not regles.retard(ligne, date(2026, 6, 30))
    assert regles.retard(ligne, date(2026, 7, 10)) == regles.Retard(10, 0)
    assert regles.retard(ligne, date(2027, 1, 10)) == regles.Retard(194, 10)
    ligne.date_cible = date(2027, 6, 30)
    assert regles.retard(ligne, date(2027, 1, 10)) == regles.Retard(0, 10)


def test_a_renewal_is_late_against_its_own_target_only() -> None:
    fille = Ligne(statut=Statut.PROJET, remplace_id=1, date_cible=date(2026, 12, 12))
    assert regles.retard(fille, date(2027, 1, 10)) == regles.Retard(29, 0)


@pytest.mark.parametrize("statut", [Statut.SIGNEE, Statut.SANS_OBJET])
def test_what_is_signed_or_without_object_is_never_late(statut: Statut) -> None:
    assert not regles.retard(Ligne(statut=statut), date(2030, 1, 1))


def test_a_gap_between_a_ctp_and_its_successor_is_counted() -> None:
    """domaine.md § 5.4: a gap is an anomaly."""
    assert regles.trou(date(2026, 12, 12), date(2026, 12, 13)) == 0
    assert regles.trou(date(2026, 12, 12), date(2026, 12, 20)) == 7
    assert regles.trou(date(2026, 12, 12), date(2026, 12, 1)) == 0


def test_last_day_really_valid() -> None:
    fin = date(2026, 12, 12)
    assert regles.fin_effective(fin, None, None) == fin
    assert regles.fin_effective(fin, date(2025, 6, 1), None) == date(2025, 5, 31)
    assert regles.fin_effective(fin, None, date(2026, 1, 1)) == date(2025, 12, 31)
    assert regles.fin_effective(fin, date(2025, 6, 1), date(2026, 1, 1)) == date(2025, 5, 31)
    assert regles.fin_effective(fin, None, date(2027, 1, 1)) == fin


def test_renewal_alerts() -> None:
    """domaine.md § 5.2 [P]: J-365, J-180, J-90, J-30, J."""
    fin = date(2026, 12, 12)
    jours = [fin - timedelta(days=n) for n in range(400, -5, -1)]
    rappels = {
        jour: seuil
        for jour in jours
        if (seuil := regles.alerte_atteinte(fin, jour - timedelta(days=1), jour)) is not None
    }
    assert rappels == {
        date(2025, 12, 12): 365,
        date(2026, 6, 15): 180,
        date(2026, 9, 13): 90,
        date(2026, 11, 12): 30,
        date(2026, 12, 12): 0,
    }


def test_a_late_alert_tells_the_nearest_threshold() -> None:
    fin = date(2026, 12, 12)
    assert regles.alerte_atteinte(fin, date(2025, 12, 1), date(2026, 9, 20)) == 90
    assert regles.alerte_atteinte(fin, date(2026, 12, 12), date(2026, 12, 20)) is None


def test_notice_of_termination_is_two_months() -> None:
    """domaine.md § 5.4."""
    assert regles.effet_resiliation(date(2026, 1, 15)) == date(2026, 3, 15)
    assert regles.effet_resiliation(date(2025, 12, 31)) == date(2026, 2, 28)


def test_days_of_blockage() -> None:
    assert regles.jours_de_blocage(date(2026, 1, 1), date(2026, 3, 2)) == 60
    assert regles.jours_de_blocage(date(2026, 3, 3), date(2026, 3, 2)) == 0
