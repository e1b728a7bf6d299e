"""The text of a convention as its avenants leave it, on a day that one chooses."""

from flask import Response, abort, request, url_for
from flask_babel import gettext as _

from portal.conventions.avenants import queries, travaux
from portal.conventions.avenants.consolidee import consolide
from portal.conventions.modeles.texte import blocs_correspondance, titre_article
from portal.conventions.signature.enums import LIBELLES_SORTE, Sorte
from portal.security.permissions import Permission
from portal.web.avenants import commun
from portal.web.avenants.blueprint import bp
from portal.web.avenants.forms import FormActe, FormJour
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.redaction import rendu
from portal.web.render import render_view, see_other


@bp.get("/consolidee")
@requires(Permission.CONVENTIONS_LIRE)
def consolidee(convention_ref: str) -> Response:
    """The whole text consolidated on a day, to be read or printed; its documents."""
    ligne, fuseau = queries.ligne_visible(db(), current_actor(), convention_ref)
    choix, jour = FormJour.lue(request.args, clock().today(fuseau))
    lu = consolide(db(), ligne, jour)
    par_code = {lue.code: lue for lue in lu.texte.clauses}
    articles = [
        (
            titre_article(article),
            [
                (
                    "" if retenue.seule else par_code[retenue.code].titre,
                    rendu.entiere(par_code[retenue.code]),
                    {valeur["valeur"] for valeur in rendu.valeurs(lu.texte, par_code[retenue.code])},
                    rendu.blocs(lu.texte.blocs(par_code[retenue.code])),
                )
                for retenue in article.clauses
            ],
        )
        for article in lu.texte.composition.articles
    ]
    return render_view(
        "avenants/consolidee.html",
        fil=commun.fil_ligne(ligne, (_("Version consolidée"), "")),
        ligne=ligne,
        jour=jour,
        choix=choix,
        fuseau=fuseau,
        consolide=lu,
        avenants=[
            une for une in reversed(queries.de_la_ligne(db(), ligne.id)) if une.statut.value == "signe"
        ],
        articles=articles,
        correspondance=rendu.blocs(blocs_correspondance(lu.texte.composition)),
        sortes=[(sorte.value, _(texte)) for sorte, texte in LIBELLES_SORTE.items()],
        form=FormActe(),
    )


@bp.post("/consolidee/<sorte>")
@requires(Permission.CONVENTIONS_LIRE)
def produire_consolidee(convention_ref: str, sorte: str) -> Response:
    """Ask for a document of the text as it stands on a day, and follow its making."""
    voulue = next((une for une in Sorte if une.value == sorte), None) or abort(404)
    actor = current_actor()
    _ligne, fuseau = queries.ligne_visible(db(), actor, convention_ref)
    _choix, jour = FormJour.lue(request.form, clock().today(fuseau))
    travail = travaux.demander(db(), clock(), actor, convention_ref, voulue, au=jour)
    return see_other(url_for("travaux.detail", travail_ref=travail.ref))
