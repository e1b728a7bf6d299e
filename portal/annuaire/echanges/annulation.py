"""Undoing an import within the day: entries that it opened go, those that it changed are as they were.

Whoever changed an entry since, or built something on it, is not undone: it stays, and the reason is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.annuaire.echanges import fiches
from portal.annuaire.echanges.instantane import arrives, rendre
from portal.annuaire.models import Referent, ReferentNature, ReferentTerritoire, Titulaire
from portal.annuaire.models_echanges import FicheImportee
from portal.annuaire.models_vie import Signalement
from portal.annuaire.service import toucher
from portal.audit.service import Fact, record_many
from portal.config import Settings
from portal.jobs.registry import housekeeping
from portal.security.policy import Actor
from portal.shared.bulk import among
from portal.shared.clock import Clock
from portal.shared.db import Database

PAR_LOT = 500
MONTREES = 200
GARDE = timedelta(days=2)  # an import is undone on its day, in any zone


@dataclass
class Annulation:
    """What undoing an import did; `gardees`: [reference, code of the reason] of the entries left alone."""

    retirees: int = 0
    rendues: int = 0
    gardees: list[list[str]] = field(default_factory=list)
    nombre_gardees: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return it in the form that the job keeps."""
        return dict(vars(self)) | {"gardees": self.gardees[:MONTREES]}

    def garder(self, referent: Referent, code: str) -> None:
        """Note an entry left alone."""
        self.gardees.append([referent.ref, code])
        self.nombre_gardees += 1


def defaire(session: Session, clock: Clock, actor: Actor, travail_id: int) -> Annulation:
    """Undo an import, save what changed since."""
    bilan = Annulation()
    importees = session.scalars(
        select(FicheImportee).where(FicheImportee.travail_id == travail_id).order_by(FicheImportee.id)
    ).all()
    for debut in range(0, len(importees), PAR_LOT):
        _defaire_un_lot(session, clock, actor, importees[debut : debut + PAR_LOT], bilan)
    return bilan


@housekeeping("annuaire_imports", every=timedelta(days=1))
def oublier(database: Database, clock: Clock, _settings: Settings) -> None:
    """Forget what entries were before imports that can no longer be undone."""
    with database.session(write=True) as session:
        session.execute(delete(FicheImportee).where(FicheImportee.le < clock.now() - GARDE))
        session.commit()


def _defaire_un_lot(
    session: Session, clock: Clock, actor: Actor, importees: Sequence[FicheImportee], bilan: Annulation
) -> None:
    ids = [one.referent_id for one in importees]
    session.execute(
        select(Referent.id).where(among(session, Referent.id, ids)).order_by(Referent.id).with_for_update()
    )
    par_id = {one.id: one for one in fiches.charger(session, ids)}
    signales = set(
        session.scalars(select(Signalement.referent_id).where(among(session, Signalement.referent_id, ids)))
    )
    neuves: list[Referent] = []
    modifiees: list[tuple[Referent, dict[str, Any]]] = []
    for importee in importees:
        referent = par_id.get(importee.referent_id)
        if referent is None:
            continue
        if referent.updated_at != importee.le:
            bilan.garder(referent, "annuaire.import_modifiee")
        elif importee.avant is not None:
            modifiees.append((referent, importee.avant))
        elif referent.id in signales:
            bilan.garder(referent, "annuaire.import_signalee")
        else:
            neuves.append(referent)
    _rendre(session, clock, actor, modifiees, bilan)
    _retirer(session, clock, actor, neuves, bilan)


def _rendre(
    session: Session,
    clock: Clock,
    actor: Actor,
    modifiees: Sequence[tuple[Referent, dict[str, Any]]],
    bilan: Annulation,
) -> None:
    """Give back what they were to the entries that an import changed."""
    with session.no_autoflush:
        partis = [one for referent, avant in modifiees for one in arrives(referent, avant)]
        for titulaire in partis:
            session.delete(titulaire)
            titulaire.referent.titulaires.remove(titulaire)
    session.flush()
    for referent, avant in modifiees:
        rendre(referent, avant)
        toucher(clock, referent)
    session.flush()
    bilan.rendues += len(modifiees)
    faits = [_fait(referent) for referent, _avant in modifiees]
    record_many(session, clock, actor, "annuaire:referent:annuler_import", faits)


def _retirer(
    session: Session, clock: Clock, actor: Actor, neuves: Sequence[Referent], bilan: Annulation
) -> None:
    """Delete the entries that an import opened; those that something else names by now stay."""
    faits = [_fait(one) for one in neuves]
    try:
        with session.begin_nested():
            _effacer(session, [one.id for one in neuves])
    except IntegrityError:
        faits = []
        for one in neuves:
            try:
                with session.begin_nested():
                    _effacer(session, [one.id])
            except IntegrityError:
                bilan.garder(one, "annuaire.import_utilisee")
            else:
                faits.append(_fait(one))
    bilan.retirees += len(faits)
    record_many(session, clock, actor, "annuaire:referent:annuler_import", faits)


def _effacer(session: Session, ids: Sequence[int]) -> None:
    for table in (Titulaire, ReferentTerritoire, ReferentNature):
        session.execute(delete(table).where(table.referent_id.in_(ids)))
    session.execute(delete(Referent).where(Referent.id.in_(ids)))


def _fait(referent: Referent) -> Fact:
    return Fact("referent", referent.id, referent.ref, referent.departement_code, {"import": "annulé"})
