"""Reading what a search may find: at most so many entries of each tier, by the index or at sight.

SQLite stops at the last entry that is wanted. PostgreSQL reads the whole list of a word before the first
entry: it looks at a few entries first, which tell what is so frequent that they answer by themselves, or that
it is better looked for among what a rarer word finds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    String,
    Subquery,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.memory import Memory
from portal.shared.search import Forme, Terme, at_sight, hits, shape, sought, written

NOMS, ENTIERS, DEBUTS = range(3)  # the tiers of `texte.paliers`
BORNES = (40, 60, 60)
"""Entries that each tier gives to the ranking."""

COUP_D_OEIL = 300
"""Entries that PostgreSQL looks at first: enough to tell which words are frequent, and to answer to a search
that one entry in five meets."""

EN_VUE = 1500
"""Entries that it looks at then, when some of the first answered: they cost less than the list of a word does
when one entry in twenty answers."""

PROMETTEUR = COUP_D_OEIL * BORNES[DEBUTS] // EN_VUE // 2
"""Answers among the first from which `EN_VUE` entries are worth a look: half of what would be just enough."""

RARE, FREQUENT = COUP_D_OEIL // 150, COUP_D_OEIL // 20
"""Entries seen to bear a word, at most or at least, for it to be asked of the index, or of what a rarer word
has found: before the first entry, the index reads the whole list of each word, the longest too."""

_LU = (Referent.id, Referent.tri, Referent.poids_recherche, Referent.departement_code)

_enonces: Memory[AnySelect] = Memory(100)  # statements of a search, by engine, tiers and kind of condition

Groupes = list[list[Terme]]
Avant = dict[date, list[str]]  # last day of verification that leaves to be verified, in which départements


@dataclass(frozen=True)
class Demande:
    """A search ready to be read.

    `groupes`: the terms of each tier, marks included; `avant`: the days of `a_verifier`, none when it is not
    asked; `organisation_id`: the only organisation whose entries are wanted, if any.
    """

    departements: tuple[str, ...]
    groupes: tuple[Groupes, ...]
    avant: Avant
    organisation_id: int | None

    @property
    def forme(self) -> tuple[int, bool]:
        """What the statements depend on, besides the words."""
        return len(self.avant), self.organisation_id is not None

    @property
    def valeurs(self) -> dict[str, Any]:
        """The values bound by the statements, besides the words."""
        found: dict[str, Any] = {"organisation": self.organisation_id}
        for rang, (jour, codes) in enumerate(self.avant.items()):
            found |= {f"avant_{rang}": jour, f"ici_{rang}": codes}
        return found


def candidats(session: Session, demande: Demande) -> tuple[list[AnyRow], bool]:
    """Return what the ranking looks at, and whether more answers than that; five statements at most.

    Whatever answers begins a word: the surer tiers are read only when that one overflows, and may hide who
    bears the word for a name, or has it whole.
    """
    postgresql = session.get_bind().dialect.name == "postgresql"
    rows, frequents = _premieres_vues(session, demande) if postgresql else ([], [])
    if len(rows) < BORNES[DEBUTS]:
        rows = _lire(session, demande, (DEBUTS,), frequents)
    if len(rows) < BORNES[DEBUTS]:
        return rows, False
    whole = _at_sight(session, demande, ENTIERS) if postgresql else []
    if len(whole) < BORNES[ENTIERS]:
        return [*rows, *_lire(session, demande, (NOMS, ENTIERS))], True
    return [*rows, *whole, *_lire(session, demande, (NOMS,))], True


def _premieres_vues(session: Session, demande: Demande) -> tuple[list[AnyRow], Groupes]:
    """Return what answers among the first entries, and what is frequent enough among them to be looked for in
    what the index finds by the rest. Two statements at most."""
    groups = demande.groupes[DEBUTS]
    rows = _voir(session, demande, "coup d’œil", DEBUTS, _apercu)
    seen = [getattr(rows[0], f"groupe_{rank}") for rank in range(len(groups))]
    frequents = [group for group, times in zip(groups, seen, strict=True) if times >= FREQUENT]
    rare = any(times <= RARE for times in seen)
    answers = [row for row in rows if row.id is not None]
    if rows[0].vues == COUP_D_OEIL and PROMETTEUR <= len(answers) < BORNES[DEBUTS]:
        answers = _at_sight(session, demande, DEBUTS)
    return answers, frequents if rare else []


def _at_sight(session: Session, demande: Demande, palier: int) -> list[AnyRow]:
    """Return what answers among the first entries of the reader's départements. One statement."""
    return _voir(session, demande, "vue", palier, _vue)


def _voir(
    session: Session,
    demande: Demande,
    sort: str,
    palier: int,
    make: Callable[[Demande, Forme, int], AnySelect],
) -> list[AnyRow]:
    groups = demande.groupes[palier]
    statement = _enonces.get(
        (sort, palier, shape(groups), demande.forme), partial(make, demande, shape(groups), palier)
    )
    values: dict[str, Any] = {"departements": list(demande.departements)}
    return list(fetch(session, statement, values | demande.valeurs | sought(groups)))


