"""axe-core finds nothing against WCAG 2.2 AA: every page, both languages, wide and narrow, dialogs open."""

import pytest

from tests.browser.constats import Visite
from tests.browser.visites import ROLES, Role


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.nom)
@pytest.mark.parametrize("langue", ["fr", "en"])
def test_axe_finds_nothing(visite: Visite, role: Role, langue: str) -> None:
    found = [
        f"{constat.vue.nom} : {one}"
        for constat in visite.constats
        if constat.vue.role is role and constat.vue.langue == langue
        for one in constat.axe
    ]
    assert not found, "\n".join(found)
