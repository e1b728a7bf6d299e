"""A logged-in page runs a constant number of SQL statements, at most eight: every page, as everyone."""

from werkzeug.exceptions import HTTPException

from tests.browser.compteur import Compteur
from tests.browser.constats import Visite
from tests.browser.serveur import Site


def test_every_page_takes_at_most_eight_statements(visite: Visite, compteur: Compteur, site: Site) -> None:
    adapter = site.app.url_map.bind("localhost")
    heaviest: dict[str, tuple[int, str]] = {}
    for address, statements in compteur.pages.items():
        try:
            endpoint, _values = adapter.match(address.partition("?")[0], method="GET")
        except HTTPException:
            continue
        # What a personal link opens is no logged-in page.
        if getattr(site.app.view_functions[endpoint], "garde", None) != "public":
            heaviest[endpoint] = max(heaviest.get(endpoint, (0, "")), (len(statements), address))
    assert len(heaviest) > 200
    beyond = {page: found for page, found in heaviest.items() if found[0] > compteur.assez}
    assert not beyond, "\n".join(f"{n} {page} {address}" for page, (n, address) in sorted(beyond.items()))
