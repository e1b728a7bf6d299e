"""Opening, changing and closing structures, with their natures and places. Services flush, never commit."""

from collections.abc import Callable, Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.diff import changed, plain, snapshot
from portal.audit.service import record
from portal.organisations.models import (
    Commune,
    Organisation,
    OrganisationDepartement,
    Structure,
    StructurePlaces,
)
from portal.organisations.saisie import LignePlaces, SaisieStructure, check_places, structure_values
from portal.organisations.service import check_closing, check_territory, lock, made_before, require, touch
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.shared.text import searchable, sort_key

Suite = Callable[[Session, Clock, Actor, Structure, str], None]
SuiteNombreuse = Callable[[Session, Clock, Actor | None, Collection[int], str], None]
OUVERTURE, FERMETURE, TRANSFERT = "ouverture", "fermeture", "transfert"
_SUITES: list[Suite] = []
Suiveur = Callable[[Session, Clock, Structure], None]
_SUIVEURS: list[Suiveur] = []
_SUITES_NOMBREUSES: list[SuiteNombreuse] = []

# What an import of FINESS may write, unless a person corrected it.
FINESS_FIELDS = ("nom", "siret", "departement_code", "commune_code", "adresse", "telephone", "ouverte_le")


def on_structure(suite: Suite) -> Suite:
    """Register what a room above does once a structure is open (`OUVERTURE`) or closed (`FERMETURE`)."""
    _SUITES.append(suite)
    return suite


def on_structure_edit(suiveur: Suiveur) -> Suiveur:
    """Register what a room above does once a structure has changed, its name or its place among others."""
    _SUIVEURS.append(suiveur)
    return suiveur


def on_structures(suite: SuiteNombreuse) -> SuiteNombreuse:
    """Register what a room above does once many structures have come to their organisations at once.

    By an import (`OUVERTURE`) or a merger (`TRANSFERT`): it gets their keys.
    """
    _SUITES_NOMBREUSES.append(suite)
    return suite


def arrived(session: Session, clock: Clock, actor: Actor | None, ids: Collection[int], event: str) -> None:
    """Tell the rooms above that these structures have come to their organisations."""
    if ids:
        for suite in _SUITES_NOMBREUSES:
            suite(session, clock, actor, ids, event)


def open_structure(
    session: Session,
    clock: Clock,
    actor: Actor,
    organisation: Organisation,
    typed: SaisieStructure,
    places: Iterable[LignePlaces] = (),
    *,
    key: str = "",
) -> Structure:
    """Open a structure of an organisation, which then works in its département too.

    Raises Forbidden, DomainErrors, DomainError; `key` as in `open_organisation`.
    """
    structure = Structure(organisation_id=organisation.id, departement_code=typed.departement_code)
    require(actor, Permission.STRUCTURES_MODIFIER, structure)
    ref = keyed_ref(key, Structure.__tablename__, actor.adhesion_id, organisation.id)
    again = made_before(session, Structure, ref)
    if again is not None:
        return again
    if organisation.fermee_le is not None:
        raise DomainError("organisations.fermee")
    now = clock.now()
    values = structure_values(session, typed)
    _check_finess(session, values["finess"], None)
    structure.created_at = structure.updated_at = now
    for name, value in values.items():
        setattr(structure, name, value)
    if ref:
        structure.ref = ref
    structure.corriges = sorted(FINESS_FIELDS)
    _write_places(structure, check_places(session, places))
    _index_structure(session, structure)
    session.add(structure)
    _work_in(actor, organisation, structure.departement_code)
    session.flush()
    facts = {name: [None, plain(value)] for name, value in values.items() if value not in (None, "")}
    record(session, clock, actor, "organisations:structure:ouvrir", structure, changes=facts)
    for suite in _SUITES:
        suite(session, clock, actor, structure, OUVERTURE)
    return structure


