"""What the pages of a filled grid share."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.grilles import calculs
from portal.grilles.calculs import LIBELLES_CHARGE, Resultat
from portal.grilles.contenu import Grille
from portal.grilles.menages.identites import designation
from portal.grilles.menages.policies import Vise
from portal.grilles.remplissage import parametres, queries
from portal.grilles.remplissage.calculer import resultats
from portal.grilles.remplissage.enums import LU, StatutGrille
from portal.shared.errors import NotVisible
from portal.web.context import clock, current_actor, db
from portal.web.menages.commun import Fil, adresse, fil_de, noter_lecture
from portal.web.remplissage.affichage import Lu, kept, lire


def adresse_grille(menage: Any, suite: str = "") -> str:
    """Return the address of a household's grid, or of a page below it."""
    return adresse(menage, f"/grille{suite}")


def adresse_section(menage: Any, code: str) -> str:
    """Return the address where a section is filled."""
    return adresse_grille(menage, f"/sections/{code}")


def fil_grille(menage: Any, *suite: tuple[str, str]) -> Fil:
    """Return the breadcrumb of a household's grid, and of what is done to it."""
    return fil_de(menage, (_("Grille"), adresse_grille(menage) if suite else ""), *suite)


def contexte(vise: Vise, quoi: str = LU, objet_ref: str = "") -> dict[str, Any]:
    """Return what every page of a grid shows of its household; the reading is written down first."""
    noter_lecture(vise.menage, quoi, objet_ref)
    return sans_lecture(vise)


def sans_lecture(vise: Vise) -> dict[str, Any]:
    """Return the same, for an answer to what was just written."""
    return {
        "menage": vise.menage,
        "designation": designation(db(), vise.menage),
        "ici": adresse_grille(vise.menage),
    }


def brouillon(vise: Vise) -> Any:
    """Return the grid being written of a household, or nothing."""
    return queries.en_cours(db(), vise.menage.id)


def exiger_section(grille: Grille, code: str) -> Any:
    """Return a section of a grid by its code. Raises NotVisible."""
    found = next((section for section in grille.sections if section.code == code), None)
    if found is None:
        raise NotVisible(code)
    return found


def charges(choisis: calculs.Parametres) -> str:
    """Return the other charges that the département keeps, as words."""
    return ", ".join(_(LIBELLES_CHARGE[charge]) for charge in choisis.charges)


def choisis(vise: Vise) -> calculs.Parametres:
    """Return what the département of a household chose for the calculations."""
    return parametres.des_calculs(db(), vise.menage.departement_code)


def calculees(
    vise: Vise, modele: Grille, reponses: Mapping[str, Any], parametres_: calculs.Parametres
) -> dict[str, Resultat]:
    """Return the values that the answers give today."""
    return resultats(modele, reponses, parametres_, clock().today(current_actor().fuseau))


def lue(vise: Vise, grille: Any) -> tuple[Grille, dict[str, list[Lu]]]:
    """Return a version with its answers as people read them, in the model of its own."""
    modele, reponses = queries.modele(db(), grille), queries.reponses(db(), grille)
    if grille.statut is StatutGrille.FIGEE:
        calcules = kept(modele, reponses)
    else:
        calcules = calculees(vise, modele, reponses, choisis(vise))
    return modele, lire(modele, reponses, calcules)
