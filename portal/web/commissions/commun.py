"""What the screens of the commissions share: the commission being read, its breadcrumb, words."""

from typing import Any

from flask import flash, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal.commissions import queries
from portal.commissions.enums import Rythme
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import Forbidden
from portal.web.annuaire.commun import fonctions
from portal.web.context import current_actor, db
from portal.web.forms import Formulaire
from portal.web.organisations import nomenclatures

Fil = list[tuple[str, str]]


def langue() -> str:
    """Return the language of the interface."""
    return str(get_locale())


def lire(commission_ref: str, permission: Permission | None = None) -> tuple[Actor, Any]:
    """Return who reads and a commission that they see; raises NotVisible before Forbidden."""
    actor = current_actor()
    commission = queries.commission(db(), actor, commission_ref)
    if permission is not None and not can(actor, permission, queries.vise(commission)):
        raise Forbidden(permission.value)
    return actor, commission


def adresse(commission: Any, suite: str = "") -> str:
    """Return the address of a commission's page, or of one below it."""
    return f"/commissions/{commission.ref}{suite}"


def fil_de(commission: Any, *suite: tuple[str, str]) -> Fil:
    """Return the breadcrumb of a commission, and of what is done to it."""
    here = adresse(commission) if suite else ""
    return [(_("Commissions"), url_for("commissions.liste")), (commission.nom, here), *suite]


def rythme(unite: Rythme, nombre: int) -> str:
    """Say a rhythm: « Toutes les 3 semaines »."""
    if unite is Rythme.SEMAINES:
        return ngettext("Chaque semaine", "Toutes les %(num)s semaines", nombre)
    if unite is Rythme.MOIS:
        return ngettext("Chaque mois", "Tous les %(num)s mois", nombre)
    return _("Selon les besoins")


def departement(code: str) -> str:
    """Return « 37 – Indre-et-Loire »."""
    return f"{code} – {nomenclatures.departements().get(code, '')}"


def libelles_fonctions(departement_code: str) -> dict[str, str]:
    """Return the labels of the functions of a département, by code."""
    return fonctions((departement_code,))


def depasse(form: Formulaire, commission: Any) -> None:
    """Say in a form that the commission changed meanwhile: it is shown anew, over the present version."""
    form.version.data = str(commission.version)
    form.form_errors = [
        _("Cette commission a changé pendant que vous la lisiez. Relisez-la, puis confirmez de nouveau.")
    ]


def perime() -> None:
    """Say the same of an act without a form of its own."""
    db().rollback()
    flash(_("Cette commission a changé pendant que vous la lisiez : relisez-la, puis recommencez."), "alerte")
