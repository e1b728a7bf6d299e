"""Differences word by word: exact both ways, readable, bounded in time."""

from hypothesis import given
from hypothesis import strategies as st

from portal.shared.differences import Segment, Sort, mots

TEXTES = st.text(alphabet="ab <&\n.", max_size=40)


@given(TEXTES, TEXTES)
def test_both_texts_are_found_again(avant: str, apres: str) -> None:
    segments = mots(avant, apres)
    assert "".join(s.texte for s in segments if s.sort is not Sort.AJOUTE) == avant
    assert "".join(s.texte for s in segments if s.sort is not Sort.RETIRE) == apres


def test_a_changed_word_is_told_alone() -> None:
    assert mots("dans un délai de 192 heures.", "dans un délai de 168 heures.") == (
        Segment(Sort.EGAL, "dans un délai de "),
        Segment(Sort.RETIRE, "192"),
        Segment(Sort.AJOUTE, "168"),
        Segment(Sort.EGAL, " heures."),
    )


def test_several_words_replaced_stay_together() -> None:
    assert mots("tous les six mois", "tous les douze jours") == (
        Segment(Sort.EGAL, "tous les "),
        Segment(Sort.RETIRE, "six mois"),
        Segment(Sort.AJOUTE, "douze jours"),
    )


def test_a_paragraph_added_leaves_the_others() -> None:
    assert mots("Un.\n\nDeux.", "Un.\n\nEntre.\n\nDeux.") == (
        Segment(Sort.EGAL, "Un.\n\n"),
        Segment(Sort.AJOUTE, "Entre.\n\n"),
        Segment(Sort.EGAL, "Deux."),
    )


def test_nothing_to_compare() -> None:
    assert mots("", "") == ()
    assert mots("pareil", "pareil") == (Segment(Sort.EGAL, "pareil"),)
