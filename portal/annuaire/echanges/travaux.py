"""The sequence of an import (`jobs.tableaux`): what was decided, the import, and perhaps undoing it."""

from collections.abc import Mapping
from typing import IO, Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.annuaire.echanges.analyse import Decisions, analyser
from portal.annuaire.echanges.annulation import Annulation, defaire
from portal.annuaire.echanges.champs import COLONNES, Colonnes
from portal.annuaire.echanges.ecriture import ecrire, preparer
from portal.audit.service import record
from portal.comptes import acteurs
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
from portal.shared.errors import DomainError, Forbidden, NotVisible

DEPOT = "annuaire:import_depot"
ANALYSER = "annuaire:import_analyser"
IMPORTER = "annuaire:import_importer"
FICHIER_LU, LIGNES_LUES, PRET = 10, 40, 90  # per cent done after each stage


ETAPES = Etapes(DEPOT, ANALYSER, IMPORTER, COLONNES)


def deposer(
    session: Session, clock: Clock, actor: Actor, storage: Storage, stream: IO[bytes], nom: str
) -> Travail:
    """Keep a table and recognise its columns; nothing of its lines is written.

    Raises Forbidden, or DomainError when it is not a table that can be read.
    """
    _exiger(actor)
    return ETAPES.garder(session, clock, actor, storage, stream, nom)


def demander_apercu(
    session: Session, clock: Clock, actor: Actor, depot_ref: str, colonnes: Colonnes
) -> Travail:
    """Remember the matching of the columns and ask for the preview. Raises NotVisible, DomainError."""
    _exiger(actor)
    return ETAPES.demander_apercu(session, clock, actor, depot_ref, colonnes)


def refaire_apercu(
    session: Session, clock: Clock, actor: Actor, apercu_ref: str, *, mots: Mapping[str, str]
) -> Travail:
    """Ask for the preview again, with what words of the file mean. Raises NotVisible, Forbidden."""
    _exiger(actor)
    analyse = apercu(session, actor, apercu_ref)
    gardes = {nom: analyse.parametres[nom] for nom in ("nom", "fichier", "depot", "colonnes")}
    return enqueue_job(session, clock, actor, ANALYSER, gardes | {"mots": dict(mots), "refait": apercu_ref})


def apercu(session: Session, actor: Actor, ref: str) -> Travail:
    """Return the job of a preview (`Apercu.as_dict` in its result once ended); raises NotVisible."""
    return ETAPES.travail(session, actor, ref, ANALYSER)


def decider(session: Session, actor: Actor, apercu_ref: str, choix: Mapping[str, str]) -> None:
    """Keep what the person chose for some lines, by number; raises NotVisible, Forbidden."""
    _exiger(actor)
    travail = apercu(session, actor, apercu_ref)
    travail.parametres["decisions"] = travail.parametres.get("decisions", {}) | dict(choix)
    flag_modified(travail, "parametres")
    session.flush()


def decider_pour_tout(session: Session, actor: Actor, apercu_ref: str, choix: str) -> None:
    """Give the same fate to every line to be decided: « maj », « creer », « ignorer », empty: as proposed."""
    _exiger(actor)
    travail = apercu(session, actor, apercu_ref)
    travail.parametres["pour_tout"], travail.parametres["decisions"] = choix, {}
    flag_modified(travail, "parametres")
    session.flush()


def confirmer(session: Session, clock: Clock, actor: Actor, apercu_ref: str, *, tout: bool) -> Travail:
    """Ask for the import that was read; confirmed again while it is under way or done, the same job answers.

    `tout`: all or nothing, else the valid lines only. Raises NotVisible, Forbidden.
    """
    _exiger(actor)
    analyse, deja = ETAPES.a_confirmer(session, actor, apercu_ref)
    if deja is not None:
        return deja
    parametres = analyse.parametres | {"apercu": apercu_ref, "tout": tout}
    return enqueue_job(session, clock, actor, IMPORTER, parametres)


def importation(session: Session, actor: Actor, ref: str) -> Travail:
    """Return the job of an import (`Bilan.as_dict` in its result once ended); raises NotVisible."""
    return ETAPES.travail(session, actor, ref, IMPORTER)


