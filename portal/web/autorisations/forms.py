"""Forms of the authorisations: their shape. Rules are checked by the services."""

from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, FileField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from portal.grilles.autorisations.enums import (
    FINALITES,
    LIBELLES_FINALITE,
    LIBELLES_LECTURE,
    DecisionAdulte,
    Finalite,
    Lecture,
    Mode,
    ObjetAutorisation,
)
from portal.grilles.autorisations.saisie import SaisieDemande, SaisieReponse
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire, saisie_obligatoire
from portal.web.organisations.forms import ChampCases
from portal.web.organisations.nomenclatures import options


class FormDemande(Formulaire):
    """A request: to whom, for what, which parts of the grid, until when."""

    destinataire = SelectField(_l("À qui"), validators=[obligatoire()])
    finalite = RadioField(_l("Pour quoi"), validators=[InputRequired(message=_l("Choisissez une réponse."))])
    sections = ChampCases(_l("Parties de la grille"))
    champs = ChampCases(
        _l("Réponses qui ne partent que si le ménage le veut"),
        description=_l("Elles ne partent pas, sauf si elles sont cochées ici et que le ménage accepte."),
    )
    du = ChampDate(_l("À partir du"), validators=[saisie_obligatoire()])
    au = ChampDate(_l("Jusqu’au, ce jour compris"), validators=[saisie_obligatoire()])
    mise_a_jour = BooleanField(
        _l("Vaut aussi pour les versions suivantes de la grille"),
        description=_l("Sans cette case, seule la version signée peut être lue."),
    )

    @classmethod
    def pour(
        cls,
        objet: ObjetAutorisation,
        destinataires: list[tuple[str, str]],
        sections: list[tuple[str, str]],
        champs: list[tuple[str, str]],
        **donnees: Any,
    ) -> "FormDemande":
        """Return the form of a request, its choices given; `donnees`: what it begins with."""
        form = cls(data=donnees)
        form.destinataire.choices = options([("", _("Choisissez")), *destinataires])
        form.finalite.choices = options((une.value, _(LIBELLES_FINALITE[une])) for une in FINALITES[objet])
        form.sections.choices = options(sections)
        form.champs.choices = options(champs)
        if not champs:
            del form.champs
        return form

    def saisie(self, objet: ObjetAutorisation) -> SaisieDemande:
        """Return what was typed in a valid form."""
        assert self.du.data is not None
        assert self.au.data is not None
        return SaisieDemande(
            objet=objet,
            destinataire=self.destinataire.data or "",
            finalite=Finalite(self.finalite.data) if self.finalite.data else None,
            sections=tuple(self.sections.data or ()),
            champs=tuple(self.champs.data or ()) if "champs" in self else (),
            du=self.du.data,
            au=self.au.data,
            mise_a_jour=bool(self.mise_a_jour.data),
        )


class FormNotice(Formulaire):
    """How the notice was given."""

    langue = HiddenField()
    lecture = RadioField(
        _l("Comment la notice a été donnée"),
        validators=[InputRequired(message=_l("Choisissez une réponse."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lecture.choices = options((une.value, _(LIBELLES_LECTURE[une])) for une in Lecture)


class FormReponse(Formulaire):
    """The answer of an adult on the screen: a drawing, or a name and a box; nothing at all to refuse."""

    empreinte = HiddenField()
    trace = HiddenField()
    nom = StringField(_l("Nom de la personne qui signe"))
    confirme = BooleanField(_l("J’ai lu ou on m’a lu cette page, et je suis d’accord"))

    def saisie(self, decision: DecisionAdulte) -> SaisieReponse:
        """Return what was signed."""
        return SaisieReponse(
            decision=decision,
            mode=Mode.ECRAN,
            empreinte=self.empreinte.data or "",
            trace=self.trace.data or "",
            nom=self.nom.data or "",
            confirme=bool(self.confirme.data),
        )


def _decisions() -> list[Any]:
    """Return what a person may have answered, the agreement first."""
    return options(
        [
            (DecisionAdulte.ACCORDE.value, _("Elle accepte")),
            (DecisionAdulte.REFUSE.value, _("Elle refuse")),
        ]
    )


class FormPapier(Formulaire):
    """The paper that an adult signed."""

    empreinte = HiddenField()
    decision = RadioField(
        _l("Ce que la personne a coché"),
        validators=[InputRequired(message=_l("Choisissez une réponse."))],
    )
    fichier = FileField(_l("Le formulaire signé (PDF, JPEG ou PNG)"), validators=[saisie_obligatoire()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision.choices = _decisions()


class FormOral(Formulaire):
    """What an adult said, for one session."""

    decision = RadioField(
        _l("Ce que la personne a dit"),
        validators=[InputRequired(message=_l("Choisissez une réponse."))],
    )
    jour_seance = ChampDate(
        _l("Jour de la séance"),
        description=_l("La seule séance qu’un accord donné oralement ouvre : le ménage y assiste."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision.choices = _decisions()

    def sans_accord(self) -> None:
        """Offer to refuse alone: to agree takes a signature."""
        self.decision.choices = _decisions()[1:]
        del self.jour_seance


class FormCode(Formulaire):
    """The PIN that an adult chooses, typed twice."""

    pin = PasswordField(_l("Votre code à 6 chiffres"), validators=[obligatoire()])
    encore = PasswordField(_l("Le même code, une seconde fois"), validators=[obligatoire()])
