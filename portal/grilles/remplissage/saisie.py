"""What one types in a grid, read field by field; nothing typed is « non renseigné ». Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal.grilles.contenu import Champ, Item, Section
from portal.grilles.enums import Portee, Reponse
from portal.grilles.menages.saisie import lire_numero_unique
from portal.grilles.relecture import Expression, expressions
from portal.grilles.remplissage.enums import LIBELLES_AUTONOMIE, LIBELLES_FAIT
from portal.shared.dates import parse_date
from portal.shared.errors import DomainError, DomainErrors
from portal.shared.messages import N_

COURT = 300
"""Characters of a short text: facts only (domaine.md § 6.2)."""

PAROLE = 2000
"""Characters of the household's own words."""

MONTANT_MAXIMUM = 1_000_000
NOMBRE_MAXIMUM = 999
TEXTES = frozenset({Reponse.TEXTE_COURT, Reponse.PAROLE})

Typees = Mapping[str, Sequence[str]]
"""What a form sends: texts by name of field."""

_MONTANT = re.compile(r"(\d{1,9})(?:[.,](\d{0,2}))?")
_ESPACES = re.compile(r"[\s\u00a0\u202f€]+")

HYPOTHESES: dict[str, tuple[Champ, ...]] = {
    "B5": (
        Champ("autres", N_("Autres charges retenues, par mois"), Reponse.MONTANT, Portee.P2),
        Champ("grands", N_("Enfants de 14 ans ou plus"), Reponse.NOMBRE, Portee.P2),
    ),
    "B6": (
        Champ("loyer", N_("Loyer supposé, par mois"), Reponse.MONTANT, Portee.P2),
        Champ("charges", N_("Charges supposées, par mois"), Reponse.MONTANT, Portee.P2),
        Champ("aides", N_("Aides supposées, par mois"), Reponse.MONTANT, Portee.P2),
        Champ("surface", N_("Surface du logement envisagé, en m²"), Reponse.NOMBRE, Portee.P2),
    ),
}
"""What a computed value is computed from, besides the answers: typed beside it, kept with it."""


def nom(item: Item, champ: Champ) -> str:
    """Return the name of a field in a form."""
    return f"{item.code}__{champ.code}"


def cle(item: Item, champ: Champ) -> str:
    """Return the name of a field as people and journals say it: « E3.reponse »."""
    return f"{item.code}.{champ.code}"


def calcule(item: Item) -> Champ | None:
    """Return the computed field of a question, None for the others."""
    return next((champ for champ in item.champs if champ.reponse is Reponse.CALCUL), None)


def champs_saisis(item: Item) -> tuple[Champ, ...]:
    """Return what is typed for a question: its fields, or the hypotheses of a computed one."""
    typed = tuple(champ for champ in item.champs if champ.reponse is not Reponse.CALCUL)
    return typed + (HYPOTHESES.get(item.code, ()) if calcule(item) is not None else ())


def a_saisir(section: Section) -> Iterator[tuple[Item, Champ]]:
    """Give each question asked in a section with each of its fields."""
    for item in section.items:
        if item.posee:
            for champ in champs_saisis(item):
                yield item, champ


def lire(champ: Champ, textes: Sequence[str], field: str | None = None) -> Any:
    """Return the answer that was typed, None for « non renseigné ». Raises DomainError."""
    typed = [texte.strip() for texte in textes if texte.strip()]
    if not typed:
        return None
    if champ.reponse is Reponse.CHOIX_MULTIPLE:
        return _plusieurs(champ, typed, field)
    return _LECTEURS[champ.reponse](champ, typed[0], field)


def lire_section(section: Section, typees: Typees) -> dict[str, dict[str, Any]]:
    """Return the answers typed for a section, by question then by field. Raises DomainErrors.

    The hypotheses of a computed value stand under `hypotheses` of its field.
    """
    items: dict[str, dict[str, Any]] = {}
    errors: list[DomainError] = []
    for item, champ in a_saisir(section):
        try:
            valeur = lire(champ, typees.get(nom(item, champ), ()), nom(item, champ))
        except DomainError as error:
            errors.append(error)
        else:
            if valeur is not None:
                _ranger(items, item, champ, valeur)
    try:
        _verifier_aides(items)
    except DomainError as error:
        errors.append(error)
    if errors:
        raise DomainErrors(errors)
    return items


