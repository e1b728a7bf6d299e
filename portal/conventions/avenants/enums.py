"""Words of the avenants (domaine.md § 5.4)."""

from enum import Enum

from portal.shared.messages import N_


class StatutAvenant(Enum):
    """Stored state of an avenant."""

    PROJET = "projet"
    EN_NEGOCIATION = "en_negociation"
    EN_SIGNATURE = "en_signature"
    SIGNE = "signe"
    REFUSE = "refuse"
    ABANDONNE = "abandonne"


LIBELLES_STATUT_AVENANT: dict[StatutAvenant, str] = {
    StatutAvenant.PROJET: N_("Projet"),
    StatutAvenant.EN_NEGOCIATION: N_("En négociation"),
    StatutAvenant.EN_SIGNATURE: N_("En signature"),
    StatutAvenant.SIGNE: N_("Signé"),
    StatutAvenant.REFUSE: N_("Refusé"),
    StatutAvenant.ABANDONNE: N_("Abandonné"),
}

OUVERTS = (StatutAvenant.PROJET, StatutAvenant.EN_NEGOCIATION, StatutAvenant.EN_SIGNATURE)
MODIFIABLES = frozenset({StatutAvenant.PROJET, StatutAvenant.EN_NEGOCIATION})
"""States in which its clauses may change."""


class Origine(Enum):
    """What an avenant comes from; C9 counts avenants by it."""

    PARTIES = "parties"
    OUVERTURE = "ouverture"
    FERMETURE = "fermeture"
    NATURE_DIFFEREE = "nature_differee"
    VERSION = "version"


LIBELLES_ORIGINE: dict[Origine, str] = {
    Origine.PARTIES: N_("Demande des parties"),
    Origine.OUVERTURE: N_("Ouverture d’une structure"),
    Origine.FERMETURE: N_("Fermeture d’une structure"),
    Origine.NATURE_DIFFEREE: N_("Nature remise à un avenant"),
    Origine.VERSION: N_("Nouvelle version départementale"),
}
