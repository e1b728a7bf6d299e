"""What the screens of the authorisations share: the household being read, its adults, words, answers."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.grilles.autorisations import queries
from portal.grilles.autorisations.apercu import signataire
from portal.grilles.autorisations.enums import LIBELLES_FINALITE, Finalite, Signataire
from portal.grilles.menages.identites import adultes
from portal.grilles.menages.policies import Vise
from portal.shared.errors import NotVisible
from portal.web.context import clock, db
from portal.web.locale import LANGUAGES
from portal.web.menages import commun as menages

Fil = list[tuple[str, str]]
QUOI = "autorisation"
"""What is written of who read an authorisation (`LIBELLES_LECTURE`)."""


@dataclass(frozen=True)
class Personne:
    """An adult as the pages name them: who answers, and who signs for them. `partie`: no longer there."""

    ref: str
    id: int
    nom: str
    representant: str
    signataire: Signataire
    partie: bool

    @property
    def signe(self) -> str:
        """Who puts their hand: the person, or whoever represents them, by name when it is known."""
        if self.signataire is Signataire.SOI:
            return self.nom
        return self.representant or _("son représentant légal")


def personnes(vise: Vise, cles: Collection[int] | None = None) -> list[Personne]:
    """Return the adults of today, in order; in the protected circuit a number stands for each. `cles`: those
    of these keys instead, whether or not they are still there."""
    jour = queries.jour_de(clock(), vise.menage)
    return [
        Personne(
            adulte.ref,
            adulte.id,
            identite.complet if identite else _("Adulte %(rang)s", rang=rang),
            identite.representant if identite else "",
            signataire(jour, identite),
            adulte.parti_le is not None,
        )
        for rang, (adulte, identite) in enumerate(adultes(db(), vise.menage, cles), 1)
    ]


def personne(vise: Vise, ref: str) -> Personne:
    """Return one of them; raises NotVisible."""
    for one in personnes(vise):
        if one.ref == ref:
            return one
    raise NotVisible(ref)


def adresse(menage: Any, suite: str = "") -> str:
    """Return the address of the authorisations of a household, or of one below it."""
    return f"/menages/{menage.ref}/autorisations{suite}"


def fil_de(menage: Any, *suite: tuple[str, str]) -> Fil:
    """Return the breadcrumb: the household by its code, its authorisations, and below."""
    here = adresse(menage) if suite else ""
    return menages.fil_de(menage, (_("Autorisations"), here), *suite)


def finalite(autorisation: Any) -> str:
    """Return what an authorisation is for, in words."""
    return _(LIBELLES_FINALITE[Finalite(autorisation.finalite)])


@contextmanager
def en_langue(langue: str) -> Iterator[None]:
    """Speak the household's language where the portal knows it, French where it does not."""
    with force_locale(langue if langue in LANGUAGES else "fr"):
        yield


def page_du_menage(template: str, *, status: int = 200, **context: Any) -> Response:
    """Render a page that the household has before its eyes: kept nowhere."""
    return prive(make_response(render_template(template, **context), status))


def prive(response: Any) -> Response:
    """Keep a page out of caches, of search engines and of other sites' logs."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    made: Response = response
    return made
