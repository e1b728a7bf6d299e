"""The sequence of an import: give the file, match its columns, read the preview, confirm, perhaps undo."""

from collections.abc import Mapping
from typing import IO, Any

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import acteurs
from portal.conventions.import_suivi.analyse import analyser, comparer, lire_lignes
from portal.conventions.import_suivi.colonnes import COLONNES, Colonnes
from portal.conventions.import_suivi.ecriture import Annulation, appliquer, defaire
from portal.conventions.import_suivi.parties import siaos_de
from portal.conventions.jours import est_du_jour
from portal.documents.spreadsheets import Table
from portal.documents.storage import Storage
from portal.jobs.context import JobContext
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.registry import job
from portal.jobs.service import enqueue_job
from portal.jobs.tableaux import Etapes, avancer
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden

DEPOT = "conventions:import_depot"
ANALYSER = "conventions:import_analyser"
IMPORTER = "conventions:import_importer"
FICHIER_LU, LIGNES_LUES, COMPARAISON = 10, 70, 90  # per cent done after each stage


ETAPES = Etapes(DEPOT, ANALYSER, IMPORTER, COLONNES)


def deposer(
    session: Session, clock: Clock, actor: Actor, storage: Storage, stream: IO[bytes], nom: str
) -> Travail:
    """Keep a table and recognise its columns; nothing of its lines is written.

    Raises Forbidden, or DomainError when it is not a table that can be read.
    """
    departement = _exiger(session, actor)
    return ETAPES.garder(session, clock, actor, storage, stream, nom, departement_code=departement)


def demander_apercu(
    session: Session, clock: Clock, actor: Actor, depot_ref: str, colonnes: Colonnes
) -> Travail:
    """Remember the matching of the columns and ask for the preview. Raises NotVisible, DomainError."""
    departement = _exiger(session, actor)
    return ETAPES.demander_apercu(session, clock, actor, depot_ref, colonnes, departement_code=departement)


def refaire_apercu(
    session: Session,
    clock: Clock,
    actor: Actor,
    apercu_ref: str,
    *,
    choix: Mapping[str, str],
    mots: Mapping[str, str],
) -> Travail:
    """Ask for the preview again with what the person answered (as in `analyser`). Raises NotVisible."""
    departement = _exiger(session, actor)
    analyse = apercu(session, actor, apercu_ref)
    reponses = {"choix": dict(choix), "mots": dict(mots), "refait": apercu_ref}
    return enqueue_job(
        session, clock, actor, ANALYSER, analyse.parametres | reponses, departement_code=departement
    )


def apercu(session: Session, actor: Actor, ref: str) -> Travail:
    """Return the job of a preview (`Apercu.as_dict` in its result once ended); raises NotVisible."""
    return ETAPES.travail(session, actor, ref, ANALYSER)


def confirmer(
    session: Session,
    clock: Clock,
    actor: Actor,
    apercu_ref: str,
    *,
    tout: bool,
    choix: Mapping[str, str],
) -> Travail:
    """Ask for the import that was read; confirmed again while it is under way or done, the same job answers.

    `tout`: all or nothing, else the valid lines only; `choix`: the organisation to match with each unknown
    operator, by key; empty: open it. Raises NotVisible, Forbidden.
    """
    departement = _exiger(session, actor)
    analyse, deja = ETAPES.a_confirmer(session, actor, apercu_ref)
    if deja is not None:
        return deja
    return enqueue_job(
        session,
        clock,
        actor,
        IMPORTER,
        analyse.parametres | {"apercu": apercu_ref, "tout": tout, "choix": dict(choix)},
        departement_code=departement,
    )


def importation(session: Session, actor: Actor, ref: str) -> Travail:
    """Return the job of an import (`Bilan.as_dict` in its result once ended); raises NotVisible."""
    return ETAPES.travail(session, actor, ref, IMPORTER)


def annulable(clock: Clock, travail: Travail) -> bool:
    """Tell whether an import can still be undone: ended, and on the same day where its lines are."""
    departement = travail.departement_code
    return (
        travail.statut is StatutTravail.TERMINE
        and departement is not None
        and est_du_jour(clock, departement, travail.termine_le)
    )


def annuler(session: Session, clock: Clock, actor: Actor, ref: str) -> Annulation:
    """Undo an import within the day; the lines changed since are left, each with the reason.

    Raises NotVisible, Forbidden, DomainError.
    """
    _exiger(session, actor)
    travail = importation(session, actor, ref)
    session.refresh(travail, with_for_update=True)
    if travail.statut is StatutTravail.ANNULE:
        raise DomainError("conventions.import_deja_annule")
    if not annulable(clock, travail):
        raise DomainError("conventions.import_annulation_tardive")
    bilan = defaire(session, clock, actor, travail.id, travail.resultat or {})
    travail.statut = StatutTravail.ANNULE
    travail.resultat = (travail.resultat or {}) | {"annulation": bilan.as_dict()}
    session.flush()
    record(session, clock, actor, "conventions:import:annuler", travail, changes=bilan.as_dict())
    return bilan


@job(ANALYSER)
def faire_apercu(context: JobContext) -> dict[str, Any]:
    """Tell what the import would do."""
    table, actor = _moyens(context)
    parametres = context.parameters
    with context.database.session() as session:
        lu = analyser(
            session,
            context.clock,
            actor,
            table,
            COLONNES.de_json(parametres["colonnes"]),
            parametres.get("choix"),
            parametres.get("mots"),
            avancer(context, FICHIER_LU, LIGNES_LUES),
        )
        return lu.as_dict()


@job(IMPORTER)
def faire_import(context: JobContext) -> None:
    """Import in one transaction that also ends the job: done once, or not at all.

    The lines are read before it begins: only what depends on the portal is looked at while it is locked.
    """
    table, actor = _moyens(context)
    parametres, clock = context.parameters, context.clock
    colonnes, mots = COLONNES.de_json(parametres["colonnes"]), parametres.get("mots")
    with context.database.session() as session:
        progress = avancer(context, FICHIER_LU, LIGNES_LUES)
        lues = lire_lignes(session, clock, actor, table, colonnes, mots, progress)
    context.progress(COMPARAISON)
    with context.database.session(write=True) as session:
        lu = comparer(session, actor, table, colonnes, lues, parametres["choix"], mots)
        bilan = appliquer(session, clock, actor, lu, context.job.id, tout=parametres["tout"])
        record(
            session,
            clock,
            actor,
            "conventions:import:faire",
            session.get_one(Travail, context.job.id),
            changes={"fichier": parametres["nom"], **lu.comptes()},
        )
        context.complete(session, bilan.as_dict())
        session.commit()


def _moyens(context: JobContext) -> tuple[Table, Actor]:
    """Return the table, and who asked, whose access is read anew."""
    with context.database.session() as session:
        actor = acteurs.of_membership(session, context.job.adhesion_id)
    if actor is None or not can(actor, Permission.CONVENTIONS_IMPORTER):
        raise DomainError("conventions.import_acces")
    table = ETAPES.relire(context)
    context.progress(FICHIER_LU)
    return table, actor


def _exiger(session: Session, actor: Actor) -> str:
    """Return the département of the lines that the actor may import; raises Forbidden."""
    siaos = siaos_de(session, actor) if can(actor, Permission.CONVENTIONS_IMPORTER) else []
    if not siaos:
        raise Forbidden(Permission.CONVENTIONS_IMPORTER.value)
    return siaos[0].departement_code
