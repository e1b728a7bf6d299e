"""Erasing a household, everywhere: tables, files, jobs, messages. What is left is a proof without content.

The journal keeps its own entries: they say who did what, never what it held.
"""

import json

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.documents.models import Fichier
from portal.documents.storage import Storage
from portal.grilles.autorisations import crochets as autorisations
from portal.grilles.autorisations.enums import StatutAutorisation
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.fin_de_vie import crochets, perimetre
from portal.grilles.fin_de_vie.models import DemandeMenage, PreuveEffacement
from portal.grilles.fin_de_vie.perimetre import Perimetre
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage.models import GrilleAcces
from portal.jobs.models import Travail
from portal.notifications.models import MessageSortant
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.entretien import entretien

DUREE, BROUILLON, DEMANDE, RESTAURATION = "duree", "brouillon", "demande", "restauration"
"""Why something was erased."""


def effacer(
    session: Session,
    clock: Clock,
    storage: Storage,
    menage: Menage,
    motif: str,
    *,
    actor: Actor | None = None,
) -> PreuveEffacement:
    """Erase a household in the caller's transaction and return the proof. No actor: the portal, at its term.

    Its files go away once that is committed. Whoever had received something is told that it is no more.
    """
    held = perimetre.du_menage(session, menage.id)
    demandes = session.scalars(
        select(DemandeMenage).where(DemandeMenage.menage_id == menage.id).order_by(DemandeMenage.id)
    ).all()
    held.refs.update(demande.ref for demande in demandes)
    held.fichiers.update(demande.fichier_id for demande in demandes if demande.fichier_id is not None)
    crochets.effacement(session, clock, menage, held)
    _travaux(session, storage, held)
    _messages(session, held)
    _fermer(session, clock, actor, menage)
    for demande in demandes:
        demande.detail = demande.reponse = ""
        demande.fichier_id = None
    session.flush()
    preuve = _preuve(clock, menage, motif, actor, held)
    session.add(preuve)
    record(session, clock, actor, "menages:menage:effacer", menage, changes={"motif": motif})
    with entretien(session):
        session.execute(delete(Menage).where(Menage.id == menage.id))
    session.expunge(menage)
    session.expire_all()
    _fichiers(session, storage, held)
    return preuve


def effacer_brouillon(
    session: Session, clock: Clock, storage: Storage, grille: GrilleAcces, *, actor: Actor | None = None
) -> PreuveEffacement:
    """Erase one unfinished grid, left untouched too long, and return the proof."""
    menage = grille.menage
    held = perimetre.de_la_grille(session, grille.id)
    _travaux(session, storage, held)
    _messages(session, held)
    preuve = _preuve(clock, menage, BROUILLON, actor, held)
    session.add(preuve)
    record(session, clock, actor, "menages:grille:effacer", grille, departement_code=menage.departement_code)
    with entretien(session):
        session.execute(delete(GrilleAcces).where(GrilleAcces.id == grille.id))
    session.expunge(grille)
    session.expire_all()
    _fichiers(session, storage, held)
    return preuve


def _preuve(
    clock: Clock, menage: Menage, motif: str, actor: Actor | None, held: Perimetre
) -> PreuveEffacement:
    return PreuveEffacement(
        departement_code=menage.departement_code,
        code=menage.code,
        motif=motif,
        le=clock.now(),
        par=f"{actor.nom} ({actor.organisation_nom})"[:200] if actor else "Portail",
        comptes=held.comptes(),
    )


def _fermer(session: Session, clock: Clock, actor: Actor | None, menage: Menage) -> None:
    """Close what was open, so that the recipients are told; the rows themselves go with the household."""
    ouvertes = session.scalars(
        select(Autorisation)
        .where(Autorisation.menage_id == menage.id, Autorisation.statut == StatutAutorisation.ACCORDE)
        .order_by(Autorisation.id)
    ).all()
    for autorisation in ouvertes:
        autorisation.statut, autorisation.fermee_le = StatutAutorisation.RETIRE, clock.now()
        autorisations.fermer(session, clock, actor, autorisation, StatutAutorisation.RETIRE)
    session.flush()


def _travaux(session: Session, storage: Storage, held: Perimetre) -> None:
    """Delete the jobs that name something erased, and the files that they made (they are kept a month)."""
    rows = session.execute(
        select(Travail.id, Travail.parametres, Travail.resultat, Travail.fichier_id).order_by(Travail.id)
    ).all()
    vises = [row for row in rows if _nomme(held, row.parametres) or _nomme(held, row.resultat)]
    held.fichiers.update(row.fichier_id for row in vises if row.fichier_id is not None)
    if vises:
        session.execute(delete(Travail).where(Travail.id.in_([row.id for row in vises])))
        held.lignes["travail"] = {row.id for row in vises}


def _messages(session: Session, held: Perimetre) -> None:
    """Delete the messages that lead to something erased: nothing of theirs leaves any more."""
    rows = session.execute(
        select(MessageSortant.id, MessageSortant.corps)
        .where(or_(MessageSortant.corps != "", MessageSortant.calendrier.is_not(None)))
        .order_by(MessageSortant.id)
    ).all()
    vises = {row.id for row in rows if any(ref in row.corps for ref in held.refs)}
    if vises:
        session.execute(delete(MessageSortant).where(MessageSortant.id.in_(vises)))
        held.lignes["message_sortant"] = vises


def _fichiers(session: Session, storage: Storage, held: Perimetre) -> None:
    chosen = select(Fichier).where(Fichier.id.in_(held.fichiers)).order_by(Fichier.id)
    for file in session.scalars(chosen).all():
        storage.delete(session, file)


def _nomme(held: Perimetre, valeur: object) -> bool:
    texte = json.dumps(valeur)
    return any(ref in texte for ref in held.refs)
