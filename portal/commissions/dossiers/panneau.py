"""What the household's page shows of its dossiers, and where one is deposited from."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.commissions.dossiers import queries_listes
from portal.commissions.dossiers.workflow import TONS
from portal.conventions.jours import fuseau_de
from portal.grilles.menages.crochets import Panneau, on_fiche
from portal.grilles.menages.policies import Vise
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.ensemble import Lues
from portal.shared.messages import N_


def lire(session: Session, clock: Clock, actor: Actor, vise: Vise, _lues: Lues) -> Mapping[str, Any]:
    """Return the dossiers of the household that the reader sees, and whether one may be deposited."""
    return {
        "dossiers": queries_listes.du_menage(session, clock, actor, vise.menage.id),
        "tons": TONS,
        "fuseau": fuseau_de(vise.menage.departement_code),
        "deposer": can(actor, Permission.DOSSIERS_DEPOSER, vise),
    }


on_fiche(Panneau("dossiers", N_("Dossiers de commission"), "dossiers/_panneau.html", lire, 50))
