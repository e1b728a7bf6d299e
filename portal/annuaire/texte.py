"""What the search reads of an entry: its words, the marks of its filters, and what its ranking looks at.

Pure: everything comes in as labels and codes. A record is written with all the forms under which people ask
for it (`seeds/reference/annuaire/recherche.toml`), so that a search needs no more than the words typed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from portal.annuaire.nomenclatures import Fonction, ecritures, publics
from portal.organisations.enums import LIBELLES_TYPE, TypeOrganisation
from portal.organisations.referentiel import Lieu
from portal.shared.search import MAX_WORDS, Terme, mark, named
from portal.shared.text import normalise, sort_key

POIDS = (8, 6, 6, 5, 4, 1)
"""What a word is worth in each section of `poids_recherche`: holder, deputies, function, organisation, place,
the rest. Twice that when the word is whole there."""

ENTIER = (20, 10, 14, 10, 8, 0)
"""What it is worth that a whole section was asked for (« référent SIAO », « Camille Exemple »), or its
share of the prize."""

MIN_DIGITS = 2  # of a phone number, typed by pairs
_PHONE = re.compile(r"(?<!\d)(?<!\d[\s.-])(?:\+33|0033|0)[\s.(-]*(?:0\)\s*)?[1-9](?:[\s.-]?\d){1,8}\b")
_PREFIX = re.compile(r"^(?:\+33|0033)[\s.(-]*(?:0\)\s*)?")


@dataclass(frozen=True, kw_only=True)
class Indexe:
    """An entry as the search sees it: labels in French, codes, everyone who holds or will hold it.

    `nom`: of the holder; `suppleants`: names of the deputies and of those named for later; `anciens`: names
    of those who left, who still lead to the function; `lieux`: names of the territories; `lieux_tus`: names
    that find the entry and count for little (the communes of an EPCI).
    """

    fonction: Fonction
    organisation: str
    sigle: str
    type: TypeOrganisation
    departement_code: str
    departement: str
    structure: str = ""
    mention: str = ""
    nom: str = ""
    suppleants: Sequence[str] = ()
    anciens: Sequence[str] = ()
    telephones: Sequence[str] = ()
    emails: Sequence[str] = ()
    commune: str = ""
    codes_postaux: str = ""
    territoires: Sequence[Lieu] = ()
    lieux: Sequence[str] = ()
    lieux_tus: Sequence[str] = ()
    natures: Sequence[tuple[str, str]] = ()  # code, label
    publics: Sequence[str] = ()  # codes


@dataclass(frozen=True)
class Textes:
    """The columns kept for the search: `tri`, `texte_recherche`, `poids_recherche`."""

    tri: str
    texte_recherche: str
    poids_recherche: str


def composer(entree: Indexe) -> Textes:
    """Return what is kept of an entry for the search."""
    natures = " ".join(f"{code} {label}" for code, label in entree.natures)
    sections = [
        normalise(entree.nom),
        normalise(" ".join(entree.suppleants)),
        normalise(entree.fonction.libelle.fr),
        normalise(f"{entree.organisation} {entree.sigle} {entree.structure}"),
        normalise(" ".join((entree.commune, *entree.lieux))),
        normalise(
            " ".join(
                (
                    entree.mention,
                    natures,
                    entree.fonction.sujet.fr,
                    entree.fonction.mots_pour(entree.type),
                    LIBELLES_TYPE[entree.type],
                    "département",
                    entree.departement_code,
                    entree.departement,
                    entree.codes_postaux,
                    *(publics()[code].fr for code in entree.publics if code in publics()),
                    *entree.anciens,
                    *entree.emails,
                )
            )
        ),
    ]
    elargies = [elargir(section) for section in sections]
    mots = dict.fromkeys(" ".join((*elargies, normalise(" ".join(entree.lieux_tus)))).split())
    for telephone in entree.telephones:
        mots |= dict.fromkeys(suffixes(telephone))
    marques = [named(mot) for section in elargies[:2] for mot in section.split()]
    texte = " ".join((*mots, *dict.fromkeys((*marques, *marks(entree)))))
    tri = sort_key(f"{entree.organisation} {entree.structure} {entree.fonction.libelle.fr}")
    poids_recherche = "|".join(map(_classee, sections, elargies))
    return Textes(tri, f" {texte}", poids_recherche)


def _classee(section: str, elargie: str) -> str:
    """Return a section as the ranking reads it: the words that say it, a bar, every form of them."""
    vides = ecritures().vides
    dits = " ".join(canonique(mot) for mot in section.split() if mot not in vides)
    return f" {dits} / {elargie} "


def canonique(mot: str) -> str:
    """Return the first form of a word that stands for others, in the singular: « st » → « saint »."""
    return _canoniques().get(mot, racine(mot))


@cache
def _canoniques() -> dict[str, str]:
    seuls = ([forme for forme in groupe if " " not in forme] for groupe in ecritures().groupes)
    return {forme: racine(groupe[0]) for groupe in seuls for forme in groupe}


def marks(entree: Indexe) -> list[str]:
    """Return the marks of the filters: one search combines them with what is typed."""
    found = [
        mark("d", entree.departement_code),
        mark("f", entree.fonction.code),
        mark("y", entree.type.value),
        *(mark("n", code) for code, _label in entree.natures),
        *(mark("p", code) for code in entree.publics),
        *(territory_mark(lieu) for lieu in entree.territoires),
    ]
    if not entree.natures:
        found.append(mark("n", "toutes"))
    if not entree.publics:
        found.append(mark("p", "tous"))
    if not entree.territoires:
        found.append(mark("t", f"departement{entree.departement_code}"))
    return found


def territory_mark(lieu: Lieu) -> str:
    """Return the mark of a territory."""
    return mark("t", f"{lieu.maille.value}{lieu.code}")


def elargir(section: str) -> str:
    """Return a normalised text with, after it, the other forms of what it holds."""
    texte = f" {section} "
    ajouts: dict[str, None] = {}
    for forme, autres in _formes():
        if f" {forme} " in texte:
            ajouts |= dict.fromkeys(autres)
    return " ".join((section, *(mot for mot in ajouts if f" {mot} " not in texte))).strip()


@cache
def _formes() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each form with the words of those that stand for it."""
    vides = ecritures().vides
    return tuple(
        (
            forme,
            tuple(
                mot
                for autre in groupe
                if autre != forme
                for mot in autre.split()
                if mot not in vides or " " not in autre
            ),
        )
        for groupe in ecritures().groupes
        for forme in groupe
    )


