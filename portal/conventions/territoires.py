"""The territories whose figures an actor may see, and those whose lines it may open (domaine.md § 10.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select, true
from sqlalchemy.orm import Session

from portal.conventions.models import Convention
from portal.conventions.queries import lisibles
from portal.organisations.models import Departement, Region, Structure
from portal.security.permissions import ETAT, OPERATEUR, SIAO, Profil
from portal.security.policy import Actor
from portal.shared.clock import PARIS
from portal.shared.errors import NotVisible
from portal.shared.messages import N_

PARTOUT = frozenset({Profil.TETE_DE_RESEAU, Profil.OBSERVATEUR_AGREGE})
"""Profiles that see the figures of any département."""


class Maille(Enum):
    """How wide a count is."""

    MIENNES = "miennes"
    DEPARTEMENT = "departement"
    REGION = "region"
    FRANCE = "france"


LIBELLES_MAILLE: dict[Maille, str] = {
    Maille.MIENNES: N_("Mes conventions"),
    Maille.DEPARTEMENT: N_("Département"),
    Maille.REGION: N_("Région"),
    Maille.FRANCE: N_("France"),
}


@dataclass(frozen=True)
class Territoire:
    """What a count bears on. `codes`: its départements; `fuseau`: IANA zone of its « today »."""

    maille: Maille
    code: str
    nom: str
    codes: tuple[str, ...]
    fuseau: str


def territoires(session: Session, actor: Actor) -> list[Territoire]:
    """Return the territories that the actor may choose, the one to begin with first. One statement."""
    carte = session.execute(
        select(Departement.code, Departement.nom, Departement.fuseau, Departement.region_code, Region.nom)
        .outerjoin(Region, Region.code == Departement.region_code)
        .order_by(Departement.code)
    ).all()
    miennes = Territoire(Maille.MIENNES, "", "", actor.departements, actor.fuseau)
    if actor.profil in OPERATEUR:
        return [miennes]
    partout = actor.profil in PARTOUT
    choisis = {row.code for row in carte} if partout else {*actor.departements, actor.departement_code}
    siens = [row for row in carte if row.code in choisis]
    departements = [
        Territoire(Maille.DEPARTEMENT, row.code, row[1], (row.code,), row.fuseau) for row in siens
    ]
    departements.sort(key=lambda t: t.code != actor.departement_code)
    regions = [
        _region(code, [row for row in carte if row.region_code == code])
        for code in dict.fromkeys(row.region_code for row in siens if row.region_code)
    ]
    france = Territoire(Maille.FRANCE, "", "France", tuple(row.code for row in carte), PARIS)
    if partout:
        return [france, *regions, *departements]
    return [*([miennes] if actor.profil in SIAO else []), *departements, *regions, france]


def territoire(session: Session, actor: Actor, maille: str, code: str) -> Territoire:
    """Return a territory by its address (empty: the one to begin with); raises NotVisible."""
    return choisi(territoires(session, actor), maille, code)


def choisi(possibles: Sequence[Territoire], maille: str, code: str) -> Territoire:
    """Return one of the possible territories by its address; raises NotVisible."""
    if not maille:
        return possibles[0]
    for possible in possibles:
        if (possible.maille.value, possible.code) == (maille, code):
            return possible
    raise NotVisible(f"{maille} {code}")


def _region(code: str, lignes: list[Any]) -> Territoire:
    fuseaux = {row.fuseau for row in lignes}
    fuseau = fuseaux.pop() if len(fuseaux) == 1 else PARIS
    return Territoire(Maille.REGION, code, lignes[0][4], tuple(row.code for row in lignes), fuseau)


def ouvre(actor: Actor, ou: Territoire, siao_id: int, departement_code: str) -> bool:
    """Tell whether the actor's list shows the lines of a SIAO counted in a territory, all of them.

    A line is in the département of its SIAO: what the State of this département and this SIAO both see.
    """
    if ou.maille is Maille.MIENNES:
        return True
    if actor.profil in SIAO:
        return siao_id == actor.organisation_id
    etat = actor.profil in ETAT or actor.profil is Profil.ADMIN_DEPARTEMENT
    return etat and departement_code == actor.departement_code


def lignes_de(actor: Actor, ou: Territoire) -> ColumnElement[bool]:
    """Return the condition « this line belongs to the territory »: for counts, never for lists."""
    if ou.maille is Maille.MIENNES:
        return lisibles(actor)
    return _dans(Convention.departement_code, ou)


def structures_de(actor: Actor, ou: Territoire) -> ColumnElement[bool]:
    """Return the condition « this structure's places are those of the territory ».

    Where several SIAO share a département, those of operators of another one are left out.
    """
    if ou.maille is Maille.MIENNES and actor.profil in OPERATEUR:
        return Structure.organisation_id == actor.organisation_id
    dedans = _dans(Structure.departement_code, ou)
    if ou.maille is not Maille.MIENNES:
        return dedans
    suivie = (
        select(Convention.id)
        .where(
            Convention.operateur_id == Structure.organisation_id,
            Convention.departement_code == Structure.departement_code,
        )
        .correlate(Structure)
    )
    return and_(dedans, or_(suivie.where(lisibles(actor)).exists(), not_(suivie.exists())))


def _dans(colonne: Any, ou: Territoire) -> ColumnElement[bool]:
    if ou.maille is Maille.FRANCE:
        return true()
    dedans: ColumnElement[bool] = (
        colonne == ou.codes[0] if len(ou.codes) == 1 else colonne.in_(sorted(ou.codes))
    )
    return dedans
