"""Enumerations of the household's authorisation (domaine.md § 6.5)."""

from enum import Enum

from portal.shared.messages import N_


class ObjetAutorisation(Enum):
    """What a household authorises: two objects that stay distinct."""

    PRESENTATION = "presentation"
    TRANSMISSION = "transmission"


LIBELLES_OBJET: dict[ObjetAutorisation, str] = {
    ObjetAutorisation.PRESENTATION: N_("Présentation à une commission"),
    ObjetAutorisation.TRANSMISSION: N_("Transmission à un organisme"),
}


class StatutAutorisation(Enum):
    """Stored states; what the date alone ends is computed, never stored."""

    A_INFORMER = "a_informer"
    INFORME = "informe"
    ACCORDE = "accorde"
    REFUSE = "refuse"
    RETIRE = "retire"
    EXPIRE = "expire"  # the household's composition changed
    REMPLACE = "remplace"


LIBELLES_STATUT_AUTORISATION: dict[StatutAutorisation, str] = {
    StatutAutorisation.A_INFORMER: N_("À informer"),
    StatutAutorisation.INFORME: N_("Informé, réponse attendue"),
    StatutAutorisation.ACCORDE: N_("Accordée"),
    StatutAutorisation.REFUSE: N_("Refusée"),
    StatutAutorisation.RETIRE: N_("Retirée"),
    StatutAutorisation.EXPIRE: N_("Expirée"),
    StatutAutorisation.REMPLACE: N_("Remplacée"),
}


class Mode(Enum):
    """How an adult answered."""

    ECRAN = "ecran"
    PAPIER = "papier"
    ORAL = "oral"  # opens only the session that the household attends


LIBELLES_MODE: dict[Mode, str] = {
    Mode.ECRAN: N_("À l’écran, en présence du professionnel"),
    Mode.PAPIER: N_("Sur papier signé"),
    Mode.ORAL: N_("Oralement"),
}


class Lecture(Enum):
    """How the notice was given."""

    LUE = "lue"
    VOIX_HAUTE = "voix_haute"
    INTERPRETE = "interprete"


LIBELLES_LECTURE: dict[Lecture, str] = {
    Lecture.LUE: N_("Lue par le ménage"),
    Lecture.VOIX_HAUTE: N_("Lue à voix haute"),
    Lecture.INTERPRETE: N_("Avec un interprète"),
}


class DecisionAdulte(Enum):
    """What one adult answered, both as easy to give."""

    ACCORDE = "accorde"
    REFUSE = "refuse"


class Signataire(Enum):
    """Who signs for an adult of the household: a minor never does (domaine.md § 6.5, 6; § 6.3, A7)."""

    SOI = "soi"
    REPRESENTANT = "representant"
    MANDATAIRE = "mandataire"


LIBELLES_SIGNATAIRE: dict[Signataire, str] = {
    Signataire.SOI: N_("La personne elle-même"),
    Signataire.REPRESENTANT: N_("Son représentant légal"),
    Signataire.MANDATAIRE: N_("La personne chargée de sa mesure de protection"),
}


class Finalite(Enum):
    """What the household is told that its grid is for."""

    LOGEMENT = "logement"
    LOGEMENT_ACCOMPAGNE = "logement_accompagne"
    BAIL_GLISSANT = "bail_glissant"
    EXAMEN = "examen"
    PRIORITE = "priorite"


LIBELLES_FINALITE: dict[Finalite, str] = {
    Finalite.LOGEMENT: N_("Étudier une proposition de logement"),
    Finalite.LOGEMENT_ACCOMPAGNE: N_("Étudier une place en logement accompagné ou en hébergement"),
    Finalite.BAIL_GLISSANT: N_("Préparer une sous-location ou un bail glissant"),
    Finalite.EXAMEN: N_("Examiner la situation et chercher une solution"),
    Finalite.PRIORITE: N_("Décider d’un accès prioritaire au logement"),
}

FINALITES: dict[ObjetAutorisation, tuple[Finalite, ...]] = {
    ObjetAutorisation.TRANSMISSION: (Finalite.LOGEMENT, Finalite.LOGEMENT_ACCOMPAGNE, Finalite.BAIL_GLISSANT),
    ObjetAutorisation.PRESENTATION: (Finalite.EXAMEN, Finalite.PRIORITE),
}

FERMEES = frozenset(
    {
        StatutAutorisation.REFUSE,
        StatutAutorisation.RETIRE,
        StatutAutorisation.EXPIRE,
        StatutAutorisation.REMPLACE,
    }
)
ATTENDUES = frozenset({StatutAutorisation.A_INFORMER, StatutAutorisation.INFORME})
PREUVES = frozenset({Mode.ECRAN, Mode.PAPIER})
"""What a transmission asks for: signed, on the screen or on paper."""