def annulable(clock: Clock, actor: Actor, travail: Travail) -> bool:
    """Tell whether an import can still be undone: ended, and on the same day."""
    return (
        travail.statut is StatutTravail.TERMINE
        and travail.termine_le is not None
        and travail.termine_le.astimezone(ZoneInfo(actor.fuseau)).date() == clock.today(actor.fuseau)
    )


def annuler(session: Session, clock: Clock, actor: Actor, ref: str) -> Annulation:
    """Undo an import within the day; the entries changed since are left, each with the reason.

    Raises NotVisible, Forbidden, DomainError.
    """
    _exiger(actor)
    travail = importation(session, actor, ref)
    session.refresh(travail, with_for_update=True)
    if travail.statut is StatutTravail.ANNULE:
        raise DomainError("annuaire.import_deja_annule")
    if not annulable(clock, actor, travail):
        raise DomainError("annuaire.import_annulation_tardive")
    bilan = defaire(session, clock, actor, travail.id)
    travail.statut = StatutTravail.ANNULE
    travail.resultat = (travail.resultat or {}) | {"annulation": bilan.as_dict()}
    session.flush()
    record(session, clock, actor, "annuaire:import:annuler", travail, changes=bilan.as_dict())
    return bilan


@job(ANALYSER)
def faire_apercu(context: JobContext) -> dict[str, Any]:
    """Tell what the import would do."""
    table, actor = _moyens(context)
    parametres = context.parameters
    with context.database.session() as session:
        colonnes = COLONNES.de_json(parametres["colonnes"])
        return analyser(
            session,
            context.clock,
            actor,
            table,
            colonnes,
            parametres.get("mots"),
            progress=avancer(context, FICHIER_LU, PRET),
        ).as_dict()


@job(IMPORTER)
def faire_import(context: JobContext) -> None:
    """Import in one transaction that also ends the job: done once, or not at all.

    Everything is read and made ready before it begins: the database is locked for the writing alone.
    """
    table, actor = _moyens(context)
    parametres, clock = context.parameters, context.clock
    with context.database.session() as session:
        montre = _resultat(session, actor, parametres["apercu"])
        decisions = Decisions(
            parametres.get("decisions", {}), parametres.get("pour_tout", ""), montre["propositions"]
        )
        lu = analyser(
            session,
            clock,
            actor,
            table,
            COLONNES.de_json(parametres["colonnes"]),
            parametres.get("mots"),
            decisions,
            avancer(context, FICHIER_LU, LIGNES_LUES),
        )
        pret = preparer(
            session,
            clock,
            actor,
            lu,
            tout=parametres["tout"],
            progress=avancer(context, LIGNES_LUES, PRET),
        )
        comptes = lu.comptes()
    context.progress(PRET)
    with context.database.session(write=True) as session:
        bilan = ecrire(session, clock, actor, pret, context.job.id)
        record(
            session,
            clock,
            actor,
            "annuaire:import:faire",
            session.get_one(Travail, context.job.id),
            changes={"fichier": parametres["nom"], **comptes},
        )
        context.complete(session, bilan.as_dict())
        session.commit()


def _resultat(session: Session, actor: Actor, apercu_ref: str) -> dict[str, Any]:
    try:
        return apercu(session, actor, apercu_ref).resultat or {}
    except NotVisible as error:
        raise DomainError("tableau.perdu") from error


def _moyens(context: JobContext) -> tuple[Table, Actor]:
    """Return the table, and who asked, whose access is read anew."""
    with context.database.session() as session:
        actor = acteurs.of_membership(session, context.job.adhesion_id)
    if actor is None or not can(actor, Permission.ANNUAIRE_MODIFIER):
        raise DomainError("annuaire.import_acces")
    table = ETAPES.relire(context)
    context.progress(FICHIER_LU)
    return table, actor


def _exiger(actor: Actor) -> None:
    if not can(actor, Permission.ANNUAIRE_MODIFIER):
        raise Forbidden(Permission.ANNUAIRE_MODIFIER.value)
