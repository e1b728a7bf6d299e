"""From a refusal to the line that stands in its way, for whoever may see it."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.security.permissions import Permission
from portal.security.policy import can
from portal.web.context import current_actor
from portal.web.forms import leads_from

__all__ = ["lien_de"]


@leads_from(
    "conventions.ligne_ouverte",
    "conventions.couple_en_vigueur",
    "conventions.chevauchement",
    "conventions.deja_renouvelee",
)
def _ligne_en_cause(ligne: Any) -> tuple[str, str] | None:
    return lien_de(ligne.ref) if can(current_actor(), Permission.CONVENTIONS_LIRE, ligne) else None


def lien_de(ref: str) -> tuple[str, str]:
    """Return the address of a line that the reader may see, and the words of the link."""
    return url_for("conventions.detail", convention_ref=ref), _("Ouvrir la ligne existante")
