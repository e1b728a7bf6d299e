"""The values of this room that a département may change (domaine.md § 11, marked [P])."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise

from sqlalchemy.orm import Session

from portal.annuaire import regles
from portal.annuaire.regles import Mois, verifie_avant
from portal.organisations import parametres
from portal.shared.messages import N_

BORNES = (1, 36)


@lru_cache(maxsize=64)
def lire_mois(texte: str) -> Mois:
    """Return the four steps written « 6,7,8,9 »; raises ValueError unless each comes after the one before."""
    mois = [int(part) for part in texte.split(",")]
    if len(mois) != len(Mois._fields) or any(apres <= avant for avant, apres in pairwise(mois)):
        raise ValueError(texte)
    if mois[0] < BORNES[0] or mois[-1] > BORNES[1]:
        raise ValueError(texte)
    return Mois(*mois)


VERIFICATION = parametres.declare(
    parametres.Parameter(
        "annuaire.verification_mois",
        N_(
            "Vérification d’une fiche de l’annuaire, en mois : premier courriel, second courriel, "
            "organisation prévenue, fiche grisée"
        ),
        regles.MOIS,
        lire_mois,
        lambda mois: ",".join(map(str, mois)),
        BORNES,
        "domaine.md § 11 [P]",
        "annuaire.paliers",
    )
)
SIGNALEMENT_JOURS = parametres.entier(
    "annuaire.signalement_jours",
    N_("Nombre de jours après lesquels une erreur signalée sans suite est rappelée au SIAO"),
    7,
    (1, 90),
    "domaine.md § 11 [P]",
)


def mois_par_departement(session: Session, codes: Sequence[str]) -> dict[str, Mois]:
    """Return the steps of some départements, by code. One statement."""
    if not codes:
        return {}
    found = parametres.by_departement(session, codes, VERIFICATION)
    return {code: values[VERIFICATION.key] for code, values in found.items()}


def a_verifier_avant(jour: date, mois: Mapping[str, Mois]) -> dict[date, list[str]]:
    """Return the last day of verification that leaves an entry to be verified, with its départements."""
    found: dict[date, list[str]] = {}
    for code, un in mois.items():
        found.setdefault(verifie_avant(jour, un.courriel), []).append(code)
    return found
