"""Enumerations of the models and of the département's versions."""

from enum import Enum

from portal.shared.messages import N_


class Source(Enum):
    """Where a national version comes from."""

    TRAVAIL = "travail"  # ours, until the official one is imported
    OFFICIEL = "officiel"


LIBELLES_SOURCE: dict[Source, str] = {
    Source.TRAVAIL: N_("Modèle de travail"),
    Source.OFFICIEL: N_("Modèle officiel importé"),
}


class StatutVersion(Enum):
    """A version is written, then published once and for all."""

    BROUILLON = "brouillon"
    PUBLIEE = "publiee"


LIBELLES_STATUT_VERSION: dict[StatutVersion, str] = {
    StatutVersion.BROUILLON: N_("Brouillon"),
    StatutVersion.PUBLIEE: N_("Publiée"),
}


class StatutImport(Enum):
    """An imported Word model is reread and corrected, then waits for the State and every SIAO."""

    RELECTURE = "relecture"
    PROPOSE = "propose"


LIBELLES_STATUT_IMPORT: dict[StatutImport, str] = {
    StatutImport.RELECTURE: N_("En relecture"),
    StatutImport.PROPOSE: N_("Proposé, en attente d’accords"),
}
