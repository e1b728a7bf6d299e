"""Households follow their organisation when it merges into another."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.grilles.menages.models import AccesMenage, Menage, Relais
from portal.organisations.fusion import Effet, Fusion, on_merge
from portal.organisations.models import Organisation
from portal.shared.clock import Clock
from portal.shared.messages import N_


def _compter(session: Session, clock: Clock, absorbed: Organisation, absorber: Organisation) -> int:
    return session.scalar(select(func.count(Menage.id)).where(Menage.organisation_id == absorbed.id)) or 0


def _passer(fusion: Fusion) -> int:
    moved = _compter(fusion.session, fusion.clock, fusion.absorbed, fusion.absorber)
    for table in (Menage, AccesMenage, Relais):
        fusion.session.execute(
            update(table)
            .where(table.organisation_id == fusion.absorbed.id)
            .values(organisation_id=fusion.absorber.id)
        )
    return moved


on_merge(
    Effet(
        name="menages",
        label=N_("Ménages accompagnés qui passent à l’organisation absorbante : %(nombre)s"),
        count=_compter,
        apply=_passer,
    )
)
