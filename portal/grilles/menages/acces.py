"""A colleague's access to one household: asked with a reason, answered, open for some days (§ 10.2, 1).

Silence means no: what is not answered in time is refused, by computation at once, by the worker afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.audit.service import record
from portal.comptes.models import Personne
from portal.conventions.jours import fuseau_de
from portal.grilles.menages import parametres, queries
from portal.grilles.menages.enums import EtatAcces, StatutAcces
from portal.grilles.menages.identites import designations
from portal.grilles.menages.models import AccesMenage, Menage, Relais
from portal.grilles.menages.policies import Vise, peut_repondre
from portal.notifications.service import enqueue
from portal.organisations.models import Organisation
from portal.organisations.parametres import value, values
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.security.tokens import keyed_ref
from portal.shared import ensemble
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.errors import DomainError, NotVisible, StaleVersion

MOTIF_MAXIMUM = 500
MONTRES = 200

DEMANDEUR = aliased(Personne, name="demandeur")
SIENNE = aliased(Organisation, name="sienne")


def etat(
    statut: StatutAcces, repondre_avant: datetime, jusqu_au: datetime | None, repondu: bool, now: datetime
) -> EtatAcces:
    """Return where a request stands at an instant; `repondu`: someone refused it."""
    if statut is StatutAcces.DEMANDE:
        return EtatAcces.DEMANDE if now < repondre_avant else EtatAcces.SANS_REPONSE
    if statut is StatutAcces.REFUSE:
        return EtatAcces.REFUSE if repondu else EtatAcces.SANS_REPONSE
    if statut is StatutAcces.FERME:
        return EtatAcces.FERME
    assert jusqu_au is not None
    return EtatAcces.OUVERT if now < jusqu_au else EtatAcces.FINI


@dataclass(frozen=True)
class Demande:
    """A request as lists show it. `designation`: names for whoever may read the household now, else the code;
    `organisation`: which accompanies it; `motif`: decrypted, for who asked and who answers."""

    ref: str
    version: int
    menage_ref: str
    code: str
    designation: str
    organisation: str
    demandeur: str
    demandeur_organisation: str
    etat: EtatAcces
    motif: str
    jours: int
    le: datetime
    repondre_avant: datetime
    repondu_par: str
    jusqu_au: datetime | None


def duree_proposee(session: Session, departement_code: str) -> int:
    """Return how many days the form proposes."""
    return value(session, parametres.ACCES_JOURS, departement_code)


def demander(
    session: Session, clock: Clock, actor: Actor, menage: Menage, motif: str, jours: int, *, key: str = ""
) -> AccesMenage:
    """Ask to read a household; its referent is told without any content, and who stands in for them.

    `menage`: what `recherche.designe` found. Raises Forbidden, DomainError.
    """
    require(actor, Permission.MENAGES_DEMANDER, menage)
    session.execute(select(Menage.id).where(Menage.id == menage.id).with_for_update()).one()  # one at a time
    ref = keyed_ref(key, AccesMenage.__tablename__, actor.adhesion_id, menage.id)
    again = session.scalar(select(AccesMenage).where(AccesMenage.ref == ref)) if ref else None
    if again is not None:
        return again
    if menage.departement_code not in queries.ouverts(session, clock, actor):
        raise DomainError("menages.sans_ctp")
    motif = motif.strip()
    if not motif:
        raise DomainError("menages.motif", "motif")
    if len(motif) > MOTIF_MAXIMUM:
        raise DomainError("menages.long", "motif", maximum=MOTIF_MAXIMUM)
    maximum = parametres.ACCES_JOURS.bounds[1]
    if not 1 <= jours <= maximum:
        raise DomainError("menages.jours", "jours", maximum=maximum)
    _une_seule(session, clock, actor, menage)
    now = clock.now()
    delai = values(session, menage.departement_code, parametres.REPONSE_JOURS)[parametres.REPONSE_JOURS.key]
    acces = AccesMenage(
        menage_id=menage.id,
        demandeur_id=actor.personne_id,
        organisation_id=actor.organisation_id,
        statut=StatutAcces.DEMANDE,
        motif=coffre(session).fermer(motif),
        jours=jours,
        repondre_avant=now + timedelta(days=delai),
        created_at=now,
        updated_at=now,
    )
    if ref:
        acces.ref = ref
    session.add(acces)
    session.flush()
    _journal(session, clock, actor, acces, menage, "demander", jours=jours)
    context = {"demandeur": actor.nom, "organisation": actor.organisation_nom, "code": menage.code}
    for personne in _repondants(session, clock, actor, menage):
        enqueue(
            session,
            clock,
            to=personne,
            template="menages/demande",
            context=context | {"avant": acces.repondre_avant, "fuseau": actor.fuseau},
        )
    return acces


def _une_seule(session: Session, clock: Clock, actor: Actor, menage: Menage) -> None:
    """Refuse a second request while one waits; one that silence refused leaves its place."""
    waiting = session.scalar(
        select(AccesMenage)
        .where(
            AccesMenage.menage_id == menage.id,
            AccesMenage.demandeur_id == actor.personne_id,
            AccesMenage.statut == StatutAcces.DEMANDE,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if waiting is None:
        return
    if clock.now() < waiting.repondre_avant:
        raise DomainError("menages.deja_demande")
    waiting.statut, waiting.updated_at = StatutAcces.REFUSE, clock.now()
    session.flush()


def _repondants(session: Session, clock: Clock, actor: Actor, menage: Menage) -> list[Personne]:
    """Return who is told of a request: the referent, and who stands in for them today."""
    jour = clock.today(actor.fuseau)
    relais = select(Relais.relais_id).where(
        Relais.organisation_id == menage.organisation_id,
        Relais.absent_id == menage.referent_id,
        Relais.du <= jour,
        Relais.au >= jour,
    )
    return list(
        session.scalars(
            select(Personne)
            .where(
                or_(Personne.id == menage.referent_id, Personne.id.in_(relais)),
                Personne.desactivee_le.is_(None),
                Personne.id != actor.personne_id,
            )
            .order_by(Personne.tri, Personne.id)
        )
    )


def _journal(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    acces: AccesMenage,
    menage: Menage,
    acte: str,
    **faits: object,
) -> None:
    record(
        session,
        clock,
        actor,
        f"menages:acces:{acte}",
        acces,
        changes={"menage": menage.ref, **faits},
        departement_code=menage.departement_code,
    )


def _tenir(session: Session, ref: str) -> tuple[AccesMenage, Menage]:
    found = session.scalar(select(AccesMenage).where(AccesMenage.ref == ref).with_for_update())
    if found is None:
        raise NotVisible(ref)
    menage = session.get_one(Menage, found.menage_id, options=[joinedload(Menage.organisation)])
    return found, menage


def _a_jour(acces: AccesMenage, version: int) -> None:
    """Refuse what was read before it changed, once it is known that it may be read."""
    if acces.version != version:
        raise StaleVersion(acces)


def repondre(
    session: Session, clock: Clock, actor: Actor, ref: str, *, accepte: bool, version: int
) -> AccesMenage:
    """Accept or refuse a request; whoever asked is told without any content.

    Raises NotVisible, StaleVersion, DomainError once it waits no more.
    """
    acces, menage = _tenir(session, ref)
    if not peut_repondre(actor, queries.vise(session, clock, actor, menage)):
        raise NotVisible(ref)
    _a_jour(acces, version)
    now = clock.now()
    if acces.statut is not StatutAcces.DEMANDE or now >= acces.repondre_avant:
        raise DomainError("menages.deja_repondu")
    acces.statut = StatutAcces.ACCORDE if accepte else StatutAcces.REFUSE
    acces.repondu_le = acces.updated_at = now
    acces.repondu_par = f"{actor.nom} ({actor.organisation_nom})"[:200]
    acces.jusqu_au = now + timedelta(days=acces.jours) if accepte else None
    session.flush()
    _journal(session, clock, actor, acces, menage, "accorder" if accepte else "refuser")
    _prevenir(session, clock, actor, acces, menage, "menages/reponse")
    return acces


def fermer(session: Session, clock: Clock, actor: Actor, ref: str, *, version: int) -> AccesMenage:
    """Take back a request, or close an open access: whoever asked, or whoever may answer.

    Raises NotVisible, StaleVersion, DomainError.
    """
    acces, menage = _tenir(session, ref)
    sienne = acces.demandeur_id == actor.personne_id
    if not sienne and not peut_repondre(actor, queries.vise(session, clock, actor, menage)):
        raise NotVisible(ref)
    _a_jour(acces, version)
    now = clock.now()
    present = etat(acces.statut, acces.repondre_avant, acces.jusqu_au, bool(acces.repondu_par), now)
    if present is not EtatAcces.OUVERT and not (present is EtatAcces.DEMANDE and sienne):
        raise DomainError("menages.acces_ferme")
    acces.statut, acces.ferme_le, acces.updated_at = StatutAcces.FERME, now, now
    session.flush()
    _journal(session, clock, actor, acces, menage, "fermer")
    if not sienne:
        _prevenir(session, clock, actor, acces, menage, "menages/acces_ferme")
    return acces


def _prevenir(
    session: Session, clock: Clock, actor: Actor | None, acces: AccesMenage, menage: Menage, template: str
) -> None:
    enqueue(
        session,
        clock,
        to=session.get_one(Personne, acces.demandeur_id),
        template=template,
        context={
            "code": menage.code,
            "organisation": menage.organisation.nom,
            "accepte": acces.statut is StatutAcces.ACCORDE,
            "silence": not acces.repondu_par,
            "jusqu_au": acces.jusqu_au,
            "fuseau": actor.fuseau if actor else None,
        },
    )


def refuser_le_silence(session: Session, clock: Clock, ref: str) -> bool:
    """Refuse a request that nobody answered in time, and tell whoever asked; return whether it was so."""
    acces = session.scalar(
        select(AccesMenage)
        .where(
            AccesMenage.ref == ref,
            AccesMenage.statut == StatutAcces.DEMANDE,
            AccesMenage.repondre_avant <= clock.now(),
        )
        .with_for_update()
    )
    if acces is None:
        return False
    menage = session.get_one(Menage, acces.menage_id, options=[joinedload(Menage.organisation)])
    acces.statut, acces.updated_at = StatutAcces.REFUSE, clock.now()
    session.flush()
    _journal(session, clock, None, acces, menage, "silence")
    _prevenir(session, clock, None, acces, menage, "menages/reponse")
    return True


def repond(actor: Actor, clock: Clock) -> ColumnElement[bool]:
    """Return the condition « the actor answers the requests on this household » (`peut_repondre`)."""
    if not can(actor, Permission.MENAGES_LIRE):
        return Menage.id.is_(None)
    if actor.profil in SIAO:
        return Menage.departement_code.in_(actor.departements)
    return and_(
        queries.ctp_en_vigueur(actor, clock, Menage.departement_code),
        or_(queries.sien(actor), queries.relaie(actor, clock)),
    )


def attend(clock: Clock) -> ColumnElement[bool]:
    """Return the condition « this request waits for an answer »."""
    return and_(AccesMenage.statut == StatutAcces.DEMANDE, AccesMenage.repondre_avant > clock.now())


def a_repondre(session: Session, clock: Clock, actor: Actor) -> list[Demande]:
    """Return the requests that the actor may answer, the first asked first. Two statements."""
    return _lire(session, clock, actor, and_(repond(actor, clock), attend(clock)), nommer=True)


@dataclass(frozen=True)
class QuiLit:
    """Who reads a household beside its referent and the SIAO. `relais`: who stands in today, until which day;
    `demandes`: what waits or is open, for who answers; `jusqu_au`: the end of the reader's own access."""

    relais: Sequence[tuple[str, date]]
    demandes: Sequence[Demande] = ()
    jusqu_au: datetime | None = None


