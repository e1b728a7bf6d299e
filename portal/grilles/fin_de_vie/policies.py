"""Who erases, and who answers a household's requests about its data (domaine.md § 10.2, 8; D17)."""

from portal.grilles.menages.enums import Lien
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import LECTEURS, Vise
from portal.security.permissions import SIAO, Permission, Profil
from portal.security.policy import Actor, policy

EFFACENT = frozenset({Profil.SIAO_DIRECTION, Profil.SIAO_MISSION_LOGEMENT})


@policy(Permission.MENAGES_EFFACER)
def peut_effacer(actor: Actor, menage: Menage | None) -> bool:
    """The direction and the housing mission of the SIAO of its département: they erase, and they refuse."""
    return actor.profil in EFFACENT and (menage is None or menage.departement_code in actor.departements)


def peut_recevoir(actor: Actor, vise: Vise) -> bool:
    """Write down a household's request, prepare its copy, say that it was answered: whoever accompanies it,
    closed or not, and the SIAO; never a colleague to whom it is open for some days."""
    return actor.profil in LECTEURS and (vise.lien is not Lien.ACCES or actor.profil in SIAO)
