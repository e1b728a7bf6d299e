"""The table of a round, clauses × operators, for State and SIAO.

It is made of plain texts: its template calls nothing for a cell.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _

from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.policies import partie_de
from portal.conventions.redaction.enums import LIBELLES_POSITION, Position
from portal.conventions.tours.enums import LIBELLES_REPONSE, Reponse
from portal.conventions.tours.lu import PILOTES, Cellule, ClauseDuTour, Participant, TourLu, dire
from portal.security.policy import Actor
from portal.web.redaction.rendu import LETTRES, MARQUES
from portal.web.tours.rendu import REPONSES, bref, choisies

COURT, SOCLE = 40, 70
"""Characters of a departure, of a base, that a cell shows; its page shows the whole."""


class Case(NamedTuple):
    """A cell of the table. `valeur`: of its box, empty when there is nothing to act on."""

    ton: str
    signe: str
    mots: str
    ecart: str
    etat: str
    siao: str
    voix: str
    valeur: str
    cochee: bool
    href: str


class Rang(NamedTuple):
    """A row of the table: a clause, its base, one cell an operator, and how many gave each answer."""

    titre: str
    href: str
    etoile: bool
    change: bool
    socle: str
    marques: Sequence[tuple[str, str, str]]
    voix: str
    valeur: str
    cochee: bool
    cases: Sequence[Case]
    resume: Sequence[tuple[str, str, int, str]]


@dataclass(frozen=True)
class Mots:
    """The words of the table, translated once a page."""

    reponses: dict[Reponse, str]
    positions: dict[Position, str]
    parties: dict[Partie, str]


def _mots() -> Mots:
    return Mots(
        {reponse: _(texte) for reponse, texte in LIBELLES_REPONSE.items()},
        {dite: _(texte).lower() for dite, texte in LIBELLES_POSITION.items()},
        {partie: _(LIBELLES_PARTIE[partie]) for partie in PILOTES},
    )


def table(lu: TourLu, actor: Actor, vue: str = "toutes", coches: frozenset[str] = frozenset()) -> list[Rang]:
    """Return the table clauses × operators, for State and SIAO. `coches`: boxes ticked before a refusal."""
    dits, partie = _mots(), partie_de(actor)
    assert partie is not None
    racine = url_for("tours.tour", tour_ref=lu.ref)
    return [
        _rang(lu, clause, dits, partie, f"{racine}/clauses/{clause.code}", coches)
        for clause in choisies(lu, actor, vue)
    ]


def _rang(
    lu: TourLu, clause: ClauseDuTour, dits: Mots, partie: Partie, href: str, coches: frozenset[str]
) -> Rang:
    acceptee = clause.positions[partie].position is Position.ACCEPTEE
    valeur = "" if acceptee or not lu.ouvert else f"{clause.code}:{clause.version}"
    dites = [(p, clause.positions[p].position) for p in (Partie.SIAO, Partie.ETAT)]
    comptes = Counter(lu.cellule(clause, participant).reponse for participant in lu.participants)
    return Rang(
        clause.titre,
        href,
        clause.attention,
        clause.change,
        _couper(bref(clause), SOCLE),
        [(LETTRES[p], *MARQUES[dite]) for p, dite in dites],
        " ; ".join(f"{dits.parties[p]} : {dits.positions[dite]}" for p, dite in dites),
        valeur,
        valeur in coches,
        [_case(lu, clause, participant, dits, href, coches) for participant in lu.participants],
        [(*REPONSES[r], nombre, dits.reponses[r]) for r in REPONSES if (nombre := comptes[r])],
    )


def _case(
    lu: TourLu,
    clause: ClauseDuTour,
    participant: Participant,
    dits: Mots,
    href: str,
    coches: frozenset[str],
) -> Case:
    cellule = lu.cellule(clause, participant)
    signe, ton = REPONSES[cellule.reponse]
    if cellule.reponse is not Reponse.ECART:
        return Case(ton, signe, dits.reponses[cellule.reponse], "", "", "", "", "", False, "")
    etat, siao = (cellule.position(partie).position for partie in PILOTES)
    valeur = f"{participant.ref}:{clause.code}:{cellule.version}" if lu.ouvert else ""
    return Case(
        ton,
        signe,
        dits.reponses[cellule.reponse],
        en_bref(clause, cellule),
        MARQUES[etat][0],
        MARQUES[siao][0],
        f"{dits.parties[Partie.SIAO]} : {dits.positions[siao]} ; "
        f"{dits.parties[Partie.ETAT]} : {dits.positions[etat]}",
        valeur,
        valeur in coches,
        f"{href}#operateur-{participant.ref}",
    )


def en_bref(clause: ClauseDuTour, cellule: Cellule) -> str:
    """Return a departure in the few words that a cell holds."""
    valeurs = [
        _("rédaction") if parametre is None else dire(parametre, valeur)
        for parametre, valeur in clause.ecarts(cellule)
    ]
    return _couper(" ; ".join(valeurs) or _("comme le socle"), COURT)


def _couper(texte: str, maximum: int) -> str:
    return texte if len(texte) <= maximum else f"{texte[: maximum - 1].rstrip()}…"
