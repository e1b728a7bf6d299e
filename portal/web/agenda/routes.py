"""« Mon agenda » in one's account, and the address that calendar applications read without a session."""

from flask import Blueprint, Response, abort, flash, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.commissions.agenda import seances_de
from portal.comptes import agenda
from portal.conventions.agenda.evenements import Evenement, evenements
from portal.notifications.calendrier import RendezVous
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.web.agenda import calendrier
from portal.web.comptes import entree
from portal.web.context import clock, current_actor, database, db, settings
from portal.web.forms import Formulaire
from portal.web.guards import public, requires
from portal.web.render import render_view, see_other

bp = Blueprint("agenda", __name__)


@bp.get("/compte/agenda")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def index() -> Response:
    """Whether one has an address, and what one can do about it; the address itself is not known any more."""
    return _page()


@bp.post("/compte/agenda")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def creer() -> Response:
    """Make a new address, shown this once; the former one stops working."""
    if not Formulaire().validate_on_submit():
        return _page(422)
    token = agenda.creer(db(), clock(), current_actor())
    chemin = url_for("agenda.calendrier_prive", jeton=token)
    return render_view(
        "agenda/adresse.html",
        fil=[entree.home_crumb(), (_("Mon agenda"), "")],
        adresse=f"{settings().public_url.rstrip('/')}{chemin}",
    )


@bp.post("/compte/agenda/revoquer")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def revoquer() -> Response:
    """End one's address."""
    if not Formulaire().validate_on_submit():
        return _page(422)
    agenda.revoquer(db(), clock(), current_actor())
    flash(_("L’adresse de votre agenda ne fonctionne plus."), "succes")
    return see_other(url_for("agenda.index"))


def _page(status: int = 200) -> Response:
    return render_view(
        "agenda/index.html",
        status=status,
        fil=[entree.home_crumb(), (_("Mon agenda"), "")],
        form=Formulaire(),
        creee_le=agenda.creee_le(db(), current_actor()),
    )


@bp.get("/agenda/<jeton>.ics")
@public
def calendrier_prive(jeton: str) -> Response:
    """The deadlines of the person of this address, through each of its memberships, as they stand now."""
    lecteurs = agenda.lecteurs(db(), jeton)
    attente = _compter(jeton, connue=bool(lecteurs))
    if attente:
        trop = Response(status=429, mimetype="text/plain")
        trop.headers["Retry-After"] = str(attente)
        return trop
    if not lecteurs:
        abort(404)
    with force_locale(lecteurs[0].langue):
        fichier = calendrier.ecrire(
            _reunis(lecteurs), clock().now(), settings().public_url.rstrip("/"), _seances(lecteurs)
        )
    response = Response(fichier, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers.set("Content-Disposition", "attachment", filename="echeances.ics")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _compter(jeton: str, *, connue: bool) -> int:
    """Count this reading, in a short transaction of its own; return how many seconds to wait, 0 for none."""
    with database().session(write=True) as session:
        attente = agenda.attendre(session, clock(), settings(), jeton, entree.address(), connue=connue)
        session.commit()
    return attente


def _reunis(lecteurs: list[Actor]) -> list[Evenement]:
    """Return the events of every membership, once each, by day."""
    trouves = {e.cle: e for lecteur in lecteurs for e in evenements(db(), clock(), lecteur)}
    return sorted(trouves.values(), key=lambda evenement: (evenement.jour, evenement.cle))


def _seances(lecteurs: list[Actor]) -> list[RendezVous]:
    """Return the sessions of every membership, once each, by time."""
    trouves = {one.uid: one for lecteur in lecteurs for one in seances_de(db(), clock(), lecteur)}
    return sorted(trouves.values(), key=lambda seance: (seance.debut, seance.uid))
