"""The values of this room that a département may change (domaine.md § 7.4, marked [P])."""

from portal.organisations import parametres
from portal.shared.messages import N_

AJOURNEMENTS = parametres.entier(
    "commissions.ajournements_blocage",
    N_("Nombre d’ajournements à partir duquel la commission des situations bloquées est proposée"),
    2,
    (1, 10),
    "domaine.md § 7.4 ; § 15, cas 21 [P]",
)
