"""What the pages of the model show, prepared for the templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.conventions.modeles.composition import Composition, composer
from portal.conventions.modeles.conditions import Contexte, Fait
from portal.conventions.modeles.contenu import Modele
from portal.conventions.modeles.places import LIBELLES_FAMILLE, places
from portal.conventions.modeles.queries import ChampModifie
from portal.conventions.modeles.texte import afficher, blocs_clause, titre_article, titre_clause
from portal.conventions.modeles.verts import ChampVert, Verts, champs_verts
from portal.documents.texte import Bloc
from portal.shared.messages import N_
from portal.web.filters import show_datetime
from portal.web.modeles.forms import libelle

VUES = {
    "vertes": N_("Parties vertes"),
    "a_completer": N_("À compléter"),
    "tout": N_("Tout le modèle"),
}


@dataclass(frozen=True)
class LigneChamp:
    """A green field in the list. `href`: its page, "" for who may not change it."""

    libelle: str
    valeur: str
    ecrit: bool
    a_completer: bool
    href: str


@dataclass(frozen=True)
class LigneClause:
    """A clause in the list."""

    code: str
    titre: str  # "" when its article already says it
    niveau: str
    attention: bool
    consigne: str
    blocs: Sequence[Bloc]
    champs: Sequence[LigneChamp]


@dataclass(frozen=True)
class GroupeArticle:
    """The clauses of an article that the view keeps."""

    titre: str
    clauses: Sequence[LigneClause]


def vue_valide(vue: str | None) -> str:
    """Return the view asked for, the green parts when there is none."""
    return vue if vue in VUES else "vertes"


@dataclass(frozen=True)
class LigneNature:
    """Where a nature stands in the model. `sous_clause`: "" when it has none of its own, `note` says why."""

    nom: str
    sous_clause: str
    famille: str
    urgence: str  # whether 5.3 is kept for it
    simplifie: bool
    note: str


def natures(modele: Modele, noms: Mapping[str, str], *, strict: bool) -> list[LigneNature]:
    """Return the place of every nature in a model, in the order of the nomenclature.

    `strict`: the département keeps 5.3 for operators of both families alone.
    """
    titres = {clause.code: clause.titre for clause in modele.clauses()}
    urgence = {
        famille: _("avec l’autre famille") if strict and c.condition.cumul else _("oui")
        for c in modele.clauses()
        if c.code == "5.3"
        for famille in c.condition.familles
    }
    connues = places()
    return [
        LigneNature(
            nom,
            f"{place.sous_clause} – {titres[place.sous_clause]}" if place.sous_clause in titres else "",
            _(LIBELLES_FAMILLE[place.famille.value]),
            urgence.get(place.famille.value, _("non")),
            place.simplifie,
            place.note,
        )
        for code, nom in noms.items()
        if (place := connues.get(code))
    ]


def complet(modele: Modele) -> Composition:
    """Return the whole model: the text of an operator that would run everything."""
    return composer(modele, Contexte.de(places(), [fait.value for fait in Fait]))


def articles(modele: Modele, ecrits: Verts, vue: str, base: str) -> list[GroupeArticle]:
    """Return what a view keeps of a model. `base`: address of the draft to change, "" when nobody may."""
    par_clause: dict[str, list[ChampVert]] = {}
    for champ in champs_verts(modele, ecrits):
        par_clause.setdefault(champ.clause.code, []).append(champ)
    composition = complet(modele)
    groupes = []
    for article in composition.articles:
        clauses = [
            LigneClause(
                code=retenue.code,
                titre="" if retenue.seule else titre_clause(retenue),
                niveau=retenue.clause.couleur.value,
                attention=retenue.clause.attention,
                consigne=retenue.clause.consigne,
                blocs=blocs_clause(
                    retenue.clause, ecrits, composition.numeros, ecrits.get((retenue.code, ""))
                ),
                champs=[_ligne(champ, base) for champ in par_clause.get(retenue.code, ())],
            )
            for retenue in article.clauses
            if _gardee(par_clause.get(retenue.code, ()), vue)
        ]
        if clauses:
            groupes.append(GroupeArticle(titre_article(article), clauses))
    return groupes


def comptes(modele: Modele, ecrits: Verts) -> dict[str, int]:
    """Return how many clauses have green parts, how many fields are to be completed, how many clauses."""
    champs = list(champs_verts(modele, ecrits))
    return {
        "vertes": len({champ.clause.code for champ in champs}),
        "a_completer": sum(champ.a_completer for champ in champs),
        "tout": sum(1 for _clause in modele.clauses()),
    }


def valeur(champ: ChampVert) -> str:
    """Return the value of a green field as people read it."""
    if champ.parametre is None:
        return _("Texte réécrit par le département") if champ.ecrit else _("Texte du modèle")
    return afficher(champ.parametre, champ.valeur)


def adresse(base: str, champ: ChampVert) -> str:
    """Return the address of a green field of a draft."""
    return f"{base}/champs/{champ.clause.code}/{champ.code or 'texte'}"


def historique(champ: ChampVert, changements: Sequence[ChampModifie]) -> list[Mapping[str, Any]]:
    """Return the changes of a field as the timeline reads them."""
    return [_evenement(champ, changement) for changement in changements]


def _evenement(champ: ChampVert, changement: ChampModifie) -> Mapping[str, Any]:
    avant, apres = changement.avant, changement.apres
    if champ.parametre is not None:
        avant, apres = (afficher(champ.parametre, texte) for texte in (avant, apres))
        titre = _("« %(avant)s » devient « %(apres)s »", avant=avant, apres=apres)
    else:
        titre = _("Le texte de la clause change")
    return {
        "quand": show_datetime(changement.le),
        "auteur": changement.auteur,
        "titre": titre,
        "detail": _("Motif : %(motif)s", motif=changement.motif),
        "ton": "info",
    }


def _gardee(champs: Sequence[ChampVert], vue: str) -> bool:
    if vue == "a_completer":
        return any(champ.a_completer for champ in champs)
    return vue == "tout" or bool(champs)


def _ligne(champ: ChampVert, base: str) -> LigneChamp:
    return LigneChamp(
        libelle=libelle(champ),
        valeur=valeur(champ),
        ecrit=champ.ecrit,
        a_completer=champ.a_completer,
        href=adresse(base, champ) if base else "",
    )
