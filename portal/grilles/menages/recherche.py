"""Finding a household by keyed hashes, and knowing that another one of the same person is accompanied.

What the actor may not see is told by its organisation alone, with a key that lets them ask for access: it
names the household to them only, for a day. The protected circuit is never told to anyone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.audit.models import EntreeJournal
from portal.audit.service import record
from portal.grilles.menages import queries
from portal.grilles.menages.identites import (
    Identite,
    cle_du_nom,
    cle_du_numero,
    cle_si_siao,
)
from portal.grilles.menages.models import Adulte, Menage
from portal.grilles.menages.queries import LigneMenage
from portal.organisations.models import Organisation
from portal.security.coffre import Illisible, coffre
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import fetch
from portal.shared.errors import DomainError, NotVisible
from portal.shared.text import normalise

CHERCHER, RAPPROCHER = "menages:menage:chercher", "menages:menage:rapprocher"
TROUVES = 50
AILLEURS = 10
CLE_VALABLE = timedelta(days=1)
PAR_HEURE = 60
"""Searches of one person in an hour: enough to work, too few to go through a list of names."""


@dataclass(frozen=True, kw_only=True)
class Criteres:
    """What is looked for, each exactly; any of them is enough. A name alone finds among what one may see."""

    nom: str = ""
    prenom: str = ""
    naissance: date | None = None
    repere: str = ""  # a demand number, a SI SIAO reference, or a household's code


@dataclass(frozen=True)
class Ailleurs:
    """A household that the actor may not see: who accompanies it, and the key to ask for access."""

    organisation: str
    jeton: str


@dataclass(frozen=True)
class Trouves:
    """What a search found: households that the actor sees, and others that they may ask for."""

    lignes: Sequence[LigneMenage] = ()
    ailleurs: Sequence[Ailleurs] = ()


def chercher(session: Session, clock: Clock, actor: Actor, criteres: Criteres) -> Trouves:
    """Look for a household; journalled without what was looked for. Raises DomainError when nothing is typed,
    or past `PAR_HEURE`. Five statements at most, whatever is found.
    """
    vault = coffre(session)
    nom, prenom = normalise(criteres.nom), normalise(criteres.prenom)
    repere = normalise(criteres.repere)
    if not nom and not repere:
        raise DomainError("menages.recherche_vide", "nom")
    _mesurer(session, clock, actor)
    exactes: list[ColumnElement[bool]] = []
    larges: list[ColumnElement[bool]] = []
    if nom and prenom and criteres.naissance:
        cle = Identite(nom, prenom, criteres.naissance).cle(vault)
        exactes.append(_un_adulte(Adulte.cle == cle))
    elif nom:
        larges.append(_un_adulte(Adulte.nom_cle == cle_du_nom(vault, nom)))
    if repere:
        exactes.append(
            or_(
                Menage.numero_unique_cle == cle_du_numero(vault, repere),
                Menage.si_siao_cle == cle_si_siao(vault, repere),
                Menage.code == criteres.repere.strip().upper(),
            )
        )
    lignes = _visibles(session, clock, actor, or_(*exactes, *larges))
    ailleurs = _ailleurs(session, clock, actor, or_(false(), *exactes))
    record(
        session,
        clock,
        actor,
        CHERCHER,
        changes={"trouves": [un.ref for un in lignes], "ailleurs": len(ailleurs)},
    )
    return Trouves(lignes, ailleurs)


def doublons(
    session: Session,
    clock: Clock,
    actor: Actor,
    identites: Sequence[Identite],
    *,
    numero_unique: str = "",
    si_siao: str = "",
) -> Trouves:
    """Return the households of the same people, or of the same references, told gently at the opening.

    Journalled when something is found. Raises DomainError past `PAR_HEURE`.
    """
    vault = coffre(session)
    conditions = [_un_adulte(Adulte.cle.in_([un.cle(vault) for un in identites]))] if identites else []
    if numero_unique:
        conditions.append(Menage.numero_unique_cle == cle_du_numero(vault, numero_unique))
    if si_siao:
        conditions.append(Menage.si_siao_cle == cle_si_siao(vault, si_siao))
    if not conditions:
        return Trouves()
    _mesurer(session, clock, actor)
    found = Trouves(
        _visibles(session, clock, actor, and_(or_(*conditions), Menage.clos_le.is_(None))),
        _ailleurs(session, clock, actor, or_(*conditions)),
    )
    if found.lignes or found.ailleurs:
        record(
            session,
            clock,
            actor,
            RAPPROCHER,
            changes={"trouves": [un.ref for un in found.lignes], "ailleurs": len(found.ailleurs)},
        )
    return found


def _mesurer(session: Session, clock: Clock, actor: Actor) -> None:
    """Refuse to look for one more household this hour past `PAR_HEURE`. Raises DomainError."""
    faites = session.scalar(
        select(func.count(EntreeJournal.id)).where(
            EntreeJournal.personne_id == actor.personne_id,
            EntreeJournal.le > clock.now() - timedelta(hours=1),
            EntreeJournal.action.in_((CHERCHER, RAPPROCHER)),
        )
    )
    if (faites or 0) >= PAR_HEURE:
        raise DomainError("menages.recherches_nombreuses", maximum=PAR_HEURE)


def _un_adulte(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Menage.id.in_(select(Adulte.menage_id).where(condition, Adulte.parti_le.is_(None)))


def _visibles(
    session: Session, clock: Clock, actor: Actor, condition: ColumnElement[bool]
) -> list[LigneMenage]:
    rows = fetch(
        session,
        queries.colonnes(actor, clock)
        .where(condition)
        .order_by(Menage.dernier_contact_le.desc(), Menage.id.desc())
        .limit(TROUVES),
    )
    return queries.lignes(session, rows)


def _demandable(actor: Actor, clock: Clock) -> ColumnElement[bool]:
    """A household of the actor's départements, accompanied today, that they do not see."""
    return and_(
        queries.ctp_en_vigueur(actor, clock, Menage.departement_code),
        Menage.protege.is_(False),
        Menage.clos_le.is_(None),
        not_(func.coalesce(queries.visible_to(actor, clock), false())),
    )


def _ailleurs(session: Session, clock: Clock, actor: Actor, condition: ColumnElement[bool]) -> list[Ailleurs]:
    rows = fetch(
        session,
        select(Menage.id, Organisation.nom)
        .join(Organisation, Organisation.id == Menage.organisation_id)
        .where(condition, _demandable(actor, clock))
        .order_by(Organisation.tri, Menage.id)
        .limit(AILLEURS),
    )
    limite = (clock.now() + CLE_VALABLE).timestamp()
    vault = coffre(session)
    return [Ailleurs(row.nom, vault.fermer([row.id, actor.personne_id, int(limite)])) for row in rows]


def designe(session: Session, clock: Clock, actor: Actor, jeton: str) -> Menage:
    """Return the household that a key of `Ailleurs` names to this person. Raises NotVisible."""
    try:
        ident, personne_id, limite = coffre(session).ouvrir(jeton)
    except (Illisible, ValueError, TypeError):
        raise NotVisible(jeton) from None
    if personne_id != actor.personne_id or clock.now().timestamp() >= limite:
        raise NotVisible(jeton)
    found = session.scalar(
        select(Menage)
        .where(Menage.id == ident, _demandable(actor, clock))
        .options(joinedload(Menage.organisation))
    )
    if found is None:
        raise NotVisible(jeton)
    return found
