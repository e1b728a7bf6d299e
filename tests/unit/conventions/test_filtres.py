"""Filters in the address: read, written back, and deaf to what they do not understand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.conventions.enums import Etat, Mode
from portal.conventions.filtres import Echeance, Ensemble, Filtres, Tri, periode


@given(
    st.builds(
        Filtres,
        texte=st.sampled_from(["", "étoile armor"]),
        etats=st.frozensets(st.sampled_from(list(Etat))),
        natures=st.frozensets(st.sampled_from(["RS", "CHU"])),
        siao=st.sampled_from(["", "abc-_123"]),
        mode=st.none() | st.sampled_from(list(Mode)),
        echeance=st.none() | st.sampled_from(list(Echeance)),
        du=st.none() | st.dates(date(1990, 1, 1), date(2100, 12, 31)),
        en_retard=st.booleans(),
        a_renouveler=st.booleans(),
        a_recopier=st.booleans(),
        responsable=st.sampled_from(["", "moi", "personne"]),
        signee_au=st.none() | st.dates(date(1990, 1, 1), date(2100, 12, 31)),
        ensemble=st.none() | st.sampled_from(list(Ensemble)),
        tri=st.sampled_from(list(Tri)),
        descendant=st.booleans(),
    )
)
def test_written_then_read_again(filtres: Filtres) -> None:
    args = {nom: v if isinstance(v, list) else [v] for nom, v in filtres.args().items()}
    assert Filtres.lire(args) == filtres


def test_what_is_not_understood_is_left_out() -> None:
    args = {"etat": ["inconnu"], "tri": ["prix"], "du": ["31/02/2026"], "mode": ["x"], "echeance": ["hier"]}
    assert Filtres.lire(args) == Filtres()
    assert not Filtres.lire(args).actifs
    assert not Filtres(tri=Tri.FIN).actifs
    assert Filtres(en_retard=True).actifs


@pytest.mark.parametrize(
    ("echeance", "jour", "bornes"),
    [
        (Echeance.MOIS, date(2026, 2, 10), (date(2026, 2, 1), date(2026, 2, 28))),
        (Echeance.MOIS, date(2026, 12, 31), (date(2026, 12, 1), date(2026, 12, 31))),
        (Echeance.TRIMESTRE, date(2026, 3, 2), (date(2026, 1, 1), date(2026, 3, 31))),
        (Echeance.TRIMESTRE, date(2026, 11, 2), (date(2026, 10, 1), date(2026, 12, 31))),
        (Echeance.DOUZE_MOIS, date(2026, 3, 2), (date(2026, 3, 2), date(2027, 3, 2))),
    ],
)
def test_periods(echeance: Echeance, jour: date, bornes: tuple[date, date]) -> None:
    assert periode(echeance, jour) == bornes
