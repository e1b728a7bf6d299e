"""Finding entries: one box and filters, ranked; or, without text, the entries by organisation.

Every filter but « à vérifier » is a mark of the search text, so that one index answers to all of them
together. What is typed is tried in tiers, the surest first (names, whole words, beginnings of words); each
reads a bounded number of entries and the ranking looks at no other: a frequent word costs little more than a
rare one. What a tier leaves out is said (`plus`), and asks for one more word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from portal.annuaire.candidats import Avant, Demande, Groupes, candidats
from portal.annuaire.models import Referent
from portal.annuaire.parametres import a_verifier_avant, mois_par_departement
from portal.annuaire.queries import Ligne, lignes, visible_to
from portal.annuaire.texte import mots_tapes, paliers, score, territory_mark
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Arrondissement, Commune
from portal.organisations.referentiel import Lieu, Maille
from portal.security.permissions import Profil
from portal.security.policy import Actor
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
from portal.shared.search import Terme, hits, mark, written

TAILLE = 25


@dataclass(frozen=True)
class FiltreAnnuaire:
    """What is asked. `a_verifier`: not verified for six months; `organisation_id`: of one organisation."""

    texte: str = ""
    departement_code: str = ""
    lieu: Lieu | None = None
    fonction_code: str = ""
    nature_code: str = ""
    type: TypeOrganisation | None = None
    public: str = ""
    a_verifier: bool = False
    organisation_id: int | None = None


@dataclass(frozen=True)
class Resultat:
    """Entries found. `page`: the page of a list by organisation, None for a search, which has one page alone
    and says by `plus` that it leaves some out."""

    lignes: Sequence[Ligne]
    page: Page | None = None
    plus: bool = False


def chercher(
    session: Session,
    actor: Actor,
    filtre: FiltreAnnuaire,
    jour: date,
    cursor: Cursor | None = None,
    *,
    taille: int = TAILLE,
) -> Resultat:
    """Return the entries that answer, best first; `jour`: today where the actor is."""
    mots = mots_tapes(filtre.texte)
    if not mots:
        return _lister(session, actor, filtre, jour, cursor, taille)
    ids, plus = trouver(session, actor, filtre, jour, mots, taille)
    return Resultat(lignes(session, ids, jour), plus=plus)


def _avant(session: Session, actor: Actor, filtre: FiltreAnnuaire, jour: date) -> Avant:
    """Return the days of `a_verifier`, none when it is not asked."""
    if not filtre.a_verifier:
        return {}
    return a_verifier_avant(jour, mois_par_departement(session, actor.departements))


def trouver(
    session: Session, actor: Actor, filtre: FiltreAnnuaire, jour: date, mots: Sequence[str], taille: int
) -> tuple[list[int], bool]:
    """Return the keys of the entries that answer to some words, best first, and whether some are left out."""
    marques = _marques(session, actor, filtre)
    groupes = tuple([*palier, *marques] for palier in paliers(mots))
    demande = Demande(
        actor.departements, groupes, _avant(session, actor, filtre, jour), filtre.organisation_id
    )
    rows, full = candidats(session, demande)
    points: dict[int, tuple[int, str, int]] = {}
    for row in rows:
        if row.id not in points:
            worth = score(mots, row.poids_recherche) + (row.departement_code == actor.departement_code)
            points[row.id] = (-worth, row.tri, row.id)
    best = sorted(points.values())
    return [key for _worth, _tri, key in best[:taille]], full or len(best) > taille


def _marques(session: Session, actor: Actor, filtre: FiltreAnnuaire) -> Groupes:
    """Return the marks of what the actor may see and of the filters. `queries.visible_to` says the first."""
    codes = [code for code in actor.departements if filtre.departement_code in ("", code)]
    groups: Groupes = [[Terme(mark("d", code)) for code in codes] or [Terme(mark("d", "aucun"))]]
    if actor.profil is Profil.INVITE_PONCTUEL:
        groups.append([Terme(mark("y", TypeOrganisation.SIAO.value))])
    if filtre.type is not None:
        groups.append([Terme(mark("y", filtre.type.value))])
    if filtre.fonction_code:
        groups.append([Terme(mark("f", filtre.fonction_code))])
    if filtre.nature_code:
        groups.append([Terme(mark("n", filtre.nature_code)), Terme(mark("n", "toutes"))])
    if filtre.public:
        groups.append([Terme(mark("p", filtre.public)), Terme(mark("p", "tous"))])
    if filtre.lieu is not None:
        groups.append(_couvrent(session, filtre.lieu))
    return groups


def _couvrent(session: Session, lieu: Lieu) -> list[Terme]:
    """Return the marks of what covers a territory: itself, those that hold it, its whole département."""
    marks = [territory_mark(lieu)]
    if lieu.maille is Maille.ARRONDISSEMENT:
        home = session.scalar(select(Arrondissement.departement_code).where(Arrondissement.code == lieu.code))
        homes = [home] if home else []
    else:
        column = Commune.code if lieu.maille is Maille.COMMUNE else Commune.epci_code
        rows = session.execute(
            select(Commune.departement_code, Commune.epci_code, Commune.arrondissement_code)
            .where(column == lieu.code)
            .distinct()
        ).all()
        homes = list(dict.fromkeys(row.departement_code for row in rows))
        if lieu.maille is Maille.COMMUNE:
            marks += [
                territory_mark(Lieu(maille, code))
                for row in rows
                for maille, code in (
                    (Maille.EPCI, row.epci_code),
                    (Maille.ARRONDISSEMENT, row.arrondissement_code),
                )
                if code
            ]
    marks += [mark("t", f"departement{code}") for code in homes]
    return [Terme(one) for one in marks]


def _lister(
    session: Session,
    actor: Actor,
    filtre: FiltreAnnuaire,
    jour: date,
    cursor: Cursor | None,
    taille: int,
) -> Resultat:
    """Return a page of the entries by organisation: three statements, whatever their number."""
    keys: tuple[Any, ...] = (Referent.tri, Referent.id)
    kept: list[ColumnElement[bool]] = [visible_to(actor), Referent.ferme_le.is_(None)]
    if avant := _avant(session, actor, filtre, jour):
        ici = [
            and_(Referent.departement_code.in_(codes), Referent.verifie_le <= un)
            for un, codes in avant.items()
        ]
        kept.append(or_(Referent.verifie_le.is_(None), *ici))
    if filtre.organisation_id is not None:
        kept.append(Referent.organisation_id == filtre.organisation_id)
    if filtre.departement_code:
        kept.append(Referent.departement_code == filtre.departement_code)
    groups = _marques(session, actor, filtre)[1:]
    marked: list[ColumnElement[bool]] = []
    if groups:
        table: Any = Referent.__table__
        marked = [Referent.id.in_(hits(session, table, literal(written(session, groups))))]
    total = read_count(session, count_statement(select(Referent.id).where(*kept, *marked)))
    if total > COUNT_LIMIT and session.get_bind().dialect.name == "sqlite":
        marked = [opaque(condition) for condition in marked]
    kept += marked
    cursor = usable(cursor, keys)
    statement = page_statement(with_keys(select(Referent.id).where(*kept), keys), keys, cursor, size=taille)
    page = read_page(session, statement, cursor, width=len(keys), size=taille, total=total)
    return Resultat(lignes(session, [row.id for row in page.rows], jour), page)
