"""What the worker does when a recipient is silent: it is reminded, then those who wait are told (§ 6.7)."""

from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record
from portal.config import Settings
from portal.conventions.jours import Jours
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.queries import ouverte
from portal.grilles.transmissions import parametres
from portal.grilles.transmissions.destinataires import a_prevenir, accompagnant, du_siao, ecrire
from portal.grilles.transmissions.enums import StatutTransmission
from portal.grilles.transmissions.models import Transmission
from portal.grilles.transmissions.queries import attendues
from portal.jobs.registry import housekeeping
from portal.organisations import parametres as valeurs
from portal.shared.clock import Clock
from portal.shared.db import Database

LOT = 500
RELANCEE, SIGNALEE = 1, 2


@housekeeping("transmissions", every=timedelta(hours=2))
def relancer(database: Database, clock: Clock, _settings: Settings) -> int:
    """Remind the recipients whose day is passed, then tell those who wait; return how many were. One
    transaction each."""
    jours = Jours.de(clock)
    with database.session() as session:
        dues = session.execute(
            select(Transmission.id, Transmission.departement_code)
            .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
            .where(
                attendues,
                Transmission.relances < SIGNALEE,
                Transmission.repondre_avant <= max(jours.dates),
                ouverte(clock),
            )
            .order_by(Transmission.repondre_avant, Transmission.id)
            .limit(LOT)
        ).all()
    done = 0
    for key, departement_code in dues:
        with database.session(write=True) as session:
            done += _une(session, clock, key, jours.du(departement_code))
            session.commit()
    return done


def _une(session: Session, clock: Clock, key: int, jour: date) -> int:
    """Do what one silence asks for today; 0 when it asks for nothing, or is not one any more."""
    row = session.scalar(
        select(Transmission)
        .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
        .where(Transmission.id == key, attendues, ouverte(clock))
        .options(joinedload(Transmission.menage), joinedload(Transmission.organisation))
        .with_for_update(of=Transmission)
    )
    if row is None:
        return 0
    delai = valeurs.value(session, parametres.RECEPTION_JOURS, row.departement_code)
    limite = row.repondre_avant + timedelta(days=delai if row.relances == RELANCEE else 0)
    if row.relances >= SIGNALEE or jour < limite:
        return 0
    # Without the version: whoever is answering at this moment is not told that the page is stale.
    session.execute(
        update(Transmission).where(Transmission.id == key).values(relances=Transmission.relances + 1),
        execution_options={"synchronize_session": False},
    )
    if row.relances == 0:
        contexte = {
            "reference": row.ref,
            "avant": row.repondre_avant,
            "recue": row.statut is not StatutTransmission.ENVOYEE,
        }
        told = ecrire(session, clock, a_prevenir(session, jour, row), "relance", contexte)
    else:
        gens = [*accompagnant(session, row.menage), *du_siao(session, row.departement_code)]
        contexte = {"organisation": row.organisation.nom, "menage": row.menage.ref, "reference": row.ref}
        told = ecrire(session, clock, list(dict.fromkeys(gens)), "silence", contexte)
    record(
        session,
        clock,
        None,
        "transmissions:transmission:relancer",
        row,
        changes={"ecrites": told, "fois": row.relances + 1},
    )
    return 1
