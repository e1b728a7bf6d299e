"""What may leave a household's grid: the one allow-list. Whatever is not named here does not leave.

Everything shown, sent, printed or exported to whoever is not the household's worker or its SIAO comes from
`construire`, a pure function (domaine.md §§ 6.3, 6.5); `composer` only gathers what it takes. A field leaves
because its scope says so, in a section that the household authorised, with a value of its own kind; anything
else is left out without a trace.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.conventions.jours import fuseau_de
from portal.grilles import contenu
from portal.grilles.calculs import Resultat, sans_autres_charges
from portal.grilles.enums import Portee, Reponse
from portal.grilles.menages import identites
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage import queries as grilles
from portal.grilles.remplissage.models import GrilleAcces

Reponses = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Answers of a grid: section, question, field."""

FAITS = frozenset({"oui", "non", "en_cours", "sans_objet"})
AUTONOMIES = frozenset({"autonome", "ponctuel", "regulier"})
SOURCES = {
    "B5": ("A1.adultes", "A1.enfants", "B1.total", "B4.reponse", "B6.reponse"),
    "B6": ("B1.total",),
}
"""What each computed value is made of. It leaves if all of that leaves too: nothing else is deduced from it
(docs/decisions/015)."""


@dataclass(frozen=True, slots=True)
class AdulteSorti:
    """An adult as named in the heading. `naissance`: ISO day."""

    nom: str
    prenom: str
    naissance: str


@dataclass(frozen=True, slots=True)
class Entete:
    """The fixed heading. In the protected circuit `adultes` and `numero_unique` are empty: `code` and
    `si_siao`, empty otherwise, stand for them. `version`: number of the grid; `figee_le`: ISO day."""

    adultes: tuple[AdulteSorti, ...]
    numero_unique: str
    expediteur: str
    version: int
    figee_le: str
    code: str = ""
    si_siao: str = ""


@dataclass(frozen=True, slots=True)
class ChampSorti:
    """An answer. `valeur`: None for « non renseigné »; the words of the choice for a list."""

    code: str
    libelle: str
    reponse: Reponse
    valeur: Any


@dataclass(frozen=True, slots=True)
class ItemSorti:
    """A question that leaves, with the only fields of it that do."""

    code: str
    libelle: str
    champs: tuple[ChampSorti, ...]


@dataclass(frozen=True, slots=True)
class SectionSortie:
    """A section that leaves."""

    code: str
    titre: str
    items: tuple[ItemSorti, ...]


