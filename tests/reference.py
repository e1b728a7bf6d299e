"""A small reference set for tests: a few territories and every nomenclature a rule needs."""

from sqlalchemy.orm import Session

from portal.organisations.enums import FamilleNature as F
from portal.organisations.models import (
    Arrondissement,
    CategorieFiness,
    Commune,
    Departement,
    Epci,
    Nature,
    Region,
)
from portal.shared.text import searchable, sort_key

REFERENCE_TABLES = {
    "region",
    "departement",
    "arrondissement",
    "epci",
    "commune",
    "nature",
    "categorie_finess",
}

REGIONS = {
    "53": "Bretagne",
    "24": "Centre-Val de Loire",
    "11": "Île-de-France",
    "84": "Auvergne-Rhône-Alpes",
    "04": "La Réunion",
}
DEPARTEMENTS = [
    ("22", "Côtes-d’Armor", "53", "Europe/Paris"),
    ("35", "Ille-et-Vilaine", "53", "Europe/Paris"),
    ("37", "Indre-et-Loire", "24", "Europe/Paris"),
    ("69", "Rhône", "84", "Europe/Paris"),
    ("75", "Paris", "11", "Europe/Paris"),
    ("92", "Hauts-de-Seine", "11", "Europe/Paris"),
    ("974", "La Réunion", "04", "Indian/Reunion"),
]
COMMUNES = [
    ("22278", "Saint-Brieuc", "22", "22000"),
    ("22113", "Lannion", "22", "22300"),
    ("37261", "Tours", "37", "37000 37100 37200"),
    ("75056", "Paris", "75", "75001 75010 75020"),
    ("92050", "Nanterre", "92", "92000"),
    ("97411", "Saint-Denis", "974", "97400 97417 97490"),
]
NATURES = [
    ("MARAUDE", "Maraude", F.VEILLE_SOCIALE, False),
    ("CHU", "Centre d’hébergement d’urgence", F.URGENCE, False),
    ("STAB_HORS", "Stabilisation hors CHRS", F.STABILISATION, False),
    ("CHRS_INS", "CHRS, insertion", F.INSERTION, False),
    ("ALT", "ALT", F.ALT, False),
    ("RS", "Résidence sociale", F.LOGEMENT_ACCOMPAGNE, False),
    ("RS_FJT", "Résidence sociale FJT", F.LOGEMENT_ACCOMPAGNE, False),
    ("FTM_NT", "FTM non transformé", F.LOGEMENT_ACCOMPAGNE, True),
    ("PF", "Pension de famille", F.LOGEMENT_ACCOMPAGNE, False),
    ("LHSS", "LHSS", F.MEDICO_SOCIAL, False),
    ("LAM", "LAM", F.MEDICO_SOCIAL, False),
    ("ACT", "ACT", F.MEDICO_SOCIAL, False),
    ("CADA", "CADA", F.ASILE, False),
    ("CPH", "CPH", F.ASILE, False),
    ("MERE_ENFANT", "Accueil mère-enfant", F.MERE_ENFANT, False),
    ("AVDL", "AVDL", F.MESURES, False),
]
CATEGORIES_FINESS = [
    ("214", "CHRS", "CHRS_INS"),
    ("219", "Autre centre d’accueil", None),
    ("256", "FTM non transformé", "FTM_NT"),
    ("257", "FJT (résidence sociale ou non)", None),
    ("258", "Pension de famille", "PF"),
    ("259", "Autre résidence sociale", "RS"),
    ("165", "ACT", "ACT"),
    ("180", "LHSS", "LHSS"),
    ("213", "LAM", "LAM"),
    ("442", "CPH", "CPH"),
    ("443", "CADA", "CADA"),
    ("166", "Accueil mère-enfant", "MERE_ENFANT"),
]


def load_small_reference(session: Session) -> None:
    """Insert the small reference set."""
    session.add_all(Region(code=code, nom=nom) for code, nom in REGIONS.items())
    session.flush()
    session.add_all(Departement(code=c, nom=n, region_code=r, fuseau=z) for c, n, r, z in DEPARTEMENTS)
    session.add(Epci(code="200069409", nom="Saint-Brieuc Armor Agglomération"))
    session.flush()
    session.add(Arrondissement(code="224", nom="Saint-Brieuc", departement_code="22"))
    session.flush()
    session.add_all(
        Commune(
            code=code,
            nom=nom,
            departement_code=dep,
            codes_postaux=cp,
            epci_code="200069409" if code == "22278" else None,
            arrondissement_code="224" if code == "22278" else None,
            tri=sort_key(nom),
            texte_recherche=searchable(nom, code, cp),
        )
        for code, nom, dep, cp in COMMUNES
    )
    session.add_all(
        Nature(code=c, libelle=lib, libelle_en=lib, famille=f, ordre=i, hors_accord_cadre=h)
        for i, (c, lib, f, h) in enumerate(NATURES)
    )
    session.flush()
    session.add_all(CategorieFiness(code=c, libelle=lib, nature_code=n) for c, lib, n in CATEGORIES_FINESS)
    session.flush()
