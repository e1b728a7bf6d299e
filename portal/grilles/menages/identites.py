"""Who a household is: decrypted for the body of a page alone, never for a title, an address, the journal."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.grilles.menages.models import Adulte, Menage
from portal.security.coffre import Coffre, coffre
from portal.shared.db import fetch
from portal.shared.text import normalise


@dataclass(frozen=True)
class Identite:
    """An adult's identity. `representant`: who represents an adult under a protective measure, else ""."""

    nom: str
    prenom: str
    naissance: date
    representant: str = ""

    @property
    def complet(self) -> str:
        """« Prénom NOM »."""
        return f"{self.prenom} {self.nom.upper()}"

    def fermer(self, vault: Coffre) -> str:
        """Return it encrypted, as `Adulte.identite` keeps it."""
        return vault.fermer(asdict(self) | {"naissance": self.naissance.isoformat()})

    @classmethod
    def ouvrir(cls, vault: Coffre, ferme: str) -> "Identite | None":
        """Read what `Adulte.identite` keeps; None where there is no name (the protected circuit)."""
        if not ferme:
            return None
        lu = vault.ouvrir(ferme)
        return cls(lu["nom"], lu["prenom"], date.fromisoformat(lu["naissance"]), lu["representant"])

    def cle(self, vault: Coffre) -> str:
        """Return the keyed hash of name, first name and birth: equal however they are typed."""
        return vault.empreinte(
            "identite", normalise(self.nom), normalise(self.prenom), self.naissance.isoformat()
        )

    def nom_cle(self, vault: Coffre) -> str:
        """Return the keyed hash of the name alone."""
        return cle_du_nom(vault, self.nom)


def cle_du_nom(vault: Coffre, nom: str) -> str:
    """Return the keyed hash of a name."""
    return vault.empreinte("nom", normalise(nom))


def cle_du_numero(vault: Coffre, numero: str) -> str:
    """Return the keyed hash of a demand number, spaces and case set aside."""
    return vault.empreinte("numero_unique", normalise(numero).replace(" ", ""))


def cle_si_siao(vault: Coffre, reference: str) -> str:
    """Return the keyed hash of a SI SIAO reference, punctuation and case set aside."""
    return vault.empreinte("si_siao", normalise(reference).replace(" ", ""))


@dataclass(frozen=True)
class Composition:
    """Who lives with the adults: children in charge, children who come to visit or to stay."""

    a_charge: int = 0
    en_visite: int = 0

    def fermer(self, vault: Coffre) -> str:
        """Return it encrypted, as `Menage.composition` keeps it."""
        return vault.fermer(asdict(self))


def composition(session: Session, menage: Menage) -> Composition:
    """Return the children of a household."""
    return Composition(**coffre(session).ouvrir(menage.composition))


def reference_si_siao(session: Session, menage: Menage) -> str:
    """Return the SI SIAO reference, "" when it is not known."""
    lue: str = coffre(session).ouvrir(menage.si_siao) if menage.si_siao else ""
    return lue


def numero_unique(session: Session, menage: Menage) -> str:
    """Return the number of the demand for social housing, "" when it is not known."""
    lu: str = coffre(session).ouvrir(menage.numero_unique) if menage.numero_unique else ""
    return lu


def presents(menage: Menage) -> list[Adulte]:
    """Return the adults who are of the household today, in order."""
    return [adulte for adulte in menage.adultes if adulte.parti_le is None]


def adultes(
    session: Session, menage: Menage, cles: Collection[int] | None = None
) -> list[tuple[Adulte, Identite | None]]:
    """Return the present adults and who they are, None in the protected circuit. `cles`: those of these keys
    instead, whether or not they are still there."""
    vault = coffre(session)
    gens = presents(menage) if cles is None else [un for un in menage.adultes if un.id in cles]
    return [(adulte, Identite.ouvrir(vault, adulte.identite)) for adulte in gens]


def designation(session: Session, menage: Menage) -> str:
    """Return « Prénom NOM, Prénom NOM », or the code where there is no name. For page bodies only."""
    return _dire([identite for _adulte, identite in adultes(session, menage)], menage.code)


def _dire(identites: Sequence[Identite | None], code: str) -> str:
    return ", ".join(identite.complet for identite in identites if identite) or code


def designations(session: Session, codes: Mapping[int, str]) -> dict[int, str]:
    """Return the designations of some households, by key; `codes`: of each. One statement."""
    vault = coffre(session)
    found: dict[int, list[Identite | None]] = defaultdict(list)
    for row in _lignes(session, codes.keys()):
        found[row.menage_id].append(Identite.ouvrir(vault, row.identite))
    return {key: _dire(found[key], code) for key, code in codes.items()}


def _lignes(session: Session, keys: Collection[int]) -> Sequence[Any]:
    if not keys:
        return []
    return fetch(
        session,
        select(Adulte.menage_id, Adulte.identite)
        .where(Adulte.menage_id.in_(keys), Adulte.parti_le.is_(None))
        .order_by(Adulte.menage_id, Adulte.rang, Adulte.id),
    )
