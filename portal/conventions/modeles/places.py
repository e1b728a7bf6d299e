"""The place of each nature de dispositif in the model (domaine.md §§ 4.3, 4.4, 13.1): data, without database.

`seeds/reference/modeles/natures.toml` gives, for every nature, its sub-clause of 7.3, the families that
conditions name, and whether an operator that runs nothing else takes the simplified model.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType

from portal.conventions.modeles.contenu import Gabarit
from portal.organisations.natures import REFERENCE
from portal.shared.messages import N_

DOSSIER = REFERENCE / "modeles"


class Famille(Enum):
    """Families that the conditions of clauses name: coarser than those of § 13.1."""

    VEILLE_SOCIALE = "veille_sociale"
    HEBERGEMENT = "hebergement"
    LOGEMENT_ADAPTE = "logement_adapte"
    ACCOMPAGNEMENT = "accompagnement"
    MEDICO_SOCIAL = "medico_social"
    ASILE = "asile"


LIBELLES_FAMILLE: dict[str, str] = {
    Famille.VEILLE_SOCIALE.value: N_("veille sociale"),
    Famille.HEBERGEMENT.value: N_("hébergement"),
    Famille.LOGEMENT_ADAPTE.value: N_("logement adapté"),
    Famille.ACCOMPAGNEMENT.value: N_("accompagnement"),
    Famille.MEDICO_SOCIAL.value: N_("médico-social"),
    Famille.ASILE.value: N_("asile"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a nature stands in the model. `note` says why it has no sub-clause of its own."""

    nature: str
    famille: Famille
    sous_clause: str = ""
    simplifie: bool = False
    note: str = ""


@cache
def places() -> MappingProxyType[str, Place]:
    """Return the place of every nature, by code."""
    with (DOSSIER / "natures.toml").open("rb") as file:
        rows = tomllib.load(file)["nature"]
    found = {
        row["code"]: Place(
            nature=row["code"],
            famille=Famille(row["famille"]),
            sous_clause=row.get("sous_clause", ""),
            simplifie=row.get("simplifie", False),
            note=row.get("note", ""),
        )
        for row in rows
    }
    return MappingProxyType(found)


def familles_de(natures: Iterable[str]) -> frozenset[str]:
    """Return the families of some natures; a nature unknown to the table has none."""
    known = places()
    return frozenset(known[nature].famille.value for nature in natures if nature in known)


def gabarit_pour(natures: Iterable[str]) -> Gabarit:
    """Return the model of an operator: the simplified one when it runs nothing but RS, RS-FJT, PF or RA.

    An operator of which nothing is known yet takes the general one.
    """
    known = places()
    run = set(natures)
    simple = bool(run) and all(nature in known and known[nature].simplifie for nature in run)
    return Gabarit.SIMPLIFIE if simple else Gabarit.GENERAL
