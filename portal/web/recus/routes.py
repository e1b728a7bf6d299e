"""The page of a receipt: GET shows, POST acts. What does not, or no longer, work is one page for all.

No household name in the address, nor in the title; nothing is kept by the browser.
"""

from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import PasswordField, TextAreaField

from portal.conventions.jours import fuseau_de
from portal.grilles.autorisations import fermeture, queries, recus
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.enums import ATTENDUES, DecisionAdulte
from portal.grilles.menages.enums import LIBELLES_LECTURE
from portal.grilles.sortie import Sortie
from portal.grilles.transmissions import queries as transmissions
from portal.security.coffre import coffre
from portal.shared.errors import DomainError, NotVisible
from portal.web.autorisations import commun, documents
from portal.web.autorisations.rendu import entete, parties, titre_contenu
from portal.web.comptes import entree
from portal.web.context import clock, db, fresh_transaction, settings
from portal.web.filters import show_datetime
from portal.web.forms import Formulaire, _l, obligatoire
from portal.web.guards import public
from portal.web.organisations.routes import status_of
from portal.web.recus import cookie
from portal.web.render import attachment, see_other

bp = Blueprint("recus", __name__, url_prefix="/r/<jeton>")


class FormPin(Formulaire):
    """The PIN that the adult chose."""

    pin = PasswordField(_l("Votre code à 6 chiffres"), validators=[obligatoire()])


class FormRemarque(Formulaire):
    """A remark on the grid."""

    texte = TextAreaField(_l("Votre remarque"))


def _lire(jeton: str) -> Any:
    """Return the receipt whose PIN this browser gave; None when it has to be asked. Raises NotVisible."""
    recu = recus.lire(db(), jeton)
    if recu is None:
        raise NotVisible(jeton)
    return recu if cookie.ouvre(recu.ref) else None


def _mort() -> Response:
    return commun.page_du_menage("recus/mort.html", status=404)


@bp.route("", methods=["GET", "POST"])
@public
def page(jeton: str) -> Response:
    """Ask for the PIN, then show what was shared, with whom, and who read it."""
    form = FormPin()
    try:
        if request.method == "POST":
            return _essayer(jeton, form)
        recu = _lire(jeton)
    except NotVisible:
        return _mort()
    if recu is None:
        return _demander(jeton, form)
    return commun.prive(
        make_response(
            render_template(
                "recus/page.html",
                jeton=jeton,
                fuseau=recus.fuseau(db(), recu),
                partages=[_partage(one) for one in recus.partages(db(), clock(), recu)],
                envois=_envois(recu),
                lectures=[
                    (one.le, one.lecteur, _(LIBELLES_LECTURE.get(one.quoi, one.quoi)))
                    for one in recus.lectures(db(), recu)
                ],
                form=Formulaire(),
            )
        )
    )


def _envois(recu: Any) -> Any:
    """Return what left of what this adult was asked about."""
    return transmissions.du_menage(db(), clock(), recu.adulte.menage_id, adulte_id=recu.adulte_id)


def _demander(jeton: str, form: FormPin, status: int = 200) -> Response:
    return commun.page_du_menage(
        "recus/code.html", status=status, form=form, action=url_for("recus.page", jeton=jeton)
    )


def _essayer(jeton: str, form: FormPin) -> Response:
    """Try a PIN: counted whatever the answer, in a transaction of its own. Raises NotVisible."""
    if not form.validate_on_submit():
        if recus.lire(db(), jeton) is None:
            raise NotVisible(jeton)
        return _demander(jeton, form, 422)
    pin, adresse, dits = form.pin.data or "", entree.address(), list[DomainError | None]()
    fresh_transaction(
        lambda session: dits.append(recus.ouvrir(session, clock(), settings(), jeton, pin, adresse))
    )
    refus = dits[0]
    if refus is not None:
        form.refuse(refus)
        return _demander(jeton, form, 429 if refus.code == "recus.attendre" else 422)
    recu = recus.lire(db(), jeton)
    if recu is None:
        raise NotVisible(jeton)
    response = commun.prive(see_other(url_for("recus.page", jeton=jeton)))
    cookie.poser(response, jeton, recu.ref)
    return response


def _partage(one: recus.Partage) -> dict[str, Any]:
    """Return an authorisation as the household reads it, with what may be read by it while it is open."""
    une = one.autorisation
    return {
        "une": une,
        "ouverte": one.ouverte,
        "termes": documents.termes(une),
        "reponse": one.sa_reponse,
        "vivante": une.statut in fermeture.VIVANTES,
        "attendue": une.statut in ATTENDUES,
        "retirable": une.statut in fermeture.VIVANTES and one.sa_reponse.decision is DecisionAdulte.ACCORDE,
        "fuseau": fuseau_de(une.menage.departement_code),
    }


