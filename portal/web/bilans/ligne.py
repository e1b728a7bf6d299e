"""The bilans of a line: what is asked, what was given, writing one."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions.avenants.queries import ligne_visible
from portal.conventions.bilans import queries, service
from portal.conventions.bilans.enums import LIBELLES_GENRE, StatutBilan
from portal.conventions.bilans.queries import BilanLu
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.web.bilans import rendu
from portal.web.bilans.blueprint import bp
from portal.web.bilans.forms import FormBilan, FormReprise
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_date
from portal.web.guards import requires
from portal.web.render import render_view, see_other

RENDRE = "rendre"


@bp.get("/conventions/<convention_ref>/bilans")
@requires(Permission.CONVENTIONS_LIRE)
def ligne(convention_ref: str) -> Response:
    """Every bilan of a line, and when the next one will be asked for."""
    actor = current_actor()
    convention, _fuseau = ligne_visible(db(), actor, convention_ref)
    lue = queries.de_la_ligne(db(), clock(), actor, convention)
    return render_view(
        "bilans/ligne.html",
        fil=_fil(convention.operateur.nom, convention_ref, ""),
        operateur=convention.operateur.nom,
        siao=convention.siao.nom,
        convention_ref=convention_ref,
        bilans=lue.bilans,
        prochain=lue.prochain,
        frequence=lue.frequence,
        redige=can(actor, Permission.BILANS_REDIGER, convention),
        tons=rendu.TONS,
    )


@bp.get("/conventions/<convention_ref>/bilans/<bilan_ref>")
@requires(Permission.CONVENTIONS_LIRE)
def bilan(convention_ref: str, bilan_ref: str) -> Response:
    """One bilan."""
    _actor, lu = _lire(convention_ref, bilan_ref)
    return _page(lu, FormReprise(formdata=None, data={"version": str(lu.version)}))


@bp.route("/conventions/<convention_ref>/bilans/<bilan_ref>/rediger", methods=["GET", "POST"])
@requires(Permission.BILANS_REDIGER)
def rediger(convention_ref: str, bilan_ref: str) -> Response:
    """Write a bilan: keep a draft, or give it to the other parties."""
    actor, lu = _lire(convention_ref, bilan_ref, Permission.BILANS_REDIGER)
    retour = url_for("bilans.bilan", convention_ref=convention_ref, bilan_ref=bilan_ref)
    if lu.statut is StatutBilan.RENDU:
        return see_other(retour)
    form, rival = _formulaire(lu), None
    if form.validate_on_submit():
        rendre = request.form.get("geste") == RENDRE
        try:
            service.rediger(
                db(),
                clock(),
                actor,
                convention_ref,
                bilan_ref,
                form.version_number,
                engagements=form.engagements.data or "",
                difficultes=form.difficultes.data or "",
                rendre=rendre,
            )
        except StaleVersion as stale:
            actuel = stale.current
            if actuel.statut is StatutBilan.RENDU:
                form.form_errors = [_("Ce bilan a été rendu entre-temps. Votre saisie reste ci-dessous.")]
            stocke = FormBilan(
                formdata=None, data={"engagements": actuel.engagements, "difficultes": actuel.difficultes}
            )
            rival = conflict(actuel, stocke, form, retour)
        except (DomainError, DomainErrors) as error:
            db().rollback()
            db().expire_all()
            form.refuse(error)
        else:
            dit = (
                _("Le bilan est rendu : les trois parties le lisent.")
                if rendre
                else _("Brouillon enregistré.")
            )
            flash(dit, "succes")
            return see_other(retour)
    return render_view(
        "bilans/rediger.html",
        status=409 if rival else (422 if form.errors or form.form_errors else 200),
        fil=_fil(lu.operateur, convention_ref, _("Rédiger")),
        form=form,
        rival=rival,
        lu=lu,
        titre=_(LIBELLES_GENRE[lu.genre]),
        periode=rendu.periode(lu),
        action=url_for("bilans.rediger", convention_ref=convention_ref, bilan_ref=bilan_ref),
        annuler=retour,
    )


@bp.post("/conventions/<convention_ref>/bilans/<bilan_ref>/rouvrir")
@requires(Permission.BILANS_REDIGER)
def rouvrir(convention_ref: str, bilan_ref: str) -> Response:
    """Take back a bilan that was given, to correct it."""
    actor, lu = _lire(convention_ref, bilan_ref, Permission.BILANS_REDIGER)
    form = FormReprise()
    if not form.validate_on_submit():
        return _page(lu, form, 422)
    try:
        service.rouvrir(
            db(), clock(), actor, convention_ref, bilan_ref, form.version_number, motif=form.motif.data or ""
        )
    except StaleVersion:
        _actor, lu = _relire(convention_ref, bilan_ref)
        form.version.data = str(lu.version)
        form.form_errors = [_("Ce bilan a changé entre-temps. Relisez-le, puis envoyez de nouveau.")]
        return _page(lu, form, 409)
    except DomainError as error:
        _actor, lu = _relire(convention_ref, bilan_ref)
        form.refuse(error)
        return _page(lu, form, 422)
    flash(_("Le bilan est de nouveau en rédaction. Les autres parties sont prévenues."), "succes")
    return see_other(url_for("bilans.rediger", convention_ref=convention_ref, bilan_ref=bilan_ref))


def _lire(convention_ref: str, bilan_ref: str, permission: Permission | None = None) -> tuple[Actor, BilanLu]:
    """Return who reads and a bilan of a visible line; raises NotVisible before Forbidden."""
    actor = current_actor()
    lu = queries.bilan(db(), clock(), actor, convention_ref, bilan_ref)
    if permission is not None and not lu.redige:
        raise Forbidden(permission.value)
    return actor, lu


def _relire(convention_ref: str, bilan_ref: str) -> tuple[Actor, BilanLu]:
    db().rollback()
    db().expire_all()
    return _lire(convention_ref, bilan_ref)


def _formulaire(lu: BilanLu) -> FormBilan:
    return FormBilan(
        data={"engagements": lu.engagements, "difficultes": lu.difficultes, "version": str(lu.version)}
    )


def _page(lu: BilanLu, form: FormReprise, status: int = 200) -> Response:
    return render_view(
        "bilans/bilan.html",
        status=status,
        fil=_fil(lu.operateur, lu.convention_ref, f"{_(LIBELLES_GENRE[lu.genre])}, {show_date(lu.au)}"),
        lu=lu,
        form=form,
        titre=_(LIBELLES_GENRE[lu.genre]),
        periode=rendu.periode(lu),
        indicateurs=rendu.indicateurs(lu),
        ton=rendu.TONS[lu.situation],
    )


def _fil(operateur: str, convention_ref: str, suite: str) -> list[tuple[str, Any]]:
    bilans = url_for("bilans.ligne", convention_ref=convention_ref) if suite else ""
    return [
        (_("Suivi des conventions"), url_for("conventions.liste")),
        (operateur, url_for("conventions.detail", convention_ref=convention_ref)),
        (_("Bilans"), bilans),
        *([(suite, "")] if suite else []),
    ]
