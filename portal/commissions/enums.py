"""Enumerations of the commissions (domaine.md § 7)."""

from enum import Enum

from portal.shared.messages import N_


class StatutCommission(Enum):
    """Where a commission stands: written by the SIAO or the State, put into service by the State."""

    EN_PREPARATION = "en_preparation"
    OUVERTE = "ouverte"
    FERMEE = "fermee"


LIBELLES_STATUT: dict[StatutCommission, str] = {
    StatutCommission.EN_PREPARATION: N_("En préparation"),
    StatutCommission.OUVERTE: N_("En service"),
    StatutCommission.FERMEE: N_("Fermée"),
}


class Rythme(Enum):
    """The unit of the rhythm of the sessions."""

    A_LA_DEMANDE = "a_la_demande"
    SEMAINES = "semaines"
    MOIS = "mois"


LIBELLES_RYTHME: dict[Rythme, str] = {
    Rythme.A_LA_DEMANDE: N_("Selon les besoins"),
    Rythme.SEMAINES: N_("Toutes les … semaines"),
    Rythme.MOIS: N_("Tous les … mois"),
}


class RegleDecision(Enum):
    """How the commission decides (domaine.md § 7.2). No source asks for more than consensus."""

    CONSENSUS = "consensus"
    VOTE = "vote"
    PONDERE = "pondere"


LIBELLES_REGLE: dict[RegleDecision, str] = {
    RegleDecision.CONSENSUS: N_("Consensus constaté ; à défaut, report"),
    RegleDecision.VOTE: N_("Vote à la majorité des voix exprimées"),
    RegleDecision.PONDERE: N_("Vote pondéré : chaque collège a un poids"),
}


class VoixPar(Enum):
    """Who holds one voice."""

    ORGANISME = "organisme"
    COLLEGE = "college"


LIBELLES_VOIX_PAR: dict[VoixPar, str] = {
    VoixPar.ORGANISME: N_("Une voix par organisme"),
    VoixPar.COLLEGE: N_("Une voix par collège"),
}


class Quorum(Enum):
    """Who must be there (domaine.md § 7.2: the sources impose none)."""

    AUCUN = "aucun"
    CHAQUE_COLLEGE = "chaque_college"
    MOITIE = "moitie"
    PRESIDENCE = "presidence"


LIBELLES_QUORUM: dict[Quorum, str] = {
    Quorum.AUCUN: N_("Aucun quorum"),
    Quorum.CHAQUE_COLLEGE: N_("Au moins un membre de chaque collège"),
    Quorum.MOITIE: N_("La moitié des membres"),
    Quorum.PRESIDENCE: N_("La présidence"),
}


class PresencePrescripteur(Enum):
    """Whether the prescriber sits while the dossier is examined."""

    NON = "non"
    OUI = "oui"
    SUR_INVITATION = "sur_invitation"


LIBELLES_PRESCRIPTEUR: dict[PresencePrescripteur, str] = {
    PresencePrescripteur.NON: N_("Le prescripteur n’assiste pas"),
    PresencePrescripteur.OUI: N_("Le prescripteur présente son dossier"),
    PresencePrescripteur.SUR_INVITATION: N_("Le prescripteur vient s’il est invité"),
}


class PresenceMenage(Enum):
    """Whether the household sits."""

    NON = "non"
    INVITE = "invite"
    MEMBRE = "membre"


LIBELLES_MENAGE: dict[PresenceMenage, str] = {
    PresenceMenage.NON: N_("Le ménage n’assiste pas"),
    PresenceMenage.INVITE: N_("Le ménage peut être invité"),
    PresenceMenage.MEMBRE: N_("Le ménage est membre et décide avec les autres"),
}


class Dossiers(Enum):
    """What the commission examines."""

    NOMINATIFS = "nominatifs"
    ANONYMES = "anonymes"
    AUCUN = "aucun"


LIBELLES_DOSSIERS: dict[Dossiers, str] = {
    Dossiers.NOMINATIFS: N_("Des dossiers nominatifs"),
    Dossiers.ANONYMES: N_("Des situations anonymisées"),
    Dossiers.AUCUN: N_("Aucun dossier individuel"),
}


class Portee(Enum):
    """What members read of a dossier: the lesser of this and of their own profile (domaine.md § 6.3)."""

    P1 = "p1"
    P2 = "p2"


