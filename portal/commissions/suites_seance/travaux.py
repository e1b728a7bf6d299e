"""What the worker does after a session: decisions told, bearers reminded, minutes and letters made.

Files with what concerns a household are encrypted; a job's parameters hold references alone.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions.models_decisions import Decision, ReleveSeance
from portal.commissions.models_seances import Seance
from portal.commissions.suites_seance import courrier, document, notification, prescriptions, queries, releves
from portal.commissions.suites_seance.courrier import COURRIER
from portal.commissions.suites_seance.effacement import a_oublier, oublier
from portal.commissions.suites_seance.messages import DECISION
from portal.comptes import acteurs
from portal.config import Settings
from portal.documents.models import Fichier
from portal.documents.rendu.pdf import en_pdf
from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.grilles.menages.service import lire
from portal.jobs.context import JobContext
from portal.jobs.models import Travail
from portal.jobs.registry import housekeeping, job
from portal.jobs.service import enqueue_job
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import Database
from portal.shared.errors import DomainError, NotVisible

log = structlog.get_logger(__name__)

FAIT = 60  # per cent, once a document is rendered


Attente = Callable[[Session, Clock, int], list[int]]
"""Returns the keys of some of what waits, in order after one."""


@housekeeping("decisions", every=timedelta(minutes=5))
def notifier(database: Database, clock: Clock, _settings: Settings) -> int:
    """Tell the decisions that wait to be told; return how many."""
    return _en_base(database, clock, notification.a_notifier, notification.notifier)


@housekeeping("prescriptions", every=timedelta(hours=6))
def rappeler(database: Database, clock: Clock, _settings: Settings) -> int:
    """Remind those who bear a prescription; return how many e-mails."""
    return _en_base(database, clock, prescriptions.a_rappeler, prescriptions.rappeler)


@housekeeping("releves_oubli", every=timedelta(days=1))
def reduire(database: Database, clock: Clock, settings: Settings) -> int:
    """Reduce the minutes that came to their term; return how many."""
    return _en_base(database, clock, a_oublier, partial(oublier, storage=Storage(settings)))


def _en_base(
    database: Database, clock: Clock, attente: Attente, faire: Callable[[Session, Clock, int], int]
) -> int:
    """Do what waits, each in a transaction of its own; return the sum of it."""

    def un(key: int) -> int:
        with database.session(write=True) as session:
            done = faire(session, clock, key)
            session.commit()
        return done

    return _un_par_un(database, clock, attente, un)


def _un_par_un(database: Database, clock: Clock, attente: Attente, faire: Callable[[int], int]) -> int:
    """Do what waits, batch after batch; return the sum of it. What fails is logged and waits for the next
    turn: it stops nothing else."""
    done = apres = 0
    while True:
        with database.session() as session:
            keys = attente(session, clock, apres)
        if not keys:
            return done
        for key in keys:
            try:
                done += faire(key)
            except Exception:
                log.exception("suites.failed", task=attente.__name__, key=key)
        apres = keys[-1]


def demander_courrier(session: Session, clock: Clock, actor: Actor, decision: Decision) -> Travail:
    """Ask for the household's letter of a decision that the actor reads."""
    dossier = decision.dossier
    travail = enqueue_job(
        session, clock, actor, COURRIER, {"decision": decision.ref}, departement_code=dossier.departement_code
    )
    faits = {"travail": travail.ref}
    record(
        session,
        clock,
        actor,
        "commissions:decision:courrier",
        decision,
        changes=faits,
        departement_code=dossier.departement_code,
    )
    return travail


