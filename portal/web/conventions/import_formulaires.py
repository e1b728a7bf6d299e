"""Forms of the import of a follow-up: the file, its columns, what to do with what the preview showed."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.conventions.import_suivi.analyse import Sort
from portal.conventions.import_suivi.colonnes import LIBELLES_CHAMP, Champ, Colonnes
from portal.conventions.import_suivi.travaux import Depot
from portal.web.forms import OBLIGATOIRE, Formulaire, _l

CREER = "creer"
TOUT, VALIDES = "tout", "valides"
INCONNUS_MONTRES = 200  # beyond, the operators are created as the file names them
INCONNUS_AVEC_AUTRES = 40  # beyond, each choice offers close names only: the page stays light
NUMEROS_MONTRES = 8
EXEMPLE_MAXIMUM = 28  # characters of a sample in a choice

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


class FormColonnes(Formulaire):
    """Which column of the file says what; its fields are named after what a column may say."""

    def choisies(self) -> Colonnes:
        """Return the columns chosen."""
        return {champ: int(self[champ.value].data) for champ in Champ if self[champ.value].data}


for _champ, _libelle in LIBELLES_CHAMP.items():
    setattr(FormColonnes, _champ.value, SelectField(_l(_libelle)))


def form_colonnes(donne: Depot) -> FormColonnes:
    """Return the form of the columns of a file, those recognised already chosen."""
    form = FormColonnes(data={champ.value: str(donne.colonnes.get(champ, "")) for champ in Champ})
    titres = [(str(index), _colonne(donne, index)) for index in range(len(donne.entetes))]
    for champ in Champ:
        cast(SelectField, form[champ.value]).choices = [("", _("Absente du fichier")), *titres]
    return form


def _colonne(donne: Depot, index: int) -> str:
    """Return the title of a column, then what it holds in the first lines."""
    valeurs = (ligne[index] for ligne in donne.exemples)
    exemples = [texte[:EXEMPLE_MAXIMUM] for texte in dict.fromkeys(valeurs) if texte]
    return donne.entetes[index] + (f" ({' ; '.join(exemples)})" if exemples else "")


class FormConfirmer(Formulaire):
    """What to write, and who the operators unknown to the portal are (fields `operateur_0`, …)."""

    lignes = RadioField(_l("Lignes à importer"))


def a_reconnaitre(resultat: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the unknown operators to ask about: not those whose every line is refused for another reason."""
    refusees = {ligne["numero"] for ligne in resultat["lignes"] if ligne["sort"] == Sort.REFUSEE.value}
    return [i for i in resultat["inconnus"] if not i["nom"] or not refusees.issuperset(i["lignes"])]


def form_confirmer(inconnus: Sequence[Mapping[str, Any]], autres: Organismes, *, refus: bool) -> Any:
    """Return the form of a preview.

    `inconnus`: operators to ask about; `autres`: organisations to choose from; `refus`: a line is refused.
    """
    montres = inconnus[:INCONNUS_MONTRES]
    classe = type("FormConfirmer", (FormConfirmer,), {})
    for rang, inconnu in enumerate(montres):
        champ = SelectField(
            inconnu["nom"] or inconnu["siren"],
            description=_operateur(inconnu),
            choices=_choix(inconnu, autres if len(inconnus) <= INCONNUS_AVEC_AUTRES else ()),
        )
        setattr(classe, f"operateur_{rang}", champ)
    usuels = {f"operateur_{rang}": _usuel(inconnu) for rang, inconnu in enumerate(montres)}
    form: FormConfirmer = classe(data={"lignes": VALIDES if refus else TOUT, **usuels})
    form.lignes.choices = [
        (TOUT, _("Tout ou rien : si une seule ligne est refusée, rien n’est écrit.")),
        (VALIDES, _("Les lignes valides seulement : celles qui sont refusées sont laissées de côté.")),
    ]
    return form


def operateurs(form: Formulaire) -> list[Field]:
    """Return the fields of the unknown operators."""
    return [champ for champ in form if champ.name.startswith("operateur_")]


def choix_d_operateurs(form: Formulaire, inconnus: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """Return the organisation matched with each unknown operator (empty: to be created), by its key.

    None when one is still to be said: the form then tells which.
    """
    choix, complet = {}, True
    for champ, inconnu in zip(operateurs(form), inconnus, strict=False):
        if champ.data == "":
            champ.errors = [_("Dites s’il s’agit d’un organisme déjà connu, ou s’il faut le créer.")]
            complet = False
        choix[inconnu["cle"]] = "" if champ.data == CREER else champ.data
    return choix if complet else None


def refusees_restantes(resultat: Mapping[str, Any], choix: Mapping[str, str]) -> int:
    """Return how many refused lines remain, once those that only lacked an operator have one."""
    nommees = sum(len(i["lignes"]) for i in resultat["inconnus"] if not i["nom"] and choix.get(i["cle"]))
    return max(0, int(resultat["refusee"]) - nommees)


def _usuel(inconnu: Mapping[str, Any]) -> str:
    """Return the choice made beforehand: none when a close name exists, so that nothing is guessed."""
    return "" if inconnu["propositions"] else CREER


def _choix(inconnu: Mapping[str, Any], autres: Organismes) -> list[SelectChoice]:
    proches = [(ref, nom) for ref, nom in inconnu["propositions"]]
    connus = {ref for ref, _nom in proches}
    creer = _("Créer « %(nom)s »", nom=inconnu["nom"]) if inconnu["nom"] else _("Laisser ces lignes de côté")
    return [
        *([SelectChoice("", _("À choisir"))] if proches else []),
        SelectChoice(CREER, creer),
        *(SelectChoice(ref, nom, optgroup=_("Noms proches")) for ref, nom in proches),
        *(
            SelectChoice(ref, nom, optgroup=_("Autres organismes connus"))
            for ref, nom in autres
            if ref not in connus
        ),
    ]


def _operateur(inconnu: Mapping[str, Any]) -> str:
    """Return the number of an unknown operator and the lines that name it."""
    numeros = inconnu["lignes"]
    debut = ", ".join(map(str, numeros[:NUMEROS_MONTRES])) + ("…" if len(numeros) > NUMEROS_MONTRES else "")
    lignes = ngettext(
        "Ligne %(debut)s du fichier.", "Lignes %(debut)s du fichier.", len(numeros), debut=debut
    )
    return f"SIREN {inconnu['siren']}. {lignes}" if inconnu["siren"] and inconnu["nom"] else lignes
