"""Guards of routes. A route without one does not start: denied by default."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import Forbidden
from portal.web.context import SAFE_METHODS, actor_or_none

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "connecte"


def public(view: View) -> View:
    """Mark a route open to anyone."""
    view.garde = PUBLIC  # type: ignore[attr-defined]  # a mark on the function, which tests read
    return view


def signed_in(view: View) -> View:
    """Mark a route open to any signed-in person, for what is their own."""
    return _guard(view, SIGNED_IN, None)


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a route with the permission that it takes (on nothing in particular).

    Rights on the object itself are checked by the service; what is invisible is not found by its query.
    """

    def decorate(view: View) -> View:
        return _guard(view, permission, permission)

    return decorate


def accepts_upload(size: int) -> Callable[[View], View]:
    """Mark a route that takes larger files than the others; `size` in bytes. Goes above the guard."""

    def decorate(view: View) -> View:
        view.taille_max = size  # type: ignore[attr-defined]  # a mark that the application reads
        return view

    return decorate


def _guard(view: View, mark: object, permission: Permission | None) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        actor = actor_or_none()
        if actor is None:
            return challenge()
        if permission is not None and not can(actor, permission):
            raise Forbidden(permission.value)
        return view(*args, **kwargs)

    guarded.garde = mark  # type: ignore[attr-defined]  # as above
    return guarded  # type: ignore[return-value]  # the same signature, which `wraps` does not tell


def challenge() -> Response:
    """Ask to sign in: a redirection for a page, 401 for what a script asked (it signs in in place)."""
    if "HX-Request" in request.headers or request.method not in SAFE_METHODS:
        abort(401)
    suite = request.full_path if request.query_string else request.path
    return redirect(url_for("comptes.connexion", suite=suite), 303)


def local_target(target: str | None) -> str:
    """Return `target` when it is a path of this portal, else the home page: no open redirection."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(char) < 32 for char in target):
        return "/"
    return target


def check_every_route_is_guarded(app: Flask) -> None:
    """Refuse to start when a route has no guard."""
    bare = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "garde")
    ]
    if bare:
        raise RuntimeError(f"routes without a guard: {sorted(bare)}")
