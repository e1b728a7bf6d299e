"""The page of a session while it is held, what its screens ask for again, the paper of a dossier."""

from typing import Any
from urllib.parse import quote

from flask import Response, flash, make_response, redirect, request
from flask_babel import gettext as _

from portal.commissions.conduite import queries
from portal.commissions.conduite.seance import points, version_des_points
from portal.commissions.dossiers import lecture
from portal.commissions.dossiers.nomenclatures import motifs
from portal.commissions.suites_seance import queries_recours as suites
from portal.grilles.enums import Portee
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, NotVisible
from portal.web.autorisations import rendu
from portal.web.commissions.commun import langue
from portal.web.conduite import commun
from portal.web.conduite.blueprint import bp
from portal.web.conduite.forms import FormPoints
from portal.web.context import clock, current_actor, database, db
from portal.web.guards import requires
from portal.web.render import render_view

VUES = ("seance", "projecteur", "menage")


@bp.get("/<seance_ref>/conduite")
@requires(Permission.DOSSIERS_SUIVRE)
def seance(seance_ref: str) -> Response:
    """The session as it is held: agenda, dossier on the table, decision, who is there."""
    actor, suivie = commun.lire(seance_ref)
    if not suivie.conduit and not commun.engagee(actor, suivie):
        return aux_textes(suivie)
    return page(suivie)


def aux_textes(suivie: queries.Suivie) -> Response:
    """Send whoever has not accepted the commission's texts to them."""
    flash(
        _("Lisez et acceptez d’abord les textes de la commission : ils vous engagent à garder le secret."),
        "alerte",
    )
    ici = f"/commissions/{suivie.seance.commission.ref}/textes?suite={quote(request.path)}"
    return make_response(redirect(ici, 303))


def page(suivie: queries.Suivie, *, status: int = 200, **contexte: Any) -> Response:
    """Return the page of a session; `contexte`: what a refusal adds to it (`form`, `saisie`, `rival`)."""
    form, saisie = contexte.pop("form", None), contexte.pop("saisie", "")
    noted = form_points(suivie, formdata=None) if suivie.conduit and suivie.ouverte else None
    return render_view(
        "conduite/seance.html",
        status=status,
        fil=commun.fil(suivie.seance),
        form_points=noted,
        recours=suites.recours_a_examiner(db(), clock(), current_actor(), suivie.seance.id),
        **commun.du_tableau(suivie, form=form, saisie=saisie),
        refusee=form is not None,
        **contexte,
    )


def form_points(suivie: queries.Suivie, **options: Any) -> FormPoints:
    """Return the form of the general points, over those that are kept."""
    version = str(version_des_points(suivie.conduite))
    return FormPoints(data={"points": points(db(), suivie.conduite), "version": version}, **options)


@bp.get("/<seance_ref>/conduite/etat")
@requires(Permission.DOSSIERS_SUIVRE)
def veille(seance_ref: str) -> Response:
    """What is new since a number: nothing (204), or the parts of the page to replace."""
    lu = request.args.get("n", "")
    connu = int(lu) if lu.isdecimal() and len(lu) < 10 else -1
    if connu == queries.etat(db(), clock(), current_actor(), seance_ref):
        return Response(status=204)
    actor, suivie = commun.lire(seance_ref)
    if not suivie.conduit and not commun.engagee(actor, suivie):
        raise NotVisible(seance_ref)
    vue = request.args.get("vue", "")
    vue = vue if vue in VUES else VUES[0]
    return render_view(
        "conduite/_direct.html",
        parts=commun.parties(suivie, connu),
        vue=vue,
        **commun.pour_tous(commun.du_tableau(suivie), vue),
    )


@bp.get("/<seance_ref>/conduite/papier/<dossier_ref>")
@requires(Permission.DOSSIERS_SUIVRE)
def papier(seance_ref: str, dossier_ref: str) -> Response:
    """What the reader sees of a dossier of the session. `vue`: a screen that all see shows P1 at most and
    nothing of the protected circuit; the household’s, nothing while it is not there."""
    _actor, suivie = commun.lire(seance_ref)
    dossier = queries.dossier(db(), suivie, dossier_ref)
    vue = request.args.get("vue")
    tous = vue in VUES[1:]
    if (tous and dossier.menage.protege) or (vue == VUES[2] and not dossier.menage_present):
        raise NotVisible(dossier_ref)
    return render_view(
        "conduite/papier.html",
        fragment="conduite/_papier.html",
        retour=commun.adresse(suivie.seance, f"/{vue}" if tous else ""),
        **lu(dossier, tous=tous),
    )


def lu(dossier: Any, *, tous: bool) -> dict[str, Any]:
    """Return what a template shows of a dossier to the reader, and write down that it was read. `tous`: on a
    screen that all see."""
    try:
        with database().session(write=True) as session:
            paper = lecture.papier(
                session, clock(), current_actor(), dossier, au_plus=Portee.P1 if tous else Portee.P2
            )
            lecture.noter(session, clock(), current_actor(), paper)
            session.commit()
            motif = motifs().get(paper.motif)
            return {
                "papier": paper,
                "motif": motif.libelle.en_langue(langue()) if motif else "",
                "parties": rendu.parties(paper.sortie) if paper.sortie else [],
                "code": paper.dossier.code,
            }
    except (DomainError, NotVisible):
        return {"papier": None}
