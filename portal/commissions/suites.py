"""What happens to commissions when an organisation closes or merges: seats follow the functions, which the
directory moves; the secretariat passes to the absorbing organisation."""

from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import Fact, record_many
from portal.commissions.models import Commission
from portal.organisations.fusion import Effet, Fusion, on_merge
from portal.organisations.models import Organisation
from portal.organisations.service import on_close
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.shared.messages import N_


@on_close
def secretariats_tenus(session: Session, organisation: Organisation, _on: date) -> list[DomainError]:
    """An organisation does not close while it keeps the secretariat of a commission."""
    count = session.scalar(
        select(func.count(Commission.id)).where(
            Commission.secretariat_id == organisation.id, Commission.fermee_le.is_(None)
        )
    )
    return [DomainError("commissions.secretariats", nombre=count)] if count else []


def _siennes(organisation: Organisation) -> ColumnElement[bool]:
    return or_(Commission.secretariat_id == organisation.id, Commission.organisation_id == organisation.id)


def _compter(session: Session, _clock: Clock, absorbed: Organisation, _absorber: Organisation) -> int:
    return session.scalar(select(func.count(Commission.id)).where(_siennes(absorbed))) or 0


def _passer(fusion: Fusion) -> int:
    session, clock = fusion.session, fusion.clock
    rows = session.scalars(
        select(Commission).where(_siennes(fusion.absorbed)).order_by(Commission.id).with_for_update()
    ).all()
    for row in rows:
        if row.secretariat_id == fusion.absorbed.id:
            row.secretariat = fusion.absorber
        if row.organisation_id == fusion.absorbed.id:
            row.organisation = fusion.absorber
        row.updated_at = clock.now()
    session.flush()
    change = {"organisation": [fusion.absorbed.nom, fusion.absorber.nom]}
    facts = [Fact("commission", row.id, row.ref, row.departement_code, change) for row in rows]
    record_many(session, clock, fusion.actor, "commissions:commission:secretariat", facts)
    return len(rows)


on_merge(
    Effet(
        name="commissions",
        label=N_("Commissions dont le secrétariat passe à l’organisation absorbante : %(nombre)s"),
        count=_compter,
        apply=_passer,
    )
)
