"""Enumerations of accounts."""

from enum import Enum

from portal.shared.messages import N_


class PreferenceEnvoi(Enum):
    """When a person wants what is not urgent."""

    IMMEDIAT = "immediat"
    QUOTIDIEN = "quotidien"


LIBELLES_PREFERENCE: dict[PreferenceEnvoi, str] = {
    PreferenceEnvoi.IMMEDIAT: N_("Chaque message dès qu’il est écrit"),
    PreferenceEnvoi.QUOTIDIEN: N_("Un récapitulatif par jour"),
}
