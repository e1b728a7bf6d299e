"""How many SQL statements each page of a portal takes, seen from outside: none of its code knows of it."""

from collections.abc import Callable, Iterable
from threading import local
from typing import Any, Self

from sqlalchemy import event

from tests.browser.serveur import Site


class Compteur:
    """Counts the statements of each page that is asked for in its block, by its address: the most of them.

    A page that takes more than `assez` is asked for again at once and the second answer counts: what the
    process reads once and keeps (lists of reference, published models) is no part of what a page costs.
    """

    def __init__(self, site: Site, assez: int) -> None:
        self.site, self.assez = site, assez
        self.pages: dict[str, list[str]] = {}
        self._ici = local()

    def __enter__(self) -> Self:
        event.listen(self.site.database.engine, "before_cursor_execute", self._noter)
        self._servie, self.site.app.wsgi_app = self.site.app.wsgi_app, self._servir  # type: ignore[method-assign]
        return self

    def __exit__(self, *_error: object) -> None:
        self.site.app.wsgi_app = self._servie  # type: ignore[method-assign]
        event.remove(self.site.database.engine, "before_cursor_execute", self._noter)

    def _noter(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN") and getattr(self._ici, "dites", None) is not None:
            self._ici.dites.append(statement)

    def _servir(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        again = dict(environ)
        answer, page = self._demander(environ, start)
        if page and len(self._ici.dites) > self.assez:
            self._demander(again, lambda *_said: None)
        if page:
            address = again["PATH_INFO"] + "?" * bool(again["QUERY_STRING"]) + again["QUERY_STRING"]
            self.pages[address] = max(self.pages.get(address, []), self._ici.dites, key=len)
        self._ici.dites = None
        return answer

    def _demander(self, environ: dict[str, Any], start: Callable[..., Any]) -> tuple[Iterable[bytes], bool]:
        """Return an answer, whole, and whether it is a page."""
        said: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said[:] = [status, dict(headers).get("Content-Type", "")]
            return start(status, headers, *rest)

        self._ici.dites = []
        answer = self._servie(environ, note)
        body = [b"".join(answer)]
        getattr(answer, "close", lambda: None)()
        status, kind = said
        return body, environ["REQUEST_METHOD"] == "GET" and status[:3] == "200" and kind[:9] == "text/html"
