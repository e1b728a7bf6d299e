"""The forms of a question: one that exists, one that the département adds."""

from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from portal.grilles.contenu import Champ, Grille, Item
from portal.grilles.enums import A_CHOIX, LIBELLES_PORTEE, LIBELLES_REPONSE_ITEM, LOCALES, Portee, Reponse
from portal.grilles.service import Saisie
from portal.web.forms import Formulaire, _l


class FormSimple(Formulaire):
    """A form with nothing but its hidden fields: a button that acts on the version as it was read."""


class FormItem(Formulaire):
    """What every question has."""

    libelle = StringField(_l("Question"), render_kw={"lang": "fr", "maxlength": 160})
    aide = TextAreaField(
        _l("Aide"),
        description=_l("Montrée à qui remplit la grille avec le ménage."),
        render_kw={"rows": 3, "lang": "fr"},
    )


def formulaire(item: Item, version: int) -> Any:
    """Return the form of a question, filled with what it says; one field per scope and list of choices."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"libelle": item.libelle, "aide": item.aide, "posee": item.posee}
    for champ in item.champs:
        nom = nom_champ(champ)
        fields[f"portee_{champ.code}"] = _portee(
            _("Qui peut lire « %(champ)s »", champ=nom) if nom else _("Qui peut lire la réponse")
        )
        data[f"portee_{champ.code}"] = champ.portee.value
        if champ.reponse in A_CHOIX:
            fields[f"choix_{champ.code}"] = _choix(
                _("Choix proposés pour « %(champ)s »", champ=nom) if nom else _("Choix proposés")
            )
            data[f"choix_{champ.code}"] = "\n".join(choix.libelle for choix in champ.choix)
    fields["posee"] = BooleanField(
        _("Poser cette question dans le département"),
        description=_("Décochée, elle garde son code et peut revenir dans une version suivante."),
    )
    fields["motif"] = _motif()
    form: Any = type("FormQuestion", (FormItem,), fields)(data={**data, "version": str(version)})
    form.libelle.flags.required = form.motif.flags.required = True
    return form


def formulaire_ajout(grille: Grille, version: int) -> Any:
    """Return the form of a question that the département adds."""
    fields = {
        "section": SelectField(
            _("Section"), choices={s.code: f"{s.code} – {s.titre}" for s in grille.sections}
        ),
        "reponse": SelectField(_("Réponse"), choices={r.value: _(LIBELLES_REPONSE_ITEM[r]) for r in LOCALES}),
        "choix_reponse": _choix(_("Choix proposés"), _("Pour une liste seulement. Un choix par ligne.")),
        "portee": _portee(_("Qui peut lire la réponse")),
        "motif": _motif(),
    }
    form: Any = type("FormAjout", (FormItem,), fields)(data={"version": str(version), "portee": "P2"})
    form.libelle.flags.required = form.motif.flags.required = True
    return form


def saisie(form: Any, item: Item) -> Saisie:
    """Return what was typed about a question, as the domain reads it."""
    return Saisie(
        libelle=form.libelle.data or "",
        aide=form.aide.data or "",
        posee=bool(form.posee.data),
        portees={champ.code: Portee(form[f"portee_{champ.code}"].data) for champ in item.champs},
        choix={
            champ.code: form[f"choix_{champ.code}"].data or ""
            for champ in item.champs
            if champ.reponse in A_CHOIX
        },
        motif=form.motif.data or "",
    )


def nom_champ(champ: Champ) -> str:
    """Return the name of a field, "" for the only one of a question."""
    return champ.libelle


def reponse_choisie(form: Any) -> Reponse:
    """Return the scale chosen for a question to add."""
    return Reponse(form.reponse.data)


def _portee(label: str) -> SelectField:
    return SelectField(label, choices={p.value: f"{p.value} – {_(LIBELLES_PORTEE[p])}" for p in Portee})


def _choix(label: str, description: str = "") -> TextAreaField:
    return TextAreaField(
        label,
        description=description or _("Un par ligne. Un choix qui garde son texte garde ses réponses."),
        render_kw={"rows": 6, "lang": "fr"},
    )


def _motif() -> StringField:
    return StringField(
        _("Motif du changement"),
        description=_("Gardé au journal et montré à ceux qui valident, par exemple la réunion du groupe."),
    )
