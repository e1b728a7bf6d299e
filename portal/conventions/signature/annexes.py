"""What the portal gathers under the annexes of a text, from what it knows on that day (domaine.md § 4.3).

Annex A: structures and places; B: the functions of the directory, where its words do not show them; C: the
pieces joined, with their fingerprints; D: the natures that escape the contingent. What the parties wrote
themselves in an annex goes first: the portal fills what they left empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.modeles.texte import blocs_litteraux, champs
from portal.conventions.models import Convention, ConventionDocument
from portal.conventions.redaction.fournies import TABLEAU
from portal.conventions.redaction.queries import Texte
from portal.conventions.signature.canonique import lisible
from portal.documents.models import Fichier
from portal.documents.texte import Bloc, Genre, Passage
from portal.organisations.adresses import en_une_ligne
from portal.organisations.models import Commune, Nature, Structure, StructurePlaces
from portal.shared.db import fetch

Rangs = Sequence[Sequence[str]]

TABLEAUX = {"ANN-A": ("tableau_places",), "ANN-D": ("structures_exception",)}
"""Values that, once written by the parties, take the place of what the portal would gather."""


@dataclass(frozen=True)
class Recueil:
    """What is gathered for each annex: rows of a table, the first one its heading."""

    structures: Rangs
    referents: tuple[Bloc, ...]
    pieces: Rangs
    exceptions: Rangs

    def annexe(self, code: str, valeurs: Mapping[tuple[str, str], str]) -> tuple[Bloc, ...]:
        """Return the blocks that complete an annex, none when the parties wrote them."""
        if code == TABLEAU[0]:
            return self.referents
        if any(valeurs.get((code, parametre)) for parametre in TABLEAUX.get(code, ())):
            return ()
        rangs = {
            "ANN-A": self.structures,
            "ANN-C": self.pieces,
            "ANN-D": self.exceptions,
        }.get(code, ())
        return (tableau(rangs),) if len(rangs) > 1 else ()


def tableau(rangs: Rangs) -> Bloc:
    """Return rows as a table."""
    return Bloc(Genre.TABLEAU, lignes=tuple(tuple((Passage(c),) if c else () for c in r) for r in rangs))


def recueillir(session: Session, ligne: Convention, texte: Texte) -> Recueil:
    """Gather what annexes need. Three statements."""
    noms = {row.code: row.libelle for row in fetch(session, select(Nature.code, Nature.libelle))}
    gardees = texte.contexte.retenues
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
            StructurePlaces.nature_code.in_(gardees),
        )
        .order_by(Structure.tri, Structure.id, StructurePlaces.nature_code, StructurePlaces.id),
    )
    pieces = fetch(
        session,
        select(ConventionDocument.libelle, Fichier.nom, Fichier.sha256)
        .join(Fichier, Fichier.id == ConventionDocument.fichier_id)
        .where(ConventionDocument.convention_id == ligne.id)
        .order_by(ConventionDocument.id),
    )
    return Recueil(
        [
            ("Structure", "Adresse", "Nature", "Places"),
            *(
                (
                    row.nom,
                    en_une_ligne(row.adresse, row.commune),
                    noms.get(row.nature_code, row.nature_code),
                    "" if row.nombre is None else str(row.nombre),
                )
                for row in structures
            ),
        ],
        _referents(texte),
        [("Pièce", "Fichier", "Empreinte SHA-256"), *((p.libelle, p.nom, lisible(p.sha256)) for p in pieces)],
        [("Nature", "Exception"), *((noms.get(c, c), "à préciser par les parties") for c in sorted(gardees))],
    )


def _referents(texte: Texte) -> tuple[Bloc, ...]:
    """Return the directory's table of an annex B whose words do not show it; else it is in the text."""
    annexe = next((lue for lue in texte.clauses if lue.code == TABLEAU[0]), None)
    if annexe is None or TABLEAU[1] in champs(texte.textes.get(annexe.code, annexe.clause.texte)):
        return ()
    return blocs_litteraux(texte.annuaire.get(TABLEAU, ""))
