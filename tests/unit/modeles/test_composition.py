"""From a model to the text of one operator, on a small model of which every rule is in sight."""

import json

import pytest

from portal.conventions.modeles.composition import composer, numeroter, resoudre_renvois
from portal.conventions.modeles.conditions import CUMUL_STRICT, Contexte
from portal.conventions.modeles.contenu import Article, Clause, Condition, Gabarit, Modele, Parametre
from portal.conventions.modeles.contenu import TypeParametre as T
from portal.conventions.modeles.places import gabarit_pour, places
from portal.conventions.modeles.texte import afficher, blocs_clause, blocs_texte, source_tableau
from portal.conventions.modeles.valeurs import lire_valeur
from portal.documents.texte import Bloc, Couleur, Genre, Passage
from portal.organisations.natures import read_toml
from portal.shared.errors import DomainError

FIXE, VERTE, JAUNE = Couleur.FIXE, Couleur.VERTE, Couleur.JAUNE

DELAI = Parametre(
    "delai_orientation_h",
    "Délai d’orientation",
    VERTE,
    T.NOMBRE,
    defaut="192",
    unite="heures",
    minimum=1,
    maximum=192,
    origine="accord-cadre Dihal – UNAFO – UNHAJ",
)


def clause(code: str, texte: str = "Texte.", **autres: object) -> Clause:
    return Clause(**{"code": code, "titre": f"Titre {code}", "couleur": FIXE, "texte": texte} | autres)  # type: ignore[arg-type]


def familles(*codes: str, cumul: bool = False) -> Condition:
    return Condition(familles=codes, cumul=cumul)


MODELE = Modele(
    Gabarit.GENERAL,
    "Convention",
    (
        Article("PRE", "Préambule", (clause("PRE"),)),
        Article("1", "Objet", (clause("1"),)),
        Article("2", "Missions", (clause("2", condition=Condition(faits=("si_propre",))),)),
        Article(
            "3",
            "Dispositifs",
            (clause("3"), clause("3-RS", condition=Condition(natures=("RS",))), clause("3-PF")),
        ),
        Article(
            "5",
            "Accueil",
            (
                clause("5.1", "Voir [[5.4]] et [[5.3]]."),
                clause("5.3", condition=familles("veille_sociale", "hebergement", cumul=True)),
                clause("5.3-VS", condition=familles("veille_sociale")),
                clause("5.3-HEB", condition=familles("hebergement")),
                clause("5.4", "Sous {{delai_orientation_h}}.", parametres=(DELAI,)),
            ),
        ),
        Article(
            "ANN",
            "Annexes",
            (
                clause("ANN-A"),
                clause("ANN-B", condition=Condition(faits=("exception_contingent",))),
                clause("ANN-C"),
            ),
        ),
    ),
)


def test_numbers_close_up_and_codes_do_not_move() -> None:
    text = composer(MODELE, Contexte.de(["RS"]))

    assert {c.code: (c.numero, c.numero_national) for c in text.clauses()} == {
        "PRE": ("", ""),
        "1": ("1", "1"),
        "3": ("2", "3"),
        "3-RS": ("2.1", "3.1"),
        "3-PF": ("2.2", "3.2"),
        "5.1": ("3.1", "4.1"),
        "5.4": ("3.2", "4.3"),
        "ANN-A": ("A", "A"),
        "ANN-C": ("B", "C"),
    }


def test_each_removal_says_why_in_both_languages() -> None:
    text = composer(MODELE, Contexte.de(["RS"]))
    said = {r.code: r.motif.en_langue("fr") for r in text.retraits}

    assert said == {
        "2": "L’opérateur n’a pas de système d’information propre.",
        "5.3": "L’opérateur ne gère aucun dispositif des familles : veille sociale, hébergement.",
        "5.3-VS": "L’opérateur ne gère aucun dispositif des familles : veille sociale.",
        "5.3-HEB": "L’opérateur ne gère aucun dispositif des familles : hébergement.",
        "ANN-B": "Aucune exception écrite au contingent n’est accordée.",
    }
    assert composer(MODELE, Contexte.de(["CHU"])).retraits[1].motif.en_langue("fr") == (
        "L’opérateur ne gère pas : Résidence sociale."
    )


def test_a_nature_put_off_takes_its_clauses_away_for_now() -> None:
    text = composer(MODELE, Contexte.de(["RS", "CHU"], differees=["CHU"]))

    said = {r.code: r.motif.en_langue("fr") for r in text.retraits}
    assert "5.3" not in text.codes
    assert said["5.3"] == (
        "Tous les dispositifs des familles veille sociale, hébergement sont différés à un avenant prévu."
    )


