"""A signature given on the screen: a drawing, or a name typed and a box ticked. Kept encrypted.

Neither asks for a particular hand: the keyboard is worth the finger.
"""

import re
from dataclasses import asdict, dataclass

from portal.grilles.autorisations.saisie import SaisieReponse
from portal.security.coffre import Coffre
from portal.shared.errors import DomainError

TRACE_MAX = 30_000  # characters
POINTS_MIN = 4  # a single tap is no signature
NOM_MAX = 120
LARGEUR, HAUTEUR = 600, 200
"""The frame of a drawing, in its own units."""

_TRAIT = re.compile(r"M\d{1,3} \d{1,3}(?:L\d{1,3} \d{1,3})*")


@dataclass(frozen=True)
class Signature:
    """What was signed. `trace`: path data in a frame of 600 × 200; `nom`: typed, "" for a drawing."""

    trace: str
    nom: str

    @classmethod
    def lire(cls, typed: SaisieReponse, *, protege: bool = False) -> "Signature":
        """Return the signature of an answer. A name typed and a box stand for a drawing; in the protected
        circuit, the box alone. Raises DomainError."""
        trace = typed.trace.strip()
        nom = " ".join(typed.nom.split())[:NOM_MAX]
        if trace:
            if not lisible(trace):
                raise DomainError("autorisations.signature_illisible", "nom")
            return cls(trace, "" if protege else nom)
        if protege:
            nom = ""
        elif not nom:
            raise DomainError(
                "autorisations.nom_signataire" if typed.confirme else "autorisations.signature", "nom"
            )
        if not typed.confirme:
            raise DomainError("autorisations.case_signataire", "confirme")
        return cls("", nom)

    def fermer(self, vault: Coffre) -> str:
        """Return it encrypted, as an agreement keeps it."""
        return vault.fermer(asdict(self))

    @classmethod
    def ouvrir(cls, vault: Coffre, ferme: str) -> "Signature | None":
        """Read what an agreement keeps, None when nothing was signed on the screen."""
        return cls(**vault.ouvrir(ferme)) if ferme else None


def lisible(trace: str) -> bool:
    """Tell whether path data are a drawing: strokes of moves and lines, in the frame, and nothing else."""
    if len(trace) > TRACE_MAX:
        return False
    traits = [trait for trait in re.split(r"(?=M)", trace) if trait]
    if not traits or not all(_TRAIT.fullmatch(trait) for trait in traits):
        return False
    points = [(int(x), int(y)) for x, y in re.findall(r"(\d+) (\d+)", trace)]
    dedans = all(x <= LARGEUR and y <= HAUTEUR for x, y in points)
    return dedans and len(points) >= POINTS_MIN