def sur(session: Session, clock: Clock, actor: Actor, vise: Vise) -> QuiLit:
    """Return who reads one household, by its code. One statement."""
    menage, jour = vise.menage, clock.today(fuseau_de(vise.menage.departement_code))
    ouvert = queries.ouvert(clock)
    lectures: dict[str, AnySelect] = {
        "relais": select(Personne.prenom, Personne.nom, Relais.au)
        .join(Relais, Relais.relais_id == Personne.id)
        .where(
            Relais.organisation_id == menage.organisation_id,
            Relais.absent_id == menage.referent_id,
            Relais.du <= jour,
            Relais.au >= jour,
        ),
        "mien": select(AccesMenage.jusqu_au).where(
            AccesMenage.menage_id == menage.id, AccesMenage.demandeur_id == actor.personne_id, ouvert
        ),
    }
    if peut_repondre(actor, vise):
        lectures["demandes"] = _lecture(
            clock, actor, and_(Menage.id == menage.id, or_(attend(clock), ouvert))
        )
    lues = ensemble.lire(session, lectures)
    demandes = [_demande(session, clock, row, {}) for row in lues.get("demandes", ())]
    return QuiLit(
        relais=sorted((f"{row.prenom} {row.nom}".strip(), row.au) for row in lues["relais"]),
        demandes=sorted(demandes, key=lambda une: (une.le, une.ref)),
        jusqu_au=max((row.jusqu_au for row in lues["mien"]), default=None),
    )


