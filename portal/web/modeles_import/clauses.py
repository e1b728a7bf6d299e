"""One clause of an imported model: the document beside what was understood, and the corrections."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions.modeles import import_brouillon
from portal.conventions.modeles.composition import numeroter
from portal.conventions.modeles.contenu import Article, Clause, Parametre
from portal.conventions.modeles.import_brouillon import Correction, Dossier
from portal.conventions.modeles.relecture import Relecture, marque, titres_possibles
from portal.documents.texte import Couleur
from portal.security.permissions import Permission
from portal.shared.db import new_ref
from portal.shared.errors import DomainError, NotVisible, StaleVersion
from portal.web.conflits import rows_of
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_datetime
from portal.web.forms import Formulaire, read_version
from portal.web.guards import requires
from portal.web.modeles_import import rendu
from portal.web.modeles_import.commun import bp, contexte
from portal.web.modeles_import.forms import (
    FormArticle,
    FormChamp,
    FormCoupe,
    FormDetacher,
    FormPassage,
    FormReglages,
)
from portal.web.organisations import nomenclatures
from portal.web.render import render_view, see_other

Faire = Callable[[Any, Clause], Correction]


def _reglages(form: FormReglages, clause: Clause) -> Correction:
    code, titre = (form.code.data or "").strip().upper(), form.titre.data or ""
    condition, consigne = form.condition, form.consigne.data or ""
    couleur = Couleur(form.couleur.data)

    def appliquer(relecture: Relecture) -> Relecture:
        apres = relecture
        if (code, titre) != (clause.code, clause.titre):
            apres = apres.renommer(clause.code, code, titre)
        if couleur is not clause.couleur:
            apres = apres.colorer(code, couleur)
        if condition != clause.condition:
            apres = apres.conditionner(code, condition)
        return apres.signaler(code, consigne) if consigne != clause.consigne else apres

    detail = {"code": code, "titre": [clause.titre, titre], "niveau": [clause.couleur.value, couleur.value]}
    return Correction("reglages", clause.code, detail, appliquer)


def _couper(form: FormCoupe, clause: Clause) -> Correction:
    rang, titre = form.paragraphe.data, form.titre_coupe.data or ""
    return Correction(
        "couper",
        clause.code,
        {"paragraphe": rang, "titre": titre},
        lambda r: r.couper(clause.code, rang, titre),
    )


def _marquer(form: FormPassage, clause: Clause) -> Correction:
    extrait, couleur = form.extrait.data or "", Couleur(form.couleur_champ.data)
    return Correction(
        "marquer", clause.code, {"extrait": extrait[:200]}, lambda r: r.marquer(clause.code, extrait, couleur)
    )


def _article(form: FormArticle, clause: Clause) -> Correction:
    titre = form.titre_article.data or ""
    return Correction(
        "article",
        clause.code,
        {"titre": titre},
        lambda r: r.renommer_article(_article_de(r, clause.code).code, titre),
    )


def _detacher(form: FormDetacher, clause: Clause) -> Correction:
    code = (form.code_article.data or "").strip().upper()
    return Correction("detacher", clause.code, {"code": code}, lambda r: r.detacher(clause.code, code))


def _fusionner(_form: Formulaire, clause: Clause) -> Correction:
    return Correction("fusionner", clause.code, {}, lambda r: r.fusionner(clause.code))


def _rattacher(_form: Formulaire, clause: Clause) -> Correction:
    return Correction("rattacher", clause.code, {}, lambda r: r.rattacher(_article_de(r, clause.code).code))


def _fixer(_form: Formulaire, clause: Clause) -> Correction:
    return Correction("fixer", clause.code, {}, lambda r: r.fixer_la_fin(clause.code))


def _liberer(_form: Formulaire, clause: Clause) -> Correction:
    return Correction("liberer", clause.code, {}, lambda r: r.liberer_la_fin(clause.code))


ACTES: dict[str, Faire] = {
    "reglages": _reglages,
    "couper": _couper,
    "marquer": _marquer,
    "article": _article,
    "detacher": _detacher,
    "fusionner": _fusionner,
    "rattacher": _rattacher,
    "fixer": _fixer,
    "liberer": _liberer,
}


@bp.route("/<import_ref>/clauses/<clause>", methods=["GET", "POST"])
@requires(Permission.MODELES_MODIFIER)
def clause(import_ref: str, clause: str) -> Response:
    """One clause: what the document says, what was understood, and how to correct it."""
    dossier = import_brouillon.ouvrir(db(), current_actor(), import_ref)
    lue = _clause(dossier.relecture, clause)
    acte = request.form.get("acte", "")
    formulaires = _formulaires(dossier, lue, acte)
    status, rival = 200, None
    if request.method == "POST":
        form = formulaires.get(acte) or Formulaire()
        status = 422
        if acte in ACTES and form.validate_on_submit():
            try:
                row = _corriger(dossier, ACTES[acte](form, lue), form)
            except DomainError as error:
                _refuser(form, error)
            except StaleVersion as stale:
                status, rival = 409, _rival(acte, form, lue, stale.current)
            else:
                return _apres(import_ref, row, lue, acte, formulaires)
        formulaires.setdefault(acte, form)
    return _page(dossier, lue, acte, formulaires, status, rival)


@bp.route("/<import_ref>/clauses/<clause>/champs/<champ>", methods=["GET", "POST"])
@requires(Permission.MODELES_MODIFIER)
def champ(import_ref: str, clause: str, champ: str) -> Response:
    """One field: its name, type, default, bounds; or making fixed text of it."""
    dossier = import_brouillon.ouvrir(db(), current_actor(), import_ref)
    lue = _clause(dossier.relecture, clause)
    parametre = _parametre(lue, champ)
    form = FormChamp.de(parametre)
    adresse = url_for(".clause", import_ref=import_ref, clause=clause)
    status, rival = 200, None
    if request.method == "GET":
        form.version.data = str(marque(dossier.relecture, clause))
    elif request.form.get("acte") == "demarquer" or form.validate_on_submit():
        try:
            _corriger(dossier, _du_champ(form, lue, champ), form)
        except DomainError as error:
            _refuser(form, error)
            status = 422
        except StaleVersion as stale:
            status, rival = 409, _rival_champ(form, clause, champ, stale.current)
        else:
            flash(_("« %(champ)s » est enregistré.", champ=parametre.libelle), "succes")
            return see_other(f"{adresse}?etat={new_ref()}#champs")
    else:
        status = 422
    return render_view(
        "modeles_import/champ.html",
        "modeles_import/_champ.html",
        status=status,
        form=form,
        rival=rival,
        clause=lue,
        champ=parametre,
        lu=dossier.relecture.origine.champs.get((clause, champ), ""),
        action=url_for(".champ", import_ref=import_ref, clause=clause, champ=champ),
        retour=adresse,
        **contexte(dossier, _("Champ « %(champ)s »", champ=parametre.libelle)),
    )


def _du_champ(form: FormChamp, clause: Clause, champ: str) -> Correction:
    if request.form.get("acte") == "demarquer":
        return Correction(
            "demarquer", clause.code, {"champ": champ}, lambda r: r.demarquer(clause.code, champ)
        )
    defini = form.parametre()
    detail = {"champ": [champ, defini.code], "type": defini.type.value, "defaut": defini.defaut[:200]}
    return Correction("definir", clause.code, detail, lambda r: r.definir(clause.code, champ, defini))


def _corriger(dossier: Dossier, correction: Correction, form: Any) -> Any:
    return import_brouillon.corriger(
        db(),
        clock(),
        current_actor(),
        dossier.entete.ref,
        correction,
        version=read_version(form.version.data),
        cle=form.cle_idempotence.data,
    )


def _refuser(form: Any, error: DomainError) -> None:
    """Put a refusal next to the field that has another name in this form."""
    noms = {"titre": "titre_coupe", "code": "code_article"}
    if error.field in noms and not hasattr(form, error.field):
        error.field = noms[error.field]
    form.refuse(error)


def _apres(import_ref: str, row: Any, clause: Clause, acte: str, formulaires: dict[str, Any]) -> Response:
    """Lead to the clause that was corrected, under the code it has now."""
    flash(_("%(acte)s.", acte=_(rendu.ACTES[acte])), "succes")
    code = clause.code
    if acte == "reglages":
        code = formulaires["reglages"].code.data.strip().upper()
    if acte == "detacher":
        code = formulaires["detacher"].code_article.data.strip().upper()
    codes = {une["code"] for article in row.contenu["articles"] for une in article["clauses"]}
    if code not in codes:
        return see_other(url_for(".detail", import_ref=import_ref))
    return see_other(url_for(".clause", import_ref=import_ref, clause=code, etat=row.version))


def _formulaires(dossier: Dossier, clause: Clause, acte: str) -> dict[str, Any]:
    """Return the forms of a clause; the one that was sent alone reads what was typed."""

    def donnees(nom: str) -> dict[str, Any]:
        return {} if nom == acte else {"formdata": None}

    titres = titres_possibles(clause)
    article = _article_de(dossier.relecture, clause.code)
    forms: dict[str, Any] = {
        "reglages": FormReglages.de(clause, **donnees("reglages")),
        "marquer": FormPassage(**donnees("marquer")),
    }
    if "\n\n" in clause.texte:
        forms["couper"] = FormCoupe.de(clause, titres, **donnees("couper"))
    if article.clauses[0].code == clause.code:
        if article.code != clause.code:
            forms["article"] = FormArticle(data={"titre_article": article.titre}, **donnees("article"))
    else:
        forms["detacher"] = FormDetacher(data={"code_article": _code_suivant(dossier)}, **donnees("detacher"))
    return forms


def _page(
    dossier: Dossier,
    lue: Clause,
    acte: str,
    formulaires: dict[str, Any],
    status: int,
    rival: dict[str, Any] | None,
) -> Response:
    modele = dossier.relecture.modele
    codes = [une.code for une in modele.clauses()]
    rang = codes.index(lue.code)
    article = _article_de(dossier.relecture, lue.code)
    numeros = numeroter(modele.articles)
    return render_view(
        "modeles_import/clause.html",
        status=status,
        clause=lue,
        numero=numeros.get(lue.code, ""),
        article=article,
        article_numero=numeros.get(article.code, ""),
        premiere=article.clauses[0].code == lue.code,
        premier=modele.articles[0].code == article.code,
        condition=rendu.condition(lue, nomenclatures.natures()),
        titres=titres_possibles(lue),
        lu=rendu.lu(dossier, lue.code, _numero_de_page("lu")),
        compris=rendu.compris(modele, lue, _numero_de_page("texte")),
        champs=rendu.champs_de(dossier, lue, _numero_de_page("champs")),
        precedente=codes[rang - 1] if rang else "",
        suivante=codes[rang + 1] if rang + 1 < len(codes) else "",
        rang=rang + 1,
        total=len(codes),
        formulaires=formulaires,
        ouvert=acte if status != 200 else "",
        marque=marque(dossier.relecture, lue.code),
        rival=rival,
        cle=new_ref,
        **contexte(dossier, _("Clause %(code)s", code=lue.code)),
    )


def _rival(acte: str, form: Any, clause: Clause, current: Any) -> dict[str, Any]:
    """Return the arguments of the macro `conflit`: the clause as it now is, what was typed."""
    try:
        presente = _clause(current["relecture"], clause.code)
    except NotVisible:
        presente = clause
    stockee = FormReglages.de(presente, formdata=None) if acte == "reglages" else None
    return {
        "lignes": rows_of(stockee, form) if stockee is not None else [],
        "auteur": current["par"],
        "quand": _("le %(quand)s", quand=show_datetime(current["le"])),
        "recharger": request.path,
    }


def _rival_champ(form: FormChamp, clause: str, champ: str, current: Any) -> dict[str, Any]:
    relecture = current["relecture"]
    parametre = _parametre(_clause(relecture, clause), champ)
    form.version.data = str(marque(relecture, clause))
    # Filled from what is stored, whatever was sent.
    stocke = FormChamp(formdata=None, data=FormChamp.donnees(parametre))
    return {
        "lignes": rows_of(stocke, form),
        "auteur": current["par"],
        "quand": _("le %(quand)s", quand=show_datetime(current["le"])),
        "recharger": request.path,
    }


def _clause(relecture: Relecture, code: str) -> Clause:
    for une in relecture.modele.clauses():
        if une.code == code:
            return une
    raise NotVisible(code)


def _parametre(clause: Clause, code: str) -> Parametre:
    for un in clause.parametres:
        if un.code == code:
            return un
    raise NotVisible(code)


def _article_de(relecture: Relecture, code: str) -> Article:
    return next(a for a in relecture.modele.articles if any(une.code == code for une in a.clauses))


def _code_suivant(dossier: Dossier) -> str:
    nombres = [int(a.code) for a in dossier.relecture.modele.articles if a.code.isdigit()]
    return str(max(nombres, default=0) + 1)


def _numero_de_page(nom: str) -> int:
    typed = request.args.get(nom, "1")
    return int(typed) if typed.isdecimal() and len(typed) < 6 else 1
