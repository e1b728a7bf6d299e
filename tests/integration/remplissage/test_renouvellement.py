"""Grids that grow old: « À faire », and e-mails that name nobody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.grilles.menages import service as menages
from portal.grilles.menages.policies import Vise
from portal.grilles.remplissage import service
from portal.grilles.remplissage.renouvellement import rappeler
from portal.notifications.models import MessageSortant
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.grilles_remplies import grille_figee, modele_national
from tests.integration.web_organisations import text_of
from tests.menages import Scene, vue


@pytest.fixture
def vise(session: Session, clock: FixedClock, scene: Scene) -> Vise:
    """A household whose grid was frozen on 2 March 2026, to be renewed on 2 September."""
    modele_national(session, clock)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    grille_figee(session, clock, scene.travailleur, vise)
    session.commit()
    return vise


def messages(session: Session) -> list[MessageSortant]:
    session.commit()
    return list(session.scalars(select(MessageSortant).order_by(MessageSortant.id)))


def test_each_step_is_told_once_and_names_nobody(
    session: Session, clock: FixedClock, database: Database, scene: Scene, vise: Vise
) -> None:
    settings = Settings(environnement="test")
    steps = []
    for jours in (150, 155, 156, 183, 184, 185, 300):  # 30 days before 2 September is day 154
        clock.instant += timedelta(days=jours)
        steps.append((jours, rappeler(database, clock, settings)))
        clock.instant -= timedelta(days=jours)
    assert steps == [(150, 0), (155, 1), (156, 0), (183, 0), (184, 1), (185, 0), (300, 0)]
    sent = messages(session)
    assert [m.destinataire for m in sent] == [scene.travailleur.email] * 2
    assert "sera bientôt à renouveler" in sent[0].corps
    assert "est à renouveler" in sent[1].corps
    for message in sent:
        told = f"{message.sujet} {message.corps}"
        assert not any(mot in told for mot in ("Kerfictif", "Maëlle", scene.menage.code, scene.menage.ref))


def test_what_is_due_waits_for_who_accompanies_the_household_alone(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise, client_for: Callable[..., FlaskClient]
) -> None:
    def vu(actor: object) -> bool:
        page = text_of(client_for(actor).get("/a-faire"))
        assert "Kerfictif" not in page
        return f"Grille du ménage {scene.menage.code}" in page

    assert not vu(scene.travailleur)
    clock.instant += timedelta(days=184)
    assert vu(scene.travailleur)
    assert not any(vu(actor) for actor in (scene.collegue, scene.mission_logement, scene.exterieur))
    service.ouvrir(session, clock, scene.travailleur, vise)
    session.commit()
    assert not vu(scene.travailleur)


def test_a_closed_household_is_reminded_of_no_more(
    session: Session, clock: FixedClock, database: Database, scene: Scene, vise: Vise
) -> None:
    menages.clore(session, clock, scene.travailleur, vise, version=vise.menage.version)
    session.commit()
    clock.instant += timedelta(days=200)
    assert rappeler(database, clock, Settings(environnement="test")) == 0
