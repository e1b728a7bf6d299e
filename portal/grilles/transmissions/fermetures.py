"""What follows an authorisation that closes: what had not left yet never does, its recipient is told, without
content."""

from datetime import timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.config import Settings
from portal.conventions.jours import Jours, fuseau_de
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.crochets import on_fermeture
from portal.grilles.autorisations.enums import StatutAutorisation
from portal.grilles.autorisations.fermeture import relayer_a_leur_tour
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.autorisations.queries import couvre
from portal.grilles.remplissage.models import GrilleAcces
from portal.grilles.transmissions.destinataires import a_prevenir, ecrire
from portal.grilles.transmissions.models import Transmission
from portal.jobs.registry import housekeeping
from portal.notifications.service import take_back
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import Database

LOT = 500


@on_fermeture
def prevenir(
    session: Session,
    clock: Clock,
    actor: Actor | None,
    autorisation: Autorisation,
    cause: StatutAutorisation,
) -> None:
    """Tell the recipient of each transmission that it may not be read any more, whatever the cause. What the
    household signed anew, to the letter, goes on under the authorisation that stands for the former."""
    suivante = None
    if cause is StatutAutorisation.REMPLACE:
        suivante = session.get(Autorisation, autorisation.remplacee_par_id)
    rows = session.scalars(
        select(Transmission).where(Transmission.autorisation_id == autorisation.id).order_by(Transmission.id)
    ).all()
    for row in rows:
        if suivante is None or not _poursuivre(session, clock, actor, row, suivante):
            dire(session, clock, actor, row)


def _poursuivre(
    session: Session, clock: Clock, actor: Actor | None, row: Transmission, suivante: Autorisation
) -> bool:
    """Put what was sent under a newer authorisation that lets exactly the same out; tell whether it does."""
    grille = session.get_one(GrilleAcces, row.grille_id)
    if row.fermee_le is not None or not couvre(suivante, grille):
        return False
    sous_elle = (Transmission.autorisation_id == suivante.id, Transmission.grille_id == row.grille_id)
    if session.scalar(select(exists().where(*sous_elle))):
        return False  # sent anew already
    if apercu(session, suivante, grille).sortie.empreinte() != row.empreinte:
        return False
    # Without the version: whoever is answering at this moment is not told that the page is stale.
    session.execute(
        update(Transmission).where(Transmission.id == row.id).values(autorisation_id=suivante.id),
        execution_options={"synchronize_session": False},
    )
    session.expire(row, ["autorisation_id", "autorisation"])
    faits = {"autorisation": suivante.ref}
    record(session, clock, actor, "transmissions:transmission:poursuivre", row, changes=faits)
    return True


def dire(session: Session, clock: Clock, actor: Actor | None, transmission: Transmission) -> None:
    """Tell the recipient of one transmission, once; no message that leads to it leaves any more."""
    if transmission.fermee_le is not None:
        return
    take_back(session, transmission.ref, "/grilles-recues/")
    gens = a_prevenir(session, clock.today(fuseau_de(transmission.departement_code)), transmission)
    told = ecrire(session, clock, gens, "fermee", {"reference": transmission.ref}, urgent=True)
    # Without the version: nothing of it changes for whoever reads it elsewhere.
    session.execute(
        update(Transmission).where(Transmission.id == transmission.id).values(fermee_le=clock.now()),
        execution_options={"synchronize_session": False},
    )
    record(
        session, clock, actor, "transmissions:transmission:fermer", transmission, changes={"ecrites": told}
    )


@housekeeping("transmissions_echues", every=timedelta(hours=2))
def dire_echues(database: Database, clock: Clock, settings: Settings) -> int:
    """Tell the recipients whose last day is passed, which no act closes; return how many. What a newer
    agreement goes on with from the next day is put under it first."""
    jours = Jours.de(clock)
    relayer_a_leur_tour(database, clock, settings)
    with database.session() as session:
        dues = session.execute(
            select(Transmission.id, Transmission.departement_code, Autorisation.au)
            .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
            .where(
                Transmission.fermee_le.is_(None),
                Autorisation.statut == StatutAutorisation.ACCORDE,
                Autorisation.au < max(jours.dates),
            )
            .order_by(Transmission.id)
            .limit(LOT)
        ).all()
    passed = [row.id for row in dues if row.au < jours.du(row.departement_code)]
    for key in passed:
        with database.session(write=True) as session:
            row = session.get(Transmission, key, with_for_update=True)
            if row is not None:
                dire(session, clock, None, row)
            session.commit()
    return len(passed)
