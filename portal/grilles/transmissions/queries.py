"""Reading transmissions. Whatever reaches a recipient bears `ouvertes`: in force at that very second."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, select, true
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from portal.grilles.autorisations.enums import ObjetAutorisation
from portal.grilles.autorisations.models import AccordAdulte, Autorisation
from portal.grilles.autorisations.queries import PROTEGES, RemarqueLue, ouverte, remarques
from portal.grilles.menages.models import LectureMenage, Menage
from portal.grilles.menages.service import lire as noter_lecture
from portal.grilles.remplissage.enums import StatutGrille
from portal.grilles.remplissage.models import GrilleAcces
from portal.grilles.sortie import Sortie
from portal.grilles.transmissions.enums import GRILLE_RECUE, TERMINAUX, StatutTransmission
from portal.grilles.transmissions.models import Transmission
from portal.grilles.transmissions.saisie import SuiteLue, relire
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.coffre import Coffre, coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.errors import DomainError, NotVisible
from portal.shared.pagination import Cursor, Page, paginate, with_keys

TAILLE = 50


def siennes(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « sent to the actor's organisation »: whoever merged with it was not named by the
    household, and receives nothing in its name."""
    if not can(actor, Permission.TRANSMISSIONS_LIRE):
        return false()
    return Transmission.organisation_id == actor.organisation_id


def ouvertes(actor: Actor, clock: Clock) -> ColumnElement[bool]:
    """Return the condition « the actor may read this transmission, now ». For a statement that reads
    `Transmission` and `Autorisation`. Of a protected household a landlord reads nothing at all."""
    conditions = [
        siennes(actor),
        Autorisation.id == Transmission.autorisation_id,
        Autorisation.organisation_id == Transmission.organisation_id,
        Autorisation.objet == ObjetAutorisation.TRANSMISSION,
        ouverte(clock),
    ]
    if TypeOrganisation(actor.organisation_type) not in PROTEGES:
        conditions.append(~exists().where(Menage.id == Transmission.menage_id, Menage.protege))
    return and_(*conditions)


attendues = and_(Transmission.statut.not_in(TERMINAUX), Transmission.echec.is_(False))
"""Condition « something is expected of the recipient »."""


@dataclass(frozen=True)
class LigneRecue:
    """A transmission as its recipient lists it. Closed, nothing of it is left but its reference and its day:
    `designation` and `statut` are None."""

    ref: str
    envoyee_le: datetime
    ouverte: bool
    envoyee_par: str
    designation: str | None
    statut: StatutTransmission | None
    attendue: bool
    repondre_avant: date | None


@dataclass(frozen=True)
class Recues:
    """A page of what was received."""

    lignes: Sequence[LigneRecue]
    page: Page


FILTRES = ("", "a_accuser", "a_repondre", "terminees", "fermees")


def recues(
    session: Session, clock: Clock, actor: Actor, filtre: str = "", cursor: Cursor | None = None
) -> Recues:
    """Return what the actor's organisation received, newest first. Two statements.

    `filtre`: one of FILTRES, by where they stand; what is closed shows alone.
    """
    is_open = ouvertes(actor, clock)
    statement = (
        select(
            Transmission.ref,
            Transmission.envoyee_le,
            is_open.label("ouverte"),
            Transmission.envoyee_par,
            Transmission.statut,
            Transmission.repondre_avant,
            Transmission.echec,
            Transmission.contenu,
        )
        .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
        .where(siennes(actor), *_filtre(filtre, is_open))
    )
    keys = (Transmission.envoyee_le, Transmission.id)
    page = paginate(session, with_keys(statement, keys), keys, cursor=cursor, size=TAILLE, descending=True)
    vault = coffre(session)
    return Recues([_ligne(vault, row) for row in page.rows], page)


