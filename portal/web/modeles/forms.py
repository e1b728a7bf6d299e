"""The form of one green field."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, SelectField, StringField, TextAreaField

from portal.conventions.modeles.contenu import TypeParametre
from portal.conventions.modeles.texte import afficher
from portal.conventions.modeles.valeurs import bornes
from portal.conventions.modeles.verts import ChampVert
from portal.web.forms import ChampDate, Formulaire, _l


class FormSimple(Formulaire):
    """A form with nothing but its hidden fields: a button that acts on the version as it was read."""


class FormMotif(Formulaire):
    """What each change of a green field says."""

    motif = StringField(
        _l("Motif du changement"),
        description=_l(
            "Gardé au journal et montré à ceux qui valident, par exemple la réunion qui l’a décidé."
        ),
    )


def formulaire(champ: ChampVert, version: int) -> Any:
    """Return the form of a green field, filled with its present value."""
    kind = type("FormChamp", (FormMotif,), {"valeur": _champ(champ)})
    valeur: Any = champ.valeur
    if champ.parametre is not None and champ.parametre.type is TypeParametre.DATE:
        valeur = date.fromisoformat(champ.valeur) if champ.valeur else None
    form: Any = kind(data={"valeur": valeur, "version": str(version)})
    form.motif.flags.required = True  # the domain refuses it empty, with its own words
    form.valeur.flags.required = champ.parametre is None or champ.parametre.obligatoire
    return form


def saisie(form: Any) -> str:
    """Return what was typed, as the domain reads it."""
    data = form.valeur.data
    return data.isoformat() if hasattr(data, "isoformat") else str(data or "")


def libelle(champ: ChampVert) -> str:
    """Return the name of a green field; those of parameters are part of the model, in French."""
    return champ.parametre.libelle if champ.parametre else _("Texte de la clause")


def indice(champ: ChampVert) -> str:
    """Return the bounds, the default and where they come from."""
    parametre = champ.parametre
    if parametre is None:
        return _(
            "Un paragraphe par ligne vide, « - » pour une liste. Gardez les champs entre accolades et les "
            "renvois entre crochets."
        )
    minimum, maximum = bornes(parametre)
    parts = []
    if minimum and maximum:
        parts.append(_("De %(minimum)s à %(maximum)s.", minimum=minimum, maximum=maximum))
    if champ.defaut:
        parts.append(_("Par défaut : %(defaut)s.", defaut=afficher(parametre, champ.defaut)))
    if parametre.origine:
        parts.append(_("Origine : %(origine)s.", origine=parametre.origine.rstrip(".")))
    if not parametre.obligatoire:
        parts.append(_("Facultatif."))
    return " ".join(parts)


def _champ(champ: ChampVert) -> Field:
    label, hint = libelle(champ), indice(champ)
    parametre = champ.parametre
    if parametre is None or parametre.type is TypeParametre.TEXTE_LONG:
        rows = 14 if parametre is None else 6
        return TextAreaField(label, description=hint, render_kw={"rows": rows, "lang": "fr"})
    if parametre.type in (TypeParametre.CHOIX, TypeParametre.OUI_NON):
        choix = parametre.choix or (("oui", _("Oui")), ("non", _("Non")))
        return SelectField(label, choices=[("", _("À choisir")), *choix], description=hint)
    if parametre.type is TypeParametre.DATE:
        return ChampDate(label, description=hint)
    number = {"inputmode": "numeric"} if parametre.type is TypeParametre.NOMBRE else {"lang": "fr"}
    return StringField(label, description=hint, render_kw=number)
