"""Reading and checking the national grid of `seeds/reference/grilles`. Without database."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.grilles.contenu import Champ, Grille, Item, Section
from portal.grilles.enums import A_CHOIX, Portee

FICHIER = Path(__file__).parents[2] / "seeds" / "reference" / "grilles" / "national.toml"

_ITEM = re.compile(r"[A-F][1-9]\d?")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class GrilleInvalide(Exception):
    """A grid that cannot be used; the message says everything that is wrong with it, in French."""


def grille_nationale(fichier: Path = FICHIER) -> Grille:
    """Return the national grid. Raises GrilleInvalide."""
    with fichier.open("rb") as file:
        data = tomllib.load(file)
    try:
        grille = Grille(data["libelle"], tuple(_section(row) for row in data["sections"]))
    except (KeyError, TypeError, ValueError) as error:
        raise GrilleInvalide(f"forme inattendue ({type(error).__name__} : {error})") from error
    if found := list(fautes(grille)):
        raise GrilleInvalide(" ; ".join(found))
    return grille


def fautes(grille: Grille) -> Iterator[str]:
    """Give everything wrong with a grid, in French; nothing for one that can be used."""
    for code, times in Counter(item.code for item in grille.items()).items():
        if times > 1:
            yield f"question {code} : code employé deux fois"
    for section in grille.sections:
        for item in section.items:
            if not _ITEM.fullmatch(item.code) or item.code[0] != section.code:
                yield f"question {item.code} : code qui n’est pas de la section {section.code}"
            yield from (f"question {item.code} : {faute}" for faute in fautes_item(item))


def fautes_item(item: Item) -> Iterator[str]:
    """Give what is wrong with one question."""
    if not item.libelle or not item.champs:
        yield "sans libellé ou sans réponse"
    if len({champ.code for champ in item.champs}) < len(item.champs):
        yield "deux réponses de même code"
    for champ in item.champs:
        if not _CODE.fullmatch(champ.code):
            yield f"réponse « {champ.code} » : code mal formé"
        if (champ.reponse in A_CHOIX) is not bool(champ.choix):
            yield f"réponse « {champ.code} » : des choix sans liste, ou l’inverse"
        if len({choix.code for choix in champ.choix}) < len(champ.choix):
            yield f"réponse « {champ.code} » : deux choix de même code"
        if champ.p1_si and champ.portee is Portee.P1:
            yield f"réponse « {champ.code} » : déjà transmissible"


def _section(row: dict[str, Any]) -> Section:
    return Section(row["code"], row["titre"], row["consigne"], tuple(_item(i) for i in row["items"]))


def _item(row: dict[str, Any]) -> Item:
    champs = row.get("champs") or [{**row, "code": "reponse", "libelle": ""}]
    return Item(row["code"], row["libelle"], row["aide"], tuple(Champ.from_json(champ) for champ in champs))
