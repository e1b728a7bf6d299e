"""What happens to entries when an organisation or a structure changes name, closes or merges."""

from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.annuaire.enums import StatutSignalement
from portal.annuaire.indexation import aujourdhui, fonction_de, indexer, reindexer
from portal.annuaire.models import Referent
from portal.annuaire.models_vie import OUVERTS, Signalement
from portal.annuaire.service import clore, on_fermeture, toucher
from portal.annuaire.signalements import prevenir_auteur
from portal.annuaire.titulaires import tenue
from portal.audit.service import Fact, record, record_many
from portal.organisations.fusion import Effet, Fusion, Sort, on_merge
from portal.organisations.models import Organisation, Structure
from portal.organisations.service import on_close, on_edit
from portal.organisations.structures import FERMETURE, on_structure, on_structure_edit
from portal.security.policy import Actor
from portal.shared.clock import Clock, FixedClock
from portal.shared.errors import DomainError
from portal.shared.messages import N_

NOM = N_("Fonction « %(fonction)s » de « %(organisation)s »")
PERD = N_("elle se ferme : %(personne)s ne la tient plus, « %(nom)s » la garde.")
VIDE = N_("elle se ferme : personne ne la tient, « %(nom)s » la garde.")

FERMEE = N_("la fonction est fermée, sa fiche a quitté l’annuaire.")


@on_edit
def renommer(session: Session, organisation: Organisation) -> None:
    """The entries of an organisation are found by its new name; it has none where it does not work.

    Raises DomainError when it leaves a département where people would still call it.
    """
    works_in = [row.departement_code for row in organisation.departements]
    left = session.scalars(_ouvertes(organisation).where(Referent.departement_code.not_in(works_in))).all()
    if left:
        here = sorted({row.departement_code for row in left})
        raise DomainError("annuaire.fonctions_departement", "departements", departement=", ".join(here))
    reindexer(session, FixedClock(organisation.updated_at), Referent.organisation_id == organisation.id)


@on_structure_edit
def renommer_structure(session: Session, clock: Clock, structure: Structure) -> None:
    """The entries of a structure are found by its new name, at its new place."""
    reindexer(session, clock, Referent.structure_id == structure.id)


@on_structure
def fermer_avec_la_structure(
    session: Session, clock: Clock, actor: Actor, structure: Structure, event: str
) -> None:
    """The functions of a structure close with it."""
    if event != FERMETURE or structure.fermee_le is None:
        return
    rows = session.scalars(
        select(Referent)
        .where(Referent.structure_id == structure.id, Referent.ferme_le.is_(None))
        .order_by(Referent.id)
    ).all()
    for referent in rows:
        clore(session, clock, actor, referent, structure.fermee_le)


@on_fermeture
def repondre_aux_signalements(session: Session, clock: Clock, actor: Actor, referent: Referent) -> None:
    """The errors reported on a function are set aside when it closes, and their authors told: nobody else
    could answer them any more."""
    waiting = select(Signalement).where(
        Signalement.referent_id == referent.id, Signalement.statut.in_(OUVERTS)
    )
    for one in session.scalars(waiting.order_by(Signalement.id).with_for_update()).all():
        before, one.statut, one.raison = one.statut, StatutSignalement.ECARTE, FERMEE
        one.suivi_par, one.updated_at = f"{actor.nom} ({actor.organisation_nom})"[:200], clock.now()
        session.flush()
        changes = {"statut": [before.value, one.statut.value]}
        record(session, clock, actor, "annuaire:signalement:ecarter", one, changes=changes)
        prevenir_auteur(session, clock, one)


@on_close
def fonctions_ouvertes(session: Session, organisation: Organisation, _on: date) -> list[DomainError]:
    """An organisation does not close while people would still call it."""
    count = _count(session, organisation)
    return [DomainError("annuaire.fonctions_ouvertes", nombre=count)] if count else []


def _count(session: Session, organisation: Organisation) -> int:
    return (
        session.scalar(
            select(func.count(Referent.id)).where(
                Referent.organisation_id == organisation.id, Referent.ferme_le.is_(None)
            )
        )
        or 0
    )


def _ouvertes(organisation: Organisation) -> Select[Referent]:
    return select(Referent).where(Referent.organisation_id == organisation.id, Referent.ferme_le.is_(None))


def _doubles(
    session: Session, absorbed: Organisation, absorber: Organisation, jour: date
) -> list[tuple[Referent, Referent]]:
    """Return the unique functions that both have: the one that closes, the one that is kept.

    The absorbing organisation's is kept, unless nobody holds it and somebody holds the other.
    """
    unique = (Referent.unicite, Referent.structure_id.is_(None))
    theirs = {
        (row.departement_code, row.fonction_code): row
        for row in session.scalars(_ouvertes(absorber).where(*unique))
    }
    found = []
    for own in session.scalars(_ouvertes(absorbed).where(*unique).order_by(Referent.tri, Referent.id)):
        other = theirs.get((own.departement_code, own.fonction_code))
        if other is not None:
            stays = _pourvue(other, jour) or not _pourvue(own, jour)
            found.append((own, other) if stays else (other, own))
    return found


def _pourvue(referent: Referent, jour: date) -> bool:
    """Tell whether somebody holds a function, or is named to."""
    return any(row.au is None or row.au >= jour for row in referent.titulaires)


def _sorts(session: Session, clock: Clock, absorbed: Organisation, absorber: Organisation) -> list[Sort]:
    """Name the functions that close, and who holds them no more."""
    jour = aujourdhui(session, clock, absorber.departement_code)
    found = []
    for double, kept in _doubles(session, absorbed, absorber, jour):
        held, holds = tenue(double, jour).repond, tenue(kept, jour).repond
        names = {
            "fonction": fonction_de(session, double.fonction_code).libelle.fr,
            "organisation": double.organisation.nom,
            "personne": held.nom_complet if held else "",
            "nom": holds.nom_complet if holds else kept.organisation.nom,
        }
        found.append(Sort(NOM, PERD if held else VIDE, names))
    return found


def _passer(fusion: Fusion) -> int:
    """Pass the functions to the absorbing organisation; of a unique one that both have, one closes.

    Structures have moved, or will: their functions go with them.
    """
    session, clock = fusion.session, fusion.clock
    rows = session.scalars(_ouvertes(fusion.absorbed)).all()
    closing = {
        double.id: double for double, _kept in _doubles(session, fusion.absorbed, fusion.absorber, fusion.on)
    }
    for double in closing.values():
        clore(session, clock, fusion.actor, double, fusion.on)
    moved = []
    for referent in rows:
        if referent.id in closing:
            continue
        referent.organisation = fusion.absorber
        toucher(clock, referent)
        session.flush()
        indexer(session, clock, referent)
        moved.append(referent)
    session.flush()
    change = {"organisation": [fusion.absorbed.nom, fusion.absorber.nom]}
    facts = [Fact("referent", row.id, row.ref, row.departement_code, change) for row in moved]
    record_many(session, clock, fusion.actor, "annuaire:referent:passer", facts)
    return len(rows)


on_merge(
    Effet(
        name="annuaire",
        label=N_("Fonctions de l’annuaire qui passent à l’organisation absorbante : %(nombre)s"),
        count=lambda session, _clock, absorbed, _absorber: _count(session, absorbed),
        apply=_passer,
        detail=_sorts,
    )
)
