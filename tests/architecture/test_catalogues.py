"""The portal speaks both languages whole: nothing untranslated, no placeholder lost on the way."""

import ast
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from portal.config import ROOT
from portal.shared.translations import LANGUAGES
from portal.web.catalogues import CATALOGUES, KEYWORDS, missing_translations

# Filled by Python (%(nom)s, %%) or by the page's scripts ({n}).
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}")


def _catalogue(langue: str) -> Catalog:
    with (CATALOGUES / langue / "LC_MESSAGES" / "messages.po").open("rb") as po:
        return read_po(po, locale=langue)


def _messages(langue: str) -> Iterator[Message]:
    return (message for message in _catalogue(langue) if message.id)


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def test_every_message_is_in_english() -> None:
    assert missing_translations() == []


@pytest.mark.parametrize("langue", LANGUAGES)
def test_no_translation_is_left_to_review(langue: str) -> None:
    assert [message.id for message in _messages(langue) if message.fuzzy] == []


@pytest.mark.parametrize("langue", LANGUAGES)
def test_a_translation_keeps_the_placeholders(langue: str) -> None:
    wrong = [
        f"{source} → {translated}"
        for message in _messages(langue)
        for source, translated in zip(_forms(message.id), _forms(message.string), strict=True)
        if translated and sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(translated))
    ]
    assert wrong == []


def test_french_counts_zero_in_the_singular() -> None:
    french = _catalogue("fr")
    assert french.num_plurals == 2
    assert french.plural_expr == "(n > 1)"


def test_every_plural_is_filled_in_french() -> None:
    """Without its French forms, a plural falls back to a rule that says « 0 conventions »."""
    french = _catalogue("fr")
    plurals = [message.id for message in _messages("en") if message.pluralizable]
    filled = {id_: french.get(id_) for id_ in plurals}
    assert plurals
    assert [
        id_ for id_, message in filled.items() if message is None or not all(_forms(message.string))
    ] == []


def test_no_message_hides_in_a_formatted_string() -> None:
    """The extraction reads no call inside an f-string: such a message would stay French."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "portal").rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
        if call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []
