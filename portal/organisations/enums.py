"""Enumerations of organisations and structures."""

from enum import Enum

from portal.shared.messages import N_


class TypeOrganisation(Enum):
    """Kind of actor (domaine.md § 0.4)."""

    ETAT = "etat"
    SIAO = "siao"
    GESTIONNAIRE = "gestionnaire"
    BAILLEUR = "bailleur"
    COLLECTIVITE = "collectivite"
    RESERVATAIRE = "reservataire"
    SANTE = "sante"
    TETE_DE_RESEAU = "tete_de_reseau"
    AUTRE = "autre"


LIBELLES_TYPE: dict[TypeOrganisation, str] = {
    TypeOrganisation.ETAT: N_("État départemental"),
    TypeOrganisation.SIAO: N_("SIAO"),
    TypeOrganisation.GESTIONNAIRE: N_("Gestionnaire, opérateur"),
    TypeOrganisation.BAILLEUR: N_("Bailleur social"),
    TypeOrganisation.COLLECTIVITE: N_("Collectivité"),
    TypeOrganisation.RESERVATAIRE: N_("Réservataire"),
    TypeOrganisation.SANTE: N_("Santé"),
    TypeOrganisation.TETE_DE_RESEAU: N_("Tête de réseau"),
    TypeOrganisation.AUTRE: N_("Autre partenaire"),
}


class FamilleNature(Enum):
    """Family of natures de dispositif (domaine.md § 13.1)."""

    VEILLE_SOCIALE = "veille_sociale"
    URGENCE = "urgence"
    STABILISATION = "stabilisation"
    INSERTION = "insertion"
    ALT = "alt"
    LOGEMENT_ACCOMPAGNE = "logement_accompagne"
    MEDICO_SOCIAL = "medico_social"
    ASILE = "asile"
    MERE_ENFANT = "mere_enfant"
    MESURES = "mesures"


LIBELLES_FAMILLE: dict[FamilleNature, str] = {
    FamilleNature.VEILLE_SOCIALE: N_("Veille sociale"),
    FamilleNature.URGENCE: N_("Hébergement d’urgence"),
    FamilleNature.STABILISATION: N_("Stabilisation"),
    FamilleNature.INSERTION: N_("Insertion"),
    FamilleNature.ALT: N_("ALT"),
    FamilleNature.LOGEMENT_ACCOMPAGNE: N_("Logement accompagné"),
    FamilleNature.MEDICO_SOCIAL: N_("Médico-social"),
    FamilleNature.ASILE: N_("Asile"),
    FamilleNature.MERE_ENFANT: N_("Mère-enfant"),
    FamilleNature.MESURES: N_("Mesures d’accompagnement"),
}
