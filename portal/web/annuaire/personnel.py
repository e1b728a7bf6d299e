"""One's own entries: confirmed, corrected, taken away. By a link without an account, or signed in.

GET shows and changes nothing; each act is a POST, and counts for the link.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal.annuaire import confirmation, liens, porteurs, signalements
from portal.annuaire.porteurs import Porteur
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion
from portal.web.annuaire import commun
from portal.web.annuaire.blueprint import bp
from portal.web.annuaire.edition import avertir
from portal.web.annuaire.forms_vie import FormMonLien, FormPersonne
from portal.web.comptes import entree
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db, settings
from portal.web.forms import Formulaire, domain_message, read_version
from portal.web.guards import public, requires
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

FICHES = 100  # of one form


@dataclass(frozen=True)
class Acces:
    """How someone came to its own entries: by a link, whose token it is, or signed in. `base`: its page."""

    porteur: Porteur
    base: str
    jeton: str = ""

    def agir(self) -> Porteur:
        """Return who acts; an act counts for the link. Raises DomainError when it works no more."""
        return liens.depenser(db(), clock(), self.jeton) if self.jeton else self.porteur


def _par_lien(jeton: str) -> Acces | None:
    porteur = liens.lire(db(), clock(), jeton)
    return Acces(porteur, url_for("annuaire.lien", jeton=jeton), jeton) if porteur else None


def _connecte() -> Acces:
    return Acces(Porteur.connecte(current_actor()), url_for("annuaire.miennes"))


def _perime() -> Response:
    """Say that a link no longer works, and how to have another."""
    return render_view("annuaire/lien_perime.html", status=410)


@bp.get("/lien/<jeton>")
@public
def lien(jeton: str) -> Response:
    """What the directory holds about whoever received this link."""
    acces = _par_lien(jeton)
    return _page(acces) if acces else _perime()


@bp.post("/lien/<jeton>/confirmer")
@public
def lien_confirmer(jeton: str) -> Response:
    """Say that some entries, or all, are right today."""
    acces = _par_lien(jeton)
    return _confirmer(acces) if acces else _perime()


@bp.route("/lien/<jeton>/fiches/<titulaire_ref>", methods=["GET", "POST"])
@public
def lien_corriger(jeton: str, titulaire_ref: str) -> Response:
    """Correct one entry."""
    acces = _par_lien(jeton)
    return _corriger(acces, titulaire_ref) if acces else _perime()


@bp.route("/lien/<jeton>/retirer", methods=["GET", "POST"])
@public
def lien_retirer(jeton: str) -> Response:
    """Take one's data out of the directory."""
    acces = _par_lien(jeton)
    return _retirer(acces) if acces else _perime()


@bp.get("/mes-fonctions")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def miennes() -> Response:
    """What the directory holds about the person signed in."""
    return _page(_connecte())


@bp.post("/mes-fonctions/confirmer")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def miennes_confirmer() -> Response:
    """Say that some entries, or all, are right today."""
    return _confirmer(_connecte())


