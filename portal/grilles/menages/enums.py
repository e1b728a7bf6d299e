"""Enumerations of the households (domaine.md § 10.2)."""

from enum import Enum

from portal.shared.messages import N_


class StatutAcces(Enum):
    """Where a colleague's request stands; what time alone closes is computed."""

    DEMANDE = "demande"
    ACCORDE = "accorde"
    REFUSE = "refuse"
    FERME = "ferme"


LIBELLES_STATUT_ACCES: dict[StatutAcces, str] = {
    StatutAcces.DEMANDE: N_("En attente de réponse"),
    StatutAcces.ACCORDE: N_("Accès ouvert"),
    StatutAcces.REFUSE: N_("Accès refusé"),
    StatutAcces.FERME: N_("Accès fermé"),
}


class EtatAcces(Enum):
    """What people read of a request, on an instant: silence means no, and an open access closes by itself."""

    DEMANDE = "demande"
    SANS_REPONSE = "sans_reponse"
    OUVERT = "ouvert"
    REFUSE = "refuse"
    FINI = "fini"
    FERME = "ferme"


LIBELLES_ETAT_ACCES: dict[EtatAcces, str] = {
    EtatAcces.DEMANDE: N_("En attente de réponse"),
    EtatAcces.SANS_REPONSE: N_("Sans réponse : accès refusé"),
    EtatAcces.OUVERT: N_("Accès ouvert"),
    EtatAcces.REFUSE: N_("Accès refusé"),
    EtatAcces.FINI: N_("Accès terminé"),
    EtatAcces.FERME: N_("Accès fermé"),
}


class Lien(Enum):
    """By what right someone sees a household."""

    REFERENT = "referent"
    RELAIS = "relais"  # stands in for its referent, absent
    ACCES = "acces"  # a colleague, for some days
    SIAO = "siao"


LIBELLES_LIEN: dict[Lien, str] = {
    Lien.REFERENT: N_("Vous l’accompagnez"),
    Lien.RELAIS: N_("Vous assurez le relais de la personne qui l’accompagne"),
    Lien.ACCES: N_("Accès en lecture, ouvert à votre demande"),
    Lien.SIAO: N_("Vous le voyez au titre du SIAO"),
}


class Lecture(Enum):
    """What was read of a household; other rooms give their own words (`LectureMenage.quoi`)."""

    FICHE = "fiche"
    LECTURES = "lectures"


LIBELLES_LECTURE: dict[str, str] = {
    Lecture.FICHE.value: N_("La fiche du ménage"),
    Lecture.LECTURES.value: N_("La liste des lectures"),
}
"""What was read, in words; a room that reads something else of a household adds its own entry."""
