"""Forms of conventions: their shape. Rules are checked by the services."""

from typing import Any

from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from portal.conventions.enums import LIBELLES_MODE, LIBELLES_PARTIE, Mode, Partie
from portal.web.conventions.champs import ChampNatures
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire, saisie_obligatoire

Choix = list[tuple[str, str]]


def modes() -> list[Any]:
    """Return the modes of negotiation to choose from."""
    return [("", _("Pas encore choisi")), *((mode.value, _(texte)) for mode, texte in LIBELLES_MODE.items())]


def parties() -> list[Any]:
    """Return the parties to choose from."""
    return [(partie.value, _(texte)) for partie, texte in LIBELLES_PARTIE.items()]


EFFET_ANTERIEUR = _l("Un effet antérieur à la dernière signature est prévu par la convention")
DERNIER_JOUR = _l("Dernier jour de validité, compris.")


class FormActe(Formulaire):
    """An act that only asks to be confirmed."""


class FormMotif(Formulaire):
    """An act that says why."""

    motif = TextAreaField(_l("Motif"), validators=[obligatoire()])


class FormSignature(Formulaire):
    """The signature of one party; the third one asks for the dates of the CTP."""

    signee_le = ChampDate(_l("Date de la signature"), validators=[saisie_obligatoire()])
    signataire = StringField(
        _l("Signataire"), description=_l("Nom et qualité, tels qu’ils figurent sur la convention.")
    )
    date_effet = ChampDate(_l("Date d’effet"))
    date_fin = ChampDate(_l("Date de fin"), description=DERNIER_JOUR)
    effet_anterieur = BooleanField(EFFET_ANTERIEUR)


class FormReprise(Formulaire):
    """A CTP signed elsewhere: the one signature date that is known, effect, end."""

    date_signature = ChampDate(
        _l("Date de signature connue"),
        validators=[saisie_obligatoire()],
        description=_l("Celle de la dernière signature, telle qu’elle figure sur la convention."),
    )
    date_effet = ChampDate(_l("Date d’effet"), validators=[saisie_obligatoire()])
    date_fin = ChampDate(_l("Date de fin"), validators=[saisie_obligatoire()], description=DERNIER_JOUR)
    effet_anterieur = BooleanField(EFFET_ANTERIEUR)
    fichier = FileField(
        _l("La convention signée, numérisée (PDF)"),
        description=_l("Elle rejoint les documents de la ligne, où vous pourrez aussi l’ajouter plus tard."),
    )


class FormDates(Formulaire):
    """The corrected dates of a signed CTP. What a line does not have leaves the form."""

    signature_operateur = ChampDate(_l("Signature de l’opérateur"), validators=[saisie_obligatoire()])
    signature_siao = ChampDate(_l("Signature du SIAO"), validators=[saisie_obligatoire()])
    signature_etat = ChampDate(_l("Signature de l’État"), validators=[saisie_obligatoire()])
    date_signature = ChampDate(_l("Date de signature connue"), validators=[saisie_obligatoire()])
    date_effet = ChampDate(_l("Date d’effet"), validators=[saisie_obligatoire()])
    date_fin = ChampDate(_l("Date de fin"), validators=[saisie_obligatoire()], description=DERNIER_JOUR)
    effet_anterieur = BooleanField(EFFET_ANTERIEUR)
    motif = TextAreaField(_l("Pourquoi ces corrections"), validators=[obligatoire()])

    def par_partie(self) -> dict[Partie, Any]:
        """Return the dates of the parties that the form shows."""
        noms = {partie: f"signature_{partie.value}" for partie in Partie}
        return {partie: self[nom].data for partie, nom in noms.items() if nom in self}