@bp.route("/mes-fonctions/fiches/<titulaire_ref>", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def miennes_corriger(titulaire_ref: str) -> Response:
    """Correct one entry."""
    return _corriger(_connecte(), titulaire_ref)


@bp.route("/mes-fonctions/retirer", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def miennes_retirer() -> Response:
    """Take one's data out of the directory."""
    return _retirer(_connecte())


@bp.route("/mon-lien", methods=["GET", "POST"])
@public
def mon_lien() -> Response:
    """Ask for the link to one's own entries; the answer is the same whether or not the address is known."""
    form = FormMonLien()
    if form.validate_on_submit():
        wait = liens.demander(
            db(), clock(), settings(), form.email.data or "", entree.address(), str(get_locale())
        )
        if not wait:
            return see_other(url_for("annuaire.mon_lien_envoye"))
        form.refuse(DomainError("comptes.trop_d_essais", minutes=-(-wait // 60)))
        return render_view("annuaire/mon_lien.html", status=429, form=form)
    return render_view("annuaire/mon_lien.html", status=status_of(form), form=form)


@bp.get("/mon-lien/envoye")
@public
def mon_lien_envoye() -> Response:
    """Say what to do next."""
    return render_view("annuaire/mon_lien_envoye.html", jours=liens.JOURS)


def _page(acces: Acces) -> Response:
    dossier = porteurs.dossier(db(), clock(), acces.porteur)
    return render_view(
        "annuaire/personnel.html",
        acces=acces,
        dossier=dossier,
        form=Formulaire(),
        fonctions=_fonctions([*dossier.fiches, *dossier.passees]),
        fil=_fil(acces),
    )


def _fonctions(fiches: Sequence[Any]) -> dict[str, str]:
    """Return the labels of the functions of some entries, by code."""
    codes = tuple(sorted({one.referent.departement_code for one in fiches}))
    known = commun.fonctions(codes) if codes else {}
    return {one.referent.fonction_code: known.get(one.referent.fonction_code, "") for one in fiches}


def _fil(acces: Acces, act: str = "") -> commun.Fil | None:
    if acces.jeton:
        return None
    steps = [(_("Annuaire"), url_for("annuaire.liste")), (_("Mes fonctions"), acces.base)]
    return [*steps, (act, "")] if act else steps


def _confirmer(acces: Acces) -> Response:
    """`fiche`: « reference:version » of each entry confirmed; `vu`: reported errors that were shown."""
    form = Formulaire()
    choisies = []
    for typed in request.form.getlist("fiche")[:FICHES]:
        ref, _colon, version = typed.partition(":")
        choisies.append((ref[:16], read_version(version)))
    vus = [ref[:16] for ref in request.form.getlist("vu")[:FICHES]]
    if form.validate_on_submit() and choisies:
        try:
            done, stale = confirmation.confirmer(db(), clock(), acces.agir(), choisies, vus)
        except (DomainError, NotVisible) as error:
            db().rollback()
            text = domain_message(error) if isinstance(error, DomainError) else ""
            flash(text or _("Cette fiche n’est plus la vôtre."), "alerte")
            return see_other(acces.base)
        if done:
            flash(
                ngettext(
                    "Merci : une fiche est vérifiée aujourd’hui.",
                    "Merci : %(num)s fiches sont vérifiées aujourd’hui.",
                    done,
                ),
                "succes",
            )
        if stale:
            flash(_("Une fiche a changé pendant que vous la lisiez : relisez-la, puis confirmez."), "alerte")
    return see_other(acces.base)


def _corriger(acces: Acces, titulaire_ref: str) -> Response:
    titulaire = porteurs.la_sienne(db(), clock(), acces.porteur, titulaire_ref)
    form = FormPersonne.of(titulaire)
    signales = signalements.ouverts(db(), titulaire.referent)
    vus = [ref[:16] for ref in request.form.getlist("vu")[:FICHES]]
    if request.method == "POST":  # those that came since were not read
        signales = [one for one in signales if one.ref in vus]
    here = request.path
    rival = None
    if form.validate_on_submit():
        try:
            confirmation.corriger(
                db(),
                clock(),
                acces.agir(),
                titulaire_ref,
                form.saisie(titulaire),
                version=form.version_number,
                vus=vus,
            )
        except StaleVersion:
            db().rollback()
            titulaire = porteurs.la_sienne(db(), clock(), acces.porteur, titulaire_ref)
            rival = conflict(titulaire.referent, FormPersonne.of(titulaire, formdata=None), form, here)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Merci : la fiche est corrigée."), "succes")
            avertir(form.email.data)
            return see_other(acces.base)
    return render_view(
        "annuaire/personnel_corriger.html",
        status=409 if rival else entree.status_of(form),
        acces=acces,
        form=form,
        rival=rival,
        action=here,
        signalements=signales,
        referent=titulaire.referent,
        fonction=commun.libelle_fonction(titulaire.referent.fonction_code),
        fil=_fil(acces, _("Corriger")),
    )


def _retirer(acces: Acces) -> Response:
    """`fiche`: references of the entries chosen; `tout`: all that concerns the person."""
    form = Formulaire()
    if form.validate_on_submit():
        refs = [ref[:16] for ref in request.form.getlist("fiche")[:FICHES]]
        tout = bool(request.form.get("tout"))
        if refs or tout:
            count = confirmation.retirer(db(), clock(), acces.agir(), () if tout else refs)
            flash(
                ngettext(
                    "C’est fait : une fiche ne dit plus rien de vous.",
                    "C’est fait : %(num)s fiches ne disent plus rien de vous.",
                    count,
                ),
                "succes",
            )
            perdu = acces.jeton and _par_lien(acces.jeton) is None  # nothing is left that it would open
            return see_other(url_for("annuaire.mon_lien") if perdu else acces.base)
        form.refuse(DomainError("annuaire.choisir"))
    dossier = porteurs.dossier(db(), clock(), acces.porteur)
    return render_view(
        "annuaire/personnel_retirer.html",
        status=entree.status_of(form),
        acces=acces,
        dossier=dossier,
        form=form,
        action=request.path,
        fonctions=_fonctions([*dossier.fiches, *dossier.passees]),
        fil=_fil(acces, _("Retirer mes données")),
    )
