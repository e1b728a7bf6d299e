"""Forms of the avenants: their shape. Rules are checked by the services."""

from datetime import date
from typing import Any

from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.web.forms import ChampDate, Formulaire, _l, obligatoire


class FormActe(Formulaire):
    """An act that only asks to be confirmed."""


class FormJour(Formulaire):
    """The day on which the text is read, as the address gives it."""

    class Meta(Formulaire.Meta):
        csrf = False

    au = ChampDate(_l("Telle qu’elle est le"))

    @classmethod
    def lue(cls, args: Any, aujourdhui: date) -> tuple["FormJour", date]:
        """Return the form and the day: what is asked for where it is a date, else today."""
        form = cls(formdata=args if args.get("au") else None, data={"au": aujourdhui})
        form.validate()
        return form, form.au.data or aujourdhui


class FormMotif(Formulaire):
    """An act that says why."""

    motif = TextAreaField(
        _l("Motif"), validators=[obligatoire()], description=_l("Les trois parties le liront.")
    )


def cases(libelle: str, description: str = "") -> Any:
    """Return a field of check boxes."""
    return SelectMultipleField(
        libelle,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=description,
    )


class FormAvenant(Formulaire):
    """What an avenant is about: its object, its clauses, when it takes effect."""

    objet = StringField(
        _l("Objet de l’avenant"),
        validators=[obligatoire()],
        description=_l("En une phrase : ce qui change, et pourquoi."),
    )
    clauses = cases(
        _l("Clauses à modifier"),
        _l("Seules les clauses jaunes sont proposées : un avenant ne modifie pas le vert."),
    )
    date_effet = ChampDate(
        _l("Prise d’effet souhaitée"),
        description=_l("Au plus tôt le jour de la dernière signature. Laissez vide pour ce jour-là."),
    )


class FormOuvrir(FormAvenant):
    """The same, with the natures that come or leave."""

    natures_ajoutees = cases(
        _l("Natures à ajouter"), _l("Leurs clauses entrent dans la convention par cet avenant.")
    )
    natures_retirees = cases(
        _l("Natures à retirer"), _l("Leurs clauses sortent de la convention par cet avenant.")
    )
    proposition = HiddenField()


class FormGroupes(Formulaire):
    """The conventions for which an avenant is opened at once."""

    conventions = cases(_l("Conventions"))
