"""Words of the signature of a text."""

from enum import Enum

from portal.shared.messages import N_


class GenreActe(Enum):
    """How a party signed."""

    EN_LIGNE = "en_ligne"
    PAPIER = "papier"


LIBELLES_GENRE_ACTE: dict[GenreActe, str] = {
    GenreActe.EN_LIGNE: N_("Acceptée en ligne"),
    GenreActe.PAPIER: N_("Signée sur papier"),
}


class Sorte(Enum):
    """A document made from a text."""

    TRAVAIL = "travail"
    PROPRE = "propre"
    PDF = "pdf"


LIBELLES_SORTE: dict[Sorte, str] = {
    Sorte.TRAVAIL: N_("Word de travail, avec les passages verts et jaunes"),
    Sorte.PROPRE: N_("Word pour la signature, sans couleur"),
    Sorte.PDF: N_("PDF"),
}
