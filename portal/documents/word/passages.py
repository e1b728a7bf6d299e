"""The coloured passages of a paragraph: its runs, tracked changes accepted, fields by their result."""

from collections import Counter
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from portal.documents.texte import Couleur, Passage, Passages
from portal.documents.word.couleurs import AUTRE, Styles, Teinte, teinte

_SUPPRIMES = {"del", "moveFrom"}
_AJOUTES = {"ins", "moveTo"}
_OBJETS = {"x_blip", "object", "x_imagedata", "x_chart"}
_NUMEROS_DE_PAGE = {"PAGE", "NUMPAGES", "SECTIONPAGES"}
_FIXES = {
    "tab": "\t",
    "x_ptab": "\t",
    "ptab": "\t",
    "cr": "\n",
    "noBreakHyphen": "\u2011",
    "softHyphen": "\u00ad",
}
_SYMBOLES = {
    "A8": "☐", "6F": "☐", "71": "☐", "FE": "☑", "FD": "☒", "78": "☒", "FC": "✓", "FB": "✗",
    "E0": "→", "E8": "→", "F0": "→", "B7": "•", "A7": "▪", "2D": "-",
}  # fmt: skip
INCONNU = "□"


@dataclass(slots=True)
class Lecture:
    """What is known while a file is read: its styles, what was set aside, the notes called so far."""

    styles: Styles
    faits: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[str, str]] = field(default_factory=list)  # (footnote or endnote, identifier)


@dataclass(slots=True)
class Paragraphe:
    """Gathers the passages of one paragraph and the text boxes it holds."""

    lecture: Lecture
    fond: Teinte = None  # the colour of the paragraph, of its style or of its cell
    morceaux: list[tuple[str, Couleur]] = field(default_factory=list)
    cadres: list[Element] = field(default_factory=list)
    champs: list[str] = field(default_factory=list)  # fields being read: their instruction, "" once in result

    def lire(self, parent: Element) -> None:
        """Read what a paragraph, or what wraps runs in it, holds."""
        for enfant in parent:
            nom = enfant.tag
            if nom == "r":
                self._passage(enfant)
            elif nom in _SUPPRIMES:
                self.lecture.faits["suppressions"] += 1
            elif nom == "fldSimple":
                if _instruction(enfant.get("instr", "")) not in _NUMEROS_DE_PAGE:
                    self.lire(enfant)
            elif nom.startswith("m_"):
                self._ecrire("".join(t.text or "" for t in enfant.iter("m_t")), self.fond)
            elif nom == "mc_AlternateContent":
                self._variante(enfant, None)
            elif nom not in {"pPr", "rPr", "sdtPr", "sdtEndPr", "rt"}:
                self.lecture.faits["insertions"] += nom in _AJOUTES
                self.lire(enfant)

    def _passage(self, run: Element) -> None:
        proprietes = run.find("rPr")
        couleur = self._teinte(proprietes)
        if proprietes is not None and _actif(proprietes, "vanish"):
            self.lecture.faits["masque"] += 1
        avant = len(self.morceaux)
        for enfant in run:
            self._morceau(enfant, couleur)
        if couleur is AUTRE and len(self.morceaux) > avant:
            self.lecture.faits["autres_couleurs"] += 1

    def _morceau(self, enfant: Element, couleur: Teinte) -> None:
        nom = enfant.tag
        if nom in {"drawing", "pict", "object"}:
            self._objet(enfant)
        elif nom == "mc_AlternateContent":
            self._variante(enfant, couleur)
        elif nom == "fldChar":
            self._champ(enfant.get("fldCharType", ""))
        elif nom == "instrText" and self.champs:
            self.champs[-1] += enfant.text or ""
        elif nom == "ruby":
            self.lire(enfant)
        else:
            self._ecrire(self._texte(enfant), couleur)

    def _texte(self, enfant: Element) -> str:
        nom = enfant.tag
        if nom == "t":
            return enfant.text or ""
        if nom == "br":
            return "\n" if enfant.get("type", "textWrapping") == "textWrapping" else ""
        if nom == "sym":
            signe = _SYMBOLES.get(enfant.get("char", "").upper()[-2:], INCONNU)
            self.lecture.faits["symboles"] += signe == INCONNU
            return signe
        if nom in {"footnoteReference", "endnoteReference"}:
            self.lecture.notes.append((nom.removesuffix("Reference"), enfant.get("id", "")))
            return f"[note {len(self.lecture.notes)}]"
        return _FIXES.get(nom, "")

    def _variante(self, element: Element, couleur: Teinte) -> None:
        """Read the first of several ways to say the same thing."""
        choix = element.find("mc_Choice")
        if choix is None:
            choix = element.find("mc_Fallback")
        for enfant in choix if choix is not None else ():
            if enfant.tag == "r":
                self._passage(enfant)
            else:
                self._morceau(enfant, couleur)

    def _objet(self, element: Element) -> None:
        cadres = list(element.iter("txbxContent"))
        self.cadres.extend(cadres)
        if not cadres and any(e.tag in _OBJETS for e in element.iter()):
            self.lecture.faits["images"] += 1

    def _champ(self, genre: str) -> None:
        if genre == "begin":
            self.champs.append("")
        elif genre == "separate" and self.champs:
            self.champs[-1] = "!" if _instruction(self.champs[-1]) in _NUMEROS_DE_PAGE else ""
        elif genre == "end" and self.champs:
            self.champs.pop()

    def _ecrire(self, texte: str, couleur: Teinte) -> None:
        if texte and "!" not in self.champs:
            self.morceaux.append((texte, couleur if isinstance(couleur, Couleur) else Couleur.FIXE))

    def _teinte(self, proprietes: Element | None) -> Teinte:
        trouvee = teinte(proprietes)
        if trouvee is None and proprietes is not None:
            style = proprietes.find("rStyle")
            trouvee = self.lecture.styles.teinte(style.get("val", "")) if style is not None else None
        return self.fond if trouvee is None else trouvee

    def passages(self) -> Passages:
        """Return the passages read, those of one colour together, spaces between them included."""
        return fondre(self.morceaux)


def fondre(morceaux: list[tuple[str, Couleur]]) -> Passages:
    """Join the consecutive pieces of one colour; blanks between two of them take it too."""
    groupes: list[tuple[list[str], Couleur]] = []
    for texte, couleur in morceaux:
        if groupes and groupes[-1][1] is couleur:
            groupes[-1][0].append(texte)
            continue
        if (
            len(groupes) > 1
            and groupes[-2][1] is couleur
            and groupes[-1][1] is Couleur.FIXE
            and not "".join(groupes[-1][0]).strip(" \u00a0\u202f")
        ):
            blancs, _ = groupes.pop()
            groupes[-1][0].extend([*blancs, texte])
            continue
        groupes.append(([texte], couleur))
    return tuple(Passage("".join(textes), couleur) for textes, couleur in groupes)


def _actif(proprietes: Element, nom: str) -> bool:
    element = proprietes.find(nom)
    return element is not None and element.get("val", "true") not in {"0", "false", "off"}


def _instruction(texte: str) -> str:
    return (texte.split() or [""])[0].upper()
