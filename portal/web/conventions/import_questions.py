"""What an imported file leaves in doubt: its words, each asked about once (fields `mot_0`, …)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.conventions.enums import LIBELLES_STATUT, Statut
from portal.conventions.import_suivi.colonnes import Champ
from portal.conventions.import_suivi.vocabulaire import ETATS
from portal.shared.messages import N_
from portal.web.forms import Formulaire
from portal.web.organisations import nomenclatures

Question = Mapping[str, Any]

PREFIXE = "mot_"
MONTREES = 60
_INTITULES = {
    Champ.NATURES.value: N_("Nature « %(mot)s »"),
    Champ.ETAT.value: N_("État « %(mot)s »"),
    Champ.SIAO.value: N_("SIAO « %(mot)s »"),
    Champ.SERVICE.value: N_("Service de l’État « %(mot)s »"),
}
_MUETS = {  # the cell is empty, and there are several to choose from
    Champ.SIAO.value: N_("SIAO des lignes qui n’en disent rien"),
    Champ.SERVICE.value: N_("Service de l’État des lignes qui n’en disent rien"),
}


def posees(resultat: Mapping[str, Any]) -> list[Question]:
    """Return the questions of a preview that its page asks."""
    return list(resultat.get("questions", []))[:MONTREES]


def champs(resultat: Mapping[str, Any], lignes: Any) -> dict[str, SelectField]:
    """Return the field of each question by its name; `lignes` tells which lines of the file it is about."""
    return {
        f"{PREFIXE}{rang}": SelectField(
            _intitule(question),
            description=lignes(question["lignes"]),
            choices=_choix(question, resultat.get("choix", {})),
            default=question["pris"],
        )
        for rang, question in enumerate(posees(resultat))
    }


def mots(form: Formulaire, resultat: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers that differ from what the preview took each word for, by the word's key."""
    return {
        question["cle"]: champ.data
        for champ, question in zip(de(form), posees(resultat), strict=False)
        if champ.data != question["pris"]
    }


def de(form: Formulaire) -> list[Field]:
    """Return the fields of the questions."""
    return [champ for champ in form if champ.name.startswith(PREFIXE)]


def _intitule(question: Question) -> str:
    if not question["ecrit"]:
        return _(_MUETS[question["champ"]])
    return _(_INTITULES[question["champ"]], mot=question["ecrit"][:80])


def _choix(question: Question, parties: Mapping[str, Sequence[Sequence[str]]]) -> list[SelectChoice]:
    champ, proches = question["champ"], question["proches"]
    if champ == Champ.ETAT.value:
        possibles = set(ETATS.values())
        dits = [(statut.value, _(LIBELLES_STATUT[statut])) for statut in Statut if statut in possibles]
        return nomenclatures.options(dits, _("D’après les dates de la ligne"))
    connus = (
        nomenclatures.natures()
        if champ == Champ.NATURES.value
        else {code: nom for code, nom, *_reste in parties[champ]}
    )
    dits = [(code, connus[code]) for code in dict.fromkeys([*proches, *connus]) if code in connus]
    premier = "" if question["pris"] else _("À choisir : les lignes restent refusées")
    return nomenclatures.options(dits, premier)
