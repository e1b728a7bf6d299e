"""« À faire » of a session: who is told that it is held, to be opened, or that a consultation is over."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.commissions.conduite import consultation, seance
from portal.commissions.models_dossiers import Dossier
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.integration.conduite.conftest import Tenue
from tests.integration.dossiers.conftest import Table

Clients = Callable[[Actor | None], FlaskClient]
REJOINDRE = "Rejoindre la séance en cours"


def test_who_sits_is_led_to_the_session_under_way(
    session: Session, clock: FixedClock, client_for: Clients, tenue: Tenue
) -> None:
    lien = f'href="{tenue.url}"'
    assis = (tenue.secretaire, tenue.table.president, tenue.table.conseil, tenue.table.bailleur)
    for actor in assis:
        page = client_for(actor).get("/a-faire").text
        assert REJOINDRE in page
        assert lien in page
    for actor in (tenue.table.dehors, tenue.table.ajoute, tenue.place.scene.travailleur):
        assert lien not in client_for(actor).get("/a-faire").text
    seance.clore(session, clock, tenue.secretaire, tenue.seance)
    session.commit()
    assert REJOINDRE not in client_for(tenue.table.conseil).get("/a-faire").text


def test_the_secretariat_is_told_to_open_a_session_and_to_conclude_a_consultation(
    session: Session, clock: FixedClock, client_for: Clients, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    ouvrir, conclure = "Ouvrir la séance", "Décider par écrit"
    consultation.consulter(session, clock, secretaire, held, ouvert)
    session.commit()
    page = client_for(secretaire).get("/a-faire").text
    assert ouvrir not in page
    assert conclure not in page
    clock.instant += timedelta(hours=48)
    page = client_for(secretaire).get("/a-faire").text
    assert f"/seances/{held.ref}/conduite/dossiers/{ouvert.ref}/consultation" in page
    assert conclure not in client_for(table.conseil).get("/a-faire").text
    clock.instant = held.debut
    assert ouvrir in client_for(secretaire).get("/a-faire").text
    assert ouvrir not in client_for(table.president).get("/a-faire").text
