"""Drawings that are signatures, and what only looks like one; who signs for whom."""

from datetime import date

import pytest

from portal.grilles.autorisations.apercu import signataire
from portal.grilles.autorisations.enums import Signataire
from portal.grilles.autorisations.signatures import TRACE_MAX, lisible
from portal.grilles.menages.identites import Identite

JOUR = date(2026, 3, 2)


@pytest.mark.parametrize("trace", ["M1 1L2 2L3 3L4 4", "M0 0L600 200M10 10L20 20", "M1 1L2 2" * 2])
def test_strokes_in_the_frame_are_a_drawing(trace: str) -> None:
    assert lisible(trace)


@pytest.mark.parametrize(
    "trace",
    [
        "",
        "M1 1",
        "L1 1L2 2L3 3L4 4",
        "M1 1L601 2L3 3L4 4",
        "M1 1L2 201L3 3L4 4",
        "M1 1 L2 2L3 3L4 4",
        "M1 1C2 2L3 3L4 4",
        "M-1 1L2 2L3 3L4 4",
        "M1 1" + "L2 2" * TRACE_MAX,
        "<svg>",
        "M1 1L2 2L3 3L4 4\n",
    ],
)
def test_anything_else_is_not(trace: str) -> None:
    assert not lisible(trace)


@pytest.mark.parametrize(
    ("naissance", "representant", "qui"),
    [
        (date(2008, 3, 2), "", Signataire.SOI),  # eighteen today
        (date(2008, 3, 3), "", Signataire.REPRESENTANT),
        (date(2008, 3, 3), "Sa mère", Signataire.REPRESENTANT),
        (date(1950, 1, 1), "UDAF", Signataire.MANDATAIRE),
        (date(2008, 2, 29), "", Signataire.SOI),
    ],
)
def test_who_signs_for_an_adult(naissance: date, representant: str, qui: Signataire) -> None:
    assert signataire(JOUR, Identite("Fictif", "Anna", naissance, representant)) is qui


def test_nobody_is_named_in_the_protected_circuit() -> None:
    assert signataire(JOUR, None) is Signataire.SOI
