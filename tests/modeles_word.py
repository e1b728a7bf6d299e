"""Word models for tests: what the portal itself would write of a model, in its colours."""

from portal.conventions.modeles.composition import composer
from portal.conventions.modeles.conditions import Contexte, Fait
from portal.conventions.modeles.contenu import Modele
from portal.conventions.modeles.places import places
from portal.conventions.modeles.texte import blocs_texte
from portal.documents.rendu.docx import en_docx
from portal.documents.texte import Document
from tests.factories import INSTANT


def docx(modele: Modele) -> bytes:
    """Return the working Word file of a whole model: green and yellow highlighted."""
    composition = composer(modele, Contexte.de(places(), [fait.value for fait in Fait]))
    blocs = blocs_texte(composition, {}, correspondance=False)
    return ecrire(Document(modele.titre, blocs, projet=True, colore=True))


def ecrire(document: Document) -> bytes:
    """Return the Word file of any text."""
    return en_docx(document, INSTANT)
