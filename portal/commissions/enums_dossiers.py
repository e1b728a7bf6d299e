"""Enumerations of the dossiers that a commission examines (domaine.md §§ 7.4 to 7.8)."""

from enum import Enum

from portal.shared.messages import N_


class StatutDossier(Enum):
    """Where a dossier stands (domaine.md § 7.4)."""

    BROUILLON = "brouillon"
    DEPOSE = "depose"
    INCOMPLET = "incomplet"
    RECEVABLE = "recevable"
    INSCRIT = "inscrit"
    EN_SEANCE = "en_seance"
    DECIDE = "decide"
    NOTIFIE = "notifie"
    RECOURS = "recours"
    CLOS = "clos"
    RADIE = "radie"


LIBELLES_DOSSIER: dict[StatutDossier, str] = {
    StatutDossier.BROUILLON: N_("Brouillon"),
    StatutDossier.DEPOSE: N_("Déposé, à vérifier par le secrétariat"),
    StatutDossier.INCOMPLET: N_("Incomplet, complément attendu du prescripteur"),
    StatutDossier.RECEVABLE: N_("Recevable, à inscrire à une séance"),
    StatutDossier.INSCRIT: N_("Inscrit à l’ordre du jour"),
    StatutDossier.EN_SEANCE: N_("Examiné en séance"),
    StatutDossier.DECIDE: N_("Décidé, à notifier"),
    StatutDossier.NOTIFIE: N_("Notifié au prescripteur"),
    StatutDossier.RECOURS: N_("Recours en cours"),
    StatutDossier.CLOS: N_("Clos"),
    StatutDossier.RADIE: N_("Radié"),
}


class EtatPiece(Enum):
    """What is said of a document, which itself is never deposited."""

    PRESENTE = "presente"
    ATTENDUE = "attendue"
    SANS_OBJET = "sans_objet"


LIBELLES_PIECE: dict[EtatPiece, str] = {
    EtatPiece.PRESENTE: N_("Disponible"),
    EtatPiece.ATTENDUE: N_("Attendue"),
    EtatPiece.SANS_OBJET: N_("Sans objet"),
}


class SensAvis(Enum):
    """An organisation's written opinion, before the session."""

    FAVORABLE = "favorable"
    RESERVE = "reserve"
    DEFAVORABLE = "defavorable"
    SANS_AVIS = "sans_avis"


LIBELLES_AVIS: dict[SensAvis, str] = {
    SensAvis.FAVORABLE: N_("Favorable"),
    SensAvis.RESERVE: N_("Réservé"),
    SensAvis.DEFAVORABLE: N_("Défavorable"),
    SensAvis.SANS_AVIS: N_("Sans avis"),
}


class MotifDeport(Enum):
    """Why an organisation withdraws from a dossier that it does not present (domaine.md § 7.2)."""

    INTERVIENT = "intervient"
    SOLLICITE = "sollicite"
    DIFFEREND = "differend"
    PERSONNEL = "personnel"
    AUTRE = "autre"


LIBELLES_DEPORT: dict[MotifDeport, str] = {
    MotifDeport.INTERVIENT: N_("Il intervient auprès de ce ménage, ou y est intervenu"),
    MotifDeport.SOLLICITE: N_("Il est sollicité pour l’accueillir ou le loger"),
    MotifDeport.DIFFEREND: N_("Un différend l’oppose à ce ménage"),
    MotifDeport.PERSONNEL: N_("Un lien personnel avec ce ménage"),
    MotifDeport.AUTRE: N_("Une autre raison, dite à la présidence"),
}


class Marque(Enum):
    """A member's own private mark on a dossier."""

    A_RELIRE = "a_relire"
    QUESTION = "question"
    VU = "vu"


LIBELLES_MARQUE: dict[Marque, str] = {
    Marque.A_RELIRE: N_("À relire"),
    Marque.QUESTION: N_("Une question à poser"),
    Marque.VU: N_("Lu"),
}


class StatutDecision(Enum):
    """A decision is worded, then taken; taken in writing, it is confirmed by the next session."""

    REDIGEE = "redigee"
    PRISE = "prise"
    A_CONFIRMER = "a_confirmer"
    CONFIRMEE = "confirmee"
    INFIRMEE = "infirmee"


LIBELLES_DECISION: dict[StatutDecision, str] = {
    StatutDecision.REDIGEE: N_("En cours de rédaction"),
    StatutDecision.PRISE: N_("Prise"),
    StatutDecision.A_CONFIRMER: N_("Prise par écrit, à confirmer en séance"),
    StatutDecision.CONFIRMEE: N_("Confirmée en séance"),
    StatutDecision.INFIRMEE: N_("Non confirmée en séance"),
}


class StatutPrescription(Enum):
    """What became of a prescription; each change is dated."""

    A_FAIRE = "a_faire"
    FAIT = "fait"
    REFUSE = "refuse"
    SANS_NOUVELLES = "sans_nouvelles"
    ANNULE = "annule"


LIBELLES_PRESCRIPTION: dict[StatutPrescription, str] = {
    StatutPrescription.A_FAIRE: N_("À faire"),
    StatutPrescription.FAIT: N_("Fait"),
    StatutPrescription.REFUSE: N_("Refusé"),
    StatutPrescription.SANS_NOUVELLES: N_("Sans nouvelles"),
    StatutPrescription.ANNULE: N_("Annulé"),
}


class IssueRecours(Enum):
    """What an appeal comes to (domaine.md § 7.7)."""

    MAINTIEN = "maintien"
    REVISION = "revision"
    RENVOI = "renvoi"


LIBELLES_ISSUE: dict[IssueRecours, str] = {
    IssueRecours.MAINTIEN: N_("Décision maintenue"),
    IssueRecours.REVISION: N_("Décision révisée"),
    IssueRecours.RENVOI: N_("Renvoi à une nouvelle formation"),
}


class StatutReleve(Enum):
    """Where the minutes stand (domaine.md § 7.8)."""

    BROUILLON = "brouillon"
    RELECTURE = "relecture"
    APPROUVE = "approuve"
    ENVOYE = "envoye"


LIBELLES_STATUT_RELEVE: dict[StatutReleve, str] = {
    StatutReleve.BROUILLON: N_("Brouillon"),
    StatutReleve.RELECTURE: N_("En relecture par les membres"),
    StatutReleve.APPROUVE: N_("Approuvé par la présidence"),
    StatutReleve.ENVOYE: N_("Envoyé"),
}

REPORTE = "REPORTE"
"""How a dossier leaves a session that did not examine it: it comes back without counting as postponed."""
