"""What people type about a dossier, checked field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.commissions.dossiers.nomenclatures import motifs
from portal.commissions.enums_dossiers import EtatPiece
from portal.commissions.models import Commission
from portal.organisations.saisie import Refusals

TEXTE = 4000
MANQUES = 1000
MOTIF = 300


@dataclass(frozen=True, kw_only=True)
class SaisieDossier:
    """A dossier as typed. `pieces`: where each document of the commission's list stands, by its label."""

    situation: str = ""
    demande: str = ""
    motif_demande: str = ""
    pieces: Mapping[str, EtatPiece] = field(default_factory=dict)
    menage_present: bool = False
    urgent: bool = False


def lire(typed: SaisieDossier, commission: Commission) -> dict[str, Any]:
    """Return what a draft keeps: texts without useless blanks, documents of the commission's own list.

    A draft may lack anything; `verifier` tells what a deposit asks for. Raises DomainErrors.
    """
    refusals = Refusals()
    situation = texte(refusals, typed.situation, "situation", TEXTE)
    demande = texte(refusals, typed.demande, "demande", TEXTE)
    if typed.motif_demande and typed.motif_demande not in motifs():
        refusals.add("dossiers.motif", "motif_demande")
    refusals.raise_any()
    return {
        "presentation": {"situation": situation, "demande": demande},
        "motif_demande": typed.motif_demande,
        "pieces": {nom: typed.pieces[nom].value for nom in commission.pieces if nom in typed.pieces},
        "menage_present": typed.menage_present,
        "urgent": typed.urgent,
    }


def verifier(lus: Mapping[str, Any], commission: Commission, *, protege: bool) -> None:
    """Raise DomainErrors with what a dossier lacks to be deposited. In the protected circuit no reason."""
    refusals = Refusals()
    if not lus["presentation"]["situation"]:
        refusals.add("dossiers.situation", "situation")
    if not lus["presentation"]["demande"]:
        refusals.add("dossiers.demande", "demande")
    if not lus["motif_demande"] and not protege:
        refusals.add("dossiers.motif", "motif_demande")
    if any(nom not in lus["pieces"] for nom in commission.pieces):
        refusals.add("dossiers.piece", "pieces")
    refusals.raise_any()


def texte(refusals: Refusals, typed: str, champ: str, maximum: int) -> str:
    """Return a text, its lines kept; refuse a longer one."""
    cleaned = typed.replace("\r\n", "\n").strip()
    if len(cleaned) > maximum:
        refusals.add("dossiers.long", champ, maximum=maximum)
    return cleaned