def _filtre(filtre: str, is_open: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    return {
        "a_accuser": [is_open, Transmission.statut == StatutTransmission.ENVOYEE],
        "a_repondre": [is_open, attendues, Transmission.statut != StatutTransmission.ENVOYEE],
        "terminees": [is_open, ~attendues],
        "fermees": [~is_open],
    }.get(filtre, [is_open])


def _ligne(vault: Coffre, row: AnyRow) -> LigneRecue:
    if not row.ouverte:
        return LigneRecue(row.ref, row.envoyee_le, False, "", None, None, False, None)
    return LigneRecue(
        ref=row.ref,
        envoyee_le=row.envoyee_le,
        ouverte=True,
        envoyee_par=row.envoyee_par,
        designation=designation(Sortie.from_json(vault.ouvrir(row.contenu))),
        statut=row.statut,
        attendue=row.statut not in TERMINAUX and not row.echec,
        repondre_avant=row.repondre_avant,
    )


def designation(sortie: Sortie) -> str:
    """Return how the recipient names a household: « Prénom NOM », or its code in the protected circuit."""
    noms = ", ".join(f"{one.prenom} {one.nom.upper()}" for one in sortie.entete.adultes)
    return noms or sortie.entete.code


@dataclass(frozen=True)
class PlusRecente:
    """A newer version of the grid. `ref`: of its transmission to the same recipient, None when it was not
    sent: « version plus récente non transmise »."""

    ref: str | None


@dataclass(frozen=True)
class Lue:
    """A transmission, read: exactly what left, the household's remarks since, the answer so far.
    `plus_recente`: told to its recipient alone."""

    transmission: Transmission
    sortie: Sortie
    remarques: Sequence[RemarqueLue]
    suites: Sequence[SuiteLue]
    plus_recente: PlusRecente | None = None


def lire(session: Session, clock: Clock, actor: Actor, ref: str) -> Lue:
    """Return a transmission to its recipient, and write down that it was read.

    In a transaction that writes: what is shown was open when the reading was noted. Raises NotVisible for
    anything that is not open to the actor, for whatever reason; DomainError when the content was altered.
    """
    transmission = recue(session, clock, actor, ref)
    lue = detail(session, transmission)
    noter_lecture(session, clock, actor, transmission.menage, GRILLE_RECUE, transmission.ref)
    return replace(lue, plus_recente=_plus_recente(session, clock, transmission))


def recue(session: Session, clock: Clock, actor: Actor, ref: str, *, tenue: bool = False) -> Transmission:
    """Return a transmission open to the actor. `tenue`: held until the end of the transaction, with its
    authorisation, so that no withdrawal passes before. Raises NotVisible."""
    statement = (
        select(Transmission)
        .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
        .where(Transmission.ref == ref, ouvertes(actor, clock))
        .options(
            joinedload(Transmission.menage),
            joinedload(Transmission.autorisation),
            selectinload(Transmission.suites),
        )
    )
    if tenue:
        statement = statement.with_for_update(of=[Transmission, Autorisation]).execution_options(
            populate_existing=True
        )
    found = session.scalar(statement)
    if found is None:
        raise NotVisible(ref)
    return found


def est_ouverte(session: Session, clock: Clock, actor: Actor, ref: str) -> bool | None:
    """Tell whether a transmission is still open to the actor; None when nothing was sent to it under this
    reference. One statement, for pages that ask again and again."""
    rows = fetch(
        session,
        select(ouvertes(actor, clock).label("ouverte"))
        .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
        .where(Transmission.ref == ref, siennes(actor)),
    )
    return bool(rows[0].ouverte) if rows else None


def detail(session: Session, transmission: Transmission) -> Lue:
    """Return what a transmission holds. Who may read it is settled before. Raises DomainError."""
    vault = coffre(session)
    sortie = Sortie.from_json(vault.ouvrir(transmission.contenu))
    if sortie.empreinte() != transmission.empreinte:
        raise DomainError("transmissions.alteree")
    return Lue(
        transmission=transmission,
        sortie=sortie,
        remarques=remarques(session, transmission.grille_id),
        suites=relire(vault, transmission.suites),
    )


def _plus_recente(session: Session, clock: Clock, transmission: Transmission) -> PlusRecente | None:
    """Look for a newer frozen version, and for its transmission to the same recipient."""
    lue = aliased(GrilleAcces, name="lue")
    numero = select(lue.numero).where(lue.id == transmission.grille_id).scalar_subquery()
    partie = (
        select(Transmission.ref)
        .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
        .where(
            Transmission.grille_id == GrilleAcces.id,
            Transmission.organisation_id == transmission.organisation_id,
            ouverte(clock),
        )
        .order_by(Transmission.id.desc())
        .limit(1)
        .correlate(GrilleAcces)
        .scalar_subquery()
    )
    rows = fetch(
        session,
        select(partie.label("ref"))
        .select_from(GrilleAcces)
        .where(
            GrilleAcces.menage_id == transmission.menage_id,
            GrilleAcces.statut == StatutGrille.FIGEE,
            GrilleAcces.numero > numero,
        )
        .order_by(GrilleAcces.numero.desc()),
    )
    ref = next((row.ref for row in rows if row.ref), None)
    if not rows or (ref is None and transmission.autorisation.mise_a_jour):
        return None
    return PlusRecente(ref)


@dataclass(frozen=True)
class LigneEnvoyee:
    """A transmission as the household's page lists it. `lectures`: by the recipient; `silence`: told."""

    ref: str
    organisation: str
    envoyee_le: datetime
    envoyee_par: str
    numero: int
    statut: StatutTransmission
    attendue: bool
    echec: bool
    ouverte: bool
    repondre_avant: date
    silence: bool
    lectures: int
    derniere_lecture: datetime | None


def du_menage(
    session: Session, clock: Clock, menage_id: int, *, adulte_id: int | None = None
) -> list[LigneEnvoyee]:
    """Return what was transmitted of a household, newest first: for whoever sees it, and for itself. One
    statement. `adulte_id`: only what this adult was asked about."""
    return envoyees(fetch(session, lecture_du_menage(clock, menage_id, adulte_id=adulte_id)))


def envoyees(rows: Iterable[Any]) -> list[LigneEnvoyee]:
    """Return the rows of `lecture_du_menage`, newest first."""
    lues = [
        LigneEnvoyee(**{champ.name: getattr(row, champ.name) for champ in fields(LigneEnvoyee)})
        for row in rows
    ]
    return sorted(lues, key=lambda une: une.envoyee_le, reverse=True)


def lecture_du_menage(clock: Clock, menage_id: int, *, adulte_id: int | None = None) -> AnySelect:
    """Return the select of `du_menage`, in no order."""
    demande = exists().where(
        AccordAdulte.autorisation_id == Transmission.autorisation_id, AccordAdulte.adulte_id == adulte_id
    )
    lectures = (
        select(
            LectureMenage.objet_ref,
            func.count().label("nombre"),
            func.max(LectureMenage.le).label("derniere"),
        )
        .where(LectureMenage.menage_id == menage_id, LectureMenage.quoi == GRILLE_RECUE)
        .group_by(LectureMenage.objet_ref)
        .subquery()
    )
    return (
        select(
            Transmission.ref,
            Organisation.nom.label("organisation"),
            Transmission.envoyee_le,
            Transmission.envoyee_par,
            GrilleAcces.numero,
            Transmission.statut,
            attendues.label("attendue"),
            Transmission.echec,
            ouverte(clock).label("ouverte"),
            Transmission.repondre_avant,
            (Transmission.relances > 1).label("silence"),
            func.coalesce(lectures.c.nombre, 0).label("lectures"),
            lectures.c.derniere.label("derniere_lecture"),
        )
        .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
        .join(Organisation, Organisation.id == Transmission.organisation_id)
        .join(GrilleAcces, GrilleAcces.id == Transmission.grille_id)
        .outerjoin(lectures, lectures.c.objet_ref == Transmission.ref)
        .where(Transmission.menage_id == menage_id, true() if adulte_id is None else demande)
    )


def envoyee(session: Session, clock: Clock, menage: Menage, ref: str) -> tuple[Transmission, bool]:
    """Return a transmission of a household that the actor sees, with its steps, and whether its recipient may
    still read it. One statement. Raises NotVisible."""
    row = (
        session.execute(
            select(Transmission, ouverte(clock).label("ouverte"))
            .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
            .where(Transmission.menage_id == menage.id, Transmission.ref == ref)
            .options(
                contains_eager(Transmission.autorisation),
                joinedload(Transmission.organisation),
                joinedload(Transmission.suites),
            )
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        raise NotVisible(ref)
    return row.Transmission, bool(row.ouverte)


def est_attendue(transmission: Transmission) -> bool:
    """Tell whether something is expected of the recipient: `attendues`, of one transmission."""
    return transmission.statut not in TERMINAUX and not transmission.echec


def lectures(session: Session, transmission: Transmission) -> Sequence[AnyRow]:
    """Return who read a transmission and when, newest first: le, lecteur, organisation."""
    return fetch(
        session,
        select(LectureMenage.le, LectureMenage.lecteur, Organisation.nom.label("organisation"))
        .outerjoin(Organisation, Organisation.id == LectureMenage.organisation_id)
        .where(
            LectureMenage.menage_id == transmission.menage_id,
            LectureMenage.quoi == GRILLE_RECUE,
            LectureMenage.objet_ref == transmission.ref,
        )
        .order_by(LectureMenage.id.desc())
        .limit(200),
    )


def a_envoyer(clock: Clock, menage_id: int) -> AnySelect:
    """Return the select of the authorisations of transmission in force under which nothing was sent of the
    version that they cover (ref, destinataire, au, numero), in no order."""
    signee, figee, partie = (
        aliased(GrilleAcces, name="signee"),
        aliased(GrilleAcces, name="figee"),
        aliased(GrilleAcces, name="partie"),
    )
    derniere = (
        select(func.max(figee.numero))
        .where(figee.menage_id == Autorisation.menage_id, figee.statut == StatutGrille.FIGEE)
        .correlate(Autorisation)
        .scalar_subquery()
    )
    numero = case((Autorisation.mise_a_jour, derniere), else_=signee.numero)
    deja = exists().where(
        Transmission.autorisation_id == Autorisation.id,
        Transmission.grille_id == partie.id,
        partie.numero == numero,
    )
    return (
        select(Autorisation.ref, Autorisation.destinataire, Autorisation.au, numero.label("numero"))
        .join(signee, signee.id == Autorisation.grille_id)
        .where(
            Autorisation.menage_id == menage_id,
            Autorisation.objet == ObjetAutorisation.TRANSMISSION,
            ouverte(clock),
            ~deja.correlate(Autorisation, signee),
        )
    )


def echecs(session: Session, menage_id: int) -> int:
    """Return how many recipients answered no for a household that signed no lease since. Never shown to one
    of them (domaine.md § 6.3)."""
    compte = func.sum(case((Transmission.echec, 1), else_=0))
    signes = func.sum(case((Transmission.statut == StatutTransmission.BAIL_SIGNE, 1), else_=0))
    row = session.execute(
        select(func.coalesce(compte, 0), func.coalesce(signes, 0)).where(Transmission.menage_id == menage_id)
    ).one()
    return 0 if row[1] else int(row[0])
