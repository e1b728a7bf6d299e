"""What was read from a Word file as plain data, to be kept and read again without the file."""

from typing import Any

from portal.documents.texte import Bloc, Couleur, Genre, Passage, Passages
from portal.documents.word.lecture import Avertissement, DocumentLu


def to_plain(lu: DocumentLu) -> dict[str, Any]:
    """Return a document as JSON keeps it."""
    return {
        "titre": lu.titre,
        "blocs": [_ecrire(bloc) for bloc in lu.blocs],
        "entetes": [_ecrire(bloc) for bloc in lu.entetes],
        "notes": [_ecrire(bloc) for bloc in lu.notes],
        "pieds": [_ecrire(bloc) for bloc in lu.pieds],
        "avertissements": [[a.code, a.params] for a in lu.avertissements],
    }


def from_plain(data: dict[str, Any]) -> DocumentLu:
    """Read what `to_plain` wrote. Raises KeyError, TypeError or ValueError on anything else."""
    return DocumentLu(
        titre=data["titre"],
        blocs=tuple(_lire(bloc) for bloc in data["blocs"]),
        entetes=tuple(_lire(bloc) for bloc in data["entetes"]),
        notes=tuple(_lire(bloc) for bloc in data["notes"]),
        pieds=tuple(_lire(bloc) for bloc in data["pieds"]),
        avertissements=tuple(Avertissement(code, params) for code, params in data["avertissements"]),
    )


def _ecrire(bloc: Bloc) -> list[Any]:
    return [
        bloc.genre.value,
        bloc.niveau,
        _passages(bloc.passages),
        [[_passages(cellule) for cellule in ligne] for ligne in bloc.lignes],
    ]


def _passages(passages: Passages) -> list[list[str]]:
    return [[passage.couleur.value, passage.texte] for passage in passages]


def _lire(data: list[Any]) -> Bloc:
    genre, niveau, passages, lignes = data
    return Bloc(
        Genre(genre),
        _relire(passages),
        niveau,
        tuple(tuple(_relire(cellule) for cellule in ligne) for ligne in lignes),
    )


def _relire(passages: list[list[str]]) -> Passages:
    return tuple(Passage(texte, Couleur(couleur)) for couleur, texte in passages)
