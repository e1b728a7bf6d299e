"""What is typed in a grid, and what the next version takes of it."""

from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.grilles.contenu import Champ, Choix, Grille, Item, Section
from portal.grilles.enums import A_CHOIX, Portee, Reponse
from portal.grilles.lecture import grille_nationale
from portal.grilles.remplissage.regles import a_renouveler
from portal.grilles.remplissage.report import reporter
from portal.grilles.remplissage.saisie import a_saisir, lire, lire_section, mots_a_relire, nom
from portal.shared.errors import DomainError, DomainErrors

NATIONALE = grille_nationale()
CHOIX = (Choix("un", "Un"), Choix("deux", "Deux"))


def champ(reponse: Reponse) -> Champ:
    return Champ("reponse", "", reponse, Portee.P1, CHOIX if reponse in A_CHOIX else ())


@pytest.mark.parametrize(
    ("reponse", "typed", "read"),
    [
        (Reponse.MONTANT, "1 650,5", 165050),
        (Reponse.MONTANT, "850 €", 85000),
        (Reponse.MONTANT, "12,", 1200),
        (Reponse.MONTANT, "0", 0),
        (Reponse.NOMBRE, " 3 ", 3),
        (Reponse.DATE, "31/08/2026", "2026-08-31"),
        (Reponse.DATE, "2026-08-31", "2026-08-31"),
        (Reponse.FAIT, "sans_objet", "sans_objet"),
        (Reponse.AUTONOMIE, "regulier", "regulier"),
        (Reponse.LISTE, "deux", "deux"),
        (Reponse.TEXTE_COURT, "  Un   fait \n\n simple ", "Un fait\n\nsimple"),
        (Reponse.NUMERO_UNIQUE, "022 0326 0012 3410 200", "022032600123410200"),
        *((reponse, "  ", None) for reponse in Reponse if reponse is not Reponse.CALCUL),
    ],
)
def test_answers_are_read(reponse: Reponse, typed: str, read: Any) -> None:
    assert lire(champ(reponse), [typed]) == read


@pytest.mark.parametrize(
    ("reponse", "typed"),
    [
        (Reponse.MONTANT, "mille"),
        (Reponse.MONTANT, "-5"),
        (Reponse.MONTANT, "1000001"),
        (Reponse.MONTANT, "1,234"),
        (Reponse.NOMBRE, "1.5"),
        (Reponse.NOMBRE, "1000"),
        (Reponse.NOMBRE, "²"),
        (Reponse.DATE, "31/02/2026"),
        (Reponse.FAIT, "peut-être"),
        (Reponse.LISTE, "trois"),
        (Reponse.CHOIX_MULTIPLE, "trois"),
        (Reponse.TEXTE_COURT, "a" * 301),
        (Reponse.PAROLE, "a" * 2001),
        (Reponse.NUMERO_UNIQUE, "12"),
    ],
)
def test_what_cannot_be_read_is_refused_on_its_field(reponse: Reponse, typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        lire(champ(reponse), [typed], "A1__reponse")
    assert refused.value.field == "A1__reponse"


@given(st.text(max_size=40), st.sampled_from([r for r in Reponse if r is not Reponse.CALCUL]))
def test_whatever_is_typed_is_read_or_refused(typed: str, reponse: Reponse) -> None:
    with suppress(DomainError):
        lire(champ(reponse), [typed], "x")


def test_several_choices_come_in_the_order_of_the_grid() -> None:
    assert lire(champ(Reponse.CHOIX_MULTIPLE), ["deux", "un"]) == ["un", "deux"]


def test_every_refusal_of_a_section_is_told_at_once() -> None:
    budget = NATIONALE.sections[1]
    with pytest.raises(DomainErrors) as refused:
        lire_section(budget, {"B1__total": ["x"], "B6__loyer": ["100"], "B6__aides": ["200"], "ZZ": ["1"]})
    assert {error.field for error in refused.value.errors} == {"B1__total", "B6__aides"}


def test_an_empty_section_is_accepted_for_every_section_and_stores_nothing() -> None:
    for section in NATIONALE.sections:
        assert lire_section(section, {}) == {}


def test_a_field_has_one_name_in_a_section() -> None:
    for section in NATIONALE.sections:
        noms = [nom(item, one) for item, one in a_saisir(section)]
        assert len(noms) == len(set(noms))
        assert all(name.isidentifier() for name in noms)


def test_free_texts_alone_are_read_for_words() -> None:
    projet = NATIONALE.sections[4]
    items = {"E1": {"reponse": "Vivre loin de la prison"}, "E3": {"reponse": "Premier bail."}}
    assert [mot.mot for mot in mots_a_relire(projet, items)["E1.reponse"]] == ["prison"]
    assert "E3.reponse" not in mots_a_relire(projet, items)


@pytest.mark.parametrize(
    ("figee", "mois", "attendu"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 8, 28), 6, date(2027, 2, 28)),
        (date(2026, 3, 31), 3, date(2026, 6, 30)),
        (date(2026, 1, 31), 12, date(2027, 1, 31)),
    ],
)
def test_the_end_of_a_month_stays_the_end_of_a_month(figee: date, mois: int, attendu: date) -> None:
    assert a_renouveler(figee, mois) == attendu


def une_grille(*items: Item) -> Grille:
    return Grille("Essai", (Section("A", "Section", "", items),))


def test_the_next_version_takes_what_still_answers_its_questions() -> None:
    liste = Item("A1", "Liste", "", (champ(Reponse.LISTE),))
    plusieurs = Item("A2", "Plusieurs", "", (champ(Reponse.CHOIX_MULTIPLE),))
    texte = Item("A3", "Texte", "", (champ(Reponse.TEXTE_COURT),))
    change = Item("A4", "Change", "", (champ(Reponse.TEXTE_COURT),))
    reponses: dict[str, Any] = {
        "A": {
            "A1": {"reponse": "deux"},
            "A2": {"reponse": ["un", "deux"]},
            "A3": {"reponse": "Un texte"},
            "A4": {"reponse": "Autre"},
        }
    }
    reduit = replace(champ(Reponse.LISTE), choix=CHOIX[:1])
    nouveau = une_grille(
        replace(liste, champs=(reduit,)),
        replace(plusieurs, champs=(replace(champ(Reponse.CHOIX_MULTIPLE), choix=CHOIX[:1]),)),
        replace(texte, libelle="Autrement dit"),
        replace(change, champs=(champ(Reponse.NOMBRE),)),
        Item("A5", "Nouvelle", "", (champ(Reponse.FAIT),)),
    )
    report = reporter(une_grille(liste, plusieurs, texte, change), reponses, nouveau)
    assert report == {"A": {"A2": {"reponse": ["un"]}, "A3": {"reponse": "Un texte"}}}
    pas_posee = une_grille(replace(texte, posee=False))
    assert reporter(une_grille(texte), reponses, pas_posee) == {"A": {}}
