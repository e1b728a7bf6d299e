"""Forms of what keeps the directory true: one's own entry, a reported error, a link asked for."""

from typing import Any

from flask_babel import gettext as _
from wtforms import EmailField, RadioField, SelectField, StringField, TextAreaField

from portal.annuaire.confirmation import SaisiePersonne
from portal.annuaire.enums import (
    LIBELLES_MOTIF_SIGNALEMENT,
    LIBELLES_PREFERENCE,
    MotifSignalement,
    Preference,
)
from portal.annuaire.saisie import SaisieTitulaire
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire
from portal.web.organisations import nomenclatures

PERSONNE = ("prenom", "nom", "telephone", "email")


class FormPersonne(Formulaire):
    """What someone says of itself, and how its function is reached."""

    prenom = StringField(_l("Prénom"))
    nom = StringField(_l("Nom"), validators=[obligatoire()])
    telephone = StringField(_l("Téléphone professionnel"))
    email = StringField(_l("Courriel professionnel"))
    preference = SelectField(_l("Comment joindre"), validators=[obligatoire()])
    horaires = StringField(_l("Horaires"), description=_l("Par exemple : du lundi au jeudi, 9 h – 12 h."))
    au = ChampDate(
        _l("Dernier jour dans cette fonction"),
        description=_l("Si vous la quittez ou l’avez quittée. Rien : vous la tenez toujours."),
    )

    @classmethod
    def of(cls, titulaire: Any, **options: Any) -> "FormPersonne":
        """Return the form of someone's own entry."""
        referent = titulaire.referent
        data = {name: getattr(titulaire, name) for name in (*PERSONNE, "au")} | {
            "preference": referent.preference.value,
            "horaires": referent.horaires,
            "version": str(referent.version),
        }
        form = cls(data=data, **options)
        form.preference.choices = nomenclatures.options(
            (one.value, _(label)) for one, label in LIBELLES_PREFERENCE.items()
        )
        return form

    def saisie(self, titulaire: Any) -> SaisiePersonne:
        """Return what was typed in a valid form; role and first day stay as they are."""
        return SaisiePersonne(
            titulaire=SaisieTitulaire(
                role=titulaire.role,
                du=titulaire.du,
                au=self.au.data,
                **{name: getattr(self, name).data or "" for name in PERSONNE},
            ),
            preference=Preference(self.preference.data),
            horaires=self.horaires.data or "",
        )


class FormSignalement(Formulaire):
    """An error that a reader saw on an entry."""

    motif = RadioField(_l("Qu’est-ce qui est inexact ?"), validators=[obligatoire()])
    texte = TextAreaField(
        _l("Précision"),
        description=_l(
            "Quelques mots, 500 caractères au plus. N’écrivez rien sur une personne accueillie ni son ménage."
        ),
    )

    @classmethod
    def new(cls) -> "FormSignalement":
        """Return the form, empty or as it was sent."""
        form = cls()
        form.motif.choices = [(one.value, _(label)) for one, label in LIBELLES_MOTIF_SIGNALEMENT.items()]
        return form

    @property
    def choisi(self) -> MotifSignalement:
        """What was chosen, in a valid form."""
        return MotifSignalement(self.motif.data)


class FormSuite(Formulaire):
    """Why a reported error is set aside."""

    raison = StringField(
        _l("Pourquoi l’écarter"), description=_l("L’auteur du signalement lira cette phrase.")
    )


class FormMonLien(Formulaire):
    """The address to which the link goes."""

    email = EmailField(_l("Votre courriel professionnel"), validators=[obligatoire()])