def _apercu(demande: Demande, form: Forme, palier: int) -> AnySelect:
    """Return the statement of `_premieres_vues`: how many entries there are (`vues`), how many hold each
    group (`groupe_0`…), beside each of those that answer, or beside nothing at all."""
    here, conditions = _premieres(demande, COUP_D_OEIL)
    groups = at_sight(here.c.texte_recherche, form)
    marks = [group.label(f"groupe_{rank}") for rank, group in enumerate(groups)]
    seen = select(*(here.c[column.key] for column in _LU), *marks).where(*conditions).cte("vues")
    times = [
        select(func.count()).select_from(seen).scalar_subquery().label("vues"),
        *(select(func.count()).where(seen.c[mark.name]).scalar_subquery().label(mark.name) for mark in marks),
    ]
    answers = (
        select(*(seen.c[column.key] for column in _LU))
        .where(*(seen.c[mark.name] for mark in marks))
        .limit(literal_column(str(BORNES[palier]), Integer))
        .subquery()
    )
    once = select(literal(1).label("une")).subquery()
    return select(*times, answers, literal_column(str(palier), Integer).label("palier")).select_from(
        once.outerjoin(answers, true())
    )


def _vue(demande: Demande, form: Forme, palier: int) -> AnySelect:
    """Return the statement of `_at_sight` for a search of some shape."""
    here, conditions = _premieres(demande, EN_VUE)
    columns = (here.c[column.key] for column in _LU)
    found = select(*columns, literal_column(str(palier), Integer).label("palier"))
    held = at_sight(here.c.texte_recherche, form)
    return found.where(*held, *conditions).limit(literal_column(str(BORNES[palier]), Integer))


def _premieres(demande: Demande, count: int) -> tuple[Subquery, list[ColumnElement[bool]]]:
    """Return the first entries of the reader's départements, and what a filter asks besides its marks."""
    here = (
        select(*_LU, Referent.texte_recherche, Referent.verifie_le, Referent.organisation_id)
        .where(
            Referent.departement_code.in_(bindparam("departements", expanding=True)),
            Referent.ferme_le.is_(None),
        )
        .limit(literal_column(str(count), Integer))
        .subquery()
    )
    conditions: list[ColumnElement[bool]] = []
    if demande.avant:
        conditions.append(_a_verifier(here.c, len(demande.avant)))
    if demande.organisation_id is not None:
        conditions.append(here.c.organisation_id == bindparam("organisation", type_=Integer()))
    return here, conditions


def _lire(
    session: Session, demande: Demande, tiers: tuple[int, ...], frequents: Sequence[Sequence[Terme]] = ()
) -> list[AnyRow]:
    """Return the entries of some tiers: id, tri, poids_recherche, departement_code, palier. One statement.

    `frequents`: groups of those tiers that are looked for in the texts that the others find.
    """
    values: dict[str, Any] = {
        f"recherche_{rang}": written(session, [g for g in demande.groupes[rang] if g not in frequents])
        for rang in tiers
    }
    kind = (session.get_bind().dialect.name, demande.forme, tiers, shape(frequents))
    statement = _enonces.get(kind, partial(_enonce, session, demande, tiers, shape(frequents)))
    return list(fetch(session, statement, values | demande.valeurs | sought(frequents)))


def _enonce(session: Session, demande: Demande, tiers: tuple[int, ...], form: Forme) -> AnySelect:
    """Return the statement of some tiers of a search: keys, with what the ranking reads of them."""
    table: Any = Referent.__table__
    conditions = []
    if demande.avant:
        conditions.append(_a_verifier(Referent, len(demande.avant)))
    if demande.organisation_id is not None:
        conditions.append(Referent.organisation_id == bindparam("organisation", type_=Integer()))
    found = []
    for rang in tiers:
        held = at_sight(table.c.texte_recherche, form)
        keys = hits(session, table, bindparam(f"recherche_{rang}", type_=String())).where(*held).subquery()
        one = select(keys.c.id)
        if conditions:
            one = one.join(Referent, Referent.id == keys.c.id).where(*conditions)
        bounded = one.limit(literal_column(str(BORNES[rang]), Integer)).subquery()
        found.append(select(bounded.c.id, literal_column(str(rang), Integer).label("palier")))
    union = union_all(*found).subquery()
    return select(*_LU, union.c.palier).join(union, union.c.id == Referent.id)


def _a_verifier(entree: Any, combien: int) -> ColumnElement[bool]:
    """Return the condition « to be verified », on the bound days of so many groups of départements."""
    anciennes = []
    for rang in range(combien):
        ici = entree.departement_code.in_(bindparam(f"ici_{rang}", expanding=True))
        anciennes.append(and_(ici, entree.verifie_le <= bindparam(f"avant_{rang}", type_=Date())))
    return or_(entree.verifie_le.is_(None), *anciennes)
