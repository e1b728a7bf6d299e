"""From a text to the bytes of a file: working or clean Word, PDF. Runs in the worker only."""

import io
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.models import Convention
from portal.conventions.redaction.annuaire import completer
from portal.conventions.redaction.queries import texte_compose
from portal.conventions.signature import figer
from portal.conventions.signature.canonique import document, lisible
from portal.conventions.signature.composer import contenu
from portal.conventions.signature.enums import Sorte
from portal.conventions.signature.places import signatures
from portal.documents.rendu.docx import en_docx
from portal.documents.rendu.pdf import en_pdf
from portal.documents.texte import Document
from portal.shared.clock import Clock

EXTENSIONS = {Sorte.TRAVAIL: "docx", Sorte.PROPRE: "docx", Sorte.PDF: "pdf"}


def composer(session: Session, clock: Clock, ligne: Convention, sorte: Sorte) -> Document:
    """Return the document of a line: of its frozen text when there is one, else of a draft.

    A frozen text is read from what was frozen, never computed again; its fingerprint is at the foot.
    """
    fige = figer.courant(session, ligne.id)
    if fige is not None:
        dit = fige.contenu
    else:
        dit = contenu(session, ligne, completer(session, clock, texte_compose(session, ligne)))
    pied = f"SHA-256 {lisible(fige.empreinte)}" if fige is not None else "Projet, sans valeur contractuelle"
    return document(
        dit,
        projet=fige is None,
        colore=sorte is Sorte.TRAVAIL,
        pied=pied,
        signatures=signatures(session, ligne, fige),
    )


def rendre(fait: Document, sorte: Sorte, le: datetime) -> bytes:
    """Return the bytes of a document."""
    return en_pdf(fait, le) if sorte is Sorte.PDF else en_docx(fait, le)


def nom_de(ligne: Convention, sorte: Sorte, *, fige: bool) -> str:
    """Return the name of a file: which convention, which kind, in plain letters."""
    etat = "signature" if fige else "projet"
    genre = {"travail": "-travail", "propre": "", "pdf": ""}[sorte.value]
    simple = unicodedata.normalize("NFKD", f"{ligne.operateur.nom} {ligne.siao.nom}")
    mots = "".join(c if c.isascii() and c.isalnum() else " " for c in simple if not unicodedata.combining(c))
    return f"CTP-{'-'.join(mots.split())[:90]}-{etat}{genre}.{EXTENSIONS[sorte]}"


def est_figee(session: Session, ligne: Convention) -> bool:
    """Tell whether the text of a line is frozen."""
    return figer.courant(session, ligne.id) is not None


def archiver(fichiers: Iterable[tuple[str, bytes]]) -> bytes:
    """Return one archive of files; two of the same name are told apart."""
    tampon, vus = io.BytesIO(), set[str]()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_STORED) as archive:  # already compressed
        for nom, octets in fichiers:
            tronc, _point, extension = nom.rpartition(".")
            rang, libre = 2, nom
            while libre in vus:
                rang, libre = rang + 1, f"{tronc}-{rang}.{extension}"
            vus.add(libre)
            archive.writestr(libre, octets)
    return tampon.getvalue()


def ligne_de(session: Session, convention_id: int) -> Convention:
    """Return a line by its key."""
    return session.scalars(select(Convention).where(Convention.id == convention_id)).one()
