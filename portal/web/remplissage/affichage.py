"""What a grid answers, as people read it, in their language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.grilles.calculs import LIBELLES_MENTION, MANQUES, Resultat, Unite
from portal.grilles.contenu import Champ, Grille, Item
from portal.grilles.enums import Reponse
from portal.grilles.remplissage.enums import LIBELLES_AUTONOMIE, LIBELLES_FAIT
from portal.grilles.remplissage.saisie import calcule, champs_saisis, valeur
from portal.web.filters import show_date


@dataclass(frozen=True)
class Ligne:
    """An answer to read. `libelle`: "" for the only field of a question; `vide`: « non renseigné »;
    `francais`: the text is of the grid or of the household, in French whatever the interface."""

    libelle: str
    texte: str
    vide: bool = False
    francais: bool = False


@dataclass(frozen=True)
class Explication:
    """A computed value, and all that explains it, as words."""

    valeur: str
    formule: str
    le: str
    termes: list[tuple[str, str]]
    parametres: list[tuple[str, str]]
    mention: str
    manque: list[str]


@dataclass(frozen=True)
class Lu:
    """A question as it is read."""

    code: str
    libelle: str
    lignes: list[Ligne]
    calcul: Explication | None = None


def euros(cents: int) -> str:
    """Return an amount, without its cents when there are none."""
    nombre = Decimal(cents) / 100
    motif = None if cents % 100 else ("#,##0 ¤" if str(get_locale()) == "fr" else "¤#,##0")
    return str(format_currency(nombre, "EUR", motif, locale=get_locale(), currency_digits=motif is None))


def texte(champ: Champ, lue: Any) -> str:
    """Return an answer as people read it."""
    if lue in (None, "", []):
        return _("Non évalué") if champ.reponse is Reponse.AUTONOMIE else _("Non renseigné")
    match champ.reponse:
        case Reponse.MONTANT:
            return euros(lue)
        case Reponse.DATE:
            return show_date(date.fromisoformat(lue))
        case Reponse.FAIT:
            return _(LIBELLES_FAIT.get(lue, lue))
        case Reponse.AUTONOMIE:
            return _(LIBELLES_AUTONOMIE.get(lue, lue))
        case Reponse.LISTE | Reponse.CHOIX_MULTIPLE:
            codes = lue if isinstance(lue, list) else [lue]
            return ", ".join(choix.libelle for choix in champ.choix if choix.code in codes)
        case _:
            return str(lue)


def expliquer(resultat: Resultat) -> Explication:
    """Return a computed value with its formula, its date, its parameters: it decides nothing."""
    return Explication(
        valeur=_valeur(resultat),
        formule=_(resultat.formule),
        le=show_date(resultat.le),
        termes=[(_(nom), euros(montant)) for nom, montant in resultat.termes],
        parametres=[(_(nom), _mots(mots)) for nom, mots in resultat.parametres],
        mention=_(LIBELLES_MENTION[resultat.mention]) if resultat.mention else "",
        manque=[_(MANQUES[manque]) for manque in resultat.manque],
    )


def lire(grille: Grille, reponses: Mapping[str, Any], calculs: Mapping[str, Resultat]) -> dict[str, list[Lu]]:
    """Return the questions asked of a grid with their answers, by section.

    `calculs`: the computed values by question, kept by a frozen grid or made now for one being written.
    """
    return {
        section.code: [
            _question(item, reponses.get(section.code, {}), calculs.get(item.code))
            for item in section.items
            if item.posee
        ]
        for section in grille.sections
    }


def kept(grille: Grille, reponses: Mapping[str, Any]) -> dict[str, Resultat]:
    """Return the computed values that a frozen grid kept, by question."""
    found = {}
    for section in grille.sections:
        for item in section.items:
            champ = calcule(item)
            held = reponses.get(section.code, {}).get(item.code, {}).get(champ.code) if champ else None
            if held and "formule" in held:
                found[item.code] = Resultat.from_json(held)
    return found


def _question(item: Item, items: Mapping[str, Any], resultat: Resultat | None) -> Lu:
    lignes = []
    for champ in champs_saisis(item):
        lue = valeur(items, item, champ)
        calcul = calcule(item) is not None
        if calcul and lue is None:
            continue  # a hypothesis that was not made
        libelle = _(champ.libelle) if calcul else champ.libelle
        lignes.append(
            Ligne(libelle, texte(champ, lue), lue in (None, "", []), champ.reponse in _FRANCAIS and bool(lue))
        )
    return Lu(item.code, item.libelle, lignes, expliquer(resultat) if resultat else None)


_FRANCAIS = frozenset({Reponse.TEXTE_COURT, Reponse.PAROLE, Reponse.LISTE, Reponse.CHOIX_MULTIPLE})


def _valeur(resultat: Resultat) -> str:
    if resultat.valeur is None:
        return _("Non calculé")
    if resultat.unite is Unite.CENTS_PAR_UC:
        return _("%(montant)s par mois et par UC", montant=euros(resultat.valeur))
    taux = format_decimal(Decimal(resultat.valeur) / 10, locale=get_locale())
    return _("%(taux)s %% des ressources", taux=taux)


def _mots(mots: str) -> str:
    return ", ".join(_(mot) for mot in mots.split(", "))
