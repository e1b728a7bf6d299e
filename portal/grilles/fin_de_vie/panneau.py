"""The panel of the household's page: until when its data are kept, what it asked about them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.grilles.fin_de_vie import parametres, queries
from portal.grilles.fin_de_vie.conservation import premier_jour
from portal.grilles.fin_de_vie.policies import peut_recevoir
from portal.grilles.menages.crochets import Panneau, on_fiche
from portal.grilles.menages.policies import Vise
from portal.organisations import parametres as valeurs
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues
from portal.shared.messages import N_


def lectures(_clock: Clock, actor: Actor, vise: Vise) -> Mapping[str, AnySelect]:
    """Return the requests to read, and how long the département keeps data."""
    if not peut_recevoir(actor, vise):
        return {}
    mois = valeurs.stored(parametres.CONSERVATION_MOIS, vise.menage.departement_code)
    return {"demandes": queries.du_menage(vise.menage), "conservation": select(mois.label("mois"))}


def lire(_session: Session, clock: Clock, actor: Actor, vise: Vise, lues: Lues) -> Mapping[str, Any] | None:
    """Return `efface_le` (the first day without the data, unless there is a new contact), the requests."""
    if not peut_recevoir(actor, vise):
        return None
    mois = valeurs.read(parametres.CONSERVATION_MOIS, lues["conservation"][0].mois)
    return {
        "efface_le": premier_jour(vise.menage.dernier_contact_le, mois),
        "demandes": sorted(lues["demandes"], key=lambda une: une.id, reverse=True),
        "jour": clock.today(actor.fuseau),
    }


on_fiche(Panneau("fin_de_vie", N_("Ses données"), "fin_de_vie/_panneau.html", lire, 90, lectures))
