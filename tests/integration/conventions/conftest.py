"""The three parties of département 22, and shortcuts to bring a line to a state."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.conventions import service
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock


@dataclass
class Parties:
    """Organisations and people of one département."""

    operateur: Organisation
    siao: Organisation
    etat: Organisation
    agent: Actor  # of the SIAO
    pilote: Actor  # of the State
    direction: Actor  # of the operator


@pytest.fixture
def parties(factories: SimpleNamespace, actor_for: Callable[..., Actor]) -> Parties:
    operateur = factories.Organisation(nom="Association L’Étoile d’Armor")
    siao = factories.Organisation(nom="SIAO Fictif 22", type=TypeOrganisation.SIAO)
    etat = factories.Organisation(nom="DDETS Fictive 22", type=TypeOrganisation.ETAT)
    return Parties(
        operateur,
        siao,
        etat,
        actor_for(Profil.SIAO_DIRECTION, siao),
        actor_for(Profil.ETAT_PILOTE, etat),
        actor_for(Profil.OPERATEUR_DIRECTION, operateur),
    )


@pytest.fixture
def ouvrir(session: Session, clock: FixedClock, parties: Parties) -> Callable[..., Convention]:
    """Return a function that opens the line of the pair."""

    def make(**kwargs: Any) -> Convention:
        kwargs.setdefault("operateur_ref", parties.operateur.ref)
        kwargs.setdefault("siao_ref", parties.siao.ref)
        return service.creer(session, clock, parties.agent, **kwargs)

    return make


@pytest.fixture
def en_signature(session: Session, clock: FixedClock, parties: Parties) -> Callable[[Convention], Convention]:
    """Return a function that brings an open line to the state « en signature »."""

    def make(ligne: Convention) -> Convention:
        for transition in ("engager", "negocier", "accorder", "mettre_en_signature"):
            if transition == "engager" and ligne.statut.value == "projet":
                continue
            service.avancer(session, clock, parties.agent, ligne.ref, ligne.version, transition)
        return ligne

    return make


@pytest.fixture
def signer(
    session: Session, clock: FixedClock, parties: Parties, en_signature: Callable[[Convention], Convention]
) -> Callable[..., Convention]:
    """Return a function that has an open line signed by its three parties."""

    def make(
        ligne: Convention,
        effet: date = date(2026, 3, 2),
        fin: date = date(2030, 3, 2),
        le: date | None = None,
    ) -> Convention:
        en_signature(ligne)
        for partie in Partie:
            service.enregistrer_signature(
                session,
                clock,
                parties.agent,
                ligne.ref,
                ligne.version,
                partie=partie,
                signee_le=date(2026, 3, 1),
                date_effet=effet,
                date_fin=fin,
            )
        return ligne

    return make
