"""The lines of a preview as its page shows them: each message at its line, next to its cell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms import Field

from portal.annuaire.echanges.champs import LIBELLES_CHAMP, Champ
from portal.annuaire.echanges.rapprochement import IGNORER, Sort
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.web.annuaire import echanges_formulaires as formulaires
from portal.web.conventions.import_lignes import Cellule, Colonne, LigneMontree
from portal.web.forms import Formulaire, domain_message

SORTS: Mapping[str, tuple[str, str]] = {  # tone and words of what becomes of a line
    Sort.CREER.value: ("info", N_("À créer")),
    Sort.MODIFIER.value: ("attente", N_("À mettre à jour")),
    Sort.INCHANGEE.value: ("neutre", N_("Inchangée")),
    Sort.IGNOREE.value: ("neutre", N_("Laissée de côté")),
    Sort.REFUSEE.value: ("danger", N_("Refusée")),
}
Liens = dict[tuple[int, str], str]


@dataclass(frozen=True)
class Option:
    """An entry that a line may change: its address, who holds it, who would leave it, what would change."""

    ref: str
    titulaire: str
    remplace: str
    changements: list[tuple[str, str, str]]  # column, before, after


@dataclass(frozen=True)
class Decision:
    """A line to be decided, and the field that decides it."""

    numero: int
    fonction: str
    organisation: str
    personne: str
    champ: Field
    options: list[Option]
    remarques: list[str]


def colonnes(resultat: Mapping[str, Any]) -> list[Colonne]:
    """Return the columns that are shown, in the usual order."""
    entetes = resultat["entetes"]
    trouvees = []
    for champ in Champ:
        if champ.value in entetes:
            titre, sens = entetes[champ.value], _(LIBELLES_CHAMP[champ])
            trouvees.append(Colonne(champ.value, titre, "" if titre == sens else sens))
    return trouvees


def liens(resultat: Mapping[str, Any]) -> Liens:
    """Return the field that asks about a cell, by line and column."""
    return {
        (numero, question["champ"]): f"{formulaires.PREFIXE}{rang}"
        for rang, question in enumerate(formulaires.posees(resultat))
        for numero in question["lignes"]
    }


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
    montrees = list(montrees)
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
                [texte(one) for one in ligne["erreurs"] if one["champ"] == colonne.champ],
                [texte(one) for one in ligne["avertissements"] if one["champ"] == colonne.champ],
                liens_.get((ligne["numero"], colonne.champ), ""),
            )
            for colonne in montrees
        ],
    )


def _hors_colonne(constats: Iterable[Mapping[str, Any]], champs: set[str]) -> list[str]:
    """Return the messages of the line itself, and those of what the file has no column for."""
    return [_precise(constat) for constat in constats if constat["champ"] not in champs]


def _precise(constat: Mapping[str, Any]) -> str:
    if constat["champ"] is None:
        return texte(constat)
    return _("%(champ)s : %(texte)s", champ=_(LIBELLES_CHAMP[Champ(constat["champ"])]), texte=texte(constat))


def texte(constat: Mapping[str, Any]) -> str:
    """Return the words of a message kept by a job."""
    return domain_message(DomainError(constat["code"], None, **constat["parametres"]))


def decisions(page: Sequence[Mapping[str, Any]], form: Formulaire) -> list[Decision]:
    """Return the lines to be decided with their fields."""
    return [
        Decision(
            ligne["numero"],
            ligne["titre"][0],
            ligne["titre"][1],
            ligne["titre"][2],
            form[f"{formulaires.DECISION}{ligne['numero']}"],
            [
                Option(
                    option["ref"],
                    option["titulaire"] or _("Personne aujourd’hui"),
                    option["remplace"],
                    [
                        (_(LIBELLES_CHAMP[Champ(nom)]), avant, apres)
                        for nom, avant, apres in option["changements"]
                    ],
                )
                for option in ligne["options"]
            ],
            [_precise(one) for one in ligne["avertissements"]],
        )
        for ligne in page
    ]


def comptes(resultat: Mapping[str, Any], parametres: Mapping[str, Any]) -> dict[str, int]:
    """Return how many lines meet each fate, as the person has decided until now."""
    trouves = {sort.value: int(resultat[sort.value]) for sort in Sort}
    for ligne in resultat["a_decider"]:
        choix = formulaires.choix_de(ligne, parametres)
        if choix != ligne["proposition"]:
            trouves[_sort(ligne["proposition"])] -= 1
            trouves[_sort(choix)] += 1
    return trouves


def _sort(choix: str) -> str:
    if choix == IGNORER:
        return Sort.IGNOREE.value
    return Sort.MODIFIER.value if choix.startswith("maj") else Sort.CREER.value
