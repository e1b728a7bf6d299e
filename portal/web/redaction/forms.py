"""Forms of the negotiation: their shape. Rules are checked by the services."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.conventions.enums import LIBELLES_MODE
from portal.conventions.modeles.conditions import LIBELLES_FAIT
from portal.conventions.modeles.contenu import Clause, Parametre, TypeParametre
from portal.conventions.modeles.valeurs import bornes
from portal.conventions.redaction.enums import LIBELLES_ACTE, LIBELLES_FORME, FormeSignature
from portal.conventions.redaction.fournies import FOURNIES, TABLEAU
from portal.conventions.redaction.queries import ClauseLue
from portal.conventions.redaction.service import champ_valeur
from portal.documents.texte import Couleur
from portal.web.forms import ChampDate, Formulaire, _l, obligatoire, read_version


class FormPosition(Formulaire):
    """Where a party stands on a clause. `vu`: the number of the text that was being read."""

    position = HiddenField()
    motif = TextAreaField(_l("Motif"), description=_l("Les autres parties le liront pour vous répondre."))
    vu = HiddenField()


class FormCommentaire(Formulaire):
    """A remark in the thread of a clause."""

    texte = TextAreaField(_l("Votre commentaire"), description=_l("Aucune donnée sur des ménages."))


class FormActe(Formulaire):
    """An act that only asks to be confirmed."""


class FormReprise(Formulaire):
    """Accepting again the clauses that are shown. `clauses`: « code version » of each one."""

    clauses = SelectMultipleField(validate_choice=False)

    @property
    def versions(self) -> dict[str, int]:
        """The versions of the clauses that were shown, by code; 0 (always stale) for one tampered with."""
        lues = (str(mot).rpartition(" ") for mot in self.clauses.data or ())
        return {code: read_version(version) for code, _blanc, version in lues}


class FormVersion(Formulaire):
    """Following the département's last version. `numero`: that of the version that was shown."""

    numero = HiddenField()

    @property
    def numero_lu(self) -> int:
        """The number of the version shown; 0 (never the last one) when it was tampered with."""
        return read_version(self.numero.data)


