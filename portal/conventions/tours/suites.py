"""What a line asks of the rounds in which its operator takes part (domaine.md § 5.3)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.crochets import avant_transition
from portal.conventions.models import Convention
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.tours.enums import StatutTour
from portal.conventions.tours.models import Tour, TourParticipant
from portal.organisations.models import Nature
from portal.organisations.natures import Libelle
from portal.shared.db import fetch
from portal.shared.errors import DomainError


@avant_transition
def attendre_les_tours(session: Session, ligne: Convention, transition: str) -> None:
    """Refuse the agreement in principle while a round on a nature of the text is open.

    State and SIAO may send the ready natures to signature and put the others off to an avenant.
    """
    if transition != "accorder":
        return
    texte = session.get(ConventionTexte, ligne.id)
    if texte is None:
        return
    retenues = {nature.nature_code for nature in ligne.natures} - set(texte.natures_differees)
    ouverts = fetch(
        session,
        select(Nature.libelle, Nature.libelle_en)
        .join(Tour, Tour.nature_code == Nature.code)
        .join(TourParticipant, TourParticipant.tour_id == Tour.id)
        .where(
            Tour.siao_id == ligne.siao_id,
            Tour.statut == StatutTour.OUVERT,
            Tour.nature_code.in_(retenues),
            TourParticipant.operateur_id == ligne.operateur_id,
            TourParticipant.retire_le.is_(None),
        )
        .order_by(Nature.libelle, Tour.id),
    )
    if ouverts:
        raise DomainError("tours.en_cours", tours=[Libelle(*row) for row in ouverts])
