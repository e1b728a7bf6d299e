"""The words of the field for functions, publics, territories and ways of being reached: pure, as data.

What is not sure is told: a `Trouve` says whether it was taken for a close writing, and what else is near.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from portal.annuaire.enums import LIBELLES_PREFERENCE, Preference
from portal.annuaire.nomenclatures import DOSSIER, Fonction, publics
from portal.annuaire.texte import canonique
from portal.organisations.enums import TypeOrganisation
from portal.shared.text import normalise

PROCHE, VOISIN = 0.85, 0.55  # likeness of a writing taken for another, then of one merely offered
PROPOSES = 4
SEPARATEURS = re.compile(r"[;\n|]|,(?!\d)")
TOUS = frozenset(
    {"tous", "toutes", "tous publics", "tout public", "toutes natures", "tout le departement", "departement"}
    | {"departemental", "departementale", "ensemble du departement", "toutes les communes", "tout"}
)
_VIDES = frozenset(
    {"referent", "referente", "ref", "refs", "referents", "correspondant", "correspondante", "charge"}
    | {"chargee", "de", "la", "le", "les", "du", "des", "l", "d", "en", "a", "au", "aux", "pour", "et"}
    | {"personne", "contact", "interlocuteur", "interlocutrice"}
)


@dataclass(frozen=True)
class Trouve:
    """What a writing means: `code` empty when it is unknown; `suppose`: taken for a close one."""

    code: str = ""
    suppose: bool = False
    proches: tuple[str, ...] = ()


@cache
def ecritures() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return the other writings of functions, publics and preferences, by kind then code (normalised)."""
    with (DOSSIER / "ecritures_import.toml").open("rb") as file:
        return tomllib.load(file)


def dit_tout(valeur: str) -> bool:
    """Tell whether a cell says « all of them », « the whole département »."""
    return normalise(valeur) in TOUS


def parties(valeur: str) -> list[str]:
    """Return what a cell lists: separated by semicolons, commas, bars or new lines."""
    return [partie for partie in (" ".join(one.split()) for one in SEPARATEURS.split(valeur)) if partie]


def fonction(valeur: str, connues: Mapping[str, Fonction], kind: TypeOrganisation | None) -> Trouve:
    """Return the function that a cell names, among those of a département, for a kind of organisation.

    Its label or code; its label without « référent »; a label that the cell completes (« référente logement
    et relogement »); a word by which it is asked for; a close writing.
    """
    ecrit = normalise(valeur)
    if ecrit in (normalise(code) for code in connues):
        return Trouve(next(code for code in connues if normalise(code) == ecrit))
    cle = _cle(valeur)
    cles = {code: _cle(une.libelle.fr) for code, une in connues.items()}
    labels = {normalise(label): code for code, une in connues.items() for label in _labels(une)}
    if ecrit in labels:
        return Trouve(labels[ecrit])
    exactes = [code for code, autre in cles.items() if autre == cle]
    if len(exactes) == 1:
        return Trouve(exactes[0])
    dites = [
        code
        for code, textes in ecritures()["fonctions"].items()
        if code in connues and (ecrit in textes or cle in map(_cle, textes))
    ]
    if len(dites) == 1:
        return Trouve(dites[0])
    contenues = sorted(
        (code for code, autre in cles.items() if autre and autre < cle), key=lambda c: -len(cles[c])
    )
    if contenues and (len(contenues) == 1 or len(cles[contenues[0]]) > len(cles[contenues[1]])):
        return Trouve(contenues[0], suppose=True)
    if kind is not None and cle:
        par_mot = [
            code
            for code, une in connues.items()
            if une.convient(kind) and cle <= _cle(une.mots_pour(kind) + " " + une.libelle.fr)
        ]
        if len(par_mot) == 1:
            return Trouve(par_mot[0], suppose=True)
    return _approcher(ecrit, labels)


def _labels(une: Fonction) -> Iterable[str]:
    return dict.fromkeys((une.libelle.fr, une.libelle.en))


def _cle(texte: str) -> frozenset[str]:
    """Return the words that say which function it is."""
    return frozenset(canonique(mot) for mot in normalise(texte).split() if mot not in _VIDES)


def public(valeur: str) -> Trouve:
    """Return the public that one part of a cell names."""
    connus = {normalise(label): code for code, une in publics().items() for label in (une.fr, une.en)}
    return _nommer(valeur, connus, "publics", list(publics()))


def preference(valeur: str) -> Preference | None:
    """Return the way of being reached that a cell names, None when it is none."""
    connues = {normalise(label): one.value for one, label in LIBELLES_PREFERENCE.items()}
    trouve = _nommer(valeur, connues, "preferences", [one.value for one in Preference])
    return Preference(trouve.code) if trouve.code and not trouve.suppose else None


def _nommer(valeur: str, labels: Mapping[str, str], genre: str, codes: Sequence[str]) -> Trouve:
    ecrit = normalise(valeur)
    connus = dict(labels) | {normalise(code): code for code in codes}
    connus |= {texte: code for code, textes in ecritures()[genre].items() for texte in textes}
    if ecrit in connus:
        return Trouve(connus[ecrit])
    return _approcher(ecrit, connus)


def _approcher(ecrit: str, connus: Mapping[str, str]) -> Trouve:
    proches = get_close_matches(ecrit, list(connus), PROPOSES, VOISIN)
    sure = get_close_matches(ecrit, proches, 1, PROCHE)
    codes = tuple(dict.fromkeys(connus[proche] for proche in proches))
    return Trouve(connus[sure[0]], suppose=True, proches=codes) if sure else Trouve(proches=codes)


CIVILITES = frozenset({"m", "mr", "mme", "mlle", "monsieur", "madame", "dr", "docteur", "me", "maitre"})


def nom_d_abord(titre: str) -> bool:
    """Tell whether a title says that its column gives the last name first: « Nom et prénom »."""
    ecrits = normalise(titre).split()
    return "nom" in ecrits and "prenom" in ecrits and ecrits.index("nom") < ecrits.index("prenom")


def prenom_et_nom(valeur: str, *, inverse: bool = False) -> tuple[str, str]:
    """Return the first and last names of a cell that holds both.

    « Mme LE GOFF Yann », « Yann LE GOFF », « Le Goff, Yann »: capitals tell the last name, then the comma;
    else the first word is the first name, or the last word when `inverse`.
    """
    avant, virgule, apres = (" ".join(part.split()) for part in valeur.partition(","))
    if virgule and avant and apres:
        return _sans_civilite(apres), _sans_civilite(avant)
    mots = _sans_civilite(" ".join(valeur.split())).split()
    hauts = [mot for mot in mots if len(mot) > 1 and mot.isupper()]
    if hauts and len(hauts) < len(mots):
        return " ".join(mot for mot in mots if mot not in hauts), " ".join(hauts)
    if len(mots) < 2:
        return "", " ".join(mots)
    return (mots[-1], " ".join(mots[:-1])) if inverse else (mots[0], " ".join(mots[1:]))


def _sans_civilite(texte: str) -> str:
    premier, _blanc, reste = texte.partition(" ")
    return reste.strip() if reste and normalise(premier) in CIVILITES else texte


def cle_de_personne(prenom: str, nom: str) -> frozenset[str]:
    """Return what two writings of one person have in common: the words of the names, in any order."""
    return frozenset(normalise(f"{prenom} {nom}").split())
