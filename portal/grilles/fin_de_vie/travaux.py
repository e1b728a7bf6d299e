"""The job that makes a household's copy, encrypted, kept for a month with the request that it answers."""

import io
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.audit.service import record
from portal.documents.models import Fichier
from portal.documents.rendu.pdf import en_pdf
from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.grilles.fin_de_vie.copie import composer
from portal.grilles.fin_de_vie.demandes import COPIE
from portal.grilles.fin_de_vie.models import DemandeMenage
from portal.grilles.menages.models import Menage
from portal.jobs.context import JobContext
from portal.jobs.registry import job
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

GARDEE = timedelta(days=30)
NOM = "copie-de-mes-donnees.pdf"
LU, RENDU = 20, 80  # per cent done after each stage


@job(COPIE)
def copier(context: JobContext) -> dict[str, Any] | None:
    """Make the copy of the household of a request. A household erased meanwhile: nothing is made."""
    ref, storage = str(context.parameters["demande"]), Storage(context.settings)
    with context.database.session() as session:
        menage = session.scalar(
            select(Menage)
            .join(DemandeMenage, DemandeMenage.menage_id == Menage.id)
            .where(DemandeMenage.ref == ref)
            .options(selectinload(Menage.adultes))
        )
        if menage is None:
            raise DomainError("fin_de_vie.efface")
        document = composer(session, context.clock, menage)
    context.progress(LU)
    octets = en_pdf(document, context.clock.now())
    context.progress(RENDU)
    with context.database.session(write=True) as session:
        demande = session.scalar(select(DemandeMenage).where(DemandeMenage.ref == ref))
        if demande is None or demande.menage_id is None:
            raise DomainError("fin_de_vie.efface")
        file = storage.store(
            session,
            context.clock,
            io.BytesIO(octets),
            NOM,
            frozenset({TypeFichier.PDF}),
            encrypt=True,
            max_bytes=len(octets),
        )
        if demande.fichier is not None:  # made anew
            former, demande.fichier = demande.fichier, None
            session.flush()
            storage.delete(session, former)
        demande.fichier_id = file.id
        record(session, context.clock, None, "menages:demande:copie_faite", demande)
        context.complete(session)
        session.commit()
    return None


def oublier(session: Session, clock: Clock, storage: Storage) -> int:
    """Delete the copies made more than a month ago; return how many."""
    old = session.scalars(
        select(DemandeMenage)
        .join(Fichier, Fichier.id == DemandeMenage.fichier_id)
        .where(Fichier.depose_le < clock.now() - GARDEE)
        .order_by(DemandeMenage.id)
    ).all()
    for demande in old:
        file, demande.fichier = demande.fichier, None
        session.flush()
        if file is not None:
            storage.delete(session, file)
    return len(old)
