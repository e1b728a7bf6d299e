"""Error answers: what happened, and what to do next. Everything typed stays in the person's browser."""

from typing import Any

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal.audit.service import request_id
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from portal.web.forms import refusal

log = structlog.get_logger(__name__)
TEMPLATES = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})


class MembershipChanged(Exception):
    """The form was opened under another profile than the active one."""


def error_page(status: int, **context: object) -> Response:
    """Render the page of an error status; a dead database turns any of them into 503."""
    if status >= 500:
        g.sans_acteur = True  # the database may be what failed
    try:
        return _render(status, context)
    except OperationalError:
        g.sans_acteur = True
        return _render(503, {"occupe": True})


def _render(status: int, context: dict[str, object]) -> Response:
    code = status if status in TEMPLATES else (500 if status >= 500 else 400)
    page = render_template(f"errors/{code}.html", reference=request_id.get(), **context)
    return make_response(page, status)


def init(app: Flask) -> None:
    """Register the handlers."""
    for kind, handler in HANDLERS.items():
        app.register_error_handler(kind, handler)


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        return make_response(error.get_response())
    response = error_page(code)
    if code == 405 and (allowed := error.get_response().headers.get("Allow")):
        response.headers["Allow"] = allowed
    return response


def _too_large(_error: RequestEntityTooLarge) -> Response:
    return error_page(413, limite=request.max_content_length)


def _csrf_error(_error: CSRFError) -> Response:
    return error_page(400, formulaire_perime=True)


def _not_visible(_error: NotVisible) -> Response:
    return error_page(404)


def _forbidden(_error: Forbidden) -> Response:
    return error_page(403)


def _membership_changed(_error: MembershipChanged) -> Response:
    return error_page(409, profil_change=True)


def _stale(_error: Exception) -> Response:
    return error_page(409)


def _domain_error(error: DomainError | DomainErrors) -> Response:
    errors = error.errors if isinstance(error, DomainErrors) else [error]
    return error_page(422, messages=[refusal(one) for one in errors])


def _integrity(error: IntegrityError) -> Response:
    log.warning("integrity", path=_where(), cause=type(error.orig).__name__)
    return error_page(409)


def _operational(error: OperationalError) -> Response:
    log.error("database", path=_where(), cause=str(error.orig)[:200])
    response = error_page(503, occupe=True)
    response.headers["Retry-After"] = "5"
    return response


def _unexpected(error: Exception) -> Response:
    log.error("unexpected", path=_where(), request_id=request_id.get(), exc_info=error)
    return error_page(500)


def _where() -> str:
    """Return the path of the request without the secret that some links carry."""
    secret = (request.view_args or {}).get("jeton")
    return request.path.replace(secret, "…") if secret else request.path


HANDLERS: dict[type[Exception], Any] = {
    HTTPException: _http_error,
    RequestEntityTooLarge: _too_large,
    CSRFError: _csrf_error,
    NotVisible: _not_visible,
    Forbidden: _forbidden,
    MembershipChanged: _membership_changed,
    StaleVersion: _stale,
    StaleDataError: _stale,
    DomainError: _domain_error,
    DomainErrors: _domain_error,
    IntegrityError: _integrity,
    OperationalError: _operational,
    Exception: _unexpected,
}
