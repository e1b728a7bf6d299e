"""Actors and clients of these screens."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor


@pytest.fixture
def ddets(factories: SimpleNamespace) -> Organisation:
    made: Organisation = factories.Organisation(type=TypeOrganisation.ETAT, nom="DDETS Fictive 22")
    return made


@pytest.fixture
def admin_actor(actor_for: Callable[..., Actor], ddets: Organisation) -> Actor:
    """The administrator of département 22."""
    return actor_for(Profil.ADMIN_DEPARTEMENT, ddets)


@pytest.fixture
def admin(client_for: Callable[..., FlaskClient], admin_actor: Actor) -> FlaskClient:
    """The administrator of département 22, signed in."""
    return client_for(admin_actor)


@pytest.fixture
def operateur(factories: SimpleNamespace, session: Session) -> Organisation:
    made: Organisation = factories.Organisation(nom="Association du Lieu Fictif")
    session.commit()
    return made


@pytest.fixture
def ailleurs(factories: SimpleNamespace, session: Session) -> Organisation:
    """An operator of another département."""
    made: Organisation = factories.Organisation(nom="CANARI Paris", departement_code="75")
    session.commit()
    return made
