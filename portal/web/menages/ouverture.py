"""Opening a household, with names or in the protected circuit; saying gently that it may be known already."""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from portal.grilles.menages import queries, recherche, saisie, service
from portal.grilles.menages.recherche import Trouves
from portal.grilles.menages.saisie import SaisieMenage
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, DomainErrors
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.menages import commun
from portal.web.menages.blueprint import bp
from portal.web.menages.forms import FormMenage, FormProtege
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other


@bp.route("/nouveau", methods=["GET", "POST"])
@requires(Permission.MENAGES_OUVRIR)
def nouveau() -> Response:
    """Open a household."""
    return _ouvrir(FormMenage, "menages/_nouveau.html", url_for("menages.nouveau"))


@bp.route("/nouveau-protege", methods=["GET", "POST"])
@requires(Permission.MENAGES_OUVRIR)
def nouveau_protege() -> Response:
    """Open a household in the protected circuit: a code, a reference of the SI SIAO, no name."""
    return _ouvrir(FormProtege, "menages/_nouveau_protege.html", url_for("menages.nouveau_protege"))


def _ouvrir(genre: type[FormMenage] | type[FormProtege], corps: str, here: str) -> Response:
    actor = current_actor()
    ouverts = queries.ouverts(db(), clock(), actor)
    if not ouverts and request.method == "POST":
        abort(403)
    form = genre.neuf(ouverts)
    connus = Trouves()
    if ouverts and form.validate_on_submit():
        typed = form.saisie()
        try:
            if not form.quand_meme.data:
                connus = _connus(actor, typed)
            if not connus.lignes and not connus.ailleurs:
                made = service.ouvrir(db(), clock(), actor, typed, key=form.cle_idempotence.data or "")
                flash(_("Le ménage est enregistré."), "succes")
                return see_other(commun.adresse(made))
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
    return render_view(
        "menages/nouveau.html",
        corps,
        status=status_of(form),
        fil=[(_("Ménages"), url_for("menages.liste")), (_("Nouveau ménage"), "")],
        corps=corps,
        form=form,
        connus=connus,
        ouverts=ouverts,
        demande=can(actor, Permission.MENAGES_DEMANDER),
        protege=genre is FormProtege,
        action=here,
        annuler=url_for("menages.liste"),
    )


def _connus(actor: Actor, typed: SaisieMenage) -> Trouves:
    """Return the households of the same people; raises what the opening would."""
    identites = [one for one in service.lire_tout(clock(), typed) if one]
    return recherche.doublons(
        db(),
        clock(),
        actor,
        identites,
        numero_unique=saisie.lire_numero_unique(typed.numero_unique),
        si_siao=saisie.lire_si_siao(typed.si_siao),
    )
