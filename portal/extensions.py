"""The Flask extensions, made once and bound to the application by `create_app`."""

from gettext import NullTranslations

from flask_babel import Babel, Domain, get_locale
from flask_htmx import HTMX
from flask_login import LoginManager
from flask_wtf import CSRFProtect

from portal.shared.translations import catalogue


class Catalogues(Domain):
    """The catalogues that e-mails and templates use."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the answer's language; French outside of a request."""
        return catalogue(str(get_locale() or "fr"))


login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
babel.domain_instance = Catalogues()  # type: ignore[no-untyped-call]  # Flask-Babel has no annotations
htmx = HTMX()
