"""A `Document` as a tagged PDF (PDF/UA-1), with the fonts shipped beside this module and no others.

The text goes to the compiler as data, never as markup: nothing that somebody typed is run.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from portal.documents.rendu.commun import (
    LEGENDE,
    PAGE,
    Puce,
    annoncent,
    arbre,
    largeurs,
    nettoyer,
    suites,
    tient_ensemble,
    titre_du_fichier,
)
from portal.documents.texte import Bloc, Document, Genre, Passages

if TYPE_CHECKING:
    from typst import Compiler

DOSSIER = Path(__file__).parent

# What the fonts may lack: first the scripts and pictograms they do not have at all, then everything rare.
_RARES = (
    re.compile(r"[^\x00-\u052f\u1e00-\u27bf\ufb00-\ufb06]"),
    re.compile(r"[^\x00-\u024f\u2002-\u200a\u2010-\u2027\u202f\u2030-\u203a\u20ac\u2190-\u2193]"),
)

log = structlog.get_logger(__name__)


def en_pdf(document: Document, le: datetime) -> bytes:
    """Return the document as a PDF dated `le`; the same document and date give the same bytes.

    A character that no shipped font can draw is written by its number, as `[U+1F600]`: PDF/UA accepts no
    empty box.
    """
    return composer("document.typ", _donnees(nettoyer(document)), le)


def composer(gabarit: str, donnees: Mapping[str, Any], le: datetime) -> bytes:
    """Return a tagged PDF dated `le` from a template of this folder and the data that it reads."""
    from typst import TypstError

    texte = json.dumps(donnees, ensure_ascii=False)
    for rares in _RARES:
        try:
            return _compile(gabarit, texte, le)
        except TypstError as error:
            log.warning("pdf.characters", error=str(error))
            texte = rares.sub(_numero, texte)
    return _compile(gabarit, texte, le)


def _compile(gabarit: str, texte: str, le: datetime) -> bytes:
    resultat = _compilateur(gabarit).compile(
        format="pdf", pdf_standards=["ua-1"], sys_inputs={"document": texte}, timestamp=int(le.timestamp())
    )
    assert isinstance(resultat, bytes)
    return resultat


@cache
def _compilateur(gabarit: str) -> "Compiler":
    from typst import Compiler, Fonts

    polices = Fonts(include_system_fonts=False, font_paths=[DOSSIER / "polices"])
    return Compiler(
        DOSSIER / gabarit, root=DOSSIER, font_paths=polices, ignore_system_fonts=True, sys_inputs={}
    )


def _numero(found: re.Match[str]) -> str:
    return f"[U+{ord(found.group()):04X}]"


def _donnees(document: Document) -> dict[str, Any]:
    return {
        "titre": document.titre,
        "sous_titre": document.sous_titre,
        "titre_fichier": titre_du_fichier(document),
        "langue": document.langue,
        "projet": document.projet,
        "colore": document.colore,
        "pied": document.pied,
        "page": PAGE,
        "legende": {couleur.value: texte for couleur, texte in LEGENDE.items()},
        "blocs": _blocs(document.blocs),
    }


def _blocs(blocs: tuple[Bloc, ...]) -> list[dict[str, Any]]:
    annonces = {id(bloc) for bloc in annoncent(blocs)}
    return [donnees for genre, suite in suites(blocs) for donnees in _suite(genre, suite, annonces)]


def _suite(genre: Genre, suite: list[Bloc], annonces: set[int]) -> list[dict[str, Any]]:
    if genre is Genre.PUCE:
        return [{"genre": "puces", "puces": [_puce(puce) for puce in arbre(suite)]}]
    if genre is Genre.TABLEAU:
        return [
            {
                "genre": genre.value,
                "largeurs": largeurs(bloc),
                "ensemble": tient_ensemble(bloc),
                "serre": bloc.serre,
                "lignes": [[_passages(cellule) for cellule in ligne] for ligne in bloc.lignes],
            }
            for bloc in suite
        ]
    return [
        {
            "genre": genre.value,
            "niveau": bloc.niveau,
            "annonce": id(bloc) in annonces,
            "passages": _passages(bloc.passages),
        }
        for bloc in suite
    ]


def _puce(puce: Puce) -> dict[str, Any]:
    return {"passages": _passages(puce.passages), "enfants": [_puce(enfant) for enfant in puce.enfants]}


def _passages(passages: Passages) -> list[tuple[str, str]]:
    return [(passage.texte, passage.couleur.value) for passage in passages]
