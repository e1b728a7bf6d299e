"""The Flask application: one commit per successful write request, headers, errors, blueprints."""

import logging
import secrets
from collections.abc import Callable
from typing import Any
from wsgiref.headers import Headers

from flask import Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted
from whitenoise import WhiteNoise

import portal.tables
import portal.web.policies  # noqa: F401  (tables are mapped, policies registered, before the first request)
from portal.audit.service import request_id
from portal.config import ROOT, Settings
from portal.extensions import babel, csrf, htmx, login_manager
from portal.security import coffre
from portal.security.encryption import load_keys
from portal.shared import logs
from portal.shared.clock import Clock, SystemClock
from portal.shared.db import Database
from portal.web import blueprints, errors, filters, identity, locale, navigation, pieces
from portal.web.context import SAFE_METHODS, is_poll
from portal.web.guards import PUBLIC, check_every_route_is_guarded
from portal.web.saisie import Requete

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
YEAR = 365 * 24 * 3600
FORM_SIZE = 2 * 1024 * 1024  # bytes: what the texts of a form may weigh


class Portail(Flask):
    """Flask whose every successful write request is committed once, before its answer leaves."""

    request_class = Requete
    # Every template stays compiled: they are more than Jinja keeps of itself, and each is dear to compile.
    jinja_options: dict[str, Any] = {"cache_size": -1}  # noqa: RUF012 (as Flask declares it)

    def dispatch_request(self) -> ResponseReturnValue:
        response = self.make_response(super().dispatch_request())
        session = g.get("db_session")
        if session is not None and request.method not in SAFE_METHODS and response.status_code < 400:
            session.commit()
            for callback in g.get("after_commit", ()):
                callback()
        return response


def build(settings: Settings, *, database: Database | None, clock: Clock | None) -> Portail:
    """Make the application from its settings; a database or a clock can be handed over by tests."""
    logs.configure(console=settings.environnement != "production")
    app = Portail(
        "portal", root_path=str(ROOT / "portal"), template_folder=str(ROOT / "templates"), static_folder=None
    )
    app.config.update(_flask_config(settings))
    app.extensions["portail_settings"] = settings
    app.extensions["portail_database"] = database = database or Database(settings.database_url)
    coffre.installer(database, settings)
    app.extensions["portail_clock"] = clock or SystemClock()
    app.extensions["portail_cipher"] = load_keys(settings.encryption_keys, settings.var_dir)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")

    identity.init(login_manager)
    login_manager.init_app(app, add_context_processor=False)  # it would read the database
    _room_for_uploads(app, settings)
    csrf.init_app(app)
    htmx.init_app(app)
    babel.init_app(app, locale_selector=locale.select_locale, timezone_selector=locale.select_timezone)
    filters.init(app)
    navigation.init(app)
    pieces.init(app)
    errors.init(app)
    _lifecycle(app, settings)
    blueprints.register(app)
    _proxy_and_static(app, settings)
    check_every_route_is_guarded(app)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    prefix = "__Host-" if settings.https else ""
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SESSION_COOKIE_NAME": f"{prefix}portail",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "MAX_CONTENT_LENGTH": settings.max_upload_bytes,
        "MAX_FORM_MEMORY_SIZE": FORM_SIZE,
        "MAX_FORM_PARTS": 5000,
        "TRUSTED_HOSTS": [h.strip() for h in settings.trusted_hosts.split(",") if h.strip()] or None,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a long form is never lost
        "WTF_CSRF_SSL_STRICT": settings.https,
        "BABEL_DEFAULT_LOCALE": "fr",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "portal" / "translations"),
        "PREFERRED_URL_SCHEME": "https" if settings.https else "http",
        "TESTING": settings.environnement == "test",
        "PROPAGATE_EXCEPTIONS": False,
    }


def _security_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every answer, static files included."""
    headers = {
        "Content-Security-Policy": CSP,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings.https:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    return headers


def _proxy_and_static(app: Portail, settings: Settings) -> None:
    secured = _security_headers(settings)

    def secure(headers: Headers, _path: str, _url: str) -> None:
        for name, text in secured.items():
            headers[name] = text

    pages = app.wsgi_app
    files = WhiteNoise(
        pages,
        root=str(ROOT / "static"),
        prefix="static/",
        max_age=YEAR,
        allow_all_origins=False,
        add_headers_function=secure,
    )

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        # The pages refuse a host that is not served: static files are not asked of it either.
        trusted = host_is_trusted(environ.get("HTTP_HOST"), app.config["TRUSTED_HOSTS"])
        return (files if trusted else pages)(environ, start_response)

    app.wsgi_app = serve  # type: ignore[method-assign]  # how Flask says to wrap it
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        behind = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = behind  # type: ignore[method-assign]  # the same


def _room_for_uploads(app: Portail, settings: Settings) -> None:
    """Bound the body before anything reads it, the protection against CSRF first of all.

    Who is not signed in sends the text of a form and no more; the large files of some routes are taken from
    those who may send them only. The body is not read to tell who asks.
    """

    @app.before_request
    def make_room() -> None:
        if request.content_length is not None and request.content_length <= FORM_SIZE:
            return
        guard = getattr(app.view_functions.get(request.endpoint or ""), "garde", PUBLIC)
        if _carries_body() and not identity.somebody(guard):
            request.max_content_length = FORM_SIZE
            g.corps_ignore = True
            if request.content_length is not None:
                abort(413 if guard == PUBLIC else 401)
            return
        view = app.view_functions.get(request.endpoint or "")
        if size := getattr(view, "taille_max", None):
            request.max_content_length = max(size, settings.max_upload_bytes)


def _carries_body() -> bool:
    """Tell whether a body follows the headers, of a given length or in pieces."""
    return bool(request.content_length or "Transfer-Encoding" in request.headers)


def _lifecycle(app: Portail, settings: Settings) -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)

    @app.before_request
    def open_request() -> None:
        request_id.set(secrets.token_hex(8))
        if settings.maintenance and request.endpoint not in {"sante.healthz", "sante.readyz"}:
            abort(503)
        if "\x00" in request.path or any(
            "\x00" in text
            for given in (request.args, request.form)
            for item in given.items(multi=True)
            for text in item
        ):
            abort(400)  # a character that PostgreSQL cannot store

    app.before_request(identity.check_form_membership)

    @app.after_request
    def harden(response: Response) -> Response:
        for name, text in _security_headers(settings).items():
            response.headers.setdefault(name, text)
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("HX-Request")
        response.vary.add("Cookie")
        if "session_left" in g and not is_poll():
            response.headers["X-Session-Restant"] = str(int(identity.inactivite().total_seconds()))
        return response

    @app.teardown_request
    def close_request(_error: BaseException | None) -> None:
        session = g.pop("db_session", None)
        if session is not None:
            session.close()
