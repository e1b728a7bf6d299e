"""A household of the 22 whose grid is frozen, authorised to a landlord and sent."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from portal.grilles.autorisations.models import Autorisation
from portal.grilles.transmissions.models import Transmission
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.grilles_remplies import grille_figee
from tests.menages import Scene, scene, vue
from tests.transmises import REPONSES_CANARI, autoriser, envoyer

__all__ = ["scene"]


@dataclass
class Envoi:
    """What was sent, by whom, to whom; `autre`: of another landlord."""

    scene: Scene
    autorisation: Autorisation
    transmission: Transmission
    travailleur: Actor
    bailleur: Actor
    autre: Actor
    autre_bailleur: Organisation


@pytest.fixture
def figee(session: Session, clock: FixedClock, scene: Scene) -> Scene:
    """The scene, the household's grid frozen, its texts easy to recognise."""
    grille_figee(
        session,
        clock,
        scene.travailleur,
        vue(session, clock, scene.travailleur, scene.menage),
        REPONSES_CANARI,
    )
    session.commit()
    return scene


@pytest.fixture
def envoi(
    session: Session,
    clock: FixedClock,
    figee: Scene,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
) -> Envoi:
    """The grid, sent to the landlord of the scene."""
    autre = factories.Organisation(type=TypeOrganisation.BAILLEUR, nom="Autre Bailleur Fictif")
    autorisation = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    made = Envoi(
        scene=figee,
        autorisation=autorisation,
        transmission=envoyer(session, clock, figee.travailleur, autorisation),
        travailleur=figee.travailleur,
        bailleur=figee.bailleur_referent,
        autre=actor_for(Profil.BAILLEUR_REFERENT, autre),
        autre_bailleur=autre,
    )
    session.commit()
    return made
