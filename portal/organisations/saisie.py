"""What people type about organisations and structures, checked field by field."""

import re
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.organisations.enums import TypeOrganisation
from portal.organisations.identifiants import read_finess, read_phone, read_siren, read_siret, siren_of
from portal.organisations.models import Commune, Departement, Nature
from portal.organisations.natures import types_place
from portal.shared.errors import DomainError, DomainErrors

_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+")
_SITE = re.compile(r"https?://[^\s]+", re.IGNORECASE)
MAX_PLACES = 9999


@dataclass(frozen=True, kw_only=True)
class SaisieOrganisation:
    """An organisation as typed. `departements`: where it works besides its own; `categories`: 1 to 11."""

    nom: str
    type: TypeOrganisation
    departement_code: str
    sigle: str = ""
    siren: str = ""
    siret: str = ""
    finess_ej: str = ""
    departements: tuple[str, ...] = ()
    categories: tuple[int, ...] = ()
    adresse: str = ""
    telephone: str = ""
    email: str = ""
    site: str = ""


@dataclass(frozen=True, kw_only=True)
class SaisieStructure:
    """A structure as typed."""

    nom: str
    departement_code: str
    finess: str = ""
    siret: str = ""
    commune_code: str = ""
    adresse: str = ""
    telephone: str = ""
    email: str = ""
    ouverte_le: date | None = None


@dataclass(frozen=True)
class LignePlaces:
    """Places of one nature and one type (empty: not said); `nombre` None: not known yet."""

    nature_code: str
    type_place: str = ""
    nombre: int | None = None


class Refusals:
    """Collects every refusal of one act, so that a person reads all of them at once."""

    def __init__(self) -> None:
        self._errors: list[DomainError] = []

    def add(self, code: str, field: str | None, **params: Any) -> None:
        self._errors.append(DomainError(code, field, **params))

    @contextmanager
    def gathered(self) -> Any:
        """Keep a DomainError raised inside and go on."""
        try:
            yield
        except DomainError as error:
            self._errors.append(error)

    def raise_any(self) -> None:
        """Raise DomainErrors when something was refused."""
        if self._errors:
            raise DomainErrors(self._errors)


def organisation_values(session: Session, typed: SaisieOrganisation) -> dict[str, Any]:
    """Return the columns of an organisation from what was typed; raises DomainErrors.

    A SIRET alone gives the SIREN.
    """
    refusals = Refusals()
    values: dict[str, Any] = {
        "nom": _text(refusals, typed.nom, "nom", 200, required=True),
        "sigle": _text(refusals, typed.sigle, "sigle", 40),
        "siren": _number(refusals, typed.siren, "siren", read_siren),
        "siret": _number(refusals, typed.siret, "siret", read_siret),
        "finess_ej": _number(refusals, typed.finess_ej, "finess_ej", read_finess),
        "departement_code": typed.departement_code,
        "site": _site(refusals, typed.site),
    } | _contact(refusals, typed)
    if values["siret"]:
        if values["siren"] and siren_of(values["siret"]) != values["siren"]:
            refusals.add("organisations.siret_autre_siren", "siret")
        if not typed.siren.strip():
            values["siren"] = siren_of(values["siret"])
    _departements(refusals, session, {typed.departement_code, *typed.departements})
    if any(not 1 <= number <= 11 for number in typed.categories):
        refusals.add("organisations.categorie_inconnue", "categories")
    refusals.raise_any()
    return values


def structure_values(session: Session, typed: SaisieStructure) -> dict[str, Any]:
    """Return the columns of a structure from what was typed; raises DomainErrors."""
    refusals = Refusals()
    values: dict[str, Any] = {
        "nom": _text(refusals, typed.nom, "nom", 200, required=True),
        "finess": _number(refusals, typed.finess, "finess", read_finess),
        "siret": _number(refusals, typed.siret, "siret", read_siret),
        "departement_code": typed.departement_code,
        "commune_code": typed.commune_code or None,
        "ouverte_le": typed.ouverte_le,
    } | _contact(refusals, typed)
    _departements(refusals, session, {typed.departement_code})
    if typed.commune_code:
        home = session.scalar(select(Commune.departement_code).where(Commune.code == typed.commune_code))
        if home is None:
            refusals.add("organisations.commune_inconnue", "commune_code")
        elif home != typed.departement_code:
            refusals.add("organisations.commune_ailleurs", "commune_code")
    refusals.raise_any()
    return values


def check_places(session: Session, lines: Iterable[LignePlaces]) -> dict[tuple[str, str], int | None]:
    """Return {(nature, type): number}; lines of one nature and type are added up. Raises DomainErrors."""
    refusals = Refusals()
    natures = set(session.scalars(select(Nature.code)))
    places: dict[tuple[str, str], int | None] = {}
    for line in lines:
        if line.nature_code not in natures:
            refusals.add("organisations.nature_inconnue", "places")
        if line.type_place and line.type_place not in types_place():
            refusals.add("organisations.type_place_inconnu", "places")
        if line.nombre is not None and not 0 <= line.nombre <= MAX_PLACES:
            refusals.add("organisations.places_nombre", "places")
        key = (line.nature_code, line.type_place)
        known = [number for number in (places.get(key), line.nombre) if number is not None]
        places[key] = sum(known) if known else None
    refusals.raise_any()
    return places


def _contact(refusals: Refusals, typed: SaisieOrganisation | SaisieStructure) -> dict[str, str]:
    email = _text(refusals, typed.email, "email", 254).lower()
    if email and not _EMAIL.fullmatch(email):
        refusals.add("organisations.email", "email")
    return {
        "adresse": _text(refusals, typed.adresse, "adresse", 300),
        "telephone": _number(refusals, typed.telephone, "telephone", read_phone) or "",
        "email": email,
    }


def _text(refusals: Refusals, text: str, field: str, maximum: int, *, required: bool = False) -> str:
    cleaned = " ".join(text.split())
    if required and not cleaned:
        refusals.add("organisations.nom_obligatoire", field)
    if len(cleaned) > maximum:
        refusals.add("organisations.trop_long", field, maximum=maximum)
    return cleaned


def _number(refusals: Refusals, text: str, field: str, read: Callable[[str, str], str]) -> str | None:
    if text.strip():
        with refusals.gathered():
            return read(text, field)
    return None


def _site(refusals: Refusals, text: str) -> str:
    site = _text(refusals, text, "site", 200)
    if site and not _SITE.fullmatch(site):
        refusals.add("organisations.site", "site")
    return site


def _departements(refusals: Refusals, session: Session, codes: set[str]) -> None:
    known = set(session.scalars(select(Departement.code).where(Departement.code.in_(codes))))
    if codes - known:
        refusals.add("organisations.departement_inconnu", "departement_code")
