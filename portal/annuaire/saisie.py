"""What people type about an entry of the directory, checked field by field."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.enums import Preference, Role
from portal.annuaire.nomenclatures import publics
from portal.annuaire.regles import Periode
from portal.organisations.identifiants import read_phone
from portal.organisations.models import Arrondissement, Commune, Nature
from portal.organisations.referentiel import Lieu, Maille
from portal.organisations.saisie import Refusals
from portal.shared.errors import DomainError
from portal.shared.text import sort_key

MAX_COMMUNES = 5000  # characters: the names of every commune of a département
SAINTS = {"st": "saint", "ste": "sainte", "sts": "saints"}
EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+")


@dataclass(frozen=True, kw_only=True)
class SaisieReferent:
    """A function as typed. Empty `territoires`: the whole département; empty `natures`, `publics`: all."""

    fonction_code: str
    departement_code: str
    structure_id: int | None = None
    mention: str = ""
    preference: Preference = Preference.INDIFFERENT
    horaires: str = ""
    telephone: str = ""
    email: str = ""
    territoires: tuple[Lieu, ...] = ()
    natures: tuple[str, ...] = ()
    publics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SaisieTitulaire:
    """Someone who holds a function, as typed; `au` None: no end known."""

    prenom: str
    nom: str
    du: date
    au: date | None = None
    role: Role = Role.TITULAIRE
    telephone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Jours:
    """A stretch of days, both ends included."""

    du: date
    au: date | None = None


def referent_values(session: Session, typed: SaisieReferent) -> dict[str, Any]:
    """Return the columns of an entry from what was typed; raises DomainErrors. Territories go apart."""
    refusals = Refusals()
    values: dict[str, Any] = {
        "fonction_code": typed.fonction_code,
        "departement_code": typed.departement_code,
        "structure_id": typed.structure_id,
        "mention": _text(refusals, typed.mention, "mention", 120),
        "preference": typed.preference,
        "horaires": _text(refusals, typed.horaires, "horaires", 200),
        "publics": sorted(set(typed.publics)),
    } | _contact(refusals, typed.telephone, typed.email)
    if set(typed.publics) - set(publics()):
        refusals.add("annuaire.public", "publics")
    if typed.natures:
        known = set(session.scalars(select(Nature.code).where(Nature.code.in_(typed.natures))))
        if set(typed.natures) - known:
            refusals.add("annuaire.nature", "natures")
    if not all(_here(session, lieu, typed.departement_code) for lieu in typed.territoires):
        refusals.add("annuaire.territoire", "territoires")
    refusals.raise_any()
    return values


def titulaire_values(typed: SaisieTitulaire, *, joignable: bool) -> dict[str, Any]:
    """Return the columns of a holder from what was typed; raises DomainErrors.

    `joignable`: the function itself has a phone or an e-mail, so that its holder may have none.
    """
    refusals = Refusals()
    values: dict[str, Any] = {
        "prenom": _text(refusals, typed.prenom, "prenom", 80),
        "nom": _text(refusals, typed.nom, "nom", 80),
    } | _contact(refusals, typed.telephone, typed.email)
    if not values["nom"]:
        refusals.add("annuaire.nom", "nom")
    if not joignable and not typed.telephone.strip() and not typed.email.strip():
        refusals.add("annuaire.joindre", "telephone")
    check_periode(refusals, Jours(typed.du, typed.au))
    refusals.raise_any()
    return values | {"du": typed.du, "au": typed.au}


def check_periode(refusals: Refusals, periode: Periode) -> None:
    """Refuse a period that ends before it begins."""
    if periode.au is not None and periode.au < periode.du:
        refusals.add("annuaire.periode", "au")


def communes_ecrites(session: Session, texte: str, departement_code: str) -> list[Lieu]:
    """Return the communes written one a line or separated by commas, with a postcode where it takes one.

    Raises DomainErrors naming those that are none of the département's, on the field « communes »;
    DomainError for more than `MAX_COMMUNES` characters.
    """
    refusals, found = Refusals(), []
    if len(texte) > MAX_COMMUNES:
        raise DomainError("annuaire.trop_long", "communes", maximum=MAX_COMMUNES)
    for nom in filter(None, (part.strip() for part in re.split(r"[,;\n]", texte))):
        codes = _communes(session, nom, departement_code)
        if len(codes) == 1:
            found.append(Lieu(Maille.COMMUNE, codes[0]))
        else:
            code = "annuaire.commune_ambigue" if codes else "annuaire.commune_inconnue"
            refusals.add(code, "communes", nom=nom[:80])
    refusals.raise_any()
    return found


def noms_des_communes(session: Session, codes: Iterable[str]) -> str:
    """Return the communes as `communes_ecrites` reads them, one a line."""
    rows = session.execute(
        select(Commune.nom, Commune.codes_postaux)
        .where(Commune.code.in_(list(codes)))
        .order_by(Commune.tri, Commune.code)
    )
    return "\n".join(f"{nom} {(postaux.split() or [''])[0]}".strip() for nom, postaux in rows)


def _communes(session: Session, typed: str, departement_code: str) -> list[str]:
    postal = re.search(r"\b\d{5}\b", typed)
    nom = re.sub(r"\b\d{5}\b|[()]", " ", typed)
    keys = cles_de_commune(nom)
    rows = session.execute(
        select(Commune.code, Commune.codes_postaux).where(
            Commune.departement_code == departement_code, Commune.tri.in_(keys)
        )
    ).all()
    return [row.code for row in rows if postal is None or postal[0] in row.codes_postaux.split()]


def cles_de_commune(nom: str) -> list[str]:
    """Return the sort keys that a name may have: as it is written, and with « saint » for « st »."""
    key = sort_key(nom)
    return list(dict.fromkeys((key, " ".join(SAINTS.get(word, word) for word in key.split()))))


def _here(session: Session, lieu: Lieu, departement_code: str) -> bool:
    """Tell whether a territory is, in part at least, in a département."""
    statement = select(Commune.code).where(Commune.departement_code == departement_code).limit(1)
    if lieu.maille is Maille.COMMUNE:
        return session.scalar(statement.where(Commune.code == lieu.code)) is not None
    if lieu.maille is Maille.EPCI:
        return session.scalar(statement.where(Commune.epci_code == lieu.code)) is not None
    home = session.scalar(select(Arrondissement.departement_code).where(Arrondissement.code == lieu.code))
    return home == departement_code


def _contact(refusals: Refusals, telephone: str, email: str) -> dict[str, str]:
    address = _text(refusals, email, "email", 254).lower()
    if address and not EMAIL.fullmatch(address):
        refusals.add("annuaire.email", "email")
    return {"telephone": _phone(refusals, telephone, read_phone), "email": address}


def _phone(refusals: Refusals, text: str, read: Callable[[str, str], str]) -> str:
    if text.strip():
        with refusals.gathered():
            return read(text, "telephone")
    return ""


def _text(refusals: Refusals, text: str, field: str, maximum: int) -> str:
    cleaned = " ".join(text.split())
    if len(cleaned) > maximum:
        refusals.add("annuaire.trop_long", field, maximum=maximum)
    return cleaned
