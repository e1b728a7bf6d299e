"""The values of the filled grids that a département may change (domaine.md § 6.4, D10, D11)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.grilles.calculs import Charge, EchelleUC, Logement, Parametres
from portal.organisations import parametres
from portal.organisations.parametres import Parameter
from portal.shared.messages import N_

AUCUNE = "aucune"
OUI, NON = "oui", "non"

FREQUENCE = parametres.entier(
    "grilles.frequence_mois",
    N_("Nombre de mois après lequel la grille d’un ménage est à renouveler"),
    6,
    (3, 12),
    "S0 ; domaine.md § 4.5",
)
PREAVIS = parametres.entier(
    "grilles.preavis_jours",
    N_("Nombre de jours avant l’échéance à partir duquel le renouvellement est rappelé"),
    30,
    (1, 90),
    "domaine.md § 6.5 [P]",
)
ECHELLE = parametres.choix(
    "grilles.echelle_uc",
    N_("Échelle d’unités de consommation du reste à vivre"),
    AUCUNE,
    (AUCUNE, *(echelle.value for echelle in EchelleUC)),
    "domaine.md § 6.4, D10",
)
LOGEMENT = parametres.choix(
    "grilles.rav_logement",
    N_("Charges de logement que prend le reste à vivre"),
    Logement.SUPPORTABLES.value,
    tuple(logement.value for logement in Logement),
    "domaine.md § 6.4 [D]",
)
_QUESTIONS = {
    Charge.ENERGIE: N_("Retenir l’énergie et l’eau dans le reste à vivre"),
    Charge.ASSURANCE: N_("Retenir l’assurance du logement dans le reste à vivre"),
    Charge.MENSUALITES: N_("Retenir les mensualités de dettes dans le reste à vivre"),
    Charge.PENSIONS: N_("Retenir les pensions versées dans le reste à vivre"),
    Charge.GARDE: N_("Retenir la garde d’enfants dans le reste à vivre"),
    Charge.TRANSPORT: N_("Retenir le transport dans le reste à vivre"),
}
_USUELLES = frozenset({Charge.ENERGIE, Charge.ASSURANCE, Charge.MENSUALITES, Charge.PENSIONS})
CHARGES: dict[Charge, Parameter[str]] = {
    charge: parametres.choix(
        f"grilles.charge_{charge.value}",
        question,
        OUI if charge in _USUELLES else NON,
        (OUI, NON),
        "domaine.md § 6.4 [D]",
    )
    for charge, question in _QUESTIONS.items()
}
SEUIL_BAS = parametres.entier(
    "grilles.seuil_rav_bas",
    N_("Reste à vivre sous lequel on examine au cas par cas, en euros par UC et par mois"),
    270,
    (0, 2000),
    "S1 ; domaine.md § 2.6, D11",
)
SEUIL_HAUT = parametres.entier(
    "grilles.seuil_rav_haut",
    N_("Reste à vivre jusqu’auquel on regarde de près, en euros par UC et par mois"),
    300,
    (0, 2000),
    "S1 ; domaine.md § 2.6, D11",
)
SEUIL_EFFORT = parametres.entier(
    "grilles.seuil_effort",
    N_("Repère local du taux d’effort, en pour cent (0 : aucun)"),
    0,
    (0, 60),
    "S3 ; domaine.md § 6.4 [D]",
)
SURFACES = parametres.entiers(
    "grilles.surfaces",
    N_("Surfaces minimales d’un logement pour 2 personnes, 3 personnes et plus, en m²"),
    (24, 18),
    (9, 300),
    "S1 ; domaine.md § 2.6",
)

_CALCULS: tuple[Parameter[Any], ...] = (
    ECHELLE,
    LOGEMENT,
    *CHARGES.values(),
    SEUIL_BAS,
    SEUIL_HAUT,
    SEUIL_EFFORT,
    SURFACES,
)


def des_calculs(session: Session, departement_code: str) -> Parametres:
    """Return what a département chose for its calculations; one statement."""
    return _lus(parametres.values(session, departement_code, *_CALCULS))


def _lus(valeurs: Mapping[str, Any]) -> Parametres:
    echelle = valeurs[ECHELLE.key]
    return Parametres(
        echelle=None if echelle == AUCUNE else EchelleUC(echelle),
        logement=Logement(valeurs[LOGEMENT.key]),
        charges=tuple(charge for charge, p in CHARGES.items() if valeurs[p.key] == OUI),
        seuil_bas=valeurs[SEUIL_BAS.key],
        seuil_haut=max(valeurs[SEUIL_HAUT.key], valeurs[SEUIL_BAS.key]),
        seuil_effort=valeurs[SEUIL_EFFORT.key],
        surfaces=tuple(sorted(valeurs[SURFACES.key])),
    )
