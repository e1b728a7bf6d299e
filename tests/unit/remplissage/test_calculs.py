"""The computed values (domaine.md § 6.4, § 15 case 24): they inform, and never decide."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.grilles.calculs import (
    Charge,
    Donnees,
    EchelleUC,
    Logement,
    Mention,
    Parametres,
    Resultat,
    places,
    reste_a_vivre,
    surface_minimale,
    taux_effort,
    unites,
)

JOUR = date(2026, 3, 2)
OCDE = Parametres(echelle=EchelleUC.OCDE, charges=(Charge.ENERGIE,))


@pytest.mark.parametrize(
    ("surface", "attendues"),
    [
        ("0", 0), ("8.99", 0), ("9", 1), ("11.9", 1), ("12", 2), ("22.9", 2), ("23", 3), ("34", 4), ("45", 5),
        ("56", 6), ("67", 7), ("78", 8), ("89", 9), ("99.9", 9), ("100", 9), ("100.1", 10), ("101", 10),
        ("110", 10), ("110.1", 11), ("111", 11), ("120", 11), ("121", 12),
    ],
)  # fmt: skip
def test_places_follow_table_2(surface: str, attendues: int) -> None:
    assert places(Decimal(surface)) == attendues


@given(st.decimals(0, 500, places=2), st.decimals(0, 500, places=2))
def test_a_larger_home_never_counts_for_fewer_places(un: Decimal, autre: Decimal) -> None:
    assert places(min(un, autre)) <= places(max(un, autre))


def test_the_least_surface_is_what_the_sources_give_and_nothing_made_up() -> None:
    assert [surface_minimale(n) for n in range(5)] == [None, None, 18, 24, None]
    assert surface_minimale(4, (18, 24, 30)) == 30


@pytest.mark.parametrize(
    ("echelle", "adultes", "enfants", "grands", "centiemes"),
    [
        (EchelleUC.OCDE, 1, 0, 0, 100),
        (EchelleUC.OCDE, 2, 2, 0, 210),
        (EchelleUC.OCDE, 2, 2, 1, 230),
        (EchelleUC.OCDE, 1, 1, 3, 150),  # never more of them than there are children
        (EchelleUC.OXFORD, 2, 2, 0, 270),
        (EchelleUC.PERSONNE, 2, 2, 0, 400),
        (EchelleUC.OCDE, 0, 2, 0, 0),
    ],
)
def test_consumption_units(
    echelle: EchelleUC, adultes: int, enfants: int, grands: int, centiemes: int
) -> None:
    assert unites(echelle, adultes, enfants, grands) == centiemes


def test_what_is_left_to_live_on() -> None:
    found = reste_a_vivre(
        Donnees(ressources=165050, supportables=42000, autres=13000, adultes=2, enfants=2), OCDE, JOUR
    )
    assert found.valeur == 52405  # (1650,50 − 420 − 130) ÷ 2,1
    assert found.le == JOUR
    assert dict(found.parametres)["Unités de consommation"] == "2,1"
    assert dict(found.termes)["Ressources"] == 165050


@pytest.mark.parametrize(
    ("ressources", "mention"),
    [
        (66999, Mention.CAS_PAR_CAS),  # 269,99 €
        (67000, Mention.VIGILANCE),  # 270 €
        (70000, Mention.VIGILANCE),  # 300 €
        (70001, None),
        (10000, Mention.CAS_PAR_CAS),  # less than nothing is said too
    ],
)
def test_thresholds_only_ask_to_look(ressources: int, mention: Mention | None) -> None:
    found = reste_a_vivre(Donnees(ressources=ressources, supportables=40000, adultes=1), OCDE, JOUR)
    assert found.mention is mention


def test_a_departement_chooses_its_charges_and_its_thresholds() -> None:
    donnees = Donnees(
        ressources=100000, supportables=30000, loyer=50000, aides=10000, autres=20000, adultes=1
    )
    sans = Parametres(echelle=EchelleUC.OCDE)  # keeps no other charge
    assert reste_a_vivre(donnees, sans, JOUR).valeur == 70000
    suppose = Parametres(
        echelle=EchelleUC.OCDE, logement=Logement.HYPOTHESE, charges=(Charge.ENERGIE,), seuil_haut=500
    )
    found = reste_a_vivre(donnees, suppose, JOUR)
    assert found.valeur == 40000
    assert found.mention is Mention.VIGILANCE


@pytest.mark.parametrize(
    ("donnees", "parametres", "manque"),
    [
        (Donnees(ressources=1, supportables=1, adultes=1), Parametres(), ("echelle",)),
        (Donnees(), OCDE, ("ressources", "supportables", "adultes")),
        (Donnees(ressources=0, supportables=0, adultes=0), OCDE, ("adultes",)),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_made_up(
    donnees: Donnees, parametres: Parametres, manque: tuple[str, ...]
) -> None:
    found = reste_a_vivre(donnees, parametres, JOUR)
    assert found.valeur is None
    assert found.mention is None
    assert found.manque == manque


def test_the_share_of_housing_on_a_hypothesis_of_rent() -> None:
    donnees = Donnees(ressources=120000, loyer=48000, charges=6000, aides=21000)
    found = taux_effort(donnees, Parametres(), JOUR)
    assert found.valeur == 275
    assert found.mention is None  # no local threshold by default
    assert dict(found.parametres)["Loyer supposé"] == "480\u00a0€"
    assert taux_effort(donnees, Parametres(seuil_effort=25), JOUR).mention is Mention.REPERE_EFFORT
    assert taux_effort(Donnees(ressources=100, loyer=25), Parametres(seuil_effort=25), JOUR).mention is None
    assert taux_effort(Donnees(ressources=0, loyer=1), Parametres(), JOUR).manque == ("ressources",)


montants = st.none() | st.integers(0, 10**8)


@given(montants, montants, montants, st.integers(0, 12), st.integers(0, 12))
def test_whatever_is_answered_a_value_is_given_or_what_is_missing_and_kept_as_it_is(
    ressources: int | None, loyer: int | None, autres: int | None, adultes: int, enfants: int
) -> None:
    donnees = Donnees(
        ressources=ressources,
        supportables=loyer,
        loyer=loyer,
        autres=autres,
        adultes=adultes,
        enfants=enfants,
    )
    for found in (reste_a_vivre(donnees, OCDE, JOUR), taux_effort(donnees, OCDE, JOUR)):
        assert (found.valeur is None) is bool(found.manque)
        assert Resultat.from_json(found.to_json()) == found
