"""A small directory, written through the service as the SIAO writes it."""

import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.annuaire import service, titulaires
from portal.annuaire.enums import Role
from portal.annuaire.models import Referent
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.organisations.referentiel import Lieu
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock

DONNEES = tomllib.loads((Path(__file__).parents[2] / "data" / "annuaire.toml").read_text("utf-8"))
DEBUT = date(2025, 9, 1)
CAMILLE = SaisieTitulaire(prenom="Camille", nom="Exemple", du=DEBUT, telephone="02 61 91 00 01")


@pytest.fixture
def siao(factories: SimpleNamespace) -> Organisation:
    made: Organisation = factories.Organisation(
        type=TypeOrganisation.SIAO, nom="SIAO Fictif des Côtes-d’Armor", sigle="SIAO 22", dans=("35",)
    )
    return made


@pytest.fixture
def regulatrice(actor_for: Callable[..., Actor], siao: Organisation) -> Actor:
    """Someone of the SIAO, which works in the 22 and the 35."""
    return actor_for(Profil.SIAO_REGULATEUR, siao)


@pytest.fixture
def gestionnaire(factories: SimpleNamespace) -> Organisation:
    made: Organisation = factories.Organisation(nom="Association Les Ajoncs")
    return made


@pytest.fixture
def direction(actor_for: Callable[..., Actor], gestionnaire: Organisation) -> Actor:
    return actor_for(Profil.OPERATEUR_DIRECTION, gestionnaire)


@pytest.fixture
def ouvrir(session: Session, clock: FixedClock, regulatrice: Actor) -> Callable[..., Referent]:
    """Return a function (organisation, fonction, …) → an entry, held by Camille Exemple unless told."""

    def make(
        organisation: Organisation,
        fonction: str = "referent_siao",
        titulaire: SaisieTitulaire | None = CAMILLE,
        actor: Actor | None = None,
        **typed: Any,
    ) -> Referent:
        saisie = SaisieReferent(
            **{"fonction_code": fonction, "departement_code": organisation.departement_code} | typed
        )
        return service.ouvrir(session, clock, actor or regulatrice, organisation, saisie, titulaire)

    return make


@pytest.fixture
def annuaire(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    siao: Organisation,
    regulatrice: Actor,
    ouvrir: Callable[..., Referent],
) -> dict[str, Referent]:
    """The entries of the data file, by their key."""
    organisations = {siao.nom: siao}
    made = {}
    for fiche in DONNEES["fiche"]:
        nom = fiche["organisation"]
        if nom not in organisations:
            organisations[nom] = factories.Organisation(
                nom=nom,
                sigle=fiche.get("sigle", ""),
                type=TypeOrganisation(fiche["type"]),
                departement_code=fiche.get("departement", "22"),
            )
        structure = None
        if "structure" in fiche:
            structure = factories.Structure(
                organisation=organisations[nom], nom=fiche["structure"], commune_code=fiche["commune"]
            )
        referent = ouvrir(
            organisations[nom],
            fiche["fonction"],
            SaisieTitulaire(
                prenom=fiche["prenom"],
                nom=fiche["nom"],
                telephone=fiche["telephone"],
                email=fiche.get("email", ""),
                du=DEBUT,
            ),
            structure_id=structure.id if structure else None,
            mention=fiche.get("mention", ""),
            natures=tuple(fiche.get("natures", ())),
            publics=tuple(fiche.get("publics", ())),
            territoires=tuple(filter(None, map(Lieu.lire, fiche.get("territoires", ())))),
        )
        if "suppleant" in fiche:
            prenom, nom = fiche["suppleant"]
            typed = SaisieTitulaire(
                prenom=prenom, nom=nom, du=DEBUT, role=Role.SUPPLEANT, telephone="02 61 91 00 02"
            )
            titulaires.confier(session, clock, regulatrice, referent, typed, version=referent.version)
        made[fiche["cle"]] = referent
    session.commit()
    return made
