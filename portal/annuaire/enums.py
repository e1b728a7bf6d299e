"""Enumerations of the directory."""

from enum import Enum

from portal.shared.messages import N_


class Role(Enum):
    """How someone holds a function."""

    TITULAIRE = "titulaire"
    SUPPLEANT = "suppleant"


LIBELLES_ROLE: dict[Role, str] = {
    Role.TITULAIRE: N_("Titulaire"),
    Role.SUPPLEANT: N_("Suppléant"),
}


class Preference(Enum):
    """How a référent prefers to be reached (domaine.md § 11)."""

    INDIFFERENT = "indifferent"
    TELEPHONE = "telephone"
    COURRIEL = "courriel"
    SI_SIAO = "si_siao"


LIBELLES_PREFERENCE: dict[Preference, str] = {
    Preference.INDIFFERENT: N_("Téléphone ou courriel"),
    Preference.TELEPHONE: N_("Plutôt par téléphone"),
    Preference.COURRIEL: N_("Plutôt par courriel"),
    Preference.SI_SIAO: N_("Par le SI SIAO"),
}


class Fraicheur(Enum):
    """How long ago an entry was last verified (domaine.md § 11 [P]): the steps of the reminders."""

    A_JOUR = "a_jour"
    A_CONFIRMER = "a_confirmer"
    RELANCEE = "relancee"
    ALERTEE = "alertee"
    GRISEE = "grisee"


LIBELLES_FRAICHEUR: dict[Fraicheur, str] = {
    Fraicheur.A_JOUR: N_("Vérifiée"),
    Fraicheur.A_CONFIRMER: N_("À vérifier"),
    Fraicheur.RELANCEE: N_("À vérifier"),
    Fraicheur.ALERTEE: N_("À vérifier"),
    Fraicheur.GRISEE: N_("Non vérifiée depuis longtemps"),
}


class Palier(Enum):
    """What was written to get an entry verified: steps of `regles.Mois`, and what the SIAO asks by hand."""

    COURRIEL = "courriel"
    RAPPEL = "rappel"
    ORGANISATION = "organisation"
    MANUEL = "manuel"


class MotifSignalement(Enum):
    """What a reader says is wrong with an entry."""

    NUMERO_FAUX = "numero_faux"
    PERSONNE_PARTIE = "personne_partie"
    AUTRE = "autre"


LIBELLES_MOTIF_SIGNALEMENT: dict[MotifSignalement, str] = {
    MotifSignalement.NUMERO_FAUX: N_("Le téléphone ou le courriel ne répond pas"),
    MotifSignalement.PERSONNE_PARTIE: N_("La personne n’occupe plus cette fonction"),
    MotifSignalement.AUTRE: N_("Autre chose est inexact"),
}


class StatutSignalement(Enum):
    """Where the report of an error stands."""

    OUVERT = "ouvert"
    PRIS_EN_COMPTE = "pris_en_compte"
    CORRIGE = "corrige"
    ECARTE = "ecarte"


LIBELLES_STATUT_SIGNALEMENT: dict[StatutSignalement, str] = {
    StatutSignalement.OUVERT: N_("Ouverte"),
    StatutSignalement.PRIS_EN_COMPTE: N_("Prise en compte"),
    StatutSignalement.CORRIGE: N_("Corrigée"),
    StatutSignalement.ECARTE: N_("Écartée"),
}


class Situation(Enum):
    """What an open entry is counted as: one of them, the emptiness first (`fraicheur`)."""

    A_JOUR = "a_jour"
    A_VERIFIER = "a_verifier"
    GRISEE = "grisee"
    VIDE = "vide"


LIBELLES_SITUATION: dict[Situation, str] = {
    Situation.A_JOUR: N_("À jour"),
    Situation.A_VERIFIER: N_("À vérifier"),
    Situation.GRISEE: N_("Grisées"),
    Situation.VIDE: N_("Vides"),
}
