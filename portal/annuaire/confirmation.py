"""What someone does with its own entries, by a link or signed in: confirm, correct, take away.

Nobody else's right is asked for: the holder of a link, or of an account, acts on what concerns it alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.annuaire import liens
from portal.annuaire.destinataires import responsables
from portal.annuaire.enums import Preference, Role, StatutSignalement
from portal.annuaire.indexation import aujourdhui, indexer
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import Relance, Signalement
from portal.annuaire.porteurs import (
    Porteur,
    compte_actif,
    la_sienne,
    les_siennes,
    tenue_aujourdhui,
    tient_quelque_chose,
)
from portal.annuaire.regles import couvre
from portal.annuaire.relances import nommees
from portal.annuaire.saisie import SaisieTitulaire
from portal.annuaire.service import finir, toucher
from portal.annuaire.signalements import repondre, signature
from portal.annuaire.titulaires import reecrire, tenue
from portal.audit.diff import changed, plain, snapshot
from portal.audit.service import record
from portal.notifications.service import enqueue
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion
from portal.shared.messages import N_

EXACTE = N_("la personne qui tient la fonction confirme que la fiche est exacte.")
PAR_LA_PERSONNE = "La personne concernée"
HORAIRES = 200  # characters


@dataclass(frozen=True, kw_only=True)
class SaisiePersonne:
    """What someone corrects: itself, and how its function is reached. `titulaire`: role and first day as they
    are."""

    titulaire: SaisieTitulaire
    preference: Preference
    horaires: str


def confirmer(
    session: Session,
    clock: Clock,
    porteur: Porteur,
    choisies: Iterable[tuple[str, int]],
    vus: Sequence[str] = (),
) -> tuple[int, int]:
    """Say that some of one's entries are right today; return how many are, and how many changed meanwhile.

    `choisies`: public reference of the holder and version of the entry that was read. `vus`: references of
    the reported errors that were shown: they are set aside. Raises NotVisible.
    """
    done, stale = 0, 0
    for ref, version in sorted(choisies):
        try:
            titulaire = _tenir(session, clock, porteur, ref, version)
        except StaleVersion as changed_since:
            again = _deja(session, clock, porteur, ref, changed_since.current)
            done, stale = done + again, stale + (not again)
            continue
        _attester(session, clock, porteur, titulaire, "annuaire:referent:verifier", {})
        repondre(session, clock, porteur, titulaire, StatutSignalement.ECARTE, EXACTE, vus)
        done += 1
    return done, stale


def corriger(
    session: Session,
    clock: Clock,
    porteur: Porteur,
    ref: str,
    typed: SaisiePersonne,
    *,
    version: int,
    vus: Sequence[str] = (),
) -> Titulaire:
    """Correct one of one's entries, or end it by its last day.

    `vus`: references of the reported errors that were shown: a correction of whoever holds the function, or
    answers for it today, answers them. Saved as it was, it answers none.

    Raises NotVisible, StaleVersion, DomainErrors, DomainError.
    """
    titulaire = _tenir(session, clock, porteur, ref, version)
    referent = titulaire.referent
    horaires = " ".join(typed.horaires.split())
    if len(horaires) > HORAIRES:
        raise DomainError("annuaire.trop_long", "horaires", maximum=HORAIRES)
    values = {"horaires": horaires, "preference": typed.preference}
    jour = aujourdhui(session, clock, referent.departement_code)
    tenait = tenue(referent, jour)
    before = snapshot(referent, values)
    changes = reecrire(session, titulaire, typed.titulaire)
    for name, value in values.items():
        setattr(referent, name, value)
    changes |= changed(before, snapshot(referent, values))
    action = "annuaire:titulaire:corriger" if changes else "annuaire:referent:verifier"
    _attester(session, clock, porteur, titulaire, action, changes)
    if changes and titulaire in (tenait.titulaire, tenait.repond):
        repondre(session, clock, porteur, titulaire, StatutSignalement.CORRIGE, vus=vus)
    if tenue(referent, jour).vide and titulaire.role is Role.TITULAIRE:
        _prevenir(session, clock, [referent], retrait=False)
    return titulaire


def retirer(session: Session, clock: Clock, porteur: Porteur, refs: Sequence[str] = ()) -> int:
    """Take someone out of the directory: of some of its entries, or of all when none is named.

    Name, contact, absences and account go; of who held a function, its history keeps the dates alone. Those
    it held are empty from today, and its organisation is told so, without the name. The journal says that
    someone was taken out, and nothing of whom. Return how many entries. Raises NotVisible.
    """
    rows = session.scalars(
        select(Titulaire).join(Referent).where(les_siennes(porteur, clock.today())).order_by(Titulaire.id)
    ).all()
    if refs:
        if set(refs) - {row.ref for row in rows}:
            raise NotVisible(refs[0])
        rows = [row for row in rows if row.ref in refs]
    adresses = {porteur.email, *(row.email for row in rows)} - {""}
    vides = [one for row in rows if (one := effacer(session, clock, row)) is not None]
    for row in {row.referent_id: row for row in rows}.values():
        record(session, clock, None, "annuaire:titulaire:retirer", row.referent, auteur=PAR_LA_PERSONNE)
    _oublier(session, clock, porteur, adresses, {row.referent_id for row in rows})
    _prevenir(session, clock, vides)
    return len(rows)


def _oublier(
    session: Session, clock: Clock, porteur: Porteur, adresses: Iterable[str], ids: Iterable[int]
) -> None:
    """Forget what was written to someone about the functions that it left; of all when none is left.

    `adresses`: its own, and those that its entries gave; one that still leads to somebody keeps its links.
    """
    jour = clock.today()
    for email in sorted(adresses):
        compte = compte_actif(session, email)
        qui = porteur if email == porteur.email else Porteur(email, compte.id if compte else None)
        siens = delete(Relance).where(Relance.email == email)
        if tient_quelque_chose(session, qui, jour):
            restent = select(Titulaire.referent_id).join(Referent).where(les_siennes(qui, jour))
            siens = siens.where(Relance.referent_id.in_(ids), Relance.referent_id.not_in(restent))
        else:
            liens.oublier(session, email)
        session.execute(siens)


def effacer(session: Session, clock: Clock, titulaire: Titulaire) -> Referent | None:
    """Forget who a holder was; return its function when this leaves it without a holder, else None."""
    referent = session.get_one(Referent, titulaire.referent_id, with_for_update=True, populate_existing=True)
    jour = aujourdhui(session, clock, referent.departement_code)
    tenait = tenue_aujourdhui(titulaire, jour)
    courante = tenait and titulaire.role is Role.TITULAIRE and couvre(titulaire, jour)
    if titulaire.nom_complet:
        _taire(session, titulaire)
    if tenait and titulaire.du >= jour:
        session.delete(titulaire)
        session.flush()
        session.expire(referent, ["titulaires"])  # taken off the list, it would be saved without a function
    else:
        if tenait:
            finir(session, titulaire, jour - timedelta(days=1))
        titulaire.absences.clear()
        titulaire.prenom = titulaire.nom = titulaire.telephone = titulaire.email = ""
        titulaire.personne_id = None
    session.flush()
    indexer(session, clock, referent)
    toucher(clock, referent)
    session.flush()
    return referent if courante else None


def _taire(session: Session, titulaire: Titulaire) -> None:
    """Name the organisation alone where an entry says who verified it, or answered an error reported."""
    referent = titulaire.referent
    if referent.verifie_par.startswith(f"{titulaire.nom_complet} ("):
        referent.verifie_par = referent.organisation.nom[:160]
    session.execute(
        update(Signalement)
        .where(Signalement.referent_id == referent.id, Signalement.suivi_par == signature(titulaire))
        .values(suivi_par=referent.organisation.nom[:200])
    )


def _tenir(session: Session, clock: Clock, porteur: Porteur, ref: str, version: int) -> Titulaire:
    """Return one of one's own holders, its open entry held until the end of the transaction.

    Raises NotVisible, StaleVersion, DomainError.
    """
    titulaire = la_sienne(session, clock, porteur, ref)
    referent = session.get_one(Referent, titulaire.referent_id, with_for_update=True, populate_existing=True)
    if referent.ferme_le is not None:
        raise DomainError("annuaire.fermee")
    if referent.version != version:
        raise StaleVersion(referent)
    if not tenue_aujourdhui(titulaire, aujourdhui(session, clock, referent.departement_code)):
        raise NotVisible(ref)
    return titulaire


def _deja(session: Session, clock: Clock, porteur: Porteur, ref: str, referent: Referent) -> bool:
    """Tell whether the same person verified the entry today: a second press is no other act."""
    jour = aujourdhui(session, clock, referent.departement_code)
    return referent.verifie_le == jour and referent.verifie_par == _par(
        la_sienne(session, clock, porteur, ref)
    )


def _par(titulaire: Titulaire) -> str:
    return f"{titulaire.nom_complet} ({titulaire.referent.organisation.nom})"[:160]


def _attester(
    session: Session,
    clock: Clock,
    porteur: Porteur,
    titulaire: Titulaire,
    action: str,
    changes: dict[str, Any],
) -> None:
    """End an act of someone on its entry, which verifies it: who, when, and the journal."""
    referent = titulaire.referent
    before = plain(referent.verifie_le)
    referent.verifie_le = aujourdhui(session, clock, referent.departement_code)
    referent.verifie_par = _par(titulaire)
    indexer(session, clock, referent)
    toucher(clock, referent)
    session.flush()
    facts = changes | {"verifie_le": [before, plain(referent.verifie_le)]}
    record(session, clock, porteur.actor, action, referent, changes=facts, auteur=_par(titulaire))


def _prevenir(session: Session, clock: Clock, referents: Sequence[Referent], *, retrait: bool = True) -> None:
    """Tell those who can name someone which functions are empty now: one e-mail each.

    `retrait`: the person asked to be taken out; otherwise it says that it holds them no more.
    """
    if not referents:
        return
    par_personne: dict[int, tuple[Any, list[Referent]]] = {}
    gens = responsables(session, referents)
    for one in referents:
        for personne in gens[one.id]:
            par_personne.setdefault(personne.id, (personne, []))[1].append(one)
    for personne, siennes in par_personne.values():
        context = {"fonctions": nommees(session, siennes, personne.langue), "retrait": retrait}
        enqueue(session, clock, to=personne, template="annuaire/retrait", context=context)
