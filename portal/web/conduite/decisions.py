"""Wording a decision in session, taking it, taking it back, confirming one taken in writing."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, make_response, request
from flask_babel import gettext as _

from portal.commissions.conduite import consultation, queries
from portal.commissions.conduite import decisions as service
from portal.commissions.conduite.exigences import refus_du_motif
from portal.commissions.conduite.queries import DecisionLue, Suivie
from portal.commissions.conduite.regles import AJOURNE
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.conduite import commun
from portal.web.conduite.blueprint import bp
from portal.web.conduite.forms import FormDecision, dire
from portal.web.conduite.gestes import DECIDER, refuser
from portal.web.conduite.pages import page
from portal.web.conflits import rows_of
from portal.web.context import clock, current_actor, db, fresh_transaction
from portal.web.filters import show_datetime
from portal.web.forms import domain_message, read_version
from portal.web.guards import requires
from portal.web.organisations.routes import status_of
from portal.web.render import see_other


@bp.post("/<seance_ref>/conduite/dossiers/<dossier_ref>/decision")
@requires(DECIDER)
def decision(seance_ref: str, dossier_ref: str) -> Response:
    """Take the decision, or keep it as it is worded (`garder`)."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    dossier = queries.dossier(db(), suivie, dossier_ref)
    form = commun.formulaire(suivie, dossier, None, vide=False)
    rival = None
    act = service.rediger if "garder" in request.form else service.prendre
    if form.validate_on_submit():
        try:
            suivie, rival = _enregistrer(actor, suivie, dossier, form, act)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
            noter_interdits(error, dossier_ref, suivie.seance.id)
            suivie = commun.lire(seance_ref)[1]
        else:
            if rival is None:
                return see_other(commun.adresse(suivie.seance))
    return page(suivie, status=409 if rival else status_of(form), form=form, rival=rival, saisie=dossier_ref)


def _enregistrer(
    actor: Actor, suivie: Suivie, dossier: Any, form: FormDecision, act: Callable[..., Any]
) -> tuple[Suivie, dict[str, Any] | None]:
    """Take or keep a decision. Return the session, read anew when another person wrote the same decision
    meanwhile, and then both texts. The same text twice (sent twice, or beside its own draft) is no rivalry.
    """
    ref, seance = dossier.ref, suivie.seance
    try:
        faite = act(db(), clock(), actor, seance, dossier, form.saisie(), version=form.version_number)
    except StaleVersion:
        suivie, lue, rival = rivaliser(seance.ref, ref, form)
        if any(stored != typed for _label, stored, typed in rival["lignes"]):
            return suivie, rival
        if lue is not None and lue.prise_le:
            return suivie, None
        dossier = queries.dossier(db(), suivie, ref)
        version = form.version_number
        faite = act(db(), clock(), actor, suivie.seance, dossier, form.saisie(), version=version)
    if act is service.prendre:
        flash(_dite(faite), "succes")
    return suivie, None


def _dite(faite: Any) -> str:
    if faite.code != AJOURNE:
        return _("La décision est prise.")
    if faite.dossier.seance is None:
        return _("Le dossier est ajourné. Il rejoindra la prochaine séance prévue.")
    return _("Le dossier est ajourné : il est inscrit d’office à la séance suivante.")


def rivaliser(
    seance_ref: str, dossier_ref: str, form: FormDecision, *, ecrite: bool = False
) -> tuple[Suivie, DecisionLue | None, dict[str, Any]]:
    """Return the session read anew, the decision as another person wrote it, both texts; give the form the
    version to write over."""
    db().rollback()
    db().expire_all()
    _actor, suivie = commun.lire(seance_ref)
    dossier, trouvees = queries.examine(db(), suivie, dossier_ref)
    lue = queries.lire(db(), trouvees[ecrite]) if ecrite in trouvees else None
    stored = commun.formulaire(suivie, dossier, lue, ecrite=ecrite)
    form.version.data = str(lue.version if lue else service.NOUVELLE)
    vides = ("", "—", _("non"))
    return (
        suivie,
        lue,
        {
            "lignes": [row for row in rows_of(stored, form) if row[1] != row[2] or row[1] not in vides],
            "auteur": lue.prise_par if lue and lue.prise_par else _("Une autre personne"),
            "quand": _("le %(quand)s", quand=show_datetime(lue.updated_at)) if lue else "",
            "recharger": commun.adresse(suivie.seance),
        },
    )


def noter_interdits(error: DomainError | DomainErrors, dossier_ref: str, seance_id: int) -> None:
    """Write down that a forbidden ground was given: it survives the refusal (domaine.md § 8.6)."""
    errors = error.errors if isinstance(error, DomainErrors) else [error]
    codes = {one.params["interdit"] for one in errors if one.code == "conduite.interdit"}
    actor = current_actor()
    if not codes:
        db().rollback()
        return
    db().rollback()

    def noter(session: Any) -> None:
        for code in sorted(codes):
            service.noter_motif_interdit(session, clock(), actor, dossier_ref, seance_id, code)

    fresh_transaction(noter)


