"""What each kind of long work is called, and where its own page stands. Rooms declare theirs."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.jobs.service import errors_of
from portal.shared.messages import N_
from portal.web.forms import domain_message

TONES = {  # by the state's code
    "en_attente": "attente",
    "en_cours": "info",
    "termine": "succes",
    "echoue": "danger",
    "annule": "neutre",
}


@dataclass(frozen=True)
class Genre:
    """A kind of work: its name (French, marked with N_), the endpoint of its own page if it has one.

    The endpoint takes `travail_ref`.
    """

    libelle: str
    endpoint: str = ""


_GENRES: dict[str, Genre] = {}


def declare(kind: str, genre: Genre) -> None:
    """Tell how a kind of work is named and where it is followed."""
    if _GENRES.setdefault(kind, genre) != genre:
        raise ValueError(f"kind of work declared twice: {kind}")


def label(kind: str) -> str:
    """Return the translated name of a kind of work."""
    return str(_(_GENRES[kind].libelle if kind in _GENRES else N_("Travail")))


def address(kind: str, travail_ref: str) -> str:
    """Return the page where a job is followed and its result read."""
    endpoint = (_GENRES[kind].endpoint if kind in _GENRES else "") or "travaux.detail"
    return url_for(endpoint, travail_ref=travail_ref)


def tone(travail: Any) -> str:
    """Return the tone of a job's state."""
    return TONES[travail.statut.value]


def under_way(travail: Any) -> bool:
    """Tell whether a job waits or runs: its page asks for news."""
    return travail.statut.value in ("en_attente", "en_cours")


def state(travail: Any) -> str:
    """Return what changes when there is news of a job: what a live page compares."""
    return f"{travail.statut.value}-{travail.avancement}"


def refusals(travail: Any) -> list[str]:
    """Return why a job failed, in words."""
    return [domain_message(error) for error in errors_of(travail)]


def shown(travail: Any) -> dict[str, Any]:
    """Return what the page of any job reads: the job, its name, its state, why it failed."""
    return {
        "travail": travail,
        "libelle": label(travail.genre),
        "etat": state(travail),
        "en_cours": under_way(travail),
        "refus": refusals(travail),
    }
