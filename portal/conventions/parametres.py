"""The values of this room that a département may change (domaine.md § 5, marked [P] or [D])."""

from datetime import date

from portal.conventions import regles
from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention
from portal.organisations import parametres
from portal.shared.messages import N_

DELAI_RENOUVELLEMENT = parametres.entier(
    "conventions.delai_renouvellement",
    N_("Nombre de jours avant la fin à partir duquel une convention est à renouveler"),
    regles.DELAI_RENOUVELLEMENT,
    (30, 1095),
    "domaine.md § 5.2",
)
ALERTES = parametres.entiers(
    "conventions.alertes",
    N_("Alertes de renouvellement, en jours avant la fin"),
    regles.ALERTES_JOURS,
    (0, 1095),
    "domaine.md § 5.2 [P]",
)
BILAN_MOIS = parametres.entier(
    "conventions.bilan_mois",
    N_("Nombre de mois avant la fin à partir duquel le bilan d’une convention est demandé"),
    regles.BILAN_MOIS,
    (1, 12),
    "domaine.md § 5.2",
)
DUREE_MOIS = parametres.entier(
    "conventions.duree_mois", N_("Durée d’une convention, en mois"), regles.DUREE_MOIS, (1, 120), "S0 [D2]"
)
PREAVIS_MOIS = parametres.entier(
    "conventions.preavis_mois",
    N_("Préavis de résiliation, en mois"),
    regles.PREAVIS_MOIS,
    (0, 24),
    "domaine.md § 5.4",
)
DATE_CIBLE = parametres.jour(
    "conventions.date_cible",
    N_("Date cible donnée aux nouvelles lignes"),
    regles.ECHEANCE_NATIONALE,
    (date(2022, 1, 1), date(2040, 12, 31)),
    "domaine.md § 5.2 [D1]",
)

LIBRE = "libre"
ORDRE_SIGNATURES = parametres.choix(
    "conventions.ordre_signatures",
    N_("Ordre des signatures"),
    ",".join(partie.value for partie in Partie),
    ("operateur,siao,etat", "siao,operateur,etat", LIBRE),
    "domaine.md § 5.2 [P], D20",
)


def ordre_des_parties(valeur: str) -> tuple[Partie, ...] | None:
    """Return the order in which the parties sign, None when any order is accepted."""
    return None if valeur == LIBRE else tuple(Partie(code) for code in valeur.split(","))


ORDRES = {valeur: ordre_des_parties(valeur) for valeur in ORDRE_SIGNATURES.bounds}
"""The orders that may be chosen, by the text that is stored."""


def ordre_de(ligne: Convention, regle: str) -> tuple[Partie, ...] | None:
    """Return the order in which a line is signed: the one it went to signature with, else the rule."""
    fige = ligne.ordre_signatures if ligne.statut in (Statut.EN_SIGNATURE, Statut.SIGNEE) else None
    return ordre_des_parties(fige or regle)


FAMILLE, CUMUL = "famille", "cumul"
LECTURE_VEILLE = parametres.choix(
    "conventions.lecture_veille",
    N_("Clause 5.3 (accueil, évaluation flash et urgence) : gardée si l’opérateur gère"),
    FAMILLE,
    (FAMILLE, CUMUL),
    "domaine.md § 4.4, D4",
)
"""S0 writes « dispositifs de veille sociale et d’hébergement »: one family of the two, or each of them."""
