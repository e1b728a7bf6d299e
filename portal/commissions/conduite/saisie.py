"""A decision as typed, and what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.commissions.conduite.votes import Vote

TEXTE = 2000
PRECISION = 300


@dataclass(frozen=True)
class SaisiePrescription:
    """What is prescribed. `porteur_ref`: the organisation that bears it."""

    code: str
    porteur_ref: str = ""
    echeance: date | None = None
    precision: str = ""


@dataclass(frozen=True, kw_only=True)
class SaisieDecision:
    """A decision as typed. `voix`: by who casts one; `consensus`: the presidents stated it; `expression`:
    what the household says, in its own words."""

    code: str = ""
    motif: str = ""
    conditions: str = ""
    expression: str = ""
    prescriptions: tuple[SaisiePrescription, ...] = ()
    voix: Mapping[str, Vote] = field(default_factory=dict)
    consensus: bool = False