@bp.post("/<seance_ref>/conduite/dossiers/<dossier_ref>/brouillon")
@requires(DECIDER)
def brouillon(seance_ref: str, dossier_ref: str) -> Response:
    """Keep a decision while it is being typed: the answer says so, gives the version to go on from, and says
    already which ground will not be taken."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    dossier = queries.dossier(db(), suivie, dossier_ref)
    form = commun.formulaire(suivie, dossier, None, vide=False)
    if not form.validate_on_submit():
        return _reponse(_("Pas encore affiché : une réponse est à corriger."), 422)
    try:
        faite = service.rediger(
            db(), clock(), actor, suivie.seance, dossier, form.saisie(), version=form.version_number
        )
    except StaleVersion:
        db().rollback()
        return _reponse(
            _("Une autre personne vient d’écrire cette décision. Enregistrez pour comparer les deux textes."),
            409,
        )
    except (DomainError, DomainErrors) as error:
        db().rollback()
        return _reponse(dire(error), 422)
    db().flush()
    etat = queries.etat(db(), clock(), actor, seance_ref)
    refus = [domain_message(one) for one in refus_du_motif(form.saisie())]
    dit = " ".join([_("Affiché sur les écrans."), *refus])
    return _reponse(dit, 200, version=faite.version, etat=etat, refuse=len(refus))


def _reponse(texte: str, status: int, **nombres: int) -> Response:
    return make_response({"texte": texte, **nombres}, status)


@bp.post("/<seance_ref>/conduite/decisions/<decision_ref>/reprendre")
@requires(DECIDER)
def reprendre(seance_ref: str, decision_ref: str) -> Response:
    """Take a decision back while the session is open; over what another person took, with one's own text."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    retour = commun.adresse(suivie.seance)
    found = queries.decision(db(), suivie, decision_ref)
    version = read_version(request.form.get("version"))
    form = commun.formulaire(suivie, found.dossier, None, vide=False) if "motif" in request.form else None
    if form is not None:
        refus = _corriger(actor, suivie, found, form, version)
        if refus is not None:
            return refus
    else:
        try:
            service.reprendre(db(), clock(), actor, found, version=version)
        except StaleVersion:
            return perime(retour)
        except DomainError as error:
            return refuser(error, retour)
    flash(_("La décision est reprise : elle n’est plus prise tant que vous ne l’enregistrez pas."), "info")
    return see_other(retour)


def _corriger(actor: Actor, suivie: Suivie, found: Any, form: FormDecision, version: int) -> Response | None:
    """Take a decision back and word it as it was typed. Return the page that keeps what was typed when that
    is refused, or when another person wrote the decision meanwhile; the same text twice is no rivalry."""
    seance, ref = suivie.seance, found.dossier.ref
    rival = None
    if form.validate():
        try:
            reprise = service.reprendre(db(), clock(), actor, found, version=version)
            db().flush()
            service.rediger(
                db(), clock(), actor, seance, reprise.dossier, form.saisie(), version=reprise.version
            )
        except StaleVersion:
            suivie, _lue, rival = rivaliser(seance.ref, ref, form)
            if all(stored == typed for _label, stored, typed in rival["lignes"]):
                return see_other(commun.adresse(suivie.seance))
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
            noter_interdits(error, ref, seance.id)
            suivie = commun.lire(seance.ref)[1]
        else:
            return None
    return page(suivie, status=409 if rival else status_of(form), form=form, rival=rival, saisie=ref)


@bp.post("/<seance_ref>/conduite/decisions/<decision_ref>/confirmer")
@requires(DECIDER)
def confirmer(seance_ref: str, decision_ref: str) -> Response:
    """Have the session confirm a decision taken in writing, or not (`non`)."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    retour = commun.adresse(suivie.seance)
    found = queries.decision(db(), suivie, decision_ref)
    version, confirme = read_version(request.form.get("version")), "non" not in request.form
    try:
        consultation.confirmer(db(), clock(), actor, found, version=version, confirme=confirme)
    except StaleVersion:
        return perime(retour)
    except DomainError as error:
        return refuser(error, retour)
    flash(
        _("La décision prise par écrit est confirmée.")
        if confirme
        else _("La décision prise par écrit n’est pas confirmée : le dossier est à examiner."),
        "succes",
    )
    return see_other(retour)


def perime(retour: str) -> Response:
    """Say that a decision changed meanwhile, to an act without a form of its own."""
    db().rollback()
    flash(_("Cette décision a changé pendant que vous la lisiez : relisez-la, puis recommencez."), "alerte")
    return see_other(retour)
