"""A round as its pages read it, and its state as one reader sees it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Parametre
from portal.conventions.modeles.texte import afficher, blocs_clause
from portal.conventions.redaction.ecrits import PositionLue
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.socle import Socle
from portal.conventions.tours.enums import EN_ATTENTE, Reponse, StatutTour
from portal.conventions.tours.perimetre import ClauseCommune, Perimetre
from portal.conventions.tours.policies import Vise
from portal.documents.texte import Bloc
from portal.shared.errors import NotVisible

PILOTES = (Partie.ETAT, Partie.SIAO)
LONGUEUR_MARQUE = 4000


@dataclass(frozen=True)
class Marque:
    """The state of a round as one reader sees it: it moves when something that it may see changes, else not.

    `tete`: of the round as a whole; `socle`, `reunions`: sums of versions, which only grow; `reponses`: the
    same by participant that the reader sees, in the order of their keys.
    """

    tete: int
    socle: int
    reunions: int
    reponses: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.tete}.{self.socle}.{self.reunions}." + "-".join(map(str, self.reponses))

    @classmethod
    def lire(cls, texte: str) -> "Marque | None":
        """Read a mark as an open page sends it; None when it is not one."""
        parties = texte[:LONGUEUR_MARQUE].split(".")
        nombres = [*parties[:3], *(parties[3].split("-") if len(parties) == 4 and parties[3] else [])]
        if len(parties) != 4 or not all(n.isdecimal() and len(n) < 10 for n in nombres):
            return None
        tete, socle, reunions, *reponses = map(int, nombres)
        return cls(tete, socle, reunions, tuple(reponses))


@dataclass(frozen=True)
class Cellule:
    """What one operator says of one clause, and what State and SIAO say of its departure."""

    version: int = 0
    reponse: Reponse = Reponse.A_EXAMINER
    texte: str | None = None
    valeurs: Mapping[str, str] = field(default_factory=dict)
    motif: str = ""
    le: datetime | None = None
    par: str = ""
    positions: Mapping[Partie, PositionLue] = field(default_factory=dict)

    def position(self, partie: Partie) -> PositionLue:
        """Return where State or SIAO stands on the departure."""
        return self.positions.get(partie, PositionLue())


VIDE = Cellule()


@dataclass(frozen=True)
class ClauseDuTour:
    """A clause of the round and its base, as its pages show it."""

    commune: ClauseCommune
    id: int
    version: int
    depart: str
    texte: str | None
    valeurs: Mapping[str, str]  # of the round's parameters, defaults included
    positions: Mapping[Partie, PositionLue]
    updated_at: datetime

    @property
    def code(self) -> str:
        """Its code, which never changes."""
        return self.commune.code

    @property
    def titre(self) -> str:
        """Its title with the number shown."""
        return self.commune.titre

    @property
    def attention(self) -> bool:
        """Whether it is marked ★."""
        return self.commune.clause.attention

    @property
    def redaction(self) -> str:
        """The words of the base."""
        return self.texte if self.texte is not None else self.depart

    @property
    def change(self) -> bool:
        """Whether the base is not what the model gives."""
        return self.texte is not None or any(
            self.valeurs[p.code] != p.defaut for p in self.commune.parametres
        )

    def ecarts(self, cellule: Cellule) -> list[tuple[Parametre | None, str]]:
        """Return what a departure proposes and the base does not: (parameter, value); None for the words."""
        if cellule.reponse is not Reponse.ECART:
            return []
        differents: list[tuple[Parametre | None, str]] = [
            (p, str(cellule.valeurs.get(p.code, "")))
            for p in self.commune.parametres
            if cellule.valeurs.get(p.code, self.valeurs[p.code]) != self.valeurs[p.code]
        ]
        if cellule.texte is not None and cellule.texte.strip() != self.redaction.strip():
            differents.append((None, cellule.texte))
        return differents


@dataclass(frozen=True)
class Participant:
    """An operator at the table. `bilan`: what the last closing did to its convention."""

    id: int
    ref: str
    operateur_id: int
    nom: str
    bilan: Mapping[str, Any] | None


@dataclass(frozen=True)
class TourLu:
    """A round at one moment, as far as its reader may see it.

    `participants`: to an operator, itself; `operateurs`: how many there are.
    """

    id: int
    ref: str
    version: int
    marque: Marque
    statut: StatutTour
    intitule: str
    motif: str
    nature_code: str
    departement_code: str
    fuseau: str
    siao_id: int
    siao: str
    etat: str
    operateurs: int
    ouvert_le: datetime
    ouvert_par: str
    clos_le: datetime | None
    clos_par: str
    base: Socle
    perimetre: Perimetre
    participants: Sequence[Participant]
    clauses: Sequence[ClauseDuTour]
    cellules: Mapping[tuple[int, int], Cellule]  # (clause, participant)
    reunions: Sequence[Any]

    @property
    def vise(self) -> Vise:
        """The round as rights read it."""
        presents = frozenset(participant.operateur_id for participant in self.participants)
        return Vise(self.departement_code, self.siao_id, presents)

    @property
    def ouvert(self) -> bool:
        """Whether it may change."""
        return self.statut is StatutTour.OUVERT

    def cellule(self, clause: ClauseDuTour, participant: Participant) -> Cellule:
        """Return what an operator says of a clause."""
        return self.cellules.get((clause.id, participant.id), VIDE)

    def clause(self, code: str) -> ClauseDuTour:
        """Return a clause of the round; raises NotVisible."""
        trouvee = next((clause for clause in self.clauses if clause.code == code), None)
        if trouvee is None:
            raise NotVisible(code)
        return trouvee

    def participant(self, ref: str) -> Participant:
        """Return someone at the table that the reader may see; raises NotVisible."""
        trouve = next((p for p in self.participants if p.ref == ref), None)
        if trouve is None:
            raise NotVisible(ref)
        return trouve

    def blocs(
        self, clause: ClauseDuTour, cellule: Cellule = VIDE, texte: str | None = None
    ) -> tuple[Bloc, ...]:
        """Return a clause as the base says it, or as an operator proposes it; `texte`: in other words."""
        ecart = cellule.reponse is Reponse.ECART
        jaunes = cellule.valeurs if ecart else clause.valeurs
        valeurs = {**self.base.valeurs, **{(clause.code, code): v for code, v in jaunes.items()}}
        if texte is None:
            texte = cellule.texte if ecart and cellule.texte is not None else clause.redaction
        return blocs_clause(clause.commune.clause, valeurs, self.perimetre.composition.numeros, texte)

    @cached_property
    def comptes(self) -> Mapping[int, Counter[Reponse]]:
        """How many clauses each operator adopted, departs from, still has to examine."""
        return {
            participant.id: Counter(self.cellule(clause, participant).reponse for clause in self.clauses)
            for participant in self.participants
        }

    def a_repondre(self, participant: Participant) -> int:
        """Return how many clauses an operator still has to answer."""
        return sum(self.comptes[participant.id][reponse] for reponse in EN_ATTENTE)

    def ecarts_a_examiner(self, partie: Partie) -> int:
        """Return how many departures State or SIAO has not examined."""
        return sum(
            cellule.reponse is Reponse.ECART and cellule.position(partie).position is Position.A_EXAMINER
            for cellule in self.cellules.values()
        )

    def socle_a_adopter(self, partie: Partie) -> int:
        """Return on how many clauses State or SIAO has said nothing of the base."""
        return sum(clause.positions[partie].position is Position.A_EXAMINER for clause in self.clauses)


def dire(parametre: Parametre | None, valeur: str) -> str:
    """Return a value as the text says it; words of a clause as they are."""
    return valeur if parametre is None else afficher(parametre, valeur)
