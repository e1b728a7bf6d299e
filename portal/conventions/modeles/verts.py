"""The green parts of a pair of models, with what a département wrote in them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from portal.conventions.modeles.composition import numeroter, renvois
from portal.conventions.modeles.contenu import Clause, Modele, Parametre
from portal.conventions.modeles.texte import champs
from portal.conventions.modeles.valeurs import LONGUEUR_TEXTE, lire_valeur
from portal.documents.texte import Couleur
from portal.shared.errors import DomainError

Verts = Mapping[tuple[str, str], str]
"""What a département wrote, by (clause, parameter); "" as parameter: the text of the clause."""


@dataclass(frozen=True, slots=True)
class ChampVert:
    """A green field: a parameter, or (None) the whole text of a green clause.

    `valeur`: what applies; `defaut`: what the model says; `ecrit`: whether the département wrote it.
    """

    clause: Clause
    parametre: Parametre | None
    valeur: str
    defaut: str
    ecrit: bool

    @property
    def code(self) -> str:
        """Code of the parameter, "" for the text of the clause."""
        return self.parametre.code if self.parametre else ""

    @property
    def a_completer(self) -> bool:
        """Whether nothing is written where something has to be."""
        return not self.valeur and (self.parametre is None or self.parametre.obligatoire)


def champs_verts(modele: Modele, ecrits: Verts) -> Iterator[ChampVert]:
    """Return the green fields of a model in order, each with its value."""
    for clause in modele.clauses():
        if clause.couleur is Couleur.VERTE:
            yield _champ(clause, None, clause.texte, ecrits)
        for parametre in clause.parametres:
            if parametre.couleur is Couleur.VERTE:
                yield _champ(clause, parametre, parametre.defaut, ecrits)


def champ_vert(modele: Modele, clause: str, parametre: str, ecrits: Verts) -> ChampVert:
    """Return one green field. Raises DomainError when the model has none there."""
    for champ in champs_verts(modele, ecrits):
        if (champ.clause.code, champ.code) == (clause, parametre):
            return champ
    raise DomainError("modeles.champ_inconnu")


def lire_champ(modele: Modele, champ: ChampVert, brut: str) -> str:
    """Return the value to store for what was typed in a green field. Raises DomainError (field `valeur`)."""
    if champ.parametre is not None:
        return lire_valeur(champ.parametre, brut)
    texte = brut.replace("\r\n", "\n").strip()
    if not texte:
        raise DomainError("obligatoire", "valeur")
    if len(texte) > LONGUEUR_TEXTE:
        raise DomainError("modeles.valeur_longue", "valeur", maximum=LONGUEUR_TEXTE)
    declared = {parametre.code for parametre in champ.clause.parametres}
    used = set(champs(texte))
    _refuser("modeles.texte_champ_inconnu", used - declared)
    _refuser("modeles.texte_champs_manquants", declared - used)
    numeros = numeroter(modele.articles)
    _refuser("modeles.texte_renvoi_inconnu", (code for code in renvois(texte) if not numeros.get(code)))
    return texte


def reprise(ecrits: Verts, modele: Modele) -> tuple[dict[tuple[str, str], str], list[tuple[str, str]]]:
    """Split what a département wrote between what still holds in another model and what no longer does."""
    kept: dict[tuple[str, str], str] = {}
    lost: list[tuple[str, str]] = []
    for (clause, parametre), valeur in ecrits.items():
        try:
            champ = champ_vert(modele, clause, parametre, ecrits)
            kept[clause, parametre] = lire_champ(modele, champ, valeur) if valeur else valeur
        except DomainError:
            lost.append((clause, parametre))
    return kept, lost


def _champ(clause: Clause, parametre: Parametre | None, defaut: str, ecrits: Verts) -> ChampVert:
    cle = (clause.code, parametre.code if parametre else "")
    return ChampVert(clause, parametre, ecrits.get(cle, defaut), defaut, cle in ecrits)


def _refuser(code: str, codes: Iterable[str]) -> None:
    if found := sorted(set(codes)):
        raise DomainError(code, "valeur", liste=", ".join(found))
