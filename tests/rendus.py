"""Sample texts of documents, and what other programs read in the files made from them."""

import io
import random
import re
from typing import Any

import docx
import pypdf
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from portal.documents.texte import Bloc, Couleur, Document, Genre, Passage, Passages

PHRASE = (
    "la convention tripartite engage l’État, le SIAO et l’opérateur à orienter les ménages selon leurs "
    "besoins dans un délai de quinze jours ouvrés ; 30 % des places « libérées » y concourent (article 6.3) "
    ": œuvre n° 1"
)
MOTS = PHRASE.split()
PUCES = {"•", "◦", "▪"}

_ARTEFACT = re.compile(rb"/Artifact\b[^\n]*?BDC.*?EMC", re.DOTALL)


def convention(articles: int = 15, *, graine: int = 1, **options: Any) -> Document:
    """Return a text of `articles` articles of three clauses each: 45 clauses are some fifteen pages."""
    hasard = random.Random(graine)

    def phrase(mots: int) -> str:
        return " ".join(hasard.choice(MOTS) for _ in range(mots)).capitalize() + "."

    def melange(couleur: Couleur) -> Passages:
        return (Passage(phrase(40) + " "), Passage(phrase(4), couleur), Passage(" " + phrase(20)))

    blocs = []
    for article in range(1, articles + 1):
        blocs.append(Bloc(Genre.TITRE, (Passage(f"Article {article} – {phrase(4)}"),), 1))
        for clause in range(1, 4):
            blocs.append(Bloc(Genre.TITRE, (Passage(f"{article}.{clause} – {phrase(3)}"),), 2))
            blocs.append(Bloc(Genre.PARAGRAPHE, melange(Couleur.JAUNE)))
            blocs.append(Bloc(Genre.PARAGRAPHE, melange(Couleur.VERTE)))
            blocs.extend(Bloc(Genre.PUCE, (Passage(phrase(8)),), niveau) for niveau in (0, 1, 0))
        cellules = [[(Passage(phrase(mots)),) for mots in (1, 8)] for _ in range(3)]
        blocs.append(Bloc(Genre.TABLEAU, lignes=tuple(tuple(ligne) for ligne in cellules)))
    return Document(f"Convention {graine} de réservation et d’orientation", tuple(blocs), **options)


def mots(document: Document) -> list[str]:
    """Return the words of a document, its title first."""
    return " ".join([document.titre, document.sous_titre, *(bloc.texte for bloc in document.blocs)]).split()


def mots_docx(contenu: bytes) -> list[str]:
    """Return the words of the body of a DOCX, read by python-docx."""
    textes = []
    for partie in docx.Document(io.BytesIO(contenu)).iter_inner_content():
        if isinstance(partie, docx.table.Table):
            textes.extend(cellule.text for ligne in partie.rows for cellule in ligne.cells)
        else:
            textes.append(partie.text)
    return " ".join(textes).split()


def mots_pdf(contenu: bytes) -> list[str]:
    """Return the words of a PDF that screen readers read: neither headers, footers nor watermark."""
    textes = []
    for page in pypdf.PdfReader(io.BytesIO(contenu)).pages:
        page[NameObject("/Contents")] = _sans_artefacts(page)
        textes.append(page.extract_text())
    return [mot for mot in " ".join(textes).split() if mot not in PUCES]


def roles(contenu: bytes) -> list[str]:
    """Return the structure tags of a PDF in reading order."""
    return _roles(pypdf.PdfReader(io.BytesIO(contenu)).trailer["/Root"]["/StructTreeRoot"])


def _roles(noeud: Any) -> list[str]:
    trouves = [str(noeud["/S"])] if "/S" in noeud else []
    enfants = noeud.get("/K", [])
    for enfant in enfants if isinstance(enfants, list) else [enfants]:
        objet = enfant.get_object()
        if isinstance(objet, DictionaryObject):
            trouves.extend(_roles(objet))
    return trouves


def _sans_artefacts(page: pypdf.PageObject) -> DecodedStreamObject:
    flux = DecodedStreamObject()
    flux.set_data(_ARTEFACT.sub(b"", page.get_contents().get_data()))
    return flux
