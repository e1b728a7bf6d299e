"""Phone numbers as the tables of the field write them, in France and overseas."""

import re

import phonenumbers

from portal.documents.cellules import texte
from portal.documents.spreadsheets import Cell
from portal.organisations.identifiants import bare, read_phone

# Overseas numbers written from abroad: the code of the country is that of the zone (+262 262 …, +590 690 …),
# whose numbers are dialled with a zero from the whole of France.
_OUTRE_MER = re.compile(r"(?:\+|00)(?:262|590|594|596)(?:\(0\))?0?([2-7]\d{8})")
_SEPARES = re.compile(r"\s*(?:/|;|\||,|\bou\b|\bet\b|\n|\s[-–]\s)\s*", re.IGNORECASE)


def numeros(cellule: Cell) -> list[str]:
    """Return the numbers that a cell holds, as they are written; « 06 12 34 56 78 / 02 96 … » holds two."""
    if isinstance(cellule, float) and cellule.is_integer():
        cellule = int(cellule)
    ecrit = texte(cellule)
    if isinstance(cellule, int) and len(ecrit) == 9:
        return [f"0{ecrit}"]  # a spreadsheet drops the zero that a number begins with
    entier = bare(ecrit)
    if re.fullmatch(r"(?:\+|00)?\d{2,15}(?:\(0\)\d+)?", entier):
        return [ecrit]
    return [partie for partie in _SEPARES.split(ecrit) if partie]


def lire(ecrit: str, champ: str) -> str:
    """Return a number as the directory shows it: ten digits by pairs in all of France; raises DomainError.

    « +33 (0)2 96 … », « 02.96.… », « 296 00 00 00 » (its zero lost), « +262 692 … », « 00590 690 … ».
    """
    numero = bare(re.sub(r"^\s*(?:t[ée]l|port|fixe|mob)[a-zé.]*\s*:?\s*", "", ecrit, flags=re.IGNORECASE))
    outre_mer = _OUTRE_MER.fullmatch(numero)
    if outre_mer:
        return read_phone(f"0{outre_mer[1]}", champ)
    if re.fullmatch(r"[1-9]\d{8}", numero):
        return read_phone(f"0{numero}", champ)
    if re.fullmatch(r"00[1-9]\d{6,14}", numero):
        numero = f"+{numero[2:]}"
    if numero.startswith("+") and not numero.startswith("+33"):
        return _etranger(numero) or read_phone(ecrit, champ)
    return read_phone(numero, champ)


def _etranger(numero: str) -> str:
    """Return a number of another country or of another plan (Pacific, Saint-Pierre) without ornaments."""
    try:
        lu = phonenumbers.parse(numero, None)
    except phonenumbers.NumberParseException:
        return ""
    ecrit = phonenumbers.format_number(lu, phonenumbers.PhoneNumberFormat.E164)
    return ecrit if phonenumbers.is_possible_number(lu) and len(ecrit) >= 9 else ""
