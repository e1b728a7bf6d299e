"""From a Word file to the draft of a model: what is understood, and that no word is lost."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.conventions.modeles.composition import numeroter
from portal.conventions.modeles.contenu import Clause, Gabarit, Modele, TypeParametre
from portal.conventions.modeles.import_word import ecart, importer
from portal.conventions.modeles.lecture import fautes, modeles_de_reference
from portal.conventions.modeles.texte import blocs_clause
from portal.documents.rendu.docx import en_docx
from portal.documents.texte import Bloc, Couleur, Document, Genre, Passage
from portal.documents.word.lecture import DocumentLu, lire
from tests import rendus

LE = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)
F, V, J = Couleur.FIXE, Couleur.VERTE, Couleur.JAUNE


def titre(texte: str, niveau: int = 1) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau)


def par(*morceaux: str | tuple[str, Couleur]) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, tuple(Passage(m) if isinstance(m, str) else Passage(*m) for m in morceaux))


def modele(*blocs: Bloc) -> Modele:
    importe = importer(DocumentLu("CTP", blocs), Gabarit.GENERAL)
    assert not importe.avertissements
    assert not fautes(importe.modele)
    return importe.modele


def clause(*blocs: Bloc) -> Clause:
    return next(modele(titre("Article 1 – Objet"), *blocs).clauses())


def test_headings_become_articles_and_clauses_with_their_codes():
    lu = modele(
        par("Entre les parties"),
        titre("Article 1 : Objet"),
        par("Un seul texte"),
        titre("ARTICLE 2. Délais"),
        par("Chapeau"),
        titre("2.1 Accueil", 2),
        par("Accueil"),
        titre("2.2 – Réponse", 2),
        par("Réponse"),
        titre("2.2.1 – Urgence", 3),
        par("Urgence"),
        titre("Annexe A – Structures"),
        par("Liste"),
        titre("Annexe B – Barème"),
        titre("Détail", 2),
        par("Barème"),
    )
    assert [(a.code, a.titre, [(c.code, c.titre) for c in a.clauses]) for a in lu.articles] == [
        ("OUVERTURE", "Ouverture", [("OUVERTURE", "Ouverture")]),
        ("1", "Objet", [("1", "Objet")]),
        ("2", "Délais", [("2", "Délais"), ("2.1", "Accueil"), ("2.2", "Réponse"), ("2.2.1", "Urgence")]),
        ("ANN", "Annexes", [("ANNEXE-A", "Structures"), ("ANNEXE-B", "Barème")]),
    ]
    assert [numeroter(lu.articles)[code] for code in ("1", "2.1", "2.2.1", "ANNEXE-B")] == [
        "1",
        "2.1",
        "2.2.1",
        "B",
    ]


def test_coloured_passages_become_fields_of_their_colour():
    lue = clause(par("Le SIAO répond sous ", ("10 jours", J), " au ", ("service intégré", V), "."))
    assert lue.couleur is F
    assert [(p.couleur, p.type, p.defaut, p.unite) for p in lue.parametres] == [
        (J, TypeParametre.NOMBRE, "10", "jours"),
        (V, TypeParametre.TEXTE, "service intégré", ""),
    ]
    codes = [p.code for p in lue.parametres]
    assert codes == ["siao_repond_sous_10_jours", "siao_repond_sous_service_integre"] or len(set(codes)) == 2
    assert lue.texte == f"Le SIAO répond sous {{{{{codes[0]}}}}} au {{{{{codes[1]}}}}}."


def test_a_clause_of_one_colour_is_of_that_colour():
    lue = clause(par(("Tout est à négocier.", J)), par(("Tout.", J)))
    assert (lue.couleur, lue.parametres, lue.texte) == (J, (), "Tout est à négocier.\n\nTout.")


def test_a_clause_coloured_all_over_is_of_its_main_colour_and_the_other_makes_fields():
    lue = clause(
        par(("Les revues ont lieu tous les ", J), ("3 mois", V), (" au siège", J), "."),
        par("« ", ("Chacun y vient.", J), " »"),
    )
    assert (lue.couleur, lue.mention) == (J, "")
    assert [(p.couleur, p.defaut, p.unite) for p in lue.parametres] == [(V, "3", "mois")]
    assert lue.texte.endswith("« Chacun y vient. »")


def test_a_last_paragraph_in_black_under_a_coloured_text_is_what_the_clause_always_says():
    lue = clause(par(("La revue a lieu chaque trimestre.", J)), par("Ce n’est pas une évaluation."))
    assert (lue.couleur, lue.texte) == (J, "La revue a lieu chaque trimestre.")
    assert lue.mention == "Ce n’est pas une évaluation."
    # One that could be read as one of the portal's own marks, or that is coloured too, stays in the text.
    lue = clause(par(("La revue a lieu.", J)), par("Voir {{page}}."))
    assert (lue.couleur, lue.mention) == (F, "")
    assert clause(par("Un."), par("Deux.")).mention == ""
    assert clause(par(("Un.", J)), par(("Deux.", J))).texte == "Un.\n\nDeux."


def test_fields_in_lists_and_tables_keep_their_place():
    lue = clause(
        par("Voici :"),
        Bloc(Genre.PUCE, (Passage("un "), Passage("vert", V)), 0),
        Bloc(Genre.PUCE, (Passage("deux"),), 1),
        Bloc(Genre.TABLEAU, lignes=(((Passage("a|b"),), (Passage("c\nd", J),)),)),
    )
    blocs = blocs_clause(lue, {}, {})
    assert [(b.genre, b.niveau, b.texte) for b in blocs] == [
        (Genre.PARAGRAPHE, 0, "Voici :"),
        (Genre.PUCE, 0, "un vert"),
        (Genre.PUCE, 1, "deux"),
        (Genre.TABLEAU, 0, "a|b\tc d"),
    ]
    assert [p.couleur for b in blocs for p in b.toutes() if p.couleur is not F] == [V, J]


@pytest.mark.parametrize("texte", ["{{nom}} et [[7.2]]", "| bord", "|a|b|", "\\| \\", "{{{{a}}", "1er – fin"])
def test_what_looks_like_the_portal_s_own_marks_is_text(texte):
    assert clause(par(texte), par("fin", ("1", J)))


def test_a_number_that_the_portal_counts_otherwise_is_told():
    importe = importer(
        DocumentLu("", (titre("Article 1 – Un"), par("a"), titre("Article 3 – Trois"), par("b"))),
        Gabarit.GENERAL,
    )
    (dit,) = importe.avertissements
    assert (dit.code, dit.params) == ("modeles.import_numeros", {"liste": "3 → 2"})


def test_a_text_without_headings_is_one_clause_and_it_is_said():
    importe = importer(DocumentLu("", (par("rien que du texte"),)), Gabarit.GENERAL)
    assert [c.code for c in importe.modele.clauses()] == ["OUVERTURE"]
    assert [a.code for a in importe.avertissements] == ["modeles.import_sans_titre"]


def test_a_difference_is_told():
    lu = DocumentLu("", (titre("Article 1 – Un"), par("dix jours ouvrés")))
    autre = importer(
        DocumentLu(
            "",
            (titre("Article 1 – Un"), par("dix jours")),
        ),
        Gabarit.GENERAL,
    ).modele
    assert ecart(lu, autre) == ("Un dix jours ouvrés", "Un dix jours")


@pytest.mark.parametrize("rang", [0, 1], ids=["general", "simplifie"])
def test_the_reference_models_come_back_from_word_word_for_word(rang):
    source = modeles_de_reference()[rang].modele
    numeros = numeroter(source.articles)
    blocs: list[Bloc] = []
    for article in source.articles:
        numero = numeros.get(article.code)
        blocs.append(titre(f"Article {numero} – {article.titre}" if numero else article.titre))
        for une in article.clauses:
            if une.code != article.code:
                blocs.append(
                    titre(f"{numeros[une.code]} – {une.titre}" if numeros[une.code] else une.titre, 2)
                )
            blocs.extend(blocs_clause(une, {}, numeros))
    lu = lire(en_docx(Document(source.titre, tuple(blocs), colore=True), LE))
    importe = importer(lu, source.gabarit)
    assert [a for a in importe.avertissements if a.code == "modeles.import_ecart"] == []
    assert fautes(importe.modele) == []
    assert importe.modele.titre == source.titre
    couleurs = [[(c.couleur, c.mention) for c in m.clauses()] for m in (source, importe.modele)]
    assert couleurs[0] == couleurs[1]


def test_a_long_convention_comes_back():
    lu = lire(en_docx(rendus.convention(15, colore=True), LE))
    importe = importer(lu, Gabarit.GENERAL)
    assert importe.avertissements == ()
    assert sum(len(c.parametres) for c in importe.modele.clauses()) == 90
    assert fautes(importe.modele) == []


TEXTES = st.text(st.sampled_from("ab é12 -|[]{}•.\\\n\t\u00a0’"), max_size=14)
PASSAGES = st.lists(st.builds(Passage, TEXTES, st.sampled_from(Couleur)), max_size=4).map(tuple)
BLOCS = st.one_of(
    st.builds(lambda p, n: Bloc(Genre.TITRE, p, n), PASSAGES, st.integers(1, 4)),
    st.builds(lambda p: Bloc(Genre.PARAGRAPHE, p), PASSAGES),
    st.builds(lambda p, n: Bloc(Genre.PUCE, p, n), PASSAGES, st.integers(0, 3)),
    st.builds(
        lambda lignes: Bloc(Genre.TABLEAU, lignes=tuple(tuple(ligne) for ligne in lignes)),
        st.lists(st.lists(PASSAGES, min_size=2, max_size=2), max_size=3),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(BLOCS, max_size=6))
def test_no_word_is_lost_or_the_difference_is_told(blocs):
    importe = importer(DocumentLu("", tuple(blocs)), Gabarit.GENERAL)
    assert importe.modele == Modele.from_json(importe.modele.to_json())
    codes = [c.code for c in importe.modele.clauses()]
    assert len(codes) == len(set(codes))
    lu = DocumentLu("", tuple(blocs))
    assert (ecart(lu, importe.modele) is None) is (
        "modeles.import_ecart" not in {a.code for a in importe.avertissements}
    )
    assert ecart(lu, importe.modele) is None
