"""Word files read: what they say, the colour of each passage, and what is refused."""

import io
import time
import zipfile
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import docx
import pytest
from docx.enum.text import WD_COLOR_INDEX
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.documents.rendu.docx import en_docx
from portal.documents.texte import Bloc, Couleur, Genre, Passage
from portal.documents.word.lecture import DocumentLu, lire, niveau_devine
from portal.shared.errors import DomainError
from tests import rendus

LE = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)
F, V, J = Couleur.FIXE, Couleur.VERTE, Couleur.JAUNE
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def fichier(corps: str, **parties: str) -> bytes:
    """Return a DOCX of hand-written XML; `parties` are other parts of its text (`styles`, `comments`…)."""
    racine = f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    paquet = "http://schemas.openxmlformats.org/package/2006/relationships"
    liens = "".join(
        f'<Relationship Id="r{nom}" Type="{relations}/{nom.rstrip("0123456789")}" Target="{nom}.xml"/>'
        for nom in parties
    )
    contenu = {
        "[Content_Types].xml": "<Types>wordprocessingml</Types>",
        "_rels/.rels": f'<Relationships xmlns="{paquet}"><Relationship Id="r" '
        f'Type="{relations}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{paquet}">{liens}</Relationships>',
        "word/document.xml": f"<w:document {racine}><w:body>{corps}</w:body></w:document>",
    }
    contenu |= {f"word/{nom}.xml": f"<w:{nom} {racine}>{xml}</w:{nom}>" for nom, xml in parties.items()}
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, xml in contenu.items():
            archive.writestr(nom, xml)
    return tampon.getvalue()


def r(texte: str, couleur: str = "", plus: str = "") -> str:
    """Return a run, highlighted or not."""
    surlignage = f'<w:highlight w:val="{couleur}"/>' if couleur else ""
    return f'<w:r><w:rPr>{surlignage}{plus}</w:rPr><w:t xml:space="preserve">{escape(texte)}</w:t></w:r>'


def p(*morceaux: str, props: str = "") -> str:
    """Return a paragraph."""
    return f"<w:p><w:pPr>{props}</w:pPr>{''.join(morceaux)}</w:p>"


def passages(lu: DocumentLu, rang: int = 0) -> list[tuple[str, Couleur]]:
    return [(passage.texte, passage.couleur) for passage in lu.blocs[rang].passages]


def codes(lu: DocumentLu) -> dict[str, object]:
    return {a.code.removeprefix("word."): a.params.get("nombre") for a in lu.avertissements}


@pytest.mark.parametrize(
    ("nom", "couleur"),
    [("green", V), ("brightGreen", V), ("darkGreen", V), ("yellow", J), ("darkYellow", J), ("none", F)],
)
def test_highlights(nom, couleur):
    assert passages(lire(fichier(p(r("texte", nom))))) == [("texte", couleur)]


@pytest.mark.parametrize(
    ("fond", "couleur"),
    [
        ("92D050", V), ("00B050", V), ("E2EFD9", V), ("C5E0B3", V), ("00FF00", V), ("70AD47", V),
        ("FFFF00", J), ("FFF2CC", J), ("FFE599", J), ("FFC000", J), ("auto", F), ("D9D9D9", F),
        ("FFFFFF", F), ("FF0000", F), ("5B9BD5", F), ("n'importe", F),
    ],
)  # fmt: skip
def test_shadings_by_hue(fond, couleur):
    ombre = f'<w:shd w:val="clear" w:color="auto" w:fill="{escape(fond)}"/>'
    assert passages(lire(fichier(p(r("texte", plus=ombre))))) == [("texte", couleur)]


def test_a_passage_split_over_runs_is_one():
    lu = lire(
        fichier(p(r("dans "), r("dix", "yellow"), r(" "), r("jo", "yellow"), r("urs", "darkYellow"), r(".")))
    )
    assert passages(lu) == [("dans ", F), ("dix jours", J), (".", F)]


def test_colours_of_styles_paragraphs_and_cells():
    styles = (
        '<w:style w:styleId="Vert"><w:name w:val="V"/><w:rPr><w:highlight w:val="green"/></w:rPr></w:style>'
        '<w:style w:styleId="Enfant"><w:name w:val="E"/><w:basedOn w:val="Vert"/></w:style>'
    )
    jaune = '<w:shd w:val="clear" w:fill="FFFF00"/>'
    cellule = f"<w:tc><w:tcPr>{jaune}</w:tcPr>{p(r('case'))}</w:tc>"
    lu = lire(
        fichier(
            p(r("style", plus='<w:rStyle w:val="Enfant"/>'))
            + p(r("fond "), r("blanc", "none"), props=jaune)
            + f"<w:tbl><w:tr>{cellule}</w:tr></w:tbl>",
            styles=styles,
        )
    )
    assert passages(lu) == [("style", V)]
    assert passages(lu, 1) == [("fond ", J), ("blanc", F)]
    assert lu.blocs[2].lignes == (((Passage("case", J),),),)


def test_tracked_changes_are_accepted_and_told():
    lu = lire(
        fichier(
            p(
                r("reste "),
                f'<w:ins w:id="1">{r("ajouté", "yellow")}</w:ins>',
                '<w:del w:id="2"><w:r><w:delText>parti</w:delText></w:r></w:del>',
            )
            + p(r("début "), props='<w:rPr><w:del w:id="3"/></w:rPr>')
            + p(r("et suite"))
        )
    )
    assert [bloc.texte for bloc in lu.blocs] == ["reste ajouté", "début et suite"]
    assert codes(lu) == {"insertions": 1, "suppressions": 1}


def test_notes_headers_footers_and_text_boxes_are_kept_in_their_colours():
    cadre = f"<w:pict><w:txbxContent>{p(r('cadre', 'green'))}</w:txbxContent></w:pict>"
    lu = lire(
        fichier(
            p(r("appel"), '<w:r><w:footnoteReference w:id="4"/></w:r>', f"<w:r>{cadre}</w:r>"),
            footnotes=f'<w:footnote w:id="4">{p(r("note", "yellow"))}</w:footnote>',
            header1=p(r("haut", "green")),
            footer1=p(r("bas"), '<w:fldSimple w:instr=" PAGE "><w:r><w:t>7</w:t></w:r></w:fldSimple>'),
            comments='<w:comment w:id="1"/><w:comment w:id="2"/>',
        )
    )
    assert [b.texte for b in lu.tous()] == ["haut", "appel[note 1]", "cadre", "[note 1]", "note", "bas"]
    assert [p_.couleur for b in lu.tous() for p_ in b.passages] == [V, F, V, F, J, F]
    assert codes(lu) == {"commentaires": 2}


def test_content_controls_fields_links_and_special_characters():
    champ = "".join(
        f'<w:r><w:fldChar w:fldCharType="{genre}"/>{suite}</w:r>'
        for genre, suite in (
            ("begin", "<w:instrText> REF x </w:instrText>"),
            ("separate", "<w:t>voir 5</w:t>"),
        )
    )
    lu = lire(
        fichier(
            f"<w:sdt><w:sdtContent>{p(r('contrôle'))}</w:sdtContent></w:sdt>"
            + p(
                champ,
                '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
                f"<w:hyperlink>{r(' lien')}</w:hyperlink>",
            )
            + p(
                "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>"
                '<w:noBreakHyphen/><w:sym w:char="F0A8"/></w:r>'
            )
            + p(
                f"<mc:AlternateContent><mc:Choice>{r('un')}</mc:Choice><mc:Fallback>{r('deux')}</mc:Fallback></mc:AlternateContent>"
            )
        )
    )
    assert [bloc.texte for bloc in lu.blocs] == ["contrôle", "voir 5 lien", "a\tb\nc\u2011☐", "un"]


