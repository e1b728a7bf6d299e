"""The FINESS import from a screen: read, then confirmed, then followed."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from stdnum import luhn

from portal.config import Settings
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.runner import run_due
from portal.organisations.models import Organisation, Structure
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.web_organisations import HTMX, reread, text_of

PAGE = "/organisations/import-finess"


def keyed(digits: str) -> str:
    return digits + str(luhn.calc_check_digit(digits))


def extraction(*categories: str) -> bytes:
    """An extraction of the shape that is published, one establishment of département 22 per category."""
    lines = ["finess;etalab;111;2026-05-12"]
    for rank, category in enumerate(categories):
        fields = [""] * 32
        fields[0:4] = [
            "structureet",
            keyed(f"2200{rank:04d}"),
            keyed("22990000"),
            f"STRUCTURE FICTIVE {rank}",
        ]
        fields[12:17] = ["278", "22", "COTES D ARMOR", "22000 SAINT BRIEUC", "0296000000"]
        fields[18:20] = [category, "Catégorie"]
        lines.append(";".join(fields))
    return "\n".join([*lines, "structureet;trop;court"]).encode()


def give(client: FlaskClient, content: bytes, name: str = "finess.csv", departement: str = "22") -> str:
    """Upload and return the address of the reading."""
    answer = client.post(PAGE, data={"departement": departement, "fichier": (BytesIO(content), name)})
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"]


@pytest.fixture
def work(app: Flask, database: Database, clock: FixedClock) -> Callable[[], object]:
    """Do the next job that waits."""
    settings: Settings = app.extensions["portail_settings"]
    return lambda: run_due(database, clock, settings)


def count(session: Session, model: type) -> int:
    reread(session)
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_nothing_is_written_before_the_confirmation(
    admin: FlaskClient, session: Session, work: Callable[[], object]
) -> None:
    before = count(session, Organisation)
    address = give(admin, extraction("214", "257", "355"))
    assert "En attente de son tour" in text_of(admin.get(address))
    work()
    preview = text_of(admin.get(address))
    assert "Rien n’est encore écrit" in preview
    assert "Lignes refusées (1)" in preview
    assert "3 champs au lieu de 32." in preview
    assert "Structures à créer (2)" in preview
    assert count(session, Structure) == 0
    assert count(session, Organisation) == before

    asked = {admin.post(f"{address}/confirmer").headers["Location"] for _ in range(2)}
    assert len(asked) == 1
    assert "Suivre l’import demandé" in text_of(admin.get(address))
    (follow,) = asked
    work()
    done = text_of(admin.get(follow))
    assert "L’import est terminé" in done
    assert "2 structures créées" in done
    assert count(session, Structure) == 2
    assert count(session, Organisation) == before + 1
    assert "STRUCTURE FICTIVE 1" in text_of(admin.get("/structures/a-qualifier"))

    again = give(admin, extraction("214", "257", "355"))
    work()
    assert "il n’y a rien à importer" in text_of(admin.get(again))


def test_a_live_page_hears_only_of_news(admin: FlaskClient, work: Callable[[], object]) -> None:
    address = give(admin, extraction("214"))
    poll = HTMX | {"X-Veille": "1"}
    assert admin.get(f"{address}?etat=en_attente-0", headers=poll).status_code == 204
    work()
    news = admin.get(f"{address}?etat=en_attente-0", headers=poll)
    assert news.status_code == 200
    assert "<html" not in news.get_data(as_text=True)
    assert "data-veille" not in news.get_data(as_text=True)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"nom;places\nLes Ajoncs;12\n", "suivi.csv", "n’est pas l’extraction FINESS"),
        (b"%PDF-1.7", "finess.pdf", "Ce type de fichier n’est pas accepté ici."),
        (b"", "finess.csv", "Ce fichier est vide."),
    ],
)
def test_another_file_is_refused_at_once(
    admin: FlaskClient, session: Session, content: bytes, name: str, message: str
) -> None:
    answer = admin.post(PAGE, data={"departement": "22", "fichier": (BytesIO(content), name)})
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert count(session, Travail) == 0


def test_a_file_and_one_s_own_departement_are_needed(admin: FlaskClient) -> None:
    assert "Ce champ est obligatoire." in text_of(admin.post(PAGE, data={"departement": "22"}))
    data = {"departement": "75", "fichier": (BytesIO(extraction("214")), "finess.csv")}
    assert admin.post(PAGE, data=data).status_code == 422


def test_only_who_asked_follows_and_confirms(
    admin: FlaskClient,
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    work: Callable[[], object],
) -> None:
    address = give(admin, extraction("214"))
    other = client_for(actor_for(Profil.ADMIN_DEPARTEMENT))
    assert admin.post(f"{address}/confirmer").status_code == 404  # not read yet
    work()
    assert other.get(address).status_code == 404
    assert other.post(f"{address}/confirmer").status_code == 404
    assert client_for(actor_for(Profil.ETAT_PILOTE)).get(PAGE).status_code == 403


def test_a_lost_file_and_a_lost_access_are_told(
    admin: FlaskClient, session: Session, work: Callable[[], object], app: Flask
) -> None:
    address = give(admin, extraction("214"))
    work()
    follow = admin.post(f"{address}/confirmer").headers["Location"]
    job = session.scalars(select(Travail).where(Travail.genre == "organisations:finess_importer")).one()
    job.parametres = job.parametres | {"fichier": 0}
    session.commit()
    work()
    assert "Le fichier n’est plus gardé" in text_of(admin.get(follow))
    reread(session)
    assert job.statut is StatutTravail.ECHOUE
    assert admin.post(f"{address}/confirmer").headers["Location"] != follow  # may be asked again


def test_the_published_sample_is_read(admin: FlaskClient, work: Callable[[], object]) -> None:
    sample = Path(__file__).parents[2] / "data" / "finess-extrait.csv"
    address = give(admin, sample.read_bytes())
    work()
    assert "7 lignes lues" in text_of(admin.get(address))


def test_a_file_without_our_structures_says_so(admin: FlaskClient, work: Callable[[], object]) -> None:
    address = give(admin, extraction("355"))
    work()
    preview = text_of(admin.get(address))
    assert "Aucune structure de votre champ dans ce département : il n’y a rien à importer." in preview
    assert "Tout est déjà à jour" not in preview
