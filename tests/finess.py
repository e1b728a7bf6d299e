"""Fictitious lines of the FINESS extraction."""

from portal.organisations.finess import FIELDS

HEADER = "finess;etalab;111;2026-05-12\n"


def line(**changes: str) -> str:
    """Return one line of a fictitious CHRS, with the given fields (f3="…") changed."""
    fields = [""] * FIELDS
    fields[0:5] = ["structureet", "220000012", "220000020", "CHRS LES AJONCS", "CHRS LES AJONCS"]
    fields[7:10] = ["3", "R", "DU PORT"]
    fields[12:17] = ["278", "22", "COTES D'ARMOR", "22000 ST BRIEUC", "0296000000"]
    fields[18:20] = ["214", "Centre Hébergement & Réinsertion Sociale (C.H.R.S.)"]
    fields[22] = "73282932000074"
    fields[28], fields[30] = "1998-09-01", "2024-03-05"
    for name, value in changes.items():
        fields[int(name[1:])] = value
    return ";".join(fields)


def extraction(*lines: str) -> str:
    """Return a whole file."""
    return HEADER + "".join(f"{text}\n" for text in lines)
