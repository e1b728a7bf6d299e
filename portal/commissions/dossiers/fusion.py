"""Dossiers follow the organisation that presents them when it merges into another: so does « déport »."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from portal.commissions.models_dossiers import Dossier, DossierDeport
from portal.organisations.fusion import Effet, Fusion, on_merge
from portal.organisations.models import Organisation
from portal.shared.clock import Clock
from portal.shared.messages import N_


def _compter(session: Session, _clock: Clock, absorbed: Organisation, _absorber: Organisation) -> int:
    return session.scalar(select(func.count(Dossier.id)).where(Dossier.organisation_id == absorbed.id)) or 0


def _passer(fusion: Fusion) -> int:
    moved = _compter(fusion.session, fusion.clock, fusion.absorbed, fusion.absorber)
    fusion.session.execute(
        update(Dossier)
        .where(Dossier.organisation_id == fusion.absorbed.id)
        .values(organisation_id=fusion.absorber.id)
    )
    deja = select(DossierDeport.dossier_id).where(DossierDeport.organisation_id == fusion.absorber.id)
    sien = DossierDeport.organisation_id == fusion.absorbed.id
    fusion.session.execute(delete(DossierDeport).where(sien, DossierDeport.dossier_id.in_(deja)))
    fusion.session.execute(update(DossierDeport).where(sien).values(organisation_id=fusion.absorber.id))
    return moved


on_merge(
    Effet(
        name="dossiers",
        label=N_("Dossiers de commission qui passent à l’organisation absorbante : %(nombre)s"),
        count=_compter,
        apply=_passer,
    )
)
