"""Forms of accounts: their shape. Rules are checked by the services."""

from typing import Any

from flask_babel import gettext as _
from wtforms import EmailField, HiddenField, PasswordField, RadioField, SelectField, StringField, TelField
from wtforms.validators import EqualTo

from portal.comptes.enums import LIBELLES_PREFERENCE, PreferenceEnvoi
from portal.comptes.invitations import SaisieInvitation
from portal.security.passwords import MINIMUM_LENGTH
from portal.security.permissions import LIBELLES_PROFIL, Profil
from portal.web.forms import Formulaire, _l, obligatoire

LANGUES = {"fr": "Français", "en": "English"}


class FormConnexion(Formulaire):
    """E-mail and password. `suite`: the page asked for; `reprise`: a form to send again after it.

    Its fields have ids of their own: the form may open over a page that has an `email` too.
    """

    email = EmailField(_l("Adresse électronique"), validators=[obligatoire()], id="connexion-email")
    mot_de_passe = PasswordField(_l("Mot de passe"), validators=[obligatoire()], id="connexion-mot-de-passe")
    suite = HiddenField()
    reprise = HiddenField()


class FormCode(Formulaire):
    """A code of the second factor. `suite`, `reprise`: as in the form that asks for the password."""

    code = StringField(_l("Code"), validators=[obligatoire()], id="connexion-code")
    suite = HiddenField()
    reprise = HiddenField()


class FormEmail(Formulaire):
    """An e-mail address, to receive a link."""

    email = EmailField(_l("Adresse électronique"), validators=[obligatoire()])


class FormActuel(Formulaire):
    """The present password, before an act that a borrowed session must not do."""

    actuel = PasswordField(_l("Votre mot de passe"), validators=[obligatoire()])


class FormNouvelleAdresse(FormActuel):
    """A new e-mail address, and the present password."""

    email = EmailField(_l("Nouvelle adresse électronique"), validators=[obligatoire()])


class NouveauMotDePasse(Formulaire):
    """A password to choose, typed twice."""

    mot_de_passe = PasswordField(_l("Nouveau mot de passe"), validators=[obligatoire()])
    confirmation = PasswordField(
        _l("Le même, une seconde fois"),
        validators=[obligatoire(), EqualTo("mot_de_passe", message=_l("Les deux saisies diffèrent."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mot_de_passe.description = _(
            "%(n)s caractères au moins. Quatre mots sans rapport font un bon mot de passe.", n=MINIMUM_LENGTH
        )


class FormMotDePasse(NouveauMotDePasse):
    """Changing one's password."""

    actuel = PasswordField(_l("Mot de passe actuel"), validators=[obligatoire()])


class FormBienvenue(NouveauMotDePasse):
    """Opening one's account from an invitation."""

    prenom = StringField(_l("Prénom"), validators=[obligatoire()])
    nom = StringField(_l("Nom"), validators=[obligatoire()])


class FormIdentite(Formulaire):
    """What one may correct about oneself."""

    prenom = StringField(_l("Prénom"), validators=[obligatoire()])
    nom = StringField(_l("Nom"), validators=[obligatoire()])
    telephone = TelField(_l("Téléphone professionnel"))


class FormPreferences(Formulaire):
    """Language, and when to be written to."""

    langue = RadioField(_l("Langue"), choices=LANGUES)
    preference_envoi = RadioField(_l("Messages qui ne pressent pas"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preference_envoi.choices = {p.value: _(label) for p, label in LIBELLES_PREFERENCE.items()}

    @property
    def preference(self) -> PreferenceEnvoi:
        """The choice of a valid form."""
        return PreferenceEnvoi(self.preference_envoi.data)


def _profil() -> SelectField:
    return SelectField(_l("Profil"), validators=[obligatoire()])


def _departement() -> SelectField:
    return SelectField(_l("Département"), validators=[obligatoire()])


class FormAcces(Formulaire):
    """A profile in an organisation, for a département where it works."""

    profil = _profil()
    departement_code = _departement()

    def offer(self, profils: tuple[Profil, ...], departements: dict[str, str]) -> None:
        """Give the choices that the actor has."""
        self.profil.choices = [("", _("Choisir un profil"))] + [
            (p.value, _(LIBELLES_PROFIL[p])) for p in profils
        ]
        self.departement_code.choices = departements

    @property
    def profil_choisi(self) -> Profil:
        """The profile of a valid form."""
        return Profil(self.profil.data)


class FormInvitation(FormAcces):
    """Inviting someone; the fields are in the order of the page, which errors follow."""

    email = EmailField(
        _l("Adresse électronique professionnelle"),
        validators=[obligatoire()],
        description=_l("L’invitation lui est envoyée ; personne d’autre ne doit pouvoir la lire."),
    )
    prenom = StringField(_l("Prénom"), validators=[obligatoire()])
    nom = StringField(_l("Nom"), validators=[obligatoire()])
    profil = _profil()
    departement_code = _departement()
    langue = RadioField(_l("Langue du message"), choices=LANGUES, default="fr")

    def saisie(self) -> SaisieInvitation:
        """Return what was typed in a valid form."""
        return SaisieInvitation(
            email=self.email.data or "",
            prenom=self.prenom.data or "",
            nom=self.nom.data or "",
            profil=self.profil_choisi,
            departement_code=self.departement_code.data,
            langue=self.langue.data,
        )
