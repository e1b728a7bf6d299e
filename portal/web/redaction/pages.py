"""Reading a text: its clauses, one clause, the whole, comparisons; and what live pages ask for."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from portal.conventions.avenants.renouvellement import renouvellement
from portal.conventions.enums import Statut
from portal.conventions.modeles.texte import blocs_correspondance, titre_article
from portal.conventions.redaction import cadre, comparaison, fil, queries, version
from portal.conventions.redaction.enums import LIBELLES_ACTE
from portal.conventions.redaction.queries import Entete, Texte
from portal.conventions.signature import circuit
from portal.conventions.tours.queries import tours_de
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import NotVisible
from portal.web.context import clock, current_actor, db
from portal.web.conventions import tableau
from portal.web.filters import show_datetime
from portal.web.guards import requires
from portal.web.redaction import commun, histoire, rendu
from portal.web.redaction.blueprint import bp
from portal.web.redaction.forms import FormActe, FormCommentaire, FormPosition
from portal.web.render import render_view


@bp.get("")
@requires(Permission.CONVENTIONS_LIRE)
def texte(convention_ref: str) -> Response:
    """The clauses of the text, where each one stands, who must act; before it is opened, how to open it."""
    actor = current_actor()
    lu = queries.texte_ou_entete(db(), actor, convention_ref)
    if isinstance(lu, Entete):
        return render_view(
            "redaction/absent.html",
            fil=commun.fil(lu),
            tete=lu,
            ouvrir=can(actor, Permission.CONVENTIONS_MODIFIER, lu),
        )
    choix = commun.vue()
    ancien = circuit.remis(db(), lu.entete.id) if lu.entete.statut is Statut.EN_NEGOCIATION else None
    return render_view(
        "redaction/texte.html",
        fil=commun.fil(lu),
        retraits=list(queries.retraits(lu)),
        version_suivante=version.plus_recente(db(), lu),
        avant=renouvellement(db(), actor, lu, clock().today(lu.entete.fuseau)),
        tours=[
            (tour.ref, tour.intitule or tableau.mots().natures.get(tour.nature_code, ""), tour.statut)
            for tour in tours_de(db(), actor, lu.entete.siao_id, lu.entete.operateur_id)
        ],
        forme=commun.forme(actor, lu),
        ancien=ancien,
        reprises=len(commun.reprenables(actor, lu)) if ancien is not None else 0,
        differees=[tableau.mots().natures.get(code, code) for code in sorted(lu.contexte.differees)],
        **commun.cote_liste(actor, lu, choix),
    )


@bp.get("/clauses/<code>")
@requires(Permission.CONVENTIONS_LIRE)
def clause(convention_ref: str, code: str) -> Response:
    """One clause: its text, its values, the positions of the three parties, the thread, the history."""
    actor, lu = commun.lire(convention_ref, code)
    return page_clause(actor, lu, code)


def page_clause(
    actor: Actor,
    lu: Texte,
    code: str,
    *,
    position: FormPosition | None = None,
    commentaire: FormCommentaire | None = None,
    status: int = 200,
    **plus: Any,
) -> Response:
    """Return the page of a clause, with forms that an error may have filled."""
    lue, choix = lu.clause(code), commun.vue()
    if position is None:
        position = FormPosition(data={"version": str(lue.ecrit.version), "vu": str(lu.numero)})
    return render_view(
        "redaction/clause.html",
        status=status,
        fil=commun.fil(lu, (lue.titre, "")),
        form_position=position,
        form_commentaire=commentaire or FormCommentaire(),
        **commun.cote_liste(actor, lu, choix, code),
        **commun.de_la_clause(actor, lu, lue, choix),
        **plus,
    )


@bp.get("/etat")
@requires(Permission.CONVENTIONS_LIRE)
def veille(convention_ref: str) -> Response:
    """What is new since a number of the text: nothing (204), or the parts of the page to replace."""
    actor = current_actor()
    connu, code = request.args.get("n", ""), request.args.get("clause", "")
    if connu == str(queries.numero(db(), actor, convention_ref)):
        return Response(status=204)
    lu = commun.texte(actor, convention_ref, code) if code else queries.texte(db(), actor, convention_ref)
    choix = commun.vue()
    depuis = fil.depuis(db(), lu.entete.id, int(connu)) if connu.isdecimal() and len(connu) < 10 else []
    des_autres = [fait for fait in depuis if fait.personne_id != actor.personne_id]
    contexte = commun.cote_liste(actor, lu, choix, code)
    if code:
        try:
            lue = lu.clause(code)
        except NotVisible:
            code = ""
        else:
            contexte |= commun.de_la_clause(actor, lu, lue, choix) | {
                "form_position": FormPosition(
                    formdata=None, data={"version": str(lue.ecrit.version), "vu": str(lu.numero)}
                ),
                "form_commentaire": FormCommentaire(formdata=None),
                "ici": [fait for fait in des_autres if fait.code == code],
            }
    return render_view(
        "redaction/_direct.html",
        annonces=histoire.annonces(des_autres, {lue.code: lue.titre for lue in lu.clauses}),
        edition="edition" in request.args,
        retraits=list(queries.retraits(lu)) if not code else [],
        forme=commun.forme(actor, lu) if not code else None,
        code=code,
        **contexte,
    )


@bp.get("/lecture")
@requires(Permission.CONVENTIONS_LIRE)
def lecture(convention_ref: str) -> Response:
    """The whole text, to be read or printed."""
    _actor, lu = commun.lire(convention_ref)
    par_code = {lue.code: lue for lue in lu.clauses}
    articles = [
        (
            titre_article(article),
            [
                (
                    "" if r.seule else lue.titre,
                    rendu.entiere(lue),
                    {valeur["valeur"] for valeur in rendu.valeurs(lu, lue)},
                    rendu.blocs(lu.blocs(lue)),
                )
                for r in article.clauses
                for lue in [par_code[r.code]]
            ],
        )
        for article in lu.composition.articles
    ]
    return render_view(
        "redaction/lecture.html",
        fil=commun.fil(lu, (_("Lecture"), "")),
        lu=lu,
        articles=articles,
        correspondance=rendu.blocs(blocs_correspondance(lu.composition)),
    )


@bp.get("/comparaison")
@requires(Permission.CONVENTIONS_LIRE)
def comparer(convention_ref: str) -> Response:
    """Two sides of the text, the clauses that differ word by word."""
    actor, lu = commun.lire(convention_ref)
    choix = _cotes(lu)
    codes = [code for code, _libelle in choix]
    avant = _cote(request.args.get("de"), codes, comparaison.DEPARTEMENT)
    apres = _cote(request.args.get("a"), codes, comparaison.CONVENTION)
    faite = comparaison.comparer(
        comparaison.cote(db(), actor, lu, avant), comparaison.cote(db(), actor, lu, apres)
    )
    return render_view(
        "redaction/comparaison.html",
        "redaction/_comparaison.html",
        fil=commun.fil(lu, (_("Comparaison"), "")),
        lu=lu,
        choix=choix,
        de=avant,
        a=apres,
        noms=dict(choix),
        faite=faite,
    )


def _cote(demande: str | None, codes: list[str], defaut: str) -> str:
    return demande if demande in codes else defaut


def _cotes(lu: Texte) -> list[tuple[str, str]]:
    """Return the sides that may be compared, with their names."""
    cotes = [
        (comparaison.NATIONAL, _("Modèle national")),
        (comparaison.DEPARTEMENT, _("Version départementale %(numero)s", numero=lu.socle.numero)),
    ]
    if comparaison.a_une_precedente(db(), lu):
        cotes.append((comparaison.PRECEDENTE, _("Convention précédente")))
    for moment in comparaison.moments(db(), lu):
        quand = show_datetime(moment.le, lu.entete.fuseau)
        libelle = _("Avant le changement du %(quand)s par %(qui)s", quand=quand, qui=moment.par)
        cotes.append((f"{comparaison.MOMENT}{moment.numero}", libelle))
    return [*cotes, (comparaison.CONVENTION, _("Cette convention"))]


@bp.get("/engagements")
@requires(Permission.CONVENTIONS_LIRE)
def engagements(convention_ref: str) -> Response:
    """Where what the convention commits to is transcribed, and what is not."""
    actor, lu = commun.lire(convention_ref)
    liens, restent = cadre.engagements(db(), lu)
    titres = {lue.code: lue.titre for lue in lu.clauses}
    return render_view(
        "redaction/engagements.html",
        fil=commun.fil(lu, (_("Engagements"), "")),
        lu=lu,
        liens=[
            (lien, titres.get(lien.clause_code, lien.clause_code), _(LIBELLES_ACTE[lien.acte]))
            for lien in liens
        ],
        restent=[(lue.titre, rendu.adresse(lu, lue), lue.code) for lue in restent],
        form=FormActe(),
        ajouter=url_for("redaction.engager", convention_ref=convention_ref)
        if can(actor, Permission.REDACTION_NEGOCIER, lu.entete)
        else "",
    )
