"""What the portal already knows, written in the clauses when they are opened: parties, structures, places.

The parties read it, correct it and accept it like any other value.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.modeles.contenu import Clause
from portal.conventions.modeles.texte import source_tableau
from portal.conventions.models import Convention
from portal.conventions.natures import natures_a_terme
from portal.conventions.redaction.models import ConventionClause, ConventionClauseValeur
from portal.documents.texte import Couleur
from portal.organisations.adresses import en_une_ligne
from portal.organisations.models import Commune, Nature, Structure, StructurePlaces
from portal.shared.db import AnyRow, fetch

A_PRECISER = "à préciser"
LIGNE = 300  # what a one-line value holds
SOUS_CONTINGENT = frozenset({"RS", "RS_FJT"})
TOUTES_PLACES = frozenset({"PF", "RA"})
"""Natures of which S0 reserves 30 % by default, and those whose every place the SIAO orients."""

PREFIXE_NATURE = "3-"


@dataclass(frozen=True)
class Connu:
    """What the portal knows of a line. `places`: by nature of the line; `structures`: one row a nature."""

    ligne: Convention
    noms: Mapping[str, str]
    places: Mapping[str, int | None]
    structures: Sequence[AnyRow]


def remplir(
    session: Session,
    ligne: Convention,
    clauses: Iterable[tuple[ConventionClause, Clause]],
    natures: frozenset[str],
) -> None:
    """Write what is known in clauses that have just been opened. `natures`: those the text covers."""
    ouvertes = list(clauses)
    if not ouvertes:
        return
    sues = connues(session, ligne, [modele for _clause, modele in ouvertes], natures)
    for clause, modele in ouvertes:
        for code, valeur in sues.get(modele.code, {}).items():
            session.add(ConventionClauseValeur(clause_id=clause.id, parametre_code=code, valeur=valeur))
    session.flush()


def connues(
    session: Session, ligne: Convention, modeles: Iterable[Clause], natures: frozenset[str]
) -> dict[str, dict[str, str]]:
    """Return the values that the portal knows today, by clause then by parameter. Two statements."""
    connu = _connu(session, ligne, natures)
    sues: dict[str, dict[str, str]] = {}
    for modele in modeles:
        for parametre in modele.parametres:
            if parametre.couleur is not Couleur.JAUNE or parametre.defaut:
                continue
            valeur = _valeur(connu, modele.code, parametre.code)
            if valeur:
                sues.setdefault(modele.code, {})[parametre.code] = valeur
    return sues


def _valeur(connu: Connu, clause_code: str, parametre_code: str) -> str:
    if parametre_code == "places" and clause_code.startswith(PREFIXE_NATURE):
        nature = clause_code.removeprefix(PREFIXE_NATURE)
        nombre = connu.places.get(nature)
        return str(nombre) if nombre is not None else _recensees(connu, nature)
    lire = _VALEURS.get(parametre_code)
    return lire(connu) if lire else ""


def _recensees(connu: Connu, nature: str) -> str:
    """Return the places of the operator's open structures, when they are known for all of them."""
    nombres = [row.nombre for row in connu.structures if row.nature_code == nature]
    return str(sum(nombres)) if nombres and None not in nombres else ""


def _dispositifs(connu: Connu) -> str:
    rangs: list[Sequence[str]] = [
        ("Nature", "Structure", "Adresse", "Capacité", "Taux réservé", "Gestion"),
        *(
            (
                connu.noms.get(row.nature_code, row.nature_code),
                row.nom,
                en_une_ligne(row.adresse, row.commune) or A_PRECISER,
                A_PRECISER if row.nombre is None else str(row.nombre),
                *_reserve(row.nature_code),
            )
            for row in connu.structures
        ),
    ]
    sues = {row.nature_code for row in connu.structures}
    for code, nombre in connu.places.items():
        if code not in sues:
            places = A_PRECISER if nombre is None else str(nombre)
            rangs.append((connu.noms.get(code, code), A_PRECISER, A_PRECISER, places, *_reserve(code)))
    return source_tableau(rangs)


def _reserve(nature: str) -> tuple[str, str]:
    if nature in SOUS_CONTINGENT:
        return "30 %", "stock"
    return ("toutes les places", "stock") if nature in TOUTES_PLACES else ("sans objet", "sans objet")


def _places(connu: Connu) -> str:
    rangs: list[Sequence[str]] = [("Structure", "Nature", "Places")]
    rangs += [
        (
            row.nom,
            connu.noms.get(row.nature_code, row.nature_code),
            A_PRECISER if row.nombre is None else str(row.nombre),
        )
        for row in connu.structures
    ]
    return source_tableau(rangs) if len(rangs) > 1 else ""


_VALEURS: Mapping[str, Callable[[Connu], str]] = {
    "siao_nom": lambda connu: connu.ligne.siao.nom,
    "operateur_nom": lambda connu: connu.ligne.operateur.nom,
    "operateur_siret": lambda connu: connu.ligne.operateur.siret or "",
    "operateur_siege": lambda connu: connu.ligne.operateur.adresse[:LIGNE],
    "tableau_dispositifs": _dispositifs,
    "tableau_places": _places,
}


def _connu(session: Session, ligne: Convention, natures: frozenset[str]) -> Connu:
    structures = fetch(
        session,
        select(
            Structure.nom,
            Structure.adresse,
            Commune.nom.label("commune"),
            StructurePlaces.nature_code,
            StructurePlaces.nombre,
        )
        .join(StructurePlaces, StructurePlaces.structure_id == Structure.id)
        .outerjoin(Commune, Commune.code == Structure.commune_code)
        .where(
            Structure.organisation_id == ligne.operateur_id,
            Structure.departement_code == ligne.departement_code,
            Structure.fermee_le.is_(None),
            StructurePlaces.nature_code.in_(natures),
        )
        .order_by(StructurePlaces.nature_code, Structure.tri, Structure.id, StructurePlaces.id),
    )
    noms = {row.code: row.libelle for row in fetch(session, select(Nature.code, Nature.libelle))}
    places = {n.nature_code: n.places for n in natures_a_terme(ligne) if n.nature_code in natures}
    return Connu(ligne, noms, places, structures)
