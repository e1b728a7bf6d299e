"""The lines of a preview as the page shows them: each message at its line, next to its cell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from portal.conventions.import_suivi.analyse import Sort
from portal.conventions.import_suivi.colonnes import LIBELLES_CHAMP, Champ
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.shared.text import normalise
from portal.web.conventions import tableau
from portal.web.conventions.existante import lien_de
from portal.web.conventions.import_formulaires import INCONNUS_MONTRES
from portal.web.conventions.import_questions import PREFIXE
from portal.web.forms import Refus, domain_message

SORTS: Mapping[str, tuple[str, str]] = {  # tone and words of what becomes of a line
    Sort.CREER.value: ("info", N_("À créer")),
    Sort.SIGNER.value: ("attente", N_("À mettre à jour")),
    Sort.DEJA.value: ("neutre", N_("Inchangée")),
    Sort.IGNOREE.value: ("neutre", N_("Laissée de côté")),
    Sort.REFUSEE.value: ("danger", N_("Refusée")),
}
Liens = dict[tuple[int, str], str]
CODES_DE_NATURES = frozenset({"comprise", "proches"})  # parameters that are codes, told in words
DATES = frozenset({"debut", "effet", "fin"})  # parameters of messages that are dates, kept as ISO texts


@dataclass(frozen=True)
class Cellule:
    """A cell of the file, with what is wrong or worth knowing; `lien`: the field that asks about it."""

    titre: str
    valeur: str
    erreurs: Sequence[str]
    remarques: Sequence[str]
    lien: str


@dataclass(frozen=True)
class LigneMontree:
    """A line of the file; `erreurs`, `remarques`: those of no column."""

    numero: int
    ton: str
    sort: str
    erreurs: Sequence[str]
    remarques: Sequence[str]
    cellules: list[Cellule]


@dataclass(frozen=True)
class Colonne:
    """A column of the file, and what it says when its own title is another."""

    champ: str
    titre: str
    sens: str


def colonnes(resultat: Mapping[str, Any]) -> list[Colonne]:
    """Return the columns that are shown, in the usual order."""
    entetes = resultat["entetes"]
    trouvees = []
    for champ in Champ:
        if champ.value in entetes:
            titre, sens = entetes[champ.value], _(LIBELLES_CHAMP[champ])
            trouvees.append(Colonne(champ.value, titre, "" if normalise(titre) == normalise(sens) else sens))
    return trouvees


def liens(inconnus: Sequence[Mapping[str, Any]], posees: Sequence[Mapping[str, Any]]) -> Liens:
    """Return the field that asks about a cell, by line and column."""
    trouves: Liens = {}
    for rang, inconnu in enumerate(inconnus[:INCONNUS_MONTRES]):
        trouves |= {(numero, Champ.OPERATEUR.value): f"operateur_{rang}" for numero in inconnu["lignes"]}
    for rang, question in enumerate(posees):
        trouves |= {(numero, question["champ"]): f"{PREFIXE}{rang}" for numero in question["lignes"]}
    return trouves


def lignes(resultat: Mapping[str, Any], liens_: Liens, *, refusees: bool) -> list[LigneMontree]:
    """Return the lines kept by the preview: the refused ones, or the others."""
    montrees = colonnes(resultat)
    return [
        _montrer(ligne, montrees, liens_)
        for ligne in resultat["lignes"]
        if (ligne["sort"] == Sort.REFUSEE.value) is refusees
    ]


def _montrer(ligne: Mapping[str, Any], montrees: Iterable[Colonne], liens_: Liens) -> LigneMontree:
    ton, sort = SORTS[ligne["sort"]]
    par_champ = {colonne.champ for colonne in montrees}
    return LigneMontree(
        ligne["numero"],
        ton,
        _(sort),
        _hors_colonne(ligne["erreurs"], par_champ),
        _hors_colonne(ligne["avertissements"], par_champ),
        [
            Cellule(
                colonne.titre,
                ligne["cellules"].get(colonne.champ, ""),
                _textes(ligne["erreurs"], colonne.champ),
                _textes(ligne["avertissements"], colonne.champ),
                liens_.get((ligne["numero"], colonne.champ), ""),
            )
            for colonne in montrees
        ],
    )


def _textes(constats: Iterable[Mapping[str, Any]], champ: str) -> list[Refus]:
    return [texte(constat) for constat in constats if constat["champ"] == champ]


def _hors_colonne(constats: Iterable[Mapping[str, Any]], champs: set[str]) -> list[Refus]:
    """Return the messages of the line itself, and those of what the file has no column for."""
    textes = []
    for constat in constats:
        if constat["champ"] is None:
            textes.append(texte(constat))
        elif constat["champ"] not in champs:
            message = texte(constat)
            titre = _(LIBELLES_CHAMP[Champ(constat["champ"])])
            textes.append(Refus(f"{titre} : {message}", message.lien, message.libelle))
    return textes


def texte(constat: Mapping[str, Any]) -> Refus:
    """Return the words of a message kept by a job, with the line of the portal it is about."""
    parametres: dict[str, Any] = {
        nom: date.fromisoformat(valeur) if nom in DATES and valeur else valeur
        for nom, valeur in constat["parametres"].items()
    }
    natures = tableau.mots().natures
    for nom in CODES_DE_NATURES & parametres.keys():
        codes = [parametres[nom]] if isinstance(parametres[nom], str) else parametres[nom]
        parametres[nom] = " ; ".join(natures.get(code, code) for code in codes)
    existante = parametres.get("existante")  # whoever imports into a pair reads its lines
    message = domain_message(DomainError(constat["code"], None, **parametres))
    return Refus(message, *(lien_de(existante) if existante else ()))
