"""A `Document` as a Word file: real heading styles, lists and tables, in French.

Written part by part, so that the same document gives the same bytes and no library is loaded. A draft bears
« PROJET » behind each page, as Word's own watermarks do.
"""

import io
import zipfile
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from portal.documents.rendu.commun import (
    FILIGRANE,
    LEGENDE,
    PAGE,
    annoncent,
    largeurs,
    nettoyer,
    suites,
    tient_ensemble,
    titre_du_fichier,
)
from portal.documents.rendu.docx_parties import (
    CONTENT_TYPES,
    DOCUMENT_RELATIONS,
    FONTS,
    NAMESPACES,
    NUMBERING,
    PROPERTIES,
    RELATIONS,
    SETTINGS,
    STYLES,
    WATERMARK,
    XML,
)
from portal.documents.texte import Bloc, Couleur, Document, Genre, Passage, Passages

LARGEUR = 9300  # twentieths of a point between the margins
GOUTTIERE = 340  # between two columns of a page
DATE_ZIP = (1980, 1, 1, 0, 0, 0)

# The highlight that Word calls « green » is the bright one. The underline says the same without the colour.
_COULEURS = {
    Couleur.FIXE: "",
    Couleur.VERTE: '<w:highlight w:val="green"/><w:u w:val="single"/>',
    Couleur.JAUNE: '<w:highlight w:val="yellow"/><w:u w:val="dotted"/>',
}


def en_docx(document: Document, le: datetime) -> bytes:
    """Return the document as a DOCX dated `le`; the same document and date give the same bytes."""
    document = nettoyer(document)
    parties = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS,
        "docProps/core.xml": _proprietes(document, le),
        "word/_rels/document.xml.rels": DOCUMENT_RELATIONS,
        "word/document.xml": _corps(document),
        "word/styles.xml": STYLES.format(langue=_langue(document)),
        "word/numbering.xml": NUMBERING,
        "word/settings.xml": SETTINGS,
        "word/fontTable.xml": FONTS,
        "word/header1.xml": _entete(document),
        "word/footer1.xml": _pied(document),
    }
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, contenu in parties.items():
            entree = zipfile.ZipInfo(nom, DATE_ZIP)
            entree.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entree, (XML + contenu).encode())
    return tampon.getvalue()


def _corps(document: Document) -> str:
    morceaux = [_paragraphe((Passage(document.titre),), "Title")]
    if document.sous_titre:
        morceaux.append(_paragraphe((Passage(document.sous_titre),), "Subtitle"))
    annonces = {id(bloc) for bloc in annoncent(document.blocs)}
    for genre, suite in suites(document.blocs):
        for bloc in suite:
            if bloc.serre:
                morceaux += (_section(1), _tableau(bloc, document), _section(2))
            elif genre is Genre.TABLEAU:  # two tables that touch would be one, and a body cannot end with one
                morceaux += (_tableau(bloc, document), _paragraphe((), "Interligne"))
            else:
                morceaux.append(_bloc(bloc, document, annonce=id(bloc) in annonces))
    return f"<w:document {NAMESPACES}><w:body>{''.join(morceaux)}{_pages(1)}</w:body></w:document>"


def _pages(colonnes: int) -> str:
    """Return how the pages of a section are laid out; a section goes on below the one before."""
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId5"/>'
        '<w:footerReference w:type="default" r:id="rId6"/><w:type w:val="continuous"/>'
        '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1361" w:right="1303" w:bottom="1361" w:left="1303" '
        'w:header="624" w:footer="624" w:gutter="0"/>'
        f'<w:cols w:num="{colonnes}" w:space="{GOUTTIERE}"/></w:sectPr>'
    )


def _section(colonnes: int) -> str:
    """End a section, of which the text before is written on as many columns."""
    return f'<w:p><w:pPr><w:pStyle w:val="Interligne"/>{_pages(colonnes)}</w:pPr></w:p>'


def _bloc(bloc: Bloc, document: Document, *, annonce: bool) -> str:
    if bloc.genre is Genre.TITRE:
        return _paragraphe(bloc.passages, f"Heading{bloc.niveau}", colore=document.colore)
    if bloc.genre is Genre.PUCE:
        numero = f'<w:numPr><w:ilvl w:val="{bloc.niveau}"/><w:numId w:val="1"/></w:numPr>'
        return _paragraphe(bloc.passages, "ListBullet", numero, colore=document.colore)
    return _paragraphe(bloc.passages, numero="<w:keepNext/>" if annonce else "", colore=document.colore)


