"""Forms of the bilans: their shape. Rules are checked by the service."""

from wtforms import TextAreaField

from portal.web.forms import Formulaire, _l, obligatoire


class FormBilan(Formulaire):
    """A bilan being written."""

    engagements = TextAreaField(
        _l("Ce que sont devenus les engagements"),
        description=_l("Clause par clause, ce qui a été tenu, ce qui ne l’a pas été, et pourquoi."),
    )
    difficultes = TextAreaField(
        _l("Difficultés rencontrées"),
        description=_l("Aucune donnée sur un ménage : les trois parties lisent ce bilan."),
    )


class FormReprise(Formulaire):
    """Taking back a bilan that was given."""

    motif = TextAreaField(_l("Pourquoi le reprendre"), validators=[obligatoire()])
