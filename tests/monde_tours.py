"""A collective round in the small world of the walk: what State, SIAO and one operator wrote everywhere."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.modeles.models import VersionDepartementale
from portal.conventions.redaction.enums import Position
from portal.conventions.tours.enums import Reponse
from portal.conventions.tours.models import (
    Tour,
    TourClause,
    TourClauseValeur,
    TourParticipant,
    TourReponse,
    TourReunion,
)
from portal.organisations.models import Organisation
from tests.factories import INSTANT


def meubler_un_tour(
    session: Session, siao: Organisation, etat: Organisation, operateur: Organisation, nature: str
) -> tuple[Tour, TourParticipant, TourReunion, list[Any]]:
    """Open a round on the published version, with an answer; return it, who sits, its meeting, the rest."""
    version_id = session.scalars(
        select(VersionDepartementale.id).where(
            VersionDepartementale.departement_code == siao.departement_code,
            VersionDepartementale.statut == StatutVersion.PUBLIEE,
        )
    ).one()
    tour = Tour(
        departement_code=siao.departement_code,
        siao_id=siao.id,
        etat_id=etat.id,
        nature_code=nature,
        version_departementale_id=version_id,
        intitule="Intitulé",
        ouvert_par="Personne",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    session.add(tour)
    session.flush()
    participant = TourParticipant(
        tour_id=tour.id, operateur_id=operateur.id, ajoute_le=INSTANT, ajoute_par="Personne"
    )
    reunion = TourReunion(
        tour_id=tour.id,
        le=date(2026, 4, 2),
        heure="14 h",
        lieu="Lieu",
        ordre_du_jour="Ordre du jour",
        participants="Participants",
        notes="Compte rendu",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    clause = TourClause(
        tour_id=tour.id,
        code="6.3",
        texte="Socle",
        updated_at=INSTANT,
        position_siao=Position.PROPOSEE,
        siao_le=INSTANT,
        siao_par="Personne",
    )
    session.add_all([participant, reunion, clause])
    session.flush()
    valeur = TourClauseValeur(clause_id=clause.id, parametre_code="freq_revue_file_mois", valeur="4")
    reponse = TourReponse(
        clause_id=clause.id,
        participant_id=participant.id,
        reponse=Reponse.ECART,
        texte="Écart",
        valeurs={},
        motif="Motif",
        le=INSTANT,
        par="Personne",
        position_siao=Position.RESERVE,
        motif_siao="Motif du SIAO",
        siao_le=INSTANT,
        siao_par="Personne",
    )
    session.add_all([valeur, reponse])
    session.flush()
    return tour, participant, reunion, [clause, reponse]