@pytest.mark.parametrize(
    ("natures", "strict", "kept"),
    [
        (["CHRS_INS", "MARAUDE"], False, ["5.3", "5.3-VS", "5.3-HEB"]),
        (["CHRS_INS", "MARAUDE"], True, ["5.3", "5.3-VS", "5.3-HEB"]),
        (["CHRS_INS"], False, ["5.3", "5.3-HEB"]),
        (["CHRS_INS"], True, []),
        (["MARAUDE"], False, ["5.3", "5.3-VS"]),
        (["RS"], False, []),
    ],
)
def test_both_readings_of_the_family_of_5_3(natures: list[str], strict: bool, kept: list[str]) -> None:
    text = composer(MODELE, Contexte.de(natures, [CUMUL_STRICT] if strict else []))

    assert [code for code in text.codes if code.startswith("5.3")] == kept
    if strict and not kept:
        removed = {r.code: r.motif.en_langue("fr") for r in text.retraits}
        assert removed["5.3-HEB"] == "La clause 4.2, dont elle dépend, n’est pas conservée."


def test_references_follow_the_numbers_shown() -> None:
    text = composer(MODELE, Contexte.de(["RS"]))
    (first,) = [c for c in text.clauses() if c.code == "5.1"]

    (bloc,) = blocs_clause(first.clause, {}, text.numeros)
    assert bloc.texte == "Voir 3.2 et (sans objet)."
    assert resoudre_renvois("Voir [[inconnu]].", {}) == "Voir (sans objet)."


def test_the_simplified_model_tells_what_it_leaves_out() -> None:
    simple = Modele(Gabarit.SIMPLIFIE, "Simplifié", (MODELE.articles[0], MODELE.articles[3]))
    text = composer(simple, Contexte.de(["RS"]), MODELE)

    assert text.numeros["3"] == "1"
    assert next(c for c in text.clauses() if c.code == "3").numero_national == "3"
    assert {r.code for r in text.retraits} == {c.code for c in MODELE.clauses()} - set(text.codes)
    assert text.retraits[0].motif.en_langue("fr") == "Le modèle simplifié ne comporte pas cette clause."


def test_the_table_of_correspondence_closes_the_text() -> None:
    text = composer(MODELE, Contexte.de(["RS"]))
    blocs = blocs_texte(text, {})

    assert blocs[-1].genre is Genre.TABLEAU
    assert "5.4\tTitre 5.4\t3.2\t4.3" in blocs[-1].texte
    assert "5.3\tTitre 5.3\tretirée\t4.2" in blocs[-1].texte
    assert "PRE\tTitre PRE\t–\t–" in blocs[-1].texte


def test_a_clause_that_shares_its_article_has_one_heading() -> None:
    titles = [
        b.texte for b in blocs_texte(composer(MODELE, Contexte.de(["RS"])), {}) if b.genre is Genre.TITRE
    ]
    assert titles[:5] == [
        "Préambule",
        "Article 1 – Objet",
        "Article 2 – Dispositifs",
        "2.1 – Titre 3-RS",
        "2.2 – Titre 3-PF",
    ]
    assert "Annexe B – Titre ANN-C" in titles


def test_a_value_bears_its_own_colour_and_unit() -> None:
    with_delay = clause("7.2", "Sous {{delai_orientation_h}} au plus.", parametres=(DELAI,))
    (bloc,) = blocs_clause(with_delay, {("7.2", "delai_orientation_h"): "168"}, {})

    assert bloc.passages == (
        Passage("Sous ", FIXE),
        Passage("168 heures", VERTE),
        Passage(" au plus.", FIXE),
    )


@pytest.mark.parametrize(
    ("parametre", "valeur", "shown"),
    [
        (Parametre("n", "N", JAUNE, T.NOMBRE, unite="jours ouvrés"), "1", "1 jour ouvré"),
        (Parametre("n", "N", JAUNE, T.NOMBRE, unite="mois"), "1", "1 mois"),
        (Parametre("n", "N", JAUNE, T.NOMBRE, unite="%"), "30", "30 %"),
        (Parametre("d", "D", JAUNE, T.DATE), "2027-01-01", "1er janvier 2027"),
        (Parametre("d", "D", JAUNE, T.DATE), "2027-12-31", "31 décembre 2027"),
        (Parametre("c", "C", JAUNE, T.CHOIX, choix=(("stock", "en stock"),)), "stock", "en stock"),
        (Parametre("o", "O", JAUNE, T.OUI_NON), "non", "non"),
        (Parametre("t", "Adresse", JAUNE), "", "[à compléter : Adresse]"),
        (Parametre("t", "Adresse", JAUNE, obligatoire=False), "", "sans objet"),
    ],
)
def test_values_as_the_text_says_them(parametre: Parametre, valeur: str, shown: str) -> None:
    assert afficher(parametre, valeur) == shown


