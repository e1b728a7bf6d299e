"""Forms of the dossiers: their shape. Rules are checked by the services."""

from typing import Any

from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from portal.commissions.dossiers.nomenclatures import motifs
from portal.commissions.dossiers.saisie import SaisieDossier
from portal.commissions.enums_dossiers import (
    LIBELLES_AVIS,
    LIBELLES_DEPORT,
    LIBELLES_MARQUE,
    LIBELLES_PIECE,
    EtatPiece,
    Marque,
    MotifDeport,
    SensAvis,
)
from portal.web.forms import Formulaire, _l
from portal.web.organisations import nomenclatures


class ChampPieces(HiddenField):
    """Where each document of the commission's list stands: one radio per document, « piece-0 »…"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.etats: dict[str, EtatPiece] = {}

    def lire(self, noms: list[str], connus: dict[str, str]) -> None:
        """Take what was sent, else what is kept."""
        envoye = request.method == "POST"
        for rang, nom in enumerate(noms):
            dit = request.form.get(f"piece-{rang}", "") if envoye else connus.get(nom, "")
            found = next((one for one in EtatPiece if one.value == dit), None)
            if found is not None:
                self.etats[nom] = found

    def texte(self) -> str:
        """Return what is said, for the page that compares two versions."""
        return ", ".join(
            _("%(nom)s : %(valeur)s", nom=nom, valeur=_(LIBELLES_PIECE[etat]))
            for nom, etat in self.etats.items()
        )


class FormDossier(Formulaire):
    """What is presented of a household, and what is asked for."""

    commission = SelectField(_l("Commission"), validate_choice=False)
    situation = TextAreaField(
        _l("La situation, en quelques lignes"),
        description=_l(
            "Tous les membres le liront, bailleurs compris. Des faits utiles à la décision : rien sur la "
            "santé, l’origine, la justice ou la vie privée."
        ),
    )
    demande = TextAreaField(
        _l("Ce qui est demandé à la commission"),
        description=_l("Par exemple : valider une orientation, trouver une solution après un refus."),
    )
    motif_demande = SelectField(_l("Motif de la demande"), validate_choice=False)
    pieces = ChampPieces(_l("Pièces"))
    menage_present = BooleanField(_l("Le ménage souhaite être présent à la séance"))
    urgent = BooleanField(_l("Dossier urgent"))

    @classmethod
    def pour(cls, commissions: list[Any], **options: Any) -> "FormDossier":
        """Return a new draft's form, with the commissions proposed."""
        form = cls(**options)
        form.commission.choices = nomenclatures.options(
            [(one.ref, one.nom) for one in commissions], _("Choisissez")
        )
        form._motifs()
        return form

    @classmethod
    def de(cls, dossier: Any, contenu: dict[str, Any], **options: Any) -> "FormDossier":
        """Return the form of a dossier, filled with what is kept."""
        form = cls(
            data={
                "situation": contenu["presentation"]["situation"],
                "demande": contenu["presentation"]["demande"],
                "motif_demande": contenu["motif_demande"],
                "menage_present": contenu["menage_present"],
                "urgent": contenu["urgent"],
                "version": str(dossier.version),
            },
            **options,
        )
        del form.commission
        form._motifs()
        if "formdata" in options:  # what is stored, beside what was typed
            form.pieces.etats = {nom: EtatPiece(dit) for nom, dit in contenu["pieces"].items()}
        else:
            form.pieces.lire(dossier.commission.pieces, contenu["pieces"])
        return form

    def _motifs(self) -> None:
        langue = str(get_locale())
        self.motif_demande.choices = nomenclatures.options(
            [(one.code, one.libelle.en_langue(langue)) for one in motifs().values()], _("Choisissez")
        )

    def saisie(self) -> SaisieDossier:
        """Return what was typed."""
        return SaisieDossier(
            situation=self.situation.data or "",
            demande=self.demande.data or "",
            motif_demande=self.motif_demande.data or "",
            pieces=self.pieces.etats,
            menage_present=bool(self.menage_present.data),
            urgent=bool(self.urgent.data),
        )


class FormManques(Formulaire):
    """What the secretariat misses."""

    manques = TextAreaField(
        _l("Ce qui manque"), description=_l("Le prescripteur le lira. Il aura un délai pour compléter.")
    )


class FormInscription(Formulaire):
    """The session where a dossier is put."""

    seance = SelectField(_l("Séance"), validate_choice=False)


class FormMotif(Formulaire):
    """Why a dossier is taken away."""

    motif = StringField(_l("Pourquoi"))


class FormAvis(Formulaire):
    """An organisation's written opinion."""

    sens = RadioField(_l("L’avis de votre organisme"), validate_choice=False)
    motif = TextAreaField(
        _l("Pourquoi"),
        description=_l(
            "En une phrase. Demandé pour un avis réservé ou défavorable ; des faits, jamais un jugement."
        ),
    )

    @classmethod
    def de(cls, sien: Any, motif: str, **options: Any) -> "FormAvis":
        """Return the form of an opinion, filled with the one that was given."""
        data = {
            "sens": sien.sens.value if sien else None,
            "motif": motif,
            "version": str(sien.version if sien else 0),
        }
        form = cls(data=data, **options)
        form.sens.choices = nomenclatures.options(
            (one.value, _(texte)) for one, texte in LIBELLES_AVIS.items()
        )
        return form

    @property
    def choisi(self) -> SensAvis | None:
        """The opinion chosen."""
        return next((one for one in SensAvis if one.value == self.sens.data), None)


class FormDeport(Formulaire):
    """An organisation that withdraws from a dossier, and why."""

    organisme = SelectField(_l("Organisme"), validate_choice=False)
    motif = SelectField(_l("Pourquoi"), validate_choice=False, id="deport-motif")

    @classmethod
    def de(cls, **options: Any) -> "FormDeport":
        """Return the form; its page says of which organisations."""
        form = cls(**options)
        form.motif.choices = nomenclatures.options(
            ((one.value, _(texte)) for one, texte in LIBELLES_DEPORT.items()), _("Choisissez")
        )
        return form

    @property
    def choisi(self) -> MotifDeport | None:
        """The reason chosen."""
        return next((one for one in MotifDeport if one.value == self.motif.data), None)


class FormNote(Formulaire):
    """A reader's own mark and question."""

    marque = RadioField(_l("Ma marque"), validate_choice=False)
    texte = TextAreaField(_l("Mes questions"), description=_l("Personne d’autre que vous ne les lit."))

    @classmethod
    def de(cls, note: Any, **options: Any) -> "FormNote":
        """Return the form of a note, filled with what is kept."""
        data = {
            "marque": note.marque.value if note.marque else "",
            "texte": note.texte,
            "version": str(note.version),
        }
        form = cls(data=data, **options)
        form.marque.choices = nomenclatures.options(
            [("", _("Aucune")), *((one.value, _(texte)) for one, texte in LIBELLES_MARQUE.items())]
        )
        return form

    @property
    def choisie(self) -> Marque | None:
        """The mark chosen."""
        return next((one for one in Marque if one.value == self.marque.data), None)


class FormInvite(Formulaire):
    """An occasional guest, and the dossiers they are invited for."""

    nom = StringField(_l("Nom de la personne invitée"))
    organisme = StringField(_l("Organisme"))
    email = StringField(
        _l("Adresse électronique"), description=_l("Le lien et le code lui seront envoyés là.")
    )
    dossiers = SelectMultipleField(
        _l("Dossiers pour lesquels elle est invitée"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class FormCode(Formulaire):
    """The code sent to a guest."""

    code = StringField(_l("Code à 6 chiffres"))
