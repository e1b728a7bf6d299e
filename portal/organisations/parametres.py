"""Typed registry of the values marked [P] or [D] in domaine.md, changeable for a département or for all.

A room declares its parameters with `declare`; what is stored in `parametre` overrides the default, the
département's own value before the national one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import ScalarSelect, bindparam, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.organisations.models import Parametre
from portal.security.permissions import ETAT, Permission, Profil
from portal.security.policy import Actor, can, policy
from portal.shared.clock import Clock
from portal.shared.db import fetch
from portal.shared.errors import DomainError, Forbidden
from portal.shared.messages import N_, register

T = TypeVar("T")
N = TypeVar("N", int, date)

register(
    {
        "parametres.inconnu": N_("Ce paramètre n’existe pas."),
        "parametres.entier": N_("Écrivez un nombre entier entre %(minimum)s et %(maximum)s."),
        "parametres.entiers": N_(
            "Écrivez des nombres entiers entre %(minimum)s et %(maximum)s, séparés par des virgules."
        ),
        "parametres.date": N_("Écrivez une date entre le %(minimum)s et le %(maximum)s."),
        "parametres.choix": N_("Choisissez une des valeurs proposées."),
    }
)


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """A value that a département may change: its key, label, default, bounds and the source of the default.

    `read` turns the stored text into the value and raises ValueError; `error` is the code of the message
    for a refused text; `bounds` are (minimum, maximum), or the allowed texts for a choice.
    """

    key: str
    label: str
    default: T
    read: Callable[[str], T]
    write: Callable[[T], str]
    bounds: tuple[Any, ...]
    source: str
    error: str


_REGISTRY: dict[str, Parameter[Any]] = {}


def declare(parameter: Parameter[T]) -> Parameter[T]:
    """Add a parameter to the registry and return it."""
    if parameter.key in _REGISTRY:
        raise ValueError(f"parameter declared twice: {parameter.key}")
    _REGISTRY[parameter.key] = parameter
    return parameter


def registered() -> list[Parameter[Any]]:
    """Return every parameter, for the settings screen."""
    return list(_REGISTRY.values())


def entier(key: str, label: str, default: int, bounds: tuple[int, int], source: str) -> Parameter[int]:
    """Declare a whole number between two bounds, both included."""

    def read(text: str) -> int:
        return _within(int(text), bounds)

    return declare(Parameter(key, label, default, read, str, bounds, source, "parametres.entier"))


def entiers(
    key: str, label: str, default: tuple[int, ...], bounds: tuple[int, int], source: str
) -> Parameter[tuple[int, ...]]:
    """Declare a list of whole numbers, kept in decreasing order without repetition."""

    def read(text: str) -> tuple[int, ...]:
        numbers = {_within(int(part), bounds) for part in text.split(",")}
        return tuple(sorted(numbers, reverse=True))

    def write(numbers: tuple[int, ...]) -> str:
        return ",".join(map(str, numbers))

    return declare(Parameter(key, label, default, read, write, bounds, source, "parametres.entiers"))


def jour(key: str, label: str, default: date, bounds: tuple[date, date], source: str) -> Parameter[date]:
    """Declare a date between two bounds, both included; stored in ISO form."""

    def read(text: str) -> date:
        return _within(date.fromisoformat(text), bounds)

    return declare(Parameter(key, label, default, read, date.isoformat, bounds, source, "parametres.date"))


def choix(key: str, label: str, default: str, allowed: tuple[str, ...], source: str) -> Parameter[str]:
    """Declare a choice among a few texts."""

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return declare(Parameter(key, label, default, read, str, allowed, source, "parametres.choix"))


def _within(number: N, bounds: tuple[N, N]) -> N:
    if not bounds[0] <= number <= bounds[1]:
        raise ValueError(number)
    return number


_STORED = select(Parametre.cle, Parametre.departement_code, Parametre.valeur).where(
    or_(Parametre.departement_code.is_(None), Parametre.departement_code == bindparam("departement"))
)


def values(session: Session, departement_code: str | None, *parameters: Parameter[Any]) -> dict[str, Any]:
    """Return the values of some parameters (of all, when none is named) for a département; one statement."""
    wanted = parameters or tuple(_REGISTRY.values())
    found: dict[str, str] = {}
    rows = fetch(session, _STORED, {"departement": departement_code})
    for cle, code, valeur in sorted(rows, key=lambda row: row.departement_code or ""):
        found[cle] = valeur if code is not None else found.get(cle, valeur)
    return {p.key: read(p, found.get(p.key)) for p in wanted}


def stored(parameter: Parameter[Any], departement: Any) -> ScalarSelect[str | None]:
    """Return the column « what is stored of a parameter » for the département of a statement's rows: its own
    text, else the national one, else NULL. `read` makes it a value."""
    return (
        select(Parametre.valeur)
        .where(
            Parametre.cle == parameter.key,
            or_(Parametre.departement_code.is_(None), Parametre.departement_code == departement),
        )
        .order_by(Parametre.departement_code.is_(None))
        .limit(1)
        .scalar_subquery()
    )


def read(parameter: Parameter[T], text: str | None) -> T:
    """Return the value of a parameter of which `text` is stored."""
    return parameter.default if text is None else parameter.read(text)


def by_departement(
    session: Session, codes: Sequence[str], *parameters: Parameter[Any]
) -> dict[str, dict[str, Any]]:
    """Return the values of some parameters in each of some départements, by its code; one statement."""
    if len(codes) == 1:
        return {codes[0]: values(session, codes[0], *parameters)}
    rows = session.execute(
        select(Parametre.cle, Parametre.departement_code, Parametre.valeur).where(
            or_(Parametre.departement_code.is_(None), Parametre.departement_code.in_(codes))
        )
    ).all()
    texts = {(cle, code): valeur for cle, code, valeur in rows}
    found: dict[str, dict[str, Any]] = {code: {} for code in codes}
    for code, mine in found.items():
        for parameter in parameters:
            text = texts.get((parameter.key, code), texts.get((parameter.key, None)))
            mine[parameter.key] = read(parameter, text)
    return found


def everywhere(session: Session, parameter: Parameter[T]) -> tuple[T, dict[str, T]]:
    """Return the national value of a parameter, and those of the départements that have their own, by code;
    one statement."""
    rows = session.execute(
        select(Parametre.departement_code, Parametre.valeur).where(Parametre.cle == parameter.key)
    ).all()
    found = {code: parameter.read(valeur) for code, valeur in rows}
    return found.get(None, parameter.default), {code: one for code, one in found.items() if code is not None}


def own_values(session: Session, departement_code: str) -> dict[str, str]:
    """Return the stored texts of the parameters that a département changed, by key."""
    rows = session.execute(
        select(Parametre.cle, Parametre.valeur).where(Parametre.departement_code == departement_code)
    )
    return {cle: valeur for cle, valeur in rows if cle in _REGISTRY}


def value(session: Session, parameter: Parameter[T], departement_code: str | None) -> T:
    """Return the value of a parameter for a département (None: the national one)."""
    result: T = values(session, departement_code, parameter)[parameter.key]
    return result


@policy(Permission.PARAMETRES_MODIFIER)
def _may_change(actor: Actor, departement_code: Any) -> bool:
    """The State's pilot and administrator, for their département; nobody sets national values here."""
    return actor.profil in (ETAT - {Profil.ETAT_AGENT}) | {Profil.ADMIN_DEPARTEMENT} and departement_code in (
        None,
        actor.departement_code,
    )