def siennes(session: Session, clock: Clock, actor: Actor) -> list[Demande]:
    """Return the actor's own requests, the latest first: what is open has a name. Two statements."""
    condition = and_(
        AccesMenage.demandeur_id == actor.personne_id,
        AccesMenage.organisation_id.in_(queries.siennes(actor)),
    )
    return list(reversed(_lire(session, clock, actor, condition, nommer=False)))


def _lire(
    session: Session, clock: Clock, actor: Actor, condition: ColumnElement[bool], *, nommer: bool
) -> list[Demande]:
    rows = _lues(session, clock, actor, condition)
    noms = designations(session, {row.menage_id: row.code for row in rows if row.visible or nommer})
    return [_demande(session, clock, row, noms) for row in rows]


def _lues(session: Session, clock: Clock, actor: Actor, condition: ColumnElement[bool]) -> list[AnyRow]:
    """Return the requests that answer a condition, the first asked first. One statement."""
    return list(reversed(fetch(session, _lecture(clock, actor, condition))))


def _lecture(clock: Clock, actor: Actor, condition: ColumnElement[bool]) -> AnySelect:
    """Return the select of the requests that answer a condition, the latest first."""
    return (
        select(
            AccesMenage.ref,
            AccesMenage.version,
            AccesMenage.statut,
            AccesMenage.motif,
            AccesMenage.jours,
            AccesMenage.created_at,
            AccesMenage.repondre_avant,
            AccesMenage.repondu_par,
            AccesMenage.jusqu_au,
            Menage.id.label("menage_id"),
            Menage.ref.label("menage_ref"),
            Menage.code,
            Organisation.nom.label("organisation"),
            DEMANDEUR.prenom,
            DEMANDEUR.nom,
            SIENNE.nom.label("sienne"),
            queries.visible_to(actor, clock).label("visible"),
        )
        .join(Menage, Menage.id == AccesMenage.menage_id)
        .join(Organisation, Organisation.id == Menage.organisation_id)
        .join(DEMANDEUR, DEMANDEUR.id == AccesMenage.demandeur_id)
        .join(SIENNE, SIENNE.id == AccesMenage.organisation_id)
        .where(condition)
        .order_by(AccesMenage.id.desc())
        .limit(MONTRES)
    )


def _demande(session: Session, clock: Clock, row: Any, noms: Mapping[int, str]) -> Demande:
    return Demande(
        row.ref,
        row.version,
        row.menage_ref if row.visible else "",
        row.code,
        noms.get(row.menage_id, row.code),
        row.organisation,
        f"{row.prenom} {row.nom}".strip(),
        row.sienne,
        etat(row.statut, row.repondre_avant, row.jusqu_au, bool(row.repondu_par), clock.now()),
        coffre(session).ouvrir(row.motif),
        row.jours,
        row.created_at,
        row.repondre_avant,
        row.repondu_par,
        row.jusqu_au,
    )


def nombre_a_repondre(actor: Actor, clock: Clock) -> Sequence[ColumnElement[bool]]:
    """Return the conditions of what waits for the actor's answer in « À faire »: not for the SIAO, which may
    answer everything and is the referent of little."""
    if actor.profil in SIAO:
        return (queries.sien(actor), attend(clock))
    return (repond(actor, clock), attend(clock))