def test_numbers_that_word_writes_by_itself_are_kept():
    niveaux = "".join(
        f'<w:lvl w:ilvl="{rang}"><w:start w:val="1"/><w:numFmt w:val="{format_}"/>'
        f'<w:lvlText w:val="{texte}"/></w:lvl>'
        for rang, (format_, texte) in enumerate(
            [("decimal", "Article %1 –"), ("decimal", "%1.%2"), ("bullet", "•")]
        )
    )
    numerotation = (
        f'<w:abstractNum w:abstractNumId="7">{niveaux}</w:abstractNum>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>'
    )

    def un(texte: str, rang: int) -> str:
        return p(r(texte), props=f'<w:numPr><w:ilvl w:val="{rang}"/><w:numId w:val="3"/></w:numPr>')

    lu = lire(
        fichier(
            un("Objet", 0) + un("But", 1) + un("Portée", 1) + un("puce", 2) + un("Durée", 0) + un("Fin", 1),
            numbering=numerotation,
        )
    )
    assert [(b.genre, b.niveau, b.texte) for b in lu.blocs] == [
        (Genre.TITRE, 1, "Article 1 – Objet"),
        (Genre.TITRE, 2, "1.1 But"),
        (Genre.TITRE, 2, "1.2 Portée"),
        (Genre.PUCE, 2, "puce"),
        (Genre.TITRE, 1, "Article 2 – Durée"),
        (Genre.TITRE, 2, "2.1 Fin"),
    ]


@pytest.mark.parametrize(
    ("ligne", "niveau"),
    [
        ("Article 5 – Objet", 1), ("ARTICLE 5", 1), ("Article 5.2 – Délais", 2), ("5.2 Délais", 2),
        ("5.2.1 – Urgence", 3), ("Annexe A – Liste", 1), ("Préambule", 1),
        ("article 5.2 du code de la construction", None), ("30 jours", None), ("5.2 jours de délai", None),
        ("Article 5 :", None), ("", None), ("12.5 %", None), ("Article 7-3 – CHRS", 2),
    ],
)  # fmt: skip
def test_headings_told_by_their_number(ligne, niveau):
    assert niveau_devine(ligne) == niveau


def test_an_uncoloured_text_is_fixed_and_it_is_said():
    assert codes(lire(fichier(p(r("tout fixe"))))) == {"sans_couleur": None}


def test_another_colour_is_fixed_and_it_is_said():
    lu = lire(fichier(p(r("rose", "magenta"), r("vert", "green"))))
    assert codes(lu) == {"autres_couleurs": 1}
    assert passages(lu) == [("rose", F), ("vert", V)]


