"""A household's requests about its data: a copy, a correction, an erasure, each answered within a month.

They are received and followed here. A refusal has its reason, which is owed to the household.
"""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.documents.storage import Storage
from portal.grilles.fin_de_vie import effacement
from portal.grilles.fin_de_vie.enums import GenreDemande, StatutDemande
from portal.grilles.fin_de_vie.models import DemandeMenage
from portal.grilles.fin_de_vie.policies import peut_recevoir
from portal.grilles.menages import queries as menages
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import Vise
from portal.jobs.models import Travail
from portal.jobs.service import enqueue_job
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.dates import plus_mois
from portal.shared.errors import DomainError, Forbidden, StaleVersion

DELAI_MOIS = 1
"""What the regulation gives to answer (RGPD, art. 12)."""
ANCIENNETE = timedelta(days=365)
TEXTE_MAXIMUM = 2000
COPIE = "menages:copie"


def recevoir(
    session: Session,
    clock: Clock,
    actor: Actor,
    vise: Vise,
    genre: GenreDemande,
    recue_le: date,
    detail: str = "",
    *,
    key: str = "",
) -> DemandeMenage:
    """Write down a request that a household made on `recue_le`; its month runs from that day.

    Raises Forbidden, DomainError (fields `recue_le`, `detail`, `genre`).
    """
    if not peut_recevoir(actor, vise):
        raise Forbidden(Permission.MENAGES_MODIFIER.value)
    menage = vise.menage
    ref = keyed_ref(key, DemandeMenage.__tablename__, actor.adhesion_id, menage.id)
    again = session.scalar(select(DemandeMenage).where(DemandeMenage.ref == ref)) if ref else None
    if again is not None:
        return again
    jour = clock.today(actor.fuseau)
    if not jour - ANCIENNETE <= recue_le <= jour:
        raise DomainError("fin_de_vie.recue_le", "recue_le")
    texte = _texte(detail, "detail")
    if genre is GenreDemande.RECTIFICATION and not texte:
        raise DomainError("fin_de_vie.detail", "detail")
    ouverte = select(DemandeMenage.id).where(
        DemandeMenage.menage_id == menage.id,
        DemandeMenage.genre == genre,
        DemandeMenage.statut == StatutDemande.RECUE,
    )
    if session.scalar(ouverte.limit(1)) is not None:
        raise DomainError("fin_de_vie.deja_recue", "genre")
    now = clock.now()
    demande = DemandeMenage(
        menage_id=menage.id,
        organisation_id=menage.organisation_id,
        departement_code=menage.departement_code,
        code=menage.code,
        genre=genre,
        statut=StatutDemande.RECUE,
        recue_le=recue_le,
        echeance=plus_mois(recue_le, DELAI_MOIS),
        recue_par=_signe(actor),
        detail=coffre(session).fermer(texte) if texte else "",
        created_at=now,
        updated_at=now,
    )
    if ref:
        demande.ref = ref
    session.add(demande)
    session.flush()
    record(session, clock, actor, "menages:demande:recevoir", demande, changes={"genre": genre.value})
    return demande


def preparer_copie(
    session: Session, clock: Clock, actor: Actor, demande: DemandeMenage, *, version: int
) -> Travail:
    """Ask the worker for the copy of everything held about the household. Raises as `faire`."""
    demande, _vise = _tenir(session, clock, actor, demande, version)
    if demande.genre is not GenreDemande.ACCES:
        raise DomainError("fin_de_vie.genre")
    record(session, clock, actor, "menages:demande:preparer_copie", demande)
    return enqueue_job(
        session,
        clock,
        actor,
        COPIE,
        {"demande": demande.ref},
        departement_code=demande.departement_code,
    )


def faire(
    session: Session, clock: Clock, actor: Actor, demande: DemandeMenage, reponse: str, *, version: int
) -> None:
    """Say that a request was answered, and how. Raises Forbidden, StaleVersion, DomainError."""
    demande, _vise = _tenir(session, clock, actor, demande, version)
    if demande.genre is GenreDemande.EFFACEMENT:
        raise DomainError("fin_de_vie.par_effacement")
    texte = _texte(reponse, "reponse")
    if not texte:
        raise DomainError("fin_de_vie.reponse", "reponse")
    _clore(session, clock, actor, demande, StatutDemande.FAITE, texte)


def refuser(
    session: Session, clock: Clock, actor: Actor, demande: DemandeMenage, motif: str, *, version: int
) -> None:
    """Refuse a request, with the reason that the household is given. By the SIAO. Raises as `faire`."""
    demande, vise = _tenir(session, clock, actor, demande, version)
    require(actor, Permission.MENAGES_EFFACER, vise.menage)
    texte = _texte(motif, "reponse")
    if len(texte) < 10:
        raise DomainError("fin_de_vie.motif", "reponse")
    _clore(session, clock, actor, demande, StatutDemande.REFUSEE, texte)


def executer(
    session: Session,
    clock: Clock,
    storage: Storage,
    actor: Actor,
    demande: DemandeMenage,
    code: str,
    *,
    version: int,
) -> None:
    """Erase a household at its request. `code`: of the household, typed again. By the SIAO.

    Raises as `faire`, and DomainError (field `code`).
    """
    demande, vise = _tenir(session, clock, actor, demande, version)
    require(actor, Permission.MENAGES_EFFACER, vise.menage)
    if demande.genre is not GenreDemande.EFFACEMENT:
        raise DomainError("fin_de_vie.genre")
    if code.strip().upper() != demande.code:
        raise DomainError("fin_de_vie.code", "code", attendu=demande.code)
    _clore(session, clock, actor, demande, StatutDemande.FAITE, "")
    effacement.effacer(session, clock, storage, vise.menage, effacement.DEMANDE, actor=actor)


def _tenir(
    session: Session, clock: Clock, actor: Actor, demande: DemandeMenage, version: int
) -> tuple[DemandeMenage, Vise]:
    """Return a request still to be answered, held, and its household as the actor sees it."""
    held = session.get(DemandeMenage, demande.id, with_for_update=True, populate_existing=True)
    if held is None or held.version != version:
        raise StaleVersion(held)
    menage = session.get(Menage, held.menage_id) if held.menage_id is not None else None
    if menage is None:
        raise DomainError("fin_de_vie.efface")
    if held.statut is not StatutDemande.RECUE:
        raise DomainError("fin_de_vie.deja_traitee")
    vise = menages.vue(session, clock, actor, menage.ref)
    if not peut_recevoir(actor, vise):
        raise Forbidden(Permission.MENAGES_MODIFIER.value)
    return held, vise


def _clore(
    session: Session, clock: Clock, actor: Actor, demande: DemandeMenage, statut: StatutDemande, texte: str
) -> None:
    demande.statut = statut
    demande.reponse = coffre(session).fermer(texte) if texte else ""
    demande.traitee_le, demande.traitee_par = clock.now(), _signe(actor)
    demande.updated_at = clock.now()
    session.flush()
    facts = {"genre": demande.genre.value, "statut": statut.value}
    record(session, clock, actor, "menages:demande:repondre", demande, changes=facts)


def _texte(texte: str, champ: str) -> str:
    texte = texte.strip()
    if len(texte) > TEXTE_MAXIMUM:
        raise DomainError("fin_de_vie.detail_long", champ, maximum=TEXTE_MAXIMUM)
    return texte


def _signe(actor: Actor) -> str:
    return f"{actor.nom} ({actor.organisation_nom})"[:200]
