"""What the household's page shows of its authorisations: those that live."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.grilles.autorisations import queries
from portal.grilles.autorisations.lecture import EtatLu, lues
from portal.grilles.menages.crochets import Panneau, on_fiche
from portal.grilles.menages.enums import LIBELLES_LECTURE
from portal.grilles.menages.policies import Vise
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues
from portal.shared.messages import N_

MONTREES = 5

LIBELLES_LECTURE["autorisation"] = N_("Une autorisation")


def lire(session: Session, clock: Clock, actor: Actor, vise: Vise, lus: Lues) -> Mapping[str, Any]:
    """Return the latest of those that live, and whether one more may be asked for. Those that closed, for
    whatever reason, are on a page of their own: a household that refused reads like one never asked."""
    toutes = lues(session, clock, vise.menage)
    vivantes = [une for une in toutes if une.vivante and une.etat is not EtatLu.TERMINEE]
    recueille = can(actor, Permission.AUTORISATIONS_RECUEILLIR, vise)
    return {
        "autorisations": vivantes[:MONTREES],
        "demander": recueille and bool(lus["version"]),
        "suivre": recueille,
    }


def lectures(_clock: Clock, _actor: Actor, vise: Vise) -> Mapping[str, AnySelect]:
    """Return what tells whether there is a version to ask for."""
    return {"version": queries.versions_figees(vise.menage).limit(1)}


on_fiche(Panneau("autorisations", N_("Autorisations"), "autorisations/_panneau.html", lire, 30, lectures))
