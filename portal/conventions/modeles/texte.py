"""The text of clauses as coloured blocks: the same for the web page, the Word file and the PDF. Pure.

The source of a clause: paragraphs separated by an empty line; `- ` begins a list item (two more spaces: one
level deeper), `|` a row of a table; `{{code}}` a value, `[[code]]` the number of another clause.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from portal.conventions.modeles.composition import (
    ANNEXES,
    ArticleRetenu,
    ClauseRetenue,
    Composition,
    resoudre_renvois,
)
from portal.conventions.modeles.contenu import Clause, Modele, Parametre, TypeParametre
from portal.documents.texte import Bloc, Couleur, Genre, Passage, Passages
from portal.shared.jours_dits import jour_dit

Valeurs = Mapping[tuple[str, str], str]
"""Values by (code of the clause, code of the parameter); those missing take the model's default."""

CHAMP = re.compile(r"\{\{([^{}\s]{1,60})\}\}")
CHAMP_FINAL = re.compile(r"(?P<avant>.*?)\{\{(?P<code>[^{}\s]{1,60})\}\}")
_ITEM = re.compile(r"( *)- (.*)")
_CELLULE = re.compile(r"(?<!\\)\|")
_INVARIABLES = frozenset({"mois", "fois"})
SANS_OBJET = "sans objet"


def champs(texte: str) -> list[str]:
    """Return the codes of the parameters that a text shows, in order."""
    return CHAMP.findall(texte)


def valeurs_par_defaut(modele: Modele) -> dict[tuple[str, str], str]:
    """Return the default of every parameter of a model."""
    return {(c.code, p.code): p.defaut for c in modele.clauses() for p in c.parametres}


def afficher(parametre: Parametre, valeur: str) -> str:
    """Return a stored value as the text says it, with its unit; « à compléter » when it is owed."""
    if not valeur:
        return f"[à compléter : {parametre.libelle}]" if parametre.obligatoire else SANS_OBJET
    if parametre.type is TypeParametre.NOMBRE:
        return f"{valeur} {_unite(valeur, parametre.unite)}" if parametre.unite else valeur
    if parametre.type is TypeParametre.DATE:
        return _jour(valeur)
    if parametre.type is TypeParametre.CHOIX:
        return dict(parametre.choix).get(valeur, valeur)
    if parametre.type is TypeParametre.OUI_NON:
        return "oui" if valeur == "oui" else "non"
    return valeur


def blocs_clause(
    clause: Clause,
    valeurs: Valeurs,
    numeros: Mapping[str, str],
    texte: str | None = None,
) -> tuple[Bloc, ...]:
    """Return the blocks of a clause, without its heading.

    `texte`: what the parties (or the département) wrote instead of the model's text. The mention that a
    clause carries whatever is written (6.3) closes it.
    """
    source = clause.texte if texte is None else texte
    parametres = {parametre.code: parametre for parametre in clause.parametres}
    dire = partial(_passages, clause, parametres, valeurs, numeros)
    blocs = [
        bloc for partie in _parties(source) for bloc in _partie(clause, parametres, partie, valeurs, dire)
    ]
    if clause.mention:
        mention = resoudre_renvois(clause.mention, numeros)
        blocs.append(Bloc(Genre.PARAGRAPHE, (Passage(mention, Couleur.FIXE),)))
    return tuple(blocs)


def titre_article(article: ArticleRetenu) -> str:
    """Return the heading of an article: « Article 5 – Accueil et évaluation », or its title alone."""
    return f"Article {article.numero} – {article.titre}" if article.numero else article.titre


def titre_clause(retenue: ClauseRetenue) -> str:
    """Return the heading of a clause, with its number: « 5.2 – … », « Annexe A – … »."""
    titre = retenue.clause.titre
    if not retenue.numero:
        return titre
    prefixe = "Annexe " if retenue.article == ANNEXES else ""
    return f"{prefixe}{retenue.numero} – {titre}"


def blocs_texte(
    composition: Composition,
    valeurs: Valeurs,
    textes: Mapping[str, str] | None = None,
    *,
    correspondance: bool = True,
) -> tuple[Bloc, ...]:
    """Return the whole text: headings, clauses, and the table of correspondence that closes it.

    `textes`: texts written instead of the model's, by code of clause.
    """
    ecrits = textes or {}
    blocs: list[Bloc] = []
    for article in composition.articles:
        blocs.append(_titre(titre_article(article), 1))
        for retenue in article.clauses:
            if not retenue.seule:
                blocs.append(_titre(titre_clause(retenue), 3 if retenue.mere else 2))
            blocs += blocs_clause(retenue.clause, valeurs, composition.numeros, ecrits.get(retenue.code))
    if correspondance:
        blocs += blocs_correspondance(composition)
    return tuple(blocs)


def blocs_correspondance(composition: Composition) -> tuple[Bloc, ...]:
    """Return the table « code, number here, number in the national model », with its heading."""
    rows: list[Sequence[str]] = [("Code", "Clause", "Numéro ici", "Numéro national")]
    for line in composition.correspondance():
        shown = line.numero or ("–" if line.code in composition.numeros else "retirée")
        rows.append((line.code, line.titre, shown, line.numero_national or "–"))
    return (_titre("Table de correspondance des clauses", 1), _tableau(rows))


def blocs_litteraux(valeur: str, couleur: Couleur = Couleur.JAUNE) -> tuple[Bloc, ...]:
    """Return the paragraphs, lists and tables of a long value, in which nothing else is interpreted."""

    def litteral(texte: str) -> Passages:
        return (Passage(texte, couleur),) if texte else ()

    return tuple(bloc for lignes in _parties(valeur) for bloc in _groupe(lignes, litteral))


