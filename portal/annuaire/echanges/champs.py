"""The columns of the directory's tables: written by the export, recognised by the import."""

from enum import Enum

from portal.annuaire.models_echanges import CorrespondanceAnnuaire
from portal.documents.colonnes import Reconnaissance
from portal.shared.messages import N_


class Champ(Enum):
    """What a column says of an entry, in the order of an exported table."""

    REFERENCE = "reference"
    ORGANISATION = "organisation"
    SIREN = "siren"
    STRUCTURE = "structure"
    DEPARTEMENT = "departement"
    FONCTION = "fonction"
    MENTION = "mention"
    PRENOM = "prenom"
    NOM = "nom"
    TELEPHONE = "telephone"
    EMAIL = "email"
    DU = "du"
    AU = "au"
    SUPPLEANT_PRENOM = "suppleant_prenom"
    SUPPLEANT_NOM = "suppleant_nom"
    SUPPLEANT_TELEPHONE = "suppleant_telephone"
    SUPPLEANT_EMAIL = "suppleant_email"
    FONCTION_TELEPHONE = "fonction_telephone"
    FONCTION_EMAIL = "fonction_email"
    COMMUNES = "communes"
    TERRITOIRES = "territoires"
    NATURES = "natures"
    PUBLICS = "publics"
    PREFERENCE = "preference"
    HORAIRES = "horaires"


LIBELLES_CHAMP: dict[Champ, str] = {
    Champ.REFERENCE: N_("Référence de la fiche"),
    Champ.ORGANISATION: N_("Organisation"),
    Champ.SIREN: N_("SIREN de l’organisation"),
    Champ.STRUCTURE: N_("Structure"),
    Champ.DEPARTEMENT: N_("Département"),
    Champ.FONCTION: N_("Fonction"),
    Champ.MENTION: N_("Précision"),
    Champ.PRENOM: N_("Prénom"),
    Champ.NOM: N_("Nom"),
    Champ.TELEPHONE: N_("Téléphone"),
    Champ.EMAIL: N_("Courriel"),
    Champ.DU: N_("Tient la fonction depuis le"),
    Champ.AU: N_("Jusqu’au"),
    Champ.SUPPLEANT_PRENOM: N_("Suppléant : prénom"),
    Champ.SUPPLEANT_NOM: N_("Suppléant : nom"),
    Champ.SUPPLEANT_TELEPHONE: N_("Suppléant : téléphone"),
    Champ.SUPPLEANT_EMAIL: N_("Suppléant : courriel"),
    Champ.FONCTION_TELEPHONE: N_("Téléphone de la fonction"),
    Champ.FONCTION_EMAIL: N_("Courriel de la fonction"),
    Champ.COMMUNES: N_("Communes couvertes"),
    Champ.TERRITOIRES: N_("Intercommunalités et arrondissements couverts"),
    Champ.NATURES: N_("Natures de dispositif"),
    Champ.PUBLICS: N_("Publics"),
    Champ.PREFERENCE: N_("Comment joindre"),
    Champ.HORAIRES: N_("Horaires"),
}

Colonnes = dict[Champ, int]

