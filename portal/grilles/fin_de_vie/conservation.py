"""How long a household's data are kept: what is coming to its term, told beforehand, then erased (D17).

One function says what is concerned (`echeances`): the screen, the dry run and the real run read the same.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.comptes.models import Personne
from portal.conventions.jours import fuseau_de
from portal.documents.storage import Storage
from portal.grilles.fin_de_vie import effacement, parametres
from portal.grilles.fin_de_vie.models import PreavisEffacement
from portal.grilles.menages import queries as menages
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage.enums import StatutGrille
from portal.grilles.remplissage.models import GrilleAcces, GrilleSection
from portal.notifications.service import enqueue
from portal.organisations.models import Organisation
from portal.organisations.parametres import by_departement
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.dates import plus_mois
from portal.shared.db import AnyRow, Database, fetch
from portal.shared.errors import DomainError
from portal.shared.messages import N_

LOT = 200  # households told of, or erased, in one run of each kind


class Objet(Enum):
    """What comes to its term."""

    MENAGE = "menage"
    BROUILLON = "brouillon"


class Etape(Enum):
    """Where it stands: to be told, told, to be erased now."""

    A_PREVENIR = "a_prevenir"
    PREVENU = "prevenu"
    A_EFFACER = "a_effacer"


LIBELLES_OBJET: dict[Objet, str] = {
    Objet.MENAGE: N_("Toutes les données du ménage"),
    Objet.BROUILLON: N_("Sa grille inachevée"),
}
LIBELLES_ETAPE: dict[Etape, str] = {
    Etape.A_PREVENIR: N_("Préavis à envoyer"),
    Etape.PREVENU: N_("Préavis envoyé"),
    Etape.A_EFFACER: N_("Délai passé, à effacer"),
}


@dataclass(frozen=True)
class Echeance:
    """Something that comes to its term. `depuis`: the day that counts (last contact, last writing); `le`: the
    first day when it is erased, once told long enough beforehand; `automatique`: without another act."""

    objet: Objet
    etape: Etape
    menage_id: int
    menage_ref: str
    code: str
    departement_code: str
    organisation: str
    referent_id: int
    referent: str
    grille_id: int | None
    depuis: date
    le: date
    prevenu_le: date | None
    automatique: bool


@dataclass
class Bilan:
    """What a run did, or would do."""

    prevenus: int = 0
    menages: int = 0
    brouillons: int = 0


def premier_jour(depuis: date, mois: int) -> date:
    """Return the first day when what was last touched on `depuis` is past its term of some months: the
    anniversary itself is still in (domaine.md § 15, case 30)."""
    return plus_mois(depuis, mois) + timedelta(days=1)


def dernier_echu(jour: date, mois: int) -> date:
    """Return the latest day whose term of some months is past on `jour`: ends of months are told right."""
    found = plus_mois(jour, -mois)
    while premier_jour(found, mois) > jour:
        found -= timedelta(days=1)
    return found


def echeances(
    session: Session,
    clock: Clock,
    *,
    condition: ColumnElement[bool] | None = None,
    codes: Collection[str] | None = None,
    menage_id: int | None = None,
) -> list[Echeance]:
    """Return what is at its term or within the notice before it, the first to be erased first.

    `condition`: on `Menage`, which ones (those that a reader sees); `codes`: of départements; `menage_id`:
    one alone. A draft is not told apart from its household when all of it goes.
    """
    if codes is None:
        rows = session.scalars(select(Menage.departement_code).distinct().order_by(Menage.departement_code))
        codes = rows.all()
    if not codes:
        return []
    reglages = by_departement(session, sorted(codes), *parametres.TOUS)
    only: list[ColumnElement[bool]] = [Menage.departement_code.in_(sorted(codes))]
    only += [condition] if condition is not None else []
    only += [Menage.id == menage_id] if menage_id is not None else []
    found = [_menage(clock, row, reglages) for row in _menages(session, clock, reglages, only)]
    partent = {one.menage_id for one in found if one.etape is Etape.A_EFFACER}
    found += [
        _brouillon(clock, row, reglages)
        for row in _brouillons(session, clock, reglages, only)
        if row.menage_id not in partent
    ]
    attendus = [one for one in found if _en_vue(clock, one, reglages)]
    return sorted(attendus, key=lambda one: (one.le, one.code, one.objet.value))


def _jour(clock: Clock, code: str) -> date:
    return clock.today(fuseau_de(code))


def _bornes(clock: Clock, reglages: Mapping[str, Any], mois: str) -> dict[date, list[str]]:
    """Return, by latest day concerned (the notice included), the codes of the départements."""
    found: dict[date, list[str]] = {}
    for code, reglage in reglages.items():
        horizon = _jour(clock, code) + timedelta(days=reglage[parametres.PREAVIS_JOURS.key])
        found.setdefault(dernier_echu(horizon, reglage[mois]), []).append(code)
    return found


_COLONNES = (
    Menage.id.label("menage_id"),
    Menage.ref,
    Menage.code,
    Menage.departement_code,
    Menage.dernier_contact_le,
    Menage.referent_id,
    Organisation.nom.label("organisation"),
    Personne.prenom,
    Personne.nom,
)


def _menages(
    session: Session, clock: Clock, reglages: Mapping[str, Any], only: Sequence[ColumnElement[bool]]
) -> Sequence[AnyRow]:
    bornes = _bornes(clock, reglages, parametres.CONSERVATION_MOIS.key)
    prevenu = (
        select(func.max(PreavisEffacement.le))
        .where(
            PreavisEffacement.menage_id == Menage.id,
            PreavisEffacement.grille_id.is_(None),
            PreavisEffacement.depuis == Menage.dernier_contact_le,
        )
        .correlate(Menage)
        .scalar_subquery()
    )
    echus = or_(
        *(
            and_(Menage.departement_code.in_(codes), Menage.dernier_contact_le <= borne)
            for borne, codes in bornes.items()
        )
    )
    return fetch(
        session,
        select(*_COLONNES, prevenu.label("prevenu"))
        .join(Organisation, Organisation.id == Menage.organisation_id)
        .join(Personne, Personne.id == Menage.referent_id)
        .where(echus, *only)
        .order_by(Menage.dernier_contact_le, Menage.id),
    )


def _brouillons(
    session: Session, clock: Clock, reglages: Mapping[str, Any], only: Sequence[ColumnElement[bool]]
) -> Sequence[AnyRow]:
    bornes = _bornes(clock, reglages, parametres.BROUILLON_MOIS.key)
    derniere = (
        select(func.max(GrilleSection.enregistree_le))
        .where(GrilleSection.grille_id == GrilleAcces.id)
        .correlate(GrilleAcces)
        .scalar_subquery()
    )
    preavis = aliased(PreavisEffacement)
    dernier_preavis = (
        select(func.max(preavis.id))
        .where(preavis.grille_id == GrilleAcces.id)
        .correlate(GrilleAcces)
        .scalar_subquery()
    )
    anciens = []
    for borne, codes in bornes.items():
        for code in codes:
            lendemain = datetime.combine(borne + timedelta(days=1), time(), tzinfo=ZoneInfo(fuseau_de(code)))
            anciens.append(
                and_(
                    Menage.departement_code == code,
                    GrilleAcces.updated_at < lendemain,
                    or_(derniere.is_(None), derniere < lendemain),
                )
            )
    return fetch(
        session,
        select(
            *_COLONNES,
            GrilleAcces.id.label("grille_id"),
            GrilleAcces.updated_at,
            derniere.label("derniere"),
            PreavisEffacement.depuis.label("preavis_depuis"),
            PreavisEffacement.le.label("prevenu"),
        )
        .join(Menage, Menage.id == GrilleAcces.menage_id)
        .join(Organisation, Organisation.id == Menage.organisation_id)
        .join(Personne, Personne.id == Menage.referent_id)
        .outerjoin(PreavisEffacement, PreavisEffacement.id == dernier_preavis)
        .where(GrilleAcces.statut == StatutGrille.BROUILLON, or_(*anciens), *only)
        .order_by(GrilleAcces.updated_at, GrilleAcces.id),
    )


def _menage(clock: Clock, row: AnyRow, reglages: Mapping[str, Any]) -> Echeance:
    mois = reglages[row.departement_code][parametres.CONSERVATION_MOIS.key]
    return _echeance(clock, row, reglages, Objet.MENAGE, None, row.dernier_contact_le, mois, row.prevenu)


def _brouillon(clock: Clock, row: AnyRow, reglages: Mapping[str, Any]) -> Echeance:
    zone = ZoneInfo(fuseau_de(row.departement_code))
    instants = [one for one in (row.updated_at, row.derniere) if one is not None]
    depuis = max(instants).astimezone(zone).date()
    mois = reglages[row.departement_code][parametres.BROUILLON_MOIS.key]
    prevenu = row.prevenu if row.preavis_depuis == depuis else None
    return _echeance(clock, row, reglages, Objet.BROUILLON, row.grille_id, depuis, mois, prevenu)


def _echeance(
    clock: Clock,
    row: AnyRow,
    reglages: Mapping[str, Any],
    objet: Objet,
    grille_id: int | None,
    depuis: date,
    mois: int,
    prevenu: date | None,
) -> Echeance:
    reglage = reglages[row.departement_code]
    jour = _jour(clock, row.departement_code)
    preavis = timedelta(days=reglage[parametres.PREAVIS_JOURS.key])
    le = max(premier_jour(depuis, mois), (prevenu or jour) + preavis)
    etape = Etape.A_PREVENIR if prevenu is None else Etape.A_EFFACER if le <= jour else Etape.PREVENU
    return Echeance(
        objet,
        etape,
        row.menage_id,
        row.ref,
        row.code,
        row.departement_code,
        row.organisation,
        row.referent_id,
        f"{row.prenom} {row.nom}".strip(),
        grille_id,
        depuis,
        le,
        prevenu,
        reglage[parametres.AUTOMATIQUE.key] == parametres.OUI,
    )


def _en_vue(clock: Clock, one: Echeance, reglages: Mapping[str, Any]) -> bool:
    """Whether the term is near enough to be told; SQL took a little more."""
    mois = parametres.CONSERVATION_MOIS if one.objet is Objet.MENAGE else parametres.BROUILLON_MOIS
    reglage = reglages[one.departement_code]
    horizon = _jour(clock, one.departement_code) + timedelta(days=reglage[parametres.PREAVIS_JOURS.key])
    return premier_jour(one.depuis, reglage[mois.key]) <= horizon


def passer(database: Database, clock: Clock, storage: Storage, *, pour_de_vrai: bool) -> Bilan:
    """Tell of what comes to its term and erase what is past it; return how many of each.

    Not for real, nothing is written, and the figures are those of the real run. Each erasure is a
    transaction of its own, and looks anew: a contact written meanwhile keeps the household.
    """
    with database.session() as session:
        found = echeances(session, clock)
    a_prevenir = [one for one in found if one.etape is Etape.A_PREVENIR][:LOT]
    a_effacer = [one for one in found if one.etape is Etape.A_EFFACER and one.automatique][:LOT]
    bilan = Bilan(prevenus=len(a_prevenir))
    for one in a_effacer:
        if pour_de_vrai and not _effacer(database, clock, storage, one):
            continue
        bilan.menages += one.objet is Objet.MENAGE
        bilan.brouillons += one.objet is Objet.BROUILLON
    if pour_de_vrai and a_prevenir:
        with database.session(write=True) as session:
            prevenir(session, clock, a_prevenir)
            session.commit()
    return bilan


def _effacer(database: Database, clock: Clock, storage: Storage, attendue: Echeance) -> bool:
    """Erase one household or draft if it is still past its term; tell whether it was."""
    with database.session(write=True) as session:
        if _tenir(session, clock, attendue) is None:
            return False
        _faire(session, clock, storage, attendue, None)
        session.commit()
        return True


def _tenir(session: Session, clock: Clock, attendue: Echeance) -> Menage | None:
    """Return the household, held, if what was expected is still past its term."""
    menage = session.get(Menage, attendue.menage_id, with_for_update=True)
    if menage is None:
        return None
    found = echeances(session, clock, codes=[menage.departement_code], menage_id=menage.id)
    same = (Etape.A_EFFACER, attendue.objet, attendue.grille_id)
    return menage if any((one.etape, one.objet, one.grille_id) == same for one in found) else None


def _faire(session: Session, clock: Clock, storage: Storage, one: Echeance, actor: Actor | None) -> None:
    if one.objet is Objet.BROUILLON:
        grille = session.get(GrilleAcces, one.grille_id)
        assert grille is not None
        effacement.effacer_brouillon(session, clock, storage, grille, actor=actor)
        return
    menage = session.get(Menage, one.menage_id)
    assert menage is not None
    effacement.effacer(session, clock, storage, menage, effacement.DUREE, actor=actor)


def prevenir(session: Session, clock: Clock, a_prevenir: Sequence[Echeance]) -> int:
    """Write to whoever accompanies these households that they come to their term; return how many e-mails.

    One e-mail a person, with a count and no household.
    """
    par_personne: dict[int, list[Echeance]] = {}
    for one in a_prevenir:
        session.add(
            PreavisEffacement(
                menage_id=one.menage_id,
                grille_id=one.grille_id,
                depuis=one.depuis,
                le=_jour(clock, one.departement_code),
            )
        )
        par_personne.setdefault(one.referent_id, []).append(one)
    told = 0
    for personne in session.scalars(
        select(Personne)
        .where(Personne.id.in_(par_personne), Personne.desactivee_le.is_(None))
        .order_by(Personne.id)
    ):
        siennes = par_personne[personne.id]
        context = {"nombre": len(siennes), "le": min(one.le for one in siennes)}
        enqueue(session, clock, to=personne, template="fin_de_vie/preavis", context=context)
        told += 1
    session.flush()
    return told


def effacer_de_nouveau(
    database: Database, clock: Clock, storage: Storage, codes: Collection[str], *, pour_de_vrai: bool
) -> int:
    """Erase households by code, that a backup older than their erasure brought back; return how many."""
    with database.session() as session:
        keys = session.scalars(select(Menage.id).where(Menage.code.in_(codes)).order_by(Menage.id)).all()
    for key in keys if pour_de_vrai else ():
        with database.session(write=True) as session:
            menage = session.get(Menage, key, with_for_update=True)
            if menage is not None:
                effacement.effacer(session, clock, storage, menage, effacement.RESTAURATION)
                session.commit()
    return len(keys)


def effacer_echu(
    session: Session, clock: Clock, storage: Storage, actor: Actor, menage_ref: str
) -> list[Echeance]:
    """Erase, by the SIAO, what is past its term of one household; return what was.

    Raises NotVisible, Forbidden, DomainError when nothing is past its term any more.
    """
    menage = menages.menage(session, clock, actor, menage_ref)
    require(actor, Permission.MENAGES_EFFACER, menage)
    session.get(Menage, menage.id, with_for_update=True)
    found = echeances(session, clock, codes=[menage.departement_code], menage_id=menage.id)
    echus = [one for one in found if one.etape is Etape.A_EFFACER]
    if not echus:
        raise DomainError("fin_de_vie.pas_au_terme")
    for one in echus:
        _faire(session, clock, storage, one, actor)
    return echus
