"""What these screens share: privacy of the answers, the zone of a session, refusals of an act."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash
from flask_babel import gettext as _

from portal.commissions.suites_seance.contenu import (
    libelle_decision,
    libelle_prescription,
    motif_du_deport,
)
from portal.commissions.suites_seance.messages import DECISION
from portal.conventions.jours import fuseau_de
from portal.grilles.menages.service import lire
from portal.shared.errors import DomainError, StaleVersion
from portal.web.commissions.commun import langue
from portal.web.context import clock, current_actor, database, db
from portal.web.forms import Formulaire, domain_message
from portal.web.render import see_other


def prive(response: Any) -> Response:
    """Keep a page out of caches and of search engines."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    made: Response = response
    return made


def fuseau(objet: Any) -> str:
    """Return the zone of what belongs to a département."""
    return fuseau_de(objet.departement_code)


def decision_dite(code: str) -> str:
    """Return a decision in the reader's language."""
    return libelle_decision(code, langue())


def prescription_dite(code: str) -> str:
    """Return a prescription in the reader's language."""
    return libelle_prescription(code, langue())


def deport_dit(deport: dict[str, str]) -> str:
    """Return which organisation spoke without voting, and why, in the reader's language."""
    return f"{deport['organisation']} – {_(motif_du_deport(deport))}"


def noter_lecture(decision: Any) -> None:
    """Write down that the actor reads a decision, in a short transaction of its own."""
    with database().session(write=True) as session:
        lire(session, clock(), current_actor(), decision.dossier.menage, DECISION, decision.ref)
        session.commit()


def perime() -> str:
    """Say that what was read changed meanwhile."""
    return _("Cette page a changé pendant que vous la lisiez : relisez-la, puis recommencez.")


def depasse(form: Formulaire, version: int) -> None:
    """Say the same in a form, which is shown anew over the present version, nothing typed lost."""
    form.version.data = str(version)
    form.form_errors = [perime()]


def geste(retour: str, act: Callable[[int], object], fait: str) -> Response:
    """Do an act without a form of its own, then go back to its page."""
    try:
        act(Formulaire().version_number)
    except StaleVersion:
        db().rollback()
        flash(perime(), "alerte")
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(fait, "succes")
    return see_other(retour)
