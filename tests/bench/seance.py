"""A session held: 60 dossiers, 30 members, a grid of 45 questions, as its followers ask for it.

The processor's time of each kind of request is measured on the server's workers, then counted for 40 people
who follow for two hours: a poll every four seconds each; a change sent to all of them every twenty seconds;
the paper of each dossier, read by each when it comes on the table.
"""

import os
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from portal.annuaire.models import Referent
from portal.audit.models import EntreeJournal
from portal.commissions import direct
from portal.commissions.enums import Presence, Qualite, Reponse
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.config import Settings
from portal.demarrage import prepare as prepare_demo
from portal.security import coffre
from portal.shared.clock import SystemClock
from portal.shared.db import Database, new_ref
from tests.bench.serveur import Client

DOSSIERS, MEMBRES, SUIVENT = 60, 30, 40
PERIODE, CHANGEMENTS, DUREE = 4, 20, 7200
"""Seconds between two polls of one screen, between two changes sent to all; of the session."""


def prepare(settings: Settings) -> str:
    """Load the demonstration, fill the agenda of the session it holds; return the address of its page."""
    database = Database(settings.database_url)
    prepare_demo(database, SystemClock(), settings, say=lambda _text: None)
    coffre.installer(database, settings)
    now = SystemClock().now()
    with database.session(write=True) as session:
        conduite = session.scalars(
            select(ConduiteSeance).where(
                ConduiteSeance.ouverte_le.is_not(None),
                ConduiteSeance.close_le.is_(None),
                ConduiteSeance.dossier_id.is_not(None),
            )
        ).one()
        seance = session.get_one(Seance, conduite.seance_id)
        table = session.get_one(Dossier, conduite.dossier_id)
        copied = {name: getattr(table, name) for name in _COPIES}
        for rang in range(DOSSIERS - 3):
            session.add(
                Dossier(
                    **copied,
                    code=f"D-Z{rang:05}",
                    rang=100 + rang,
                    statut=StatutDossier.INSCRIT,
                    created_at=now,
                    updated_at=now,
                )
            )
        known = {one.referent_id for one in seance.invitations}
        others = session.scalars(
            select(Referent)
            .where(Referent.id.not_in(known))
            .order_by(Referent.id)
            .limit(MEMBRES - len(known))
        ).all()
        college = next(one.college_id for one in seance.invitations if one.college_id)
        for one in others:
            seance.invitations.append(
                InvitationSeance(
                    referent=one,
                    college_id=college,
                    qualite=Qualite.MEMBRE,
                    email=f"{new_ref()}@mesure.example",
                    statut=Reponse.ACCEPTEE,
                    presence=Presence.PRESENTE,
                    created_at=now,
                    updated_at=now,
                )
            )
        session.flush()
        direct.avancer(session, seance.id, direct.ETAT)
        adresse = f"/seances/{seance.ref}/conduite"
        papier = f"{adresse}/papier/{table.ref}"
        session.commit()
    database.dispose()
    return f"{adresse} {papier}"


_COPIES = (
    "departement_code", "commission_id", "menage_id", "organisation_id", "prescripteur_id", "autorisation_id",
    "grille_id", "motif_demande", "presentation", "pieces", "depose_le", "seance_id",
)  # fmt: skip


def changer(settings: Settings) -> int:
    """Raise the session's number by a change of the decision being worded; return what it was before."""
    database = Database(settings.database_url)
    with database.session(write=True) as session:
        conduite = session.scalars(
            select(ConduiteSeance)
            .where(ConduiteSeance.ouverte_le.is_not(None), ConduiteSeance.close_le.is_(None))
            .order_by(ConduiteSeance.id)
            .limit(1)
        ).one()
        before, dossier_id = conduite.etat, conduite.dossier_id or 0
        direct.avancer(session, conduite.seance_id, direct.DECISION, direct.ligne(dossier_id))
        session.commit()
    database.dispose()
    return before


def ecritures(settings: Settings) -> int:
    """Return how many entries the journal holds."""
    database = Database(settings.database_url)
    with database.session() as session:
        count = len(session.scalars(select(EntreeJournal.id).order_by(EntreeJournal.id)).all())
    database.dispose()
    return count


def processeur(pid: int) -> float:
    """Return the processor's seconds that a server and its workers took so far (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = 0
    for one in (str(pid), *children):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def cout(client: Client, ask: Callable[[], object], times: int) -> float:
    """Return the processor's seconds of one request, over many, after a warm-up."""
    for _ in range(10):
        ask()
    before = processeur(client.pid)
    for _ in range(times):
        ask()
    return (processeur(client.pid) - before) / times


def part(poll: float, change: float, paper: float) -> float:
    """Return the share of one core that the followers of a session take."""
    polls = SUIVENT * DUREE / PERIODE
    changes = SUIVENT * DUREE / CHANGEMENTS
    papers = SUIVENT * DOSSIERS
    return (polls * poll + changes * change + papers * paper) / DUREE
