"""The canonical form of a text, and its fingerprint: what the parties sign. Pure.

The same text always gives the same bytes: keys sorted, no spaces, Unicode composed (NFC). A file made from it
may change by a byte each time; the fingerprint does not.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.documents.texte import Bloc, Couleur, Document, Genre, Passage, Passages

FORMAT = 3
"""Grows if what is written below ever changes; old texts keep theirs."""

GROUPE = 4

PARTIES = ("etat", "siao", "operateur")
"""As the title of the model names them."""

ANNEXE = "ANN-"

SIGNATURE = "signature"
"""Where a frozen text says its form and the order of its signatories; those of the first format do not."""


def canonique(contenu: Mapping[str, Any]) -> bytes:
    """Return the bytes of which the fingerprint is taken."""
    return json.dumps(
        _compose(contenu), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def empreinte(contenu: Mapping[str, Any]) -> str:
    """Return the SHA-256 fingerprint of a text, 64 hexadecimal digits."""
    return hashlib.sha256(canonique(contenu)).hexdigest()


def lisible(valeur: str) -> str:
    """Return a fingerprint in groups of four, that two people can compare aloud."""
    return " ".join(valeur[rang : rang + GROUPE] for rang in range(0, len(valeur), GROUPE))


def _compose(valeur: Any) -> Any:
    if isinstance(valeur, str):
        return unicodedata.normalize("NFC", valeur)
    if isinstance(valeur, Mapping):
        return {unicodedata.normalize("NFC", str(cle)): _compose(v) for cle, v in valeur.items()}
    if isinstance(valeur, (list, tuple)):
        return [_compose(v) for v in valeur]
    return valeur


def ecrire_blocs(blocs: Iterable[Bloc]) -> list[dict[str, Any]]:
    """Return blocks as plain data."""
    return [
        {
            "genre": bloc.genre.value,
            "niveau": bloc.niveau,
            "passages": _ecrire(bloc.passages),
            "lignes": [[_ecrire(cellule) for cellule in ligne] for ligne in bloc.lignes],
        }
        for bloc in blocs
    ]


def lire_blocs(donnees: Iterable[Mapping[str, Any]]) -> tuple[Bloc, ...]:
    """Read what `ecrire_blocs` wrote."""
    return tuple(
        Bloc(
            Genre(bloc["genre"]),
            _lire(bloc["passages"]),
            bloc["niveau"],
            tuple(tuple(_lire(cellule) for cellule in ligne) for ligne in bloc["lignes"]),
        )
        for bloc in donnees
    )


def _ecrire(passages: Passages) -> list[list[str]]:
    return [[passage.texte, passage.couleur.value] for passage in passages]


def _lire(passages: Iterable[Iterable[str]]) -> Passages:
    return tuple(Passage(texte, Couleur(couleur)) for texte, couleur in passages)


def document(
    contenu: Mapping[str, Any],
    *,
    projet: bool,
    colore: bool,
    pied: str,
    signatures: Sequence[Bloc] = (),
) -> Document:
    """Return a text, frozen or composed just now, ready to be written to a file.

    `signatures`: the place where it is signed, after the last article and before the annexes.
    """
    clauses = contenu["clauses"]
    blocs: list[Bloc] = []
    for rang, clause in enumerate(clauses):
        if rang == _rang_des_annexes(clauses):
            blocs += signatures
        blocs += lire_blocs(clause["titres"]) + lire_blocs(clause["blocs"]) + lire_blocs(clause["annexe"])
    if _rang_des_annexes(clauses) == len(clauses):
        blocs += signatures
    blocs += (
        replace(bloc, serre=bloc.genre is Genre.TABLEAU) for bloc in lire_blocs(contenu["correspondance"])
    )
    return Document(
        contenu["titre"],
        tuple(blocs),
        projet=projet,
        colore=colore,
        pied=pied,
        sous_titre="\n".join(contenu["parties"][partie]["nom"] for partie in PARTIES),
    )


def _rang_des_annexes(clauses: Sequence[Mapping[str, Any]]) -> int:
    """Return the rank of the annexes that close a text; after its last clause when there is none."""
    rang = len(clauses)
    while rang and clauses[rang - 1]["code"].startswith(ANNEXE):
        rang -= 1
    return rang


def clauses_seules(contenu: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return what the parties negotiated, without what was gathered around it on the day of the freezing."""
    return [(clause["code"], clause["titres"], clause["blocs"]) for clause in contenu["clauses"]]