LIBELLES_PORTEE: dict[Portee, str] = {
    Portee.P1: N_("L’essentiel pour le logement (P1)"),
    Portee.P2: N_("L’essentiel et l’évaluation partagée entre professionnels (P1 et P2)"),
}


class Autorisation(Enum):
    """What the household must have agreed to before its dossier is presented (domaine.md § 6.5)."""

    PRESENTATION = "presentation"
    AUCUNE = "aucune"


LIBELLES_AUTORISATION: dict[Autorisation, str] = {
    Autorisation.PRESENTATION: N_("L’autorisation de présentation du ménage"),
    Autorisation.AUCUNE: N_("Aucune : aucun ménage n’est reconnaissable"),
}


class Releve(Enum):
    """Which minutes are made (domaine.md § 7.8)."""

    DEUX_VERSIONS = "deux_versions"
    ANONYME = "anonyme"


LIBELLES_RELEVE: dict[Releve, str] = {
    Releve.DEUX_VERSIONS: N_("Un relevé complet pour les membres, un relevé anonyme pour les archives"),
    Releve.ANONYME: N_("Un relevé anonyme seulement"),
}


class Voix(Enum):
    """The voice of a college."""

    DELIBERATIVE = "deliberative"
    CONSULTATIVE = "consultative"


LIBELLES_VOIX: dict[Voix, str] = {
    Voix.DELIBERATIVE: N_("Voix délibérative"),
    Voix.CONSULTATIVE: N_("Voix consultative"),
}


class Qualite(Enum):
    """As what a function sits."""

    PRESIDENCE = "presidence"
    SECRETARIAT = "secretariat"
    MEMBRE = "membre"
    INVITE = "invite"


LIBELLES_QUALITE: dict[Qualite, str] = {
    Qualite.PRESIDENCE: N_("Présidence"),
    Qualite.SECRETARIAT: N_("Secrétariat"),
    Qualite.MEMBRE: N_("Membre"),
    Qualite.INVITE: N_("Invité permanent"),
}


class GenreTexte(Enum):
    """The texts that members and guests accept before their first dossier."""

    REGLEMENT = "reglement"
    CONFIDENTIALITE = "confidentialite"


LIBELLES_TEXTE: dict[GenreTexte, str] = {
    GenreTexte.REGLEMENT: N_("Règlement intérieur"),
    GenreTexte.CONFIDENTIALITE: N_("Engagement de confidentialité"),
}


class StatutSeance(Enum):
    """Where a session stands; that it is over is told by the clock."""

    PREVUE = "prevue"
    CONVOQUEE = "convoquee"
    ANNULEE = "annulee"


LIBELLES_SEANCE: dict[StatutSeance, str] = {
    StatutSeance.PREVUE: N_("Prévue"),
    StatutSeance.CONVOQUEE: N_("Convoquée"),
    StatutSeance.ANNULEE: N_("Annulée"),
}


class Reponse(Enum):
    """What became of an invitation (domaine.md § 7.3); attendance is kept apart."""

    ENVOYEE = "envoyee"
    VUE = "vue"
    ACCEPTEE = "acceptee"
    DECLINEE = "declinee"
    SUPPLEANT = "suppleant"


LIBELLES_REPONSE: dict[Reponse, str] = {
    Reponse.ENVOYEE: N_("Sans réponse"),
    Reponse.VUE: N_("Lue, sans réponse"),
    Reponse.ACCEPTEE: N_("Vient"),
    Reponse.DECLINEE: N_("Ne vient pas"),
    Reponse.SUPPLEANT: N_("Envoie son suppléant"),
}

SANS_REPONSE = (Reponse.ENVOYEE, Reponse.VUE)
DONNEES = (Reponse.ACCEPTEE, Reponse.DECLINEE, Reponse.SUPPLEANT)


class Presence(Enum):
    """Who was there, as the secretariat noted it (domaine.md § 7.3)."""

    PRESENTE = "presente"
    ABSENTE = "absente"


LIBELLES_PRESENCE: dict[Presence, str] = {
    Presence.PRESENTE: N_("Présent"),
    Presence.ABSENTE: N_("Absent"),
}


class Canal(Enum):
    """How an answer came."""

    LIEN = "lien"
    PORTAIL = "portail"
    SECRETARIAT = "secretariat"


LIBELLES_CANAL: dict[Canal, str] = {
    Canal.LIEN: N_("par le lien du courriel"),
    Canal.PORTAIL: N_("dans le portail"),
    Canal.SECRETARIAT: N_("notée par le secrétariat"),
}
