"""Enumerations of the grid: scales of answer and scopes (domaine.md § 6.2)."""

from enum import Enum

from portal.shared.messages import N_


class Reponse(Enum):
    """How a field is answered. « Non renseigné » is always possible, and has no consequence."""

    FAIT = "fait"
    AUTONOMIE = "autonomie"
    MONTANT = "montant"  # cents
    NOMBRE = "nombre"
    DATE = "date"
    LISTE = "liste"
    CHOIX_MULTIPLE = "choix_multiple"
    TEXTE_COURT = "texte_court"  # facts only, 300 characters
    NUMERO_UNIQUE = "numero_unique"
    PAROLE = "parole"  # the household's own words
    CALCUL = "calcul"


LIBELLES_REPONSE_ITEM: dict[Reponse, str] = {
    Reponse.FAIT: N_("Oui, non, en cours ou sans objet"),
    Reponse.AUTONOMIE: N_("Autonome, avec appui ponctuel ou avec appui régulier"),
    Reponse.MONTANT: N_("Montant en euros"),
    Reponse.NOMBRE: N_("Nombre"),
    Reponse.DATE: N_("Date"),
    Reponse.LISTE: N_("Un choix"),
    Reponse.CHOIX_MULTIPLE: N_("Plusieurs choix possibles"),
    Reponse.TEXTE_COURT: N_("Texte court, des faits seulement"),
    Reponse.NUMERO_UNIQUE: N_("Numéro unique, vérifié"),
    Reponse.PAROLE: N_("Les mots du ménage"),
    Reponse.CALCUL: N_("Calculé, formule affichée"),
}

A_CHOIX = frozenset({Reponse.LISTE, Reponse.CHOIX_MULTIPLE})
LOCALES = tuple(r for r in Reponse if r not in (Reponse.CALCUL, Reponse.NUMERO_UNIQUE))
"""What a question that a département adds may be answered by."""


class Portee(Enum):
    """Who a field may reach, from the widest to the narrowest."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


LIBELLES_PORTEE: dict[Portee, str] = {
    Portee.P1: N_("Transmissible au bailleur, avec l’autorisation du ménage"),
    Portee.P2: N_("Commission seulement"),
    Portee.P3: N_("Travailleur social et SIAO seulement"),
}


class P1Si(Enum):
    """Who may put a narrower field in P1."""

    MANDATAIRE = "mandataire"
    MENAGE = "menage"


LIBELLES_P1_SI: dict[P1Si, str] = {
    P1Si.MANDATAIRE: N_("transmissible seulement si le mandataire le signe"),
    P1Si.MENAGE: N_("transmissible seulement si le ménage le veut"),
}
