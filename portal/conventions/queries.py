"""Reading lines: what an actor may see, the list, its export, one line, the search box.

`visible_to` is where every list starts. Lists select columns, never entities.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session

from portal.conventions.filtres import MOI, Filtres, conditions
from portal.conventions.lignes import COLONNES, EXPORTEES, Ligne, joindre, ligne_de
from portal.conventions.models import Convention
from portal.conventions.reperes import Reperes, reperes
from portal.security.permissions import ETAT, OPERATEUR, Profil
from portal.security.permissions import SIAO as PROFILS_SIAO
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.memory import Memory
from portal.shared.pagination import (
    COUNT_LIMIT,
    Cursor,
    Page,
    count_statement,
    opaque,
    page_statement,
    read_count,
    read_page,
    usable,
    with_keys,
)

TAILLE = 50
EXPORT_PAR_LOT = 500


def portee(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « it is the actor's »; `policies.est_sienne` says the same of one line."""
    if actor.profil in ETAT or actor.profil is Profil.ADMIN_DEPARTEMENT:
        return Convention.departement_code == actor.departement_code
    if actor.profil in PROFILS_SIAO:
        return Convention.siao_id == actor.organisation_id
    if actor.profil in OPERATEUR:
        return Convention.operateur_id == actor.organisation_id
    return false()


def lisibles(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor may see it »; `policies.peut_lire` says the same of one line."""
    if actor.profil in OPERATEUR and actor.absorbees:
        return or_(portee(actor), Convention.operateur_id.in_(actor.absorbees))
    return portee(actor)


def visible_to(actor: Actor) -> Select[Any]:
    """Return the keys of the lines that the actor may see: where every list starts."""
    return select(Convention.id).where(lisibles(actor))


@dataclass(frozen=True)
class Liste:
    """A page of lines, with the day and the rules for which their states are computed."""

    page: Page
    reperes: Reperes

    @cached_property
    def lignes(self) -> list[Ligne]:
        """The lines, computed when asked for: a page already rendered from the same rows needs none."""
        return [ligne_de(row, self.reperes) for row in self.page.rows]


_enonces: Memory[AnySelect] = Memory(100)  # statements of the list; about 3 MB


def lister(
    session: Session,
    clock: Clock,
    actor: Actor,
    filtres: Filtres,
    *,
    curseur: str | None = None,
    taille: int = TAILLE,
) -> Liste:
    """Return one page of the lines chosen by the filters. Three statements, whatever their number.

    Those of the count and of the page are kept built under everything that they hold.
    """
    dates = reperes(session, clock, actor)
    cles = filtres.tri.cles()
    cursor = usable(Cursor.decode(curseur), cles)
    sqlite = session.get_bind().dialect.name == "sqlite"
    moi = actor.personne_id if filtres.responsable == MOI else None
    regard = (*_vue(actor), moi, filtres, dates, sqlite)

    def compte() -> AnySelect:
        filtre = _conditions(session, actor, filtres, dates)
        return count_statement(visible_to(actor).where(*filtre))

    def page() -> AnySelect:
        filtre = _conditions(session, actor, filtres, dates, parcourues=suivie)
        choix = visible_to(actor).where(*(map(opaque, filtre) if suivie else filtre))
        return page_statement(
            with_keys(choix, cles),
            cles,
            cursor,
            size=taille,
            descending=filtres.descendant,
            enrich=_enrichir,
        )

    total = read_count(session, _enonces.get(("compte", regard), compte))
    suivie = sqlite and total > COUNT_LIMIT
    sens = (cursor.backwards, cursor.keys is not None) if cursor is not None else None
    enonce = _enonces.get(("page", regard, suivie, sens, taille), page)
    lue = read_page(session, enonce, cursor, width=len(cles), size=taille, total=total)
    return Liste(lue, dates)


def _vue(actor: Actor) -> tuple[Any, ...]:
    """Return what the statements of the list hold of their reader."""
    return actor.profil, actor.departement_code, actor.departements, actor.organisation_id, actor.absorbees


def _conditions(
    session: Session, actor: Actor, filtres: Filtres, dates: Reperes, *, parcourues: bool = False
) -> list[ColumnElement[bool]]:
    """Return the conditions of a choice of lines, each under the day and the rules of its département."""

    def au(*jour: Any) -> list[ColumnElement[bool]]:
        return conditions(session, actor, filtres, *jour, parcourues=parcourues)

    ici = dates.du(actor.departement_code)
    if all(dates.du(code) == ici for code in actor.departements):
        return au(*ici)
    return [dates.selon(actor, lambda *jour: and_(true(), *au(*jour)))]


def _enrichir(page: Select[Any], descendant: bool) -> Select[Any]:
    """Return the full rows of a page of keys, in its order."""
    cles = page.subquery("page")
    ordre = (cles.c.cle_0, cles.c.cle_1)
    depart = select(*ordre).select_from(cles).join(Convention, Convention.id == cles.c.id)
    return (
        joindre(depart)
        .add_columns(*COLONNES)
        .order_by(*(cle.desc() if descendant else cle.asc() for cle in ordre))
    )


def exporter(session: Session, clock: Clock, actor: Actor, filtres: Filtres) -> Iterator[Ligne]:
    """Yield every line chosen by the filters, in order, in as many statements whatever their number."""
    dates = reperes(session, clock, actor)
    cles = filtres.tri.cles()
    ordre = [cle.desc() if filtres.descendant else cle.asc() for cle in cles]
    statement = (
        joindre(select(*COLONNES, *EXPORTEES).select_from(Convention))
        .where(lisibles(actor), *_conditions(session, actor, filtres, dates))
        .order_by(*ordre)
        .execution_options(yield_per=EXPORT_PAR_LOT)
    )
    for row in session.execute(statement):
        ligne = ligne_de(row, dates)
        ligne.version_verte, ligne.avenants = row.version_verte, row.avenants
        yield ligne
