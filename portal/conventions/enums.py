"""Enumerations of the conventions room (domaine.md § 5.2)."""

from enum import Enum

from portal.shared.messages import N_


class Statut(Enum):
    """Stored state of a CTP. What time alone changes (in force, late, ended…) is computed: see `Etat`."""

    A_ENGAGER = "a_engager"
    PROJET = "projet"
    EN_NEGOCIATION = "en_negociation"
    ACCORD_DE_PRINCIPE = "accord_de_principe"
    EN_SIGNATURE = "en_signature"
    SIGNEE = "signee"
    SUSPENDUE = "suspendue"
    SANS_OBJET = "sans_objet"


OUVERTS = (
    Statut.A_ENGAGER,
    Statut.PROJET,
    Statut.EN_NEGOCIATION,
    Statut.ACCORD_DE_PRINCIPE,
    Statut.EN_SIGNATURE,
    Statut.SUSPENDUE,
)


class Etat(Enum):
    """What people read: the stored state, refined by the dates on a given day."""

    A_ENGAGER = "a_engager"
    PROJET = "projet"
    EN_NEGOCIATION = "en_negociation"
    ACCORD_DE_PRINCIPE = "accord_de_principe"
    EN_SIGNATURE = "en_signature"
    SUSPENDUE = "suspendue"
    A_VENIR = "a_venir"
    EN_VIGUEUR = "en_vigueur"
    REMPLACEE = "remplacee"
    RESILIEE = "resiliee"
    ECHUE = "echue"
    SANS_OBJET = "sans_objet"


LIBELLES_ETAT: dict[Etat, str] = {
    Etat.A_ENGAGER: N_("À engager"),
    Etat.PROJET: N_("Projet"),
    Etat.EN_NEGOCIATION: N_("En négociation"),
    Etat.ACCORD_DE_PRINCIPE: N_("Accord de principe"),
    Etat.EN_SIGNATURE: N_("En signature"),
    Etat.SUSPENDUE: N_("Suspendue"),
    Etat.A_VENIR: N_("Signée, à venir"),
    Etat.EN_VIGUEUR: N_("En vigueur"),
    Etat.REMPLACEE: N_("Remplacée"),
    Etat.RESILIEE: N_("Résiliée"),
    Etat.ECHUE: N_("Échue"),
    Etat.SANS_OBJET: N_("Sans objet"),
}


LIBELLES_STATUT: dict[Statut, str] = {
    statut: N_("Signée") if statut is Statut.SIGNEE else LIBELLES_ETAT[Etat(statut.value)]
    for statut in Statut
}


class Mode(Enum):
    """How a CTP is negotiated (S0: « deux options tactiques principales »)."""

    GRE_A_GRE = "gre_a_gre"
    COLLECTIF = "collectif"


LIBELLES_MODE: dict[Mode, str] = {
    Mode.GRE_A_GRE: N_("Gré à gré"),
    Mode.COLLECTIF: N_("Collectif"),
}


class Partie(Enum):
    """The three signatories, in the usual order of signature (domaine.md § 5.2, D20)."""

    OPERATEUR = "operateur"
    SIAO = "siao"
    ETAT = "etat"


LIBELLES_PARTIE: dict[Partie, str] = {
    Partie.OPERATEUR: N_("Opérateur"),
    Partie.SIAO: N_("SIAO"),
    Partie.ETAT: N_("État"),
}

AUTRE_PILOTE = {Partie.ETAT: Partie.SIAO, Partie.SIAO: Partie.ETAT}
"""State and SIAO decide together that a line is without object: the other of the two."""
