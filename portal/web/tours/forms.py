"""Forms of the rounds: their shape. Rules are checked by the services."""

from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.conventions.modeles.contenu import TypeParametre
from portal.conventions.redaction.service import champ_valeur
from portal.conventions.tours.lu import VIDE, Cellule, ClauseDuTour, dire
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire
from portal.web.redaction.forms import champ_parametre, date_ou_rien, indice_texte


class FormTour(Formulaire):
    """An act that only asks to be confirmed, or whose boxes are drawn by the page."""

    motif = TextAreaField(_l("Motif"), description=_l("Les autres parties le liront pour vous répondre."))


class FormEtape(Formulaire):
    """Abandoning or reopening a round: why."""

    motif = TextAreaField(_l("Motif"), validators=[obligatoire()])


class FormClore(Formulaire):
    """Closing a round asks to be confirmed."""


class FormTable(Formulaire):
    """The operators at the table."""

    operateurs = SelectMultipleField(
        _l("Opérateurs autour de la table"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Ceux qui ont une convention ouverte avec cette nature sont proposés d’emblée."),
    )


class FormOuvrir(FormTable):
    """Opening a round, once its nature is chosen."""

    intitule = StringField(
        _l("Intitulé"), description=_l("Facultatif, par exemple : CHRS, tour du printemps.")
    )
    nature = HiddenField()
    siao = HiddenField()


class FormReunion(Formulaire):
    """A meeting: when, where, what about; afterwards who came and what was said."""

    le = ChampDate(_l("Jour"), validators=[obligatoire()])
    heure = StringField(_l("Heure"), description=_l("Par exemple : de 14 h à 16 h."))
    lieu = StringField(_l("Lieu ou lien"))
    ordre_du_jour = TextAreaField(_l("Ordre du jour"))
    participants = TextAreaField(
        _l("Participants"), description=_l("Un par ligne : nom, qualité, organisation.")
    )
    notes = TextAreaField(
        _l("Compte rendu"),
        description=_l(
            "Tous les participants du tour le lisent : n’y écrivez pas la réponse d’un opérateur."
        ),
    )


class FormChoix(Formulaire):
    """The nature of a round, and its SIAO where there are several."""

    nature = SelectField(_l("Nature de dispositif"))
    siao = SelectField(_l("SIAO"))


def form_clause(clause: ClauseDuTour, cellule: Cellule = VIDE, *, ecart: bool, **options: Any) -> Any:
    """Return the form of a clause: the base, or an operator's departure from it, filled with what it says."""
    champs: dict[str, Any] = {}
    valeurs: dict[str, Any] = {"version": str(clause.version), "vu": f"{clause.version}.{cellule.version}"}
    for parametre in clause.commune.parametres:
        nom = champ_valeur(parametre.code)
        champs[nom] = champ_parametre(parametre)
        valeur = str(cellule.valeurs.get(parametre.code, clause.valeurs[parametre.code]))
        valeurs[nom] = date_ou_rien(valeur) if parametre.type is TypeParametre.DATE else valeur
    if clause.commune.redigeable:
        champs["texte"] = TextAreaField(
            _l("Rédaction de la clause"), description=indice_texte(clause.commune.clause)
        )
        valeurs["texte"] = (cellule.texte if cellule.texte is not None else clause.redaction).strip()
    if ecart:
        champs["motif"] = TextAreaField(
            _l("Pourquoi cet écart"),
            validators=[obligatoire()],
            description=_l("L’État et le SIAO le lisent ; les autres opérateurs, non."),
        )
        valeurs["motif"] = cellule.motif
    else:
        champs["motif"] = TextAreaField(
            _l("Pourquoi ce changement"), description=_l("Facultatif. Tous les participants le lisent.")
        )
    champs["vu"] = HiddenField()
    form = type("FormClauseDuTour", (Formulaire,), champs)(data=valeurs, **options)
    if ecart:
        _dire_le_socle(form, clause)
    return form


def _dire_le_socle(form: Any, clause: ClauseDuTour) -> None:
    """Write what the base says beside each value that may depart from it."""
    for parametre in clause.commune.parametres:
        if parametre.type is not TypeParametre.TEXTE_LONG:
            champ = form[champ_valeur(parametre.code)]
            socle = _("Socle : %(valeur)s.", valeur=dire(parametre, clause.valeurs[parametre.code]))
            champ.description = f"{socle} {champ.description}"


def valeurs_de(form: Any, clause: ClauseDuTour) -> dict[str, str]:
    """Return what was typed for each value, as the service reads it."""
    donnees = {}
    for parametre in clause.commune.parametres:
        champ = form[champ_valeur(parametre.code)]
        if parametre.type is TypeParametre.DATE:
            donnees[parametre.code] = champ.data.isoformat() if champ.data else ""
        else:
            donnees[parametre.code] = champ.data or ""
    return donnees