class FormOuvrir(Formulaire):
    """What decides of some clauses, besides the natures of the line."""

    faits = SelectMultipleField(
        _l("Situation de l’opérateur"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Chaque réponse garde ou retire des clauses. Vous pourrez la changer."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.faits.choices = [(code, _(texte)) for code, texte in LIBELLES_FAIT.items()]


class FormRegler(FormOuvrir):
    """The same, and the natures that wait for an avenant."""

    differees = SelectMultipleField(
        _l("Natures remises à un avenant"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("La convention part à la signature sans elles, et un avenant est prévu."),
    )
    motif = TextAreaField(_l("Pourquoi elles attendent"))
    prevu_le = ChampDate(_l("Avenant prévu le"))


class FormCadre(Formulaire):
    """How a text is negotiated, and the dialogue de gestion of a one-to-one negotiation."""

    mode = SelectField(_l("Négociation"))
    dialogue_le = ChampDate(
        _l("Date du dialogue de gestion"), description=_l("Laissez vide pour une négociation collective.")
    )
    participants = TextAreaField(
        _l("Participants"), description=_l("Un par ligne : nom, qualité, organisation.")
    )
    preparation = TextAreaField(
        _l("Ce que le SIAO a préparé"),
        description=_l("Points à traiter, constats, propositions. Aucune donnée sur des ménages."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        modes = [(mode.value, _(texte)) for mode, texte in LIBELLES_MODE.items()]
        self.mode.choices = [("", _("Pas encore choisie")), *modes]


class FormForme(Formulaire):
    """How a text is signed, where one legal person carries the SIAO and the operator."""

    forme = RadioField(_l("Forme et signataires"))

    def __init__(self, *args: Any, departement: FormeSignature, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usage = _("Comme le département : %(forme)s", forme=_(LIBELLES_FORME[departement]))
        self.forme.choices = [("", usage), *((f.value, _(texte)) for f, texte in LIBELLES_FORME.items())]


class FormEngagement(Formulaire):
    """The act that transcribes what a clause commits to."""

    clause_code = SelectField(_l("Clause"), validators=[obligatoire()])
    acte = SelectField(_l("Acte"), validators=[obligatoire()])
    reference = StringField(
        _l("Référence"),
        validators=[obligatoire()],
        description=_l("L’acte et sa clause, par exemple : CPOM 2025-2029, action 3.2."),
    )
    date = ChampDate(_l("Date de l’acte"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.acte.choices = [(acte.value, _(texte)) for acte, texte in LIBELLES_ACTE.items()]


def form_clause(lue: ClauseLue, depart: str, **options: Any) -> Any:
    """Return the form of what the parties write in a clause, filled with what it says now.

    `depart`: its text as it now stands.
    """
    clause = lue.clause
    champs: dict[str, Any] = {}
    valeurs: dict[str, Any] = {"version": str(lue.ecrit.version)}
    for parametre in _jaunes(clause):
        nom = champ_valeur(parametre.code)
        champs[nom] = champ_parametre(parametre, _de_l_annuaire(clause, parametre))
        valeur = lue.ecrit.valeurs.get(parametre.code, parametre.defaut)
        valeurs[nom] = date_ou_rien(valeur) if parametre.type is TypeParametre.DATE else valeur
    if clause.couleur is Couleur.JAUNE:
        champs["texte"] = TextAreaField(_l("Rédaction de la clause"), description=indice_texte(clause))
        valeurs["texte"] = depart
    champs["motif"] = TextAreaField(
        _l("Pourquoi cette proposition"), description=_l("Facultatif. Les autres parties le liront.")
    )
    return type("FormClause", (Formulaire,), champs)(data=valeurs, **options)


def valeurs_de(form: Any, clause: Clause) -> dict[str, str]:
    """Return what was typed for each yellow value, as the service reads it."""
    donnees = {}
    for parametre in _jaunes(clause):
        champ = form[champ_valeur(parametre.code)]
        if parametre.type is TypeParametre.DATE:
            donnees[parametre.code] = champ.data.isoformat() if champ.data else ""
        else:
            donnees[parametre.code] = champ.data or ""
    return donnees


def _jaunes(clause: Clause) -> list[Parametre]:
    return [p for p in clause.parametres if p.couleur is Couleur.JAUNE]


def date_ou_rien(valeur: str) -> date | None:
    """Return the date of a stored value, None when it is not given."""
    return date.fromisoformat(valeur) if valeur else None


def _de_l_annuaire(clause: Clause, parametre: Parametre) -> str:
    """Return what is told of a value that the directory gives, nothing for another."""
    cle = (clause.code, parametre.code)
    if cle == TABLEAU:
        return _("Facultatif : s’ajoute au tableau tiré de l’annuaire.")
    if cle in FOURNIES:
        return _("Laissé vide : ce que dit l’annuaire le jour où le texte est figé.")
    return ""


def champ_parametre(parametre: Parametre, suite: str = "") -> Any:
    """Return the form field of a parameter, with its bounds, default and origin. `suite`: told besides."""
    libelle = f"{parametre.libelle} ({parametre.unite})" if parametre.unite else parametre.libelle
    options: dict[str, Any] = {"description": f"{indice(parametre)} {suite}".strip()}
    if parametre.type is TypeParametre.DATE:
        return ChampDate(libelle, **options)
    if parametre.type is TypeParametre.CHOIX:
        return SelectField(libelle, choices=_choix(parametre, parametre.choix), **options)
    if parametre.type is TypeParametre.OUI_NON:
        return SelectField(
            libelle, choices=_choix(parametre, (("oui", _("Oui")), ("non", _("Non")))), **options
        )
    if parametre.type is TypeParametre.TEXTE_LONG:
        return TextAreaField(libelle, **options)
    if parametre.type is TypeParametre.NOMBRE:
        options["render_kw"] = {"inputmode": "numeric"}
    return StringField(libelle, **options)


def _choix(parametre: Parametre, choix: Any) -> list[tuple[str, str]]:
    vide = [] if parametre.obligatoire and parametre.defaut else [("", _("À choisir"))]
    return [*vide, *((str(valeur), str(libelle)) for valeur, libelle in choix)]


def indice(parametre: Parametre) -> str:
    """Return what is told beside a value: its bounds, its default, where both come from."""
    bas, haut = bornes(parametre)
    morceaux = []
    if bas and haut:
        morceaux.append(_("De %(bas)s à %(haut)s.", bas=bas, haut=haut))
    if parametre.defaut and parametre.type is not TypeParametre.TEXTE_LONG:
        morceaux.append(_("Par défaut : %(defaut)s.", defaut=_mots(parametre)))
    if parametre.origine:
        morceaux.append(_("Origine : %(origine)s.", origine=parametre.origine.rstrip(".")))
    return " ".join(morceaux)


def _mots(parametre: Parametre) -> str:
    if parametre.type is TypeParametre.CHOIX:
        return dict(parametre.choix).get(parametre.defaut, parametre.defaut)
    return parametre.defaut


def indice_texte(clause: Clause) -> str:
    """Return how the words of a clause are typed, and which values they may show."""
    morceaux = [_("Un paragraphe par bloc, « - » au début d’une ligne pour une liste.")]
    if clause.parametres:
        exemples = ", ".join(f"{{{{{p.code}}}}} ({p.libelle})" for p in clause.parametres)
        morceaux.append(_("Valeurs à insérer : %(exemples)s.", exemples=exemples))
    return " ".join(morceaux)
