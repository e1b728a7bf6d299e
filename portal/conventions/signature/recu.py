"""The receipt of a signature: what was signed, by whom, when, in words that need no portal to be read. Pure.

It is in French, as the text is.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal.conventions.signature.canonique import lisible
from portal.documents.texte import Bloc, Document, Genre, Passage
from portal.shared.jours_dits import instant_dit, jour_dit

CONTENU = (
    "L’empreinte est celle du contenu du texte (clauses, valeurs, annexes), non d’un fichier : deux fichiers "
    "produits à des moments différents portent le même texte et la même empreinte."
)


@dataclass(frozen=True)
class Recu:
    """What a receipt says. `titre`: of the text that was signed; `parties`: who it binds, by name.

    `annule_le`: since when the text is void, None while it is not.
    """

    reference: str
    titre: str
    parties: tuple[str, ...]
    partie: str
    organisation: str
    nom: str
    qualite: str
    delegation: str
    comment: str
    signee_le: date
    horodatage: datetime
    fuseau: str
    texte: int
    fige_le: datetime
    empreinte: str
    annule_le: datetime | None = None
    annule_motif: str = ""


def ecrire(recu: Recu) -> Document:
    """Return the receipt, ready to be made a file."""
    rangs = [
        ("Reçu", f"n° {recu.reference}"),
        ("Partie", f"{recu.partie} – {recu.organisation}"),
        ("Signataire", f"{recu.nom}, {recu.qualite}"),
        ("Délégation", recu.delegation),
        ("Date de la signature", jour_dit(recu.signee_le)),
        (recu.comment, f"reçue par le portail le {_instant(recu.horodatage, recu.fuseau)}"),
        ("Texte signé", f"n° {recu.texte}, figé le {_instant(recu.fige_le, recu.fuseau)}"),
        ("Empreinte SHA-256", lisible(recu.empreinte)),
    ]
    lignes = [("Objet", "Contenu"), *(rang for rang in rangs if rang[1])]
    blocs = [
        Bloc(Genre.TABLEAU, lignes=tuple(tuple((Passage(texte),) for texte in ligne) for ligne in lignes)),
        _paragraphe(CONTENU),
    ]
    if recu.annule_le is not None:
        annulee = f"Signature annulée le {_instant(recu.annule_le, recu.fuseau)}"
        raison = f"Le texte a été remis en négociation. Motif : {recu.annule_motif}"
        blocs = [Bloc(Genre.TITRE, (Passage(annulee),), 1), _paragraphe(raison), *blocs]
    return Document(
        "Reçu de signature",
        tuple(blocs),
        sous_titre="\n".join((recu.titre, *recu.parties)),
        pied=f"Reçu n° {recu.reference}",
    )


def _paragraphe(texte: str) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, (Passage(texte),))


def _instant(quand: datetime, fuseau: str) -> str:
    ici = instant_dit(quand, fuseau, suite=" 'à' HH:mm:ss")
    return f"{ici} ({fuseau}, {quand.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M:%SZ})"
