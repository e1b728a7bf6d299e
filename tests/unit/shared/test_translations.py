"""French texts as they are shown: no line begins with a sign of the word before."""

import pytest

from portal.shared.translations import catalogue


@pytest.mark.parametrize(
    ("ecrit", "montre"),
    [
        ("Motif : « à revoir » ; est-ce fini ? Oui !", "Motif~: «~à revoir~»~; est-ce fini~? Oui~!"),
        ("À 10:30, voir https://exemple.example/?q=1", "À 10:30, voir https://exemple.example/?q=1"),
        ("%(nom)s : %(valeur)s", "%(nom)s~: %(valeur)s"),
    ],
)
def test_a_sign_stays_with_its_word(ecrit: str, montre: str) -> None:
    assert catalogue("fr").gettext(ecrit) == montre.replace("~", "\N{NO-BREAK SPACE}")
    assert catalogue("en").gettext(ecrit + "?") == ecrit + "?"
