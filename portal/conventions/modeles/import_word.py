"""From what a Word file says to the draft of a model: articles, clauses, fields. Pure.

Nothing is lost: the words of the draft are compared with those that were read, and the first difference is
told. Only the numbers in front of headings are left to the portal, which computes them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from portal.conventions.modeles.composition import ANNEXES, numeroter
from portal.conventions.modeles.contenu import Article, Clause, Gabarit, Modele, Parametre, TypeParametre
from portal.conventions.modeles.texte import afficher, blocs_clause, source_tableau
from portal.conventions.modeles.valeurs import LONGUEUR_LIGNE
from portal.documents.texte import Bloc, Couleur, Genre, Passage, Passages
from portal.documents.word.lecture import Avertissement, DocumentLu
from portal.shared.messages import N_, register
from portal.shared.text import normalise

register(
    {
        "modeles.import_ecart": N_(
            "Le texte importé diffère du document : « %(attendu)s » est devenu « %(obtenu)s »."
        ),
        "modeles.import_numeros": N_(
            "Titres que le portail numérote autrement (numéro lu, numéro calculé) : %(liste)s."
        ),
        "modeles.import_titres_colores": N_("Titres surlignés, importés comme fixes : %(liste)s."),
        "modeles.import_sans_titre": N_(
            "Aucun titre d’article n’a été reconnu : tout le texte est dans une seule clause."
        ),
    }
)

ENTETE, OUVERTURE, NOTES, PIED = "ENTETE", "OUVERTURE", "NOTES", "PIED"
AJOUTES = {
    ENTETE: "En-tête des pages",
    OUVERTURE: "Ouverture",
    NOTES: "Notes",
    PIED: "Pied des pages",
}
"""Articles that hold what stands before the first heading or around the pages, and their titles."""
TITRE_ANNEXES = "Annexes"
LIBELLE = 80  # characters
CODE = 40
VOISINS = 12  # passages before a field, of which the last words name it

_ARTICLE = re.compile(r"article\s+(\d{1,3})(?![\d.]*\d)\s*[.:–—-]*\s*(\S.*)", re.IGNORECASE)
_SOUS = re.compile(r"(?:article\s+)?(\d{1,3}(?:[.-]\d{1,3})+)\s*[.:–—-]*\s*(\S.*)", re.IGNORECASE)
_ANNEXE = re.compile(r"annexe\s+([A-Z]|\d{1,2})\s*[.:–—-]+\s*(\S.*)", re.IGNORECASE)
_PUCES = frozenset("-•▪◦")
_NOMBRE = re.compile(r"(\d{1,6})(?:[ \u00a0\u202f]([^\W\d_]+(?: [^\W\d_]+)?|%))?")
_MARQUES = re.compile(r"\{(?=\{)|\[(?=\[)")
_JOINT = "\u2060"  # separates what the portal would take for its own marks; it is neither seen nor a word
_COURTS = frozenset(
    ("de", "du", "des", "la", "le", "les", "un", "une", "et", "ou", "a", "au", "aux", "en", "dans", "d", "l")
)


@dataclass(frozen=True, slots=True)
class ModeleImporte:
    """The draft of a model, and what a person must know of how it was understood."""

    modele: Modele
    avertissements: tuple[Avertissement, ...]


@dataclass(slots=True)
class _Section:
    """A heading of the file with what follows it."""

    titre: str
    numero: str = ""
    niveau: int = 1
    blocs: list[Bloc] = field(default_factory=list)


def importer(lu: DocumentLu, gabarit: Gabarit, titre: str = "") -> ModeleImporte:
    """Return the draft of a model of this kind; `titre` when the file has none."""
    sections = [
        *_ajoutee(ENTETE, lu.entetes),
        *_sections(lu.blocs),
        *_ajoutee(NOTES, lu.notes),
        *_ajoutee(PIED, lu.pieds),
    ]
    articles, numeros_lus = _articles(sections)
    modele = Modele(gabarit, lu.titre or titre, articles)
    dits = [*lu.avertissements, *_remarques(lu, modele, numeros_lus)]
    return ModeleImporte(modele, tuple(dits))


def ecart(lu: DocumentLu, modele: Modele) -> tuple[str, str] | None:
    """Return the first words of the file and of the model that differ, None when none is lost nor added."""
    attendus = list(_mots(texte for _bloc, texte in _lus(lu)))
    obtenus = list(_mots(texte for _code, texte in _ecrits(lu, modele)))
    for rang, (un, autre) in enumerate(zip_longest(attendus, obtenus)):
        if un != autre:
            debut = max(rang - 3, 0)
            return " ".join(attendus[debut : rang + 5]), " ".join(obtenus[debut : rang + 5])
    return None


# -- Articles and clauses -------------------------------------------------------------------------------


def _ajoutee(code: str, blocs: Sequence[Bloc]) -> list[_Section]:
    gardes = [bloc for bloc in blocs if bloc.texte.strip()]
    return [_Section(AJOUTES[code], code, 1, gardes)] if gardes else []


def _sections(blocs: Iterable[Bloc]) -> Iterator[_Section]:
    section = _Section(AJOUTES[OUVERTURE], OUVERTURE)
    annexe = False
    for bloc in blocs:
        if bloc.genre is not Genre.TITRE or (annexe and bloc.niveau > 1):
            section.blocs.append(replace(bloc, genre=Genre.PARAGRAPHE) if bloc.genre is Genre.TITRE else bloc)
            continue
        if section.numero != OUVERTURE or section.blocs:
            yield section
        numero, titre = decouper(bloc.texte)
        section = _Section(titre, numero, bloc.niveau)
        annexe = section.niveau == 1 and numero.startswith("ANNEXE")
    if section.numero != OUVERTURE or any(bloc.texte.strip() for bloc in section.blocs):
        yield section


def decouper(titre: str) -> tuple[str, str]:
    """Return the number that a heading bears (« 5 », « 5.2 », « ANNEXE A », "") and the rest of it."""
    ligne = " ".join(titre.split())
    if trouve := _ANNEXE.fullmatch(ligne):
        return f"ANNEXE {trouve[1].upper()}", trouve[2]
    trouve = _SOUS.fullmatch(ligne) or _ARTICLE.fullmatch(ligne)
    return (trouve[1], trouve[2]) if trouve else ("", ligne)


def _articles(sections: Sequence[_Section]) -> tuple[tuple[Article, ...], dict[str, str]]:
    """Group the sections into articles; return these, and the number that each heading bore by code."""
    pris: set[str] = set()
    lus: dict[str, str] = {}
    articles: list[tuple[str, str, list[Clause]]] = []
    for section, suivante in zip_longest(sections, sections[1:]):
        if _annonce(section, suivante):
            articles.append((ANNEXES, section.titre, []))
            continue
        if section.numero.startswith("ANNEXE"):
            if not articles or articles[-1][0] != ANNEXES:
                articles.append((ANNEXES, TITRE_ANNEXES, []))
            code = code_libre(section.numero.replace(" ", "-"), pris)
        elif section.niveau == 1 or not articles:
            code = code_libre(
                section.numero if section.numero.isdigit() or section.numero in AJOUTES else "T", pris
            )
            articles.append((code, section.titre, []))
        else:
            code = code_libre(section.numero or f"{articles[-1][0]}.1", pris)
        lus[code] = section.numero
        if (
            section.niveau > 1
            or any(bloc.texte.strip() for bloc in section.blocs)
            or code not in {article[0] for article in articles}
        ):
            articles[-1][2].append(_clause(code, section))
    return (
        tuple(
            Article(code, titre, tuple(clauses) or (Clause(code, titre, Couleur.FIXE, ""),))
            for code, titre, clauses in articles
        ),
        lus,
    )


def _annonce(section: _Section, suivante: _Section | None) -> bool:
    """Tell whether a heading only announces the annexes that follow it."""
    return (
        suivante is not None
        and suivante.numero.startswith("ANNEXE")
        and section.niveau == 1
        and normalise(section.titre) in {"annexe", "annexes"}
        and not any(bloc.texte.strip() for bloc in section.blocs)
    )


def code_libre(code: str, pris: set[str]) -> str:
    """Return a code that no clause has yet: the one asked for, or it with the next free number."""
    trouve, rang = code, 1
    while trouve in pris or trouve == "T":
        rang += 1
        debut, point, fin = code.rpartition(".")
        trouve = (
            f"{debut}.{int(fin) + rang - 1}" if point and fin.isdigit() else f"{code}-{rang - (code == 'T')}"
        )
    pris.add(trouve)
    return trouve


def _clause(code: str, section: _Section) -> Clause:
    """Return a clause. One coloured all over is of its main colour, what is of another one makes its fields.

    A last paragraph in black under a coloured text is the sentence that the clause always carries.
    """
    ecrits = [bloc for bloc in section.blocs if bloc.texte.strip()]
    corps, mention = ecrits[:-1], _mention(ecrits)
    if not mention:
        corps = ecrits
    poids = _poids(corps)
    if poids[Couleur.FIXE] or not poids:
        corps, mention, nue = ecrits, "", Couleur.FIXE
    else:
        nue = max(poids, key=lambda couleur: poids[couleur])
    champs = _Champs(nue)
    texte = _source(corps, champs)
    return Clause(code, section.titre, nue, texte, tuple(champs.parametres), mention=mention)


def _poids(blocs: Iterable[Bloc]) -> Counter[Couleur]:
    """Return how many characters are of each colour; black signs between coloured words do not count."""
    poids: Counter[Couleur] = Counter()
    for bloc in blocs:
        for passage in bloc.toutes():
            texte = passage.texte.strip()
            if texte and (passage.couleur is not Couleur.FIXE or any(map(str.isalnum, texte))):
                poids[passage.couleur] += len(texte)
    return poids


def _mention(blocs: Sequence[Bloc]) -> str:
    """Return the last paragraph when it is in black and may be kept as it is, whatever the parties write."""
    if len(blocs) < 2 or blocs[-1].genre is not Genre.PARAGRAPHE or set(_poids(blocs[-1:])) != {Couleur.FIXE}:
        return ""
    texte = " ".join(blocs[-1].texte.split())
    return "" if _MARQUES.search(texte) else texte


# -- The text of a clause -------------------------------------------------------------------------------


class _Champs:
    """The fields of a clause, made as its text is written: what is coloured otherwise than it (`nue`)."""

    def __init__(self, nue: Couleur) -> None:
        self.nue = nue
        self.parametres: list[Parametre] = []
        self._pris: set[str] = set()
        self._rangs: Counter[str] = Counter()

    def ecrire(self, passages: Passages) -> str:
        """Return the source of a paragraph or a cell, its coloured passages as fields."""
        morceaux: list[str] = []
        for passage in passages:
            texte = re.sub(r"\s*\n\s*", " ", passage.texte)
            coeur = texte.strip()
            if passage.couleur in (self.nue, Couleur.FIXE) or not coeur:
                morceaux.append(_MARQUES.sub(lambda trouve: trouve[0] + _JOINT, texte))
                continue
            avant, apres = texte[: texte.index(coeur)], texte[texte.index(coeur) + len(coeur) :]
            parametre = self._parametre(coeur, passage.couleur, "".join(morceaux[-VOISINS:]))
            self.parametres.append(parametre)
            morceaux.append(f"{avant}{{{{{parametre.code}}}}}{apres}")
        return "".join(morceaux)

    def _parametre(self, texte: str, couleur: Couleur, contexte: str) -> Parametre:
        proche = re.sub(r"\{\{\S+\}\}", " ", contexte).split()[-4:]
        libelle = " ".join([*proche, *texte.split()])[:LIBELLE].strip(" ,;:.–-") or texte[:LIBELLE]
        self._rangs[_nom_de_champ(libelle)] += 1
        code = code_de_champ(libelle, self._pris, self._rangs[_nom_de_champ(libelle)])
        self._pris.add(code)
        genre = TypeParametre.TEXTE if len(texte) <= LONGUEUR_LIGNE else TypeParametre.TEXTE_LONG
        parametre = Parametre(code, libelle, couleur, genre, texte)
        if trouve := _NOMBRE.fullmatch(texte):
            nombre = replace(
                parametre, type=TypeParametre.NOMBRE, defaut=trouve[1], unite=trouve[2] or "", libelle=libelle
            )
            if not trouve[1].startswith("0") and afficher(nombre, trouve[1]).split() == texte.split():
                return nombre
        return parametre


def code_de_champ(libelle: str, pris: set[str], rang: int = 1) -> str:
    """Return a code for a field, made of the words that name it, that no other field of the clause has.

    `rang`: how many fields of this name there are, with this one; the search for a free code begins there.
    """
    base = _nom_de_champ(libelle)
    code = base if rang == 1 else f"{base}_{rang}"
    while code in pris:
        rang += 1
        code = f"{base}_{rang}"
    return code


def _nom_de_champ(libelle: str) -> str:
    mots = [mot for mot in re.findall(r"[a-z0-9_]+", normalise(libelle)) if mot not in _COURTS]
    base = "_".join(mots)[:CODE].strip("_")
    return base if base[:1].isalpha() else f"champ_{base}".rstrip("_")


def _source(blocs: Sequence[Bloc], champs: _Champs) -> str:
    """Return the source of blocks: paragraphs apart, items of a list and rows of a table together."""
    ecrit = ""
    avant: Genre | None = None
    for bloc in blocs:
        if bloc.genre is Genre.TABLEAU:
            texte = source_tableau([[champs.ecrire(cellule) for cellule in ligne] for ligne in bloc.lignes])
        else:
            texte = champs.ecrire(bloc.passages).strip()
            texte = _JOINT + texte if texte.startswith("|") else texte
            if bloc.genre is Genre.PUCE:
                texte = f"{'  ' * bloc.niveau}- {texte}"
        ensemble = bloc.genre is Genre.PUCE and avant is Genre.PUCE
        ecrit += ("\n" if ensemble else "\n\n" if ecrit else "") + texte
        avant = bloc.genre
    return ecrit


# -- The check ------------------------------------------------------------------------------------------


def places(lu: DocumentLu, modele: Modele) -> dict[str, list[Bloc]]:
    """Return where each clause stands in the file: the blocks read that its words come from, by code.

    `modele` says what the file says (`ecart` is None); a block that two clauses share is given to both.
    """
    lus = ((bloc, _nombre(texte)) for bloc, texte in _lus(lu))
    bloc, reste = next(lus, (None, 0))
    trouves: dict[str, list[Bloc]] = {}
    for code, texte in _ecrits(lu, modele):
        siens = trouves.setdefault(code, [])
        mots = _nombre(texte)
        while bloc is not None and mots > 0:
            if reste and (not siens or siens[-1] is not bloc):
                siens.append(bloc)
            pris = min(mots, reste)
            mots, reste = mots - pris, reste - pris
            if not reste:
                bloc, reste = next(lus, (None, 0))
    return trouves


def _nombre(texte: str) -> int:
    return sum(1 for _mot in _mots([texte]))


def _lus(lu: DocumentLu) -> Iterator[tuple[Bloc, str]]:
    for bloc in lu.tous():
        yield bloc, decouper(bloc.texte)[1] if bloc.genre is Genre.TITRE else bloc.texte


def _ecrits(lu: DocumentLu, modele: Modele) -> Iterator[tuple[str, str]]:
    """Return the texts of a model in order, each with the code of its clause.

    The headings that the portal gives to what has none in the file are not told.
    """
    numeros = numeroter(modele.articles)
    titres = {bloc.texte.strip() for bloc in lu.blocs if bloc.genre is Genre.TITRE}
    for article in modele.articles:
        if article.code not in AJOUTES and (article.code != ANNEXES or article.titre in titres):
            yield article.clauses[0].code, article.titre
        for clause in article.clauses:
            if clause.code != article.code:
                yield clause.code, clause.titre
            for bloc in blocs_clause(clause, {}, numeros):
                yield clause.code, bloc.texte


def _mots(textes: Iterable[str]) -> Iterator[str]:
    """Return the words of texts; a dash or a bullet that stands alone is not one."""
    for texte in textes:
        yield from (mot for mot in texte.replace(_JOINT, "").split() if mot not in _PUCES)


def _remarques(lu: DocumentLu, modele: Modele, numeros_lus: dict[str, str]) -> Iterator[Avertissement]:
    difference = ecart(lu, modele)
    if difference:
        yield Avertissement("modeles.import_ecart", {"attendu": difference[0], "obtenu": difference[1]})
    calcules = numeroter(modele.articles)
    autres = [
        f"{lu_} → {calcule or '–'}"
        for code, lu_ in numeros_lus.items()
        if lu_ and lu_ not in AJOUTES and (calcule := calcules.get(code, "")) != lu_.removeprefix("ANNEXE ")
    ]
    if autres:
        yield Avertissement("modeles.import_numeros", {"liste": ", ".join(autres[:20])})
    colores = [
        bloc.texte[:60]
        for bloc in lu.tous()
        if bloc.genre is Genre.TITRE and any(_colore(passage) for passage in bloc.passages)
    ]
    if colores:
        yield Avertissement("modeles.import_titres_colores", {"liste": " ; ".join(colores[:10])})
    if not any(bloc.genre is Genre.TITRE for bloc in lu.blocs):
        yield Avertissement("modeles.import_sans_titre", {})


def _colore(passage: Passage) -> bool:
    return passage.couleur is not Couleur.FIXE and bool(passage.texte.strip())
