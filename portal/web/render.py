"""One route, page or fragment; answers to forms."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, make_response, redirect, render_template, request

from portal.extensions import htmx


def wants_fragment() -> bool:
    """Tell whether htmx asked for a part of the page (neither boosted nor restoring history)."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_view(template: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """Render the page, or its fragment for a targeted htmx request; the page includes the same file."""
    name = fragment if fragment and wants_fragment() else template
    return make_response(render_template(name, **context), status)


def see_other(target: str) -> Response:
    """Answer a successful POST: 303 to the page that shows the result.

    A targeted htmx request is told to go there itself, so that what it swaps is never a whole page.
    """
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = target
        return response
    return make_response(redirect(target, 303))


def attachment(data: Any, name: str, mimetype: str) -> Response:
    """Answer with a download; `data` is bytes or an iterator of bytes."""
    response = current_app.response_class(data, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def current_query(**changes: Any) -> dict[str, Any]:
    """Return the present query string's values with some changed; a None removes a key."""
    values: dict[str, Any] = request.args.to_dict(flat=False)
    values.update(changes)
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def url_avec(**changes: Any) -> str:
    """Return the current address with some query values changed; a None removes a key."""
    query = urlencode(current_query(**changes), doseq=True)
    return f"{request.path}?{query}" if query else request.path
