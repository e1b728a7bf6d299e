"""Reading and checking a model: from `seeds/reference/modeles`, or from anywhere else. Without database."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from portal.conventions.modeles.composition import numeroter, renvois
from portal.conventions.modeles.conditions import Fait
from portal.conventions.modeles.contenu import Clause, Modele, Parametre, TypeParametre
from portal.conventions.modeles.places import DOSSIER, Famille, places
from portal.conventions.modeles.texte import champs
from portal.conventions.modeles.valeurs import lire_valeur
from portal.shared.errors import DomainError

FICHIERS = ("ctp_general", "ctp_simplifie")

_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,39}")
_CHAMP = re.compile(r"[a-z][a-z0-9_]{0,59}")


class ModeleInvalide(Exception):
    """A model that cannot be used: `fautes` says everything that is wrong with it, in French."""

    def __init__(self, source: str, fautes: list[str]) -> None:
        super().__init__(f"{source} : " + " ; ".join(fautes))
        self.source = source
        self.fautes = fautes


@dataclass(frozen=True, slots=True)
class ModeleLu:
    """A model of the reference data, and how it presents itself."""

    modele: Modele
    libelle: str


def empreinte(modele: Modele) -> str:
    """Return the SHA-256 of a model, whatever the file it came from."""
    canonical = json.dumps(modele.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def modeles_de_reference(dossier: Path = DOSSIER) -> list[ModeleLu]:
    """Return the models of the reference data, the general one first. Raises ModeleInvalide."""
    read: dict[str, ModeleLu] = {}
    for name in FICHIERS:
        with (dossier / f"{name}.toml").open("rb") as file:
            read[name] = _lire(name, tomllib.load(file), read)
    return list(read.values())


def fautes(modele: Modele) -> list[str]:
    """Return everything wrong with a model, in French; nothing for one that can be used."""
    return [*_fautes_des_codes(modele), *_fautes_des_renvois(modele)] + [
        faute for clause in modele.clauses() for faute in _fautes_de_clause(clause)
    ]


def _lire(name: str, data: dict[str, Any], read: dict[str, ModeleLu]) -> ModeleLu:
    try:
        if base := data.get("base"):
            modele = _derive(read[base].modele, data)
        else:
            modele = Modele.from_json(data)
            modele = replace(
                modele,
                articles=tuple(
                    replace(a, clauses=tuple(replace(c, texte=c.texte.strip()) for c in a.clauses))
                    for a in modele.articles
                ),
            )
        libelle = str(data["libelle"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModeleInvalide(name, [f"forme inattendue ({type(error).__name__} : {error})"]) from error
    if found := fautes(modele):
        raise ModeleInvalide(name, found)
    return ModeleLu(modele, libelle)


def _derive(base: Modele, data: dict[str, Any]) -> Modele:
    """Build a model out of another: the clauses it takes, some of them rewritten."""
    taken = set(data["reprises"])
    known = {clause.code for clause in base.clauses()}
    if unknown := sorted(taken - known):
        raise ValueError(f"clauses reprises inconnues : {', '.join(unknown)}")
    rewritten = {row["code"]: row for row in data.get("reecritures", ())}
    if unknown := sorted(set(rewritten) - taken):
        raise ValueError(f"clauses réécrites sans être reprises : {', '.join(unknown)}")
    articles = []
    for article in base.articles:
        clauses = tuple(_reecrire(c, rewritten.get(c.code, {})) for c in article.clauses if c.code in taken)
        if clauses:
            articles.append(replace(article, clauses=clauses))
    own = Modele.from_json({"gabarit": data["gabarit"], "titre": data["titre"], "articles": []})
    return replace(own, articles=tuple(articles))


def _reecrire(clause: Clause, row: dict[str, Any]) -> Clause:
    return replace(clause, titre=row.get("titre", clause.titre), texte=row.get("texte", clause.texte).strip())


def _fautes_des_codes(modele: Modele) -> Iterator[str]:
    seen: set[str] = set()
    for article in modele.articles:
        if not article.clauses:
            yield f"article {article.code} : aucune clause"
        for clause in article.clauses:
            if not _CODE.fullmatch(clause.code):
                yield f"clause {clause.code} : code mal formé"
            if clause.code in seen:
                yield f"clause {clause.code} : code employé deux fois"
            seen.add(clause.code)
    if not seen:
        yield "aucune clause"


def _fautes_des_renvois(modele: Modele) -> Iterator[str]:
    numeros = numeroter(modele.articles)
    for clause in modele.clauses():
        for target in renvois(clause.texte + clause.mention):
            if not numeros.get(target):
                yield f"clause {clause.code} : renvoi à « {target} », qui n’a pas de numéro dans ce modèle"


def _fautes_de_clause(clause: Clause) -> Iterator[str]:
    declared = {parametre.code for parametre in clause.parametres}
    used = set(champs(clause.texte))
    if len(declared) < len(clause.parametres):
        yield f"clause {clause.code} : paramètre déclaré deux fois"
    for code in sorted(used - declared):
        yield f"clause {clause.code} : paramètre « {code} » employé sans être déclaré"
    for code in sorted(declared - used):
        yield f"clause {clause.code} : paramètre « {code} » déclaré sans être employé"
    for kind, unknown in (
        ("nature", set(clause.condition.natures) - set(places())),
        ("famille", set(clause.condition.familles) - {f.value for f in Famille}),
        ("fait", set(clause.condition.faits) - {f.value for f in Fait}),
    ):
        for code in sorted(unknown):
            yield f"clause {clause.code} : {kind} « {code} » inconnue de la nomenclature"
    if clause.attention and not clause.consigne:
        yield f"clause {clause.code} : point d’attention sans consigne"
    for parametre in clause.parametres:
        for faute in _fautes_de_parametre(parametre):
            yield f"clause {clause.code}, paramètre {parametre.code} : {faute}"


def _fautes_de_parametre(parametre: Parametre) -> Iterator[str]:
    if not _CHAMP.fullmatch(parametre.code):
        yield "code mal formé"
    bounds = (parametre.minimum, parametre.maximum)
    if parametre.type is not TypeParametre.NOMBRE and bounds != (None, None):
        yield "des bornes sans être un nombre"
    if parametre.minimum is not None and parametre.maximum is not None:
        if parametre.minimum > parametre.maximum:
            yield f"bornes à l’envers ({parametre.minimum} à {parametre.maximum})"
        if not parametre.origine:
            yield "des bornes sans origine"
    if (parametre.type is TypeParametre.CHOIX) is not bool(parametre.choix):
        yield "un choix sans valeurs proposées, ou l’inverse"
    if parametre.defaut:
        try:
            lire_valeur(parametre, parametre.defaut)
        except DomainError:
            yield f"valeur par défaut refusée (« {parametre.defaut} »)"
