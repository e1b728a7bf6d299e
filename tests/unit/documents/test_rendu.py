"""Word and PDF files made from a text, read back by other programs."""

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import docx
import pypdf
import pytest
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.documents.rendu.commun import LARGEUR_LIGNE, largeurs, propre
from portal.documents.rendu.docx import en_docx
from portal.documents.rendu.pdf import en_pdf
from portal.documents.texte import Bloc, Couleur, Document, Genre, Passage
from tests import rendus

LE = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)


def _un(*blocs: Bloc, **options) -> Document:
    return Document("Titre", blocs, **options)


def _paragraphe(*passages: Passage) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, passages)


def test_word_and_pdf_carry_the_same_words():
    document = rendus.convention(6, projet=True, colore=True, pied="Empreinte 3f2a")
    attendus = rendus.mots(document)
    assert rendus.mots_docx(en_docx(document, LE)) == attendus
    assert rendus.mots_pdf(en_pdf(document, LE)) == attendus


def test_the_same_text_gives_the_same_bytes():
    document = rendus.convention(2, colore=True)
    assert en_docx(document, LE) == en_docx(document, LE)
    assert en_pdf(document, LE) == en_pdf(document, LE)


def test_pdf_is_tagged_french_and_declares_its_standard():
    document = _un(
        Bloc(Genre.TITRE, (Passage("Article 1"),), 1),
        Bloc(Genre.TITRE, (Passage("1.1"),), 2),
        Bloc(Genre.PUCE, (Passage("un"),)),
        Bloc(Genre.PUCE, (Passage("un.un"),), 1),
        Bloc(
            Genre.TABLEAU,
            lignes=(((Passage("Nature"),), (Passage("Délai"),)), ((Passage("CHRS"),), (Passage("10"),))),
        ),
    )
    contenu = en_pdf(document, LE)
    racine = pypdf.PdfReader(io.BytesIO(contenu)).trailer["/Root"]
    assert racine["/Lang"].startswith("fr")
    assert racine["/MarkInfo"]["/Marked"]
    assert racine["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in racine["/Metadata"].get_data()
    lus = [role for role in rendus.roles(contenu) if role in {"/H1", "/H2", "/L", "/LI", "/TH", "/TD"}]
    assert lus == ["/H1", "/H2", "/L", "/LI", "/L", "/LI", "/TH", "/TH", "/TD", "/TD"]


def test_pdf_brings_its_fonts():
    lecteur = pypdf.PdfReader(io.BytesIO(en_pdf(rendus.convention(1), LE)))
    polices = lecteur.pages[0]["/Resources"]["/Font"]
    noms = {police.get_object()["/BaseFont"] for police in polices.values()}
    assert {nom.partition("+")[2] for nom in noms} == {"LiberationSans", "LiberationSans-Bold"}
    for police in polices.values():
        descendante = police.get_object()["/DescendantFonts"][0].get_object()
        assert {"/FontFile2", "/FontFile3"} & descendante["/FontDescriptor"].keys()


def test_draft_says_so_in_its_title_and_across_each_page():
    document = rendus.convention(2, projet=True)
    for contenu in (en_pdf(document, LE), en_pdf(replace(document, projet=False), LE)):
        lecteur = pypdf.PdfReader(io.BytesIO(contenu))
        assert lecteur.metadata.title.startswith("PROJET – ") == (contenu == en_pdf(document, LE))
    word = docx.Document(io.BytesIO(en_docx(document, LE)))
    assert word.core_properties.title == f"PROJET – {document.titre}"
    assert 'string="PROJET"' in _partie(en_docx(document, LE), "word/header1.xml")
    assert "PROJET" not in _partie(en_docx(replace(document, projet=False), LE), "word/header1.xml")


def test_colours_are_highlighted_and_underlined_in_the_working_copy_alone():
    document = _un(
        _paragraphe(Passage("fixe "), Passage("vert ", Couleur.VERTE), Passage("jaune", Couleur.JAUNE)),
        colore=True,
    )
    runs = docx.Document(io.BytesIO(en_docx(document, LE))).paragraphs[1].runs
    assert [(run.text, run.font.highlight_color, bool(run.font.underline)) for run in runs] == [
        ("fixe ", None, False),
        ("vert ", WD_COLOR_INDEX.BRIGHT_GREEN, True),
        ("jaune", WD_COLOR_INDEX.YELLOW, True),
    ]
    propre_ = docx.Document(io.BytesIO(en_docx(replace(document, colore=False), LE)))
    assert {run.font.highlight_color for run in propre_.paragraphs[1].runs} == {None}


def test_word_file_has_real_headings_lists_tables_and_numbered_pages():
    document = rendus.convention(1, pied="Empreinte 3f2a")
    contenu = en_docx(document, LE)
    word = docx.Document(io.BytesIO(contenu))
    styles = [paragraphe.style.name for paragraphe in word.paragraphs]
    assert styles[:4] == ["Title", "Heading 1", "Heading 2", "Normal"]
    assert styles.count("List Bullet") == 9
    assert "<w:tblHeader/>" in _partie(contenu, "word/document.xml")
    assert 'w:lang w:val="fr-FR"' in _partie(contenu, "word/styles.xml")
    pied = _partie(contenu, "word/footer1.xml")
    assert "Empreinte 3f2a" in pied
    assert 'w:instr="PAGE"' in pied
    assert word.core_properties.modified == LE


def test_the_subtitle_is_under_the_title_in_both_files():
    document = _un(_paragraphe(Passage("Article")), sous_titre="DDETS fictive\nAssociation fictive")
    attendus = ["Titre", "DDETS", "fictive", "Association", "fictive", "Article"]
    assert rendus.mots_docx(en_docx(document, LE)) == attendus
    assert rendus.mots_pdf(en_pdf(document, LE)) == attendus
    assert docx.Document(io.BytesIO(en_docx(document, LE))).paragraphs[1].style.name == "Subtitle"


def _tableau(*lignes: tuple[str, ...]) -> Bloc:
    return Bloc(Genre.TABLEAU, lignes=tuple(tuple((Passage(texte),) for texte in ligne) for ligne in lignes))


def test_columns_leave_room_for_their_longest_word():
    longue = "une adresse qui occupe à elle seule bien plus de place que tout le reste, 22200 Guingamp"
    bloc = _tableau(
        ("Nature", "Structure", "Adresse", "Capacité", "Taux réservé", "Gestion"),
        ("3-ACCUEIL_JOUR", longue, longue, "1", "30", "x"),
    )
    poids = largeurs(bloc)
    places = [LARGEUR_LIGNE * un / sum(poids) for un in poids]
    mots = ("3-ACCUEIL_JOUR", "Structure", "Adresse", "Capacité", "réservé", "Gestion")
    assert all(place > len(mot) for place, mot in zip(places, mots, strict=True))
    assert places[2] > places[3]


def test_a_word_too_long_for_its_column_goes_on_below():
    nom = "projet_social_de_la_residence_version_definitive_relue_2026.pdf"
    courriel = "florian.lanterneau@siao-22.example"
    siao = "SIAO : SIAO des Côtes-d’Armor (démonstration)"
    entetes = ("Partie", "Fonction", "Titulaire", "Suppléant", "Téléphone, courriel")
    rang = (siao, "Correspondant SI SIAO", nom, "", f"06 39 98 00 05, {courriel}")
    document = _un(_tableau(entetes, rang, rang))
    [page] = pypdf.PdfReader(io.BytesIO(en_pdf(document, LE))).pages
    lignes: list[tuple[float, str]] = []
    texte = page.extract_text(visitor_text=lambda dit, _c, lieu, *_f: lignes.append((lieu[4], dit.strip())))
    assert nom in "".join(texte.split())  # nothing between its letters, for who copies it
    assert courriel in "".join(texte.split())
    # 4.3 points: the least that a character takes in this size.
    assert max(gauche + 4.3 * len(dit) for gauche, dit in lignes) < page.mediabox.width


def test_what_announces_a_list_stays_with_it_and_rows_are_not_cut():
    document = _un(
        _paragraphe(Passage("Cinq objectifs :")),
        Bloc(Genre.PUCE, (Passage("clarifier"),)),
        _paragraphe(Passage("Seul.")),
        _tableau(("Partie", "Signature"), ("Opérateur", "Date :"), ("SIAO", "Date :")),
    )
    corps = docx.Document(io.BytesIO(en_docx(document, LE)))
    suivis = {p.text: bool(p.paragraph_format.keep_with_next) for p in corps.paragraphs if p.text}
    assert suivis == {"Titre": False, "Cinq objectifs :": True, "clarifier": False, "Seul.": True}
    xml = _partie(en_docx(document, LE), "word/document.xml")
    assert xml.count("<w:cantSplit/>") == 3
    lignes = corps.tables[0].rows
    assert [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in lignes] == [
        True,
        True,
        None,
    ]


def test_a_table_to_consult_is_written_small_on_two_columns():
    """Eighty-three clauses: the longest table of correspondence, with half a page of text before it."""
    titres = ("Lits d’accueil médicalisés", "Accueil de jour")
    rangs = [(f"3-NATURE_{rang}", titres[rang % 2], "retirée", "7.3.1") for rang in range(83)]
    table = replace(_tableau(("Code", "Clause", "Numéro ici", "Numéro national"), *rangs), serre=True)
    document = _un(*(_paragraphe(Passage("Ligne.")) for _ in range(18)), table, _paragraphe(Passage("Fin.")))
    assert len(pypdf.PdfReader(io.BytesIO(en_pdf(document, LE))).pages) == 2
    assert rendus.mots_docx(en_docx(document, LE)) == rendus.mots(document)
    assert set(rendus.mots(document)) <= set(rendus.mots_pdf(en_pdf(document, LE)))
    sections = docx.Document(io.BytesIO(en_docx(document, LE))).sections
    colonnes = [section._sectPr.find(qn("w:cols")).get(qn("w:num")) for section in sections]
    assert colonnes == ["1", "2", "1"]


def test_no_word_of_a_small_table_is_cut_in_the_word_file():
    """At 7.5 points a letter takes some 78 twentieths of a point in bold, a capital 105."""
    rangs = [("3-AUTRE_MESURE", "Autre mesure d’accompagnement", "retirée", "3.35")] * 40
    table = replace(_tableau(("Code", "Clause", "Numéro ici", "Numéro national"), *rangs), serre=True)
    ecrite = docx.Document(io.BytesIO(en_docx(_un(table), LE))).tables[0]
    marges = ecrite._tbl.tblPr.find(qn("w:tblCellMar"))
    perdu = sum(int(cote.get(qn("w:w"))) for cote in marges)
    largeurs_ecrites = [int(colonne.get(qn("w:w"))) - perdu for colonne in ecrite._tbl.tblGrid]
    for largeur, mot in zip(
        largeurs_ecrites, ("3-AUTRE_MESURE", "d’accompagnement", "retirée", "national"), strict=True
    ):
        capitales = sum(lettre.isupper() for lettre in mot)
        place = 105 * capitales + (78 if mot == "national" else 70) * (len(mot) - capitales)
        assert largeur >= place, mot


def test_a_short_table_is_never_parted_by_a_page():
    remplir = [_paragraphe(Passage("Ligne.")) for _ in range(36)]
    rangs = [(f"Partie {rang}", "Nom :\n\nQualité :\n\n\n") for rang in range(4)]
    document = _un(*remplir, _tableau(("Partie", "Signature"), *rangs))
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(en_pdf(document, LE))).pages]
    assert [sum(f"Partie {rang}" in page for rang in range(4)) for page in pages if "Partie" in page] == [4]


