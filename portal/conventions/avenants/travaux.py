"""Documents of avenants and of consolidated texts, as jobs whose right the worker checks again."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.avenants import documents
from portal.conventions.avenants.models import Avenant
from portal.conventions.models import Convention
from portal.conventions.signature import fichiers
from portal.conventions.signature.enums import Sorte
from portal.conventions.signature.travaux import TYPES, finir, instant, lisible, qui
from portal.documents.texte import Document
from portal.jobs.context import JobContext
from portal.jobs.models import Travail
from portal.jobs.registry import job
from portal.jobs.service import enqueue_job
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible

DOCUMENT = "conventions:avenant"


def demander(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    sorte: Sorte,
    *,
    avenant_ref: str = "",
    au: date | None = None,
) -> Travail:
    """Ask for the document of an avenant, or of the text consolidated on a day. Raises NotVisible."""
    ligne = lisible(session, actor, ref)
    if avenant_ref:
        _avenant(session, ligne, avenant_ref)
    parametres = {
        "convention": ligne.ref,
        "sorte": sorte.value,
        "avenant": avenant_ref,
        "au": au.isoformat() if au else "",
    }
    travail = enqueue_job(
        session, clock, actor, DOCUMENT, parametres, departement_code=ligne.departement_code
    )
    faits = parametres | {"travail": travail.ref}
    record(session, clock, actor, "conventions:document:demander", ligne, changes=faits)
    return travail


def _avenant(session: Session, ligne: Convention, avenant_ref: str) -> Avenant:
    avenant = session.scalar(
        select(Avenant).where(Avenant.ref == avenant_ref, Avenant.convention_id == ligne.id)
    )
    if avenant is None:
        raise NotVisible(avenant_ref)
    return avenant


@job(DOCUMENT)
def faire_document(context: JobContext) -> None:
    """Make one document."""
    sorte = Sorte(context.parameters["sorte"])
    with context.database.session() as session:
        actor = qui(context, session)
        try:
            ligne = lisible(session, actor, context.parameters["convention"])
            document, quoi = _composer(session, ligne, sorte, context.parameters)
        except NotVisible:
            raise DomainError("signature.acces") from None
        nom = documents.nom(ligne, sorte, quoi)
    context.progress(20)
    octets = fichiers.rendre(document, sorte, instant(context))
    finir(context, actor, octets, nom, TYPES[sorte])


def _composer(
    session: Session, ligne: Convention, sorte: Sorte, parametres: dict[str, str]
) -> tuple[Document, str]:
    if parametres["avenant"]:
        avenant = _avenant(session, ligne, parametres["avenant"])
        return documents.de_l_avenant(session, ligne, avenant, sorte), f"avenant-{avenant.numero}"
    jour = date.fromisoformat(parametres["au"])
    return documents.consolidee(session, ligne, jour, sorte), f"consolidee-{jour.isoformat()}"