def _paragraphe(passages: Passages, style: str = "", numero: str = "", *, colore: bool = False) -> str:
    nom = f'<w:pStyle w:val="{style}"/>' if style else ""
    proprietes = f"<w:pPr>{nom}{numero}</w:pPr>" if nom or numero else ""
    return f"<w:p>{proprietes}{''.join(_passage(passage, colore) for passage in passages)}</w:p>"


def _passage(passage: Passage, colore: bool) -> str:
    aspect = _COULEURS[passage.couleur] if colore else ""
    lignes = [
        "<w:tab/>".join(f'<w:t xml:space="preserve">{escape(texte)}</w:t>' for texte in ligne.split("\t"))
        for ligne in passage.texte.split("\n")
    ]
    return f"<w:r>{f'<w:rPr>{aspect}</w:rPr>' if aspect else ''}{'<w:br/>'.join(lignes)}</w:r>"


_MARGES_SERREES = (
    '<w:tblCellMar><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/></w:tblCellMar>'
)
"""Margins of the cells of a table in small type: a column is as wide as its longest word."""


def _tableau(bloc: Bloc, document: Document) -> str:
    poids = largeurs(bloc)
    largeur_totale = (LARGEUR - GOUTTIERE) // 2 if bloc.serre else LARGEUR
    grille = [largeur_totale * un // sum(poids) for un in poids]
    styles = ("EnTeteSerre", "Serre") if bloc.serre else ("EnTete", "Cellule")
    colonnes = "".join(f'<w:gridCol w:w="{largeur}"/>' for largeur in grille)
    lignes = []
    for rang, ligne in enumerate(bloc.lignes):
        entete = rang == 0 and len(bloc.lignes) > 1
        suite = "<w:keepNext/>" if tient_ensemble(bloc) and rang < len(bloc.lignes) - 1 else ""
        cellules = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{largeur}" w:type="dxa"/></w:tcPr>'
            f"{_paragraphe(cellule, styles[0 if entete else 1], suite, colore=document.colore)}</w:tc>"
            for largeur, cellule in zip(grille, ligne, strict=True)
        )
        marque = f"<w:trPr><w:cantSplit/>{'<w:tblHeader/>' if entete else ''}</w:trPr>"
        lignes.append(f"<w:tr>{marque}{cellules}</w:tr>")
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/>'
        f"{_MARGES_SERREES if bloc.serre else ''}"
        '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        f'w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{colonnes}</w:tblGrid>{"".join(lignes)}</w:tbl>'
    )


def _entete(document: Document) -> str:
    legende: Passages = ()
    if document.colore:
        verte, jaune = (Passage(texte, couleur) for couleur, texte in LEGENDE.items())
        legende = (verte, Passage("\t"), jaune)
    filigrane = f"<w:r>{WATERMARK.format(texte=FILIGRANE)}</w:r>" if document.projet else ""
    paragraphe = _paragraphe(legende, "Header", colore=True).removesuffix("</w:p>")
    return f"<w:hdr {NAMESPACES}>{paragraphe}{filigrane}</w:p></w:hdr>"


def _pied(document: Document) -> str:
    numeros = "".join(
        f'<w:r><w:t xml:space="preserve">{avant}</w:t></w:r>'
        f'<w:fldSimple w:instr="{champ}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        for avant, champ in zip(PAGE, ("PAGE", "NUMPAGES"), strict=True)
    )
    paragraphe = _paragraphe((Passage(document.pied), Passage("\t")), "Footer").removesuffix("</w:p>")
    return f"<w:ftr {NAMESPACES}>{paragraphe}{numeros}</w:p></w:ftr>"


def _proprietes(document: Document, le: datetime) -> str:
    instant = le.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return PROPERTIES.format(
        titre=escape(titre_du_fichier(document)), langue=_langue(document), instant=instant
    )


def _langue(document: Document) -> str:
    return "fr-FR" if document.langue == "fr" else escape(document.langue)
