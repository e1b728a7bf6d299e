"""The grid on the page of its household, and what waits: where it stands, never what it says."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.grilles.menages.crochets import Panneau, on_fiche
from portal.grilles.menages.policies import Vise
from portal.grilles.remplissage import queries
from portal.grilles.remplissage.enums import StatutGrille
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues
from portal.shared.messages import N_


def lectures(_clock: Clock, _actor: Actor, vise: Vise) -> Mapping[str, AnySelect]:
    """Return the versions to read, without their answers."""
    return {"versions": queries.lecture_des_versions(vise.menage.id)}


def lire(_session: Session, clock: Clock, actor: Actor, vise: Vise, lues: Lues) -> Mapping[str, Any]:
    """Return the version being written, the last frozen one, and whether it is to be renewed."""
    versions = sorted(lues["versions"], key=lambda v: v.numero, reverse=True)
    figees = [v for v in versions if v.statut is StatutGrille.FIGEE]
    derniere = figees[0] if figees else None
    return {
        "brouillon": next((v for v in versions if v.statut is StatutGrille.BROUILLON), None),
        "derniere": derniere,
        "a_renouveler": derniere is not None and derniere.a_renouveler_le <= clock.today(actor.fuseau),
        "remplit": can(actor, Permission.GRILLES_REMPLIR, vise),
    }


on_fiche(Panneau("grille", N_("Grille d’accès au logement"), "remplissage/_panneau.html", lire, 10, lectures))