def set_value(
    session: Session, actor: Actor, clock: Clock, key: str, departement_code: str, text: str | None
) -> None:
    """Change the département's value of a parameter, None to come back to the default; journalled.

    Raises Forbidden, or DomainError (field `valeur`) when the text is not an acceptable value.
    """
    parameter = _REGISTRY.get(key)
    if parameter is None:
        raise DomainError("parametres.inconnu")
    if not can(actor, Permission.PARAMETRES_MODIFIER, departement_code):
        raise Forbidden(key)
    row = session.scalar(
        select(Parametre).where(Parametre.cle == key, Parametre.departement_code == departement_code)
    )
    before = row.valeur if row else None
    after = parameter.write(_read(parameter, text.strip())) if text is not None else None
    if row is not None and after is None:
        session.delete(row)
    elif row is not None and after is not None:
        row.valeur = after
    elif after is not None:
        session.add(Parametre(cle=key, departement_code=departement_code, valeur=after))
    session.flush()
    if before != after:
        record(
            session,
            clock,
            actor,
            "parametres:valeur:modifier",
            changes={key: [before, after]},
            departement_code=departement_code,
        )


def _read(parameter: Parameter[T], text: str) -> T:
    try:
        return parameter.read(text)
    except ValueError:
        bounds = parameter.bounds
        raise DomainError(parameter.error, "valeur", minimum=bounds[0], maximum=bounds[-1]) from None
