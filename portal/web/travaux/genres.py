"""What each kind of long work is called, and where its own page stands. Rooms declare theirs."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.jobs.models import StatutTravail
from portal.jobs.service import errors_of
from portal.shared.messages import N_
from portal.web.forms import domain_message

TONES = {
    StatutTravail.EN_ATTENTE: "attente",
    StatutTravail.EN_COURS: "info",
    StatutTravail.TERMINE: "succes",
    StatutTravail.ECHOUE: "danger",
    StatutTravail.ANNULE: "neutre",
}
UNDER_WAY = frozenset({StatutTravail.EN_ATTENTE, StatutTravail.EN_COURS})


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


def state(travail: Any) -> str:
    """Return what changes when there is news of a job: what a live page compares."""
    return f"{travail.statut.value}-{travail.avancement}"


def refusals(travail: Any) -> list[str]:
    """Return why a job failed, in words."""
    return [domain_message(error) for error in errors_of(travail)]
