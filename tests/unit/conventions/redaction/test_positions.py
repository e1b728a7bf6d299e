"""Positions of three parties: agreement, the explicit one of ★ clauses, whose turn it is."""

from itertools import product

import pytest

from portal.conventions.enums import Partie
from portal.conventions.redaction.enums import EtatClause, Position
from portal.conventions.redaction.positions import accordee, apres_proposition, doivent_agir, etat

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
A_EXAMINER, PROPOSEE, ACCEPTEE, RESERVE, REFUSEE = Position
TOUTES = [dict(zip(Partie, choix, strict=True)) for choix in product(Position, repeat=3)]


@pytest.mark.parametrize(
    ("positions", "ordinaire", "etoile"),
    [
        ({}, False, False),
        ({O: ACCEPTEE, S: PROPOSEE, E: ACCEPTEE}, True, True),
        ({O: PROPOSEE, S: ACCEPTEE, E: ACCEPTEE}, True, False),
        ({O: ACCEPTEE, S: ACCEPTEE}, False, False),
        ({O: ACCEPTEE, S: RESERVE, E: ACCEPTEE}, False, False),
        ({O: ACCEPTEE, S: ACCEPTEE, E: REFUSEE}, False, False),
    ],
)
def test_agreement_asks_for_the_three_and_a_star_for_the_operators_own_word(
    positions: dict[Partie, Position], ordinaire: bool, etoile: bool
) -> None:
    assert accordee(positions, attention=False) is ordinaire
    assert accordee(positions, attention=True) is etoile


@pytest.mark.parametrize(
    ("positions", "attention", "attendues"),
    [
        ({}, False, (O, S, E)),
        ({S: PROPOSEE}, False, (O, E)),
        ({O: PROPOSEE, S: ACCEPTEE, E: ACCEPTEE}, True, (O,)),
        ({O: RESERVE, S: PROPOSEE, E: ACCEPTEE}, False, (S, E)),
        ({O: RESERVE, S: PROPOSEE}, False, (S, E)),
        ({O: RESERVE, S: REFUSEE, E: RESERVE}, False, (S,)),
        ({O: ACCEPTEE, S: PROPOSEE, E: ACCEPTEE}, True, ()),
    ],
)
def test_whose_turn_it_is(
    positions: dict[Partie, Position], attention: bool, attendues: tuple[Partie, ...]
) -> None:
    assert doivent_agir(positions, attention) == attendues


@pytest.mark.parametrize("attention", [False, True])
def test_someone_must_act_exactly_as_long_as_the_clause_is_open(attention: bool) -> None:
    for positions in TOUTES:
        assert bool(doivent_agir(positions, attention)) is not accordee(positions, attention), positions


def test_changing_the_text_asks_the_others_again() -> None:
    apres = apres_proposition(O)
    assert apres == {O: PROPOSEE, S: A_EXAMINER, E: A_EXAMINER}
    assert etat(apres, attention=False) is EtatClause.A_EXAMINER
    assert etat(apres | {S: REFUSEE}, attention=False) is EtatClause.EN_DISCUSSION
