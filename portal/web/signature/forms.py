"""Forms of the signature: their shape. Rules are checked by the services."""

from typing import Any

from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from portal.conventions.enums import LIBELLES_STATUT, Statut
from portal.conventions.signature.enums import LIBELLES_SORTE, Sorte
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire, saisie_obligatoire

QUALITE = _l("En quelle qualité")
QUALITE_INDICE = _l("Par exemple : directrice générale, préfet, président.")
DELEGATION = _l("Délégation de signature")
DELEGATION_INDICE = _l(
    "L’acte qui autorise à signer, avec sa date. Laissez vide si la fonction suffit : président, préfet."
)


class FormActe(Formulaire):
    """An act that only asks to be confirmed."""


class FormSigner(Formulaire):
    """Accepting the frozen text on line. `empreinte`: of the text that was being read."""

    empreinte = HiddenField()
    lu = BooleanField(
        _l("J’ai lu le texte, et je l’accepte au nom de mon organisation"),
        validators=[DataRequired(message=_l("Confirmez que vous avez lu le texte."))],
    )
    qualite = StringField(QUALITE, validators=[obligatoire()], description=QUALITE_INDICE)
    delegation = StringField(DELEGATION, description=DELEGATION_INDICE)
    piece = FileField(_l("Acte de délégation (PDF, facultatif)"))
    actuel = PasswordField(
        _l("Votre mot de passe"),
        validators=[obligatoire()],
        description=_l("Redemandé pour que personne ne signe à votre place."),
    )
    code = StringField(_l("Code du second facteur"))


class FormPapier(Formulaire):
    """The signed text, scanned."""

    empreinte = HiddenField()
    fichier = FileField(_l("Le texte signé, numérisé (PDF)"), validators=[obligatoire()])
    signee_le = ChampDate(
        _l("Date de la signature"),
        validators=[saisie_obligatoire()],
        description=_l("Telle qu’elle est écrite sur le document."),
    )
    nom = StringField(_l("Nom du signataire"), validators=[obligatoire()])
    qualite = StringField(QUALITE, validators=[obligatoire()], description=QUALITE_INDICE)
    delegation = StringField(DELEGATION, description=DELEGATION_INDICE)


class FormRefus(Formulaire):
    """Refusing to sign, and why."""

    empreinte = HiddenField()
    motif = TextAreaField(
        _l("Pourquoi vous refusez de signer"),
        validators=[obligatoire()],
        description=_l("Les trois parties le liront pour reprendre la négociation."),
    )
    clauses = SelectMultipleField(
        _l("Les clauses en cause"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l(
            "Vous les refusez pour ce motif, et les autres parties vous répondent. Sans choix, vous "
            "réexaminez tout le texte."
        ),
    )


class FormDelegation(Formulaire):
    """A delegation: to whom, in which capacity, by which act, from when to when."""

    personne = SelectField(_l("Personne"), validators=[obligatoire()])
    qualite = StringField(QUALITE, validators=[obligatoire()], description=QUALITE_INDICE)
    reference = StringField(
        _l("Acte de délégation"),
        validators=[obligatoire()],
        description=_l("Par exemple : arrêté du 3 février 2026."),
    )
    du = ChampDate(_l("Du"), validators=[saisie_obligatoire()])
    au = ChampDate(_l("Au"), description=_l("Compris. Laissez vide si elle n’a pas de fin."))
    fichier = FileField(_l("L’acte (PDF, facultatif)"))


class FormArchive(Formulaire):
    """Which documents of which conventions, in one archive."""

    sorte = RadioField(_l("Documents"))
    statut = SelectField(_l("Conventions"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sorte.choices = [(sorte.value, _(texte)) for sorte, texte in LIBELLES_SORTE.items()]
        etats = [Statut.EN_NEGOCIATION, Statut.ACCORD_DE_PRINCIPE, Statut.EN_SIGNATURE, Statut.SIGNEE]
        self.statut.choices = [
            ("", _("Toutes celles dont le texte est ici")),
            *((etat.value, _(LIBELLES_STATUT[etat])) for etat in etats),
        ]

    @property
    def choisi(self) -> Statut | None:
        """The state asked for, None for all."""
        return Statut(self.statut.data) if self.statut.data else None

    @property
    def voulue(self) -> Sorte:
        """The kind of document asked for."""
        return Sorte(self.sorte.data)
