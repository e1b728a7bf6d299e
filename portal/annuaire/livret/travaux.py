"""Making the booklet: asked for, made by the worker, taken from the page of the job."""

from io import BytesIO
from typing import Any

from sqlalchemy.orm import Session

from portal.annuaire.livret.contenu import composer, ids_du_departement
from portal.audit.service import record
from portal.comptes import acteurs
from portal.documents.rendu.livret import livret_en_pdf
from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.jobs.context import JobContext
from portal.jobs.models import Travail
from portal.jobs.registry import job
from portal.jobs.service import enqueue_job, recent_jobs
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible

LIVRET = "annuaire:livret"
LU, COMPOSE = 20, 40  # per cent done after each stage
MONTRES = 5


def demander(session: Session, clock: Clock, actor: Actor, departement_code: str) -> Travail:
    """Ask for the booklet of one of the actor's départements. Raises Forbidden, NotVisible."""
    if not can(actor, Permission.ANNUAIRE_EXPORTER):
        raise Forbidden(Permission.ANNUAIRE_EXPORTER.value)
    if departement_code not in actor.departements:
        raise NotVisible(departement_code)
    travail = enqueue_job(
        session,
        clock,
        actor,
        LIVRET,
        {"departement": departement_code},
        departement_code=departement_code,
    )
    record(session, clock, actor, "annuaire:livret:demander", travail)
    return travail


def recents(session: Session, actor: Actor) -> list[Travail]:
    """Return the actor's latest booklets, newest first."""
    return recent_jobs(session, actor, kind=LIVRET, limit=MONTRES)


@job(LIVRET)
def faire_livret(context: JobContext) -> None:
    """Make the booklet: what the one who asked may see, as it stands when it is made."""
    code: Any = context.parameters["departement"]
    with context.database.session() as session:
        actor = acteurs.of_membership(session, context.job.adhesion_id)
        if actor is None or not can(actor, Permission.ANNUAIRE_EXPORTER) or code not in actor.departements:
            raise DomainError("annuaire.livret_acces")
        ids = ids_du_departement(session, actor, code)
        if not ids:
            raise DomainError("annuaire.livret_vide")
        context.progress(LU)
        jour = context.clock.today(actor.fuseau)
        livret = composer(session, code, ids, jour, actor.langue)
    context.progress(COMPOSE)
    contenu = livret_en_pdf(livret, context.clock.now())
    with context.database.session(write=True) as session:
        fichier = Storage(context.settings).store(
            session,
            context.clock,
            BytesIO(contenu),
            f"annuaire-{code}-{jour.isoformat()}.pdf",
            frozenset({TypeFichier.PDF}),
            actor=actor,
            encrypt=True,
        )
        record(
            session,
            context.clock,
            actor,
            "annuaire:livret:produire",
            fichier,
            changes={"departement": code, "nombre": len(ids)},
            departement_code=code,
        )
        context.complete(session, {"fiches": len(ids)}, fichier)
        session.commit()
