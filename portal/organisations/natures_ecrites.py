"""The natures that a cell names, as people write them: acronyms, synonyms, close writings."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from portal.organisations.natures import read_toml
from portal.shared.text import normalise

PROCHE, VOISIN = 0.84, 0.6  # likeness of a writing taken for another, then of one merely offered
PLUS_COURT = 5  # letters below which two writings are never taken for one another
PROPOSEES = 4

SEPARATEURS = re.compile(r"[,;/+&\n|•]| et |\s[-–]\s|\s[-–](?=[a-zA-Z])", re.IGNORECASE)
_NOMBRE = re.compile(
    r"(?:^(\d{1,5})\s+|[\s:(]+(\d{1,5}))\s*(?:places?|pl|lits?|logements?|lgts?)?[.)\s]*", re.IGNORECASE
)
_PARENTHESES = re.compile(r"\(([^)]*)\)?")
_PETITS_MOTS = frozenset(
    {"a", "au", "aux", "avec", "d", "de", "des", "du", "en", "l", "la", "le", "les", "pour", "un", "une"}
    | {"dispositif", "lit", "logt", "pl", "place", "type"}
)


@dataclass(frozen=True)
class Nommee:
    """What one part of a cell means.

    `texte`: its words, without the number of places; `codes`: the natures it may be, the first one taken,
    none when it is unknown; `nombre`: of places, when it is written there; `supposee`: taken for a close
    writing; `voisins`: natures of close writings.
    """

    texte: str
    codes: tuple[str, ...] = ()
    nombre: int | None = None
    supposee: bool = False
    voisins: tuple[str, ...] = ()


class Lexique:
    """The writings of the natures. `connues`: (code, label) of those that exist, in their order."""

    def __init__(self, connues: Iterable[tuple[str, str]]) -> None:
        self.libelles: Mapping[str, str] = dict(connues)
        self._codes: dict[str, tuple[str, ...]] = {}
        for row in read_toml("natures_ecrites"):
            codes = tuple(code for code in row["natures"] if code in self.libelles)
            for texte in row["textes"]:
                if codes:
                    self._codes.setdefault(cle(texte), codes)
        for code, libelle in self.libelles.items():
            self._codes.setdefault(cle(libelle), (code,))
            self._codes[cle(code)] = (code,)
        self._lues: dict[str, tuple[Nommee, ...]] = {}
        self._longs = [ecrit for ecrit in self._codes if len(ecrit) >= PLUS_COURT]

    def lire(self, valeur: str) -> tuple[Nommee, ...]:
        """Return what each part of a cell means; a label may hold a separator of its own."""
        if valeur not in self._lues:
            self._lues[valeur] = tuple(self._lire(valeur))
        return self._lues[valeur]

    def _lire(self, valeur: str) -> Sequence[Nommee]:
        entiere = self._codes.get(cle(valeur))
        if entiere:
            return [Nommee(valeur, entiere)]
        parties = [partie.strip() for partie in SEPARATEURS.split(valeur) if partie.strip()]
        nommees: list[Nommee] = []
        rang = 0
        while rang < len(parties):
            fins = range(len(parties), rang + 1, -1)
            connue = (fin for fin in fins if cle(" ".join(parties[rang:fin])) in self._codes)
            fin = next(connue, rang + 1)
            nommees.append(self._partie(" / ".join(parties[rang:fin]), parties[rang - 1] if rang else ""))
            rang = fin
        return nommees

    def _partie(self, texte: str, precedente: str) -> Nommee:
        """Return what one part means; « CHRS insertion + urgence » says its first word once for both."""
        debut = cle(precedente).partition(" ")[0]
        trouvee = self._codes.get(f"{debut} {cle(texte)}") if debut else None
        if trouvee:
            return Nommee(texte, trouvee)
        nombre = _NOMBRE.search(texte)
        if nombre is None or cle(texte) in self._codes:  # « 115 » is a nature
            return self._sure(texte) or self._approchee(texte)
        reste = (texte[: nombre.start()] + " " + texte[nombre.end() :]).strip()
        nommee = self._sure(reste) or self._approchee(reste)
        return replace(nommee, nombre=int(nombre[1] or nombre[2]))

    def _sure(self, texte: str) -> Nommee | None:
        dedans = _PARENTHESES.search(texte)
        ecritures = [texte, _PARENTHESES.sub(" ", texte), dedans[1] if dedans else ""]
        codes = next((self._codes[cle(e)] for e in ecritures if cle(e) in self._codes), None)
        return Nommee(texte, codes) if codes else None

    def _approchee(self, texte: str) -> Nommee:
        """Return the nature whose writing begins or ends the part, or is close to it."""
        mots = cle(texte).split()
        for longueur in range(len(mots) - 1, 0, -1):
            for suite in (mots[:longueur], mots[-longueur:]):
                codes = self._codes.get(" ".join(suite))
                if codes:
                    return Nommee(texte, codes, supposee=True)
        ecrit = " ".join(mots)
        proches = get_close_matches(ecrit, self._longs, PROPOSEES, VOISIN) if len(ecrit) >= PLUS_COURT else []
        sure = get_close_matches(ecrit, proches, 1, PROCHE)
        if sure:
            return Nommee(texte, self._codes[sure[0]], supposee=True)
        voisins = dict.fromkeys(code for proche in proches for code in self._codes[proche])
        return Nommee(texte, voisins=tuple(voisins)[:PROPOSEES])


def cle(texte: str) -> str:
    """Return what two writings of one nature have in common: no accents, plurals nor small words."""
    mots = (_singulier(mot) for mot in normalise(texte).split())
    return " ".join(mot for mot in mots if mot not in _PETITS_MOTS)


def _singulier(mot: str) -> str:
    return mot[:-1] if len(mot) > 4 and mot[-1] in "sx" else mot
