"""Lines in charge of a function that a merger closes: they follow the one that is kept.

The directory keeps one of two unique functions (`portal.annuaire.suites`, which applies before).
"""

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from portal.annuaire.models import Referent
from portal.conventions.ecriture import acte
from portal.conventions.models import Convention
from portal.organisations.fusion import Effet, Fusion, on_merge
from portal.organisations.models import Organisation
from portal.shared.clock import Clock
from portal.shared.messages import N_


def _compter(session: Session, _clock: Clock, absorbed: Organisation, _absorber: Organisation) -> int:
    return (
        session.scalar(
            select(func.count(Convention.id))
            .join(Referent, Referent.id == Convention.responsable_fonction_id)
            .where(Referent.organisation_id == absorbed.id, Referent.ferme_le.is_(None))
        )
        or 0
    )


def _suivre(fusion: Fusion) -> int:
    """Put the lines of each function that closed in charge of the one that stays."""
    fermee, gardee = aliased(Referent), aliased(Referent)
    rows = fusion.session.execute(
        select(Convention, gardee)
        .join(fermee, fermee.id == Convention.responsable_fonction_id)
        .join(
            gardee,
            and_(
                gardee.organisation_id == fusion.absorber.id,
                gardee.departement_code == fermee.departement_code,
                gardee.fonction_code == fermee.fonction_code,
                gardee.structure_id.is_(None),
                gardee.ferme_le.is_(None),
            ),
        )
        .where(
            fermee.organisation_id.in_((fusion.absorbed.id, fusion.absorber.id)),
            fermee.unicite,
            fermee.structure_id.is_(None),
            fermee.ferme_le == fusion.on,
        )
        .order_by(Convention.id)
    ).all()
    for ligne, referent in rows:
        with acte(fusion.session, fusion.clock, fusion.actor, "convention:confier", ligne):
            ligne.responsable_fonction = referent
    return len(rows)


on_merge(
    Effet(
        "conventions_fonctions",
        N_("Conventions en charge d’une fonction, qui la suivent : %(nombre)s"),
        _compter,
        _suivre,
    )
)
