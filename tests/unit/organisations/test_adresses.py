"""An address as a text tells it."""

import pytest

from portal.organisations.adresses import en_une_ligne


@pytest.mark.parametrize(
    ("adresse", "commune", "dite"),
    [
        ("26 allée du Vieux Puits, 22200 Guingamp", "Guingamp", "26 allée du Vieux Puits, 22200 Guingamp"),
        ("26 ALLEE DU PUITS 22000 ST BRIEUC", "Saint-Brieuc", "26 ALLEE DU PUITS 22000 ST BRIEUC"),
        ("26 allée du Vieux Puits, GUINGAMP", "Guingamp", "26 allée du Vieux Puits, GUINGAMP"),
        ("26 allée de Guingamp", "Bégard", "26 allée de Guingamp, Bégard"),
        (
            "12 rue des Lilas, CS 60123 - bâtiment B",
            "Guingamp",
            "12 rue des Lilas, CS 60123 - bâtiment B, Guingamp",
        ),
        (
            "12 rue des Lilas, B.P. 60123 bâtiment B",
            "Bégard",
            "12 rue des Lilas, B.P. 60123 bâtiment B, Bégard",
        ),
        (
            "Place du Centre, CS 60123, 22200 Guingamp",
            "Guingamp",
            "Place du Centre, CS 60123, 22200 Guingamp",
        ),
        ("", "Guingamp", "Guingamp"),
        (None, None, ""),
    ],
)
def test_the_town_is_told_once(adresse: str | None, commune: str | None, dite: str) -> None:
    assert en_une_ligne(adresse, commune) == dite
