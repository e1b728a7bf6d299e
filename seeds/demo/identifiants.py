"""Numbers that are well formed and belong to nobody.

SIREN: below 000 325 175, the lowest ever given. FINESS: after the two figures of the département, 99, which
the directory does not use.
"""

from stdnum import luhn


def siren(rang: int) -> str:
    """Return the fictitious SIREN of a rank (0 to 9999)."""
    return _avec_cle(f"0001{rang:04d}")


def siret(un_siren: str, etablissement: int) -> str:
    """Return the SIRET of an establishment (1 to 9999)."""
    return _avec_cle(f"{un_siren}{etablissement:04d}")


def finess(departement_code: str, rang: int) -> str:
    """Return the fictitious FINESS number of a rank (0 to 9999) in a département."""
    return _avec_cle(f"{departement_code[:2]}99{rang:04d}")


def telephone(prefixe: str, rang: int) -> str:
    """Return a number in a range kept for fiction: six figures, then those of a rank (0 to 9999)."""
    return f"{prefixe} {rang // 100:02d} {rang % 100:02d}"


def _avec_cle(chiffres: str) -> str:
    return chiffres + luhn.calc_check_digit(chiffres)
