"""What a département decides about signatures where one legal person is both the SIAO and the operator."""

from portal.organisations import parametres
from portal.shared.messages import N_

OUI, NON = "oui", "non"
TRIPARTITE, LETTRE = "tripartite", "lettre"

MEME_SIGNATAIRE = parametres.choix(
    "conventions.meme_signataire",
    N_("Quand le SIAO et l’opérateur sont une même personne morale, une même personne signe pour les deux"),
    NON,
    (NON, OUI),
    "domaine.md § 10.4 [P]",
)
FORME = parametres.choix(
    "conventions.forme_meme_personne",
    N_("Forme de la convention quand le SIAO et l’opérateur sont une même personne morale"),
    TRIPARTITE,
    (TRIPARTITE, LETTRE),
    "domaine.md § 10.4 [P]",
)
