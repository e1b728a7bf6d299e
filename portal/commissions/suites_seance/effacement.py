"""What the texts of a session keep of a household erased, or that enters the protected circuit: the code and
the decision, nothing more; and what the full minutes lose at their term."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.commissions.models_decisions import (
    CommentaireReleve,
    ConduiteSeance,
    Decision,
    PassageSeance,
    Recours,
    ReleveSeance,
)
from portal.commissions.models_dossiers import Dossier
from portal.commissions.suites_seance.contenu import Contenu, reduire
from portal.commissions.suites_seance.courrier import COURRIER
from portal.documents.models import Fichier
from portal.documents.storage import Storage
from portal.grilles.fin_de_vie.crochets import on_effacement
from portal.grilles.fin_de_vie.perimetre import Perimetre
from portal.grilles.fin_de_vie.protection import Noms
from portal.grilles.menages.crochets import on_protection
from portal.grilles.menages.identites import Identite
from portal.grilles.menages.models import Menage
from portal.jobs.models import Travail
from portal.security.coffre import coffre
from portal.security.policy import Actor
from portal.shared.clock import Clock

LOT = 200
TEXTES = ("motif", "conditions", "expression")
POINTS = ("points", "points_anonymes")


@on_effacement
def oter_des_seances(session: Session, clock: Clock, menage: Menage, perimetre: Perimetre) -> None:
    """Take a household out of the sessions that its dossiers came to; the remarks made on their minutes,
    which may tell of it, go away with it, its dossiers' references too."""
    vault = coffre(session)
    lues = [Identite.ouvrir(vault, adulte.identite) for adulte in menage.adultes]
    dossiers = _dossiers(session, menage)
    refs = {row.ref for row in dossiers}
    for conduite in _conduites(session, dossiers):
        conduite.papiers = [ref for ref in conduite.papiers if ref not in refs]
    fichiers, remarques = _oter(session, clock, dossiers, Noms([lue for lue in lues if lue is not None]))
    perimetre.fichiers.update(fichiers)
    if remarques:
        perimetre.lignes.setdefault(CommentaireReleve.__tablename__, set()).update(r.id for r in remarques)
        for remarque in remarques:
            session.delete(remarque)
    session.flush()


@on_protection
def taire_les_noms(
    session: Session, clock: Clock, _actor: Actor, menage: Menage, identites: Collection[Identite]
) -> None:
    """Do the same when it enters the protected circuit, the remarks kept without its names; the letters made
    for it go away, which named it."""
    noms, vault, dossiers = Noms(identites), coffre(session), _dossiers(session, menage)
    fichiers, remarques = _oter(session, clock, dossiers, noms)
    for remarque in remarques:
        remarque.texte = vault.fermer(noms.oter(vault.ouvrir(remarque.texte)))
    fichiers |= _courriers(session, dossiers)
    session.flush()
    for cle in sorted(fichiers):
        session.delete(session.get_one(Fichier, cle))  # swept once no row names it
    session.flush()


def _dossiers(session: Session, menage: Menage) -> list[Dossier]:
    return list(
        session.scalars(select(Dossier).where(Dossier.menage_id == menage.id).order_by(Dossier.id)).all()
    )


def _seances(session: Session, dossiers: Iterable[Dossier]) -> set[int]:
    """Return the sessions that some dossiers came to, or that examined an appeal of theirs."""
    cles = [one.id for one in dossiers]
    found = {one.seance_id for one in dossiers if one.seance_id is not None}
    for vers in (Decision, PassageSeance):
        found.update(
            session.scalars(select(vers.seance_id).where(vers.dossier_id.in_(cles)).order_by(vers.id))
        )
    found.update(
        session.scalars(
            select(Recours.seance_id)
            .join(Decision, Decision.id == Recours.decision_id)
            .where(Decision.dossier_id.in_(cles), Recours.seance_id.is_not(None))
            .order_by(Recours.id)
        )
    )
    return found