def test_five_thousand_highlights_are_read_quickly():
    contenu = fichier("".join(p(r("fixe "), r(f"valeur {n}", "yellow"), r(" fin")) for n in range(5000)))
    debut = time.process_time()
    lu = lire(contenu)
    assert time.process_time() - debut < 5
    assert sum(passage.couleur is J for bloc in lu.blocs for passage in bloc.toutes()) == 5000


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCTYPE = '<!DOCTYPE a [<!ENTITY b "cccccccc">]>'


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        pytest.param(OLE + "EncryptedPackage".encode("utf-16-le"), "word.protege", id="password"),
        pytest.param(OLE + b"WordDocument", "word.ancien", id="doc"),
        pytest.param(b"%PDF-1.7 ...", "word.pdf", id="pdf"),
        pytest.param(b"bonjour", "word.pas_word", id="text"),
        pytest.param(b"", "word.pas_word", id="empty"),
        pytest.param(b"PK\x03\x04abc", "fichier.archive_abimee", id="cut"),
        pytest.param(fichier(""), "word.vide", id="no text"),
        pytest.param(fichier(p(r("a")), vbaProject="x"), None, id="part merely named so"),
        pytest.param(fichier(p(r("a")) + "<w:broken>"), "word.illisible", id="broken XML"),
        pytest.param(fichier("<w:p>" * 300 + "</w:p>" * 300), "word.illisible", id="too deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(contenu, code):
    if code is None:
        assert lire(contenu).blocs
        return
    with pytest.raises(DomainError) as refus:
        lire(contenu)
    assert refus.value.code == code


def _remplace(nom: str, valeur: bytes) -> bytes:
    source, tampon = zipfile.ZipFile(io.BytesIO(fichier(p(r("texte"))))), io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for entree in source.namelist():
            if entree != nom:
                archive.writestr(entree, source.read(entree))
        archive.writestr(nom, valeur)
    return tampon.getvalue()


@pytest.mark.parametrize(
    ("nom", "valeur", "code"),
    [
        ("word/document.xml", DOCTYPE.encode() + b"<a>&b;</a>", "word.doctype"),
        ("word/vbaProject.bin", b"macro", "word.macros"),
        ("[Content_Types].xml", b"<Types>wordprocessingml macroEnabled</Types>", "word.macros"),
        ("[Content_Types].xml", b"<Types>spreadsheetml</Types>", "word.pas_word"),
        ("word/media/image1.bmp", b"0" * 100_000_000, "fichier.bombe"),
    ],
)
def test_what_is_dangerous_is_refused(nom, valeur, code):
    with pytest.raises(DomainError) as refus:
        lire(_remplace(nom, valeur))
    assert refus.value.code == code


def test_an_archive_whose_contents_lie_about_their_place_is_damaged():
    contenu = bytearray(fichier(p(r("texte"))))
    place = contenu.rindex(b"PK\x05\x06") + 16
    contenu[place : place + 4] = (int.from_bytes(contenu[place : place + 4], "little") + 100).to_bytes(
        4, "little"
    )
    with pytest.raises(DomainError) as refus:
        lire(bytes(contenu))
    assert refus.value.code == "fichier.archive_abimee"


def test_the_portal_reads_back_what_it_writes():
    document = rendus.convention(3, projet=True, colore=True, pied="Empreinte")
    lu = lire(en_docx(document, LE))
    assert lu.titre == document.titre
    assert tuple(bloc for bloc in lu.blocs if bloc.texte) == document.blocs
    assert lu.avertissements == ()


MOTS = st.text("abéœ’«» 12%\u00a0", min_size=1, max_size=12)
COULEURS = {F: None, V: WD_COLOR_INDEX.BRIGHT_GREEN, J: WD_COLOR_INDEX.YELLOW}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Normal", "Heading 1", "List Bullet"]),
            st.lists(st.tuples(MOTS, st.sampled_from(Couleur)), max_size=4),
        ),
        max_size=5,
    )
)
def test_nothing_of_a_word_file_is_lost(paragraphes):
    word = docx.Document()
    for style, runs in paragraphes:
        paragraphe = word.add_paragraph(style=style)
        for texte, couleur in runs:
            paragraphe.add_run(texte).font.highlight_color = COULEURS[couleur]
    word.add_paragraph("fin")
    tampon = io.BytesIO()
    word.save(tampon)
    lu = lire(tampon.getvalue())
    assert [bloc.texte for bloc in lu.blocs] == ["".join(t for t, _ in runs) for _, runs in paragraphes] + [
        "fin"
    ]
    relu = lire(en_docx(lu.document(), LE))
    assert [b.texte for b in relu.blocs if b.texte.strip()] == [b.texte for b in lu.blocs if b.texte.strip()]
    assert [b.passages for b in relu.blocs if b.texte.strip()] == [
        b.passages for b in lu.blocs if b.texte.strip()
    ]


def test_reading_takes_blocks_in_order():
    lu = lire(
        fichier(
            p(r("un")) + f"<w:tbl><w:tr><w:tc>{p(r('a'))}{p(r('b'))}</w:tc></w:tr></w:tbl>" + p(r("deux"))
        )
    )
    assert [bloc.genre for bloc in lu.blocs] == [Genre.PARAGRAPHE, Genre.TABLEAU, Genre.PARAGRAPHE]
    assert lu.blocs[1] == Bloc(Genre.TABLEAU, lignes=(((Passage("a\nb"),),),))