@bp.get("/<autorisation_ref>")
@public
def partage(jeton: str, autorisation_ref: str) -> Response:
    """Exactly what one authorisation lets be read, the household's remarks, and the place for one more."""
    return _vu(jeton, autorisation_ref, FormRemarque())


def _vu(jeton: str, autorisation_ref: str, form: FormRemarque, status: int = 200) -> Response:
    try:
        recu = _lire(jeton)
        if recu is None:
            return see_other(url_for("recus.page", jeton=jeton))
        one = recus.partage(db(), clock(), recu, autorisation_ref)
    except NotVisible:
        return _mort()
    vu = apercu(db(), one.autorisation)
    return commun.page_du_menage(
        "recus/partage.html",
        status=status,
        jeton=jeton,
        **_partage(one),
        question=documents.question(one.autorisation),
        titre_contenu=titre_contenu(one.autorisation, ouverte=one.ouverte),
        entete=entete(vu.sortie.entete),
        parties=parties(vu.sortie),
        remarques=queries.remarques(db(), one.autorisation.grille_id),
        form=form,
        action=url_for("recus.remarquer", jeton=jeton, autorisation_ref=autorisation_ref),
    )


@bp.get("/<autorisation_ref>/copie.pdf")
@public
def copie(jeton: str, autorisation_ref: str) -> Response:
    """A copy of what may be read, to keep."""
    try:
        recu = _lire(jeton)
        if recu is None:
            return see_other(url_for("recus.page", jeton=jeton))
        one = recus.partage(db(), clock(), recu, autorisation_ref)
    except NotVisible:
        return _mort()
    zone = recus.fuseau(db(), recu)
    remarques = [
        _("%(texte)s (le %(le)s)", texte=une.texte, le=show_datetime(une.le, zone))
        for une in queries.remarques(db(), one.autorisation.grille_id)
    ]
    octets = documents.copie(
        apercu(db(), one.autorisation).sortie,
        documents.termes(one.autorisation),
        remarques,
        clock().now(),
        zone,
    )
    return commun.prive(attachment(octets, "copie.pdf", "application/pdf"))


@bp.get("/envois/<transmission_ref>.pdf")
@public
def envoi(jeton: str, transmission_ref: str) -> Response:
    """A copy of what left, as it left."""
    try:
        recu = _lire(jeton)
        if recu is None:
            return see_other(url_for("recus.page", jeton=jeton))
        if all(one.ref != transmission_ref for one in _envois(recu)):
            return _mort()
        parti, _ouverte = transmissions.envoyee(db(), clock(), recus.menage(db(), recu), transmission_ref)
    except NotVisible:
        return _mort()
    lignes = [
        (_("À qui"), parti.organisation.nom),
        (_("Envoyée le"), show_datetime(parti.envoyee_le, recus.fuseau(db(), recu))),
        (_("Par"), parti.envoyee_par),
    ]
    sortie = Sortie.from_json(coffre(db()).ouvrir(parti.contenu))
    octets = documents.copie(sortie, lignes, [], clock().now(), recus.fuseau(db(), recu))
    return commun.prive(attachment(octets, "copie.pdf", "application/pdf"))


@bp.post("/<autorisation_ref>/remarque")
@public
def remarquer(jeton: str, autorisation_ref: str) -> Response:
    """Add a dated remark, which travels with the grid."""
    form = FormRemarque()
    try:
        recu = _lire(jeton)
        if recu is None:
            return see_other(url_for("recus.page", jeton=jeton))
        if form.validate_on_submit():
            recus.remarquer(db(), clock(), recu, autorisation_ref, form.texte.data or "")
    except NotVisible:
        return _mort()
    except DomainError as error:
        db().rollback()
        form.refuse(error)
    if form.errors or form.form_errors:
        return _vu(jeton, autorisation_ref, form, status_of(form))
    flash(_("Votre remarque est ajoutée."), "succes")
    return commun.prive(see_other(url_for("recus.partage", jeton=jeton, autorisation_ref=autorisation_ref)))


@bp.post("/<autorisation_ref>/retirer")
@public
def retirer(jeton: str, autorisation_ref: str) -> Response:
    """Withdraw, in one gesture: at once, without a reason."""
    form = Formulaire()
    try:
        recu = _lire(jeton)
        if recu is None:
            return see_other(url_for("recus.page", jeton=jeton))
        if form.validate_on_submit():
            fermeture.retirer_soi_meme(db(), clock(), recu.adulte, autorisation_ref)
            flash(_("Votre accord est retiré : votre grille ne peut plus être lue ici."), "succes")
    except NotVisible:
        return _mort()
    return commun.prive(see_other(url_for("recus.page", jeton=jeton)))


@bp.post("/fermer")
@public
def fermer(jeton: str) -> Response:
    """Close the page in this browser: the PIN is asked again."""
    response = commun.prive(see_other(url_for("recus.page", jeton=jeton)))
    cookie.retirer(response, jeton)
    return response
