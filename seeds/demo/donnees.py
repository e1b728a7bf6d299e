"""Reading the demonstration's files: one per territory, plus the names the loader draws from."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from portal.conventions.enums import Mode, Partie
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil

FOLDER = Path(__file__).parent

# A day of the files: a date, « J-45 », « J+30 » or « 62 % » (see `calendrier`).
Jour = date | str


@dataclass(frozen=True)
class Structure:
    """`natures`: places by code, True when the nature has none to count; `fermee`: closed on that day."""

    nom: str
    commune: str
    natures: dict[str, Any]
    categorie: str = ""  # FINESS category of a structure whose nature is still to be qualified
    fermee: date | None = None


@dataclass(frozen=True)
class Report:
    """A move of the target date: on which day, to which, and why."""

    le: Jour
    a: date
    motif: str


@dataclass(frozen=True)
class Resiliation:
    """A termination: notified on which day, by whom, and why."""

    notifiee: Jour
    par: Partie
    motif: str


@dataclass(frozen=True)
class Classement:
    """A proposal of the SIAO to close the line, which the State has not answered."""

    le: Jour
    motif: str


@dataclass(frozen=True)
class Ligne:
    """A CTP of an operator with a SIAO.

    `etat`: a stored state, or « reprise » (signed before the portal opened). `le`: the day it entered that
    state; for a signed one, the day of its last signature. `renouvelle`: it replaces the previous line of
    the pair.
    """

    siao: str
    etat: str
    le: Jour
    renouvelle: bool = False
    motif: str = ""
    signatures: tuple[Partie, ...] = ()  # « en signature »: those already given
    effet: Jour | None = None
    fin: Jour | None = None
    resiliation: Resiliation | None = None
    classement: Classement | None = None
    cible: Jour | None = None
    report: Report | None = None
    mode: Mode | None = None
    dialogue: Jour | None = None
    natures: dict[str, int] | None = None  # those of its structures in the département, when not said
    si_siao: bool = False
    notes: str = ""


@dataclass(frozen=True)
class Organisation:
    """An organisation; `cle` names it in the files and makes its e-mail domain."""

    cle: str
    type: TypeOrganisation
    nom: str
    commune: str
    departement: str
    telephone: str
    sigle: str = ""
    departements: tuple[str, ...] = ()
    meme_siren: str = ""  # the organisation that carries it
    nom_provisoire: bool = False
    structures: tuple[Structure, ...] = ()
    lignes: tuple[Ligne, ...] = ()


@dataclass(frozen=True)
class Adhesion:
    """A profile in an organisation, for its home département unless said."""

    organisation: str
    profil: Profil
    departement: str = ""


@dataclass(frozen=True)
class Personne:
    """An account; `nom`: the first word is the first name."""

    email: str
    nom: str
    adhesions: tuple[Adhesion, ...]


@dataclass(frozen=True)
class Noms:
    """Fictitious first names, last names and streets."""

    prenoms: tuple[str, ...]
    noms: tuple[str, ...]
    rues: tuple[str, ...]

    def personne(self, rang: int) -> str:
        """Return the name of a fictitious signatory."""
        return f"{self.prenoms[rang % len(self.prenoms)]} {self.noms[rang * 7 % len(self.noms)]}"

    def voie(self, rang: int) -> str:
        """Return a fictitious street and number."""
        return f"{1 + rang * 11 % 60} {self.rues[rang % len(self.rues)]}"


@dataclass
class Donnees:
    """Everything the files say. `responsables`: e-mails that take charge of a département's lines in turn."""

    noms: Noms
    organisations: list[Organisation] = field(default_factory=list)
    personnes: list[Personne] = field(default_factory=list)
    responsables: dict[str, list[str]] = field(default_factory=dict)


def read() -> Donnees:
    """Read every file; a word that the loader does not know is an error."""
    noms = _toml(FOLDER / "noms.toml")
    donnees = Donnees(Noms(**{key: tuple(values) for key, values in noms.items()}))
    for path in sorted((FOLDER / "territoires").glob("*.toml")):
        territoire = _toml(path)
        home = territoire.get("departement", "")
        donnees.responsables[home] = territoire["responsables"]
        defaults = {"departement": home, "telephone": territoire["telephone"]}
        donnees.organisations += [_organisation(defaults | row) for row in territoire["organisation"]]
        donnees.personnes += [_personne(row) for row in territoire["personne"]]
    return donnees


def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _organisation(row: dict[str, Any]) -> Organisation:
    return Organisation(
        **row
        | {
            "type": TypeOrganisation(row["type"]),
            "departements": tuple(row.get("departements", ())),
            "structures": tuple(Structure(**one) for one in row.get("structures", ())),
            "lignes": tuple(_ligne(one) for one in row.get("lignes", ())),
        }
    )


def _ligne(row: dict[str, Any]) -> Ligne:
    resiliation, report, classement = row.get("resiliation"), row.get("report"), row.get("classement")
    if resiliation:
        resiliation = Resiliation(**resiliation | {"par": Partie(resiliation["par"])})
    return Ligne(
        **row
        | {
            "mode": Mode(row["mode"]) if "mode" in row else None,
            "signatures": tuple(Partie(code) for code in row.get("signatures", ())),
            "resiliation": resiliation,
            "report": Report(**report) if report else None,
            "classement": Classement(**classement) if classement else None,
        }
    )


def _personne(row: dict[str, Any]) -> Personne:
    adhesions = tuple(Adhesion(**one | {"profil": Profil(one["profil"])}) for one in row["adhesions"])
    return Personne(row["email"], row["nom"], adhesions)
