"""The documents of one convention: the same text in Word and PDF, draft then frozen, with all its parts."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace

import docx
import pypdf
import pytest
from docx.enum.text import WD_COLOR_INDEX

from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Article, Clause
from portal.conventions.models import ConventionDocument
from portal.conventions.parametres import ORDRE_SIGNATURES
from portal.conventions.redaction import ouverture
from portal.conventions.signature import service
from portal.conventions.signature.canonique import lisible
from portal.conventions.signature.enums import Sorte
from portal.conventions.signature.fichiers import composer, rendre
from portal.conventions.signature.parametres import FORME, LETTRE
from portal.documents.texte import Couleur
from portal.organisations import parametres
from portal.organisations.models import StructurePlaces
from portal.security.permissions import Profil
from portal.security.policy import Actor
from tests import rendus
from tests.factories import INSTANT
from tests.integration.redaction.conftest import Negociation
from tests.integration.signature.conftest import Signature
from tests.textes import modele, publier

LE = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)
ANNEXES = Article(
    "ANN",
    "Annexes",
    tuple(
        Clause(f"ANN-{lettre}", titre, Couleur.FIXE, f"Annexe {lettre}.")
        for lettre, titre in (
            ("A", "Structures et places"),
            ("B", "Interlocuteurs"),
            ("C", "Pièces jointes"),
            ("D", "Exceptions au contingent"),
        )
    ),
)


@pytest.mark.parametrize("fige", [False, True], ids=["draft", "frozen"])
def test_word_and_pdf_say_the_same_words(accord: Signature, fige: bool) -> None:
    if fige:
        accord.avancer("mettre_en_signature")
    lus = []
    for sorte in Sorte:
        fait = composer(accord.session, accord.nego.clock, accord.ligne, sorte)
        octets = rendre(fait, sorte, LE)
        lire = rendus.mots_pdf if sorte is Sorte.PDF else rendus.mots_docx
        lus.append(" ".join(lire(octets)))
    serres = {"".join(texte.split()) for texte in lus}  # a code such as 7.3-CHRS may end a line in its middle
    assert len(serres) == 1
    texte = lus[0]
    assert "un travailleur social" in texte
    assert "168 heures" in texte
    assert "à compléter" not in texte


def test_only_the_working_document_is_highlighted(accord: Signature) -> None:
    couleurs = {}
    for sorte in (Sorte.TRAVAIL, Sorte.PROPRE):
        octets = rendre(composer(accord.session, accord.nego.clock, accord.ligne, sorte), sorte, LE)
        passages = [run for par in docx.Document(io.BytesIO(octets)).paragraphs for run in par.runs]
        couleurs[sorte] = {run.font.highlight_color for run in passages} - {None}
    assert couleurs[Sorte.TRAVAIL] == {WD_COLOR_INDEX.BRIGHT_GREEN, WD_COLOR_INDEX.YELLOW}
    assert couleurs[Sorte.PROPRE] == set()


def test_a_draft_says_so_and_a_frozen_text_bears_its_fingerprint(accord: Signature) -> None:
    def pdf() -> pypdf.PdfReader:
        return pypdf.PdfReader(
            io.BytesIO(
                rendre(composer(accord.session, accord.nego.clock, accord.ligne, Sorte.PDF), Sorte.PDF, LE)
            )
        )

    projet = pdf()
    assert projet.metadata is not None
    assert str(projet.metadata.title).startswith("PROJET")
    assert "sans valeur contractuelle" in projet.pages[0].extract_text()
    accord.avancer("mettre_en_signature")
    fige = pdf()
    assert fige.metadata is not None
    assert not str(fige.metadata.title).startswith("PROJET")
    assert lisible(accord.fige().empreinte) in " ".join(fige.pages[0].extract_text().split())
    assert fige.trailer["/Root"]["/MarkInfo"]["/Marked"]


def _cadre(signature: Signature) -> list[list[str]]:
    octets = rendre(
        composer(signature.session, signature.nego.clock, signature.ligne, Sorte.PROPRE), Sorte.PROPRE, LE
    )
    tableaux = docx.Document(io.BytesIO(octets)).tables
    [cadre] = [tableau for tableau in tableaux if tableau.rows[0].cells[0].text == "Partie"]
    return [[cellule.text for cellule in rang.cells] for rang in cadre.rows]


def test_the_text_names_its_parties_and_keeps_a_place_for_each_signature(accord: Signature) -> None:
    ligne = accord.ligne
    fait = composer(accord.session, accord.nego.clock, ligne, Sorte.PDF)
    assert fait.sous_titre.split("\n") == [ligne.etat.nom, ligne.siao.nom, ligne.operateur.nom]
    places = _cadre(accord)
    assert places[0] == ["Partie", "Signataire", "Date et signature"]
    assert [place[0].split("\n")[1] for place in places[1:]] == [
        ligne.operateur.nom,
        ligne.siao.nom,
        ligne.etat.nom,
    ]
    assert all("Nom :" in place[1] and "Signature :" in place[2] for place in places[1:])


def test_signatures_given_are_written_in_their_place(signature: Signature) -> None:
    negociation = signature.nego
    recu = signature.signer(Partie.OPERATEUR, delegation="Délibération du 3 mars")
    service.deposer(
        signature.session,
        negociation.clock,
        negociation.voix[Partie.SIAO],
        signature.ligne.ref,
        signature.fige().empreinte,
        partie=Partie.SIAO,
        signee_le=date(2026, 3, 2),
        nom="Ange Personne",
        qualite="Directeur",
        fichier_id=signature.fichier(),
    )
    _entetes, operateur, siao, etat = _cadre(signature)
    assert operateur[1].split("\n") == [recu.nom, recu.qualite, "Par délégation : Délibération du 3 mars"]
    assert operateur[2].startswith("Acceptée en ligne le 2 mars 2026 à ")
    assert operateur[2].endswith(f"Reçu {recu.ref}")
    assert siao[1:] == ["Ange Personne\nDirecteur", "Signée sur papier le 2 mars 2026"]
    assert "Signature :" in etat[2]


def test_the_place_of_signatures_is_the_one_that_was_frozen(accord: Signature) -> None:
    """Neither a new rule of the département nor a new name changes what three parties have signed."""
    ligne = accord.ligne
    ligne.operateur.siren = ligne.siao.siren = "123456782"
    accord.avancer("mettre_en_signature")
    for partie in Partie:
        accord.signer(partie)
    signe = _cadre(accord)
    etat = accord.nego.voix[Partie.ETAT]
    for regle, valeur in ((FORME, LETTRE), (ORDRE_SIGNATURES, "siao,operateur,etat")):
        parametres.set_value(accord.session, etat, accord.nego.clock, regle.key, "22", valeur)
    ligne.operateur.nom = "Association Renommée"
    accord.session.flush()
    assert len(signe) == 4
    assert _cadre(accord) == signe


def test_annexes_are_gathered_and_the_correspondence_closes_the_text(
    negociation: Negociation, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    session, ancienne = negociation.session, negociation.ligne
    publier(session, numero=2, general=modele(plus=(ANNEXES,)))
    operateur = factories.Organisation(nom="Association des Annexes")
    structure = factories.Structure(organisation=operateur, nom="Le Refuge fictif")
    structure.places = [StructurePlaces(nature_code="CHU", nombre=7)]
    ligne = factories.Convention(
        operateur=operateur, siao=ancienne.siao, etat=ancienne.etat, natures={"CHU": 7}
    )
    actor_for(Profil.OPERATEUR_DIRECTION, operateur)
    signature = Signature(negociation)
    piece = ConventionDocument(
        convention_id=ligne.id,
        fichier_id=signature.fichier("reglement.pdf"),
        libelle="Règlement de fonctionnement",
        ajoute_le=INSTANT,
        ajoute_par="Personne",
    )
    session.add(piece)
    siao = actor_for(Profil.SIAO_DIRECTION, ancienne.siao)
    ouverture.ouvrir(session, negociation.clock, siao, ligne.ref, ligne.version)
    octets = rendre(composer(session, negociation.clock, ligne, Sorte.PROPRE), Sorte.PROPRE, LE)
    tableaux = [
        [[cellule.text for cellule in rang.cells] for rang in tableau.rows]
        for tableau in docx.Document(io.BytesIO(octets)).tables
    ]
    structures, personnes, pieces, exceptions, correspondance = tableaux[-5:]
    assert tableaux[-6][0][0] == "Partie"  # signed before the annexes
    assert [structures[1][0], structures[1][3]] == [structure.nom, "7"]
    a_designer = {f"à désigner par {un.nom}" for un in (operateur, ancienne.siao, ancienne.etat)}
    assert {rang[2] for rang in personnes[1:]} == a_designer
    assert pieces[1] == ["Règlement de fonctionnement", "reglement.pdf", lisible("0" * 64)]
    assert len(exceptions) == 2
    assert len(correspondance) > len(ANNEXES.clauses)
