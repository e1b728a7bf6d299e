"""How fresh the directory is, and what nobody holds: figures by territory, and the entries behind each.

Every open entry is counted once, as one `Situation`; in a territory that it covers in part, once in each.
Statements do not grow with the entries, nor with the territories.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session, aliased

from portal.annuaire.enums import Role, Situation
from portal.annuaire.models import Referent, ReferentTerritoire, Titulaire
from portal.annuaire.models_vie import OUVERTS, Signalement
from portal.annuaire.parametres import SIGNALEMENT_JOURS, VERIFICATION
from portal.annuaire.queries import Ligne, lignes, visible_to
from portal.annuaire.regles import Mois, verifie_avant
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Commune, Organisation, Structure
from portal.organisations.parametres import by_departement
from portal.organisations.referentiel import Maille
from portal.security.permissions import ETAT, SIAO, Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.pagination import Cursor, Page, paginate, with_keys

TAILLE = 50
TENU = aliased(Titulaire, name="tenu")
PARTOUT = "partout"
"""The territory of what covers more than one: the whole département, or wider than what is looked at."""

MAILLES = (Maille.EPCI, Maille.ARRONDISSEMENT)
TERRITORIAUX = SIAO | ETAT | {Profil.ADMIN_DEPARTEMENT}


@dataclass(frozen=True)
class Coupe:
    """Which entries are looked at. `lieu`: a territory of `maille`, or `PARTOUT`; empty: everywhere.

    `siennes`: those of the actor's organisation alone; `signalees`: with a reported error that waits;
    `anciennes`: held, and left unanswered until the organisation was told.
    """

    departement_code: str = ""
    maille: Maille = Maille.EPCI
    lieu: str = ""
    type: TypeOrganisation | None = None
    situation: Situation | None = None
    siennes: bool = False
    signalees: bool = False
    anciennes: bool = False


@dataclass
class Compte:
    """How many entries stand in each situation."""

    nombres: dict[Situation, int] = field(default_factory=lambda: dict.fromkeys(Situation, 0))

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.nombres.values())


@dataclass(frozen=True)
class Tableau:
    """The figures: of all, by département, by territory (`PARTOUT` last), by kind of organisation."""

    total: Compte
    departements: dict[str, Compte]
    territoires: dict[str, Compte]
    types: dict[TypeOrganisation, Compte]


@dataclass(frozen=True)
class Cadre:
    """Who looks, today where it is, and the rules of its départements: the months of the steps, the days that
    a reported error may wait."""

    actor: Actor
    jour: date
    mois: Mapping[str, Mois]
    patience: Mapping[str, int]


def cadre(session: Session, clock: Clock, actor: Actor) -> Cadre:
    """Return what the figures of the directory are counted with, in one statement."""
    values = (
        by_departement(session, actor.departements, VERIFICATION, SIGNALEMENT_JOURS)
        if actor.departements
        else {}
    )
    return Cadre(
        actor,
        clock.today(actor.fuseau),
        {code: mine[VERIFICATION.key] for code, mine in values.items()},
        {code: mine[SIGNALEMENT_JOURS.key] for code, mine in values.items()},
    )


def portee(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor follows this entry »: the SIAO and the State those of their
    départements, the others those of their own organisation."""
    if not can(actor, Permission.ANNUAIRE_SUIVRE):
        return false()
    ouvertes = and_(visible_to(actor), Referent.ferme_le.is_(None))
    if actor.profil in TERRITORIAUX:
        return ouvertes
    return and_(ouvertes, Referent.organisation_id == actor.organisation_id)


def compter(session: Session, cadre: Cadre, coupe: Coupe) -> Tableau:
    """Return the figures of what the actor follows, in three statements."""
    actor, situation = cadre.actor, situation_de(cadre).label("situation")
    base = replace(coupe, lieu="", situation=None)
    rows = session.execute(
        select(Referent.departement_code, Organisation.type, situation, func.count().label("nombre"))
        .join(Organisation, Organisation.id == Referent.organisation_id)
        .where(portee(actor), *_dans(base))
        .group_by(Referent.departement_code, Organisation.type, situation)
    ).all()
    tableau = Tableau(Compte(), {}, {}, {})
    for row in rows:
        here = Situation(row.situation)
        tableau.total.nombres[here] += row.nombre
        tableau.departements.setdefault(row.departement_code, Compte()).nombres[here] += row.nombre
        tableau.types.setdefault(row.type, Compte()).nombres[here] += row.nombre
    places = _lieux(coupe.maille)
    localisees = session.execute(
        select(places.c.code, situation, func.count().label("nombre"))
        .select_from(Referent)
        .join(Organisation, Organisation.id == Referent.organisation_id)
        .join(places, places.c.referent_id == Referent.id)
        .where(portee(actor), *_dans(base))
        .group_by(places.c.code, situation)
    ).all()
    for place in localisees:
        tableau.territoires.setdefault(place.code, Compte()).nombres[Situation(place.situation)] += (
            place.nombre
        )
    partout = Compte()
    larges = session.execute(
        select(situation, func.count().label("nombre"))
        .select_from(Referent)
        .join(Organisation, Organisation.id == Referent.organisation_id)
        .where(portee(actor), *_dans(base), _partout(coupe.maille))
        .group_by(situation)
    ).all()
    for large in larges:
        partout.nombres[Situation(large.situation)] += large.nombre
    if partout.total:
        tableau.territoires[PARTOUT] = partout
    return tableau


