"""Who holds a function: naming, correcting, ending, absences. Services flush, never commit."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.enums import Role
from portal.annuaire.indexation import aujourdhui
from portal.annuaire.models import Absence, Referent, Titulaire
from portal.annuaire.regles import couvre, interlocuteur, se_chevauchent
from portal.annuaire.saisie import Jours, SaisieTitulaire, check_periode, titulaire_values
from portal.annuaire.service import compte_de, confirmer, finir, jours, nommer, tenir, tenues
from portal.audit.diff import changed, snapshot
from portal.organisations.saisie import Refusals
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible


@dataclass(frozen=True)
class Tenue:
    """Who holds a function on a day: the holder, the deputy, whether the holder is away and until when.

    `repond`: the one to call; None when nobody is. `vide`: the function is held by nobody.
    """

    titulaire: Titulaire | None
    suppleant: Titulaire | None
    absent: bool = False
    retour: date | None = None
    repond: Titulaire | None = None

    @property
    def vide(self) -> bool:
        """Whether nobody holds the function (a deputy may answer meanwhile)."""
        return self.titulaire is None


def tenue(referent: Referent, jour: date) -> Tenue:
    """Return who holds a function on a day."""
    held = {row.role: row for row in referent.titulaires if couvre(row, jour)}
    titulaire, suppleant = held.get(Role.TITULAIRE), held.get(Role.SUPPLEANT)
    answer = interlocuteur(titulaire, suppleant, titulaire.absences if titulaire else (), jour)
    answering = held.get(Role(answer.role)) if answer.role else None
    return Tenue(titulaire, suppleant, answer.absent, answer.retour, answering)


def confier(
    session: Session,
    clock: Clock,
    actor: Actor,
    referent: Referent,
    typed: SaisieTitulaire,
    *,
    version: int,
) -> Titulaire:
    """Give a function to someone from a day, as holder or deputy.

    Whoever holds it without a known end leaves it the day before: conventions and commissions, which name
    the function, follow. Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    referent = tenir(session, actor, referent, version)
    titulaire_values(typed, joignable=bool(referent.telephone or referent.email))
    before = tenues(referent)
    new = Jours(typed.du, typed.au)
    for row in referent.titulaires:
        if row.role is typed.role and se_chevauchent(row, new):
            if row.au is not None or row.du >= typed.du:
                raise DomainError("annuaire.periode_prise", "du", nom=row.nom_complet)
            finir(session, row, typed.du - timedelta(days=1))
    made = nommer(session, clock, referent, typed)
    changes = changed({"tenue": before}, {"tenue": tenues(referent)})
    confirmer(session, clock, actor, referent, "annuaire:titulaire:confier", changes)
    return made


def corriger(
    session: Session,
    clock: Clock,
    actor: Actor,
    titulaire: Titulaire,
    typed: SaisieTitulaire,
    *,
    version: int,
) -> Titulaire:
    """Correct what is written of a holder: name, contact, dates. Same errors as `confier`.

    A sooner end takes with it the absences that were to follow.
    """
    referent = tenir(session, actor, titulaire.referent, version)
    changes = reecrire(session, titulaire, typed)
    if changes:
        changes["titulaire"] = titulaire.nom_complet
    confirmer(session, clock, actor, referent, "annuaire:titulaire:corriger", changes)
    return titulaire


def reecrire(session: Session, titulaire: Titulaire, typed: SaisieTitulaire) -> dict[str, Any]:
    """Write a holder as corrected and return what changed, without asking who may; the caller ends the act.

    Raises DomainErrors, DomainError.
    """
    referent = titulaire.referent
    values = titulaire_values(typed, joignable=bool(referent.telephone or referent.email))
    period = Jours(typed.du, typed.au)
    for row in referent.titulaires:
        if row.id != titulaire.id and row.role is titulaire.role and se_chevauchent(row, period):
            raise DomainError("annuaire.periode_prise", "du", nom=row.nom_complet)
    if any(one.du < typed.du for one in titulaire.absences):
        raise DomainError("annuaire.absence_hors", "du", nom=titulaire.nom_complet)
    before = snapshot(titulaire, values) | {"absences": _absences(titulaire)}
    for name, value in values.items():
        setattr(titulaire, name, value)
    if typed.au is not None:
        finir(session, titulaire, typed.au)
    after = snapshot(titulaire, values) | {"absences": _absences(titulaire)}
    changes = dict(changed(before, after))
    if "email" in changes or titulaire.personne_id is None:  # an account may have another address since
        titulaire.personne_id = compte_de(session, titulaire.email)
    session.flush()
    return changes


def noter_absence(
    session: Session,
    clock: Clock,
    actor: Actor,
    referent: Referent,
    du: date,
    au: date | None,
    *,
    version: int,
) -> Absence:
    """Say that the holder is away from a day to another; the deputy answers meanwhile.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    referent = tenir(session, actor, referent, version)
    refusals, period = Refusals(), Jours(du, au)
    check_periode(refusals, period)
    refusals.raise_any()
    held = tenue(referent, max(du, aujourdhui(session, clock, referent.departement_code)))
    titulaire = held.titulaire
    if titulaire is None:
        raise DomainError("annuaire.personne_absente")
    if not _inside(period, titulaire):
        raise DomainError("annuaire.absence_hors", "du", nom=titulaire.nom_complet)
    if any(se_chevauchent(one, period) for one in titulaire.absences):
        raise DomainError("annuaire.absence_prise", "du")
    row = Absence(du=du, au=au)
    titulaire.absences.append(row)
    session.flush()
    changes = {"titulaire": titulaire.nom_complet, "absence": [None, jours(period)]}
    confirmer(session, clock, actor, referent, "annuaire:absence:noter", changes)
    return row


def retirer_absence(
    session: Session, clock: Clock, actor: Actor, referent: Referent, ref: str, *, version: int
) -> None:
    """Take back an absence: noted by mistake, or over sooner. Raises NotVisible when it is another's."""
    referent = tenir(session, actor, referent, version)
    for titulaire in referent.titulaires:
        row = next((one for one in titulaire.absences if one.ref == ref), None)
        if row is not None:
            before = jours(Jours(row.du, row.au))
            titulaire.absences.remove(row)
            session.flush()
            changes = {"titulaire": titulaire.nom_complet, "absence": [before, None]}
            confirmer(session, clock, actor, referent, "annuaire:absence:retirer", changes)
            return
    raise NotVisible(ref)


def du_referent(session: Session, referent: Referent, ref: str) -> Titulaire:
    """Return someone who holds or held a function; raises NotVisible."""
    found = session.scalar(
        select(Titulaire).where(Titulaire.ref == ref, Titulaire.referent_id == referent.id)
    )
    if found is None:
        raise NotVisible(ref)
    return found


def _inside(inner: Any, outer: Any) -> bool:
    return bool(
        outer.du <= inner.du and (outer.au is None or (inner.au is not None and inner.au <= outer.au))
    )


def _absences(titulaire: Titulaire) -> list[str]:
    return sorted(jours(Jours(one.du, one.au)) for one in titulaire.absences)
