"""Language and time zone of the answer."""

from flask import request

from portal.shared.clock import PARIS
from portal.web.context import actor_or_none

LANGUAGES = ("fr", "en")
COOKIE = "langue"
PAGE = "X-Langue"  # the language of the page whose script asks: signed out, it keeps it


def select_locale() -> str:
    """Return the person's language, else that of the page whose script asks, else the one chosen by cookie,
    else the browser's; French first.
    """
    actor = actor_or_none()
    if actor is not None:
        return actor.langue
    for chosen in (request.headers.get(PAGE), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    return request.accept_languages.best_match(LANGUAGES, default="fr") or "fr"


def select_timezone() -> str:
    """Return the zone of the active membership's département."""
    actor = actor_or_none()
    return actor.fuseau if actor is not None else PARIS
