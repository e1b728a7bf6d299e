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
    COMPTES_PASSER = "comptes:passer"
    ORGANISATIONS_LIRE = "organisations:lire"
    ORGANISATIONS_OUVRIR = "organisations:ouvrir"
    ORGANISATIONS_MODIFIER = "organisations:modifier"
    ORGANISATIONS_FUSIONNER = "organisations:fusionner"
    ORGANISATIONS_IMPORTER = "organisations:importer"
    STRUCTURES_MODIFIER = "structures:modifier"
    ANNUAIRE_LIRE = "annuaire:lire"
    ANNUAIRE_MODIFIER = "annuaire:modifier"
    ANNUAIRE_FONCTIONS = "annuaire:fonctions"
    ANNUAIRE_EXPORTER = "annuaire:exporter"
    ANNUAIRE_SUIVRE = "annuaire:suivre"
    ANNUAIRE_MODERER = "annuaire:moderer"
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
    REDACTION_NEGOCIER = "redaction:negocier"
    REDACTION_FORME = "redaction:forme"
    TOURS_LIRE = "tours:lire"
    TOURS_PILOTER = "tours:piloter"
    TOURS_REPONDRE = "tours:repondre"
    SIGNATURE_SIGNER = "signature:signer"
    SIGNATURE_DELEGUER = "signature:deleguer"
    BILANS_REDIGER = "bilans:rediger"
    BILANS_SUIVRE = "bilans:suivre"
    MODELES_LIRE = "modeles:lire"
    MODELES_MODIFIER = "modeles:modifier"
    MODELES_ENGAGER = "modeles:engager"
    GRILLES_LIRE = "grilles:lire"
    GRILLES_MODIFIER = "grilles:modifier"
    GRILLES_ENGAGER = "grilles:engager"
    MENAGES_LIRE = "menages:lire"
    MENAGES_OUVRIR = "menages:ouvrir"
    MENAGES_MODIFIER = "menages:modifier"
    MENAGES_DEMANDER = "menages:demander"
    MENAGES_CONFIER = "menages:confier"
    GRILLES_REMPLIR = "grilles:remplir"
    AUTORISATIONS_RECUEILLIR = "autorisations:recueillir"
    TRANSMISSIONS_ENVOYER = "transmissions:envoyer"
    TRANSMISSIONS_LIRE = "transmissions:lire"
    TRANSMISSIONS_REPONDRE = "transmissions:repondre"
    TRANSMISSIONS_RELIRE = "transmissions:relire"
    MENAGES_EFFACER = "menages:effacer"
    COMMISSIONS_LIRE = "commissions:lire"
    COMMISSIONS_CONFIGURER = "commissions:configurer"
    COMMISSIONS_VALIDER = "commissions:valider"
    COMMISSIONS_REUNIR = "commissions:reunir"
    COMMISSIONS_SUIVRE = "commissions:suivre"
    DOSSIERS_DEPOSER = "dossiers:deposer"
    DOSSIERS_LIRE = "dossiers:lire"
    DOSSIERS_INSTRUIRE = "dossiers:instruire"
    DOSSIERS_AVISER = "dossiers:aviser"
    DOSSIERS_SUIVRE = "dossiers:suivre"
    DOSSIERS_DECIDER = "dossiers:decider"
    RELEVES_LIRE = "releves:lire"
    RELEVES_ECRIRE = "releves:ecrire"
    RELEVES_APPROUVER = "releves:approuver"
    DECISIONS_LIRE = "decisions:lire"
    PRESCRIPTIONS_LIRE = "prescriptions:lire"
    PRESCRIPTIONS_SUIVRE = "prescriptions:suivre"
    DOSSIERS_RECOURIR = "dossiers:recourir"
    RECOURS_INSTRUIRE = "recours:instruire"
    PARAMETRES_MODIFIER = "parametres:modifier"
    TRAVAUX_LIRE = "travaux:lire"
    TECHNIQUE_SUPERVISER = "technique:superviser"