def test_paragraphs_lists_and_tables() -> None:
    table = Parametre("t", "Tableau", JAUNE, T.TEXTE_LONG)
    source = "Un\nseul paragraphe.\n\n- premier\n  suite\n  - dessous\n- second\n\n{{t}}"
    value = "Avant.\n\n" + source_tableau([("Nature", "A | B"), ("RS", "")]) + "\n\n{{t}} [[7.2]]"

    blocs = blocs_clause(clause("3", source, parametres=(table,)), {("3", "t"): value}, {})

    assert [(b.genre, b.niveau, b.texte) for b in blocs] == [
        (Genre.PARAGRAPHE, 0, "Un seul paragraphe."),
        (Genre.PUCE, 0, "premier suite"),
        (Genre.PUCE, 1, "dessous"),
        (Genre.PUCE, 0, "second"),
        (Genre.PARAGRAPHE, 0, "Avant."),
        (Genre.TABLEAU, 0, "Nature\tA | B\nRS\t"),
        (Genre.PARAGRAPHE, 0, "{{t}} [[7.2]]"),
    ]
    assert blocs[5].lignes[0][1] == (Passage("A | B", JAUNE),)


def test_an_optional_long_value_left_empty_leaves_no_paragraph() -> None:
    long = Parametre("t", "Texte", JAUNE, T.TEXTE_LONG, obligatoire=False)
    owed = Parametre("t", "Texte", JAUNE, T.TEXTE_LONG)

    assert blocs_clause(clause("3", "{{t}}", parametres=(long,)), {}, {}) == ()
    assert blocs_clause(clause("3", "{{t}}", parametres=(owed,)), {}, {}) == (
        Bloc(Genre.PARAGRAPHE, (Passage("[à compléter : Texte]", JAUNE),)),
    )


def test_the_mention_stays_whatever_is_written() -> None:
    review = clause("6.3", "Ancien.", couleur=JAUNE, mention="Exercice de coordination.")

    blocs = blocs_clause(review, {}, {}, "Autre texte.")

    assert [b.texte for b in blocs] == ["Autre texte.", "Exercice de coordination."]
    assert blocs[1].passages[0].couleur is FIXE


def test_the_whole_delay_of_the_framework_agreement_and_no_more() -> None:
    """Case 7 of § 15."""
    assert lire_valeur(DELAI, "168") == "168"
    with pytest.raises(DomainError) as refused:
        lire_valeur(DELAI, "240")
    assert refused.value.code == "modeles.valeur_hors_bornes"
    assert refused.value.params["maximum"] == "192 heures"
    assert "accord-cadre" in refused.value.params["origine"]


@pytest.mark.parametrize("brut", ["", "12,5", "-3", "huit", "²", "9" * 12])
def test_what_is_not_a_number_is_refused(brut: str) -> None:
    with pytest.raises(DomainError):
        lire_valeur(DELAI, brut)


def test_other_types_are_read_as_people_write_them() -> None:
    jour = Parametre("d", "D", JAUNE, T.DATE, obligatoire=False)
    assert lire_valeur(jour, "1er janvier 2027") == "2027-01-01"
    assert lire_valeur(jour, " ") == ""
    with pytest.raises(DomainError):
        lire_valeur(Parametre("c", "C", JAUNE, T.CHOIX, choix=(("a", "A"),)), "b")
    with pytest.raises(DomainError):
        lire_valeur(Parametre("t", "T", JAUNE), "x" * 301)
    assert lire_valeur(Parametre("t", "T", JAUNE), "deux\r\nlignes") == "deux lignes"


@pytest.mark.parametrize(
    ("natures", "gabarit"),
    [
        (["RS"], Gabarit.SIMPLIFIE),
        (["RS", "RS_FJT", "PF", "RA"], Gabarit.SIMPLIFIE),
        (["RS", "CHRS_INS"], Gabarit.GENERAL),
        (["FJT_NT"], Gabarit.GENERAL),
        ([], Gabarit.GENERAL),
        (["INCONNUE"], Gabarit.GENERAL),
    ],
)
def test_the_simplified_model_is_for_social_residences_alone(natures: list[str], gabarit: Gabarit) -> None:
    assert gabarit_pour(natures) is gabarit


def test_every_nature_has_its_place_or_says_why_not() -> None:
    natures = {row["code"] for row in read_toml("natures")}
    assert set(places()) == natures
    assert all(bool(place.sous_clause) != bool(place.note) for place in places().values())


def test_a_model_is_the_same_after_a_stay_in_json() -> None:
    assert Modele.from_json(json.loads(json.dumps(MODELE.to_json()))) == MODELE


def test_every_article_number_in_the_complete_model() -> None:
    assert numeroter(MODELE.articles)["5.3-HEB"] == "4.2.2"
