"""The values of the commissions that a département may change (domaine.md, marked [P]); what differs from one
commission to another is configured in it."""

from portal.organisations import parametres
from portal.shared.messages import N_

INVITE_HEURES = parametres.entier(
    "commissions.invite_heures",
    N_("Durée pendant laquelle un invité ponctuel lit encore ses dossiers après la séance, en heures"),
    72,
    (1, 336),
    "domaine.md § 10.2, 6 [P]",
)
