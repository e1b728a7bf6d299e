"""What may leave a grid: the allow-list (domaine.md §§ 6.3, 6.5; case 16 of § 15)."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.grilles.calculs import Charge, Donnees, EchelleUC, Parametres, reste_a_vivre
from portal.grilles.contenu import Champ, Grille, Item, Section
from portal.grilles.enums import P1Si, Portee, Reponse
from portal.grilles.lecture import grille_nationale
from portal.grilles.sortie import AdulteSorti, Entete, Sortie, champs_ouvrables, construire

NATIONALE = grille_nationale()
TOUTES = tuple(section.code for section in NATIONALE.sections)
ENTETE = Entete(
    (AdulteSorti("Fictive", "Ana", "1990-02-03"),), "022000000000000001", "Zoé (Asso)", 2, "2026-03-02"
)


def remplie(modele: Grille = NATIONALE) -> dict[str, dict[str, dict[str, Any]]]:
    """Every field answered, by a value of its kind; texts say which field they are of."""

    def valeur(nom: str, champ: Champ) -> Any:
        return {
            Reponse.FAIT: "oui",
            Reponse.AUTONOMIE: "ponctuel",
            Reponse.MONTANT: 12345,
            Reponse.NOMBRE: 2,
            Reponse.DATE: "2026-01-31",
            Reponse.LISTE: champ.choix[0].code if champ.choix else None,
            Reponse.CHOIX_MULTIPLE: [choix.code for choix in champ.choix],
            Reponse.CALCUL: {
                "valeur": 27000,
                "formule": "f",
                "le": "2026-03-02",
                "termes": {"CANARI": 1},
                "parametres": {"Échelle": "OCDE", "CANARI": {"CANARI": 1}},
                "unite": "cents_par_uc",
            },
        }.get(champ.reponse, f"CANARI {nom}")

    return {
        section.code: {
            item.code: {champ.code: valeur(f"{item.code}.{champ.code}", champ) for champ in item.champs}
            for item in section.items
        }
        for section in modele.sections
    }


def noms(sortie: Sortie) -> set[str]:
    return {
        f"{item.code}.{champ.code}"
        for section in sortie.sections
        for item in section.items
        for champ in item.champs
    }


def portees(*voulues: Portee) -> set[str]:
    return {
        f"{item.code}.{champ.code}"
        for item in NATIONALE.items()
        for champ in item.champs
        if champ.portee in voulues
    }


def test_a_transmission_holds_what_is_p1_and_nothing_else() -> None:
    sortie = construire(ENTETE, NATIONALE, remplie(), sections=TOUTES)
    assert noms(sortie) == portees(Portee.P1)
    assert not noms(sortie) & {"A7.reponse", "B1.activite", "B8.existence", "B8.montant", "F5.reponse"}
    assert "CANARI F5" not in json.dumps(sortie.to_json())


def test_a_commission_may_see_p2_but_nobody_p3() -> None:
    sortie = construire(ENTETE, NATIONALE, remplie(), sections=TOUTES, portee=Portee.P2)
    assert noms(sortie) == portees(Portee.P1, Portee.P2)
    with pytest.raises(ValueError, match="P3"):
        construire(ENTETE, NATIONALE, remplie(), sections=TOUTES, portee=Portee.P3)


def test_only_the_authorised_sections_leave() -> None:
    sortie = construire(ENTETE, NATIONALE, remplie(), sections=("A", "C"))
    assert [section.code for section in sortie.sections] == ["A", "C"]
    assert construire(ENTETE, NATIONALE, remplie(), sections=()).sections == ()


def test_the_household_may_add_the_fields_left_to_it_and_no_other() -> None:
    voulus = ("B8.montant", "B8.existence", "F5.reponse", "B1.activite", "Z9.reponse")
    sortie = construire(ENTETE, NATIONALE, remplie(), sections=TOUTES, champs_voulus=voulus)
    assert noms(sortie) - portees(Portee.P1) == {"B8.montant"}
    sans_b = construire(ENTETE, NATIONALE, remplie(), sections=("A",), champs_voulus=("B8.montant",))
    assert "B8.montant" not in noms(sans_b)
    assert set(champs_ouvrables(NATIONALE)) == {"A7.reponse", "B8.montant"}


def test_a_field_narrowed_to_p3_no_longer_leaves_even_if_wanted() -> None:
    champ = Champ("reponse", "", Reponse.FAIT, Portee.P3, (), P1Si.MANDATAIRE)
    modele = Grille("g", (Section("A", "A", "", (Item("A7", "x", "", (champ,)),)),))
    sortie = construire(ENTETE, modele, remplie(modele), sections="A", champs_voulus=["A7.reponse"])
    assert sortie.sections == ()
    assert champs_ouvrables(modele) == {}


def test_the_demand_number_of_a_protected_household_does_not_leave() -> None:
    entete = replace(ENTETE, adultes=(), numero_unique="", code="M-ABCD", si_siao="12345")
    sortie = construire(entete, NATIONALE, remplie(), sections=TOUTES, portee=Portee.P2)
    assert noms(sortie) == portees(Portee.P1, Portee.P2) - {"A4.reponse"}


def test_a_question_not_asked_does_not_leave() -> None:
    section = NATIONALE.sections[0]
    items = tuple(replace(item, posee=False) for item in section.items)
    modele = replace(NATIONALE, sections=(replace(section, items=items),))
    assert construire(ENTETE, modele, remplie(), sections=TOUTES).sections == ()


def test_answers_of_questions_that_the_model_has_not_do_not_leave() -> None:
    reponses = remplie()
    reponses["A"]["A99"] = {"reponse": "CANARI inconnu"}
    reponses["A"]["A5"] = {"reponse": "oui", "sante": "CANARI santé"}
    reponses["Z"] = {"Z1": {"reponse": "CANARI section"}}
    texte = json.dumps(construire(ENTETE, NATIONALE, reponses, sections=(*TOUTES, "Z")).to_json())
    assert "CANARI inconnu" not in texte
    assert "santé" not in texte
    assert "CANARI section" not in texte


@pytest.mark.parametrize(
    "valeur", ["CANARI", {"CANARI": "CANARI"}, ["CANARI"], True, 1.5, {"termes": "CANARI"}]
)
def test_a_value_that_is_not_of_the_field_s_kind_does_not_leave(valeur: Any) -> None:
    textes = {Reponse.TEXTE_COURT, Reponse.PAROLE, Reponse.NUMERO_UNIQUE}
    for section in NATIONALE.sections:
        for item in section.items:
            for champ in item.champs:
                if champ.reponse in textes and isinstance(valeur, str):
                    continue
                reponses = {section.code: {item.code: {champ.code: valeur}}}
                sortie = construire(ENTETE, NATIONALE, reponses, sections=section.code)
                assert all(c.valeur is None for s in sortie.sections for i in s.items for c in i.champs)


def calculees(sortie: Sortie) -> dict[str, Any]:
    return {i.code: i.champs[0].valeur for s in sortie.sections for i in s.items if i.code in ("B5", "B6")}


def test_what_a_value_was_computed_from_does_not_leave() -> None:
    attendu = {"valeur": 27000, "unite": "cents_par_uc", "formule": "f", "le": "2026-03-02"}
    attendu |= {"parametres": {"Échelle": "OCDE"}}
    sortie = construire(ENTETE, NATIONALE, remplie(), sections="AB")
    assert calculees(sortie) == {"B5": attendu, "B6": attendu}


def vivre(autres: int) -> dict[str, Any]:
    """The « reste à vivre » of two adults, where the département keeps what they repay of debts."""
    donnees = Donnees(ressources=160000, supportables=40000, adultes=2, autres=autres)
    parametres = Parametres(echelle=EchelleUC.OCDE, charges=(Charge.MENSUALITES,))
    return reste_a_vivre(donnees, parametres, date(2026, 3, 2)).to_json()


def test_what_is_repaid_of_debts_cannot_be_told_from_the_value_that_leaves() -> None:
    def part(autres: int, portee: Portee = Portee.P1) -> Sortie:
        reponses = remplie()
        reponses["B"]["B5"]["reponse"] = vivre(autres)
        return construire(ENTETE, NATIONALE, reponses, sections="AB", portee=portee)

    assert part(0) == part(30000)
    lue = calculees(part(30000))["B5"]
    assert lue["valeur"] == 80000  # (1600 − 400) ÷ 1,5
    assert "autres" not in lue["formule"]
    assert set(lue["parametres"]) == {
        "Échelle d’unités de consommation",
        "Unités de consommation",
        "Charges de logement retenues",
    }
    assert calculees(part(30000, Portee.P2))["B5"]["valeur"] == 60000


def test_a_computed_value_leaves_only_with_all_that_it_is_made_of() -> None:
    assert set(calculees(construire(ENTETE, NATIONALE, remplie(), sections="B"))) == {"B6"}
    section = NATIONALE.sections[1]
    items = tuple(
        replace(item, champs=tuple(replace(champ, portee=Portee.P2) for champ in item.champs))
        if item.code == "B1"
        else item
        for item in section.items
    )
    modele = replace(NATIONALE, sections=(NATIONALE.sections[0], replace(section, items=items)))
    assert calculees(construire(ENTETE, modele, remplie(), sections="AB")) == {}
    assert set(calculees(construire(ENTETE, modele, remplie(), sections="AB", portee=Portee.P2))) == {
        "B5",
        "B6",
    }


def test_not_answered_stays_not_answered() -> None:
    sortie = construire(ENTETE, NATIONALE, {}, sections=TOUTES)
    assert noms(sortie) == portees(Portee.P1)
    assert {c.valeur for s in sortie.sections for i in s.items for c in i.champs} == {None}


def test_choices_leave_in_the_words_of_their_own_version() -> None:
    reponses: dict[str, Any] = {
        "A": {"A6": {"reponse": ["dalo", "syplo", "inconnu"]}, "A8": {"ouverture": "voisines"}}
    }
    sortie = construire(ENTETE, NATIONALE, reponses, sections="A")
    valeurs = {f"{i.code}.{c.code}": c.valeur for i in sortie.sections[0].items for c in i.champs}
    assert valeurs["A6.reponse"] == [
        "Inscription au contingent (SYPLO)",
        "Décision de la commission de médiation (DALO)",
    ]
    assert valeurs["A8.ouverture"] == "Aussi les communes voisines"


def test_what_is_frozen_reads_back_the_same() -> None:
    sortie = construire(ENTETE, NATIONALE, remplie(), sections=TOUTES)
    relue = Sortie.from_json(json.loads(json.dumps(sortie.to_json())))
    assert relue == sortie
    assert relue.empreinte() == sortie.empreinte()
    assert len(sortie.empreinte()) == 64
    autre = replace(sortie, entete=replace(sortie.entete, numero_unique="x"))
    assert autre.empreinte() != sortie.empreinte()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    sections=st.sets(st.sampled_from(TOUTES)),
    voulus=st.sets(st.sampled_from(sorted(portees(*Portee)))),
    brut=JSON,
)
def test_whatever_is_asked_for_no_closed_field_leaves(
    sections: set[str], voulus: set[str], brut: Any
) -> None:
    reponses = {
        section.code: {item.code: {c.code: brut for c in item.champs} for item in section.items}
        for section in NATIONALE.sections
    }
    sorties = noms(construire(ENTETE, NATIONALE, reponses, sections=sections, champs_voulus=voulus))
    assert sorties <= portees(Portee.P1) | (voulus & {"A7.reponse", "B8.montant"})
    assert {nom[0] for nom in sorties} <= sections
