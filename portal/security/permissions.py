"""The vocabulary of rights: profiles (domaine.md § 10.1) and permissions (`domaine:action`)."""

from enum import Enum

from portal.shared.messages import N_


class Profil(Enum):
    """What a membership makes of a person; one is active at a time (domaine.md § 10.1, 10.4)."""

    ADMIN_TECHNIQUE = "admin_technique"
    ADMIN_DEPARTEMENT = "admin_departement"
    ADMIN_ORGANISATION = "admin_organisation"
    ETAT_PILOTE = "etat_pilote"
    ETAT_AGENT = "etat_agent"
    SIAO_DIRECTION = "siao_direction"
    SIAO_REGULATEUR = "siao_regulateur"
    SIAO_MISSION_LOGEMENT = "siao_mission_logement"
    OPERATEUR_DIRECTION = "operateur_direction"
    GESTIONNAIRE_STRUCTURE = "gestionnaire_structure"
    TRAVAILLEUR_SOCIAL = "travailleur_social"
    BAILLEUR_REFERENT = "bailleur_referent"
    RESERVATAIRE = "reservataire"
    COLLECTIVITE = "collectivite"
    MEMBRE_COMMISSION = "membre_commission"
    INVITE_PONCTUEL = "invite_ponctuel"
    TETE_DE_RESEAU = "tete_de_reseau"
    OBSERVATEUR_AGREGE = "observateur_agrege"


LIBELLES_PROFIL: dict[Profil, str] = {
    Profil.ADMIN_TECHNIQUE: N_("Administration technique"),
    Profil.ADMIN_DEPARTEMENT: N_("Administration du département"),
    Profil.ADMIN_ORGANISATION: N_("Administration de l’organisation"),
    Profil.ETAT_PILOTE: N_("État, pilote"),
    Profil.ETAT_AGENT: N_("État, agent"),
    Profil.SIAO_DIRECTION: N_("SIAO, direction"),
    Profil.SIAO_REGULATEUR: N_("SIAO, régulation"),
    Profil.SIAO_MISSION_LOGEMENT: N_("SIAO, mission logement"),
    Profil.OPERATEUR_DIRECTION: N_("Opérateur, direction"),
    Profil.GESTIONNAIRE_STRUCTURE: N_("Gestionnaire de structure"),
    Profil.TRAVAILLEUR_SOCIAL: N_("Travail social"),
    Profil.BAILLEUR_REFERENT: N_("Bailleur, référent"),
    Profil.RESERVATAIRE: N_("Réservataire"),
    Profil.COLLECTIVITE: N_("Collectivité"),
    Profil.MEMBRE_COMMISSION: N_("Membre de commission"),
    Profil.INVITE_PONCTUEL: N_("Invitation ponctuelle"),
    Profil.TETE_DE_RESEAU: N_("Tête de réseau"),
    Profil.OBSERVATEUR_AGREGE: N_("Observation (chiffres agrégés)"),
}

ETAT = frozenset({Profil.ETAT_PILOTE, Profil.ETAT_AGENT})
SIAO = frozenset({Profil.SIAO_DIRECTION, Profil.SIAO_REGULATEUR, Profil.SIAO_MISSION_LOGEMENT})
OPERATEUR = frozenset({Profil.OPERATEUR_DIRECTION, Profil.GESTIONNAIRE_STRUCTURE})


class Permission(Enum):
    """An action on a room of the domain. The label says it to the person who lacks it."""

    COMPTE_GERER_LE_SIEN = "comptes:gerer_le_sien"
    COMPTES_LIRE = "comptes:lire"
    COMPTES_INVITER = "comptes:inviter"
    COMPTES_MODIFIER = "comptes:modifier"
    ORGANISATIONS_LIRE = "organisations:lire"
    ORGANISATIONS_OUVRIR = "organisations:ouvrir"
    ORGANISATIONS_MODIFIER = "organisations:modifier"
    ORGANISATIONS_FUSIONNER = "organisations:fusionner"
    ORGANISATIONS_IMPORTER = "organisations:importer"
    STRUCTURES_MODIFIER = "structures:modifier"
    CONVENTIONS_LIRE = "conventions:lire"
    CONVENTIONS_CREER = "conventions:creer"
    CONVENTIONS_MODIFIER = "conventions:modifier"
    CONVENTIONS_SUSPENDRE = "conventions:suspendre"
    CONVENTIONS_CLASSER_SANS_OBJET = "conventions:classer_sans_objet"
    CONVENTIONS_ENREGISTRER_SIGNATURE = "conventions:enregistrer_signature"
    CONVENTIONS_RESILIER = "conventions:resilier"
    CONVENTIONS_COPIER_SI_SIAO = "conventions:copier_si_siao"
    CONVENTIONS_IMPORTER = "conventions:importer"
    CONVENTIONS_EXPORTER = "conventions:exporter"
    CONVENTIONS_PROGRESSION = "conventions:progression"
    PARAMETRES_MODIFIER = "parametres:modifier"
    TRAVAUX_LIRE = "travaux:lire"
    TECHNIQUE_SUPERVISER = "technique:superviser"


LIBELLES_PERMISSION: dict[Permission, str] = {
    Permission.COMPTE_GERER_LE_SIEN: N_("gérer son propre compte"),
    Permission.COMPTES_LIRE: N_("voir les comptes de l’organisation"),
    Permission.COMPTES_INVITER: N_("inviter une personne"),
    Permission.COMPTES_MODIFIER: N_("modifier ou retirer un accès"),
    Permission.ORGANISATIONS_LIRE: N_("voir les organisations"),
    Permission.ORGANISATIONS_OUVRIR: N_("ouvrir une organisation"),
    Permission.ORGANISATIONS_MODIFIER: N_("modifier une organisation"),
    Permission.ORGANISATIONS_FUSIONNER: N_("fusionner deux organisations"),
    Permission.ORGANISATIONS_IMPORTER: N_("importer le fichier FINESS"),
    Permission.STRUCTURES_MODIFIER: N_("modifier une structure et ses places"),
    Permission.CONVENTIONS_LIRE: N_("voir les conventions"),
    Permission.CONVENTIONS_CREER: N_("créer une ligne de convention"),
    Permission.CONVENTIONS_MODIFIER: N_("modifier une convention"),
    Permission.CONVENTIONS_SUSPENDRE: N_("suspendre ou reprendre une négociation"),
    Permission.CONVENTIONS_CLASSER_SANS_OBJET: N_("classer une convention sans objet"),
    Permission.CONVENTIONS_ENREGISTRER_SIGNATURE: N_("enregistrer une signature"),
    Permission.CONVENTIONS_RESILIER: N_("résilier une convention"),
    Permission.CONVENTIONS_COPIER_SI_SIAO: N_("dire qu’une convention est recopiée dans le SI SIAO"),
    Permission.CONVENTIONS_IMPORTER: N_("importer un suivi existant"),
    Permission.CONVENTIONS_EXPORTER: N_("exporter la liste"),
    Permission.CONVENTIONS_PROGRESSION: N_("voir la progression"),
    Permission.PARAMETRES_MODIFIER: N_("modifier les paramètres du département"),
    Permission.TRAVAUX_LIRE: N_("suivre ses travaux longs"),
    Permission.TECHNIQUE_SUPERVISER: N_("superviser le service"),
}
