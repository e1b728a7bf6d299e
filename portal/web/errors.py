"""Error answers: what happened, and what to do next. Everything typed stays in the person's browser."""

import structlog
from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal.audit.service import request_id
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from portal.web.forms import domain_message

log = structlog.get_logger(__name__)
TEMPLATES = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})


class MembershipChanged(Exception):
    """The form was opened under another profile than the active one."""


def error_page(status: int, **context: object) -> Response:
    """Render the page of an error status."""
    code = status if status in TEMPLATES else (500 if status >= 500 else 400)
    return make_response(
        render_template(f"errors/{code}.html", reference=request_id.get(), **context), status
    )


def init(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return make_response(error.get_response())
        response = error_page(error.code)
        if error.code == 405 and error.get_response().headers.get("Allow"):
            response.headers["Allow"] = error.get_response().headers["Allow"]
        return response

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        return error_page(413, limite=app.config["MAX_CONTENT_LENGTH"])

    @app.errorhandler(CSRFError)
    def csrf_error(_error: CSRFError) -> Response:
        return error_page(400, formulaire_perime=True)

    @app.errorhandler(NotVisible)
    def not_visible(_error: NotVisible) -> Response:
        return error_page(404)

    @app.errorhandler(Forbidden)
    def forbidden(_error: Forbidden) -> Response:
        return error_page(403)

    @app.errorhandler(MembershipChanged)
    def membership_changed(_error: MembershipChanged) -> Response:
        return error_page(409, profil_change=True)

    @app.errorhandler(StaleVersion)
    @app.errorhandler(StaleDataError)
    def stale(_error: Exception) -> Response:
        return error_page(409)

    @app.errorhandler(DomainError)
    @app.errorhandler(DomainErrors)
    def domain_error(error: DomainError | DomainErrors) -> Response:
        errors = error.errors if isinstance(error, DomainErrors) else [error]
        return error_page(422, messages=[domain_message(one) for one in errors])

    @app.errorhandler(IntegrityError)
    def integrity(error: IntegrityError) -> Response:
        log.warning("integrity", path=request.path, cause=type(error.orig).__name__)
        return error_page(409)

    @app.errorhandler(OperationalError)
    def operational(error: OperationalError) -> Response:
        log.error("database", path=request.path, cause=str(error.orig)[:200])
        response = error_page(503, occupe=True)
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.exception("unexpected", path=request.path, request_id=request_id.get(), kind=type(error).__name__)
        return error_page(500)