class FormResilier(Formulaire):
    """The termination of a signed CTP. An operator speaks for itself: `par` leaves its form."""

    par = SelectField(_l("Partie qui résilie"), validators=[obligatoire()])
    mise_en_demeure_le = ChampDate(
        _l("Date de la mise en demeure"),
        description=_l("S’il y en a eu une."),
    )
    mise_en_demeure = FileField(
        _l("Mise en demeure"),
        description=_l("PDF, Word, LibreOffice ou image. Elle rejoint les documents de la convention."),
    )
    notifiee_le = ChampDate(_l("Date de la notification"), validators=[saisie_obligatoire()])
    effet = ChampDate(
        _l("Date d’effet de la résiliation"),
        description=_l("Premier jour sans convention. Laissez vide pour appliquer le préavis."),
    )
    preavis_ecourte = BooleanField(_l("Les parties sont d’accord pour un préavis écourté"))
    motif = TextAreaField(_l("Motif de la résiliation"), validators=[obligatoire()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.par.choices = parties()


class FormCible(Formulaire):
    """A new target date, with its reason."""

    date_cible = ChampDate(_l("Nouvelle date cible"), validators=[saisie_obligatoire()])
    motif = TextAreaField(
        _l("Motif du report"),
        validators=[obligatoire()],
        description=_l("Il restera dans l’historique de la ligne."),
    )


FONCTION = "fonction:"
"""Beginning of a choice that is a function of the directory; its reference follows."""


class FormConfier(Formulaire):
    """Who is in charge: a function of a party, or someone who has an access in one of them."""

    responsable = SelectField(
        _l("En charge"),
        validate_choice=False,
        description=_l(
            "Avec une fonction, un départ ne casse rien : rappels et alertes vont à qui la tient, ou à son "
            "suppléant."
        ),
    )

    def choisi(self) -> dict[str, str | None]:
        """Return what was chosen, as the service takes it."""
        choix = self.responsable.data or ""
        if choix.startswith(FONCTION):
            return {"personne_ref": None, "fonction_ref": choix.removeprefix(FONCTION)}
        return {"personne_ref": choix or None, "fonction_ref": None}


class FormSiSiao(Formulaire):
    """Whether the line is copied into the SI SIAO: said by the form, so that two clicks say the same."""

    copiee = HiddenField()


class FormModifier(Formulaire):
    """What a line says besides its dates."""

    natures = ChampNatures(_l("Natures de dispositif couvertes"))
    mode = SelectField(_l("Mode de négociation"))
    dialogue_gestion_le = ChampDate(
        _l("Dialogue de gestion"), description=_l("Sa date, si la négociation se fait de gré à gré.")
    )
    tacite_reconduction = BooleanField(_l("La convention prévoit une tacite reconduction"))
    notes = TextAreaField(
        _l("Notes"), description=_l("Lues par les trois parties. Aucune donnée sur des ménages.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mode.choices = modes()

    def mode_choisi(self) -> Mode | None:
        """Return the mode chosen, None for none yet."""
        return Mode(self.mode.data) if self.mode.data else None


class FormCreer(Formulaire):
    """A new line of the deployment plan, once its operator is chosen.

    `etat` leaves the form of a département where a single State service works.
    """

    siao = SelectField(_l("SIAO"), validators=[obligatoire()])
    etat = SelectField(
        _l("Service de l’État"),
        validators=[obligatoire()],
        description=_l("Plusieurs services de l’État travaillent dans ce département : celui qui signera."),
    )
    natures = ChampNatures(_l("Natures de dispositif couvertes"))
    date_cible = ChampDate(
        _l("Date cible"),
        validators=[saisie_obligatoire()],
        description=_l("Échéance nationale : 31/12/2026."),
    )
    mode = SelectField(_l("Mode de négociation"))
    notes = TextAreaField(
        _l("Notes"), description=_l("Lues par les trois parties. Aucune donnée sur des ménages.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mode.choices = modes()

    def mode_choisi(self) -> Mode | None:
        """Return the mode chosen, None for none yet."""
        return Mode(self.mode.data) if self.mode.data else None


class FormDocument(Formulaire):
    """A file to link to the line."""

    fichier = FileField(
        _l("Fichier"),
        validators=[obligatoire()],
        description=_l("PDF, Word, LibreOffice, Excel ou image."),
    )
    libelle = StringField(
        _l("Intitulé"),
        validators=[obligatoire()],
        description=_l("Par exemple : convention signée, avenant, courrier."),
    )
