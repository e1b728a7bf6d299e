"""Handing over what someone holds when they leave: the list, the choice, a preview, one transaction."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from wtforms import BooleanField, SelectField

from portal.comptes import passation
from portal.comptes.passation import GARDER, VIDER, Bilan, Choix, Part, Partant
from portal.comptes.policies import Acces
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.comptes import entree
from portal.web.comptes.equipe import bp
from portal.web.context import clock, current_actor, db
from portal.web.forms import ChampDate, Formulaire, _l, read_version, saisie_obligatoire
from portal.web.guards import requires
from portal.web.organisations.nomenclatures import options
from portal.web.render import render_view, see_other

LOT = "lot-"
COURT = 5  # things of one kind that are shown at once


class FormPassation(Formulaire):
    """The last day of whoever leaves; a choice for each kind of thing, and for each thing, is added to it."""

    dernier_jour = ChampDate(
        _l("Dernier jour"),
        validators=[saisie_obligatoire()],
        description=_l("Ce jour compris. Les fonctions passent le lendemain ; le reste, dès maintenant."),
    )
    retirer = BooleanField(
        _l("Retirer ses accès à l’organisation"),
        description=_l("Tout de suite : seulement si son dernier jour est passé ou aujourd’hui."),
    )


@bp.route("/<adhesion_ref>/passer", methods=["GET", "POST"])
@requires(Permission.COMPTES_PASSER)
def passer(adhesion_ref: str) -> Response:
    """Hand over functions, conventions in charge, invitations: by whole kinds or one by one."""
    actor = current_actor()
    qui = passation.partant(db(), actor, adhesion_ref)
    tenues = passation.parts(db(), clock(), qui)
    retirable = can(
        actor, Permission.COMPTES_MODIFIER, Acces(qui.personne.id, qui.adhesion.profil, qui.organisation)
    )
    form, status = _form(tenues, clock().today(actor.fuseau), retirable=retirable), 200
    etape, fait = request.form.get("etape", ""), None
    if form.validate_on_submit() and etape != "corriger":
        choix = _choix(form, tenues)
        try:
            if etape == "confirmer":
                fait = passation.passer(db(), clock(), actor, qui, choix)
                return _passe(actor, qui, fait)
            fait = passation.essayer(db(), clock(), actor, qui, choix)
        except StaleVersion:
            fait, status = None, 409
            _annuler()
            qui = passation.partant(db(), actor, adhesion_ref)
            tenues = passation.parts(db(), clock(), qui)
            if etape == "confirmer" and not _restent(choix, tenues):
                return see_other(_retour(actor))  # a second click: it is done
            form = _form(tenues, choix.jour, retirable=retirable)
            form.form_errors = [
                _("Ce que tient cette personne a changé entre-temps. Vérifiez vos choix, puis continuez.")
            ]
        except (DomainError, DomainErrors) as error:
            fait = None
            _annuler()
            form.refuse(error)
    return render_view(
        "comptes/equipe/passation.html",
        "comptes/equipe/_passation.html",
        status=status if status != 200 or etape == "corriger" else entree.status_of(form),
        fil=_fil(actor, qui),
        qui=qui,
        soi=qui.personne.id == actor.personne_id,
        parts=_lignes(form, tenues),
        form=form,
        apercu=_dit(fait) if fait is not None else None,
        langue=str(get_locale()),
        saisie=[(cle, valeur) for cle, valeur in request.form.items(multi=True) if cle != "etape"],
        lus=_lus(tenues),
        action=url_for("equipe.passer", adhesion_ref=adhesion_ref),
        annuler=_retour(actor),
    )


def _annuler() -> None:
    db().rollback()
    db().expire_all()


def _restent(choix: Choix, tenues: Sequence[Part]) -> bool:
    """Tell whether something that was to be handed over is still held."""
    return any(
        choix.decisions.get(part.genre.code, {}).get(tenu.ref, GARDER) != GARDER
        for part in tenues
        for tenu in part.tenus
    )


def _passe(actor: Actor, qui: Partant, fait: Bilan) -> Response:
    flash(
        ngettext(
            "%(num)s ligne est passée. Les personnes concernées sont prévenues.",
            "%(num)s lignes sont passées. Les personnes concernées sont prévenues.",
            fait.nombre,
        ),
        "succes",
    )
    return see_other(_retour(actor))


def _form(tenues: Sequence[Part], jour: date, *, retirable: bool) -> Any:
    champs: dict[str, Any] = {}
    langue = str(get_locale())
    for part in tenues:
        gens = [(cle, un.en_langue(langue)) for cle, un in part.successeurs.items()]
        vide = [(VIDER, _(part.genre.vide))] if part.genre.vide else []
        choix = [(GARDER, _("Ne rien changer")), *gens, *vide]
        champs[f"{LOT}{part.genre.code}"] = SelectField(
            _("Tout passer à"), choices=options(choix), validate_choice=False
        )
        lot = [("", _("Comme tout le lot"))] if len(part.tenus) > 1 else []
        for tenu in part.tenus:
            champs[f"{part.genre.code}-{tenu.ref}"] = SelectField(
                _("%(quoi)s : passer à", quoi=f"{tenu.en_langue(langue)} {tenu.precision}".strip()),
                choices=options([*lot, *choix]),
                validate_choice=False,
            )
    form = type("FormPassationDe", (FormPassation,), champs)(data={"dernier_jour": jour})
    if not retirable:
        del form.retirer
    return form


def _choix(form: Any, tenues: Sequence[Part]) -> Choix:
    decisions: dict[str, dict[str, str]] = {}
    for part in tenues:
        lot = form[f"{LOT}{part.genre.code}"].data or GARDER
        decisions[part.genre.code] = {
            tenu.ref: form[f"{part.genre.code}-{tenu.ref}"].data or lot for tenu in part.tenus
        }
    return Choix(form.dernier_jour.data, decisions, _vus(), bool("retirer" in form and form.retirer.data))


def _vus() -> Mapping[str, Mapping[str, int]]:
    """Return the versions of what the page sent back was showing, by kind then by reference."""
    vus: dict[str, dict[str, int]] = {}
    for lu in request.form.getlist("lu"):
        genre, _deux, reste = lu.partition(":")
        ref, _deux, version = reste.partition(":")
        vus.setdefault(genre, {})[ref] = read_version(version)
    return vus


def _lus(tenues: Sequence[Part]) -> list[str]:
    return [f"{part.genre.code}:{tenu.ref}:{tenu.version}" for part in tenues for tenu in part.tenus]


def _lignes(form: Any, tenues: Sequence[Part]) -> list[dict[str, Any]]:
    """Return each kind with its field, and each thing with its own."""
    return [
        {
            "genre": part.genre,
            "lot": form[f"{LOT}{part.genre.code}"],
            "tenus": (lignes := [(tenu, form[f"{part.genre.code}-{tenu.ref}"]) for tenu in part.tenus]),
            "ouvert": len(lignes) <= COURT or any(choix.errors or choix.data for _tenu, choix in lignes),
        }
        for part in tenues
    ]


def _dit(fait: Bilan) -> list[tuple[str, list[tuple[Any, Any]]]]:
    """Return what is about to be done, by who receives it; last, what nobody will hold."""
    langue = str(get_locale())
    dits = [(receveur.en_langue(langue), recus) for receveur, recus in fait.recus.items()]
    return [*dits, *([("", fait.vides)] if fait.vides else [])]


def _retour(actor: Actor) -> str:
    return url_for("equipe.liste") if can(actor, Permission.COMPTES_LIRE) else url_for("compte.index")


def _fil(actor: Actor, qui: Partant) -> list[tuple[str, str]]:
    parent = (
        (_("Équipe"), url_for("equipe.liste"))
        if can(actor, Permission.COMPTES_LIRE)
        else (_("Mon compte"), url_for("compte.index"))
    )
    return [parent, (_("Passer la main : %(nom)s", nom=qui.personne.nom_complet), "")]
