"""An address as one line of a text. Pure."""

import re

from portal.shared.text import normalise

_BOITE = re.compile(r"\b(?:c\.?\s?s|b\.?\s?p|t\.?\s?s\.?\s?a)\.?\s*(?:n°\s*)?\d+", re.IGNORECASE)
"""A box of the post (BP, CS, TSA): its number has five digits as a postal code has."""

_AVEC_SA_VILLE = re.compile(r"\b\d{5}\s+[^\W\d_]")
"""A postal code, then the town, however it is abbreviated."""


def en_une_ligne(adresse: str | None, commune: str | None) -> str:
    """Return an address with its town, told once: that of FINESS and of most people ends with it already."""
    ecrite, ville = (adresse or "").strip(), (commune or "").strip()
    if not ecrite or not ville:
        return ecrite or ville
    dite = _AVEC_SA_VILLE.search(_BOITE.sub("", ecrite)) or normalise(ecrite).endswith(normalise(ville))
    return ecrite if dite else f"{ecrite}, {ville}"