def source_tableau(rows: Iterable[Sequence[str]]) -> str:
    """Return the source of a table, to be used as the value of a long text or inside one."""
    return "\n".join("| " + " | ".join(_cellule(cell) for cell in row) + " |" for row in rows)


def _cellule(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|")


def _tableau(rows: Iterable[Sequence[str]]) -> Bloc:
    lignes = tuple(tuple((Passage(cell),) for cell in row) for row in rows)
    return Bloc(Genre.TABLEAU, lignes=lignes)


def _titre(texte: str, niveau: int) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau)


def _unite(valeur: str, unite: str) -> str:
    """Return a unit, in the singular after 0 and 1 as French has it."""
    if valeur not in {"0", "1"}:
        return unite
    return " ".join(word if word in _INVARIABLES else word.removesuffix("s") for word in unite.split(" "))


def _jour(valeur: str) -> str:
    return jour_dit(date.fromisoformat(valeur))


def _parties(source: str) -> Iterator[list[str]]:
    """Cut a source into groups of lines: a paragraph, a list, or the rows of a table."""
    group: list[str] = []
    for line in [*source.replace("\r\n", "\n").split("\n"), ""]:
        stripped = line.strip()
        if group and (not stripped or _genre(stripped) is not _genre(group[0].strip())):
            if stripped and _genre(group[0].strip()) is Genre.PUCE and line.startswith(" "):
                group.append(line)  # the continuation of an item
                continue
            yield group
            group = []
        if stripped:
            group.append(line)


def _genre(line: str) -> Genre:
    if line.startswith("|"):
        return Genre.TABLEAU
    return Genre.PUCE if line.startswith("- ") else Genre.PARAGRAPHE


Dire = Callable[[str], Passages]


def _partie(
    clause: Clause, parametres: Mapping[str, Parametre], lignes: list[str], valeurs: Valeurs, dire: Dire
) -> Iterator[Bloc]:
    """Give the blocks of a group of lines; a long value that stands alone brings its own blocks.

    So does a list or a table that ends a paragraph.
    """
    source = " ".join(line.strip() for line in lignes)
    dernier = CHAMP_FINAL.fullmatch(source)
    parametre = parametres.get(dernier["code"]) if dernier else None
    if dernier is None or parametre is None or parametre.type is not TypeParametre.TEXTE_LONG:
        yield from _groupe(lignes, dire)
        return
    valeur = _valeur(clause, parametre, valeurs).strip()
    annonce = dernier["avant"].strip()
    if annonce and (_genre(annonce) is not Genre.PARAGRAPHE or not _a_plusieurs_blocs(valeur)):
        yield from _groupe(lignes, dire)
        return
    if annonce:
        yield from _groupe([annonce], dire)
    yield from _valeur_longue(parametre, valeur)


def _a_plusieurs_blocs(valeur: str) -> bool:
    """Tell whether a value is more than words that go on in the sentence which announces it."""
    return any(_genre(partie[0].strip()) is not Genre.PARAGRAPHE for partie in _parties(valeur))


def _groupe(lignes: list[str], dire: Dire) -> Iterator[Bloc]:
    genre = _genre(lignes[0].strip())
    if genre is Genre.TABLEAU:
        rows = (_CELLULE.split(_sans_bords(line.strip())) for line in lignes)
        yield Bloc(genre, lignes=tuple(tuple(dire(_decoder(cell)) for cell in row) for row in rows))
    elif genre is Genre.PUCE:
        yield from _liste(lignes, dire)
    else:
        yield Bloc(genre, dire(" ".join(line.strip() for line in lignes)))


def _sans_bords(line: str) -> str:
    return line.removeprefix("|").removesuffix("|")


def _liste(lignes: list[str], dire: Dire) -> Iterator[Bloc]:
    items: list[tuple[int, list[str]]] = []
    for line in lignes:
        if found := _ITEM.fullmatch(line.rstrip()):
            items.append((len(found[1]) // 2, [found[2]]))
        else:
            items[-1][1].append(line.strip())
    for niveau, parts in items:
        yield Bloc(Genre.PUCE, dire(" ".join(parts)), niveau)


def _valeur_longue(parametre: Parametre, valeur: str) -> Iterator[Bloc]:
    """Give the blocks of a long value; of one that is owed and not given, a paragraph that says so."""
    if valeur:
        yield from blocs_litteraux(valeur, parametre.couleur)
    elif parametre.obligatoire:
        yield Bloc(Genre.PARAGRAPHE, (Passage(afficher(parametre, ""), parametre.couleur),))


def _passages(
    clause: Clause,
    parametres: Mapping[str, Parametre],
    valeurs: Valeurs,
    numeros: Mapping[str, str],
    texte: str,
) -> Passages:
    passages: list[Passage] = []
    for rank, piece in enumerate(CHAMP.split(texte)):
        parametre = parametres.get(piece) if rank % 2 else None
        if parametre is not None:
            shown = " ".join(afficher(parametre, _valeur(clause, parametre, valeurs)).split("\n"))
            passages.append(Passage(shown, parametre.couleur))
        elif piece:
            litteral = f"{{{{{piece}}}}}" if rank % 2 else resoudre_renvois(piece, numeros)
            passages.append(Passage(litteral, clause.couleur))
    return tuple(passages)


def _decoder(cell: str) -> str:
    return cell.strip().replace("\\|", "|")


def _valeur(clause: Clause, parametre: Parametre, valeurs: Valeurs) -> str:
    return valeurs.get((clause.code, parametre.code), parametre.defaut)
