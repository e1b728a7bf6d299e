"""A commission of the 37: two presidents, two colleges, functions of the directory that sit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from portal.annuaire import service as annuaire
from portal.annuaire.models import Referent
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire
from portal.commissions import composition, service
from portal.commissions.enums import Qualite
from portal.commissions.models import Commission
from portal.commissions.nomenclatures import prereglages
from portal.commissions.saisie import du_prereglage
from portal.organisations.enums import TypeOrganisation as T
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.text import normalise

DEBUT = date(2025, 9, 1)
Fonction = Callable[..., Referent]


@dataclass
class Scene:
    """The commission unique of the 37 and who is around it."""

    commission: Commission
    siao: Organisation
    etat: Organisation
    departement: Organisation
    bailleur: Organisation
    gestionnaire: Organisation
    secretaire: Actor
    pilote: Actor
    fonctions: dict[str, Referent]


@pytest.fixture
def fonction(session: Session, clock: FixedClock, actor_for: Callable[..., Actor]) -> Fonction:
    """Return a function (organisation, first name) → an entry of the directory held by someone."""
    qui: dict[str, Actor] = {}

    def make(organisation: Organisation, prenom: str, *, code: str = "referent_commission") -> Referent:
        where = organisation.departement_code
        if where not in qui:
            qui[where] = actor_for(Profil.SIAO_DIRECTION, _siao(session, where) or organisation)
        saisie = SaisieReferent(fonction_code=code, departement_code=where)
        titulaire = SaisieTitulaire(
            prenom=prenom, nom="Exemple", du=DEBUT, email=f"{normalise(prenom)}@partenaire.example"
        )
        return annuaire.ouvrir(
            session, clock, qui[where], organisation, saisie, titulaire if prenom else None
        )

    return make


def _siao(session: Session, code: str) -> Organisation | None:
    return session.query(Organisation).filter_by(type=T.SIAO, departement_code=code).order_by("id").first()


@pytest.fixture
def scene(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    fonction: Fonction,
) -> Scene:
    """A commission in preparation, complete: the State has only to put it into service."""
    made = {
        kind: factories.Organisation(type=kind, departement_code="37", nom=f"{nom} 37")
        for kind, nom in (
            (T.SIAO, "SIAO"),
            (T.ETAT, "DDETS"),
            (T.COLLECTIVITE, "Département"),
            (T.BAILLEUR, "Bailleur"),
            (T.GESTIONNAIRE, "Association"),
        )
    }
    secretaire = actor_for(Profil.SIAO_REGULATEUR, made[T.SIAO])
    pilote = actor_for(Profil.ETAT_PILOTE, made[T.ETAT])
    fonctions = {
        "etat": fonction(made[T.ETAT], "Élise"),
        "departement": fonction(made[T.COLLECTIVITE], "Denis"),
        "bailleur": fonction(made[T.BAILLEUR], "Basile"),
        "gestionnaire": fonction(made[T.GESTIONNAIRE], "Gilles"),
    }
    commission = service.ouvrir(
        session,
        clock,
        secretaire,
        "CUO",
        "37",
        made[T.SIAO],
        du_prereglage(prereglages()["CUO"], lieu="Maison des associations", visio=""),
    )
    ccas = next(one for one in commission.colleges if one.nom.startswith("CCAS"))
    composition.retirer_college(session, clock, secretaire, commission, ccas, version=commission.version)
    heberge, bailleurs = commission.colleges
    for cle, qualite, college in (
        ("etat", Qualite.PRESIDENCE, None),
        ("departement", Qualite.PRESIDENCE, None),
        ("bailleur", Qualite.MEMBRE, bailleurs),
        ("gestionnaire", Qualite.MEMBRE, heberge),
    ):
        composition.donner_siege(
            session,
            clock,
            secretaire,
            commission,
            fonctions[cle].ref,
            qualite,
            college,
            version=commission.version,
        )
    session.commit()
    return Scene(
        commission,
        made[T.SIAO],
        made[T.ETAT],
        made[T.COLLECTIVITE],
        made[T.BAILLEUR],
        made[T.GESTIONNAIRE],
        secretaire,
        pilote,
        fonctions,
    )


@pytest.fixture
def en_service(session: Session, clock: FixedClock, scene: Scene) -> Scene:
    """The same, which may convene."""
    service.mettre_en_service(
        session, clock, scene.pilote, scene.commission, version=scene.commission.version
    )
    session.commit()
    return scene