def valeur(items: Mapping[str, Mapping[str, Any]], item: Item, champ: Champ) -> Any:
    """Return an answer, or a hypothesis, None for « non renseigné »."""
    held = items.get(item.code, {})
    calcul = calcule(item)
    if calcul is not None and champ is not calcul:
        return held.get(calcul.code, {}).get("hypotheses", {}).get(champ.code)
    return held.get(champ.code)


def mots_a_relire(section: Section, items: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Expression]]:
    """Return, by field as « E3.reponse », the words of the free texts that ask for another reading."""
    found = {}
    for item, champ in a_saisir(section):
        texte = valeur(items, item, champ) if champ.reponse in TEXTES else None
        if texte and (mots := expressions(texte)):
            found[cle(item, champ)] = mots
    return found


def _ranger(items: dict[str, dict[str, Any]], item: Item, champ: Champ, lue: Any) -> None:
    calcul = calcule(item)
    if calcul is None:
        items.setdefault(item.code, {})[champ.code] = lue
    else:
        held = items.setdefault(item.code, {}).setdefault(calcul.code, {"hypotheses": {}})
        held["hypotheses"][champ.code] = lue


def _verifier_aides(items: Mapping[str, Mapping[str, Any]]) -> None:
    supposees = items.get("B6", {}).get("reponse", {}).get("hypotheses", {})
    if "loyer" in supposees and supposees.get("aides", 0) > supposees["loyer"] + supposees.get("charges", 0):
        raise DomainError("remplissage.aides_trop_hautes", "B6__aides")


def _montant(_champ: Champ, texte: str, field: str | None) -> int:
    match = _MONTANT.fullmatch(_ESPACES.sub("", texte))
    if match is None:
        raise DomainError("remplissage.montant", field)
    cents = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if cents > MONTANT_MAXIMUM * 100:
        raise DomainError("remplissage.montant_borne", field, maximum=MONTANT_MAXIMUM)
    return cents


def _nombre(_champ: Champ, texte: str, field: str | None) -> int:
    if not (texte.isascii() and texte.isdecimal()) or int(texte) > NOMBRE_MAXIMUM:
        raise DomainError("remplissage.nombre", field, maximum=NOMBRE_MAXIMUM)
    return int(texte)


def _date(_champ: Champ, texte: str, field: str | None) -> str | None:
    jour = parse_date(texte, field)
    return jour.isoformat() if jour else None


def _un_de(codes: Mapping[str, str]) -> Any:
    def read(_champ: Champ, texte: str, field: str | None) -> str:
        if texte not in codes:
            raise DomainError("remplissage.choix", field)
        return texte

    return read


def _liste(champ: Champ, texte: str, field: str | None) -> str:
    if texte not in {choix.code for choix in champ.choix}:
        raise DomainError("remplissage.choix", field)
    return texte


def _plusieurs(champ: Champ, textes: Sequence[str], field: str | None) -> list[str]:
    if set(textes) - {choix.code for choix in champ.choix}:
        raise DomainError("remplissage.choix", field)
    return [choix.code for choix in champ.choix if choix.code in textes]


def _texte(champ: Champ, texte: str, field: str | None) -> str:
    maximum = PAROLE if champ.reponse is Reponse.PAROLE else COURT
    texte = "\n".join(" ".join(ligne.split()) for ligne in texte.splitlines()).strip()
    if len(texte) > maximum:
        raise DomainError("remplissage.texte_long", field, maximum=maximum)
    return texte


def _numero(_champ: Champ, texte: str, field: str | None) -> str:
    return lire_numero_unique(texte, field or "")


_LECTEURS: dict[Reponse, Any] = {
    Reponse.FAIT: _un_de(LIBELLES_FAIT),
    Reponse.AUTONOMIE: _un_de(LIBELLES_AUTONOMIE),
    Reponse.MONTANT: _montant,
    Reponse.NOMBRE: _nombre,
    Reponse.DATE: _date,
    Reponse.LISTE: _liste,
    Reponse.TEXTE_COURT: _texte,
    Reponse.PAROLE: _texte,
    Reponse.NUMERO_UNIQUE: _numero,
}