def ouvrir(
    session: Session, cadre: Cadre, coupe: Coupe, cursor: Cursor | None = None
) -> tuple[Sequence[Ligne], Page]:
    """Return a page of the entries behind a figure of `compter`, by organisation."""
    keys: tuple[Any, ...] = (Referent.tri, Referent.id)
    kept = [portee(cadre.actor), *_dans(coupe)]
    if coupe.situation is not None:
        kept.append(situation_de(cadre) == coupe.situation.value)
    if coupe.siennes:
        kept.append(Referent.organisation_id == cadre.actor.organisation_id)
    if coupe.anciennes:
        kept.append(and_(tenue_le(cadre.jour), depuis_le_pas(cadre, "organisation")))
    if coupe.signalees:
        kept.append(exists().where(Signalement.referent_id == Referent.id, Signalement.statut.in_(OUVERTS)))
    statement = (
        select(Referent.id).join(Organisation, Organisation.id == Referent.organisation_id).where(*kept)
    )
    page = paginate(session, with_keys(statement, keys), keys, cursor=cursor, size=TAILLE)
    return lignes(session, [row.id for row in page.rows], cadre.jour), page


def situation_de(cadre: Cadre) -> ColumnElement[str]:
    """Return the column « situation of the entry ». Emptiness first: nobody verifies what nobody holds."""
    return case(
        (~tenue_le(cadre.jour), literal(Situation.VIDE.value)),
        (depuis_le_pas(cadre, "grisee"), literal(Situation.GRISEE.value)),
        (depuis_le_pas(cadre, "courriel"), literal(Situation.A_VERIFIER.value)),
        else_=literal(Situation.A_JOUR.value),
    )


def tenue_le(jour: date) -> ColumnElement[bool]:
    """Return the condition « somebody holds the function on this day »: a deputy alone leaves it empty."""
    return exists().where(
        TENU.referent_id == Referent.id,
        TENU.role == Role.TITULAIRE,
        TENU.du <= jour,
        or_(TENU.au.is_(None), TENU.au >= jour),
    )


def depuis_le_pas(cadre: Cadre, pas: str) -> ColumnElement[bool]:
    """The entry has reached a step, at the pace of its own département."""
    limites: dict[date, list[str]] = {}
    for code, un in cadre.mois.items():
        limites.setdefault(verifie_avant(cadre.jour, getattr(un, pas)), []).append(code)
    atteints = [
        and_(Referent.departement_code.in_(codes), Referent.verifie_le <= limite)
        for limite, codes in limites.items()
    ]
    return or_(Referent.verifie_le.is_(None), *atteints)


def _dans(coupe: Coupe) -> list[ColumnElement[bool]]:
    kept: list[ColumnElement[bool]] = []
    if coupe.departement_code:
        kept.append(Referent.departement_code == coupe.departement_code)
    if coupe.type is not None:
        kept.append(Organisation.type == coupe.type)
    if coupe.lieu == PARTOUT:
        kept.append(_partout(coupe.maille))
    elif coupe.lieu:
        places = _lieux(coupe.maille)
        kept.append(Referent.id.in_(select(places.c.referent_id).where(places.c.code == coupe.lieu)))
    return kept


def _lieux(maille: Maille) -> Any:
    """Return (entry, code of a territory of this kind): where entries stand.

    That which it covers, that of the communes which it covers; for want of territories, that of its
    structure. An EPCI stands in the arrondissements of its communes.
    """
    colonne: Any = Commune.epci_code if maille is Maille.EPCI else Commune.arrondissement_code
    cle = (ReferentTerritoire.referent_id.label("referent_id"),)
    direct = select(*cle, ReferentTerritoire.code.label("code")).where(ReferentTerritoire.maille == maille)
    communes = (
        select(*cle, colonne.label("code"))
        .join(Commune, Commune.code == ReferentTerritoire.code)
        .where(ReferentTerritoire.maille == Maille.COMMUNE, colonne.is_not(None))
    )
    structures = (
        select(Referent.id.label("referent_id"), colonne.label("code"))
        .join(Structure, Structure.id == Referent.structure_id)
        .join(Commune, Commune.code == Structure.commune_code)
        .where(colonne.is_not(None), ~exists().where(ReferentTerritoire.referent_id == Referent.id))
    )
    parts = [direct, communes, structures]
    if maille is Maille.ARRONDISSEMENT:
        parts.append(
            select(*cle, Commune.arrondissement_code.label("code"))
            .join(Commune, Commune.epci_code == ReferentTerritoire.code)
            .where(ReferentTerritoire.maille == Maille.EPCI, Commune.arrondissement_code.is_not(None))
        )
    return union(*parts).subquery()


def _partout(maille: Maille) -> ColumnElement[bool]:
    places = _lieux(maille)
    return ~exists().where(places.c.referent_id == Referent.id)
