"""Counting votes (domaine.md § 7.2). Pure: no database, no clock.

One voice per organisation, or per college; an organisation that sits twice has one voice. Abstentions are not
counted as voices cast. Who is party to the dossier (« déport ») speaks and does not vote. In a weighted vote,
the weight of a college is shared in proportion of the voices cast in it; who chairs outside of the colleges
has then no weight, but the casting voice where the commission gives one. When as many voices are on each
side, the presidents decide if the commission says so and they agree; otherwise it is not adopted.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from portal.commissions.enums import RegleDecision, VoixPar
from portal.shared.messages import N_


class Vote(Enum):
    """A voice cast."""

    POUR = "pour"
    CONTRE = "contre"
    ABSTENTION = "abstention"


LIBELLES_VOTE: dict[Vote, str] = {
    Vote.POUR: N_("Pour"),
    Vote.CONTRE: N_("Contre"),
    Vote.ABSTENTION: N_("Abstention"),
}


@dataclass(frozen=True)
class Present:
    """An organisation at the table, for one of its seats. `college_id`: None outside of the colleges;
    `poids`: of that college; `delibere`: its seat has a voice; `deport`: it is party to the dossier."""

    organisation_id: int
    nom: str
    college_id: int | None
    college: str
    poids: int
    preside: bool
    delibere: bool
    deport: bool = False


@dataclass(frozen=True)
class Votant:
    """Who casts one voice. `cle`: what the voice is kept under; `deport`: told, and without a voice;
    `college`: its name, "" outside of the colleges."""

    cle: str
    nom: str
    college_id: int | None
    poids: int
    preside: bool
    deport: bool
    college: str = ""


@dataclass(frozen=True)
class Decompte:
    """The result of a vote: voices (or weights) for and against, how many abstained, whether it is adopted;
    `preponderante`: by the casting voice of the presidents."""

    pour: Fraction
    contre: Fraction
    abstentions: int
    adopte: bool
    preponderante: bool = False


def votants(presents: Sequence[Present], voix_par: VoixPar) -> list[Votant]:
    """Return who casts a voice, in the order of those present; those who withdraw come last."""
    par_organisme = _organismes(presents)
    if voix_par is VoixPar.ORGANISME:
        found = [
            Votant(
                f"o{one.organisation_id}",
                one.nom,
                one.college_id,
                one.poids,
                one.preside,
                one.deport,
                one.college,
            )
            for one in par_organisme
        ]
        return sorted(found, key=lambda one: one.deport)
    colleges: dict[int, list[Present]] = defaultdict(list)
    for one in presents:
        if one.delibere and one.college_id is not None:
            colleges[one.college_id].append(one)
    made = [
        Votant(
            f"c{key}",
            held[0].college,
            key,
            held[0].poids,
            any(one.preside for one in held),
            all(one.deport for one in held),
        )
        for key, held in colleges.items()
    ]
    return sorted(made, key=lambda one: one.deport)


def _organismes(presents: Sequence[Present]) -> list[Present]:
    """Return one seat per organisation: that of a college rather than the chair, which it keeps the voice of;
    party to the dossier by one seat, party by all."""
    kept: dict[int, Present] = {}
    for one in presents:
        if not one.delibere:
            continue
        known = kept.get(one.organisation_id)
        if known is None:
            kept[one.organisation_id] = one
            continue
        seat = known if known.college_id is not None else one
        kept[one.organisation_id] = Present(
            seat.organisation_id,
            seat.nom,
            seat.college_id,
            seat.college,
            seat.poids,
            known.preside or one.preside,
            True,
            known.deport or one.deport,
        )
    return list(kept.values())


def decompter(
    regle: RegleDecision,
    votants: Collection[Votant],
    votes: Mapping[str, Vote],
    *,
    preponderante: bool = False,
) -> Decompte:
    """Count the voices cast. `votes`: by key of a voter; a voter without a vote abstains; voices of those who
    withdraw, or of nobody, are left out.
    """
    votes = {one.cle: votes.get(one.cle, Vote.ABSTENTION) for one in votants if not one.deport}
    if regle is RegleDecision.PONDERE:
        pour, contre = _ponderer(votants, votes)
    else:
        pour = Fraction(sum(vote is Vote.POUR for vote in votes.values()))
        contre = Fraction(sum(vote is Vote.CONTRE for vote in votes.values()))
    abstentions = sum(vote is Vote.ABSTENTION for vote in votes.values())
    if pour != contre or not preponderante:
        return Decompte(pour, contre, abstentions, pour > contre)
    presidence = {votes[one.cle] for one in votants if one.preside and not one.deport}
    voices = presidence - {Vote.ABSTENTION}
    adopte = voices == {Vote.POUR}
    return Decompte(pour, contre, abstentions, adopte, preponderante=len(voices) == 1)


def _ponderer(votants: Collection[Votant], votes: Mapping[str, Vote]) -> tuple[Fraction, Fraction]:
    colleges: dict[int, list[Votant]] = defaultdict(list)
    for one in votants:
        if not one.deport and one.college_id is not None:
            colleges[one.college_id].append(one)
    pour = contre = Fraction(0)
    for held in colleges.values():
        oui = sum(votes[one.cle] is Vote.POUR for one in held)
        non = sum(votes[one.cle] is Vote.CONTRE for one in held)
        if oui + non:
            pour += Fraction(held[0].poids * oui, oui + non)
            contre += Fraction(held[0].poids * non, oui + non)
    return pour, contre
