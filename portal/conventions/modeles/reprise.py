"""Giving the clauses of an imported model what is already known of them from the model in use. Pure.

A clause is known again by its heading. It takes the code that the green values and the conventions know, its
condition, its ★; when it says word for word the same in the same colours, its fields too.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby

from portal.conventions.modeles.composition import numeroter
from portal.conventions.modeles.contenu import Article, Clause, Modele
from portal.conventions.modeles.lecture import fautes
from portal.conventions.modeles.relecture import Relecture, entre
from portal.conventions.modeles.texte import blocs_clause
from portal.documents.texte import Bloc, Couleur
from portal.shared.errors import DomainError
from portal.shared.messages import N_, register
from portal.shared.text import normalise

register(
    {"modeles.reprise_rien": N_("Aucun titre de ce document n’est celui d’une clause du modèle en cours.")}
)


def reprendre(relecture: Relecture, connu: Modele) -> Relecture:
    """Return the rereading whose clauses take what the model in use knows. Raises DomainError."""
    semblables = _semblables(relecture.modele, connu)
    if not semblables:
        raise DomainError("modeles.reprise_rien")
    articles = _articles(relecture.modele, connu, semblables)
    temoin, modele = (_recoder(un, semblables, articles) for un in (relecture.temoin(), relecture.modele))
    origine = entre(temoin, modele).origine
    retouchees = {clause for clause, _champ in origine.champs}
    numeros = numeroter(modele.articles)
    memes = {
        clause.code: une
        for clause in modele.clauses()
        if clause.code not in retouchees
        and (une := semblables.get(_ancien(semblables, clause.code)))
        and _dit(clause, numeros) == _dit(une, numeros)
    }
    reprise = entre(_remplacer(temoin, memes), _remplacer(modele, memes))
    if nouvelles := set(fautes(reprise.modele)) - set(fautes(relecture.modele)):
        raise DomainError("modeles.correction_refusee", liste=" ; ".join(sorted(nouvelles)[:3]))
    return reprise


def _semblables(modele: Modele, connu: Modele) -> dict[str, Clause]:
    """Return the clause known under the same heading, by present code."""
    connues, siennes = _par_titre(connu), _par_titre(modele)
    trouvees = {siennes[titre].code: une for titre, une in connues.items() if titre in siennes}
    # A code that another clause bears, and keeps, is not taken.
    gardes = {clause.code for clause in modele.clauses() if clause.code not in trouvees}
    return {code: une for code, une in trouvees.items() if une.code not in gardes}


def _par_titre(modele: Modele) -> dict[tuple[str, str], Clause]:
    """Return the clauses by the headings of their article and their own, those that two bear left out."""
    lues = [((normalise(a.titre), normalise(c.titre)), c) for a in modele.articles for c in a.clauses]
    comptes = Counter(titres for titres, _clause in lues)
    return {titres: clause for titres, clause in lues if titres[1] and comptes[titres] == 1}


def _articles(modele: Modele, connu: Modele, semblables: Mapping[str, Clause]) -> dict[str, str]:
    """Return the code that each article takes, by present code."""
    connus = {normalise(article.titre): article.code for article in connu.articles}
    pris: dict[str, str] = {}
    for article in modele.articles:
        seule = any(clause.code == article.code for clause in article.clauses)
        une = semblables.get(article.code)
        code = (une.code if une else article.code) if seule else connus.get(normalise(article.titre))
        if code and code not in pris.values():
            pris[article.code] = code
    gardes = {article.code for article in modele.articles if article.code not in pris}
    return {ancien: code for ancien, code in pris.items() if code not in gardes}


def _recoder(modele: Modele, semblables: Mapping[str, Clause], articles: Mapping[str, str]) -> Modele:
    def clause(une: Clause) -> Clause:
        connue = semblables.get(une.code)
        if connue is None:
            return une
        return replace(
            une,
            code=connue.code,
            condition=connue.condition,
            attention=connue.attention,
            consigne=connue.consigne,
        )

    def article(un: Article) -> Article:
        return replace(
            un, code=articles.get(un.code, un.code), clauses=tuple(clause(une) for une in un.clauses)
        )

    return replace(modele, articles=tuple(article(un) for un in modele.articles))


def _ancien(semblables: Mapping[str, Clause], code: str) -> str:
    return next((ancien for ancien, clause in semblables.items() if clause.code == code), "")


def _dit(clause: Clause, numeros: Mapping[str, str]) -> list[tuple[str, Couleur]]:
    """Return the words of a clause, each with its colour."""
    return [mot for bloc in blocs_clause(clause, {}, numeros) for mot in _mots(bloc)]


def _mots(bloc: Bloc) -> list[tuple[str, Couleur]]:
    """Return the words of a block; one made of two colours is as many pieces."""
    suites = groupby(bloc.toutes(), key=lambda passage: passage.couleur)
    return [(mot, couleur) for couleur, suite in suites for mot in "".join(p.texte for p in suite).split()]


def _remplacer(modele: Modele, memes: Mapping[str, Clause]) -> Modele:
    def clause(une: Clause) -> Clause:
        connue = memes.get(une.code)
        return replace(connue, titre=une.titre) if connue else une

    return replace(
        modele,
        articles=tuple(replace(a, clauses=tuple(clause(c) for c in a.clauses)) for a in modele.articles),
    )
