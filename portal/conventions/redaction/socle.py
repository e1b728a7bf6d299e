"""The version of the département on which a text is written: the model, and its green values.

A published version never changes: it is read once, then kept by the process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.conventions.modeles.composition import Composition, composer
from portal.conventions.modeles.conditions import Contexte
from portal.conventions.modeles.contenu import Gabarit, Modele
from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.modeles.models import (
    ModeleVersion,
    VersionDepartementale,
    VersionDepartementaleChamp,
)
from portal.shared.db import fetch
from portal.shared.memory import Memory

COMPOSITIONS = 40
"""Texts kept for each version: operators that run the same natures have the same clauses."""


@dataclass(frozen=True)
class Socle:
    """A published version of a département. `valeurs`, `textes`: what it wrote in green."""

    version_id: int
    numero: int
    publiee_le: datetime | None
    general: Modele
    simplifie: Modele
    valeurs: Mapping[tuple[str, str], str]
    textes: Mapping[str, str]
    compositions: Memory[Composition] = field(
        default_factory=lambda: Memory(COMPOSITIONS), init=False, repr=False, compare=False
    )

    def modele(self, gabarit: Gabarit) -> Modele:
        """Return the model of a kind."""
        return self.simplifie if gabarit is Gabarit.SIMPLIFIE else self.general

    def composer(self, gabarit: Gabarit, contexte: Contexte) -> Composition:
        """Return the clauses that an operator's natures and facts call for."""
        complet = self.general if gabarit is Gabarit.SIMPLIFIE else None
        return self.compositions.get(
            (gabarit, contexte), lambda: composer(self.modele(gabarit), contexte, complet)
        )


_socles: Memory[Socle] = Memory(60)  # a few hundred kB each

_GENERAL, _SIMPLIFIE = aliased(ModeleVersion), aliased(ModeleVersion)


def derniere_publiee(session: Session, departement_code: str) -> int | None:
    """Return the key of the département's last published version, None when it has none yet."""
    return session.scalar(
        select(VersionDepartementale.id)
        .where(
            VersionDepartementale.departement_code == departement_code,
            VersionDepartementale.statut == StatutVersion.PUBLIEE,
        )
        .order_by(VersionDepartementale.numero.desc())
        .limit(1)
    )


def socle(session: Session, version_id: int) -> Socle:
    """Return a published version. Two statements the first time, none afterwards."""
    url = str(session.get_bind().engine.url)
    return _socles.get((url, version_id), lambda: _lire(session, version_id))


def _lire(session: Session, version_id: int) -> Socle:
    [version] = fetch(
        session,
        select(
            VersionDepartementale.numero,
            VersionDepartementale.publiee_le,
            _GENERAL.contenu.label("general"),
            _SIMPLIFIE.contenu.label("simplifie"),
        )
        .join(_GENERAL, _GENERAL.id == VersionDepartementale.general_id)
        .join(_SIMPLIFIE, _SIMPLIFIE.id == VersionDepartementale.simplifie_id)
        .where(VersionDepartementale.id == version_id),
    )
    champs = fetch(
        session,
        select(
            VersionDepartementaleChamp.clause_code,
            VersionDepartementaleChamp.parametre_code,
            VersionDepartementaleChamp.valeur,
        ).where(VersionDepartementaleChamp.version_id == version_id),
    )
    return Socle(
        version_id,
        version.numero,
        version.publiee_le,
        Modele.from_json(version.general),
        Modele.from_json(version.simplifie),
        MappingProxyType({(c.clause_code, c.parametre_code): c.valeur for c in champs if c.parametre_code}),
        MappingProxyType({c.clause_code: c.valeur for c in champs if not c.parametre_code}),
    )
