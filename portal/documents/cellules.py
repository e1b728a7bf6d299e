"""What the cells of a table say, whoever reads it: texts, nothing, totals, failed formulas, dates."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from portal.documents.spreadsheets import Cell
from portal.shared.text import normalise

_RIEN = frozenset(
    {
        "a completer",
        "a confirmer",
        "a definir",
        "a determiner",
        "a preciser",
        "en attente",
        "inconnu",
        "inconnue",
        "n a",
        "n c",
        "na",
        "nc",
        "neant",
        "non",
        "non connu",
        "non connue",
        "non renseigne",
        "non renseignee",
        "nr",
        "pas de date",
        "sans",
        "sans objet",
        "so",
        "tbd",
    }
)
_ERREUR = re.compile(
    r"#(?:N/A|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|DIV/0!|NUM!|NOMBRE!|NULL!|NUL!)", re.IGNORECASE
)
_TOTAL = re.compile(r"(?:sous )?tota(?:l|ux)(?: general| generaux| departement.*| places| conventions)?")
_JOUR = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?(?:\d{4}|\d{2})")


def texte(valeur: Cell) -> str:
    """Return a cell as text, kept as it is written: what looks like a formula is but a text."""
    if valeur is None:
        return ""
    if isinstance(valeur, float) and valeur.is_integer():
        valeur = int(valeur)
    return str(valeur).strip()


def montrer(valeur: Cell) -> str:
    """Return a cell as a preview shows it."""
    if isinstance(valeur, datetime):
        valeur = valeur.date()
    return valeur.strftime("%d/%m/%Y") if isinstance(valeur, date) else texte(valeur)


def vide(valeur: str) -> bool:
    """Tell whether a cell says that there is nothing to say: a dash, « NC », « à définir »."""
    mots = normalise(valeur)
    return not mots or mots in _RIEN


def erreur_de_calcul(valeur: str) -> bool:
    """Tell whether a cell holds what a spreadsheet writes when a formula fails."""
    return _ERREUR.fullmatch(valeur) is not None


def est_un_total(valeur: str) -> bool:
    """Tell whether the first words of a line say that it sums up the others."""
    return _TOTAL.fullmatch(normalise(valeur)) is not None


def jours_dans(valeur: str) -> list[str]:
    """Return the dates in figures that a text holds: « du 01/01/2023 au 31/12/2025 »."""
    return _JOUR.findall(valeur)


def reconnaitre_titres(
    entetes: Sequence[str],
    synonymes: Mapping[str, Sequence[str]],
    contraires: Mapping[str, frozenset[str]],
) -> dict[str, int]:
    """Return the columns recognised by their titles, by what they say: index of the title.

    `synonymes`: normalised titles of each thing, the surest first; the same title wins over one that only
    holds its words. `contraires`: words that make a title speak of something else.
    """
    titres = [normalise(entete) for entete in entetes]
    colonnes: dict[str, int] = {}
    for contient in (False, True):
        for champ, connus in synonymes.items():
            if champ in colonnes:
                continue
            libres = [i for i in range(len(titres)) if i not in colonnes.values()]
            if contient:
                autres = contraires.get(champ, frozenset())
                libres = [i for i in libres if autres.isdisjoint(titres[i].split())]
            trouvee = _chercher(titres, libres, connus, contient=contient)
            if trouvee is not None:
                colonnes[champ] = trouvee
    return colonnes


def _chercher(
    titres: Sequence[str], libres: Sequence[int], synonymes: Sequence[str], *, contient: bool
) -> int | None:
    for synonyme in synonymes:
        mots = set(synonyme.split())
        for index in libres:
            if titres[index] == synonyme or (contient and mots <= set(titres[index].split())):
                return index
    return None
