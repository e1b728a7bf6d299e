"""A Word file as blocks of coloured passages: body, tables, lists, notes, text boxes, headers and footers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from portal.documents.rendu.commun import LEGENDE
from portal.documents.texte import Bloc, Couleur, Document, Genre, Passage, Passages
from portal.documents.word.couleurs import Styles, Teinte, teinte
from portal.documents.word.numeros import Numeros, entier
from portal.documents.word.paquet import Paquet
from portal.documents.word.passages import Lecture, Paragraphe, fondre
from portal.shared.errors import DomainError

NIVEAU_MAX = 4
TITRE_MAX = 160  # characters of a heading that only its number tells
# Around the pages: the words beside their numbers, and the legend of the portal's own working copies.
_SANS_TEXTE = re.compile(
    r"\W*(?:page)?\W*(?:sur|de)?\W*|" + re.escape("\t".join(LEGENDE.values())), re.IGNORECASE
)
_NUMERO = re.compile(r"(?:article|art\.)\s+(\d+(?:[.-]\d+)*)|(\d+(?:\.\d+)+)", re.IGNORECASE)
_PARTIE = re.compile(r"(?:annexe\s+[A-Z\d]{1,4}|préambule|visas)\s*(?:$|[–—:.-])", re.IGNORECASE)
_SUITE = re.compile(r"[a-z]?\.?\s*(?:$|[–—:-]\s*\S|\s\s*[A-ZÀ-Ý«])")
_STYLE_TITRE = re.compile(r"(?:heading|titre) ([1-9])")


@dataclass(frozen=True, slots=True)
class Avertissement:
    """What the reading set aside or decided: the code of its text, and what fills it."""

    code: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentLu:
    """What a Word file says. `titre` is empty when no paragraph has the style of a title."""

    titre: str
    blocs: tuple[Bloc, ...]
    entetes: tuple[Bloc, ...] = ()
    notes: tuple[Bloc, ...] = ()
    pieds: tuple[Bloc, ...] = ()
    avertissements: tuple[Avertissement, ...] = ()

    def tous(self) -> tuple[Bloc, ...]:
        """Return every block: headers, body, notes, footers."""
        return (*self.entetes, *self.blocs, *self.notes, *self.pieds)

    def document(self) -> Document:
        """Return the same text ready to be written, in its colours."""
        return Document(self.titre, self.tous(), colore=True)


def lire(contenu: bytes) -> DocumentLu:
    """Read a DOCX. Raises DomainError `word.*` or `fichier.*` when it cannot be, with what to do about it."""
    return _Lecteur(Paquet(contenu)).lire()


class _Lecteur:
    def __init__(self, paquet: Paquet) -> None:
        self.paquet = paquet
        self.relations = paquet.relations(paquet.principale)
        self.styles = Styles(self._liee("styles"))
        self.numeros = Numeros(self._liee("numbering"))
        self.lecture = Lecture(self.styles)

    def lire(self) -> DocumentLu:
        racine = self.paquet.partie(self.paquet.principale)
        corps = racine.find("body") if racine is not None else None
        if corps is None:
            raise DomainError("word.illisible")
        blocs = list(self._blocs(corps, None))
        titre = ""
        if blocs and blocs[0].genre is Genre.TITRE and blocs[0].niveau == 0:
            titre = blocs.pop(0).texte
        blocs = [
            Bloc(Genre.TITRE, b.passages, 1) if b.genre is Genre.TITRE and b.niveau == 0 else b for b in blocs
        ]
        notes = self._notes()
        entetes, pieds = self._marges("header"), self._marges("footer")
        lu = DocumentLu(titre, tuple(blocs), entetes, notes, pieds)
        if not titre and not any(bloc.texte.strip() for bloc in lu.tous()):
            raise DomainError("word.vide")
        return DocumentLu(titre, lu.blocs, entetes, notes, pieds, self._avertissements(lu))

    def _liee(self, genre: str) -> Element | None:
        return next((self.paquet.partie(r.cible) for r in self.relations.values() if r.genre == genre), None)

    def _marges(self, genre: str) -> tuple[Bloc, ...]:
        """Return the headers or the footers, each different one once."""
        gardes: dict[str, Bloc] = {}
        cibles = dict.fromkeys(r.cible for r in self.relations.values() if r.genre == genre)
        for cible in cibles:
            racine = self.paquet.partie(cible)
            for bloc in self._blocs(racine, None) if racine is not None else ():
                if not _SANS_TEXTE.fullmatch(bloc.texte):
                    gardes.setdefault(bloc.texte, bloc)
        return tuple(gardes.values())

    def _notes(self) -> tuple[Bloc, ...]:
        sources = {
            genre: {note.get("id", ""): note for note in racine.findall(genre)}
            for genre in ("footnote", "endnote")
            if (racine := self._liee(f"{genre}s")) is not None
        }
        blocs: list[Bloc] = []
        for rang, (genre, numero) in enumerate(list(self.lecture.notes), start=1):
            note = sources.get(genre, {}).get(numero)
            lus = [bloc for bloc in self._blocs(note, None) if bloc.texte.strip()] if note is not None else []
            blocs.append(Bloc(Genre.PARAGRAPHE, (Passage(f"[note {rang}]"),)))
            blocs.extend(lus)
        return tuple(blocs)

    def _avertissements(self, lu: DocumentLu) -> tuple[Avertissement, ...]:
        faits = self.lecture.faits
        commentaires = self._liee("comments")
        faits["commentaires"] = len(commentaires.findall("comment")) if commentaires is not None else 0
        dits = [
            Avertissement(f"word.{nom}", {"nombre": nombre})
            for nom, nombre in sorted(faits.items())
            if nombre
        ]
        if all(p.couleur is Couleur.FIXE for bloc in lu.tous() for p in bloc.toutes()):
            dits.insert(0, Avertissement("word.sans_couleur", {}))
        return tuple(dits)

    # -- Blocks ---------------------------------------------------------------------------------------------

    def _blocs(self, parent: Element, fond: Teinte) -> Iterator[Bloc]:
        """Return the blocks of a body, a cell, a note; a paragraph whose end was deleted goes on."""
        suspendu: list[tuple[str, Couleur]] = []
        for enfant in _contenu(parent):
            if enfant.tag == "p":
                paragraphe = self._paragraphe(enfant, fond, suspendu)
                suspendu = []
                if enfant.find("pPr/rPr/del") is not None:
                    suspendu = paragraphe.morceaux
                else:
                    yield self._bloc(enfant, paragraphe.passages())
                for cadre in paragraphe.cadres:
                    yield from self._blocs(cadre, None)
            elif enfant.tag == "tbl":
                yield self._tableau(enfant)
            elif enfant.tag == "altChunk":
                self.lecture.faits["annexes"] += 1
        if suspendu:
            yield Bloc(Genre.PARAGRAPHE, fondre(suspendu))

    def _paragraphe(self, element: Element, fond: Teinte, debut: list[tuple[str, Couleur]]) -> Paragraphe:
        propre = teinte(element.find("pPr"))
        if propre is None:
            propre = self.styles.teinte(self._style(element))
        paragraphe = Paragraphe(self.lecture, fond if propre is None else propre, list(debut))
        paragraphe.lire(element)
        return paragraphe

    def _bloc(self, element: Element, passages: Passages) -> Bloc:
        style = self._style(element)
        niveau = self._niveau(element, style)
        numero, rang = self._numero(element, style)
        if numero and passages:
            passages = (Passage(f"{numero} "), *passages)
        texte = "".join(passage.texte for passage in passages)
        if niveau is None and numero != "" and not self.styles.nom(style).startswith("toc "):
            niveau = niveau_devine(texte)
        if niveau is not None and texte.strip():
            return Bloc(Genre.TITRE, passages, niveau)
        if numero == "" and texte.strip():
            return Bloc(Genre.PUCE, passages, rang)
        return Bloc(Genre.PARAGRAPHE, passages)

    def _style(self, element: Element) -> str:
        style = element.find("pPr/pStyle")
        return style.get("val", "") if style is not None else ""

    def _niveau(self, element: Element, style: str) -> int | None:
        """Return the level of a heading, 0 for the title of the document, None for what is no heading."""
        for un in self.styles.lignee(style):
            nom = self.styles.nom(un.get("styleId", ""))
            if nom in {"title", "titre"}:
                return 0
            if trouve := _STYLE_TITRE.fullmatch(nom):
                return min(int(trouve.group(1)), NIVEAU_MAX)
        plan = element.find("pPr/outlineLvl")
        if plan is None:
            plan = self.styles.propriete(style, "pPr/outlineLvl")
        rang = entier(plan.get("val"), 9) if plan is not None else 9
        return min(rang + 1, NIVEAU_MAX) if rang < 9 else None

    def _numero(self, element: Element, style: str) -> tuple[str | None, int]:
        num = element.find("pPr/numPr")
        if num is None:
            num = self.styles.propriete(style, "pPr/numPr")
        if num is None:
            return None, 0
        lien, rang = num.find("numId"), num.find("ilvl")
        niveau = entier(rang.get("val"), 0) if rang is not None else 0
        return self.numeros.suivant(lien.get("val", "") if lien is not None else "", niveau), niveau

    def _tableau(self, element: Element) -> Bloc:
        lignes = []
        for ligne in _contenu(element):
            if ligne.tag != "tr":
                continue
            if ligne.find("trPr/del") is not None:
                self.lecture.faits["suppressions"] += 1
                continue
            cellules: list[Passages] = []
            for cellule in _contenu(ligne):
                if cellule.tag == "tc":
                    cellules.append(self._cellule(cellule))
                    etendue = cellule.find("tcPr/gridSpan")
                    largeur = entier(etendue.get("val"), 1) if etendue is not None else 1
                    cellules.extend(() for _ in range(min(largeur, 64) - 1))
            lignes.append(tuple(cellules))
        return Bloc(Genre.TABLEAU, lignes=tuple(lignes))

    def _cellule(self, element: Element) -> Passages:
        """Return a cell on as many lines as it has paragraphs; a table inside is written as its text."""
        morceaux: list[tuple[str, Couleur]] = []
        for bloc in self._blocs(element, teinte(element.find("tcPr"))):
            if morceaux:
                morceaux.append(("\n", Couleur.FIXE))
            if bloc.genre is Genre.PUCE:
                morceaux.append(("• ", Couleur.FIXE))
            if bloc.genre is Genre.TABLEAU:
                morceaux.extend(_a_plat(bloc))
            morceaux.extend((p.texte, p.couleur) for p in bloc.passages)
        return fondre(morceaux)


def niveau_devine(texte: str) -> int | None:
    """Return the level that a number gives a short line: 1 for « Article 5 », 2 for « 5.2 – … »."""
    ligne = texte.strip()
    if not ligne or len(ligne) > TITRE_MAX or "\n" in ligne or ligne[-1] in ";,:":
        return None
    if _PARTIE.match(ligne):
        return 1
    trouve = _NUMERO.match(ligne)
    if trouve is None or not _SUITE.match(ligne, trouve.end()):
        return None
    if ligne.endswith(".") and ligne.count(" ") > 12:
        return None
    numero = trouve.group(1) or trouve.group(2)
    return min(len(re.split(r"[.-]", numero)), NIVEAU_MAX)


def _contenu(parent: Element) -> Iterator[Element]:
    """Return the children of an element, those of the wrappers that Word puts around them included."""
    for enfant in parent:
        if enfant.tag in {"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"}:
            yield from _contenu(enfant)
        elif enfant.tag == "mc_AlternateContent":
            choix = enfant.find("mc_Choice")
            yield from _contenu(choix if choix is not None else enfant)
        else:
            yield enfant


def _a_plat(bloc: Bloc) -> Iterator[tuple[str, Couleur]]:
    for rang, ligne in enumerate(bloc.lignes):
        if rang:
            yield "\n", Couleur.FIXE
        for place, cellule in enumerate(ligne):
            if place:
                yield "\t", Couleur.FIXE
            yield from ((p.texte, p.couleur) for p in cellule)
