"""The models that the portal ships: complete, consistent, and cases 1 and 2 of domaine.md § 15."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.conventions.modeles.composition import SANS_OBJET, Composition, composer
from portal.conventions.modeles.conditions import Contexte, Fait
from portal.conventions.modeles.contenu import Gabarit, Modele
from portal.conventions.modeles.lecture import (
    DOSSIER,
    FICHIERS,
    ModeleInvalide,
    empreinte,
    fautes,
    modeles_de_reference,
)
from portal.conventions.modeles.places import gabarit_pour, places
from portal.conventions.modeles.texte import blocs_texte, valeurs_par_defaut
from portal.documents.texte import Couleur, Genre

GENERAL, SIMPLIFIE = (lu.modele for lu in modeles_de_reference())


def text_for(*natures: str, faits: tuple[str, ...] = ()) -> Composition:
    contexte = Contexte.de(natures, faits)
    if gabarit_pour(natures) is Gabarit.SIMPLIFIE:
        return composer(SIMPLIFIE, contexte, GENERAL)
    return composer(GENERAL, contexte)


def test_an_operator_of_a_social_residence_alone() -> None:
    """Case 1: simplified model, 5.3 and 7.3-CHRS absent, numbers closed up, codes unchanged."""
    text = text_for("RS")

    assert text.gabarit is Gabarit.SIMPLIFIE
    assert not {"5.3", "7.3-CHRS", "2", "8.2"} & set(text.codes)
    assert {"5.1", "5.2", "6.2", "7.3", "7.3-RS", "10.3"} <= set(text.codes)
    assert [text.numeros[a.code] for a in text.articles if a.numero] == list("123456789")
    assert (text.numeros["3"], text.numeros["6.2"], text.numeros["7.3-RS"]) == ("2", "5.1", "6.3.1")
    assert next(c for c in text.clauses() if c.code == "6.2").numero_national == "6.2"
    said = {r.code: r.motif.en_langue() for r in text.retraits}
    assert said["5.3"] == "Le modèle simplifié ne comporte pas cette clause."
    assert said["7.3-PF"] == "L’opérateur ne gère pas : Pension de famille, Résidence accueil."


def test_an_operator_of_a_chrs_and_of_outreach() -> None:
    """Case 2: 5.3 with its two sub-paragraphs, 7.3-CHRS and 7.3-VS."""
    text = text_for("CHRS_INS", "MARAUDE")

    assert text.gabarit is Gabarit.GENERAL
    assert [c for c in text.codes if c.startswith("5.3")] == ["5.3", "5.3-VS", "5.3-HEB"]
    assert [c for c in text.codes if c.startswith("7.3-")] == ["7.3-CHRS", "7.3-VS"]
    assert [c for c in text.codes if c.startswith("3-")] == ["3-MARAUDE", "3-CHRS_INS"]
    assert (text.numeros["7.3-CHRS"], text.numeros["7.3-VS"]) == ("7.3.1", "7.3.2")


@pytest.mark.parametrize("nature", sorted(places()))
def test_every_nature_has_its_definition_and_its_sub_clause(nature: str) -> None:
    text = text_for(nature)
    place = places()[nature]

    assert [c for c in text.codes if c.startswith("3-")] == [f"3-{nature}"]
    assert not place.sous_clause or place.sous_clause in text.codes
    assert bool([c for c in text.codes if c.startswith("7.3-")]) is bool(place.sous_clause)


@pytest.mark.parametrize("nature", sorted(places()))
@pytest.mark.parametrize("faits", [(), tuple(fait.value for fait in Fait)], ids=["sans", "tous"])
def test_no_reference_ever_points_to_a_clause_left_out(nature: str, faits: tuple[str, ...]) -> None:
    text = text_for(nature, faits=faits)
    model = SIMPLIFIE if text.gabarit is Gabarit.SIMPLIFIE else GENERAL
    blocs = blocs_texte(text, valeurs_par_defaut(model))

    assert not [bloc.texte for bloc in blocs if SANS_OBJET in bloc.texte]
    assert not [bloc.texte for bloc in blocs if "{{" in bloc.texte or "[[" in bloc.texte]


def test_the_notes_of_attention_and_the_sentence_on_coordination() -> None:
    starred = {c.code for c in GENERAL.clauses() if c.attention}
    assert {"3", "5.2", "5.3", "6.3", "7.3"} <= starred
    assert all(c.attention for c in GENERAL.clauses() if c.code.startswith("7.3-"))
    (review,) = [c for c in GENERAL.clauses() if c.code == "6.3"]
    assert "évaluation du service rendu" in review.mention


def test_both_models_share_the_green_fields() -> None:
    def green(model: Modele) -> dict[tuple[str, str], object]:
        return {
            (c.code, p.code): p for c in model.clauses() for p in c.parametres if p.couleur is Couleur.VERTE
        }

    assert green(SIMPLIFIE).items() <= green(GENERAL).items()


def test_the_text_of_a_whole_operator_can_be_written() -> None:
    text = composer(GENERAL, Contexte.de(places(), [fait.value for fait in Fait]))
    blocs = blocs_texte(text, {})

    assert not text.retraits
    assert len([b for b in blocs if b.genre is Genre.TITRE]) > len(list(GENERAL.clauses()))
    assert {p.couleur for b in blocs for p in b.toutes()} == set(Couleur)


def test_the_print_of_a_model_follows_its_words() -> None:
    assert empreinte(GENERAL) == empreinte(Modele.from_json(GENERAL.to_json()))
    assert empreinte(GENERAL) != empreinte(SIMPLIFIE)
    assert fautes(GENERAL) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.replace("[[10.3]]", "[[10.9]]"), "renvoi à « 10.9 »"),
        (
            lambda s: s.replace("{{freq_eval_mois}}", "{{frequence}}"),
            "« frequence » employé sans être déclaré",
        ),
        (lambda s: s.replace("minimum = 3, maximum = 12", "minimum = 13, maximum = 12"), "bornes à l’envers"),
        (lambda s: s.replace('defaut = "192"', 'defaut = "240"'), "valeur par défaut refusée (« 240 »)"),
        (lambda s: s.replace('natures = ["CHRS_INS"]', 'natures = ["CHRSS"]'), "nature « CHRSS » inconnue"),
        (lambda s: s.replace('couleur = "verte"', 'couleur = "bleue"', 1), "forme inattendue"),
        (lambda s: s.replace('code = "5.2"', 'code = "5.1"', 1), "code employé deux fois"),
    ],
    ids=["renvoi", "parametre", "bornes", "defaut", "nature", "couleur", "double"],
)
def test_a_faulty_file_is_refused_and_says_why(
    tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    for name in FICHIERS:
        source = (DOSSIER / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(
            change(source) if name == "ctp_general" else source, encoding="utf-8"
        )
    with pytest.raises(ModeleInvalide) as refused:
        modeles_de_reference(tmp_path)
    assert said in str(refused.value)


def test_a_clause_taken_from_nowhere_is_refused(tmp_path: Path) -> None:
    for name in FICHIERS:
        source = (DOSSIER / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(source.replace('"8.4",', '"8.9",'), encoding="utf-8")
    with pytest.raises(ModeleInvalide, match=r"clauses reprises inconnues : 8\.9"):
        modeles_de_reference(tmp_path)
