"""The colour of a passage: its highlight or its shading, its own or those of its styles."""

import colorsys
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from portal.documents.texte import Couleur

_SURLIGNAGES = {
    "green": Couleur.VERTE,
    "brightGreen": Couleur.VERTE,
    "darkGreen": Couleur.VERTE,
    "lightGreen": Couleur.VERTE,
    "yellow": Couleur.JAUNE,
    "darkYellow": Couleur.JAUNE,
    "lightYellow": Couleur.JAUNE,
}
_SANS = {"none", "white", "black", "lightGray", "darkGray"}
JAUNES, VERTS = (42, 68), (68, 168)  # hues, in degrees
SATURATION, SOMBRE = 0.2, 0.1  # under them a fill is a grey, a black

AUTRE = "autre"  # highlighted, in a colour that means nothing here
Teinte = Couleur | str | None


def teinte(proprietes: Element | None) -> Teinte:
    """Return what the properties of a run, a paragraph or a cell say of colour, None when nothing."""
    if proprietes is None:
        return None
    surlignage = proprietes.find("highlight")
    if surlignage is not None:
        valeur = surlignage.get("val", "none")
        return Couleur.FIXE if valeur in _SANS else _SURLIGNAGES.get(valeur, AUTRE)
    fond = proprietes.find("shd")
    return None if fond is None else de_fond(fond)


def de_fond(fond: Element) -> Teinte:
    """Return the colour of a shading, by its hue."""
    code = fond.get("color" if fond.get("val") == "solid" else "fill", "auto")
    try:
        rouge, vert, bleu = (octet / 255 for octet in bytes.fromhex(code.lstrip("#")))
    except ValueError:
        return None
    teinte_, clarte, saturation = colorsys.rgb_to_hls(rouge, vert, bleu)
    degres = teinte_ * 360
    if saturation < SATURATION or clarte < SOMBRE or clarte > 1 - 1 / 255:
        return Couleur.FIXE
    if JAUNES[0] <= degres < JAUNES[1]:
        return Couleur.JAUNE
    return Couleur.VERTE if VERTS[0] <= degres < VERTS[1] else AUTRE


class Styles:
    """The styles of a file: their colour, their level of heading, their list."""

    def __init__(self, racine: Element | None) -> None:
        self._styles = {
            style.get("styleId", ""): style for style in (racine.iter("style") if racine is not None else ())
        }

    def nom(self, style: str) -> str:
        """Return the name of a style in lower case, as Word writes it in every language."""
        element = self._styles.get(style)
        nom = element.find("name") if element is not None else None
        return (nom.get("val", "") if nom is not None else "").lower()

    def lignee(self, style: str) -> Iterator[Element]:
        """Return a style and those it is based on, nearest first."""
        vus: set[str] = set()
        while style in self._styles and style not in vus:
            vus.add(style)
            element = self._styles[style]
            yield element
            base = element.find("basedOn")
            style = base.get("val", "") if base is not None else ""

    def propriete(self, style: str, chemin: str) -> Element | None:
        """Return the nearest element at a path (`pPr/numPr`) among a style and those it is based on."""
        return next((e for s in self.lignee(style) if (e := s.find(chemin)) is not None), None)

    def teinte(self, style: str) -> Teinte:
        """Return the colour that a style gives its passages."""
        for element in self.lignee(style):
            for partie in ("rPr", "pPr"):
                trouvee = teinte(element.find(partie))
                if trouvee is not None:
                    return trouvee
        return None
