"""Forms of the import of entries: the file, its columns, what to do with what the preview showed."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.annuaire.echanges.champs import Champ
from portal.annuaire.echanges.rapprochement import CREER, IGNORER, MAJ
from portal.annuaire.echanges.reperes import ECARTEE
from portal.shared.messages import N_
from portal.web.annuaire import commun
from portal.web.context import current_actor
from portal.web.forms import OBLIGATOIRE, Formulaire, _l
from portal.web.organisations import nomenclatures

TOUT, VALIDES = "tout", "valides"
PREFIXE, DECISION = "mot_", "decision_"
QUESTIONS, PAR_PAGE = 60, 25
NUMEROS_MONTRES = 8
_INTITULES = {
    Champ.ORGANISATION.value: N_("Organisation « %(mot)s »"),
    Champ.FONCTION.value: N_("Fonction « %(mot)s »"),
    Champ.NATURES.value: N_("Nature « %(mot)s »"),
    Champ.PUBLICS.value: N_("Public « %(mot)s »"),
}


class FormFichier(Formulaire):
    """A table of référents."""

    fichier = FileField(
        _l("Votre tableau de référents"),
        validators=[FileRequired(message=OBLIGATOIRE)],
        description=_l("Un fichier Excel (XLSX) ou CSV, avec une ligne de titres et une fonction par ligne."),
    )


class FormConfirmer(Formulaire):
    """What to write; what words mean (`mot_0`, …); the fate of each line to be decided (`decision_12`, …)."""

    lignes = RadioField(_l("Lignes à importer"))
    pour_tout = SelectField(_l("Pour toutes ces lignes"))


def posees(resultat: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the questions of a preview that its page asks."""
    return list(resultat["questions"])[:QUESTIONS]


def form_confirmer(
    resultat: Mapping[str, Any], parametres: Mapping[str, Any], page: Sequence[Mapping[str, Any]]
) -> FormConfirmer:
    """Return the form of a preview. `page`: the lines to be decided that are shown."""
    classe = type("FormConfirmer", (FormConfirmer,), {})
    for rang, question in enumerate(posees(resultat)):
        champ = SelectField(
            _(_INTITULES[question["champ"]], mot=question["ecrit"][:80]),
            description=lignes_dites(question["lignes"]),
            choices=_reponses(question),
            default=question["pris"],
        )
        setattr(classe, f"{PREFIXE}{rang}", champ)
    pour_tout = parametres.get("pour_tout", "")
    for ligne in page:
        champ = SelectField(
            _("Ligne %(numero)s", numero=ligne["numero"]),
            choices=[SelectChoice(valeur, texte) for valeur, texte in _sorts(ligne)],
            default=choix_de(ligne, parametres),
        )
        setattr(classe, f"{DECISION}{ligne['numero']}", champ)
    form: FormConfirmer = classe(
        data={"lignes": VALIDES if resultat["refusee"] else TOUT, "pour_tout": pour_tout}
    )
    form.lignes.choices = [
        (TOUT, _("Tout ou rien : si une seule ligne est refusée, rien n’est écrit.")),
        (VALIDES, _("Les lignes valides seulement : celles qui sont refusées sont laissées de côté.")),
    ]
    form.pour_tout.choices = nomenclatures.options(
        [
            (MAJ, _("Tout mettre à jour")),
            (CREER, _("Tout créer, quand c’est possible")),
            (IGNORER, _("Tout ignorer")),
        ],
        _("Suivre la proposition de chaque ligne"),
    )
    return form


def choix_de(ligne: Mapping[str, Any], parametres: Mapping[str, Any]) -> str:
    """Return the present fate of a line: chosen for it, for all, or proposed (as `analyse` applies them)."""
    choisi = parametres.get("decisions", {}).get(str(ligne["numero"]))
    pour_tout = parametres.get("pour_tout", "")
    if choisi:
        return str(choisi)
    if pour_tout == IGNORER or (pour_tout == CREER and ligne["creer"]):
        return str(pour_tout)
    if pour_tout == MAJ and ligne["proposition"] == CREER:
        return str(ligne["options"][0]["choix"])
    return str(ligne["proposition"])


def _sorts(ligne: Mapping[str, Any]) -> list[tuple[str, str]]:
    seule = len(ligne["options"]) == 1
    choix = [
        (
            option["choix"],
            _("Mettre à jour la fiche") if seule else _("Mettre à jour : %(fiche)s", fiche=_fiche(option)),
        )
        for option in ligne["options"]
    ]
    if ligne["creer"]:
        choix.append((CREER, _("Créer une autre fiche")))
    return [*choix, (IGNORER, _("Ignorer cette ligne"))]


def _fiche(option: Mapping[str, Any]) -> str:
    dites = (option["titulaire"] or _("Personne aujourd’hui"), option["mention"], option["structure"])
    return " – ".join(filter(None, dites))


def decisions(form: Formulaire) -> dict[str, str]:
    """Return the fates of the lines shown, by number."""
    return {
        champ.name.removeprefix(DECISION): champ.data for champ in form if champ.name.startswith(DECISION)
    }


def mots(form: Formulaire, resultat: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers that differ from what the preview took each word for, by the word's key."""
    return {
        question["cle"]: champ.data
        for champ, question in zip(questions(form), posees(resultat), strict=False)
        if champ.data != question["pris"]
    }


def questions(form: Formulaire) -> list[Field]:
    """Return the fields of the questions."""
    return [champ for champ in form if champ.name.startswith(PREFIXE)]


def _reponses(question: Mapping[str, Any]) -> list[SelectChoice]:
    proches = [(valeur, texte) for valeur, texte in question["proches"]]
    champ = question["champ"]
    if champ == Champ.ORGANISATION.value:
        connus = dict(proches) | {ECARTEE: _("Laisser ces lignes de côté")}
    elif champ == Champ.FONCTION.value:
        connus = commun.fonctions(current_actor().departements)
    elif champ == Champ.NATURES.value:
        connus = dict(nomenclatures.natures())
    else:
        connus = dict(commun.publics_choisis())
    tous = [(code, connus[code]) for code in dict.fromkeys([*dict(proches), *connus]) if code in connus]
    premier = "" if question["pris"] else _("À choisir : les lignes restent refusées")
    return nomenclatures.options(tous, premier)


def lignes_dites(numeros: Sequence[int]) -> str:
    """Return which lines of the file something is about, the first ones by their numbers."""
    debut = ", ".join(map(str, numeros[:NUMEROS_MONTRES])) + ("…" if len(numeros) > NUMEROS_MONTRES else "")
    return ngettext("Ligne %(debut)s du fichier.", "Lignes %(debut)s du fichier.", len(numeros), debut=debut)
