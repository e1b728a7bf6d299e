"""Two people edit the same record: what the second one is shown (409), both versions side by side."""

from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, Field, HiddenField, SelectField, SelectMultipleField

from portal.audit.service import history
from portal.web.context import db
from portal.web.filters import show_date, show_datetime
from portal.web.forms import ChampDate, Formulaire


def conflict(current: Any, stored: Formulaire, typed: Formulaire, reload: str) -> dict[str, Any]:
    """Return the arguments of the macro `conflit`, and give the typed form the version to save over.

    `current`: the record as it now is; `stored`: its form, filled with it; `typed`: the form received.
    """
    entries = history(db(), current.__tablename__, current.id, 1)
    typed.version.data = str(current.version)
    return {
        "lignes": rows_of(stored, typed),
        "auteur": entries[0].auteur if entries else _("Une autre personne"),
        "quand": _("le %(quand)s", quand=show_datetime(current.updated_at)),
        "recharger": reload,
    }


def rows_of(stored: Formulaire, typed: Formulaire) -> list[tuple[str, str, str]]:
    """Return what people read of two fillings of a form: label, stored value, typed value."""
    return [
        (field.label.text, field_text(stored[field.name]), field_text(field))
        for field in typed
        if not isinstance(field, HiddenField)
    ]


def field_text(field: Field) -> str:
    """Return what a field holds, as a person reads it."""
    if hasattr(field, "texte"):
        return str(field.texte())
    if isinstance(field, SelectMultipleField):
        chosen = set(field.data or ())
        return ", ".join(str(label) for value, label in _choices(field) if value in chosen)
    if isinstance(field, SelectField):
        return next((str(label) for value, label in _choices(field) if value == field.data), "")
    if isinstance(field, BooleanField):
        return str(_("oui") if field.data else _("non"))
    if isinstance(field, ChampDate):
        return show_date(field.data)
    return str(field.data or "").strip()


def _choices(field: Any) -> list[tuple[str, str]]:
    return [(choice.value, choice.label) for choice in field.iter_choices()]
