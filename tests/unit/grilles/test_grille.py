"""The national grid, what a département may change in it, and the words that it has no place for."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from portal.grilles import contenu, lecture
from portal.grilles.adaptation import adapter, code_suivant, nouvel_item, resserrer, trop_larges
from portal.grilles.contenu import Champ, Grille, Item, empreinte
from portal.grilles.enums import A_CHOIX, P1Si, Portee, Reponse
from portal.grilles.lecture import GrilleInvalide, grille_nationale
from portal.grilles.relecture import expressions
from portal.shared.errors import DomainError, DomainErrors

DETAIL_B1 = ("activite", "chomage", "prestations", "pension", "autre")
NATIONALE = grille_nationale()
ITEMS = {item.code: item for item in NATIONALE.items()}


def codes(error: DomainErrors) -> set[tuple[str, str | None]]:
    return {(one.code, one.field) for one in error.errors}


def change(code: str, **voulu: object) -> Item:
    item = ITEMS[code]
    donnees: dict[str, object] = {
        "libelle": item.libelle,
        "aide": item.aide,
        "posee": True,
        "portees": {},
        "choix": {},
    }
    return adapter(item, item, **{**donnees, **voulu})  # type: ignore[arg-type]  # named one by one


def test_the_six_sections_and_the_questions_of_the_domain() -> None:
    """domaine.md § 6.3."""
    compte = {section.code: len(section.items) for section in NATIONALE.sections}
    assert compte == {"A": 8, "B": 10, "C": 8, "D": 4, "E": 3, "F": 5}


@pytest.mark.parametrize(
    ("code", "portees"),
    [
        ("A2", {"reponse": "P1"}),
        ("A7", {"reponse": "P2"}),
        ("B1", {"total": "P1"} | dict.fromkeys(DETAIL_B1, "P2")),
        ("B8", {"existence": "P2", "surendettement": "P2", "montant": "P2"}),
        ("C7", {"reponse": "P2"}),
        ("D4", {"reponse": "P2"}),
        ("F5", {"reponse": "P3"}),
    ],
)  # fmt: skip
def test_what_stays_from_the_landlord(code: str, portees: dict[str, str]) -> None:
    assert {champ.code: champ.portee.value for champ in ITEMS[code].champs} == portees


def test_who_may_send_what_the_landlord_does_not_read() -> None:
    conditions = {(i.code, c.code): c.p1_si for i in ITEMS.values() for c in i.champs if c.p1_si}
    assert conditions == {("A7", "reponse"): P1Si.MANDATAIRE, ("B8", "montant"): P1Si.MENAGE}


def test_a_grid_has_no_score_no_total_no_ranking_and_no_colour() -> None:
    """domaine.md § 6.1. Nothing of a grid, a question or a field could hold one."""
    noms = {f.name for kind in (Grille, contenu.Section, Item, Champ, contenu.Choix) for f in fields(kind)}
    assert noms == {
        "libelle", "sections", "code", "titre", "consigne", "items", "aide", "champs", "posee", "reponse",
        "portee", "choix", "p1_si",
    }  # fmt: skip


def test_the_national_grid_asks_nothing_it_has_no_place_for() -> None:
    for item in ITEMS.values():
        textes = [item.libelle]
        for champ in item.champs:
            textes += [champ.libelle, *(choix.libelle for choix in champ.choix)]
        assert not [found for texte in textes for found in expressions(texte)], item.code


def test_a_faulty_grid_says_everything_that_is_wrong(tmp_path: Path) -> None:
    data = lecture.FICHIER.read_text(encoding="utf-8")
    assert tomllib.loads(data)
    wrong = data.replace('code = "A2"', 'code = "B2"').replace(
        'reponse = "numero_unique"', 'reponse = "liste"'
    )
    file = tmp_path / "grille.toml"
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(GrilleInvalide) as raised:
        grille_nationale(file)
    message = str(raised.value)
    assert "question B2 : code employé deux fois" in message
    assert "question B2 : code qui n’est pas de la section A" in message
    assert "question A4 : réponse « reponse » : des choix sans liste, ou l’inverse" in message


def test_the_fingerprint_follows_the_content() -> None:
    autre = Grille(NATIONALE.libelle, NATIONALE.sections[:-1])
    assert empreinte(NATIONALE) == empreinte(grille_nationale()) != empreinte(autre)


@pytest.mark.parametrize(
    ("texte", "mots"),
    [
        ("Le logement doit être au rez-de-chaussée", []),
        ("Elle a été hospitalisée en mars", ["hospitalisee"]),
        ("Sorti de PRISON, suivi par le S.P.I.P.", ["prison"]),
        ("Il est menteur et agité", ["menteur", "agite"]),
        ("Demandeur d’asile", ["asile"]),
        ("D’une famille sénégalaise, arrivée de Tunisie", ["senegalaise"]),
        ("Ménage assidu, paiements réguliers", []),
        ("Perçoit l’AAH", ["aah"]),
        ("La prisonnière du château", ["prisonniere"]),
        ("Salade et saleté", []),
    ],
)
def test_words_that_ask_for_another_reading(texte: str, mots: list[str]) -> None:
    assert [found.mot for found in expressions(texte)] == mots


def test_a_scope_narrows_and_never_goes_further_than_the_national_one() -> None:
    etroite = change("C5", portees={"reponse": Portee.P2})
    assert etroite.champs[0].portee is Portee.P2
    with pytest.raises(DomainErrors) as raised:
        change("F5", portees={"reponse": Portee.P1})
    assert codes(raised.value) == {("grilles.portee_elargie", "portee_reponse")}


@pytest.mark.parametrize("code", ["E1", "E2", "F4"])
def test_the_household_always_has_its_say(code: str) -> None:
    with pytest.raises(DomainErrors) as raised:
        change(code, posee=False)
    assert codes(raised.value) == {("grilles.parole", "posee")}


def test_a_choice_that_keeps_its_words_keeps_its_code() -> None:
    apres = change(
        "A6", choix={"reponse": "Accord collectif départemental\nLabellisation\n\nAutre reconnaissance"}
    )
    assert [(c.code, c.libelle) for c in apres.champs[0].choix] == [
        ("acd", "Accord collectif départemental"),
        ("labellisation", "Labellisation"),
        ("autre", "Autre reconnaissance"),
    ]


@pytest.mark.parametrize(
    ("choix", "code"),
    [
        ("", "grilles.choix_obligatoires"),
        ("Un seul", "grilles.choix_obligatoires"),
        ("Oui\nNon\noui", "grilles.choix_double"),
        ("\n".join(f"Choix {n}" for n in range(31)), "grilles.choix_nombreux"),
        ("Oui\n" + "x" * 161, "grilles.texte_long"),
        ("Aucun\nSous traitement", "grilles.hors_champ"),
    ],
)
def test_choices_that_cannot_be(choix: str, code: str) -> None:
    with pytest.raises(DomainErrors) as raised:
        change("A6", choix={"reponse": choix})
    assert codes(raised.value) == {(code, "choix_reponse")}


@pytest.mark.parametrize(
    ("libelle", "code"),
    [
        ("  ", "grilles.libelle_obligatoire"),
        ("x" * 161, "grilles.texte_long"),
        ("Suivi médical en cours", "grilles.hors_champ"),
        ("Nationalité du ménage", "grilles.hors_champ"),
    ],
)
def test_a_question_that_cannot_be_asked(libelle: str, code: str) -> None:
    with pytest.raises(DomainErrors) as raised:
        nouvel_item("DL1", libelle, "", Reponse.FAIT, Portee.P2, "")
    assert codes(raised.value) == {(code, "libelle")}


def test_a_question_of_the_departement() -> None:
    item = nouvel_item(
        "D5", " Déplacements  possibles ", "", Reponse.CHOIX_MULTIPLE, Portee.P1, "Vélo\n2 roues"
    )
    assert (item.libelle, item.posee) == ("Déplacements possibles", True)
    assert item.champs[0].reponse in A_CHOIX
    assert [c.code for c in item.champs[0].choix] == ["velo", "c_2_roues"]


def test_what_the_national_grid_narrowed_is_narrowed_in_the_next_draft() -> None:
    large, etroit = ITEMS["C5"], change("C5", portees={"reponse": Portee.P3})
    assert [champ.code for champ in trop_larges(large, etroit)] == ["reponse"]
    assert resserrer(large, etroit).champs[0].portee is Portee.P3
    assert resserrer(etroit, large) is etroit
    assert resserrer(large, None) is large


def test_a_code_that_served_never_serves_again() -> None:
    assert code_suivant("D", ["A1", "AL4", "D1", "D7"]) == "DL1"
    assert code_suivant("D", ["D1", "DL1", "DL3"]) == "DL4"
    with pytest.raises(DomainError):
        code_suivant("D", [f"D{n}" for n in range(1, 21)])
