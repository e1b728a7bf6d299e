"""What is typed to ask a household for an authorisation, and to answer for an adult."""

from dataclasses import dataclass
from datetime import date

from portal.grilles.autorisations.enums import DecisionAdulte, Finalite, Mode, ObjetAutorisation


@dataclass(frozen=True, kw_only=True)
class SaisieDemande:
    """A request. `destinataire`: public reference of an organisation or of a commission. `champs`: fields
    that leave only if the household wants it, as « B8.montant »."""

    objet: ObjetAutorisation
    destinataire: str
    finalite: Finalite | None
    sections: tuple[str, ...]
    champs: tuple[str, ...] = ()
    du: date
    au: date
    mise_a_jour: bool = False


@dataclass(frozen=True, kw_only=True)
class SaisieReponse:
    """What an adult answered. `empreinte`: of what they had before their eyes, for who agrees.

    Signed on the screen: `trace`, the drawing as path data, or `nom` and `confirme`. `fichier_id`: the
    signed paper. `jour_seance`: of an oral agreement.
    """

    decision: DecisionAdulte
    mode: Mode
    empreinte: str = ""
    trace: str = ""
    nom: str = ""
    confirme: bool = False
    fichier_id: int | None = None
    jour_seance: date | None = None
