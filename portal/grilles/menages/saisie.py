"""What people type about a household, checked field by field."""

import re
from dataclasses import dataclass
from datetime import date

from portal.grilles.menages.identites import Composition, Identite
from portal.organisations.saisie import Refusals
from portal.shared.clock import Clock
from portal.shared.dates import plus_mois
from portal.shared.errors import DomainError
from portal.shared.text import normalise

NOM_MAXIMUM = 80
SI_SIAO_MAXIMUM = 40
ADULTES_MAXIMUM = 8
ENFANTS_MAXIMUM = 20
AGES = (14, 120)
"""Of an adult of a household, in years: a minor who has a household of their own is one of its adults."""

_NUMERO = re.compile(r"[0-9]{2}[0-9AB][0-9A-Z]{15}")


@dataclass(frozen=True, kw_only=True)
class SaisieAdulte:
    """An adult as typed."""

    nom: str = ""
    prenom: str = ""
    naissance: date | None = None
    representant: str = ""

    @property
    def vide(self) -> bool:
        """Tell whether nothing was typed."""
        return not (self.nom or self.prenom or self.naissance or self.representant)


@dataclass(frozen=True, kw_only=True)
class SaisieMenage:
    """A household as typed. `nombre_adultes`: in the protected circuit, where `adultes` is empty."""

    departement_code: str
    adultes: tuple[SaisieAdulte, ...] = ()
    si_siao: str = ""
    numero_unique: str = ""
    a_charge: int = 0
    en_visite: int = 0
    protege: bool = False
    nombre_adultes: int = 1


def lire_numero_unique(texte: str, champ: str = "numero_unique") -> str:
    """Return the number of a demand for social housing, without spaces, in capitals; "" for nothing.

    Its shape alone is checked: 18 characters, the first three being those of the département; whether the
    demand exists and is up to date, only the system that registers them knows. Raises DomainError.
    """
    numero = re.sub(r"[\s.\-/]+", "", texte).upper()
    if numero and not _NUMERO.fullmatch(numero):
        raise DomainError("menages.numero_unique", champ)
    return numero


def lire_si_siao(texte: str) -> str:
    """Return a reference of the SI SIAO, free and short. Raises DomainError."""
    reference = " ".join(texte.split())
    if len(reference) > SI_SIAO_MAXIMUM:
        raise DomainError("menages.long", "si_siao", maximum=SI_SIAO_MAXIMUM)
    return reference


def lire_identite(clock: Clock, saisie: SaisieAdulte, prefixe: str = "") -> Identite:
    """Return who an adult is. `prefixe`: of the fields that refusals name. Raises DomainErrors."""
    refusals = Refusals()
    nom, prenom = " ".join(saisie.nom.split()), " ".join(saisie.prenom.split())
    representant = " ".join(saisie.representant.split())
    if not normalise(nom):
        refusals.add("menages.nom", f"{prefixe}nom")
    if not normalise(prenom):
        refusals.add("menages.prenom", f"{prefixe}prenom")
    for champ, texte in (("nom", nom), ("prenom", prenom), ("representant", representant)):
        if len(texte) > NOM_MAXIMUM:
            refusals.add("menages.long", f"{prefixe}{champ}", maximum=NOM_MAXIMUM)
    naissance = saisie.naissance
    if naissance is None:
        refusals.add("menages.naissance", f"{prefixe}naissance")
    elif not _age_possible(clock.today(), naissance):
        refusals.add("menages.naissance_absurde", f"{prefixe}naissance")
    refusals.raise_any()
    assert naissance is not None
    return Identite(nom, prenom, naissance, representant)


def _age_possible(jour: date, naissance: date) -> bool:
    jeune, vieux = AGES
    return plus_mois(jour, -12 * vieux) <= naissance <= plus_mois(jour, -12 * jeune)


def lire_composition(a_charge: int, en_visite: int) -> Composition:
    """Return the children of a household; a form bounds both numbers."""
    return Composition(min(max(a_charge, 0), ENFANTS_MAXIMUM), min(max(en_visite, 0), ENFANTS_MAXIMUM))
