"""The household withdraws its authorisation while its dossier is on an agenda: every screen asks anew."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import direct
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_dossiers import Dossier
from portal.grilles.autorisations.crochets import on_fermeture
from portal.grilles.autorisations.enums import StatutAutorisation
from portal.grilles.autorisations.models import Autorisation
from portal.security.policy import Actor
from portal.shared.clock import Clock


@on_fermeture
def rafraichir(
    session: Session,
    _clock: Clock,
    _actor: Actor | None,
    autorisation: Autorisation,
    _cause: StatutAutorisation,
) -> None:
    """Tell the screens of the sessions under way that a dossier may not be read any more."""
    rows = session.execute(
        select(Dossier.id, Dossier.seance_id)
        .join(ConduiteSeance, ConduiteSeance.seance_id == Dossier.seance_id)
        .where(
            Dossier.menage_id == autorisation.menage_id,
            Dossier.commission_id == autorisation.commission_id,
            ConduiteSeance.close_le.is_(None),
        )
        .order_by(Dossier.id)
    ).all()
    for row in rows:
        direct.avancer(session, row.seance_id, direct.TABLE, direct.ligne(row.id))
