"""A line of an imported table as it is read, with what is wrong and what is to be asked."""

from dataclasses import dataclass, field
from typing import Any

from portal.annuaire.echanges.champs import Champ
from portal.annuaire.echanges.reperes import Organisme
from portal.annuaire.nomenclatures import Fonction
from portal.documents.constats import Ligne


@dataclass
class LigneLue(Ligne[Champ]):
    """A line as read. `dit`: what its cells say beyond whose function it is, by column.

    `organisme`, `departement_code`, `fonction`, `structure_id`: the function, when no reference says it.
    """

    reference: str = ""
    organisme: Organisme | None = None
    departement_code: str = ""
    fonction: Fonction | None = None
    structure_id: int | None = None
    dit: dict[Champ, Any] = field(default_factory=dict)
