"""Whether the prescriber comes to present a dossier (domaine.md § 7.1, « présence du prescripteur »): always,
never, or when the secretariat invites them to."""

from portal.commissions.enums import PresencePrescripteur
from portal.commissions.models import Commission
from portal.commissions.models_seances import Seance

CONVIE = "prescripteur_convie_le"
"""Where the passage of a dossier before a session keeps when its prescriber was invited to it."""


def vient(commission: Commission, convie_le: str | None) -> bool:
    """Tell whether the prescriber comes. `convie_le`: what the passage before the session keeps."""
    if commission.prescripteur is PresencePrescripteur.SUR_INVITATION:
        return bool(convie_le)
    return commission.prescripteur is PresencePrescripteur.OUI


def lieu_de(seance: Seance) -> str:
    """Return where who comes to a session goes: an address, a link, or both."""
    return " – ".join(filter(None, (seance.lieu, seance.visio)))
