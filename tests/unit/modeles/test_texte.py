"""The text of a clause as blocks: what a long value becomes where the text shows it."""

import pytest

from portal.conventions.modeles.contenu import Clause, Parametre, TypeParametre
from portal.conventions.modeles.texte import blocs_clause
from portal.documents.texte import Couleur, Genre

INSTANCES = Parametre("instances", "Instances", Couleur.VERTE, TypeParametre.TEXTE_LONG)
P, L, T = Genre.PARAGRAPHE, Genre.PUCE, Genre.TABLEAU


def _blocs(texte: str, valeur: str) -> list[tuple[Genre, str]]:
    clause = Clause("8.1", "Instances", Couleur.FIXE, texte, (INSTANCES,))
    blocs = blocs_clause(clause, {("8.1", "instances"): valeur}, {})
    return [(bloc.genre, bloc.texte) for bloc in blocs]


@pytest.mark.parametrize(
    ("texte", "valeur", "attendus"),
    [
        (
            "Les instances sont : {{instances}}",
            "- le comité ;\n- la commission.",
            [(P, "Les instances sont :"), (L, "le comité ;"), (L, "la commission.")],
        ),
        ("Les instances sont : {{instances}}", "| a | b |", [(P, "Les instances sont :"), (T, "a\tb")]),
        ("Les instances sont : {{instances}}", "le comité", [(P, "Les instances sont : le comité")]),
        (
            "Les instances, {{instances}}, se réunissent.",
            "- le comité",
            [(P, "Les instances, - le comité, se réunissent.")],
        ),
        ("- Instances : {{instances}}", "- le comité", [(L, "Instances : - le comité")]),
        ("{{instances}}", "Un.\n\nDeux.", [(P, "Un."), (P, "Deux.")]),
    ],
    ids=["list", "table", "words", "in the middle", "in an item", "alone"],
)
def test_a_list_that_ends_a_sentence_stays_a_list(
    texte: str, valeur: str, attendus: list[tuple[Genre, str]]
) -> None:
    assert _blocs(texte, valeur) == attendus
