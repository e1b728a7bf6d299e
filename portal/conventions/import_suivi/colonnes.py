"""Which column of the table says what: guessed from its title, remembered for the organisation."""

from enum import Enum

from portal.conventions.models import CorrespondanceImport
from portal.documents.colonnes import Reconnaissance
from portal.shared.messages import N_


class Champ(Enum):
    """What a column may say of a line."""

    OPERATEUR = "operateur"
    SIREN = "siren"
    FINESS = "finess"
    SIAO = "siao"
    SERVICE = "service"
    NATURES = "natures"
    PLACES = "places"
    MODE = "mode"
    ETAT = "etat"
    DATE_CIBLE = "date_cible"
    SIGNATURE = "date_signature"
    EFFET = "date_effet"
    FIN = "date_fin"
    NOTES = "notes"


LIBELLES_CHAMP: dict[Champ, str] = {
    Champ.OPERATEUR: N_("Opérateur"),
    Champ.SIREN: N_("SIREN ou SIRET de l’opérateur"),
    Champ.FINESS: N_("Numéro FINESS"),
    Champ.SIAO: N_("SIAO"),
    Champ.SERVICE: N_("Service de l’État"),
    Champ.NATURES: N_("Natures de dispositif"),
    Champ.PLACES: N_("Places"),
    Champ.MODE: N_("Mode de négociation"),
    Champ.ETAT: N_("État"),
    Champ.DATE_CIBLE: N_("Date cible"),
    Champ.SIGNATURE: N_("Date de signature"),
    Champ.EFFET: N_("Date d’effet"),
    Champ.FIN: N_("Date de fin"),
    Champ.NOTES: N_("Notes"),
}

Colonnes = dict[Champ, int]

# Titles met in the field, without accents, the surest first. Words in any order; more may stand around.
_SYNONYMES: dict[Champ, tuple[str, ...]] = {
    Champ.SIREN: ("siren", "siret", "numero siren", "siren siret"),
    Champ.FINESS: ("finess", "numero finess", "finess ej", "finess et"),
    Champ.SERVICE: (
        "service de l etat",
        "service etat",
        "etat signataire",
        "ddets",
        "ddetspp",
        "drihl",
        "prefecture",
    ),
    Champ.DATE_CIBLE: (
        "date cible",
        "cible",
        "signature prevue",
        "signature previsionnelle",
        "date prevue",
        "date previsionnelle",
        "date limite",
        "objectif",
        "prevue le",
        "prevision",
        "calendrier",
    ),
    Champ.FIN: (
        "date de fin",
        "date fin",
        "fin de la convention",
        "fin de validite",
        "fin",
        "date echeance",
        "echeance convention",
        "echeance",
        "terme",
        "expiration",
        "valable jusqu au",
        "jusqu au",
    ),
    Champ.EFFET: (
        "date effet",
        "date d effet",
        "prise d effet",
        "debut",
        "date de debut",
        "effet",
        "entree en vigueur",
        "periode",
        "validite",
        "periode de validite",
        "a compter du",
        "duree",
    ),
    Champ.SIGNATURE: (
        "date de signature",
        "signature",
        "date signature",
        "signee le",
        "signe le",
        "signature ctp",
        "signee",
        "date ctp",
        "date de la convention",
        "date convention",
    ),
    Champ.NATURES: (
        "natures",
        "nature",
        "nature de dispositif",
        "type de dispositif",
        "dispositifs",
        "dispositif",
        "activite",
        "activites",
        "type de structure",
        "type d hebergement",
        "categorie",
        "type",
    ),
    Champ.PLACES: (
        "places",
        "nombre de places",
        "nb places",
        "nb de places",
        "nbre places",
        "nbre de places",
        "capacite",
        "place",
        "logements",
    ),
    Champ.MODE: ("mode", "mode de negociation", "negociation", "modalite", "modalites"),
    Champ.ETAT: (
        "etat",
        "statut",
        "avancement",
        "etat d avancement",
        "ou en est on",
        "situation",
        "suivi",
        "etape",
        "phase",
    ),
    Champ.NOTES: (
        "notes",
        "commentaires",
        "commentaire",
        "observations",
        "observation",
        "remarques",
        "remarque",
        "precisions",
        "points de vigilance",
        "obs",
    ),
    Champ.SIAO: ("siao", "siao concerne", "siao de rattachement"),
    Champ.OPERATEUR: (
        "operateur",
        "gestionnaire",
        "organisme gestionnaire",
        "nom de l operateur",
        "personne morale",
        "porteur",
        "association",
        "organisme",
        "partenaire",
        "entite",
        "structure",
        "nom",
    ),
}
# Words that make a title speak of something else than the synonym it holds.
_CONTRAIRES: dict[Champ, frozenset[str]] = {
    Champ.OPERATEUR: frozenset({"type", "nature", "contact", "mail", "telephone", "adresse"}),
    Champ.SIGNATURE: frozenset({"prevue", "previsionnelle", "cible", "lieu"}),
    Champ.ETAT: frozenset({"signataire", "service", "representant"}),
    Champ.SIAO: frozenset({"si", "saisie", "copie", "copiee", "date", "signature", "contact", "referent"}),
    Champ.PLACES: frozenset({"date"}),
    Champ.NOTES: frozenset({"date"}),
}


COLONNES = Reconnaissance(
    Champ,
    CorrespondanceImport,
    _SYNONYMES,
    _CONTRAIRES,
    (Champ.OPERATEUR, Champ.SIREN),
    "conventions.import_operateur_colonne",
)
