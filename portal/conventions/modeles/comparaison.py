"""What differs between two states of a model, clause by clause, word by word. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from portal.conventions.modeles.composition import numeroter
from portal.conventions.modeles.contenu import Clause, Modele, Parametre
from portal.conventions.modeles.texte import blocs_clause
from portal.conventions.modeles.valeurs import bornes
from portal.conventions.modeles.verts import Verts
from portal.documents.texte import Couleur
from portal.shared.differences import Segment, mots
from portal.shared.messages import N_


class Changement(Enum):
    """What happened to a clause."""

    AJOUTEE = "ajoutee"
    RETIREE = "retiree"
    MODIFIEE = "modifiee"


LIBELLES_CHANGEMENT: dict[Changement, str] = {
    Changement.AJOUTEE: N_("Ajoutée"),
    Changement.RETIREE: N_("Retirée"),
    Changement.MODIFIEE: N_("Modifiée"),
}


@dataclass(frozen=True, slots=True)
class DifferenceClause:
    """A clause that differs, and how."""

    code: str
    titre: str
    couleur: Couleur
    changement: Changement
    segments: tuple[Segment, ...]


def textes(modele: Modele, ecrits: Verts, *, definitions: bool = False) -> dict[str, tuple[Clause, str]]:
    """Return what each clause says, with the green values, by code.

    `definitions`: tell the default and bounds of each parameter too, which a new national version may change.
    """
    numeros = numeroter(modele.articles)
    return {
        clause.code: (clause, _texte(clause, ecrits, numeros, definitions=definitions))
        for clause in modele.clauses()
    }


def differences(
    avant: Mapping[str, tuple[Clause, str]], apres: Mapping[str, tuple[Clause, str]]
) -> list[DifferenceClause]:
    """Return the clauses that differ: in the order of `apres`, then those that it no longer has."""
    found = [
        _difference(clause, texte, avant.get(code))
        for code, (clause, texte) in apres.items()
        if code not in avant or (avant[code][0].titre, avant[code][1]) != (clause.titre, texte)
    ]
    return found + [
        DifferenceClause(code, clause.titre, clause.couleur, Changement.RETIREE, mots(texte, ""))
        for code, (clause, texte) in avant.items()
        if code not in apres
    ]


def _difference(clause: Clause, texte: str, avant: tuple[Clause, str] | None) -> DifferenceClause:
    if avant is None:
        changement, before, after = Changement.AJOUTEE, "", texte
    else:
        changement, before, after = Changement.MODIFIEE, avant[1], texte
        if avant[0].titre != clause.titre:
            before, after = f"{avant[0].titre}\n\n{before}", f"{clause.titre}\n\n{after}"
    return DifferenceClause(clause.code, clause.titre, clause.couleur, changement, mots(before, after))


def _texte(clause: Clause, ecrits: Verts, numeros: Mapping[str, str], *, definitions: bool) -> str:
    blocs = blocs_clause(clause, ecrits, numeros, ecrits.get((clause.code, "")))
    paragraphs = [bloc.texte for bloc in blocs]
    if definitions:
        paragraphs += [_definition(parametre) for parametre in clause.parametres]
    return "\n\n".join(paragraphs)


def _definition(parametre: Parametre) -> str:
    minimum, maximum = bornes(parametre)
    parts = [f"{parametre.libelle} : {parametre.defaut or 'sans valeur par défaut'}"]
    parts += [f"au moins {minimum}"] if minimum else []
    parts += [f"au plus {maximum}"] if maximum else []
    return " ; ".join(parts)
