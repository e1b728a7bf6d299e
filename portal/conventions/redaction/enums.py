"""Words of the negotiation of a text (domaine.md § 5.3)."""

from enum import Enum

from portal.conventions.enums import Statut
from portal.shared.messages import N_

MODIFIABLES = frozenset({Statut.PROJET, Statut.EN_NEGOCIATION})
"""States of a line in which its text may change."""


class Position(Enum):
    """Where one party stands on one clause."""

    A_EXAMINER = "a_examiner"
    PROPOSEE = "proposee"
    ACCEPTEE = "acceptee"
    RESERVE = "reserve"
    REFUSEE = "refusee"


LIBELLES_POSITION: dict[Position, str] = {
    Position.A_EXAMINER: N_("À examiner"),
    Position.PROPOSEE: N_("Proposée"),
    Position.ACCEPTEE: N_("Acceptée"),
    Position.RESERVE: N_("Réserve"),
    Position.REFUSEE: N_("Refusée"),
}


class FormeSignature(Enum):
    """How a text is signed where one legal person carries the SIAO and the operator (domaine.md § 10.4)."""

    DEUX_SIGNATAIRES = "deux_signataires"
    MEME_SIGNATAIRE = "meme_signataire"
    LETTRE = "lettre"


LIBELLES_FORME: dict[FormeSignature, str] = {
    FormeSignature.DEUX_SIGNATAIRES: N_(
        "Convention à trois parties ; l’opérateur et le SIAO ont chacun leur signataire"
    ),
    FormeSignature.MEME_SIGNATAIRE: N_(
        "Convention à trois parties ; une même personne peut signer pour l’opérateur et pour le SIAO"
    ),
    FormeSignature.LETTRE: N_("Lettre à deux parties ; la personne morale signe une seule fois"),
}


class EtatClause(Enum):
    """What the three positions make of a clause: computed, never stored."""

    A_EXAMINER = "a_examiner"
    EN_DISCUSSION = "en_discussion"
    ACCORDEE = "accordee"


LIBELLES_ETAT_CLAUSE: dict[EtatClause, str] = {
    EtatClause.A_EXAMINER: N_("À examiner"),
    EtatClause.EN_DISCUSSION: N_("En discussion"),
    EtatClause.ACCORDEE: N_("Accord des trois parties"),
}


class GenreFait(Enum):
    """What happened to a clause."""

    OUVERTURE = "ouverture"
    TEXTE = "texte"
    VALEUR = "valeur"
    POSITION = "position"
    COMMENTAIRE = "commentaire"
    RESOLUTION = "resolution"
    RETRAIT = "retrait"
    RETOUR = "retour"


LIBELLES_FAIT: dict[GenreFait, str] = {
    GenreFait.OUVERTURE: N_("Clause ouverte à la négociation"),
    GenreFait.TEXTE: N_("Rédaction modifiée"),
    GenreFait.VALEUR: N_("Valeur modifiée"),
    GenreFait.POSITION: N_("Position"),
    GenreFait.COMMENTAIRE: N_("Commentaire"),
    GenreFait.RESOLUTION: N_("Commentaire résolu"),
    GenreFait.RETRAIT: N_("Clause retirée du texte"),
    GenreFait.RETOUR: N_("Clause revenue dans le texte"),
}


class Acte(Enum):
    """The act that transcribes a commitment of the convention (S0)."""

    CPOM = "cpom"
    FINANCEMENT = "financement"
    APL = "apl"
    AUTRE = "autre"


LIBELLES_ACTE: dict[Acte, str] = {
    Acte.CPOM: N_("CPOM"),
    Acte.FINANCEMENT: N_("Convention de financement"),
    Acte.APL: N_("Convention APL"),
    Acte.AUTRE: N_("Autre acte"),
}
