"""The fields of a section as the page shows them: with what was saved, or with what was just typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from portal.grilles.contenu import Champ, Item, Section
from portal.grilles.enums import A_CHOIX, Reponse
from portal.grilles.relecture import Expression
from portal.grilles.remplissage.enums import LIBELLES_AUTONOMIE, LIBELLES_FAIT
from portal.grilles.remplissage.saisie import (
    COURT,
    Typees,
    calcule,
    champs_saisis,
    cle,
    nom,
    valeur,
)

GENRES = {
    Reponse.FAIT: "radio",
    Reponse.AUTONOMIE: "radio",
    Reponse.LISTE: "radio",
    Reponse.CHOIX_MULTIPLE: "cases",
    Reponse.MONTANT: "montant",
    Reponse.NOMBRE: "nombre",
    Reponse.DATE: "date",
    Reponse.TEXTE_COURT: "long",
    Reponse.PAROLE: "long",
    Reponse.NUMERO_UNIQUE: "texte",
}


@dataclass(frozen=True)
class ChampVu:
    """A field. `francais`, `choix_francais`: its label, its choices are of the grid, in French. `mots`: those
    to read again, `relu`: the writer did."""

    nom: str
    cle: str
    libelle: str
    genre: str
    valeurs: tuple[str, ...]
    choix: tuple[tuple[str, str], ...] = ()
    francais: bool = True
    choix_francais: bool = False
    indice: str = ""
    parole: bool = False
    erreur: str = ""
    mots: tuple[Expression, ...] = ()
    relu: bool = False

    @property
    def texte(self) -> str:
        """What the field holds, for one that holds one text."""
        return self.valeurs[0] if self.valeurs else ""

    @property
    def cible(self) -> str:
        """The id to lead to from a summary of errors."""
        return f"{self.nom}-0" if self.genre in ("radio", "cases") else self.nom


@dataclass(frozen=True)
class QuestionVue:
    """A question of a section: its fields, whether a value is computed from them."""

    code: str
    libelle: str
    aide: str
    champs: tuple[ChampVu, ...]
    calculee: bool


@dataclass
class Etat:
    """What the page knows beside the answers: errors and words to read again, by name and by key."""

    erreurs: Mapping[str, str] = field(default_factory=dict)
    mots: Mapping[str, Sequence[Expression]] = field(default_factory=dict)
    relus: Mapping[str, Sequence[str]] = field(default_factory=dict)


def enregistrees(section: Section, items: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what was saved for a section as its form would send it."""
    return {
        nom(item, champ): _ecrire(champ, lue)
        for item in section.items
        for champ in champs_saisis(item)
        if (lue := valeur(items, item, champ)) is not None
    }


def questions(section: Section, typees: Typees, etat: Etat, charges: str) -> list[QuestionVue]:
    """Return the questions asked in a section. `charges`: the other charges kept, said beside the amount."""
    return [
        QuestionVue(
            item.code,
            item.libelle,
            item.aide,
            tuple(_champ(item, champ, typees, etat, charges) for champ in champs_saisis(item)),
            calcule(item) is not None,
        )
        for item in section.items
        if item.posee
    ]


def _champ(item: Item, champ: Champ, typees: Typees, etat: Etat, charges: str) -> ChampVu:
    genre, name, key = GENRES[champ.reponse], nom(item, champ), cle(item, champ)
    suppose = calcule(item) is not None
    mots = tuple(etat.mots.get(key, ()))
    gardes = etat.relus.get(key, ())
    return ChampVu(
        nom=name,
        cle=key,
        libelle=_(champ.libelle) if suppose else champ.libelle,
        genre=genre,
        valeurs=tuple(typees.get(name, ())),
        choix=choix_de(champ),
        francais=not suppose,
        indice=_indice(champ, name, charges),
        choix_francais=champ.reponse in A_CHOIX,
        parole=champ.reponse is Reponse.PAROLE,
        erreur=etat.erreurs.get(name, ""),
        mots=mots,
        relu=bool(mots) and all(mot.mot in gardes for mot in mots),
    )


def choix_de(champ: Champ) -> tuple[tuple[str, str], ...]:
    """Return the answers proposed, « non renseigné » last of those that exclude one another."""
    if champ.reponse is Reponse.CHOIX_MULTIPLE:
        return tuple((choix.code, choix.libelle) for choix in champ.choix)
    if champ.reponse is Reponse.FAIT:
        return (*((code, _(text)) for code, text in LIBELLES_FAIT.items()), ("", _("Non renseigné")))
    if champ.reponse is Reponse.AUTONOMIE:
        return (*((code, _(text)) for code, text in LIBELLES_AUTONOMIE.items()), ("", _("Non évalué")))
    if champ.reponse is Reponse.LISTE:
        return (*((choix.code, choix.libelle) for choix in champ.choix), ("", _("Non renseigné")))
    return ()


def _indice(champ: Champ, name: str, charges: str) -> str:
    if name == "B5__autres":
        return (
            _("En euros. Le département retient : %(charges)s.", charges=charges)
            if charges
            else _("Le département n’en retient aucune : ce montant ne compte pas.")
        )
    if name == "B5__grands":
        return _("Les âges ne sont pas demandés : sans ce nombre, les enfants comptent comme plus jeunes.")
    if champ.reponse is Reponse.MONTANT:
        return _("En euros")
    if champ.reponse is Reponse.TEXTE_COURT:
        return _("Des faits, en %(maximum)s caractères au plus.", maximum=COURT)
    if champ.reponse is Reponse.PAROLE:
        return _("Les mots du ménage, tels quels.")
    if champ.reponse is Reponse.NUMERO_UNIQUE:
        return _("18 caractères, ceux de l’attestation d’enregistrement.")
    return ""


def _ecrire(champ: Champ, lue: Any) -> list[str]:
    if champ.reponse is Reponse.CHOIX_MULTIPLE:
        return list(lue)
    if champ.reponse is Reponse.MONTANT:
        return [f"{Decimal(lue) / 100:.2f}".replace(".", ",").removesuffix(",00")]
    return [date.fromisoformat(lue).isoformat() if champ.reponse is Reponse.DATE else str(lue)]
