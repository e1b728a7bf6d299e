"""Enumerations of the household's requests about its own data."""

from enum import Enum

from portal.grilles.menages.enums import LIBELLES_LECTURE
from portal.shared.messages import N_


class GenreDemande(Enum):
    """What a household asks."""

    ACCES = "acces"
    EFFACEMENT = "effacement"
    RECTIFICATION = "rectification"


LIBELLES_GENRE_DEMANDE: dict[GenreDemande, str] = {
    GenreDemande.ACCES: N_("Recevoir une copie de ses données"),
    GenreDemande.EFFACEMENT: N_("Faire effacer ses données"),
    GenreDemande.RECTIFICATION: N_("Faire corriger ses données"),
}


class StatutDemande(Enum):
    """Where a request stands; late is computed."""

    RECUE = "recue"
    FAITE = "faite"
    REFUSEE = "refusee"


LIBELLES_STATUT_DEMANDE: dict[StatutDemande, str] = {
    StatutDemande.RECUE: N_("À traiter"),
    StatutDemande.FAITE: N_("Faite"),
    StatutDemande.REFUSEE: N_("Refusée, motif donné"),
}


class LectureDemande(Enum):
    """What was read of a household here."""

    DEMANDE = "demande"
    COPIE = "copie"


LIBELLES_LECTURE.update(
    {
        LectureDemande.DEMANDE.value: N_("Une demande sur ses données"),
        LectureDemande.COPIE.value: N_("La copie de ses données"),
    }
)
