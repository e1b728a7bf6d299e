"""What was typed when the session ended: kept in the page that signs in again, then sent once more.

Without scripts nothing else keeps it. It travels in a hidden field, from the page that refuses (401) through
the sign-in and its second factor to a page whose one button sends it again; the server stores nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, g, request, url_for
from werkzeug.exceptions import HTTPException
from wtforms import BooleanField, Field, FileField, HiddenField, PasswordField, SelectField
from wtforms.fields.core import UnboundField

from portal.web.comptes.forms import FormConnexion
from portal.web.errors import error_page
from portal.web.filters import show_date
from portal.web.forms import Formulaire
from portal.web.guards import local_target

TOKEN = "csrf_token"  # noqa: S105  (a name; the page that sends again has a new one)
PASSWORDS = frozenset({"actuel", "confirmation"})  # besides the names that hold « passe »
SECOND_FACTOR = "facteur"  # the pages that set the second factor: their `code` is a secret
NOT_READ = (BooleanField, FileField, HiddenField, PasswordField, SelectField)  # codes, not words


@dataclass(frozen=True)
class Reprise:
    """A form to send again: where, with what; `fichiers`: it also had files, which no page can keep."""

    vers: str
    champs: tuple[tuple[str, str], ...]
    fichiers: bool = False

    def pack(self) -> str:
        """Return the text of the hidden field."""
        return json.dumps(
            {"vers": self.vers, "champs": self.champs, "fichiers": self.fichiers}, ensure_ascii=False
        )


def unpack(text: str | None) -> Reprise | None:
    """Return what a hidden field holds; None when there is nothing in it, or when it was tampered with."""
    try:
        held = json.loads(text or "")
        fields = tuple((str(name), str(value)) for name, value in held["champs"])
        target = local_target(str(held["vers"]))
        return Reprise(target, fields, bool(held["fichiers"])) if target != "/" else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def signed_out(_error: HTTPException) -> Response:
    """Answer 401: the sign-in form, and what was typed, which leaves once signed in again."""
    typed = [] if g.get("corps_ignore") else list(request.form.items(multi=True))
    kept = _kept(typed)
    suite = local_target(_path(request.referrer or ""))
    form = FormConnexion(formdata=None, data={"suite": suite, "reprise": kept.pack() if kept else ""})
    return error_page(401, form=form, saisie=lisible(request.path, typed), reprise=kept)


def _path(address: str) -> str:
    """Return the path and the query of an address."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _kept(typed: list[tuple[str, str]]) -> Reprise | None:
    """Return the form to send again; None when it holds a secret, which is never written in a page."""
    if request.method != "POST" or not typed or request.blueprint == SECOND_FACTOR:
        return None
    if any(_is_password(name) for name, _ in typed):
        return None
    fields = tuple((name, value) for name, value in typed if name != TOKEN)
    files = any(one.filename for one in request.files.values())
    target = request.full_path if request.query_string else request.path
    return Reprise(target, fields, files)


def _is_password(name: str) -> bool:
    return name in PASSWORDS or "passe" in name


def lisible(path: str, typed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what a person wrote, as (label, text); the label is empty when no form declares the field.

    Choices, boxes and hidden fields are codes: they are sent again without being shown. So is a field
    without label, unless what it holds can only be a sentence. Passwords and codes are never shown.
    """
    known = _declared(path, {name for name, _ in typed})
    shown = []
    for name, value in typed:
        field = known.get(name)
        if not value.strip() or _is_password(name) or name in {TOKEN, "code"}:
            continue
        if field is None and " " in value.strip():
            shown.append(("", value))
        elif field is not None and _holds_words(field.field_class):
            shown.append((_label(field), _words(value)))
    return shown


def _declared(path: str, names: set[str]) -> "dict[str, UnboundField[Any]]":
    """Return the fields of the form that was sent.

    Nothing tells which it was: it is the one that declares the most of these names and the fewest others,
    of the room that answers this address when several do.
    """
    room = _room(path)

    def likely(form: type[Formulaire]) -> tuple[int, int, bool]:
        fields = set(_fields(form))
        return len(fields & names), -len(fields - names), form.__module__.startswith(room)

    best = max(_all_forms(Formulaire), key=likely)
    return _fields(best)


def _room(path: str) -> str:
    """Return the package of the view that answers to a form sent to `path`."""
    try:
        endpoint, _values = current_app.url_map.bind("").match(path, method="POST")
    except HTTPException:
        return "portal.web"
    return current_app.view_functions[endpoint].__module__.rpartition(".")[0]


def _all_forms(base: type[Formulaire]) -> Iterator[type[Formulaire]]:
    for one in base.__subclasses__():
        yield one
        yield from _all_forms(one)


def _fields(form: type[Formulaire]) -> "dict[str, UnboundField[Any]]":
    found = ((name, getattr(form, name)) for name in dir(form))
    return {name: field for name, field in found if isinstance(field, UnboundField)}


def _holds_words(kind: type[Field]) -> bool:
    """Tell whether one writes in such a field; what a page draws by itself, without a widget, is boxes."""
    widget: Any = kind.widget
    return widget is not None and not issubclass(kind, NOT_READ)


def _label(field: Any) -> str:
    return str(field.args[0] if field.args else field.kwargs.get("label") or "")


def _words(value: str) -> str:
    """Return a value as people write it: a browser sends dates year first."""
    try:
        return show_date(date.fromisoformat(value))
    except ValueError:
        return value


def page_context(kept: Reprise, suite: str | None) -> dict[str, Any]:
    """Return the variables of the page that sends again; `suite`: where to go instead."""
    return {
        "reprise": kept,
        "saisie": lisible(kept.vers.partition("?")[0], list(kept.champs)),
        "suite": local_target(suite) if suite else url_for("accueil.index"),
    }
