"""What every form of the portal carries, and how the domain's refusals come back to its fields."""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Any, Self, cast

from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import DateInput

from portal.organisations.natures import Libelle
from portal.shared.db import new_ref
from portal.shared.errors import DomainError, DomainErrors
from portal.shared.messages import text_of
from portal.web.libelles import LIBELLES


def _l(text: str) -> str:
    """Return a label that is translated when it is shown; typed as the text that WTForms expects."""
    return cast(str, lazy_gettext(text))


OBLIGATOIRE = _l("Ce champ est obligatoire.")
KEY_LENGTH = 40


def read_version(typed: object) -> int:
    """Return a version as a form carries it; 0 (always stale) when it was tampered with."""
    text = str(typed or "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _short(typed: object) -> str | None:
    """Cut a hidden value that was tampered with to what a column holds."""
    return str(typed)[:KEY_LENGTH] if typed is not None else None


class Formulaire(FlaskForm):
    """Base form. `version`: of the record being edited; `cle_idempotence`: makes ten clicks one record.

    The macro `formulaire` writes both, with the membership the page was opened with (`adhesion`), which
    `portal.web.identity` compares with the active one.
    """

    version = HiddenField()
    cle_idempotence = HiddenField(filters=[_short])

    class Meta(FlaskForm.Meta):
        locales = ("fr",)

        def get_translations(self, _form: Any) -> Any:
            return _Translations()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cast(Any, super()).__init__(*args, **kwargs)
        if not cast(Any, self).is_submitted():
            self.cle_idempotence.data = new_ref()

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Tell whether the form was sent and its shape is right."""
        return bool(cast(Any, super()).validate_on_submit(extra_validators))

    @property
    def version_number(self) -> int:
        """The version the form was opened with; 0 (always stale) when it was tampered with."""
        return read_version(self.version.data)

    def refuse(self, error: DomainError | DomainErrors) -> None:
        """Put what the domain refused next to the fields, or above the form."""
        for one in error.errors if isinstance(error, DomainErrors) else [error]:
            message = refusal(one)
            field = getattr(self, one.field or "", None)
            if field is not None and hasattr(field, "errors"):
                field.errors = [*field.errors, message]
            else:
                self.form_errors = [*self.form_errors, message]


class _Translations:
    """WTForms' own messages go through the portal's catalogue."""

    def gettext(self, string: str) -> str:
        return _(WTFORMS_MESSAGES.get(string, string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return _(WTFORMS_MESSAGES.get(singular if n == 1 else plural, singular if n == 1 else plural))


def N_(text: str) -> str:
    return text


WTFORMS_MESSAGES = {
    "This field is required.": N_("Ce champ est obligatoire."),
    "Not a valid choice.": N_("Ce choix n’est pas proposé."),
    "Not a valid choice": N_("Ce choix n’est pas proposé."),
    "Not a valid integer value.": N_("Écrivez un nombre entier."),
    "Not a valid date value.": N_(
        "Cette date n’existe pas. Écrivez-la jour/mois/année, par exemple 31/12/2026."
    ),
    "'%(value)s' is not a valid choice for this field.": N_("Ce choix n’est pas proposé."),
    "'%(value)s' are not valid choices for this field.": N_("Ce choix n’est pas proposé."),
    "Invalid email address.": N_("Cette adresse électronique n’est pas complète."),
    "Invalid Choice: could not coerce.": N_("Ce choix n’est pas proposé."),
    "Field must be equal to %(other_name)s.": N_("Les deux saisies diffèrent."),
}


DATES = (date(1990, 1, 1), date(2100, 12, 31))
"""The first and last dates that forms accept."""


class SaisieDate(DateInput):
    """A date to write 31/12/2026, in whose place static/js/portal.js puts the browser's own picker.

    By itself the picker would send a date that does not exist as if nothing had been typed.
    """

    def __call__(self, field: Any, **kwargs: Any) -> Any:
        """Return the input."""
        return super().__call__(
            field, **{"type": "text", "data_date": True, "placeholder": _("jj/mm/aaaa")} | kwargs
        )


class ChampDate(DateField):
    """A date: the browser's own picker, or typed 31/12/2026; absurd years are refused."""

    widget = SaisieDate()

    def __init__(self, label: Any = None, validators: list[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(label, validators, format=["%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            self.raw_data = []  # spaces are nothing, to the validator of what must be typed too
            return
        super().process_formdata([valuelist[0].strip()])
        if self.data is not None and not DATES[0] <= self.data <= DATES[1]:
            self.data = None
            raise ValueError(_("Cette date est hors des limites acceptées (de 1990 à 2100)."))


def obligatoire() -> DataRequired:
    """Return the validator « this field is required »."""
    return DataRequired(message=OBLIGATOIRE)


def saisie_obligatoire() -> InputRequired:
    """Return the validator « something was typed », for numbers where 0 is an answer."""
    return InputRequired(message=OBLIGATOIRE)


class Refus(str):
    """A refusal as people read it; `lien`: the address of what stands in the way, named by `libelle`."""

    lien: str
    libelle: str

    def __new__(cls, text: str, lien: str = "", libelle: str = "") -> Self:
        """Return the text, with where it leads."""
        message = super().__new__(cls, text)
        message.lien, message.libelle = lien, libelle
        return message


Lead = Callable[[Any], tuple[str, str] | None]
_LEADS: dict[str, Lead] = {}


def leads_from(*codes: str) -> Callable[[Lead], Lead]:
    """Register what leads from these refusals to the record they are about: its address and words.

    Given that record, it returns None when the reader may not see it.
    """

    def register(lead: Lead) -> Lead:
        _LEADS.update(dict.fromkeys(codes, lead))
        return lead

    return register


def refusal(error: DomainError) -> Refus:
    """Return the text of a refusal, with where it leads when the reader may go there."""
    lead = _LEADS.get(error.code)
    where = lead(error.about) if lead is not None and error.about is not None else None
    return Refus(domain_message(error), *(where or ()))


def domain_message(error: DomainError) -> str:
    """Return the translated text of a refusal, its parameters filled."""
    text = _(text_of(error))
    if not error.params:
        return text
    return text % {key: parameter_text(value) for key, value in error.params.items()}


def parameter_text(value: Any) -> Any:
    """Return a parameter of a domain text as people read it: dates, enumerations, lists, texts."""
    if isinstance(value, Libelle):
        return value.en_langue(str(get_locale()))
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, Enum):
        return _(LIBELLES[type(value)][value])
    if isinstance(value, list):
        return ", ".join(str(parameter_text(one)) for one in value)
    return _(value) if isinstance(value, str) and value else value