# Titles met in the field, normalised, the surest first. Words in any order; more may stand around.
_SYNONYMES: dict[Champ, tuple[str, ...]] = {
    Champ.REFERENCE: ("reference de la fiche", "reference", "ref fiche", "identifiant de la fiche"),
    Champ.SIREN: ("siren de l organisation", "siren", "siret", "numero siren", "siren siret"),
    Champ.SUPPLEANT_PRENOM: ("suppleant prenom", "prenom suppleant", "prenom du suppleant"),
    Champ.SUPPLEANT_TELEPHONE: ("suppleant telephone", "telephone suppleant", "tel suppleant"),
    Champ.SUPPLEANT_EMAIL: ("suppleant courriel", "courriel suppleant", "mail suppleant", "email suppleant"),
    Champ.SUPPLEANT_NOM: (
        "suppleant nom",
        "nom suppleant",
        "nom du suppleant",
        "suppleant",
        "suppleance",
        "binome",
        "remplacant",
    ),
    Champ.FONCTION_TELEPHONE: (
        "telephone de la fonction",
        "telephone generique",
        "ligne commune",
        "standard",
        "telephone du service",
        "telephone structure",
    ),
    Champ.FONCTION_EMAIL: (
        "courriel de la fonction",
        "mail generique",
        "boite generique",
        "boite commune",
        "adresse generique",
        "courriel du service",
        "mail structure",
    ),
    Champ.COMMUNES: (
        "communes couvertes",
        "communes",
        "commune",
        "villes",
        "ville",
        "communes d intervention",
    ),
    Champ.TERRITOIRES: (
        "intercommunalites et arrondissements couverts",
        "intercommunalites",
        "intercommunalite",
        "epci",
        "arrondissement",
        "arrondissements",
        "territoire",
        "territoires",
        "secteur",
        "secteurs",
        "zone",
        "perimetre",
    ),
    Champ.NATURES: (
        "natures de dispositif",
        "natures",
        "nature",
        "nature de dispositif",
        "type de dispositif",
        "dispositifs",
        "dispositif",
        "type de structure",
    ),
    Champ.PUBLICS: ("publics", "public", "public accueilli", "publics accueillis", "population"),
    Champ.PREFERENCE: ("comment joindre", "mode de contact", "preference", "contact prefere", "canal"),
    Champ.HORAIRES: ("horaires", "horaire", "disponibilites", "permanence", "permanences", "jours"),
    Champ.DU: (
        "tient la fonction depuis le",
        "depuis le",
        "depuis",
        "date de debut",
        "date de prise de fonction",
        "prise de fonction",
        "arrivee",
        "debut",
    ),
    Champ.AU: ("jusqu au", "date de fin", "fin", "depart", "date de depart"),
    Champ.EMAIL: (
        "courriel",
        "mail",
        "email",
        "e mail",
        "mel",
        "adresse mail",
        "adresse electronique",
        "messagerie",
        "adresse e mail",
    ),
    Champ.TELEPHONE: (
        "telephone",
        "tel",
        "numero de telephone",
        "portable",
        "mobile",
        "ligne directe",
        "telephone professionnel",
        "n de telephone",
        "coordonnees telephoniques",
    ),
    Champ.STRUCTURE: (
        "structure",
        "etablissement",
        "nom de la structure",
        "residence",
        "site",
        "service",
        "agence",
        "antenne",
    ),
    Champ.DEPARTEMENT: ("departement", "dpt", "dept", "dep", "code departement"),
    Champ.MENTION: (
        "precision",
        "mention",
        "complement",
        "precisions",
        "remarque",
        "remarques",
        "observations",
    ),
    Champ.FONCTION: (
        "fonction",
        "fonction du referent",
        "role",
        "type de referent",
        "mission",
        "missions",
        "qualite",
        "referent pour",
        "poste",
    ),
    Champ.PRENOM: ("prenom", "prenoms", "prenom du referent"),
    Champ.ORGANISATION: (
        "organisation",
        "organisme",
        "gestionnaire",
        "operateur",
        "bailleur",
        "association",
        "partenaire",
        "organisme gestionnaire",
        "nom de l organisation",
        "personne morale",
        "employeur",
    ),
    Champ.NOM: (
        "nom",
        "nom et prenom",
        "nom prenom",
        "prenom et nom",
        "prenom nom",
        "nom du referent",
        "referent",
        "contact",
        "interlocuteur",
        "titulaire",
        "personne",
        "correspondant",
        "nom du contact",
    ),
}
# Words that make a title speak of something else than the synonym it holds.
_AUTRES = frozenset({"suppleant", "suppleante", "remplacant"})
_CONTRAIRES: dict[Champ, frozenset[str]] = {
    Champ.NOM: _AUTRES | {"structure", "organisme", "organisation", "fonction", "type", "mail", "tel"},
    Champ.PRENOM: _AUTRES | {"nom"},
    Champ.EMAIL: _AUTRES | {"generique", "fonction", "postale"},
    Champ.TELEPHONE: _AUTRES | {"generique", "fonction"},
    Champ.ORGANISATION: frozenset({"type", "siren", "nature"}),
    Champ.STRUCTURE: frozenset({"type", "nature"}),
    Champ.FONCTION: frozenset({"telephone", "courriel", "depuis", "date", "prise"}),
    Champ.COMMUNES: frozenset({"intercommunalites", "communaute"}),
    Champ.AU: frozenset({"du"}),
}


COLONNES = Reconnaissance(
    Champ,
    CorrespondanceAnnuaire,
    _SYNONYMES,
    _CONTRAIRES,
    (Champ.FONCTION, Champ.REFERENCE),
    "annuaire.import_fonction_colonne",
)
