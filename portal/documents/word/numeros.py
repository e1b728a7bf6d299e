"""The bullets and numbers that Word writes by itself in front of paragraphs."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

_ROMAINS = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
NIVEAUX = 9


@dataclass(frozen=True, slots=True)
class Niveau:
    """A level of a list: its format, its text (`%1.%2`) and its first number."""

    format: str
    texte: str
    debut: int


class Numeros:
    """The lists of a file, counted as the text is read."""

    def __init__(self, racine: Element | None) -> None:
        self._niveaux: dict[str, dict[int, Niveau]] = {}
        self._abstraits: dict[str, str] = {}
        self._comptes: dict[str, list[int | None]] = {}
        if racine is None:
            return
        modeles = {e.get("abstractNumId", ""): _niveaux(e) for e in racine.findall("abstractNum")}
        for num in racine.findall("num"):
            numero, lien = num.get("numId", ""), num.find("abstractNumId")
            abstrait = lien.get("val", "") if lien is not None else ""
            niveaux = dict(modeles.get(abstrait, {}))
            for change in num.findall("lvlOverride"):
                niveaux.update(_niveaux(change))
            self._niveaux[numero], self._abstraits[numero] = niveaux, abstrait
            if num.find("lvlOverride/startOverride") is not None:
                self._abstraits[numero] = f"{abstrait}/{numero}"

    def suivant(self, numero: str, rang: int) -> str | None:
        """Return what stands before the next paragraph of a list: "" for a bullet, None for nothing."""
        niveaux = self._niveaux.get(numero)
        if niveaux is None or rang not in niveaux:
            return None
        comptes = self._comptes.setdefault(self._abstraits[numero], [None] * NIVEAUX)
        avant = comptes[rang]
        comptes[rang] = niveaux[rang].debut if avant is None else avant + 1
        comptes[rang + 1 :] = [None] * (NIVEAUX - rang - 1)
        if niveaux[rang].format == "bullet":
            return ""
        if niveaux[rang].format == "none":
            return None
        texte = niveaux[rang].texte
        for place in range(rang + 1):
            niveau = niveaux.get(place, niveaux[rang])
            compte = comptes[place]
            texte = texte.replace(
                f"%{place + 1}", _ecrit(niveau.debut if compte is None else compte, niveau.format)
            )
        return texte.strip() or None


def _niveaux(parent: Element) -> dict[int, Niveau]:
    niveaux = {}
    for element in parent.findall("lvl"):
        rang = entier(element.get("ilvl"), -1)
        if 0 <= rang < NIVEAUX:
            niveaux[rang] = Niveau(
                _valeur(element, "numFmt", "decimal"),
                _valeur(element, "lvlText", f"%{rang + 1}."),
                entier(_valeur(element, "start", "1"), 1),
            )
    return niveaux


def entier(texte: str | None, defaut: int) -> int:
    """Return a short whole number, or the default."""
    return int(texte) if texte and texte.isascii() and texte.isdigit() and len(texte) < 7 else defaut


def _valeur(parent: Element, nom: str, defaut: str) -> str:
    element = parent.find(nom)
    return defaut if element is None else element.get("val", defaut)


def _ecrit(nombre: int, format_: str) -> str:
    if format_ in {"lowerLetter", "upperLetter"} and nombre > 0:
        lettres = chr(ord("a") + (nombre - 1) % 26) * min((nombre - 1) // 26 + 1, 9)
        return lettres.upper() if format_ == "upperLetter" else lettres
    if format_ in {"lowerRoman", "upperRoman"} and 0 < nombre < 4000:
        reste, ecrit = nombre, ""
        for valeur, signe in _ROMAINS:
            fois, reste = divmod(reste, valeur)
            ecrit += signe * fois
        return ecrit.upper() if format_ == "upperRoman" else ecrit
    if format_ == "decimalZero":
        return f"{nombre:02d}"
    return str(nombre)
