"""Correcting what was understood of a Word model, without losing a word of it."""

import pytest

from portal.conventions.modeles import corrections
from portal.conventions.modeles.contenu import Clause, Condition, Gabarit, Modele, Parametre, TypeParametre
from portal.conventions.modeles.import_word import importer
from portal.conventions.modeles.lecture import fautes
from portal.conventions.modeles.texte import blocs_clause
from portal.documents.texte import Bloc, Couleur, Genre, Passage
from portal.documents.word.lecture import DocumentLu
from portal.shared.errors import DomainError

F, V, J = Couleur.FIXE, Couleur.VERTE, Couleur.JAUNE


@pytest.fixture
def modele() -> Modele:
    def par(*morceaux: tuple[str, Couleur]) -> Bloc:
        return Bloc(Genre.PARAGRAPHE, tuple(Passage(*morceau) for morceau in morceaux))

    def titre(texte: str, niveau: int) -> Bloc:
        return Bloc(Genre.TITRE, (Passage(texte),), niveau)

    lu = DocumentLu(
        "CTP",
        (
            titre("Article 1 – Objet", 1),
            par(("Réponse sous ", F), ("10 jours", J), (".", F)),
            par(("Second paragraphe au ", F), ("SIAO", V), (".", F)),
            titre("1.1 – Suivi", 2),
            par(("À négocier en entier.", J)),
            titre("1.2 – Délai", 2),
            par(("Réponse sous ", F), ("10 jours", J), (".", F)),
        ),
    )
    return importer(lu, Gabarit.GENERAL).modele


def _clause(modele: Modele, code: str) -> Clause:
    return next(clause for clause in modele.clauses() if clause.code == code)


def _mots(modele: Modele) -> list[str]:
    morceaux = []
    for article in modele.articles:
        for clause in article.clauses:
            morceaux += [clause.titre] if clause.code != article.code else []
            morceaux += [bloc.texte for bloc in blocs_clause(clause, {}, {})]
    return " ".join(morceaux).split()


def test_merging_keeps_the_words_and_the_colours(modele):
    deux = corrections.fusionner(corrections.fusionner(modele, "1.1"), "1.2")
    assert _mots(deux) == _mots(modele)
    assert [clause.code for clause in deux.clauses()] == ["1"]
    assert [p.couleur for p in _clause(deux, "1").parametres] == [J, V, J, J]
    assert fautes(deux) == []


def test_the_first_clause_has_nothing_to_join(modele):
    with pytest.raises(DomainError) as refus:
        corrections.fusionner(modele, "1")
    assert refus.value.code == "modeles.correction_premiere"


def test_splitting_gives_each_part_its_fields(modele):
    coupe = corrections.couper(modele, "1", 1, " Second  point ")
    assert [(c.code, c.titre, [p.couleur for p in c.parametres]) for c in coupe.clauses()] == [
        ("1", "Objet", [J]),
        ("1.3", "Second point", [V]),
        ("1.1", "Suivi", []),
        ("1.2", "Délai", [J]),
    ]


@pytest.mark.parametrize("rang", [0, 2, -1])
def test_splitting_needs_a_paragraph_after_the_first(modele, rang):
    with pytest.raises(DomainError) as refus:
        corrections.couper(modele, "1", rang, "x")
    assert refus.value.code == "modeles.correction_paragraphe"


def test_naming_colouring_and_conditions(modele):
    autre = corrections.renommer(modele, "1.1", " suivi-1 ", "Le suivi")
    autre = corrections.colorer(autre, "SUIVI-1", V)
    lue = _clause(autre, "SUIVI-1")
    assert (lue.titre, lue.couleur) == ("Le suivi", V)
    with pytest.raises(DomainError) as refus:
        corrections.conditionner(autre, "SUIVI-1", Condition(natures=("inconnue",)))
    assert "nature « inconnue »" in refus.value.params["liste"]


@pytest.mark.parametrize("code", ["1.2", "a b", ""])
def test_a_code_that_is_taken_or_malformed_is_refused(modele, code):
    with pytest.raises(DomainError) as refus:
        corrections.renommer(modele, "1.1", code, "Suivi")
    assert refus.value.code == "modeles.correction_refusee"


def test_a_field_is_defined_then_made_fixed_again(modele):
    avant = _clause(modele, "1.2").parametres[0].code
    delai = Parametre("delai", "Délai", V, TypeParametre.NOMBRE, "12", "jours", 1, 15, origine="Circulaire")
    defini = corrections.definir(modele, "1.2", avant, delai)
    assert _clause(defini, "1.2").texte == "Réponse sous {{delai}}."
    fixe = corrections.demarquer(defini, "1.2", "delai")
    assert (_clause(fixe, "1.2").texte, _clause(fixe, "1.2").parametres) == ("Réponse sous 12 jours.", ())


def test_bounds_that_refuse_the_default_are_refused(modele):
    avant = _clause(modele, "1.2").parametres[0].code
    delai = Parametre("delai", "Délai", J, TypeParametre.NOMBRE, "12", "jours", 1, 5, origine="Circulaire")
    with pytest.raises(DomainError) as refus:
        corrections.definir(modele, "1.2", avant, delai)
    assert "valeur par défaut refusée" in refus.value.params["liste"]


def test_a_passage_of_the_fixed_text_becomes_a_field(modele):
    marque = corrections.marquer(modele, "1.2", "Réponse", J)
    assert [p.defaut for p in _clause(marque, "1.2").parametres] == ["10", "Réponse"]
    assert _mots(marque) == _mots(modele)


@pytest.mark.parametrize("extrait", ["", "absent", "{{", "reponse_sous"])
def test_a_passage_that_is_not_in_the_fixed_text_is_refused(modele, extrait):
    with pytest.raises(DomainError) as refus:
        corrections.marquer(modele, "1.2", extrait, J)
    assert refus.value.code == "modeles.correction_extrait"


def test_what_is_no_longer_there_is_told(modele):
    with pytest.raises(DomainError) as clause:
        corrections.colorer(modele, "9", V)
    assert clause.value.code == "modeles.correction_clause"
    with pytest.raises(DomainError) as champ:
        corrections.demarquer(modele, "1", "absent")
    assert champ.value.code == "modeles.correction_champ"
