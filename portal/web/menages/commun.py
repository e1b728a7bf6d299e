"""What the screens of the households share: the household being read, the reading written down, words.

Rooms that hang on a household use `lire`, `noter_lecture`, `fil_de`: a title, an address and a flash message
name it by its code, never otherwise.
"""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.grilles.menages import queries, service
from portal.grilles.menages.enums import Lecture
from portal.grilles.menages.policies import Vise
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import Forbidden
from portal.web.context import clock, current_actor, database, db
from portal.web.forms import Formulaire

Fil = list[tuple[str, str]]


def lire(menage_ref: str, permission: Permission | None = None) -> tuple[Actor, Vise]:
    """Return who reads and a household that they see; raises NotVisible before Forbidden."""
    actor = current_actor()
    vise = queries.vue(db(), clock(), actor, menage_ref)
    if permission is not None and not can(actor, permission, vise):
        raise Forbidden(permission.value)
    return actor, vise


def noter_lecture(menage: Any, quoi: str = Lecture.FICHE.value, objet_ref: str = "") -> None:
    """Write down that the actor reads something of a household, in a short transaction of its own.

    Called by GET routes before rendering. `quoi`: a word of `enums.LIBELLES_LECTURE`.
    """
    with database().session(write=True) as session:
        service.lire(session, clock(), current_actor(), menage, quoi, objet_ref)
        session.commit()


def adresse(menage: Any, suite: str = "") -> str:
    """Return the address of a household's page, or of one below it."""
    return f"/menages/{menage.ref}{suite}"


def fil_de(menage: Any, *suite: tuple[str, str]) -> Fil:
    """Return the breadcrumb of a household, by its code, and of what is done to it."""
    here = adresse(menage) if suite else ""
    return [(_("Ménages"), url_for("menages.liste")), (menage.code, here), *suite]


def depasse(form: Formulaire, menage: Any) -> None:
    """Say in a form that the household changed meanwhile: it is shown anew, over the present version."""
    form.version.data = str(menage.version)
    form.form_errors = [
        _("Ce ménage a changé pendant que vous le lisiez. Relisez, puis confirmez de nouveau.")
    ]


def perime() -> None:
    """Say the same of an act without a form of its own."""
    db().rollback()
    flash(_("Ce ménage a changé pendant que vous le lisiez : relisez-le, puis recommencez."), "alerte")
