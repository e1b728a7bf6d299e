"""A Word model being reread: what was understood, what the document says, and the corrections. Pure.

A correction may give a heading or a field other words than the document's; those are remembered, so that
one can always prove that the rest says word for word what was imported.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from portal.conventions.modeles import corrections
from portal.conventions.modeles.contenu import Article, Clause, Condition, Modele, Parametre, TypeParametre
from portal.conventions.modeles.import_word import AJOUTES, ecart, places
from portal.conventions.modeles.lecture import fautes
from portal.conventions.modeles.texte import afficher
from portal.conventions.modeles.valeurs import LONGUEUR_LIGNE
from portal.documents.texte import Bloc, Couleur
from portal.documents.word.lecture import DocumentLu, niveau_devine
from portal.shared.errors import DomainError

Cle = tuple[str, str]
Acte = Callable[[Modele], Modele]


@dataclass(frozen=True, slots=True)
class Origine:
    """What the document says where the model says otherwise.

    `articles`, `clauses`: headings, by code; `champs`: texts of fields, by codes of clause and field.
    """

    articles: Mapping[str, str] = field(default_factory=dict)
    clauses: Mapping[str, str] = field(default_factory=dict)
    champs: Mapping[Cle, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "articles": dict(self.articles),
            "clauses": dict(self.clauses),
            "champs": [[*cle, texte] for cle, texte in self.champs.items()],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Origine":
        """Read what `to_json` wrote."""
        return cls(data["articles"], data["clauses"], {(c, p): texte for c, p, texte in data["champs"]})


@dataclass(frozen=True, slots=True)
class Changement:
    """Words that a correction changed on purpose: where, what the document says, what the model says."""

    clause: str
    champ: str
    lu: str
    ecrit: str


@dataclass(frozen=True, slots=True)
class Relecture:
    """The model as corrected so far."""

    modele: Modele
    origine: Origine = field(default_factory=Origine)

    def temoin(self) -> Modele:
        """Return the model with the words of the document, what was changed on purpose put back."""
        return replace(self.modele, articles=tuple(self._article(a) for a in self.modele.articles))

    def _article(self, article: Article) -> Article:
        return replace(
            article,
            titre=self.origine.articles.get(article.code, article.titre),
            clauses=tuple(self._clause(clause) for clause in article.clauses),
        )

    def _clause(self, clause: Clause) -> Clause:
        lus = {code: texte for (une, code), texte in self.origine.champs.items() if une == clause.code}
        parametres = (
            tuple(_comme_lu(p, lus[p.code]) if p.code in lus else p for p in clause.parametres)
            if lus
            else clause.parametres
        )
        return replace(
            clause, titre=self.origine.clauses.get(clause.code, clause.titre), parametres=parametres
        )

    def changements(self) -> list[Changement]:
        """Return what the corrections say otherwise than the document, in order."""
        return list(self._changements())

    def _changements(self) -> Iterator[Changement]:
        for article in self.modele.articles:
            lu = self.origine.articles.get(article.code)
            if lu is not None:
                yield Changement(article.clauses[0].code, "", lu, article.titre)
            for clause in article.clauses:
                lu = self.origine.clauses.get(clause.code)
                if lu is not None and clause.code != article.code:
                    yield Changement(clause.code, "", lu, clause.titre)
                for parametre in clause.parametres:
                    lu = self.origine.champs.get((clause.code, parametre.code))
                    if lu is not None:
                        yield Changement(
                            clause.code, parametre.code, lu, afficher(parametre, parametre.defaut)
                        )

    # -- Corrections ------------------------------------------------------------------------------------

    def fusionner(self, code: str) -> "Relecture":
        """Join a clause to the one before it, both under the words of the document."""
        lu = self.temoin()
        clauses = {clause.code: clause for clause in lu.clauses()}
        lus = _changer(self.modele, lambda c: replace(c, titre=clauses[c.code].titre))
        fusionne = corrections.fusionner(lus, code)
        gardes = {clause.code: clause.titre for clause in self.modele.clauses()}
        modele = _changer(fusionne, lambda c: replace(c, titre=gardes[c.code]))
        return entre(corrections.fusionner(lu, code), modele)

    def couper(self, code: str, paragraphe: int, titre: str) -> "Relecture":
        """Split a clause at a paragraph; without a title, that paragraph is the title."""
        if not titre.strip():
            return self._des_deux(lambda modele: corrections.titrer(modele, code, paragraphe))
        modele = corrections.couper(self.modele, code, paragraphe, titre)
        lu = corrections.couper(self.temoin(), code, paragraphe, titre)
        nouvelle = corrections.clause_suivante(lu, code).code
        return entre(_changer(lu, lambda c: replace(c, titre="") if c.code == nouvelle else c), modele)

    def renommer(self, code: str, nouveau: str, titre: str) -> "Relecture":
        """Give a clause another code and title."""
        modele = corrections.renommer(self.modele, code, nouveau, titre)
        nouveau = nouveau.strip().upper()
        lus = {clause.code: clause.titre for clause in self.temoin().clauses()}
        # What stands around the text has a title that the document has not.
        avant = "" if code in AJOUTES and nouveau != code else lus[code]
        lu = _renommer(self.temoin(), code, nouveau, avant)
        return entre(lu, modele)

    def renommer_article(self, code: str, titre: str) -> "Relecture":
        """Give an article another title."""
        return entre(self.temoin(), corrections.renommer_article(self.modele, code, titre))

    def rattacher(self, code: str) -> "Relecture":
        """Put the clauses of an article at the end of the one before it."""
        modele, lu = (corrections.rattacher(un, code) for un in (self.modele, self.temoin()))
        if code in AJOUTES:
            lu = _changer(lu, lambda c: replace(c, titre="") if c.code == code else c)
        return entre(lu, modele)

    def detacher(self, code: str, nouveau: str) -> "Relecture":
        """Begin an article at a clause."""
        return self._des_deux(lambda modele: corrections.detacher(modele, code, nouveau))

    def colorer(self, code: str, couleur: Couleur) -> "Relecture":
        """Say who may write the text of a clause."""
        return self._des_deux(lambda modele: corrections.colorer(modele, code, couleur))

    def conditionner(self, code: str, condition: Condition) -> "Relecture":
        """Say for which operators a clause is kept."""
        return self._des_deux(lambda modele: corrections.conditionner(modele, code, condition))

    def signaler(self, code: str, consigne: str) -> "Relecture":
        """Mark a clause ★, or take the mark away."""
        return self._des_deux(lambda modele: corrections.signaler(modele, code, consigne))

    def fixer_la_fin(self, code: str) -> "Relecture":
        """Make a lasting sentence of the last paragraph of a clause."""
        return self._des_deux(lambda modele: corrections.fixer_la_fin(modele, code))

    def liberer_la_fin(self, code: str) -> "Relecture":
        """Make an ordinary paragraph of the lasting sentence of a clause."""
        return self._des_deux(lambda modele: corrections.liberer_la_fin(modele, code))

    def marquer(self, code: str, extrait: str, couleur: Couleur) -> "Relecture":
        """Make a field of a passage."""
        return self._des_deux(lambda modele: corrections.marquer(modele, code, extrait, couleur))

    def demarquer(self, code: str, champ: str) -> "Relecture":
        """Make fixed text of a field, with the words of the document."""
        lu = self.temoin()
        sien = next(
            (p for c in lu.clauses() if c.code == code for p in c.parametres if p.code == champ), None
        )
        modele = self.modele
        if sien is not None:
            modele = _changer(
                modele,
                lambda c: (
                    replace(c, parametres=tuple(sien if p.code == champ else p for p in c.parametres))
                    if c.code == code
                    else c
                ),
            )
        return entre(corrections.demarquer(lu, code, champ), corrections.demarquer(modele, code, champ))

    def definir(self, code: str, champ: str, parametre: Parametre) -> "Relecture":
        """Replace the definition of a field; the words of the document are remembered."""
        modele = corrections.definir(self.modele, code, champ, parametre)
        lu = self.temoin()
        sien = next(p for c in lu.clauses() if c.code == code for p in c.parametres if p.code == champ)
        renomme = replace(sien, code=parametre.code, couleur=parametre.couleur)
        return entre(corrections.definir(lu, code, champ, renomme), modele)

    def _des_deux(self, acte: Acte) -> "Relecture":
        """Return the result of a correction that changes neither a heading nor what a field says."""
        return entre(acte(self.temoin()), acte(self.modele))


@dataclass(frozen=True, slots=True)
class Preuve:
    """Whether the model may become a version.

    `mots`: words of the document; `ecart`: the first words lost or added, None when none is.
    """

    mots: int
    ecart: tuple[str, str] | None
    fautes: tuple[str, ...]
    changements: tuple[Changement, ...]

    @property
    def acquise(self) -> bool:
        """Whether the text exported again equals the text imported, and the model holds together."""
        return self.ecart is None and not self.fautes


def prouver(lu: DocumentLu, relecture: Relecture) -> Preuve:
    """Compare word by word what was read with what was understood."""
    return Preuve(
        sum(len(bloc.texte.split()) for bloc in lu.tous()),
        ecart(lu, relecture.temoin()),
        tuple(fautes(relecture.modele)),
        tuple(relecture.changements()),
    )


def lus_par_clause(lu: DocumentLu, relecture: Relecture) -> dict[str, list[Bloc]]:
    """Return the passages of the document that each clause comes from, by code."""
    return places(lu, relecture.temoin())


def titres_possibles(clause: Clause) -> list[int]:
    """Return the ranks of the paragraphs of a clause that look like headings: one may split there."""
    parties = clause.texte.split("\n\n")
    return [
        rang
        for rang, partie in enumerate(parties)
        if rang and len(partie) < LONGUEUR_LIGNE and niveau_devine(partie) is not None
    ]


def marque(relecture: Relecture, code: str) -> int:
    """Return what tells whether a clause changed since a form was opened on it: two may correct two clauses.

    Raises DomainError when the clause is no longer there.
    """
    for article in relecture.modele.articles:
        for clause in article.clauses:
            if clause.code == code:
                seule = replace(relecture.modele, articles=(replace(article, clauses=(clause,)),))
                return crc32(json.dumps(seule.to_json(), sort_keys=True).encode()) % 10**9
    raise DomainError("modeles.correction_clause")


def difference(avant: Relecture, apres: Relecture) -> dict[str, Any]:
    """Return how to go back from `apres` to `avant`: the articles that changed, as they were."""
    anciens, nouveaux = avant.modele.articles, apres.modele.articles
    debut = 0
    while debut < min(len(anciens), len(nouveaux)) and anciens[debut] == nouveaux[debut]:
        debut += 1
    fin = 0
    while fin < min(len(anciens), len(nouveaux)) - debut and anciens[-1 - fin] == nouveaux[-1 - fin]:
        fin += 1
    changes = replace(avant.modele, articles=anciens[debut : len(anciens) - fin])
    return {
        "debut": debut,
        "fin": fin,
        "articles": changes.to_json()["articles"],
        "origine": avant.origine.to_json(),
    }


def revenir(relecture: Relecture, avant: Mapping[str, Any]) -> Relecture:
    """Return the state before a correction, from what `difference` kept."""
    articles = relecture.modele.articles
    anciens = Modele.from_json(
        {"gabarit": relecture.modele.gabarit, "titre": relecture.modele.titre, "articles": avant["articles"]}
    ).articles
    fin = articles[len(articles) - avant["fin"] :]
    return Relecture(
        replace(relecture.modele, articles=(*articles[: avant["debut"]], *anciens, *fin)),
        Origine.from_json(avant["origine"]),
    )


def entre(lu: Modele, modele: Modele) -> Relecture:
    """Return the rereading whose document says `lu`."""
    articles, clauses, champs = {}, {}, {}
    for un, autre in zip(modele.articles, lu.articles, strict=True):
        if un.titre != autre.titre:
            articles[un.code] = autre.titre
    for une, lue in zip(modele.clauses(), lu.clauses(), strict=True):
        if une.titre != lue.titre:
            clauses[une.code] = lue.titre
        for parametre, sien in zip(une.parametres, lue.parametres, strict=True):
            dit = afficher(sien, sien.defaut)
            if dit.split() != afficher(parametre, parametre.defaut).split():
                champs[une.code, parametre.code] = dit
    return Relecture(modele, Origine(articles, clauses, champs))


def _comme_lu(parametre: Parametre, texte: str) -> Parametre:
    long = len(texte) > LONGUEUR_LIGNE or "\n" in texte
    genre = TypeParametre.TEXTE_LONG if long else TypeParametre.TEXTE
    return Parametre(parametre.code, parametre.libelle, parametre.couleur, genre, texte)


def _changer(modele: Modele, change: Callable[[Clause], Clause]) -> Modele:
    return replace(
        modele,
        articles=tuple(replace(a, clauses=tuple(change(c) for c in a.clauses)) for a in modele.articles),
    )


def _renommer(modele: Modele, code: str, nouveau: str, titre: str) -> Modele:
    """Rename without checking: what `corrections.renommer` accepted, under the words of the document."""
    return replace(
        modele,
        articles=tuple(
            replace(
                a,
                code=nouveau if a.code == code else a.code,
                titre=titre if a.code == code else a.titre,
                clauses=tuple(
                    replace(c, code=nouveau, titre=titre) if c.code == code else c for c in a.clauses
                ),
            )
            for a in modele.articles
        ),
    )
