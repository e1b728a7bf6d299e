"""Pure rules of the directory (domaine.md § 11). No database, no clock: days are civil dates of the place."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from portal.annuaire.enums import Fraicheur
from portal.annuaire.nomenclatures import messageries
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.shared.dates import plus_mois


class Mois(NamedTuple):
    """Months since the last verification: e-mail, e-mail again, the organisation is told, greyed."""

    courriel: int
    rappel: int
    organisation: int
    grisee: int


MOIS = Mois(6, 7, 8, 9)
"""domaine.md § 11: « vérification semestrielle », « grisée à 9 mois » [P]; the steps between are ours. A
département may have its own: `portal.annuaire.parametres`."""

POURVOIENT: dict[TypeOrganisation, tuple[Profil, ...]] = {
    TypeOrganisation.GESTIONNAIRE: (Profil.OPERATEUR_DIRECTION, Profil.ADMIN_ORGANISATION),
    TypeOrganisation.SIAO: (Profil.SIAO_DIRECTION, Profil.ADMIN_ORGANISATION),
    TypeOrganisation.ETAT: (Profil.ADMIN_DEPARTEMENT, Profil.ADMIN_ORGANISATION),
    TypeOrganisation.BAILLEUR: (Profil.BAILLEUR_REFERENT, Profil.ADMIN_ORGANISATION),
    TypeOrganisation.COLLECTIVITE: (Profil.COLLECTIVITE, Profil.ADMIN_ORGANISATION),
}


class Periode(Protocol):
    """A stretch of days, both ends included; `au` None: no end known."""

    @property
    def du(self) -> date: ...
    @property
    def au(self) -> date | None: ...


@dataclass(frozen=True)
class Reponse:
    """Who answers today: `role` « titulaire », « suppleant » or, when nobody does, empty.

    `absent`: the holder is away; `retour`: the last day away, when it is known.
    """

    role: str
    absent: bool = False
    retour: date | None = None

    @property
    def vide(self) -> bool:
        """Whether nobody holds the function, not even a deputy."""
        return not self.role


def couvre(periode: Periode, jour: date) -> bool:
    """Tell whether a day belongs to a period."""
    return periode.du <= jour and (periode.au is None or jour <= periode.au)


def se_chevauchent(une: Periode, autre: Periode) -> bool:
    """Tell whether two periods share a day (domaine.md § 11: a function is held by one person at a time)."""
    return (une.au is None or autre.du <= une.au) and (autre.au is None or une.du <= autre.au)


def fraicheur(verifie_le: date | None, jour: date, mois: Mois = MOIS) -> Fraicheur:
    """Return the step that an entry has reached; one never verified is greyed (domaine.md § 11 [P]).

    A step begins the very day of the month: verified on 31 August, to be confirmed from 28 February.
    """
    if verifie_le is None:
        return Fraicheur.GRISEE
    pas = (Fraicheur.A_CONFIRMER, Fraicheur.RELANCEE, Fraicheur.ALERTEE, Fraicheur.GRISEE)
    atteints = [un for un, apres in zip(pas, mois, strict=True) if plus_mois(verifie_le, apres) <= jour]
    return atteints[-1] if atteints else Fraicheur.A_JOUR


def verifie_avant(jour: date, mois: int) -> date:
    """Return the last day of verification from which some months have passed on a day: `fraicheur`, for SQL.

    The last day of a month stands for those that it lacks: from 28 February, 31 August is six months ago.
    """
    limite = plus_mois(jour, -mois)
    if jour.day < monthrange(jour.year, jour.month)[1]:
        return limite
    return limite.replace(day=monthrange(limite.year, limite.month)[1])


def interlocuteur(
    titulaire: Periode | None, suppleant: Periode | None, absences: Iterable[Periode], jour: date
) -> Reponse:
    """Return who answers on a day (domaine.md § 11: « suppléant »).

    The holder; while away, or once gone, the deputy; the holder all the same when away without a deputy,
    with the day of return: calling later beats calling nobody.
    """
    tenu = titulaire is not None and couvre(titulaire, jour)
    second = suppleant is not None and couvre(suppleant, jour)
    absence = next((one for one in absences if couvre(one, jour)), None) if tenu else None
    if absence is not None:
        return Reponse("suppleant" if second else "titulaire", absent=True, retour=absence.au)
    if tenu:
        return Reponse("titulaire")
    return Reponse("suppleant" if second else "")


def qui_pourvoit(kind: TypeOrganisation) -> tuple[Profil, ...]:
    """Return who should name someone to an empty function of an organisation of this kind.

    S0 asks it of the gestionnaire itself, in its own house; each organisation does likewise [P].
    """
    return POURVOIENT.get(kind, (Profil.ADMIN_ORGANISATION,))


def courriel_prive(email: str) -> bool:
    """Tell whether an address is at a service for private people (domaine.md § 11: professional only)."""
    return email.rpartition("@")[2].strip().lower() in messageries()
