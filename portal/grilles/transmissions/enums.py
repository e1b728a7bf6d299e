"""Enumerations of the transmissions (domaine.md § 6.6; code de la construction, art. R. 441-3)."""

from enum import Enum

from portal.grilles.menages.enums import LIBELLES_LECTURE
from portal.shared.messages import N_


class StatutTransmission(Enum):
    """Where a transmission stands with its recipient; whether it may still be read is computed."""

    ENVOYEE = "envoyee"
    RECUE = "recue"
    POSITIONNEE = "positionnee"
    DECIDEE = "decidee"  # the outcome of the commission d'attribution is known
    BAIL_SIGNE = "bail_signe"
    REFUS_MENAGE = "refus_menage"
    NON_RETENUE = "non_retenue"


LIBELLES_STATUT_TRANSMISSION: dict[StatutTransmission, str] = {
    StatutTransmission.ENVOYEE: N_("Envoyée, réception attendue"),
    StatutTransmission.RECUE: N_("Reçue, réponse attendue"),
    StatutTransmission.POSITIONNEE: N_("Positionnée en CALEOL"),
    StatutTransmission.DECIDEE: N_("Décision de la CALEOL connue"),
    StatutTransmission.BAIL_SIGNE: N_("Bail signé"),
    StatutTransmission.REFUS_MENAGE: N_("Le ménage n’a pas accepté la proposition"),
    StatutTransmission.NON_RETENUE: N_("Non retenue"),
}


class Issue(Enum):
    """What the commission d'attribution may decide (R. 441-3; domaine.md § 13.3)."""

    ATTRIBUTION = "attribution"
    ATTRIBUTION_RANG = "attribution_rang"
    ATTRIBUTION_SOUS_CONDITION = "attribution_sous_condition"
    NON_ATTRIBUTION = "non_attribution"
    REJET_IRRECEVABLE = "rejet_irrecevable"


LIBELLES_ISSUE: dict[Issue, str] = {
    Issue.ATTRIBUTION: N_("Attribution"),
    Issue.ATTRIBUTION_RANG: N_("Attribution avec un rang de priorité"),
    Issue.ATTRIBUTION_SOUS_CONDITION: N_("Attribution sous condition suspensive"),
    Issue.NON_ATTRIBUTION: N_("Non-attribution"),
    Issue.REJET_IRRECEVABLE: N_("Rejet pour irrecevabilité"),
}

DEFAVORABLES = frozenset({Issue.NON_ATTRIBUTION, Issue.REJET_IRRECEVABLE})
"""Outcomes that give a reason, and count as a failure."""

TERMINAUX = frozenset(
    {StatutTransmission.BAIL_SIGNE, StatutTransmission.REFUS_MENAGE, StatutTransmission.NON_RETENUE}
)
"""After which nothing more is expected of the recipient."""

GRILLE_RECUE, TRANSMISSION = "grille_recue", "transmission"
"""What is read of a household here: by a recipient; by whoever accompanies it, or the SIAO."""

LIBELLES_LECTURE[GRILLE_RECUE] = N_("La grille transmise, par son destinataire")
LIBELLES_LECTURE[TRANSMISSION] = N_("Une transmission")
