"""The rules of the directory: freshness, who answers, who should fill, private addresses, phone fragments."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.annuaire.enums import Fraicheur
from portal.annuaire.nomenclatures import ecritures, fonctions, publics
from portal.annuaire.regles import (
    MOIS,
    Mois,
    Reponse,
    courriel_prive,
    fraicheur,
    interlocuteur,
    qui_pourvoit,
    se_chevauchent,
    verifie_avant,
)
from portal.annuaire.saisie import Jours
from portal.annuaire.texte import mots_tapes, suffixes
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil

JOUR = date(2026, 3, 2)
HIER, DEMAIN = JOUR - timedelta(days=1), JOUR + timedelta(days=1)
TENU = Jours(date(2025, 1, 1))


@pytest.mark.parametrize(
    ("verifie_le", "pas"),
    [
        (date(2025, 9, 3), Fraicheur.A_JOUR),
        (date(2025, 9, 2), Fraicheur.A_CONFIRMER),
        (date(2025, 8, 2), Fraicheur.RELANCEE),
        (date(2025, 7, 2), Fraicheur.ALERTEE),
        (date(2025, 6, 3), Fraicheur.ALERTEE),
        (date(2025, 6, 2), Fraicheur.GRISEE),
        (None, Fraicheur.GRISEE),
    ],
)
def test_the_steps_are_at_six_seven_eight_and_nine_months(verifie_le: date | None, pas: Fraicheur) -> None:
    assert fraicheur(verifie_le, JOUR) is pas


def test_the_end_of_a_month_counts_as_its_last_day() -> None:
    assert fraicheur(date(2025, 8, 31), date(2026, 2, 27)) is Fraicheur.A_JOUR
    assert fraicheur(date(2025, 8, 31), date(2026, 2, 28)) is Fraicheur.A_CONFIRMER


@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.integers(0, 400))
def test_what_the_lists_count_and_the_card_agree(jour: date, age: int) -> None:
    verifie_le = jour - timedelta(days=age)
    pas = fraicheur(verifie_le, jour)
    assert (verifie_le <= verifie_avant(jour, MOIS.courriel)) is (pas is not Fraicheur.A_JOUR)
    assert (verifie_le <= verifie_avant(jour, MOIS.grisee)) is (pas is Fraicheur.GRISEE)


def test_a_departement_may_have_its_own_steps() -> None:
    verifie_le = date(2025, 11, 30)
    assert fraicheur(verifie_le, date(2026, 2, 28)) is Fraicheur.A_JOUR
    assert fraicheur(verifie_le, date(2026, 2, 28), Mois(3, 4, 5, 6)) is Fraicheur.A_CONFIRMER


@pytest.mark.parametrize(
    ("titulaire", "suppleant", "absences", "reponse"),
    [
        (TENU, None, [], Reponse("titulaire")),
        (TENU, TENU, [], Reponse("titulaire")),
        (TENU, TENU, [Jours(HIER, JOUR)], Reponse("suppleant", True, JOUR)),
        (TENU, TENU, [Jours(JOUR)], Reponse("suppleant", True, None)),
        (TENU, TENU, [Jours(HIER, HIER), Jours(DEMAIN)], Reponse("titulaire")),
        (TENU, None, [Jours(HIER, DEMAIN)], Reponse("titulaire", True, DEMAIN)),
        (TENU, Jours(DEMAIN), [Jours(HIER, DEMAIN)], Reponse("titulaire", True, DEMAIN)),
        (Jours(date(2025, 1, 1), JOUR), None, [], Reponse("titulaire")),
        (Jours(date(2025, 1, 1), HIER), TENU, [], Reponse("suppleant")),
        (Jours(DEMAIN), None, [], Reponse("")),
        (None, None, [], Reponse("")),
    ],
)
def test_the_deputy_answers_for_who_is_away_or_gone(
    titulaire: Jours | None, suppleant: Jours | None, absences: list[Jours], reponse: Reponse
) -> None:
    assert interlocuteur(titulaire, suppleant, absences, JOUR) == reponse
    assert reponse.vide is (reponse.role == "")


def test_two_periods_share_their_ends() -> None:
    assert se_chevauchent(Jours(HIER, JOUR), Jours(JOUR, DEMAIN))
    assert not se_chevauchent(Jours(HIER, JOUR), Jours(DEMAIN))
    assert se_chevauchent(Jours(DEMAIN), Jours(HIER))


def test_each_organisation_fills_its_own_functions() -> None:
    assert qui_pourvoit(TypeOrganisation.GESTIONNAIRE)[0] is Profil.OPERATEUR_DIRECTION
    assert all(qui_pourvoit(kind)[-1] is Profil.ADMIN_ORGANISATION for kind in TypeOrganisation)


@pytest.mark.parametrize(
    ("email", "prive"),
    [
        ("camille@gmail.com", True),
        ("Camille.Exemple@ORANGE.fr", True),
        ("camille@ajoncs.example", False),
        ("camille@mairie-orange.fr", False),
        ("", False),
    ],
)
def test_a_private_address_is_told_from_a_professional_one(email: str, prive: bool) -> None:
    assert courriel_prive(email) is prive


def test_the_list_of_functions_is_that_of_the_domain() -> None:
    assert [one.libelle.fr for one in fonctions().values()] == [
        "Référent SIAO",
        "Référent logement",
        "Référent commission",
        "Référent contingent",
        "Référent proximité",
        "Correspondant SI SIAO",
        "Signataire",
    ]
    assert all(one.convient(kind) for one in fonctions().values() for kind in one.attendue)
    assert publics()
    assert len({forme for groupe in ecritures().groupes for forme in groupe}) > 80


@pytest.mark.parametrize(
    ("tape", "mots"),
    [
        ("Référent SIAO de l’Adomia", ["referent", "siao", "adomia"]),
        ("+33 2 96 00 11 22", ["0296001122"]),
        ("0033 (0)2 96 00", ["029600"]),
        ("fjt 02.96.00", ["fjt", "029600"]),
        ("96 00 11", ["96", "00", "11"]),
        ("de la", ["de", "la"]),
        (" ' \" ", []),
    ],
)
def test_what_is_typed_is_read_as_words_that_count(tape: str, mots: list[str]) -> None:
    assert mots_tapes(tape) == mots


@given(st.integers(0, 9), st.integers(3, 10))
def test_any_stretch_of_a_number_begins_one_of_its_ends(debut: int, longueur: int) -> None:
    numero = "02 96 12 34 56"
    fragment = "0296123456"[debut : debut + longueur]
    if len(fragment) >= 3:
        assert any(one.startswith(fragment) for one in suffixes(numero))
