"""Documents and archives as jobs: for who may read the lines, whose right the worker checks again."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import acteurs
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.conventions.queries import lisibles
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.signature import fichiers
from portal.conventions.signature.enums import Sorte
from portal.documents.models import Fichier
from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.jobs.context import JobContext
from portal.jobs.models import Travail
from portal.jobs.registry import job
from portal.jobs.service import enqueue_job
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible

DOCUMENT = "conventions:document"
ARCHIVE = "conventions:archive"
MAXIMUM = 500
"""Conventions in one archive."""

ECRITURE = 95.0  # percent of an archive at which its documents are made
TYPES = {Sorte.TRAVAIL: TypeFichier.DOCX, Sorte.PROPRE: TypeFichier.DOCX, Sorte.PDF: TypeFichier.PDF}


def demander(session: Session, clock: Clock, actor: Actor, ref: str, sorte: Sorte) -> Travail:
    """Ask for a document of a visible line that has a text. Raises NotVisible."""
    ligne = lisible(session, actor, ref)
    travail = enqueue_job(
        session,
        clock,
        actor,
        DOCUMENT,
        {"convention": ligne.ref, "sorte": sorte.value},
        departement_code=ligne.departement_code,
    )
    faits = {"sorte": sorte.value, "travail": travail.ref}
    record(session, clock, actor, "conventions:document:demander", ligne, changes=faits)
    return travail


def demander_archive(
    session: Session, clock: Clock, actor: Actor, sorte: Sorte, statut: Statut | None = None
) -> Travail:
    """Ask for one archive of the texts of the lines that the actor may see. Raises Forbidden, DomainError."""
    if not can(actor, Permission.CONVENTIONS_EXPORTER):
        raise Forbidden(Permission.CONVENTIONS_EXPORTER.value)
    nombre = len(_a_archiver(session, actor, statut))
    if not nombre:
        raise DomainError("signature.aucun_texte")
    if nombre > MAXIMUM:
        raise DomainError("signature.trop_de_textes", maximum=MAXIMUM)
    parametres = {"sorte": sorte.value, "statut": statut.value if statut else ""}
    travail = enqueue_job(session, clock, actor, ARCHIVE, parametres)
    record(
        session,
        clock,
        actor,
        "conventions:archive:demander",
        travail,
        changes=parametres | {"conventions": nombre},
    )
    return travail


def nombre_a_archiver(session: Session, actor: Actor) -> int:
    """Return how many lines that the actor may see have a text."""
    return len(_a_archiver(session, actor, None))


def _a_archiver(session: Session, actor: Actor, statut: Statut | None) -> Sequence[int]:
    requete = (
        select(Convention.id)
        .join(ConventionTexte, ConventionTexte.convention_id == Convention.id)
        .where(lisibles(actor))
        .order_by(Convention.operateur_tri, Convention.id)
        .limit(MAXIMUM + 1)
    )
    return session.scalars(requete.where(Convention.statut == statut) if statut else requete).all()


def lisible(session: Session, actor: Actor, ref: str) -> Convention:
    """Return a visible line that has a text. Raises NotVisible."""
    ligne = session.scalar(
        select(Convention)
        .join(ConventionTexte, ConventionTexte.convention_id == Convention.id)
        .where(Convention.ref == ref, lisibles(actor))
    )
    if ligne is None:
        raise NotVisible(ref)
    return ligne


@job(DOCUMENT)
def faire_document(context: JobContext) -> None:
    """Make one document."""
    sorte = Sorte(context.parameters["sorte"])
    with context.database.session() as session:
        actor = qui(context, session)
        try:
            ligne = lisible(session, actor, context.parameters["convention"])
        except NotVisible:
            raise DomainError("signature.acces") from None
        nom = fichiers.nom_de(ligne, sorte, fige=fichiers.est_figee(session, ligne))
        fait = fichiers.composer(session, context.clock, ligne, sorte)
    context.progress(20)
    octets = fichiers.rendre(fait, sorte, instant(context))
    finir(context, actor, octets, nom, TYPES[sorte])


@job(ARCHIVE)
def faire_archive(context: JobContext) -> None:
    """Make one archive, one convention after the other, without locking any."""
    sorte = Sorte(context.parameters["sorte"])
    demande = context.parameters["statut"]
    with context.database.session() as session:
        actor = qui(context, session)
        ids = _a_archiver(session, actor, Statut(demande) if demande else None)
    faits: list[tuple[str, bytes]] = []
    for rang, convention_id in enumerate(ids):
        with context.database.session() as session:
            ligne = fichiers.ligne_de(session, convention_id)
            nom = fichiers.nom_de(ligne, sorte, fige=fichiers.est_figee(session, ligne))
            document = fichiers.composer(session, context.clock, ligne, sorte)
        faits.append((nom, fichiers.rendre(document, sorte, instant(context))))
        context.progress(ECRITURE * (rang + 1) / len(ids))
    nom = f"conventions-{actor.departement_code}-{context.clock.today():%Y-%m-%d}.zip"
    finir(context, actor, fichiers.archiver(faits), nom, TypeFichier.ZIP, {"conventions": len(faits)})


def qui(context: JobContext, session: Session) -> Actor:
    """Return who asked, whose access is read anew."""
    actor = acteurs.of_membership(session, context.job.adhesion_id)
    if actor is None or not can(actor, Permission.CONVENTIONS_LIRE):
        raise DomainError("signature.acces")
    return actor


def instant(context: JobContext) -> datetime:
    """Return the instant that files are dated of."""
    return context.clock.now()


def finir(
    context: JobContext,
    actor: Actor,
    octets: bytes,
    nom: str,
    genre: TypeFichier,
    resultat: dict[str, Any] | None = None,
) -> None:
    """Store the file of a job, and complete the job."""
    with context.database.session(write=True) as session:
        fichier: Fichier = Storage(context.settings).store(
            session,
            context.clock,
            io.BytesIO(octets),
            nom,
            frozenset({genre}),
            actor=actor,
            max_bytes=max(len(octets), 1),
        )
        context.complete(session, resultat, fichier)
        session.commit()
