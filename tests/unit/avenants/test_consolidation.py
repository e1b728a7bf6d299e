"""The text of a convention on a day, whatever the order in which its avenants are read."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from portal.conventions.avenants.consolidation import Changement, Etat, consolider

BASE = Etat(
    1,
    frozenset({"CHU"}),
    {"6.3": "La revue a lieu chaque trimestre."},
    {("5.2", "freq"): "6", ("8", "n"): "1"},
)
JANVIER, MARS = date(2026, 1, 1), date(2026, 3, 1)
PREMIER = Changement(1, JANVIER, valeurs={("5.2", "freq"): "4"}, natures_ajoutees=frozenset({"RS"}))
SECOND = Changement(
    2,
    MARS,
    version_id=2,
    textes={"6.3": "La revue a lieu chaque mois."},
    valeurs={("5.2", "freq"): "3"},
    natures_retirees=frozenset({"CHU"}),
)


def test_before_any_effect_it_is_what_was_signed() -> None:
    assert consolider(BASE, [PREMIER, SECOND], JANVIER - timedelta(days=1)) == BASE


def test_an_avenant_changes_the_text_from_its_very_day() -> None:
    lu = consolider(BASE, [PREMIER, SECOND], JANVIER)
    assert lu.valeurs == {("5.2", "freq"): "4", ("8", "n"): "1"}
    assert lu.natures == {"CHU", "RS"}
    assert lu.textes == BASE.textes
    assert lu.version_id == 1


def test_the_later_one_says_the_last_word_on_what_it_changes_only() -> None:
    lu = consolider(BASE, [SECOND, PREMIER], MARS)
    assert lu.valeurs == {("5.2", "freq"): "3", ("8", "n"): "1"}
    assert lu.natures == {"RS"}
    assert lu.textes == {"6.3": "La revue a lieu chaque mois."}
    assert lu.version_id == 2


def test_without_a_day_every_signed_one_counts() -> None:
    assert consolider(BASE, [PREMIER, SECOND]) == consolider(BASE, [PREMIER, SECOND], date.max)


def test_what_is_not_signed_changes_nothing() -> None:
    assert consolider(BASE, [Changement(3, None, textes={"6.3": "Autre chose"})]) == BASE


def test_two_on_one_day_follow_their_numbers() -> None:
    tard = Changement(2, JANVIER, valeurs={("5.2", "freq"): "9"})
    assert consolider(BASE, [tard, PREMIER], JANVIER).valeurs["5.2", "freq"] == "9"


CHANGEMENTS = st.lists(
    st.builds(
        Changement,
        numero=st.integers(1, 1000),
        effet=st.none() | st.dates(date(2024, 1, 1), date(2028, 1, 1)),
        natures_ajoutees=st.frozensets(st.sampled_from(["RS", "PF"])),
        natures_retirees=st.frozensets(st.sampled_from(["CHU", "PF"])),
        valeurs=st.dictionaries(st.just(("5.2", "freq")), st.sampled_from(["3", "4", "5"])),
    ),
    max_size=5,
    unique_by=lambda changement: changement.numero,
)


@given(CHANGEMENTS, st.dates(date(2023, 1, 1), date(2029, 1, 1)), st.randoms())
def test_the_order_of_reading_does_not_matter(
    changements: list[Changement], jour: date, hasard: Random
) -> None:
    melanges = list(changements)
    hasard.shuffle(melanges)
    assert consolider(BASE, melanges, jour) == consolider(BASE, changements, jour)


@given(CHANGEMENTS)
def test_the_day_after_the_last_effect_it_is_whole(changements: list[Changement]) -> None:
    assert consolider(BASE, changements, date(2028, 1, 2)) == consolider(BASE, changements)
