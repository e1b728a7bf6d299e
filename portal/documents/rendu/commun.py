"""What Word and PDF share: the same blocks, laid out the same way, and the same words around the text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from portal.documents.texte import Bloc, Couleur, Document, Genre, Passage, Passages

POLICE = "Liberation Sans"  # shipped in `polices/`; Arial has the same metrics
FILIGRANE = "PROJET"
PREFIXE = "PROJET – "  # of the title of the file, for who does not see the watermark
PAGE = ("page ", " sur ")  # before the number of the page, before the number of pages
LEGENDE = {
    Couleur.VERTE: "En vert, souligné : adapté dans le département",
    Couleur.JAUNE: "En jaune, pointillé : négocié avec chaque signataire",
}
NIVEAU_MAX = 4  # of a heading
PROFONDEUR_MAX = 5  # of a list
LARGEUR_LIGNE = 90  # characters of a table that stand beside each other on a page
LARGEUR_MAX = 40  # characters of a cell that count when the width of its column is chosen
MOT_MIN, MOT_MAX = 5, 24  # characters of the longest word of a column, for which it is given room
SERREE, MOT_MIN_SERRE, MOT_MAX_SERRE = 62, 3, 20  # the same three, of a table in small type on half a page
LIGNES_ENSEMBLE, TEXTE_ENSEMBLE = 5, 1500  # rows and characters of a table that a page does not cut
CAPITALE = 1.35  # how much wider a capital is

# What XML cannot hold, and what no page shows: control characters, halves of pairs, non-characters.
_INTERDITS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


@dataclass(slots=True)
class Puce:
    """A list item and those below it."""

    passages: Passages
    enfants: list["Puce"] = field(default_factory=list)


def nettoyer(document: Document) -> Document:
    """Return the document as it can be written in both formats.

    Headings never skip a level, rows of a table have the same number of cells, nothing that XML forbids is
    left, and what holds no text is a plain empty paragraph.
    """
    return replace(
        document,
        titre=propre(document.titre),
        pied=propre(document.pied),
        sous_titre=propre(document.sous_titre).strip(),
        blocs=tuple(_blocs(document.blocs)),
    )


def _blocs(blocs: tuple[Bloc, ...]) -> Iterator[Bloc]:
    dernier = 0
    for bloc in blocs:
        if bloc.genre is Genre.TABLEAU:
            if any(bloc.lignes):
                yield replace(bloc, lignes=_rectangle(bloc.lignes))
            continue
        passages = _propres(bloc.passages)
        if bloc.genre is not Genre.PARAGRAPHE and not "".join(p.texte for p in passages).strip():
            yield Bloc(Genre.PARAGRAPHE, passages)
        elif bloc.genre is Genre.TITRE:
            dernier = min(max(bloc.niveau, 1), dernier + 1, NIVEAU_MAX)
            yield replace(bloc, passages=passages, niveau=dernier)
        else:
            yield replace(bloc, passages=passages, niveau=min(max(bloc.niveau, 0), PROFONDEUR_MAX))


def _rectangle(lignes: tuple[tuple[Passages, ...], ...]) -> tuple[tuple[Passages, ...], ...]:
    colonnes = max(len(ligne) for ligne in lignes)
    return tuple(
        (*(_propres(cellule) for cellule in ligne), *((),) * (colonnes - len(ligne))) for ligne in lignes
    )


def _propres(passages: Passages) -> Passages:
    return tuple(Passage(propre(p.texte), p.couleur) for p in passages if p.texte)


def propre(texte: str) -> str:
    """Return a text without what XML forbids, its ends of lines written in one way."""
    lignes = texte.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n").replace("\x0b", "\n")
    return _INTERDITS.sub("", lignes)


def titre_du_fichier(document: Document) -> str:
    """Return the title that the properties of the file bear: on one line, never empty."""
    titre = " ".join(document.titre.split()) or "Document"
    return PREFIXE + titre if document.projet else titre


def suites(blocs: tuple[Bloc, ...]) -> Iterator[tuple[Genre, list[Bloc]]]:
    """Return the blocks in order, consecutive ones of one kind together."""
    for genre, suite in groupby(blocs, key=lambda bloc: bloc.genre):
        yield genre, list(suite)


def annoncent(blocs: tuple[Bloc, ...]) -> Iterator[Bloc]:
    """Return the paragraphs that introduce a list or a table, which a page must not part from it."""
    for bloc, suivant in pairwise(blocs):
        if bloc.genre is Genre.PARAGRAPHE and suivant.genre in (Genre.PUCE, Genre.TABLEAU):
            yield bloc


def arbre(puces: list[Bloc]) -> list[Puce]:
    """Return consecutive list items as a tree; an item deeper than it can be is just below the one before."""
    racine = Puce(())
    chemin = [racine]
    for bloc in puces:
        del chemin[bloc.niveau + 1 :]
        puce = Puce(bloc.passages)
        chemin[-1].enfants.append(puce)
        chemin.append(puce)
    return racine.enfants


def largeurs(bloc: Bloc) -> list[int]:
    """Return the relative widths of the columns of a table: after what they hold, no word being cut.

    A heading may take several lines: only its longest word counts.
    """
    colonnes = list(zip(*bloc.lignes, strict=True))
    mots = [_place_du_mot(colonne, serre=bloc.serre) for colonne in colonnes]
    voulues = [
        max(min(max(_longueur(cellule) for cellule in colonne[1:] or colonne), LARGEUR_MAX), mot)
        for colonne, mot in zip(colonnes, mots, strict=True)
    ]
    place = SERREE if bloc.serre else LARGEUR_LIGNE
    libre, manque = max(place - sum(mots), 0), sum(voulues) - sum(mots)
    part = min(libre / manque, 1) if manque else 1
    return [round(10 * (mot + (voulue - mot) * part)) for mot, voulue in zip(mots, voulues, strict=True)]


def tient_ensemble(bloc: Bloc) -> bool:
    """Tell whether a table is short enough to stay on one page, such as that of the signatures."""
    return len(bloc.lignes) <= LIGNES_ENSEMBLE and len(bloc.texte) <= TEXTE_ENSEMBLE


def _place_du_mot(colonne: Iterable[Passages], *, serre: bool) -> float:
    """Return the room that the longest word of a column takes, with the margins of its cells."""
    mots = [mot for cellule in colonne for passage in cellule for mot in passage.texte.split()]
    longueurs = [sum(CAPITALE if c.isupper() or c == "_" else 1 for c in mot) for mot in mots]
    marge, maximum = (MOT_MIN_SERRE, MOT_MAX_SERRE) if serre else (MOT_MIN, MOT_MAX)
    return min(max(longueurs, default=0), maximum) + marge


def _longueur(cellule: Passages) -> int:
    lignes = "".join(passage.texte for passage in cellule).split("\n")
    return max(len(ligne) for ligne in lignes)
