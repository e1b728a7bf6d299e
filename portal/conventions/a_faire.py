"""« À faire »: what waits for the actor among its lines, most pressing first, in one statement.

The headings and their lines are said in `rubriques`. Rooms above add their own headings to the page; those of
this room are `taches`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, select, union_all
from sqlalchemy.orm import Session

from portal.conventions import parametres
from portal.conventions.enums import Statut
from portal.conventions.jours import Jours
from portal.conventions.lignes import OPERATEUR as OP
from portal.conventions.lignes import SIAO as SI
from portal.conventions.models import Convention
from portal.conventions.queries import portee
from portal.conventions.rubriques import GENRES, Contexte, Genre
from portal.organisations.parametres import by_departement
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock

Condition = ColumnElement[bool]

MONTREES = 6
"""Lines shown under a heading; the rest is behind its link."""


@dataclass(frozen=True)
class Tache:
    """A line that waits. `echeance`: the day it is due; `retard`: days since, 0 when not late.

    Under a heading whose `depuis` is true, `echeance` is the day since which it waits.
    """

    ref: str
    operateur: str
    siao: str
    etat: Statut
    echeance: date
    retard: int
    clauses: int = 0  # of its text, that wait


@dataclass
class Rubrique:
    """A heading: its lines, the first due first. `reste`: whether there are more than those shown.

    `args`: query arguments of the list of conventions that shows them all. `page`: what of a line is opened,
    after its address.
    """

    code: str
    titre: str
    geste: str  # what to do, in a few words
    args: dict[str, Any]
    depuis: bool = False
    page: str = ""
    taches: list[Tache] = field(default_factory=list)
    reste: bool = False

    @property
    def en_retard(self) -> bool:
        """Whether one of its lines is late."""
        return any(tache.retard for tache in self.taches)


def taches(session: Session, clock: Clock, actor: Actor) -> list[Rubrique]:
    """Return the headings that hold something for the actor, in the order of what presses. Two statements."""
    genres = [genre for genre in GENRES if genre.pour(actor)]
    if not genres or not can(actor, Permission.CONVENTIONS_LIRE):
        return []
    jours = Jours.de(clock)
    contextes = _contextes(session, jours, actor)
    rubriques = {
        genre.code: Rubrique(genre.code, genre.titre, genre.geste, genre.args, genre.depuis, genre.page)
        for genre in genres
    }
    for row in session.execute(_union(genres, actor, contextes)):
        rubrique = rubriques[row.genre]
        if len(rubrique.taches) == MONTREES:
            rubrique.reste = True
            continue
        rubrique.taches.append(
            Tache(
                row.ref,
                row.operateur,
                row.siao,
                row.statut,
                row.echeance,
                0 if rubrique.depuis else max(0, (jours.du(row.departement_code) - row.echeance).days),
                row.clauses,
            )
        )
    return [rubrique for rubrique in rubriques.values() if rubrique.taches]


def _contextes(session: Session, jours: Jours, actor: Actor) -> dict[str, Contexte]:
    """Return the rules of each département where the actor works, by its code; its own comes first."""
    regles = by_departement(
        session,
        actor.departements,
        parametres.DELAI_RENOUVELLEMENT,
        parametres.ORDRE_SIGNATURES,
    )
    return {
        code: Contexte(
            actor,
            jours.du(code),
            regle[parametres.DELAI_RENOUVELLEMENT.key],
            parametres.ordre_des_parties(regle[parametres.ORDRE_SIGNATURES.key]),
        )
        for code, regle in regles.items()
    }


def _selon(genre: Genre, actor: Actor, contextes: dict[str, Contexte]) -> Condition:
    """Return the lines of a heading, each under the rules of its département.

    It is written once when they are the same everywhere, which is the rule.
    """
    ici, ou = contextes[actor.departement_code], Convention.departement_code
    ailleurs = [code for code, contexte in contextes.items() if contexte != ici]
    if not ailleurs:
        return _seules(genre, ici)
    return or_(
        and_(ou.not_in(ailleurs), _seules(genre, ici)),
        *(and_(ou == code, _seules(genre, contextes[code])) for code in ailleurs),
    )


def _seules(genre: Genre, contexte: Contexte) -> Condition:
    """Return the lines of a heading but those that another one, read before it, asks the same of."""
    deja = [
        not_(func.coalesce(autre.lignes(contexte), false()))
        for autre in GENRES
        if autre.code in genre.sauf and autre.pour(contexte.actor)
    ]
    return and_(genre.lignes(contexte), *deja)


def _union(genres: Iterable[Genre], actor: Actor, contextes: dict[str, Contexte]) -> Any:
    """Return the lines of every heading in one statement, bounded, the first due first."""
    parts = []
    for genre in genres:
        choisies = (
            select(
                literal(genre.code).label("genre"),
                Convention.id.label("id"),
                genre.echeance.label("echeance"),
                genre.clauses(actor).label("clauses"),
            )
            .where(portee(actor), _selon(genre, actor, contextes))
            .order_by(genre.echeance, Convention.id)
            .limit(MONTREES + 1)
            .subquery()
        )
        parts.append(select(choisies))
    toutes = union_all(*parts).subquery()
    return (
        select(
            toutes.c.genre,
            toutes.c.echeance,
            toutes.c.clauses,
            Convention.ref,
            Convention.statut,
            Convention.departement_code,
            OP.nom.label("operateur"),
            SI.nom.label("siao"),
        )
        .select_from(toutes)
        .join(Convention, Convention.id == toutes.c.id)
        .join(OP, OP.id == Convention.operateur_id)
        .join(SI, SI.id == Convention.siao_id)
        .order_by(toutes.c.echeance, Convention.id)
    )
