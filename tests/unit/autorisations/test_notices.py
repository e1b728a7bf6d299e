"""The notices: every language says as much, and a version that was read is read again."""

import pytest

from portal.grilles.autorisations import notices
from portal.grilles.autorisations.enums import ObjetAutorisation


@pytest.mark.parametrize("version", notices.versions())
def test_every_language_says_as_much(version: str) -> None:
    dites = notices.langues(version)
    assert next(iter(dites)) == "fr"
    assert "en" in dites
    francaise = dites["fr"]
    for une in dites.values():
        assert une.sens in ("ltr", "rtl")
        for objet in ObjetAutorisation:
            assert len(une.phrases(objet)) == len(francaise.phrases(objet)), une.langue


def test_a_language_that_is_not_there_is_read_in_french() -> None:
    assert notices.notice(notices.actuelle(), "xx").langue == "fr"
    with pytest.raises(KeyError):
        notices.langues("999")


def test_the_two_objects_are_told_apart() -> None:
    une = notices.notice("1", "fr")
    assert "commission" in " ".join(une.presentation)
    assert "commission" not in " ".join(une.transmission)
    assert any("Si vous refusez, rien d’autre ne change" in phrase for phrase in une.commun)