LIBELLES_PERMISSION: dict[Permission, str] = {
    Permission.COMPTE_GERER_LE_SIEN: N_("gérer son propre compte"),
    Permission.COMPTES_LIRE: N_("voir les comptes de l’organisation"),
    Permission.COMPTES_INVITER: N_("inviter une personne"),
    Permission.COMPTES_MODIFIER: N_("modifier ou retirer un accès"),
    Permission.COMPTES_PASSER: N_("passer à d’autres ce que tient quelqu’un qui part"),
    Permission.ORGANISATIONS_LIRE: N_("voir les organisations"),
    Permission.ORGANISATIONS_OUVRIR: N_("ouvrir une organisation"),
    Permission.ORGANISATIONS_MODIFIER: N_("modifier une organisation"),
    Permission.ORGANISATIONS_FUSIONNER: N_("fusionner deux organisations"),
    Permission.ORGANISATIONS_IMPORTER: N_("importer le fichier FINESS"),
    Permission.STRUCTURES_MODIFIER: N_("modifier une structure et ses places"),
    Permission.ANNUAIRE_LIRE: N_("voir l’annuaire"),
    Permission.ANNUAIRE_MODIFIER: N_("modifier une fiche de l’annuaire"),
    Permission.ANNUAIRE_FONCTIONS: N_("ajouter une fonction à l’annuaire"),
    Permission.ANNUAIRE_EXPORTER: N_("exporter l’annuaire et son livret"),
    Permission.ANNUAIRE_SUIVRE: N_("voir où en est la vérification de l’annuaire"),
    Permission.ANNUAIRE_MODERER: N_("veiller sur l’annuaire du département"),
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
    Permission.REDACTION_NEGOCIER: N_("négocier le texte d’une convention"),
    Permission.REDACTION_FORME: N_("choisir la forme d’une convention quand SIAO et opérateur ne font qu’un"),
    Permission.TOURS_LIRE: N_("voir les tours collectifs"),
    Permission.TOURS_PILOTER: N_("mener un tour collectif"),
    Permission.TOURS_REPONDRE: N_("répondre dans un tour collectif"),
    Permission.SIGNATURE_SIGNER: N_("signer une convention"),
    Permission.SIGNATURE_DELEGUER: N_("déléguer la signature"),
    Permission.BILANS_REDIGER: N_("rédiger le bilan d’une convention"),
    Permission.BILANS_SUIVRE: N_("réunir les bilans pour le comité stratégique"),
    Permission.MODELES_LIRE: N_("voir le modèle de convention"),
    Permission.MODELES_MODIFIER: N_("écrire la version du département"),
    Permission.MODELES_ENGAGER: N_("adopter le modèle, valider et publier la version du département"),
    Permission.GRILLES_LIRE: N_("voir le modèle de grille"),
    Permission.GRILLES_MODIFIER: N_("écrire la grille du département"),
    Permission.GRILLES_ENGAGER: N_("valider et publier la grille du département"),
    Permission.MENAGES_LIRE: N_("voir un ménage"),
    Permission.MENAGES_OUVRIR: N_("enregistrer un ménage"),
    Permission.MENAGES_MODIFIER: N_("modifier un ménage"),
    Permission.MENAGES_DEMANDER: N_("demander à voir le ménage d’un collègue"),
    Permission.MENAGES_CONFIER: N_("confier les ménages d’une personne absente"),
    Permission.GRILLES_REMPLIR: N_("remplir la grille d’un ménage"),
    Permission.AUTORISATIONS_RECUEILLIR: N_("recueillir l’autorisation d’un ménage"),
    Permission.TRANSMISSIONS_ENVOYER: N_("transmettre une grille"),
    Permission.TRANSMISSIONS_LIRE: N_("lire les grilles reçues"),
    Permission.TRANSMISSIONS_REPONDRE: N_("répondre à une grille reçue"),
    Permission.TRANSMISSIONS_RELIRE: N_("relire le motif d’une réponse"),
    Permission.MENAGES_EFFACER: N_("effacer les données d’un ménage"),
    Permission.COMMISSIONS_LIRE: N_("voir les commissions"),
    Permission.COMMISSIONS_CONFIGURER: N_("configurer une commission"),
    Permission.COMMISSIONS_VALIDER: N_("mettre une commission en service"),
    Permission.COMMISSIONS_REUNIR: N_("réunir une commission"),
    Permission.COMMISSIONS_SUIVRE: N_("voir les réponses aux invitations"),
    Permission.DOSSIERS_DEPOSER: N_("déposer un dossier devant une commission"),
    Permission.DOSSIERS_LIRE: N_("lire les dossiers d’une commission"),
    Permission.DOSSIERS_INSTRUIRE: N_("vérifier les dossiers et préparer l’ordre du jour"),
    Permission.DOSSIERS_AVISER: N_("donner un avis écrit sur un dossier"),
    Permission.DOSSIERS_SUIVRE: N_("suivre une séance pendant qu’elle se tient"),
    Permission.DOSSIERS_DECIDER: N_("conduire une séance et écrire ses décisions"),
    Permission.RELEVES_LIRE: N_("lire le relevé d’une séance"),
    Permission.RELEVES_ECRIRE: N_("rédiger et envoyer le relevé d’une séance"),
    Permission.RELEVES_APPROUVER: N_("approuver le relevé d’une séance"),
    Permission.DECISIONS_LIRE: N_("lire une décision"),
    Permission.PRESCRIPTIONS_LIRE: N_("voir les prescriptions"),
    Permission.PRESCRIPTIONS_SUIVRE: N_("dire où en est une prescription"),
    Permission.DOSSIERS_RECOURIR: N_("former un recours devant une commission"),
    Permission.RECOURS_INSTRUIRE: N_("faire examiner un recours et en noter l’issue"),
    Permission.PARAMETRES_MODIFIER: N_("modifier les paramètres du département"),
    Permission.TRAVAUX_LIRE: N_("suivre ses travaux longs"),
    Permission.TECHNIQUE_SUPERVISER: N_("superviser le service"),
}