@dataclass(frozen=True, slots=True)
class Sortie:
    """Exactly what leaves for one recipient."""

    entete: Entete
    sections: tuple[SectionSortie, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as it is frozen."""
        data: dict[str, Any] = json.loads(_canonique(self))
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Sortie":
        """Return what was frozen. Raises KeyError, TypeError, ValueError."""
        entete = data["entete"]
        return cls(
            Entete(**{**entete, "adultes": tuple(AdulteSorti(**a) for a in entete["adultes"])}),
            tuple(
                SectionSortie(
                    s["code"],
                    s["titre"],
                    tuple(
                        ItemSorti(
                            i["code"],
                            i["libelle"],
                            tuple(
                                ChampSorti(c["code"], c["libelle"], Reponse(c["reponse"]), c["valeur"])
                                for c in i["champs"]
                            ),
                        )
                        for i in s["items"]
                    ),
                )
                for s in data["sections"]
            ),
        )

    def empreinte(self) -> str:
        """Return its SHA-256, 64 characters: equal for equal contents, whatever they were read from."""
        return hashlib.sha256(_canonique(self).encode()).hexdigest()


def composer(
    session: Session,
    menage: Menage,
    grille: GrilleAcces,
    sections: Collection[str],
    champs_voulus: Collection[str],
    expediteur: str,
    portee: Portee = Portee.P1,
    adultes: Collection[int] | None = None,
) -> Sortie:
    """Return what leaves of a household's grid: see `construire`. `expediteur`: who sends it, in words;
    `adultes`: keys of those whom the heading names, the present ones by default.

    In the protected circuit no name, no birth date and no demand number: its code and SI SIAO reference.
    """
    protege = menage.protege
    entete = Entete(
        adultes=tuple(
            AdulteSorti(identite.nom, identite.prenom, identite.naissance.isoformat())
            for _adulte, identite in identites.adultes(session, menage, adultes)
            if identite is not None and not protege
        ),
        numero_unique="" if protege else identites.numero_unique(session, menage),
        expediteur=expediteur,
        version=grille.numero,
        figee_le=_le(grille, menage.departement_code),
        code=menage.code if protege else "",
        si_siao=identites.reference_si_siao(session, menage) if protege else "",
    )
    return construire(
        entete,
        grilles.modele(session, grille),
        grilles.reponses(session, grille),
        sections=sections,
        champs_voulus=champs_voulus,
        portee=portee,
    )


def _le(grille: GrilleAcces, departement_code: str) -> str:
    if grille.figee_le is None:
        return ""
    return grille.figee_le.astimezone(ZoneInfo(fuseau_de(departement_code))).date().isoformat()


def construire(
    entete: Entete,
    modele: contenu.Grille,
    reponses: Reponses,
    *,
    sections: Collection[str],
    champs_voulus: Collection[str] = (),
    portee: Portee = Portee.P1,
) -> Sortie:
    """Return what leaves of the answers: the fields of `portee` and wider, of the authorised `sections`.

    `champs_voulus`: P2 fields that the household, or who represents it, wants sent, as « B8.montant »; no
    other field can be named there. In the protected circuit the demand number leaves neither. Raises
    ValueError for P3, which never leaves.
    """
    if portee is Portee.P3:
        raise ValueError("P3 never leaves")

    def ouvert(item: contenu.Item, champ: contenu.Champ) -> bool:
        if not item.posee or (entete.code and champ.reponse is Reponse.NUMERO_UNIQUE):
            return False
        voulu = champ.p1_si is not None and _nom(item, champ) in champs_voulus
        return champ.portee is Portee.P1 or (champ.portee is Portee.P2 and (portee is Portee.P2 or voulu))

    autorisees = [section for section in modele.sections if section.code in sections]
    ouverts = {
        _nom(item, champ)
        for section in autorisees
        for item in section.items
        for champ in item.champs
        if ouvert(item, champ)
    }

    def sort(item: contenu.Item, champ: contenu.Champ) -> bool:
        sources = SOURCES.get(item.code) if champ.reponse is Reponse.CALCUL else ()
        return _nom(item, champ) in ouverts and sources is not None and ouverts.issuperset(sources)

    lire = _LECTEURS | {Reponse.CALCUL: partial(_calcul, entier=portee is Portee.P2)}
    return Sortie(
        entete,
        tuple(
            SectionSortie(section.code, section.titre, items)
            for section in autorisees
            if (items := _items(section, reponses.get(section.code, {}), sort, lire))
        ),
    )


def _nom(item: contenu.Item, champ: contenu.Champ) -> str:
    return f"{item.code}.{champ.code}"


def champs_ouvrables(modele: contenu.Grille) -> dict[str, contenu.Champ]:
    """Return the fields that may be named in `champs_voulus`, by « question.champ »."""
    return {
        _nom(item, champ): champ
        for item in modele.items()
        for champ in item.champs
        if item.posee and champ.p1_si and champ.portee is Portee.P2
    }


Lecteur = Callable[[contenu.Champ, Any], Any]
"""Returns a value of the field's own kind, None for anything else."""


def _items(
    section: contenu.Section,
    reponses: Mapping[str, Mapping[str, Any]],
    sort: Callable[[contenu.Item, contenu.Champ], bool],
    lire: Mapping[Reponse, Lecteur],
) -> tuple[ItemSorti, ...]:
    sortis = []
    for item in section.items:
        donnees = reponses.get(item.code, {})
        champs = tuple(
            ChampSorti(
                champ.code, champ.libelle, champ.reponse, lire[champ.reponse](champ, donnees.get(champ.code))
            )
            for champ in item.champs
            if sort(item, champ)
        )
        if champs:
            sortis.append(ItemSorti(item.code, item.libelle, champs))
    return tuple(sortis)


def _un_de(codes: Collection[str]) -> Callable[[contenu.Champ, Any], Any]:
    return lambda champ, valeur: valeur if isinstance(valeur, str) and valeur in codes else None


def _entier(champ: contenu.Champ, valeur: Any) -> Any:
    return valeur if isinstance(valeur, int) and not isinstance(valeur, bool) else None


def _texte(champ: contenu.Champ, valeur: Any) -> Any:
    return valeur if isinstance(valeur, str) and valeur.strip() else None


def _jour(champ: contenu.Champ, valeur: Any) -> Any:
    try:
        return date.fromisoformat(valeur).isoformat()
    except (TypeError, ValueError):
        return None


def _choix(champ: contenu.Champ, valeur: Any) -> Any:
    return next((choix.libelle for choix in champ.choix if choix.code == valeur), None)


def _plusieurs(champ: contenu.Champ, valeur: Any) -> Any:
    if not isinstance(valeur, list):
        return None
    return [choix.libelle for choix in champ.choix if choix.code in valeur] or None


def _calcul(_champ: contenu.Champ, valeur: Any, *, entier: bool = False) -> Any:
    """Return a computed value with its formula, its date, the words of its parameters: never its terms.
    `entier`: with the other charges of the département."""
    try:
        lu = Resultat.from_json(valeur)
        lu = lu if entier else sans_autres_charges(lu)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None
    if not isinstance(lu.valeur, int) or not isinstance(lu.formule, str):
        return None
    parametres: Iterable[tuple[str, Any]] = lu.parametres  # as stored: words or not
    return {
        "valeur": lu.valeur,
        "unite": lu.unite.value,
        "formule": lu.formule,
        "le": lu.le.isoformat(),
        "parametres": {nom: mots for nom, mots in parametres if isinstance(mots, str)},
    }


_LECTEURS: dict[Reponse, Lecteur] = {
    Reponse.FAIT: _un_de(FAITS),
    Reponse.AUTONOMIE: _un_de(AUTONOMIES),
    Reponse.MONTANT: _entier,
    Reponse.NOMBRE: _entier,
    Reponse.DATE: _jour,
    Reponse.LISTE: _choix,
    Reponse.CHOIX_MULTIPLE: _plusieurs,
    Reponse.TEXTE_COURT: _texte,
    Reponse.NUMERO_UNIQUE: _texte,
    Reponse.PAROLE: _texte,
    Reponse.CALCUL: _calcul,
}


def _canonique(sortie: Sortie) -> str:
    return json.dumps(
        asdict(sortie),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        default=lambda value: value.value,
    )
