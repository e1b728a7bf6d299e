"""The documents of a département: 150 conventions of 45 clauses, in both formats, then as one archive."""

import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.conventions.redaction import ouverture
from portal.documents.rendu.docx import en_docx
from portal.documents.rendu.pdf import en_pdf
from portal.jobs.models import Travail
from portal.jobs.runner import run_due
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests import rendus
from tests.campaigns.conftest import SHORT
from tests.textes import grand_modele, publier

pytestmark = pytest.mark.campaign

LE = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)
NOMBRE = 40 if SHORT else 150
UN, ENSEMBLE = 3, 60  # seconds: one document, 150 of them


def test_150_conventions_are_written_within_a_minute(figure: Callable[[str, object], None]) -> None:
    textes = [rendus.convention(15, graine=rang, colore=True, projet=True) for rang in range(NOMBRE)]
    durees = []
    for texte in textes:
        debut = time.perf_counter()
        assert en_pdf(texte, LE).startswith(b"%PDF-")
        assert en_docx(texte, LE).startswith(b"PK")
        durees.append(time.perf_counter() - debut)
    figure("slowest", round(max(durees), 2))
    figure("all", round(sum(durees), 1))
    assert max(durees) < UN
    assert sum(durees) < ENSEMBLE * NOMBRE / 150


@dataclass
class Archive:
    """A département whose conventions all have a text, and someone who asks for them."""

    client: FlaskClient
    database: Database
    clock: FixedClock
    settings: Settings


@pytest.fixture
def archive(
    session: Session,
    database: Database,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
) -> Archive:
    siao = factories.Organisation(type=TypeOrganisation.SIAO)
    etat = factories.Organisation(type=TypeOrganisation.ETAT)
    publier(session, general=grand_modele(40))
    agent = actor_for(Profil.SIAO_DIRECTION, siao)
    for _rang in range(NOMBRE):
        ligne = factories.Convention(siao=siao, etat=etat, natures={"CHU": 12, "CHRS_INS": 20})
        ouverture.ouvrir(session, clock, agent, ligne.ref, ligne.version)
    client = client_for(actor_for(Profil.ETAT_PILOTE, etat))
    return Archive(client, database, clock, client.application.extensions["portail_settings"])


def test_one_archive_of_150_texts_is_made_within_a_minute(
    archive: Archive, figure: Callable[[str, object], None]
) -> None:
    """Asked for on a page that one leaves: the worker makes it, its progress grows, the file waits."""
    reponse = archive.client.post("/conventions/archive", data={"sorte": "pdf", "statut": ""})
    suivi = reponse.headers["Location"]
    vues: list[int] = []
    fini = Event()

    def revenir() -> None:
        while not fini.wait(0.02):
            with archive.database.session() as session:
                vues.append(session.scalars(select(Travail.avancement)).one())

    lecteur = Thread(target=revenir)
    lecteur.start()
    debut = time.perf_counter()
    run_due(archive.database, archive.clock, archive.settings)
    duree = time.perf_counter() - debut
    fini.set()
    lecteur.join()
    figure("archive seconds", round(duree, 1))
    page = archive.client.get(suivi)
    assert "Télécharger" in page.get_data(as_text=True)
    fichier = archive.client.get(suivi + "/fichier")
    with zipfile.ZipFile(io.BytesIO(fichier.data)) as contenu:
        figure("archive documents", len(contenu.namelist()))
        figure("archive megabytes", round(len(fichier.data) / 1e6, 1))
        assert len(contenu.namelist()) == NOMBRE
        assert all(contenu.read(nom).startswith(b"%PDF-") for nom in contenu.namelist())
    assert vues == sorted(vues)
    assert len(set(vues)) > 3
    assert duree < ENSEMBLE * NOMBRE / 150