@pytest.mark.parametrize(
    "texte", ["#panic()", '#read("/etc/passwd")', "*a* _b_ $x$ @ref <x> [y]", "\\u{41} // z"]
)
def test_what_looks_like_a_command_is_written_as_it_is(texte):
    document = Document(texte, (_paragraphe(Passage(texte)),), pied=texte)
    assert rendus.mots_pdf(en_pdf(document, LE)) == rendus.mots(document)
    assert rendus.mots_docx(en_docx(document, LE)) == rendus.mots(document)


def test_a_character_that_no_font_has_is_written_by_its_number():
    document = _un(_paragraphe(Passage("Accord 😀 et 日本 — œuvre")))
    assert "[U+1F600]" in rendus.mots_pdf(en_pdf(document, LE))
    assert "[U+65E5][U+672C]" in rendus.mots_pdf(en_pdf(document, LE))
    assert "œuvre" in rendus.mots_pdf(en_pdf(document, LE))


def test_odd_blocks_are_written():
    document = _un(
        Bloc(Genre.TITRE, (Passage("Trop bas"),), 7),
        Bloc(Genre.TITRE, (), 1),
        Bloc(Genre.PUCE, (Passage("profonde"),), 12),
        Bloc(Genre.TABLEAU),
        Bloc(Genre.TABLEAU, lignes=((), ((Passage("seule"),),), ((), (Passage("deuxième"),)))),
        _paragraphe(Passage("deux\nlignes\tet une tabulation")),
    )
    attendus = [
        "Titre",
        "Trop",
        "bas",
        "profonde",
        "seule",
        "deuxième",
        *["deux", "lignes", "et", "une", "tabulation"],
    ]
    assert rendus.mots_docx(en_docx(document, LE)) == attendus
    assert rendus.mots_pdf(en_pdf(document, LE)) == attendus


