"""A small département for the pages of conventions: State, SIAO, operators, and people to act."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention, ConventionSignature
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.db import Database
from tests.factories import INSTANT


@dataclass
class Scene:
    """Who is there, and how to make a line or read it again."""

    session: Session
    factories: SimpleNamespace
    etat: Organisation
    siao: Organisation
    operateur: Organisation
    pilote: Actor
    regulateur: Actor
    direction: Actor

    def ligne(self, statut: Statut = Statut.A_ENGAGER, **valeurs: Any) -> Convention:
        """Make a line of the pair, or of another one."""
        valeurs = {"operateur": self.operateur, "siao": self.siao, "etat": self.etat} | valeurs
        ligne: Convention = self.factories.Convention(statut=statut, **valeurs)
        self.session.commit()
        return ligne

    def signee(self, effet: date, fin: date, **valeurs: Any) -> Convention:
        """Make a signed line."""
        ligne = self.ligne(Statut.SIGNEE, date_signature=effet, date_effet=effet, date_fin=fin, **valeurs)
        ligne.signatures = [self.signature(partie, effet) for partie in Partie]
        self.session.commit()
        return ligne

    @staticmethod
    def signature(partie: Partie, le: date) -> ConventionSignature:
        """Return a recorded signature."""
        return ConventionSignature(
            partie=partie, signee_le=le, signataire="", enregistree_le=INSTANT, enregistree_par="Quelqu’un"
        )

    def relue(self, ligne: Convention) -> Convention:
        """Return the line as it is stored now."""
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(Convention, ligne.id)


@pytest.fixture
def scene(session: Session, factories: SimpleNamespace, actor_for: Callable[..., Actor]) -> Scene:
    etat = factories.Organisation(type=TypeOrganisation.ETAT, nom="DDETS Fictive 22")
    siao = factories.Organisation(type=TypeOrganisation.SIAO, nom="SIAO Fictif 22")
    operateur = factories.Organisation(nom="Association Essai")
    made = Scene(
        session=session,
        factories=factories,
        etat=etat,
        siao=siao,
        operateur=operateur,
        pilote=actor_for(Profil.ETAT_PILOTE, etat),
        regulateur=actor_for(Profil.SIAO_REGULATEUR, siao),
        direction=actor_for(Profil.OPERATEUR_DIRECTION, operateur),
    )
    session.commit()
    return made


@pytest.fixture
def pilote(scene: Scene, client_for: Callable[..., FlaskClient]) -> FlaskClient:
    return client_for(scene.pilote)


@pytest.fixture
def operateur(scene: Scene, client_for: Callable[..., FlaskClient]) -> FlaskClient:
    return client_for(scene.direction)


@contextmanager
def comptees(database: Database) -> Iterator[list[str]]:
    """Collect the SQL statements run inside the block."""
    vues: list[str] = []

    def noter(*args: Any) -> None:
        vues.append(args[2])

    event.listen(database.engine, "before_cursor_execute", noter)
    try:
        yield vues
    finally:
        event.remove(database.engine, "before_cursor_execute", noter)
