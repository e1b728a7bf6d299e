"""The values marked [P] or [D] in the reference of the domain, as a département changes them."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Field, HiddenField, SelectField, StringField

from portal.conventions.enums import LIBELLES_PARTIE
from portal.grilles.calculs import LIBELLES_ECHELLE, LIBELLES_LOGEMENT, EchelleUC, Logement
from portal.organisations import parametres
from portal.organisations.parametres import Parameter
from portal.security.permissions import Permission
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_date
from portal.web.forms import ChampDate, Formulaire, domain_message, obligatoire, saisie_obligatoire
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.render import render_view, see_other

bp = Blueprint("parametres", __name__, url_prefix="/parametres")

# Words of the choices, whose stored texts are codes separated by commas.
MOTS = {partie.value: text for partie, text in LIBELLES_PARTIE.items()} | {
    "libre": N_("dans n’importe quel ordre"),
    "oui": N_("oui"),
    "non": N_("non"),
    "famille": N_("de la veille sociale ou de l’hébergement"),
    "cumul": N_("à la fois de la veille sociale et de l’hébergement"),
    "tripartite": N_("convention à trois parties"),
    "aucune": N_("aucune"),
    "ocde": LIBELLES_ECHELLE[EchelleUC.OCDE],
    "oxford": LIBELLES_ECHELLE[EchelleUC.OXFORD],
    "personne": LIBELLES_ECHELLE[EchelleUC.PERSONNE],
    "supportables": LIBELLES_LOGEMENT[Logement.SUPPORTABLES],
    "hypothese": LIBELLES_LOGEMENT[Logement.HYPOTHESE],
    "lettre": N_("lettre à deux parties : la personne morale signe une fois"),
}
SALLES = {
    "annuaire": N_("Annuaire"),
    "autorisations": N_("Autorisations"),
    "commissions": N_("Commissions"),
    "conventions": N_("Conventions"),
    "grilles": N_("Grille d’accès au logement"),
    "menages": N_("Ménages"),
    "transmissions": N_("Transmissions"),
}
CERTITUDES = (
    (re.compile(r"\[P\]"), N_("Proposition du portail, à adapter")),
    (re.compile(r"\bD\d+|\[D"), N_("Choix par défaut, à confirmer")),
)


@bp.route("", methods=["GET", "POST"])
@requires(Permission.PARAMETRES_MODIFIER)
def liste() -> Response:
    """Every parameter with its value, its default and its source; those that differ are saved."""
    actor = current_actor()
    form = _form(actor.departement_code)
    status = 200
    if form.validate_on_submit():
        changed, refused = _save(form)
        if not refused:
            text = ngettext("%(num)s valeur enregistrée.", "%(num)s valeurs enregistrées.", changed)
            flash(text if changed else _("Rien n’avait changé."), "succes" if changed else "info")
            return see_other(url_for("parametres.liste"))
        status = 409 if refused == "stale" else 422
    elif form.errors:
        status = 422
    return render_view(
        "parametres/liste.html",
        "parametres/_formulaire.html",
        status=status,
        form=form,
        departement=nomenclatures.departements().get(actor.departement_code, actor.departement_code),
        groupes=_groups(form, parametres.own_values(db(), actor.departement_code)),
    )


@bp.post("/defaut")
@requires(Permission.PARAMETRES_MODIFIER)
def remettre() -> Response:
    """Come back to the default value of one parameter."""
    actor = current_actor()
    parametres.set_value(db(), actor, clock(), request.form.get("cle", ""), actor.departement_code, None)
    flash(_("La valeur par défaut s’applique de nouveau."), "succes")
    return see_other(url_for("parametres.liste"))


def _save(form: Any) -> tuple[int, str]:
    """Write what was changed; return how many values, and « refused » or « stale » when some were not."""
    actor, changed, refused = current_actor(), 0, ""
    present = parametres.values(db(), actor.departement_code)
    for parameter in parametres.registered():
        field, before = form[_name(parameter)], form[f"avant_{_name(parameter)}"]
        typed, now = _text(parameter, field), parameter.write(present[parameter.key])
        if typed == before.data:
            continue
        if before.data != now and typed != now:
            message = _(
                "Cette valeur a changé entre-temps : elle est maintenant « %(valeur)s ».",
                valeur=words(parameter, now),
            )
            field.errors = [*field.errors, message]
            before.data, refused = now, "stale"
            continue
        try:
            parametres.set_value(db(), actor, clock(), parameter.key, actor.departement_code, typed)
        except DomainError as error:
            field.errors = [*field.errors, domain_message(error)]
            refused = refused or "refused"
        else:
            changed += 1
    return changed, refused


def _form(departement_code: str) -> Any:
    """Return the form of every parameter, each with the value it was opened with."""
    present = parametres.values(db(), departement_code)
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for parameter in parametres.registered():
        name, value = _name(parameter), present[parameter.key]
        fields[name] = _field(parameter)
        fields[f"avant_{name}"] = HiddenField()
        values[name] = value if parameter.error == "parametres.date" else parameter.write(value)
        values[f"avant_{name}"] = parameter.write(value)
    return type("FormParametres", (Formulaire,), fields)(data=values)


def _field(parameter: Parameter[Any]) -> Any:
    label, hint = _(parameter.label), _hint(parameter)
    if parameter.error == "parametres.date":
        return ChampDate(label, validators=[saisie_obligatoire()], description=hint)
    if parameter.error == "parametres.choix":
        choices = nomenclatures.options((text, words(parameter, text)) for text in parameter.bounds)
        return SelectField(label, choices=choices, description=hint)
    return StringField(label, validators=[obligatoire()], description=hint)


def _hint(parameter: Parameter[Any]) -> str:
    default = words(parameter, parameter.write(parameter.default))
    if parameter.error == "parametres.choix":
        return _("Par défaut : %(defaut)s.", defaut=default)
    low, high = (words(parameter, _plain(bound)) for bound in parameter.bounds)
    return _(
        "De %(minimum)s à %(maximum)s. Par défaut : %(defaut)s.", minimum=low, maximum=high, defaut=default
    )


def words(parameter: Parameter[Any], text: str) -> str:
    """Return a stored value as a person reads it."""
    if parameter.error == "parametres.date":
        return show_date(parameter.read(text))
    parts = [part.strip() for part in text.split(",")]
    return ", ".join(str(_(MOTS[part])) if part in MOTS else part for part in parts)


def _plain(bound: Any) -> str:
    return bound.isoformat() if hasattr(bound, "isoformat") else str(bound)


def _text(parameter: Parameter[Any], field: Field) -> str:
    """Return what was typed in the form it is stored in, when it can be read."""
    if parameter.error == "parametres.date":
        return field.data.isoformat() if field.data else ""
    text = str(field.data or "").replace(";", ",").strip()
    try:
        return parameter.write(parameter.read(text))
    except ValueError:
        return text


def _groups(form: Any, own: dict[str, str]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the fields by room, with what is told beside each."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for parameter in parametres.registered():
        room = parameter.key.partition(".")[0]
        groups.setdefault(str(_(SALLES[room])), []).append(
            {
                "cle": parameter.key,
                "champ": form[_name(parameter)],
                "source": parameter.source.replace("domaine.md", _("référence du domaine")),
                "certitude": next(_certainties(parameter.source), ""),
                "propre": parameter.key in own,
                "numerique": parameter.error == "parametres.entier",
            }
        )
    return list(groups.items())


def _certainties(source: str) -> Iterator[str]:
    for pattern, text in CERTITUDES:
        if pattern.search(source):
            yield str(_(text))


def _name(parameter: Parameter[Any]) -> str:
    return parameter.key.replace(".", "__")
