"""Labels of every enumeration, by type."""

from enum import Enum
from typing import Any

from portal.annuaire import enums as annuaire
from portal.commissions import enums as commissions
from portal.commissions import enums_dossiers as dossiers
from portal.comptes.enums import LIBELLES_PREFERENCE, PreferenceEnvoi
from portal.conventions.bilans.enums import (
    LIBELLES_GENRE,
    LIBELLES_SITUATION,
    LIBELLES_STATUT_BILAN,
    Genre,
    Situation,
    StatutBilan,
)
from portal.conventions.enums import (
    LIBELLES_ETAT,
    LIBELLES_MODE,
    LIBELLES_PARTIE,
    LIBELLES_STATUT,
    Etat,
    Mode,
    Partie,
    Statut,
)
from portal.conventions.modeles.enums import (
    LIBELLES_STATUT_IMPORT,
    LIBELLES_STATUT_VERSION,
    StatutImport,
    StatutVersion,
)
from portal.conventions.redaction.enums import (
    LIBELLES_ETAT_CLAUSE,
    LIBELLES_POSITION,
    EtatClause,
    Position,
)
from portal.conventions.tours.enums import LIBELLES_REPONSE, LIBELLES_STATUT_TOUR, Reponse, StatutTour
from portal.grilles.autorisations import enums as autorisations
from portal.grilles.autorisations.lecture import LIBELLES_ETAT_LU, EtatLu
from portal.grilles.enums import LIBELLES_PORTEE, Portee
from portal.grilles.fin_de_vie.enums import (
    LIBELLES_GENRE_DEMANDE,
    LIBELLES_STATUT_DEMANDE,
    GenreDemande,
    StatutDemande,
)
from portal.grilles.menages.enums import (
    LIBELLES_ETAT_ACCES,
    LIBELLES_LIEN,
    LIBELLES_STATUT_ACCES,
    EtatAcces,
    Lien,
    StatutAcces,
)
from portal.grilles.transmissions.enums import (
    LIBELLES_ISSUE,
    LIBELLES_STATUT_TRANSMISSION,
    Issue,
    StatutTransmission,
)
from portal.jobs.models import LIBELLES_STATUT_TRAVAIL, StatutTravail
from portal.notifications.models import LIBELLES_STATUT_MESSAGE, StatutMessage
from portal.organisations.enums import LIBELLES_FAMILLE, LIBELLES_TYPE, FamilleNature, TypeOrganisation
from portal.security.permissions import LIBELLES_PROFIL, Profil

LIBELLES: dict[type[Enum], dict[Any, str]] = {
    Profil: LIBELLES_PROFIL,
    PreferenceEnvoi: LIBELLES_PREFERENCE,
    TypeOrganisation: LIBELLES_TYPE,
    FamilleNature: LIBELLES_FAMILLE,
    dossiers.StatutDossier: dossiers.LIBELLES_DOSSIER,
    dossiers.EtatPiece: dossiers.LIBELLES_PIECE,
    dossiers.SensAvis: dossiers.LIBELLES_AVIS,
    dossiers.MotifDeport: dossiers.LIBELLES_DEPORT,
    dossiers.Marque: dossiers.LIBELLES_MARQUE,
    dossiers.StatutDecision: dossiers.LIBELLES_DECISION,
    dossiers.StatutPrescription: dossiers.LIBELLES_PRESCRIPTION,
    dossiers.IssueRecours: dossiers.LIBELLES_ISSUE,
    dossiers.StatutReleve: dossiers.LIBELLES_STATUT_RELEVE,
    autorisations.ObjetAutorisation: autorisations.LIBELLES_OBJET,
    autorisations.StatutAutorisation: autorisations.LIBELLES_STATUT_AUTORISATION,
    autorisations.Mode: autorisations.LIBELLES_MODE,
    autorisations.Lecture: autorisations.LIBELLES_LECTURE,
    autorisations.Finalite: autorisations.LIBELLES_FINALITE,
    EtatLu: LIBELLES_ETAT_LU,
    annuaire.Role: annuaire.LIBELLES_ROLE,
    annuaire.Preference: annuaire.LIBELLES_PREFERENCE,
    annuaire.Fraicheur: annuaire.LIBELLES_FRAICHEUR,
    annuaire.MotifSignalement: annuaire.LIBELLES_MOTIF_SIGNALEMENT,
    annuaire.StatutSignalement: annuaire.LIBELLES_STATUT_SIGNALEMENT,
    annuaire.Situation: annuaire.LIBELLES_SITUATION,
    commissions.StatutCommission: commissions.LIBELLES_STATUT,
    commissions.Rythme: commissions.LIBELLES_RYTHME,
    commissions.RegleDecision: commissions.LIBELLES_REGLE,
    commissions.VoixPar: commissions.LIBELLES_VOIX_PAR,
    commissions.Quorum: commissions.LIBELLES_QUORUM,
    commissions.PresencePrescripteur: commissions.LIBELLES_PRESCRIPTEUR,
    commissions.PresenceMenage: commissions.LIBELLES_MENAGE,
    commissions.Dossiers: commissions.LIBELLES_DOSSIERS,
    commissions.Portee: commissions.LIBELLES_PORTEE,
    commissions.Autorisation: commissions.LIBELLES_AUTORISATION,
    commissions.Releve: commissions.LIBELLES_RELEVE,
    commissions.Voix: commissions.LIBELLES_VOIX,
    commissions.Qualite: commissions.LIBELLES_QUALITE,
    commissions.GenreTexte: commissions.LIBELLES_TEXTE,
    commissions.StatutSeance: commissions.LIBELLES_SEANCE,
    commissions.Reponse: commissions.LIBELLES_REPONSE,
    commissions.Presence: commissions.LIBELLES_PRESENCE,
    commissions.Canal: commissions.LIBELLES_CANAL,
    Etat: LIBELLES_ETAT,
    Statut: LIBELLES_STATUT,
    Mode: LIBELLES_MODE,
    Partie: LIBELLES_PARTIE,
    EtatClause: LIBELLES_ETAT_CLAUSE,
    Position: LIBELLES_POSITION,
    StatutVersion: LIBELLES_STATUT_VERSION,
    StatutImport: LIBELLES_STATUT_IMPORT,
    Genre: LIBELLES_GENRE,
    Situation: LIBELLES_SITUATION,
    StatutBilan: LIBELLES_STATUT_BILAN,
    StatutTour: LIBELLES_STATUT_TOUR,
    Reponse: LIBELLES_REPONSE,
    Portee: LIBELLES_PORTEE,
    StatutAcces: LIBELLES_STATUT_ACCES,
    EtatAcces: LIBELLES_ETAT_ACCES,
    Lien: LIBELLES_LIEN,
    StatutTransmission: LIBELLES_STATUT_TRANSMISSION,
    Issue: LIBELLES_ISSUE,
    GenreDemande: LIBELLES_GENRE_DEMANDE,
    StatutDemande: LIBELLES_STATUT_DEMANDE,
    StatutTravail: LIBELLES_STATUT_TRAVAIL,
    StatutMessage: LIBELLES_STATUT_MESSAGE,
}
