"""Following one's own long work."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.service import enqueue_job, error_values
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError
from tests.integration.web_organisations import HTMX, statements, text_of

POLL = HTMX | {"X-Veille": "1"}


@pytest.fixture
def travail(session: Session, clock: FixedClock, admin_actor: Actor) -> Travail:
    made = enqueue_job(session, clock, admin_actor, "essai:compter")
    session.commit()
    return made


def test_the_list_holds_my_work_alone(
    admin: FlaskClient,
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    travail: Travail,
    database: Database,
) -> None:
    admin.get("/travaux")
    with statements(database) as seen:
        page = text_of(admin.get("/travaux"))
    assert len(seen) <= 8
    assert f"/travaux/{travail.ref}" in page
    other = client_for(actor_for(Profil.ADMIN_DEPARTEMENT))
    assert "Aucun travail" in text_of(other.get("/travaux"))
    for path in ("", "/fichier"):
        assert other.get(f"/travaux/{travail.ref}{path}").status_code == 404


def test_a_live_page_is_told_when_something_changes(
    admin: FlaskClient, travail: Travail, session: Session
) -> None:
    path = f"/travaux/{travail.ref}"
    page = text_of(admin.get(path))
    assert 'data-etat="en_attente-0"' in page
    assert "Actualiser" in page
    assert admin.get(f"{path}?etat=en_attente-0", headers=POLL).status_code == 204
    assert admin.get(f"{path}?etat=en_attente-0").status_code == 200  # a person asks: always the page
    travail.statut, travail.avancement = StatutTravail.EN_COURS, 40
    session.commit()
    news = admin.get(f"{path}?etat=en_attente-0", headers=POLL).get_data(as_text=True)
    assert 'value="40"' in news
    assert 'data-etat="en_cours-40"' in news


def test_a_failure_says_why(
    admin: FlaskClient, travail: Travail, session: Session, clock: FixedClock
) -> None:
    error = DomainError("travail.inattendu", reference=travail.ref)
    for name, value in error_values(error).items():
        setattr(travail, name, value)
    travail.statut, travail.termine_le = StatutTravail.ECHOUE, clock.now()
    session.commit()
    page = text_of(admin.get(f"/travaux/{travail.ref}"))
    assert f"signalez la référence {travail.ref}" in page
    assert "data-veille" not in page
    assert admin.get(f"/travaux/{travail.ref}/fichier").status_code == 404


def test_the_result_is_downloaded(
    admin: FlaskClient, travail: Travail, session: Session, clock: FixedClock, app: Flask
) -> None:
    storage = Storage(app.extensions["portail_settings"])
    file = storage.store(
        session, clock, BytesIO(b"a;b\n1;2\n"), "liste d’été.csv", frozenset({TypeFichier.CSV})
    )
    travail.statut, travail.termine_le, travail.fichier_id = StatutTravail.TERMINE, clock.now(), file.id
    session.commit()
    assert "Télécharger le fichier" in text_of(admin.get(f"/travaux/{travail.ref}"))
    answer = admin.get(f"/travaux/{travail.ref}/fichier")
    assert answer.data == b"a;b\n1;2\n"
    assert answer.headers["Content-Disposition"].startswith("attachment")
