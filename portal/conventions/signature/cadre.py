"""The place where a text is signed: who signs for each party, room for a pen, or the signature already given.

Written around the frozen content when a file is made: the fingerprint is that of the content alone. It is in
French, as the text is. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.conventions.signature.canonique import lisible
from portal.conventions.signature.enums import GenreActe
from portal.documents.texte import Bloc, Genre, Passage, Passages
from portal.shared.jours_dits import instant_dit, jour_dit

TITRE = "Signatures"
ENTETES = ("Partie", "Signataire", "Date et signature")
BLANC = "\u00a0" * 28
ATTENDU = (f"Nom :{BLANC}\n\nQualité :\n", f"Date :{BLANC}\n\nSignature :\n\n\n\n")
"""What is left to write by hand, and the room for it."""


@dataclass(frozen=True)
class Signe:
    """A signature given: the day that counts, and for one given on line the instant and its receipt."""

    genre: GenreActe
    nom: str
    qualite: str
    delegation: str
    signee_le: date
    horodatage: datetime
    reference: str


@dataclass(frozen=True)
class Place:
    """A party at the foot of a text. `signe`: None while its signature is awaited."""

    partie: str
    organisations: tuple[str, ...]
    signe: Signe | None = None


def cadre(places: Sequence[Place], empreinte: str, fuseau: str) -> tuple[Bloc, ...]:
    """Return the heading, the sentence and the table of signatures. `empreinte`: empty for a draft."""
    phrase = "Chaque partie signe ce texte, sur papier ou en ligne dans le portail."
    if empreinte:
        phrase += f" Empreinte SHA-256 du texte signé : {lisible(empreinte)}."
    rangs = [ENTETES, *(_rang(place, fuseau) for place in places)]
    return (
        Bloc(Genre.TITRE, (Passage(TITRE),), 1),
        Bloc(Genre.PARAGRAPHE, (Passage(phrase),)),
        Bloc(Genre.TABLEAU, lignes=tuple(tuple(_cellule(texte) for texte in rang) for rang in rangs)),
    )


def _rang(place: Place, fuseau: str) -> tuple[str, str, str]:
    partie = "\n".join((place.partie, *place.organisations))
    signe = place.signe
    if signe is None:
        return (partie, *ATTENDU)
    delegation = f"Par délégation : {signe.delegation}" if signe.delegation else ""
    qui = "\n".join(dit for dit in (signe.nom, signe.qualite, delegation) if dit)
    if signe.genre is GenreActe.PAPIER:
        return partie, qui, f"Signée sur papier le {jour_dit(signe.signee_le)}"
    recue = instant_dit(signe.horodatage, fuseau, suite=" 'à' HH:mm:ss")
    return partie, qui, f"Acceptée en ligne le {recue}\nReçu {signe.reference}"


def _cellule(texte: str) -> Passages:
    return (Passage(texte),)
