"""SIREN, SIRET and FINESS numbers as people type them: cleaned, checked, returned bare.

Each reader takes any text, and returns the bare number or raises DomainError on the given field.
"""

import re
import unicodedata

from stdnum.exceptions import ValidationError
from stdnum.fr import siret as stdnum_siret

from portal.shared.errors import DomainError

# Everything people put between the figures: spaces of all kinds, dots, hyphens, apostrophes of thousands.
_SEPARATORS = re.compile(r"[\s.\-_/'’\u2010-\u2015\u200b-\u200d\u2060\ufeff]+")
_FINESS = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{7}")
_NINE, _FOURTEEN = re.compile("[0-9]{9}"), re.compile("[0-9]{14}")
_FRENCH_PHONE = re.compile("0[1-9][0-9]{8}")
_FRENCH_PREFIX = re.compile(r"^(?:\+|00)33")
_OTHER_PHONE = re.compile(r"[13][0-9]{1,3}|\+[0-9]{8,15}")
_DOUBLED = str.maketrans("0123456789", "0246813579")  # twice a figure, the figures of the result added


def bare(text: str) -> str:
    """Return what was typed without separators, in upper case, with ordinary digits."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def _has_key(digits: str) -> bool:
    """Tell whether figures end by their Luhn key, as `stdnum.luhn` does but for files of 100,000 lines."""
    return (sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))) % 10 == 0


def read_siren(text: str, field: str = "siren") -> str:
    """Return the nine digits of a SIREN whose key (Luhn) is right."""
    number = bare(text)
    if not _NINE.fullmatch(number):
        raise DomainError("organisations.siren_forme", field)
    if number == "000000000" or not _has_key(number):
        raise DomainError("organisations.siren_cle", field)
    return number


def read_siret(text: str, field: str = "siret") -> str:
    """Return the fourteen digits of a SIRET whose two keys are right.

    La Poste (SIREN 356000000) has more establishments than Luhn allows: there the sum of the digits must
    be a multiple of 5, save the head office, which has an ordinary key. python-stdnum knows this.
    """
    number = bare(text)
    if not _FOURTEEN.fullmatch(number):
        raise DomainError("organisations.siret_forme", field)
    if not (_has_key(number) and _has_key(siren_of(number))):
        try:
            stdnum_siret.validate(number)
        except ValidationError as error:
            raise DomainError("organisations.siret_cle", field) from error
    if number.startswith("000000000"):
        raise DomainError("organisations.siret_cle", field)
    return number


def siren_of(siret: str) -> str:
    """Return the SIREN that a bare SIRET begins with."""
    return siret[:9]


def is_finess(number: str) -> bool:
    """Tell whether a bare text has the shape of a FINESS number, its key left aside."""
    return _FINESS.fullmatch(number) is not None


def read_finess(text: str, field: str = "finess") -> str:
    """Return the nine characters of a FINESS number.

    The last digit is a Luhn key: it is so for every number of the published sample. How the letter of
    Corsica (2A…, 2B…) counts in it is not documented, so that only the shape is checked there.
    """
    number = bare(text)
    if not is_finess(number):
        raise DomainError("organisations.finess_forme", field)
    if number.isdigit() and not _has_key(number):
        raise DomainError("organisations.finess_cle", field)
    return number


def read_phone(text: str, field: str = "telephone") -> str:
    """Return a phone number as it is shown: ten digits by pairs, a short number, or + and the country."""
    number = bare(text).replace("(0)", "")
    number = _FRENCH_PREFIX.sub("0", number)
    if _FRENCH_PHONE.fullmatch(number):
        return " ".join(number[i : i + 2] for i in range(0, 10, 2))
    if _OTHER_PHONE.fullmatch(number):
        return number
    raise DomainError("organisations.telephone", field)