def suffixes(telephone: str) -> list[str]:
    """Return the ends of a phone number: whatever digits are typed of it begin one of them."""
    chiffres = re.sub(r"\D", "", _PREFIX.sub("0", telephone))
    return [chiffres[rang:] for rang in range(max(1, len(chiffres) - MIN_DIGITS + 1))] if chiffres else []


def mots_tapes(texte: str) -> list[str]:
    """Return the words that count of what was typed: a phone number is one, small words are left out.

    « réf. siao de st-brieuc » → ref siao st brieuc; « +33 2 96 00 » → 029600.
    """
    vides = ecritures().vides
    compact = _PHONE.sub(lambda trouve: " " + re.sub(r"\D", "", _PREFIX.sub("0", trouve[0])) + " ", texte)
    mots = list(dict.fromkeys(normalise(compact).split()))
    return ([mot for mot in mots if mot not in vides] or mots)[:MAX_WORDS]


def racine(mot: str) -> str:
    """Return a word without the mark of its plural, which begins the singular and the plural alike."""
    return mot[:-1] if len(mot) > 4 and mot[-1] in "sx" and not mot.isdigit() else mot


def paliers(mots: Sequence[str]) -> list[list[list[Terme]]]:
    """Return the searches to be tried, the surest first: names, whole words, beginnings of words."""
    return [
        [[Terme(named(racine(mot)), debut=True)] for mot in mots],
        [[Terme(forme) for forme in dict.fromkeys((mot, racine(mot)))] for mot in mots],
        [[Terme(racine(mot), debut=True)] for mot in mots],
    ]


def score(mots: Sequence[str], poids_recherche: str) -> int:
    """Return how well an entry answers: the sum of its words' worth, more where a section is said whole."""
    sections = poids_recherche.split("|")
    total = 0
    for mot in mots:
        total += max(_worth(mot, section) * poids for section, poids in zip(sections, POIDS, strict=True))
    canoniques = [f" {canonique(mot)} " for mot in mots]
    for section, prime in zip(sections, ENTIER, strict=True):
        dits, _barre, _formes_dites = section.partition("/")
        trouves = sum(mot in dits for mot in canoniques) if prime else 0
        if trouves:
            total += prime * trouves // (dits.count(" ") - 1)
    return total


def _worth(mot: str, section: str) -> int:
    debut = f" {racine(mot)}"
    if debut not in section:
        return 0
    return 2 if f" {mot} " in section or f"{debut} " in section else 1
