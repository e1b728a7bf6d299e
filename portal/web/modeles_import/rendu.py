"""What the pages of an import show, prepared for the templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.conventions.modeles.composition import numeroter
from portal.conventions.modeles.conditions import LIBELLES_FAIT
from portal.conventions.modeles.contenu import Clause, Modele, Parametre
from portal.conventions.modeles.import_brouillon import Dossier
from portal.conventions.modeles.places import LIBELLES_FAMILLE
from portal.conventions.modeles.relecture import lus_par_clause, titres_possibles
from portal.conventions.modeles.texte import afficher, blocs_clause, champs
from portal.conventions.modeles.valeurs import bornes
from portal.documents.texte import Bloc, Couleur
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.web.forms import domain_message
from portal.web.modeles_import.forms import TYPES
from portal.web.organisations import nomenclatures

CHAMPS_PAR_PAGE = 30
BLOCS_PAR_PAGE = 60

ACTES = {
    "fusionner": N_("Clause jointe à la précédente"),
    "couper": N_("Clause coupée en deux"),
    "reglages": N_("Titre, code, niveau ou condition changés"),
    "article": N_("Titre de l’article changé"),
    "rattacher": N_("Article joint au précédent"),
    "detacher": N_("Article commencé à cette clause"),
    "marquer": N_("Passage devenu champ"),
    "demarquer": N_("Champ redevenu texte"),
    "definir": N_("Champ redéfini"),
    "fixer": N_("Dernier paragraphe fixé"),
    "liberer": N_("Dernier paragraphe libéré"),
    "reprendre": N_("Réglages repris du modèle en cours"),
    "relire": N_("Retour à ce qui a été lu"),
}


@dataclass(frozen=True)
class LigneClause:
    """A clause in the list. `remarques`: what deserves a look."""

    code: str
    numero: str
    titre: str
    niveau: str
    verts: int
    jaunes: int
    condition: str
    attention: bool
    remarques: Sequence[str]


@dataclass(frozen=True)
class GroupeArticle:
    """An article in the list."""

    numero: str
    titre: str
    clauses: Sequence[LigneClause]

    @property
    def remarques(self) -> int:
        """How many of its clauses deserve a look."""
        return sum(bool(clause.remarques) for clause in self.clauses)


@dataclass(frozen=True)
class LigneChamp:
    """A field of a clause, as understood. `lu`: what the document says, when the default is another."""

    code: str
    libelle: str
    niveau: str
    type: str
    defaut: str
    details: str
    lu: str


@dataclass(frozen=True)
class Page:
    """One page of a list: its items, its number, how many there are."""

    contenu: Sequence[Any]
    numero: int
    total: int


def articles(modele: Modele) -> list[GroupeArticle]:
    """Return what was understood, article by article."""
    numeros = numeroter(modele.articles)
    noms = nomenclatures.natures()
    return [
        GroupeArticle(
            numeros.get(article.code, ""),
            article.titre,
            [_ligne(clause, numeros, noms) for clause in article.clauses],
        )
        for article in modele.articles
    ]


def _ligne(clause: Clause, numeros: dict[str, str], noms: dict[str, str]) -> LigneClause:
    couleurs = [parametre.couleur for parametre in clause.parametres]
    return LigneClause(
        code=clause.code,
        numero=numeros.get(clause.code, ""),
        titre=clause.titre,
        niveau=clause.couleur.value,
        verts=couleurs.count(Couleur.VERTE),
        jaunes=couleurs.count(Couleur.JAUNE),
        condition=condition(clause, noms),
        attention=clause.attention,
        remarques=_remarques(clause),
    )


def _remarques(clause: Clause) -> list[str]:
    dites = []
    if titres_possibles(clause):
        dites.append(_("un paragraphe ressemble à un titre"))
    if not clause.texte.strip():
        dites.append(_("un titre sans texte"))
    if len(clause.parametres) > CHAMPS_PAR_PAGE:
        dites.append(_("beaucoup de champs"))
    return dites


def condition(clause: Clause, noms: dict[str, str]) -> str:
    """Return for whom a clause is kept, "" for everyone."""
    voulue = clause.condition
    dites = [noms.get(code, code) for code in voulue.natures]
    dites += [str(_(LIBELLES_FAMILLE.get(code, code))) for code in voulue.familles]
    if voulue.cumul:
        dites.append(_("toutes ces familles à la fois si le département le demande"))
    dites += [str(_(LIBELLES_FAIT.get(code, code))) for code in voulue.faits]
    return ", ".join(dites)


def comptes(modele: Modele) -> dict[str, int]:
    """Return how many articles, clauses, green and yellow parts were understood."""
    clauses = list(modele.clauses())
    couleurs = [c.couleur for c in clauses] + [p.couleur for c in clauses for p in c.parametres]
    return {
        "articles": len(modele.articles),
        "clauses": len(clauses),
        "verts": couleurs.count(Couleur.VERTE),
        "jaunes": couleurs.count(Couleur.JAUNE),
    }


def remarques(dossier: Dossier) -> list[str]:
    """Return what the reading told when the file was given."""
    return [domain_message(DomainError(dite.code, **dite.params)) for dite in dossier.remarques]


def lu(dossier: Dossier, code: str, page: int) -> Page:
    """Return the passages of the document that a clause comes from, one page of them."""
    return _page(lus_par_clause(dossier.lu, dossier.relecture).get(code, []), page, BLOCS_PAR_PAGE)


def compris(modele: Modele, clause: Clause, page: int) -> Page:
    """Return the blocks of a clause as understood, one page of them."""
    blocs: Sequence[Bloc] = blocs_clause(clause, {}, numeroter(modele.articles))
    return _page(blocs, page, BLOCS_PAR_PAGE)


def champs_de(dossier: Dossier, clause: Clause, page: int) -> Page:
    """Return the fields of a clause in the order of its text, one page of them."""
    par_code = {parametre.code: parametre for parametre in clause.parametres}
    ordre = [par_code[code] for code in dict.fromkeys(champs(clause.texte)) if code in par_code]
    trouvee = _page(ordre, page, CHAMPS_PAR_PAGE)
    lus = dossier.relecture.origine.champs
    lignes = [_champ(parametre, lus.get((clause.code, parametre.code), "")) for parametre in trouvee.contenu]
    return Page(lignes, trouvee.numero, trouvee.total)


def _champ(parametre: Parametre, origine: str) -> LigneChamp:
    minimum, maximum = bornes(parametre)
    details = [str(_(TYPES[parametre.type.value]))]
    if minimum and maximum:
        details.append(_("de %(minimum)s à %(maximum)s", minimum=minimum, maximum=maximum))
    if not parametre.obligatoire:
        details.append(_("facultatif"))
    return LigneChamp(
        parametre.code,
        parametre.libelle,
        parametre.couleur.value,
        parametre.type.value,
        afficher(parametre, parametre.defaut) if parametre.defaut else "",
        ", ".join(details),
        origine,
    )


def etapes(dossier: Dossier) -> list[dict[str, Any]]:
    """Return the corrections made, the last one first."""
    return [
        {"acte": str(_(ACTES.get(etape.acte, etape.acte))), "clause": etape.clause_code, "etape": etape}
        for etape in reversed(dossier.entete.etapes)
    ]


def _page(contenu: Sequence[Any], numero: int, taille: int) -> Page:
    total = max(1, -(-len(contenu) // taille))
    retenu = min(max(numero, 1), total)
    return Page(contenu[(retenu - 1) * taille : retenu * taille], retenu, total)