def edit_structure(
    session: Session,
    clock: Clock,
    actor: Actor,
    structure: Structure,
    typed: SaisieStructure,
    places: Iterable[LignePlaces] | None = None,
    *,
    version: int,
) -> Structure:
    """Change a structure and, unless None, its natures and places.

    What a person writes here is kept by later FINESS imports. Raises Forbidden, StaleVersion,
    DomainErrors, DomainError.
    """
    require(actor, Permission.STRUCTURES_MODIFIER, structure)
    structure = lock(session, structure, version)
    if structure.fermee_le is not None:
        raise DomainError("organisations.structure_fermee")
    if typed.departement_code != structure.departement_code:
        moved = Structure(organisation_id=structure.organisation_id, departement_code=typed.departement_code)
        require(actor, Permission.STRUCTURES_MODIFIER, moved)
    values = structure_values(session, typed)
    _check_finess(session, values["finess"], structure.id)
    before = snapshot(structure, values) | {"places": _places_of(structure)}
    for name, value in values.items():
        setattr(structure, name, value)
    _work_in(actor, structure.organisation, structure.departement_code)
    if places is not None:
        _write_places(structure, check_places(session, places))
    changes = changed(before, snapshot(structure, values) | {"places": _places_of(structure)})
    if changes:
        structure.corriges = sorted({*structure.corriges, *(set(FINESS_FIELDS) & set(changes))})
        _index_structure(session, structure)
        touch(structure, clock)
        session.flush()
        for suiveur in _SUIVEURS:
            suiveur(session, clock, structure)
        record(session, clock, actor, "organisations:structure:modifier", structure, changes=changes)
    return structure


def close_structure(
    session: Session, clock: Clock, actor: Actor, structure: Structure, on: date, *, version: int
) -> None:
    """Close a structure on a past day or today, not before it opened."""
    require(actor, Permission.STRUCTURES_MODIFIER, structure)
    structure = lock(session, structure, version)
    if structure.fermee_le is not None:
        raise DomainError("organisations.structure_fermee")
    check_closing(session, clock, structure.departement_code, on)
    if structure.ouverte_le is not None and on < structure.ouverte_le:
        raise DomainError("organisations.fermeture_avant_ouverture", "fermee_le")
    structure.fermee_le = on
    structure.updated_at = clock.now()
    session.flush()
    record(
        session,
        clock,
        actor,
        "organisations:structure:fermer",
        structure,
        changes={"fermee_le": [None, on.isoformat()]},
    )
    for suite in _SUITES:
        suite(session, clock, actor, structure, FERMETURE)


def structure_text(nom: str, finess: str | None, siret: str | None, commune: str | None) -> str:
    """Return the stored search text of a structure."""
    return searchable(nom, finess, siret, commune)[:800]


def _work_in(actor: Actor, organisation: Organisation, code: str) -> None:
    if code not in {row.departement_code for row in organisation.departements}:
        check_territory(actor, organisation.type, {code})
        organisation.departements.append(OrganisationDepartement(departement_code=code))


def _check_finess(session: Session, finess: str | None, own_id: int | None) -> None:
    if finess is None:
        return
    other = session.scalar(
        select(Structure.id).where(Structure.finess == finess, Structure.id != (own_id or 0))
    )
    if other is not None:
        raise DomainError("organisations.finess_existe", "finess")


def _places_of(structure: Structure) -> dict[str, int | None]:
    return {f"{row.nature_code} {row.type_place}".strip(): row.nombre for row in structure.places}


def _write_places(structure: Structure, places: dict[tuple[str, str], int | None]) -> None:
    present = {(row.nature_code, row.type_place): row for row in structure.places}
    for key in set(present) - set(places):
        structure.places.remove(present[key])
    for (nature, kind), number in places.items():
        if (nature, kind) in present:
            present[nature, kind].nombre = number
        else:
            structure.places.append(StructurePlaces(nature_code=nature, type_place=kind, nombre=number))
    structure.nature_a_qualifier = bool(structure.nature_a_qualifier) and not places


def _index_structure(session: Session, structure: Structure) -> None:
    commune = session.scalar(select(Commune.nom).where(Commune.code == structure.commune_code))
    structure.tri = sort_key(structure.nom)
    structure.texte_recherche = structure_text(structure.nom, structure.finess, structure.siret, commune)
