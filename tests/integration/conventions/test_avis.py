"""What e-mails about conventions lead to: the page of what they speak of."""

import re
from pathlib import Path

import pytest

from portal.notifications.messages import TEMPLATES

CONTENUS = sorted((TEMPLATES / "emails" / "conventions").glob("*.txt"))


@pytest.mark.parametrize("gabarit", CONTENUS, ids=[path.stem for path in CONTENUS])
def test_every_message_carries_the_address_of_its_page(gabarit: Path) -> None:
    corps = gabarit.read_text().partition("{% block corps %}")[2]
    assert re.search(r"{{ chemin\|lien }}", corps)