def _conduites(session: Session, dossiers: Iterable[Dossier]) -> list[ConduiteSeance]:
    return list(
        session.scalars(
            select(ConduiteSeance)
            .where(ConduiteSeance.seance_id.in_(_seances(session, dossiers)))
            .order_by(ConduiteSeance.id)
        ).all()
    )


def _oter(
    session: Session, clock: Clock, dossiers: list[Dossier], noms: Noms
) -> tuple[set[int], list[CommentaireReleve]]:
    """Take a household out of the general points and the minutes, whatever their state; return the files that
    still hold it, which no minutes name any more, and the remarks made on these minutes."""
    vault, codes = coffre(session), {one.code for one in dossiers}
    for conduite in _conduites(session, dossiers):
        if conduite.points:
            conduite.points = vault.fermer(noms.oter(vault.ouvrir(conduite.points)))
    fichiers: set[int] = set()
    remarques: list[CommentaireReleve] = []
    releves = session.scalars(
        select(ReleveSeance)
        .where(ReleveSeance.seance_id.in_(_seances(session, dossiers)))
        .options(selectinload(ReleveSeance.commentaires))
        .order_by(ReleveSeance.id)
    ).all()
    for releve in releves:
        remarques += releve.commentaires
        contenu: Contenu = vault.ouvrir(releve.contenu)
        reste = contenu | {champ: noms.oter(contenu[champ]) for champ in POINTS if champ in contenu}
        if "dossiers" in contenu:
            reste["dossiers"] = [
                reduire(one) if one["code"] in codes else _sans(noms, one) for one in contenu["dossiers"]
            ]
        if reste == contenu:
            continue
        releve.contenu, releve.updated_at = vault.fermer(reste), clock.now()
        fichiers.update(_liberer(releve, anonyme=any(reste.get(c) != contenu.get(c) for c in POINTS)))
    session.flush()
    return fichiers, remarques


def _sans(noms: Noms, entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {champ: noms.oter(entry[champ]) for champ in TEXTES if entry.get(champ)}


def _liberer(releve: ReleveSeance, *, anonyme: bool) -> list[int]:
    """Let go of the files of some minutes, which are made again; return them."""
    found = [releve.complet_id, releve.anonyme_id] if anonyme else [releve.complet_id]
    releve.complet_id = None
    if anonyme:
        releve.anonyme_id = None
    return [cle for cle in found if cle is not None]


def _courriers(session: Session, dossiers: list[Dossier]) -> set[int]:
    """Forget the letters made of the decisions of some dossiers; return their files."""
    refs = select(Decision.ref).where(Decision.dossier_id.in_([one.id for one in dossiers]))
    travaux = session.scalars(
        select(Travail)
        .where(Travail.genre == COURRIER, Travail.parametres["decision"].as_string().in_(refs))
        .order_by(Travail.id)
    ).all()
    for travail in travaux:
        session.delete(travail)
    return {one.fichier_id for one in travaux if one.fichier_id is not None}


def a_oublier(session: Session, clock: Clock, apres: int = 0) -> list[int]:
    """Return the keys of some minutes, in order after one, whose full version comes to its term, its file
    made or not."""
    return list(
        session.scalars(
            select(ReleveSeance.id)
            .where(ReleveSeance.id > apres, ReleveSeance.complet_jusqu_au <= clock.now())
            .order_by(ReleveSeance.id)
            .limit(LOT)
        )
    )


def oublier(session: Session, clock: Clock, releve_id: int, *, storage: Storage) -> bool:
    """Reduce the minutes whose full version comes to its term; False when they are already."""
    releve = session.get_one(ReleveSeance, releve_id, with_for_update={"of": ReleveSeance})
    if releve.complet_jusqu_au is None:
        return False
    contenu: Contenu = coffre(session).ouvrir(releve.contenu)
    contenu["dossiers"] = [reduire(one) for one in contenu["dossiers"]]
    releve.contenu = coffre(session).fermer(contenu)
    file, releve.complet, releve.complet_jusqu_au = releve.complet, None, None
    releve.updated_at = clock.now()
    session.flush()
    if file is not None:
        storage.delete(session, file)
    return True
