"""The delays after a session that a département may change (domaine.md § 0.2, marked [P])."""

from portal.organisations import parametres
from portal.shared.messages import N_

COMPLET_JOURS = parametres.entier(
    "commissions.releve_jours",
    N_(
        "Durée pendant laquelle ceux qui ont siégé lisent les décisions et la version complète du relevé, "
        "en jours"
    ),
    90,
    (7, 365),
    "domaine.md § 7.8 [P]",
)
RAPPEL_AVANT_JOURS = parametres.entier(
    "commissions.prescription_avant_jours",
    N_("Premier rappel d’une prescription à qui en est chargé, en jours avant son échéance"),
    7,
    (0, 60),
    "domaine.md § 7.4 [P]",
)
RAPPEL_ENTRE_JOURS = parametres.entier(
    "commissions.prescription_rappel_jours",
    N_("Délai entre deux rappels d’une même prescription, en jours"),
    14,
    (1, 90),
    "domaine.md § 7.4 [P]",
)
