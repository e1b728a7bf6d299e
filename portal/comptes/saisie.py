"""Reading what people type about themselves or a colleague. Each reader raises DomainError on its field."""

import re

from portal.shared.errors import DomainError

LANGUES = ("fr", "en")

_EMAIL = re.compile(r"[^@\s\"<>(),;:\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
_TELEPHONE = re.compile(r"\+?[0-9 ().-]{6,20}")


def normalise_email(text: str) -> str:
    """Return an e-mail address as it is stored and compared."""
    return text.strip().lower()


def read_email(text: str, field: str = "email") -> str:
    """Return a complete e-mail address, in lower case."""
    email = normalise_email(text)
    if len(email) > 254 or not email.isprintable() or not _EMAIL.fullmatch(email):
        raise DomainError("comptes.email_forme", field)
    return email


def read_name(text: str, field: str) -> str:
    """Return a first or last name: something, at most 80 characters, on one line."""
    name = " ".join(text.split())
    if not name:
        raise DomainError("obligatoire", field)
    if len(name) > 80 or not name.isprintable():
        raise DomainError("comptes.nom_forme", field)
    return name


def read_phone(text: str, field: str = "telephone") -> str:
    """Return a telephone number as typed, spaces made single; it may be left empty."""
    number = " ".join(text.split())
    if number and not (_TELEPHONE.fullmatch(number) and sum(char.isdecimal() for char in number) >= 4):
        raise DomainError("comptes.telephone_forme", field)
    return number


def read_language(text: str, field: str = "langue") -> str:
    """Return one of the languages of the interface."""
    if text not in LANGUES:
        raise DomainError("comptes.langue_inconnue", field)
    return text
