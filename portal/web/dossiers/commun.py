"""What the screens of the dossiers share: the dossier being read, its breadcrumb, words.

A title, an address, a breadcrumb and a flash message name a dossier by its code, never otherwise.
"""

from typing import Any

from flask import flash, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.commissions.dossiers import queries
from portal.commissions.dossiers.lecture import Papier
from portal.commissions.dossiers.nomenclatures import motifs
from portal.commissions.dossiers.policies import Vise
from portal.conventions.jours import fuseau_de
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import Forbidden
from portal.web.autorisations.rendu import entete, parties
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_datetime
from portal.web.forms import Formulaire

Fil = list[tuple[str, str]]


def lire(dossier_ref: str, permission: Permission | None = None) -> tuple[Actor, Vise]:
    """Return who reads and a dossier that they see; raises NotVisible before Forbidden."""
    actor = current_actor()
    vise = queries.vue(db(), clock(), actor, dossier_ref)
    if permission is not None and not can(actor, permission, vise):
        raise Forbidden(permission.value)
    return actor, vise


def adresse(dossier: Any, suite: str = "") -> str:
    """Return the address of a dossier's page, or of one below it."""
    return f"/dossiers/{dossier.ref}{suite}"


def fil_de(dossier: Any, *suite: tuple[str, str]) -> Fil:
    """Return the breadcrumb of a dossier, by its code."""
    here = adresse(dossier) if suite else ""
    return [(_("Dossiers"), url_for("dossiers.liste")), (dossier.code, here), *suite]


def fil_de_seance(seance: Any, *suite: tuple[str, str]) -> Fil:
    """Return the breadcrumb of a session's agenda."""
    quand = show_datetime(seance.debut, fuseau_de(seance.departement_code))
    here = f"/dossiers/seances/{seance.ref}" if suite else ""
    ici = (_("Ordre du jour"), here)
    return [
        (_("Commissions"), url_for("commissions.liste")),
        (seance.commission.nom, f"/commissions/{seance.commission.ref}"),
        (quand, f"/commissions/seances/{seance.ref}"),
        ici,
        *suite,
    ]


def motif(code: str) -> str:
    """Return a reason in the reader's language, "" when there is none."""
    found = motifs().get(code)
    return found.libelle.en_langue(str(get_locale())) if found else ""


def rendu(lu: Papier) -> dict[str, Any]:
    """Return a paper as templates show it: the grid in words, the reason in the reader's language."""
    return {
        "papier": lu,
        "dossier": lu.dossier,
        "motif": motif(lu.motif),
        "entete": entete(lu.sortie.entete) if lu.sortie else [],
        "parties": parties(lu.sortie) if lu.sortie else [],
        "fuseau": fuseau_de(lu.dossier.departement_code),
    }


def depasse(form: Formulaire, version: int) -> None:
    """Say in a form that the dossier changed meanwhile: it is shown anew, over the present version."""
    form.version.data = str(version)
    form.form_errors = [
        _("Ce dossier a changé pendant que vous le lisiez. Relisez-le, puis confirmez de nouveau.")
    ]


def perime() -> None:
    """Say the same of an act without a form of its own."""
    db().rollback()
    flash(_("Ce dossier a changé pendant que vous le lisiez : relisez-le, puis recommencez."), "alerte")
