"""What leaves the printer is whole: a wide list is laid on its side rather than cut, no page left blank."""

import re
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.visites import PILOTE_75

MILLIMETRE = 96 / 25.4
"""CSS pixels."""


def test_the_list_is_printed_with_all_its_columns(page_de: Callable[..., Page]) -> None:
    page = page_de(PILOTE_75)
    page.goto("/conventions")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    assert boxes
    assert all(float(width) > float(height) for width, height in boxes)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": int((297 - 2 * 12) * MILLIMETRE), "height": 700})
    frame = page.locator(".tableau-cadre").filter(has=page.locator("#conventions"))
    assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth")


def test_a_table_longer_than_a_page_follows_what_precedes_it(page_de: Callable[..., Page]) -> None:
    page = page_de(PILOTE_75)
    page.goto("/progression")
    page.emulate_media(media="print")
    natures = page.locator("section.panneau").filter(has=page.locator("#natures"))
    assert natures.evaluate("(panneau) => getComputedStyle(panneau).breakInside") == "auto"
    assert page.locator("section.panneau").first.evaluate("(p) => getComputedStyle(p).breakInside") == "avoid"
