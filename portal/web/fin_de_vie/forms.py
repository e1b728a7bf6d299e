"""Forms of the requests about data: their shape. Rules are checked by the services."""

from flask_babel import gettext as _
from wtforms import RadioField, StringField, TextAreaField

from portal.grilles.fin_de_vie.enums import LIBELLES_GENRE_DEMANDE, GenreDemande
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire


class FormDemande(Formulaire):
    """A request as it was made."""

    genre = RadioField(_l("Ce que le ménage demande"), validators=[obligatoire()])
    recue_le = ChampDate(
        _l("Reçue le"),
        validators=[obligatoire()],
        description=_l("Le mois pour répondre court à partir de ce jour."),
    )
    detail = TextAreaField(
        _l("Précisions"),
        description=_l("Ce que le ménage veut voir corrigé, ou ce qu’il a précisé. Chiffré."),
    )

    @classmethod
    def neuve(cls, jour: object) -> "FormDemande":
        """Return an empty one, received today."""
        form = cls(data={"recue_le": jour})
        form.genre.choices = [(one.value, _(LIBELLES_GENRE_DEMANDE[one])) for one in GenreDemande]
        return form


class FormReponse(Formulaire):
    """How a request was answered."""

    reponse = TextAreaField(
        _l("Ce qui a été fait"),
        validators=[obligatoire()],
        description=_l(
            "Par exemple : copie remise en main propre, ou numéro corrigé avec la personne. Chiffré."
        ),
    )


class FormRefus(Formulaire):
    """Why a request is refused."""

    reponse = TextAreaField(
        _l("Motif du refus"),
        validators=[obligatoire()],
        description=_l("Il est dû au ménage, avec la possibilité de saisir la CNIL. Chiffré."),
    )


class FormEffacement(Formulaire):
    """The code of the household, typed again before it is erased."""

    code = StringField(_l("Code du ménage"), validators=[obligatoire()])
