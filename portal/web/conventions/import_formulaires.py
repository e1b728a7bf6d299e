"""Forms of the import of a follow-up: the file, its columns, what to do with what the preview showed."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.conventions.import_suivi.analyse import Sort
from portal.conventions.import_suivi.operateurs import ECARTEE
from portal.web.conventions import import_questions as questions
from portal.web.forms import OBLIGATOIRE, Formulaire, _l

CREER = "creer"
TOUT, VALIDES = "tout", "valides"
INCONNUS_MONTRES = 200  # beyond, the operators are created as the file names them
INCONNUS_AVEC_AUTRES = 40  # beyond, each choice offers close names only: the page stays light
NUMEROS_MONTRES = 8

Organismes = Sequence[tuple[str, str]]  # reference, name


class FormFichier(Formulaire):
    """The table that the département keeps."""

    fichier = FileField(
        _l("Votre tableau de suivi"),
        validators=[FileRequired(message=OBLIGATOIRE)],
        description=_l(
            "Un fichier Excel (XLSX) ou CSV, avec une ligne de titres et une convention par ligne."
        ),
    )


class FormConfirmer(Formulaire):
    """What to write, and who the operators unknown to the portal are (fields `operateur_0`, …)."""

    lignes = RadioField(_l("Lignes à importer"))


def a_reconnaitre(resultat: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the unknown operators to ask about: not those whose every line is refused for another reason."""
    refusees = {ligne["numero"] for ligne in resultat["lignes"] if ligne["sort"] == Sort.REFUSEE.value}
    return [i for i in resultat["inconnus"] if not i["nom"] or not refusees.issuperset(i["lignes"])]


def form_confirmer(
    resultat: Mapping[str, Any], choix: Mapping[str, str], autres: Organismes
) -> FormConfirmer:
    """Return the form of a preview.

    `choix`: what was already said of the unknown operators; `autres`: organisations to choose from.
    """
    inconnus = a_reconnaitre(resultat)
    montres = inconnus[:INCONNUS_MONTRES]
    classe = type("FormConfirmer", (FormConfirmer,), {})
    for rang, inconnu in enumerate(montres):
        champ = SelectField(
            inconnu["nom"] or inconnu["siren"] or inconnu["cle"],
            description=_operateur(inconnu),
            choices=_choix(inconnu, autres if len(inconnus) <= INCONNUS_AVEC_AUTRES else ()),
        )
        setattr(classe, f"operateur_{rang}", champ)
    for nom, champ in questions.champs(resultat, _lignes).items():
        setattr(classe, nom, champ)
    usuels = {f"operateur_{rang}": _usuel(inconnu, choix) for rang, inconnu in enumerate(montres)}
    form: FormConfirmer = classe(data={"lignes": VALIDES if resultat["refusee"] else TOUT, **usuels})
    form.lignes.choices = [
        (TOUT, _("Tout ou rien : si une seule ligne est refusée, rien n’est écrit.")),
        (VALIDES, _("Les lignes valides seulement : celles qui sont refusées sont laissées de côté.")),
    ]
    return form


def operateurs(form: Formulaire) -> list[Field]:
    """Return the fields of the unknown operators."""
    return [champ for champ in form if champ.name.startswith("operateur_")]


def choix_faits(form: Formulaire, inconnus: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what was said of the unknown operators, by key: an organisation, ECARTEE, empty to create it."""
    return {
        inconnu["cle"]: "" if champ.data == CREER else champ.data
        for champ, inconnu in zip(operateurs(form), inconnus, strict=False)
        if champ.data
    }


def choix_d_operateurs(form: Formulaire, inconnus: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """Return what was said of every unknown operator (`choix_faits`).

    None when one is still to be said: the form then tells which.
    """
    muets = [champ for champ in operateurs(form) if not champ.data]
    for champ in muets:
        champ.errors = [_("Dites s’il s’agit d’un organisme déjà connu, ou s’il faut le créer.")]
    return None if muets else choix_faits(form, inconnus)


def refusees_restantes(resultat: Mapping[str, Any], choix: Mapping[str, str]) -> int:
    """Return how many refused lines remain, once those that only lacked an operator have one."""
    nommees = sum(len(i["lignes"]) for i in resultat["inconnus"] if not i["nom"] and choix.get(i["cle"]))
    return max(0, int(resultat["refusee"]) - nommees)


def _usuel(inconnu: Mapping[str, Any], choix: Mapping[str, str]) -> str:
    """Return what was said before; else nothing when a close name exists, so that nothing is guessed."""
    if inconnu["cle"] in choix:
        return choix[inconnu["cle"]] or CREER
    return "" if inconnu["propositions"] else CREER if inconnu["nom"] else ECARTEE


def _choix(inconnu: Mapping[str, Any], autres: Organismes) -> list[SelectChoice]:
    proches = [(ref, nom) for ref, nom in inconnu["propositions"]]
    connus = {ref for ref, _nom in proches}
    creer = [SelectChoice(CREER, _("Créer « %(nom)s »", nom=inconnu["nom"]))] if inconnu["nom"] else []
    return [
        *([SelectChoice("", _("À choisir"))] if proches else []),
        *(SelectChoice(ref, nom, optgroup=_("Noms proches")) for ref, nom in proches),
        *creer,
        SelectChoice(ECARTEE, _("Laisser ces lignes de côté")),
        *(
            SelectChoice(ref, nom, optgroup=_("Autres organismes connus"))
            for ref, nom in autres
            if ref not in connus
        ),
    ]


def _operateur(inconnu: Mapping[str, Any]) -> str:
    """Return the number of an unknown operator and the lines that name it."""
    lignes = _lignes(inconnu["lignes"])
    return f"SIREN {inconnu['siren']}. {lignes}" if inconnu["siren"] and inconnu["nom"] else lignes


def _lignes(numeros: Sequence[int]) -> str:
    """Return which lines of the file something is about, the first ones by their numbers."""
    debut = ", ".join(map(str, numeros[:NUMEROS_MONTRES])) + ("…" if len(numeros) > NUMEROS_MONTRES else "")
    return ngettext("Ligne %(debut)s du fichier.", "Lignes %(debut)s du fichier.", len(numeros), debut=debut)
