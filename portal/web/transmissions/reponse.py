"""Answering a grid received: receipt, steps, corrections. What is typed never names the household."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, request
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.grilles.transmissions import queries, suites
from portal.grilles.transmissions.circuit import possibles
from portal.grilles.transmissions.enums import DEFAVORABLES, Issue, StatutTransmission
from portal.grilles.transmissions.nomenclatures import interdits
from portal.grilles.transmissions.saisie import SaisieSuite
from portal.organisations.enums import TypeOrganisation
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.context import clock, current_actor, db, fresh_transaction
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other
from portal.web.transmissions.blueprint import recues as bp
from portal.web.transmissions.forms import FormSuite
from portal.web.transmissions.mots import dire, mots
from portal.web.transmissions.reception import REPONDRE, adresse, fil_de, prive

Statut = StatutTransmission
ETAPES = {one.value: one for one in Statut if one not in (Statut.ENVOYEE, Statut.RECUE)}
ISSUES = {one.value: one for one in Issue}


@bp.post("/<transmission_ref>/accuser")
@requires(REPONDRE)
def accuser(transmission_ref: str) -> Response:
    """Say that the grid is received."""

    def act(version: int) -> None:
        typed = SaisieSuite(statut=Statut.RECUE)
        suites.ajouter(db(), clock(), current_actor(), transmission_ref, typed, version=version)

    return _geste(transmission_ref, act, _("La réception est accusée."))


@bp.post("/<transmission_ref>/annuler")
@requires(REPONDRE)
def annuler(transmission_ref: str) -> Response:
    """Take back the last step: it was written by mistake."""

    def act(version: int) -> None:
        suites.annuler(db(), clock(), current_actor(), transmission_ref, version=version)

    return _geste(transmission_ref, act, _("L’étape est retirée. Elle reste lisible dans l’historique."))


def _geste(ref: str, act: Callable[[int], None], fait: str) -> Response:
    try:
        act(Formulaire().version_number)
    except StaleVersion:
        db().rollback()
        flash(_("Cette grille a changé pendant que vous la lisiez : relisez-la, puis recommencez."), "alerte")
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(fait, "succes")
    return see_other(adresse(ref))


@bp.route("/<transmission_ref>/repondre/<etape>", methods=["GET", "POST"])
@requires(REPONDRE)
def repondre(transmission_ref: str, etape: str) -> Response:
    """Write a step of the answer, or (`corriger`) correct the last one."""
    actor = current_actor()
    statut, corrige = ETAPES.get(etape), "corriger" in request.args
    transmission = queries.recue(db(), clock(), actor, transmission_ref)
    if statut is None or statut not in possibles(transmission.suites, corrige=corrige):
        raise DomainError("transmissions.etape")
    kind = TypeOrganisation(actor.organisation_type)
    words = mots(kind)
    issue = ISSUES.get(request.form.get("issue", "")) if statut is Statut.DECIDEE else None
    issue = issue if issue in words.issues else None
    if statut is Statut.DECIDEE and issue is None:
        return _choisir(transmission_ref, statut, words, corrige)
    neuf = "choisir" in request.form  # the outcome was just chosen: its own questions come now
    form = FormSuite.pour(statut, issue, kind, words, transmission.version, neuf=neuf)
    overtaken = False
    if not neuf and form.validate_on_submit():
        typed = form.saisie(statut, issue)
        try:
            suites.ajouter(
                db(),
                clock(),
                actor,
                transmission_ref,
                typed,
                version=form.version_number,
                corrige=corrige,
            )
        except StaleVersion as stale:
            overtaken = True
            form.version.data = str(stale.current.version)
            form.form_errors = [
                _("Cette grille a changé pendant que vous la lisiez. Relisez, puis confirmez de nouveau.")
            ]
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
            _noter_interdit(transmission_ref, error)
        else:
            flash(
                _("C’est enregistré. La personne qui accompagne le ménage et le SIAO sont prévenus."),
                "succes",
            )
            return see_other(adresse(transmission_ref))
    titre = dire(words.gestes, statut)
    return prive(
        render_view(
            "transmissions/repondre.html",
            "transmissions/_repondre.html",
            status=409 if overtaken else status_of(form),
            fil=fil_de(transmission_ref, (titre, "")),
            titre=_("Corriger : %(etape)s", etape=titre) if corrige else titre,
            sous_titre=_(words.issues[issue]) if issue else "",
            form=form,
            refuse=statut is Statut.NON_RETENUE or issue in DEFAVORABLES,
            refus_menage=statut is Statut.REFUS_MENAGE,
            interdits=list(interdits().values()),
            langue=str(get_locale()),
            action=_action(transmission_ref, statut, corrige),
            annuler=adresse(transmission_ref),
        )
    )


def _choisir(ref: str, statut: Statut, words: Any, corrige: bool) -> Response:
    """Ask first what was decided: each outcome has its own questions."""
    titre = dire(words.gestes, statut)
    return prive(
        render_view(
            "transmissions/choisir.html",
            fil=fil_de(ref, (titre, "")),
            titre=_("Corriger : %(etape)s", etape=titre) if corrige else titre,
            choix=[(one.value, _(texte)) for one, texte in words.issues.items()],
            action=_action(ref, statut, corrige),
            annuler=adresse(ref),
        )
    )


def _action(ref: str, statut: Statut, corrige: bool) -> str:
    """Return where a step is written: what was decided is never in an address."""
    return adresse(ref, f"/repondre/{statut.value}{'?corriger=1' if corrige else ''}")


def _noter_interdit(ref: str, error: DomainError | DomainErrors) -> None:
    """Keep, once the refusal is rolled back, that a ground that nobody may give was given."""
    errors = error.errors if isinstance(error, DomainErrors) else [error]
    codes = [one.params["interdit"] for one in errors if "interdit" in one.params]
    if not codes:
        return
    actor = current_actor()
    db().rollback()
    fresh_transaction(lambda fresh: suites.noter_motif_refuse(fresh, clock(), actor, ref, codes[0]))
