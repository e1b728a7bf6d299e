"""From a model to the text of one operator: clauses kept, numbers closed up, references, removals. Pure.

Codes never change; the number shown is computed from what is kept (S0; domaine.md § 4.3).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from portal.conventions.modeles.conditions import (
    CLAUSE_MERE,
    HORS_MODELE,
    Contexte,
    Motif,
    motif_de_retrait,
)
from portal.conventions.modeles.contenu import Article, Clause, Gabarit, Modele

ANNEXES = "ANN"
"""Code of the article of annexes, which are lettered instead of numbered."""

RENVOI = re.compile(r"\[\[([^\[\]\s]{1,40})\]\]")
SANS_OBJET = "(sans objet)"


@dataclass(frozen=True, slots=True)
class ClauseRetenue:
    """A clause of the text. `numero`: shown, "" where the model numbers nothing; `mere`: code of its parent.

    `numero_national`: its number in the complete model. `seule`: it bears its article's code, and shares
    its number and heading.
    """

    clause: Clause
    article: str
    numero: str
    numero_national: str
    mere: str = ""
    seule: bool = False

    @property
    def code(self) -> str:
        """The code, which never changes."""
        return self.clause.code


@dataclass(frozen=True, slots=True)
class ArticleRetenu:
    """An article of the text, with what is kept of it."""

    code: str
    titre: str
    numero: str
    clauses: tuple[ClauseRetenue, ...]


@dataclass(frozen=True, slots=True)
class Retrait:
    """A clause of the complete model that is not in the text, and why."""

    code: str
    titre: str
    numero_national: str
    motif: Motif


@dataclass(frozen=True, slots=True)
class Correspondance:
    """A line of the table that closes the text; `numero` is "" for what was removed."""

    code: str
    titre: str
    numero: str
    numero_national: str


@dataclass(frozen=True, slots=True)
class Composition:
    """The text of one operator, before its values."""

    gabarit: Gabarit
    titre: str
    articles: tuple[ArticleRetenu, ...]
    retraits: tuple[Retrait, ...]
    numeros: Mapping[str, str]

    def clauses(self) -> Iterator[ClauseRetenue]:
        """Return the clauses kept, in order."""
        for article in self.articles:
            yield from article.clauses

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes kept, in order."""
        return tuple(kept.code for kept in self.clauses())

    def correspondance(self) -> tuple[Correspondance, ...]:
        """Return the table of correspondence: what is kept in order, then what was removed."""
        kept = [Correspondance(c.code, c.clause.titre, c.numero, c.numero_national) for c in self.clauses()]
        removed = [Correspondance(r.code, r.titre, "", r.numero_national) for r in self.retraits]
        return tuple(kept + removed)


def composer(modele: Modele, contexte: Contexte, complet: Modele | None = None) -> Composition:
    """Return the text that a model gives for an operator.

    `complet`: the general model, when `modele` is the simplified one: national numbers are its numbers, and
    what the simplified one leaves out is told among the removals.
    """
    nationaux = numeroter((complet or modele).articles)
    kept: list[Article] = []
    retraits: list[Retrait] = []
    for article in modele.articles:
        clauses, removed = _retenir(article, contexte, nationaux)
        retraits += removed
        if clauses:
            kept.append(replace(article, clauses=clauses))
    if complet is not None:
        retraits += _hors_modele(modele, complet, nationaux)
    numeros = numeroter(kept)
    articles = tuple(_article(article, numeros, nationaux) for article in kept)
    return Composition(modele.gabarit, modele.titre, articles, _ranger(retraits, complet), numeros)


def numeroter(articles: Sequence[Article]) -> dict[str, str]:
    """Return the number of each article and clause when these are what the text holds.

    An article whose code is a number counts; annexes take letters; the others (parties, preamble) take
    nothing. A clause that bears its article's code takes its number.
    """
    numeros: dict[str, str] = {}
    rank = 0
    for article in articles:
        if article.code == ANNEXES:
            letters = zip(article.clauses, ascii_uppercase, strict=False)
            numeros |= {clause.code: letter for clause, letter in letters}
            continue
        rank += article.code.isdigit()
        numeros[article.code] = str(rank) if article.code.isdigit() else ""
        counts: dict[str, int] = {}
        for clause in article.clauses:
            if clause.code == article.code:
                continue
            parent = mere(clause.code, article) or article.code
            counts[parent] = counts.get(parent, 0) + 1
            numeros[clause.code] = f"{numeros[parent]}.{counts[parent]}" if numeros[parent] else ""
    return numeros


def mere(code: str, article: Article) -> str:
    """Return the code of the clause that this one details (`7.3` for `7.3-RS`), "" when there is none."""
    parents = [
        clause.code
        for clause in article.clauses
        if clause.code != code and code.startswith((f"{clause.code}-", f"{clause.code}."))
    ]
    return max((p for p in parents if p != article.code or "-" in code), key=len, default="")


def renvois(texte: str) -> list[str]:
    """Return the codes of the clauses that a text refers to."""
    return RENVOI.findall(texte)


def resoudre_renvois(texte: str, numeros: Mapping[str, str]) -> str:
    """Return a text whose references are the numbers shown; one to a removed clause is « sans objet »."""
    return RENVOI.sub(lambda found: numeros.get(found[1]) or SANS_OBJET, texte)


def _retenir(
    article: Article, contexte: Contexte, nationaux: Mapping[str, str]
) -> tuple[tuple[Clause, ...], list[Retrait]]:
    kept: list[Clause] = []
    removed: dict[str, Retrait] = {}
    for clause in article.clauses:
        parent = mere(clause.code, article)
        motif = motif_de_retrait(clause.condition, contexte)
        if motif is None and parent in removed:
            motif = Motif(CLAUSE_MERE, clause=nationaux.get(parent) or parent)
        if motif is None:
            kept.append(clause)
        else:
            removed[clause.code] = Retrait(clause.code, clause.titre, nationaux.get(clause.code, ""), motif)
    return tuple(kept), list(removed.values())


def _hors_modele(modele: Modele, complet: Modele, nationaux: Mapping[str, str]) -> list[Retrait]:
    present = {clause.code for clause in modele.clauses()}
    return [
        Retrait(clause.code, clause.titre, nationaux.get(clause.code, ""), Motif(HORS_MODELE))
        for clause in complet.clauses()
        if clause.code not in present
    ]


def _ranger(retraits: Iterable[Retrait], complet: Modele | None) -> tuple[Retrait, ...]:
    """Put removals in the order of the complete model."""
    if complet is None:
        return tuple(retraits)
    order = {clause.code: rank for rank, clause in enumerate(complet.clauses())}
    return tuple(sorted(retraits, key=lambda retrait: order.get(retrait.code, len(order))))


def _article(article: Article, numeros: Mapping[str, str], nationaux: Mapping[str, str]) -> ArticleRetenu:
    clauses = tuple(
        ClauseRetenue(
            clause=clause,
            article=article.code,
            numero=numeros.get(clause.code, ""),
            numero_national=nationaux.get(clause.code, ""),
            mere=mere(clause.code, article),
            seule=clause.code == article.code,
        )
        for clause in article.clauses
    )
    return ArticleRetenu(article.code, article.titre, numeros.get(article.code, ""), clauses)
