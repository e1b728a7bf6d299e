"""« Grilles reçues »: what the reader's organisation received, as long as the household agrees.

Whatever is not open, for whatever reason, is one page: « Cette grille n'est pas disponible ».
"""

from typing import Any

from flask import Response, make_response, render_template, url_for
from flask_babel import gettext as _

from portal.conventions.jours import fuseau_de
from portal.grilles.transmissions import parametres, queries
from portal.grilles.transmissions.circuit import possibles
from portal.grilles.transmissions.queries import FILTRES
from portal.organisations import parametres as valeurs
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import NotVisible
from portal.web.autorisations.rendu import entete, parties
from portal.web.context import clock, current_actor, database, db, is_poll, note_access
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.organisations.filtres import cursor, text
from portal.web.render import render_view
from portal.web.transmissions.blueprint import recues as bp
from portal.web.transmissions.etapes import etapes, noms
from portal.web.transmissions.mots import etats, geste, mots

LIRE, REPONDRE = Permission.TRANSMISSIONS_LIRE, Permission.TRANSMISSIONS_REPONDRE


@bp.get("")
@requires(LIRE)
def liste() -> Response:
    """What was received, newest first. The journal keeps which households were shown."""
    actor = current_actor()
    filtre = text("voir", 20)
    filtre = filtre if filtre in FILTRES else ""
    found = queries.recues(db(), clock(), actor, filtre, cursor())
    lisibles = [one for one in found.lignes if one.ouverte]
    if lisibles:
        note_access("transmissions:recues:lister", transmissions=noms(lisibles))
    words = mots(TypeOrganisation(actor.organisation_type))
    return prive(
        render_view(
            "transmissions/liste.html",
            "transmissions/_liste.html",
            lignes=found.lignes,
            page=found.page,
            filtre=filtre,
            faits=etats(words),
            jour=clock().today(actor.fuseau),
            fuseau=actor.fuseau,
        )
    )


@bp.get("/<transmission_ref>")
@requires(LIRE)
def lire(transmission_ref: str) -> Response:
    """One grid received; an open page asks again and again whether it still is."""
    actor = current_actor()
    if is_poll():
        return _veille(transmission_ref)
    with database().session(write=True) as session:
        lue = queries.lire(session, clock(), actor, transmission_ref)
        session.commit()
    transmission = lue.transmission
    kind = TypeOrganisation(actor.organisation_type)
    words = mots(kind)
    return prive(
        render_view(
            "transmissions/recue.html",
            fil=fil_de(transmission_ref),
            ici=adresse(transmission_ref),
            lue=lue,
            transmission=transmission,
            designation=queries.designation(lue.sortie),
            etat=etats(words)[transmission.statut],
            entete=entete(lue.sortie.entete),
            parties=parties(lue.sortie),
            etapes=etapes(lue, words, actor.fuseau),
            gestes=[(one, geste(words, one, transmission.statut)) for one in possibles(transmission.suites)],
            corrections=possibles(transmission.suites, corrige=True),
            gestes_dits={one: _(texte) for one, texte in words.gestes.items()},
            repond=can(actor, REPONDRE, transmission),
            attendue=queries.est_attendue(transmission),
            retard=clock().today(fuseau_de(transmission.departement_code)) > transmission.repondre_avant,
            impression=valeurs.value(db(), parametres.IMPRESSION, transmission.departement_code)
            == parametres.OUI,
            fuseau=actor.fuseau,
            form=Formulaire(),
        )
    )


def _veille(ref: str) -> Response:
    """Answer an open page: nothing new, or what takes the place of the grid that closed."""
    state = queries.est_ouverte(db(), clock(), current_actor(), ref)
    if state is None:
        raise NotVisible(ref)
    if state:
        return make_response("", 204)
    return prive(make_response(render_template("transmissions/_indisponible.html")))


@bp.errorhandler(NotVisible)
def indisponible(_error: NotVisible) -> Response:
    """Say the same of a grid that is withdrawn, refused, over, never sent, another's."""
    return prive(
        render_view(
            "transmissions/indisponible.html",
            "transmissions/_indisponible.html",
            status=404,
            fil=[(_("Grilles reçues"), url_for("grilles_recues.liste")), (_("Grille"), "")],
        )
    )


def adresse(ref: str, suite: str = "") -> str:
    """Return the address of a grid received, or of one below it."""
    return f"/grilles-recues/{ref}{suite}"


def fil_de(ref: str, *suite: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the breadcrumb of a grid received, by its reference."""
    here = adresse(ref) if suite else ""
    return [(_("Grilles reçues"), url_for("grilles_recues.liste")), (ref, here), *suite]


def prive(response: Any) -> Response:
    """Keep a page out of caches and of search engines."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    made: Response = response
    return made
