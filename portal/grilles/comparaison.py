"""What differs between two grids, question by question, word by word. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.conventions.modeles.comparaison import Changement
from portal.grilles.contenu import Grille, Item
from portal.grilles.enums import Portee
from portal.shared.differences import Segment, mots


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that differs, and how."""

    code: str
    libelle: str
    changement: Changement
    segments: tuple[Segment, ...]


def textes(
    grille: Grille, portee: Callable[[Portee], str], reponse: Callable[[Item, int], str]
) -> dict[str, tuple[str, str]]:
    """Return what each question asked says, by code: its label, and all of it.

    `portee`, `reponse`: how a scope, and a field's way of answering, read in the reader's language.
    """
    return {item.code: (item.libelle, _texte(item, portee, reponse)) for item in grille.items() if item.posee}


def differences(
    avant: Mapping[str, tuple[str, str]], apres: Mapping[str, tuple[str, str]]
) -> list[Difference]:
    """Return the questions that differ: in the order of `apres`, then those no longer asked."""
    found = [
        Difference(
            code,
            libelle,
            Changement.MODIFIEE if code in avant else Changement.AJOUTEE,
            mots(avant.get(code, ("", ""))[1], texte),
        )
        for code, (libelle, texte) in apres.items()
        if avant.get(code, ("", ""))[1] != texte
    ]
    return found + [
        Difference(code, libelle, Changement.RETIREE, mots(texte, ""))
        for code, (libelle, texte) in avant.items()
        if code not in apres
    ]


def _texte(item: Item, portee: Callable[[Portee], str], reponse: Callable[[Item, int], str]) -> str:
    lignes = [item.libelle, item.aide]
    for rang, champ in enumerate(item.champs):
        lignes.append(f"{reponse(item, rang)} ({portee(champ.portee)})")
        lignes += [f"• {choix.libelle}" for choix in champ.choix]
    return "\n".join(ligne for ligne in lignes if ligne)