BLOCS = st.builds(
    lambda genre, textes_, niveau: Bloc(
        genre,
        tuple(Passage(texte, couleur) for texte, couleur in textes_) if genre is not Genre.TABLEAU else (),
        niveau,
        tuple(((Passage(texte, couleur),),) for texte, couleur in textes_) if genre is Genre.TABLEAU else (),
    ),
    st.sampled_from(Genre),
    st.lists(st.tuples(st.text(max_size=12), st.sampled_from(Couleur)), max_size=3),
    st.integers(-1, 9),
)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=20), st.lists(BLOCS, max_size=5), st.booleans())
def test_any_text_is_written(titre, blocs, marque):
    document = Document(titre, tuple(blocs), projet=marque, colore=marque, pied=titre)
    lu = "".join(rendus.mots_docx(en_docx(document, LE)))
    assert lu == "".join(propre("".join(rendus.mots(document))).split())
    assert pypdf.PdfReader(io.BytesIO(en_pdf(document, LE))).pages


def test_the_portal_does_not_load_the_compiler():
    code = "import portal, sys; portal.create_app; print([m for m in ('typst', 'docx') if m in sys.modules])"
    essai = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert essai.stdout.strip() == "[]"


def _partie(contenu: bytes, nom: str) -> str:
    with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
        return archive.read(nom).decode()
