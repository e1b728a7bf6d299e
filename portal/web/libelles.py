"""Labels of every enumeration, by type."""

from enum import Enum
from typing import Any

from portal.comptes.enums import LIBELLES_PREFERENCE, PreferenceEnvoi
from portal.conventions.enums import (
    LIBELLES_ETAT,
    LIBELLES_MODE,
    LIBELLES_PARTIE,
    LIBELLES_STATUT,
    Etat,
    Mode,
    Partie,
    Statut,
)
from portal.jobs.models import LIBELLES_STATUT_TRAVAIL, StatutTravail
from portal.notifications.models import LIBELLES_STATUT_MESSAGE, StatutMessage
from portal.organisations.enums import LIBELLES_FAMILLE, LIBELLES_TYPE, FamilleNature, TypeOrganisation
from portal.security.permissions import LIBELLES_PROFIL, Profil

LIBELLES: dict[type[Enum], dict[Any, str]] = {
    Profil: LIBELLES_PROFIL,
    PreferenceEnvoi: LIBELLES_PREFERENCE,
    TypeOrganisation: LIBELLES_TYPE,
    FamilleNature: LIBELLES_FAMILLE,
    Etat: LIBELLES_ETAT,
    Statut: LIBELLES_STATUT,
    Mode: LIBELLES_MODE,
    Partie: LIBELLES_PARTIE,
    StatutTravail: LIBELLES_STATUT_TRAVAIL,
    StatutMessage: LIBELLES_STATUT_MESSAGE,
}
