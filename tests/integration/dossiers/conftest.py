"""A commission of the 22 and its session, the scene's household with a frozen grid, and who sits."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from portal.commissions.enums import Portee, Qualite
from portal.commissions.models_dossiers import Dossier
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests import dossiers
from tests.dossiers import Place
from tests.grilles_remplies import grille_figee
from tests.menages import Scene, scene, vue

__all__ = ["scene"]


@pytest.fixture
def place(session: Session, clock: FixedClock, scene: Scene) -> Place:
    """The commission (P2) and its session, the grid of the scene's household frozen."""
    grille_figee(session, clock, scene.travailleur, vue(session, clock, scene.travailleur, scene.menage))
    made = dossiers.monter(session, clock, scene)
    made.commission.portee = Portee.P2
    session.commit()
    return made


@dataclass
class Table:
    """Who sits around the dossier: who chairs, members, someone invited beside the seats."""

    place: Place
    president: Actor
    conseil: Actor  # of the conseil départemental: reads P2
    bailleur: Actor  # reads P1
    operateur: Actor  # of the prescriber's own organisation: withdraws
    permanent: Actor  # a permanent guest
    ajoute: Actor  # invited beside the seats: reads nothing by it
    dehors: Actor  # of the State, without a seat


@pytest.fixture
def table(
    session: Session,
    clock: FixedClock,
    place: Place,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
) -> Table:
    """Everyone seated, by their account."""
    held = place.scene
    conseil = factories.Organisation(type=TypeOrganisation.COLLECTIVITE, nom="Conseil Fictif 22")
    ccas = factories.Organisation(type=TypeOrganisation.COLLECTIVITE, nom="CCAS Fictif 22")
    made = Table(
        place=place,
        president=actor_for(Profil.ETAT_PILOTE, held.etat),
        conseil=actor_for(Profil.COLLECTIVITE, conseil),
        bailleur=held.bailleur_referent,
        operateur=held.direction,
        permanent=actor_for(Profil.COLLECTIVITE, ccas),
        ajoute=actor_for(Profil.GESTIONNAIRE_STRUCTURE, held.autre_operateur),
        dehors=held.agent,
    )

    def assis(organisation: object, actor: Actor, **champs: object) -> None:
        dossiers.asseoir(session, clock, factories, place, organisation, actor, **champs)  # type: ignore[arg-type]

    assis(held.etat, made.president, qualite=Qualite.PRESIDENCE)
    assis(conseil, made.conseil)
    assis(held.bailleur, made.bailleur)
    assis(held.operateur, made.operateur)
    assis(ccas, made.permanent, qualite=Qualite.INVITE)
    assis(held.autre_operateur, made.ajoute, qualite=Qualite.INVITE, ajoutee=True)
    session.commit()
    return made


@pytest.fixture
def inscrit(session: Session, clock: FixedClock, table: Table) -> Dossier:
    """The scene's household, authorised and on the agenda; its papers are not open yet."""
    made = dossiers.inscrit(session, clock, table.place)
    session.commit()
    return made


@pytest.fixture
def ouvert(session: Session, clock: FixedClock, inscrit: Dossier, table: Table) -> Dossier:
    """The same, its papers open."""
    dossiers.figer(session, clock, table.place)
    session.commit()
    return inscrit
