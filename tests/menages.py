"""A household of the 22 and who is around it: its worker, a colleague, their administrator, another operator,
the SIAO, the State, a landlord, and a worker of the 35. `from tests.menages import scene` in a conftest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.grilles.menages import queries, service
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import Vise
from portal.grilles.menages.saisie import SaisieAdulte, SaisieMenage
from portal.organisations.enums import TypeOrganisation as T
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock

NUMERO = "022032600123410200"
"""A demand number of the right shape, of nobody."""

ADULTES = (
    SaisieAdulte(nom="Kerfictif", prenom="Maëlle", naissance=date(1990, 5, 12)),
    SaisieAdulte(nom="Le Fictif-Coz", prenom="Yann", naissance=date(1988, 11, 3)),
)


@dataclass
class Scene:
    """The household of `menage`, two adults, in the charge of `travailleur`, and who is around it."""

    menage: Menage
    etat: Organisation
    siao: Organisation
    operateur: Organisation
    autre_operateur: Organisation
    bailleur: Organisation
    ctp: Convention
    travailleur: Actor
    collegue: Actor
    administrateur: Actor
    direction: Actor
    exterieur: Actor  # a worker of another operator, its CTP in force too
    ailleurs: Actor  # a worker of the 35, its CTP in force there
    siao_direction: Actor
    mission_logement: Actor
    agent: Actor
    bailleur_referent: Actor

    @property
    def tous(self) -> dict[str, Actor]:
        """Everyone, by name."""
        return {nom: valeur for nom, valeur in vars(self).items() if isinstance(valeur, Actor)}


def ctp(
    factories: SimpleNamespace,
    operateur: Organisation,
    siao: Organisation,
    etat: Organisation,
    *,
    du: date = date(2025, 1, 1),
    au: date = date(2028, 12, 31),
) -> Convention:
    """Return a CTP signed, in force from one day to another, both included."""
    made: Convention = factories.Convention(
        operateur=operateur,
        siao=siao,
        etat=etat,
        statut=Statut.SIGNEE,
        date_signature=du,
        date_effet=du,
        date_fin=au,
    )
    return made


def ouvrir(
    session: Session, clock: FixedClock, actor: Actor, *adultes: SaisieAdulte, **champs: object
) -> Menage:
    """Return a household opened by an actor (the adults of the scene when none is given)."""
    typed = SaisieMenage(
        departement_code=actor.departement_code,
        adultes=adultes or ADULTES,
        **champs,  # type: ignore[arg-type]  # the fields of SaisieMenage
    )
    return service.ouvrir(session, clock, actor, typed)


def vue(session: Session, clock: FixedClock, actor: Actor, menage: Menage) -> Vise:
    """Return a household as an actor sees it."""
    return queries.vue(session, clock, actor, menage.ref)


def monter(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> Scene:
    """Return the scene, committed."""

    def orga(kind: T, nom: str, code: str = "22") -> Organisation:
        made: Organisation = factories.Organisation(type=kind, nom=f"{nom} {code}", departement_code=code)
        return made

    etat, siao = orga(T.ETAT, "DDETS Fictive"), orga(T.SIAO, "SIAO Fictif")
    operateur, autre = orga(T.GESTIONNAIRE, "Le Toit Fictif"), orga(T.GESTIONNAIRE, "La Passerelle Fictive")
    bailleur = orga(T.BAILLEUR, "Armor Habitat Fictif")
    loin = orga(T.GESTIONNAIRE, "Le Phare Fictif", "35")
    convention = ctp(factories, operateur, siao, etat)
    ctp(factories, autre, siao, etat)
    ctp(factories, loin, orga(T.SIAO, "SIAO Fictif", "35"), orga(T.ETAT, "DDETS Fictive", "35"))
    travailleur = actor_for(Profil.TRAVAILLEUR_SOCIAL, operateur)
    scene = Scene(
        menage=ouvrir(
            session, clock, travailleur, si_siao="SI-22-4471", numero_unique=NUMERO, a_charge=2, en_visite=1
        ),
        etat=etat,
        siao=siao,
        operateur=operateur,
        autre_operateur=autre,
        bailleur=bailleur,
        ctp=convention,
        travailleur=travailleur,
        collegue=actor_for(Profil.TRAVAILLEUR_SOCIAL, operateur),
        administrateur=actor_for(Profil.ADMIN_ORGANISATION, operateur),
        direction=actor_for(Profil.OPERATEUR_DIRECTION, operateur),
        exterieur=actor_for(Profil.TRAVAILLEUR_SOCIAL, autre),
        ailleurs=actor_for(Profil.TRAVAILLEUR_SOCIAL, loin),
        siao_direction=actor_for(Profil.SIAO_DIRECTION, siao),
        mission_logement=actor_for(Profil.SIAO_MISSION_LOGEMENT, siao),
        agent=actor_for(Profil.ETAT_AGENT, etat),
        bailleur_referent=actor_for(Profil.BAILLEUR_REFERENT, bailleur),
    )
    session.commit()
    return scene


@pytest.fixture
def scene(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> Scene:
    """The household of the 22 and who is around it."""
    return monter(session, clock, factories, actor_for)