@job(COURRIER)
def faire_courrier(context: JobContext) -> None:
    """Make a letter, for who asked, whose access is read anew; the reading is written down."""
    with context.database.session() as session:
        actor = acteurs.of_membership(session, context.job.adhesion_id)
        if actor is None:
            raise DomainError("suites.acces")
        try:
            decision = queries.decision(session, context.clock, actor, str(context.parameters["decision"]))
        except NotVisible:
            raise DomainError("suites.acces") from None
        fait, code = courrier.composer(session, context.clock, decision), decision.dossier.code
    octets = en_pdf(fait, context.clock.now())
    context.progress(FAIT)
    with context.database.session(write=True) as session:
        held = session.get(Decision, decision.id)
        if held is None:
            raise DomainError("suites.acces")
        lire(session, context.clock, actor, held.dossier.menage, DECISION, held.ref)
        nom = f"decision-{code}.pdf"
        file = _ranger(session, context.clock, context.settings, octets, nom, actor, encrypt=True)
        context.complete(session, None, file)
        session.commit()


@job(releves.RELEVE)
def faire_releve(context: JobContext) -> None:
    """Make the files of the minutes just sent."""
    with context.database.session() as session:
        seance = session.scalar(select(Seance.id).where(Seance.ref == str(context.parameters["seance"])))
        if seance is None:
            raise DomainError("suites.acces")
        actor = acteurs.of_membership(session, context.job.adhesion_id)
    faits = releves_en_pdf(context.database, context.clock, context.settings, seance, actor)
    context.progress(FAIT)
    with context.database.session(write=True) as session:
        context.complete(session, {"fichiers": faits})
        session.commit()


@housekeeping("releves_fichiers", every=timedelta(hours=1))
def refaire(database: Database, clock: Clock, settings: Settings) -> int:
    """Make again the files of minutes sent that were taken away, since a household they named is no longer to
    be named, or that could not be made; return how many."""

    def un(key: int) -> bool:
        return releves_en_pdf(database, clock, settings, key, None) > 0

    return _un_par_un(database, clock, releves.sans_fichier, un)


def releves_en_pdf(
    database: Database, clock: Clock, settings: Settings, seance_id: int, actor: Actor | None
) -> int:
    """Make those files that minutes lack: full, encrypted, until its term; anonymised. Return how many.

    None when the minutes change meanwhile: they are looked at again at the next turn.
    """
    with database.session() as session:
        seance, releve = _du_releve(session, seance_id)
        manquent = [
            complet
            for complet in (True, False)
            if (releve.complet_id if complet else releve.anonyme_id) is None
            and (
                not complet or (releve.complet_jusqu_au is not None and clock.now() < releve.complet_jusqu_au)
            )
        ]
        documents = [
            document.document(
                releves.lu(session, seance, releve)
                if complet
                else releves.lu_anonyme(session, seance, releve),
                seance,
                seance.commission,
                projet=False,
                approbations=releve.approbations,
            )
            for complet in manquent
        ]
        version = releve.version
    octets = [en_pdf(one, clock.now()) for one in documents]
    with database.session(write=True) as session:
        seance, releve = _du_releve(session, seance_id)
        if releve.version != version:
            return 0
        for complet, content in zip(manquent, octets, strict=True):
            nom = document.nom_de_fichier(seance, "pdf", complet=complet)
            file = _ranger(session, clock, settings, content, nom, actor, encrypt=complet)
            if complet:
                releve.complet_id = file.id
            else:
                releve.anonyme_id = file.id
        releve.updated_at = clock.now()
        session.commit()
    return len(octets)


def _du_releve(session: Session, seance_id: int) -> tuple[Seance, ReleveSeance]:
    releve = releves.releve_de(session, seance_id)
    if releve is None:
        raise DomainError("suites.acces")
    return session.get_one(Seance, seance_id), releve


def _ranger(
    session: Session,
    clock: Clock,
    settings: Settings,
    octets: bytes,
    nom: str,
    actor: Actor | None,
    *,
    encrypt: bool,
) -> Fichier:
    return Storage(settings).store(
        session,
        clock,
        io.BytesIO(octets),
        nom,
        frozenset({TypeFichier.PDF}),
        actor=actor,
        encrypt=encrypt,
        max_bytes=max(len(octets), 1),
    )
