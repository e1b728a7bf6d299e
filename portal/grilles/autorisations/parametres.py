"""What a département decides about the authorisations of households."""

from portal.organisations import parametres
from portal.shared.messages import N_

DUREE_MOIS = parametres.entier(
    "autorisations.duree_mois",
    N_("Durée proposée d’une autorisation du ménage, en mois"),
    6,
    (1, 12),
    "domaine.md D14 [P]",
)
DUREE_MAX_MOIS = 12
"""The longest that a form takes, whatever the département proposes."""
