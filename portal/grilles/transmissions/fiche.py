"""The panel of the transmissions on the household's page, for whoever accompanies it and for the SIAO."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.grilles.menages.crochets import Panneau, on_fiche
from portal.grilles.menages.policies import Vise
from portal.grilles.transmissions import parametres, queries
from portal.grilles.transmissions.enums import StatutTransmission
from portal.organisations import parametres as valeurs
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues
from portal.shared.messages import N_


def lectures(clock: Clock, actor: Actor, vise: Vise) -> Mapping[str, AnySelect]:
    """Return what was sent, what waits to be, and after how many refusals other ways are sought."""
    menage = vise.menage
    echecs = select(valeurs.stored(parametres.ECHECS, menage.departement_code).label("seuil"))
    lues = {"lignes": queries.lecture_du_menage(clock, menage.id), "echecs": echecs}
    if can(actor, Permission.TRANSMISSIONS_ENVOYER, vise):
        lues["a_envoyer"] = queries.a_envoyer(clock, menage.id)
    return lues


def lire(
    _session: Session, _clock: Clock, _actor: Actor, _vise: Vise, lues: Lues
) -> Mapping[str, Any] | None:
    """Return what was transmitted of a household, what waits to be, whether other ways are to be sought, or
    what a signed lease leaves to do."""
    lignes = queries.envoyees(lues["lignes"])
    bail = any(one.statut is StatutTransmission.BAIL_SIGNE for one in lignes)
    seuil = valeurs.read(parametres.ECHECS, lues["echecs"][0].seuil)
    return {
        "lignes": lignes,
        "a_envoyer": sorted(lues.get("a_envoyer", ()), key=lambda une: (une.au, une.ref), reverse=True),
        "alternatives": 0 if bail else _alternatives(lignes, seuil),
        "bail": bail and "a_envoyer" in lues,
        "envoie": "a_envoyer" in lues,
    }


def _alternatives(lignes: list[queries.LigneEnvoyee], seuil: int) -> int:
    """Return how many refusals call for another way, 0 when they do not (domaine.md § 6.6, 7)."""
    echecs = sum(one.echec for one in lignes)
    return echecs if echecs >= seuil else 0


on_fiche(
    Panneau(
        code="transmissions",
        titre=N_("Transmissions"),
        gabarit="transmissions/_panneau.html",
        lire=lire,
        rang=40,
        lectures=lectures,
    )
)
