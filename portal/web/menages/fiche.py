"""The page of a household: who it is, what other rooms show of it, who may read it, who read it."""

from flask import Response
from flask_babel import gettext as _

from portal.grilles.menages import acces, crochets, identites, queries, service
from portal.grilles.menages.enums import LIBELLES_LECTURE, LIBELLES_LIEN, Lecture
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.web.context import clock, db
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.menages import commun
from portal.web.menages.blueprint import bp
from portal.web.organisations.filtres import cursor
from portal.web.render import render_view


@bp.get("/<menage_ref>")
@requires(Permission.MENAGES_LIRE)
def detail(menage_ref: str) -> Response:
    """One household."""
    actor, vise = commun.lire(menage_ref)
    menage = vise.menage
    commun.noter_lecture(menage)
    return render_view(
        "menages/detail.html",
        fil=commun.fil_de(menage),
        menage=menage,
        vise=vise,
        adresse=commun.adresse(menage),
        lien=LIBELLES_LIEN[vise.lien],
        designation=identites.designation(db(), menage),
        adultes=identites.adultes(db(), menage),
        enfants=identites.composition(db(), menage),
        si_siao=identites.reference_si_siao(db(), menage),
        numero=identites.numero_unique(db(), menage),
        modifie=can(actor, Permission.MENAGES_MODIFIER, vise),
        rouvre=service.peut_rouvrir(actor, vise),
        panneaux=crochets.panneaux(db(), clock(), actor, vise),
        qui_lit=acces.sur(db(), clock(), actor, vise),
        fuseau=actor.fuseau,
        form=Formulaire(),
    )


@bp.get("/<menage_ref>/lectures")
@requires(Permission.MENAGES_LIRE)
def lectures(menage_ref: str) -> Response:
    """Who read what of a household, and when."""
    actor, vise = commun.lire(menage_ref)
    commun.noter_lecture(vise.menage, Lecture.LECTURES.value)
    page, lues = queries.lectures(db(), vise.menage, cursor())
    return render_view(
        "menages/lectures.html",
        "menages/_lectures.html",
        fil=commun.fil_de(vise.menage, (_("Qui a lu ?"), "")),
        menage=vise.menage,
        page=page,
        lectures=lues,
        libelles=LIBELLES_LECTURE,
        fuseau=actor.fuseau,
    )
