"""« À faire »: the requests of colleagues that wait for an answer."""

from sqlalchemy import func

from portal.grilles.menages.acces import nombre_a_repondre
from portal.grilles.menages.models import AccesMenage, Menage
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnySelect

ACCES = "menages_acces"


def attentes(clock: Clock, actor: Actor) -> list[AnySelect]:
    """Return what to look for: how many requests the actor has to answer (`nombre`)."""
    if not can(actor, Permission.MENAGES_LIRE):
        return []
    return [
        attente(ACCES, nombre=func.count(AccesMenage.id))
        .join(Menage, Menage.id == AccesMenage.menage_id)
        .where(*nombre_a_repondre(actor, clock))
    ]
