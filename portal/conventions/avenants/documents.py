"""The files of an avenant, and of the consolidated text: from what was frozen, as soon as it was."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.avenants import figer
from portal.conventions.avenants.consolidee import consolide
from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.models import Avenant
from portal.conventions.avenants.service import composition
from portal.conventions.models import Convention
from portal.conventions.signature import fichiers
from portal.conventions.signature.canonique import document, lisible
from portal.conventions.signature.composer import contenu
from portal.conventions.signature.enums import Sorte
from portal.conventions.signature.figer import courant
from portal.conventions.signature.models import TexteFige
from portal.conventions.signature.places import signatures
from portal.documents.texte import Document


def de_l_avenant(session: Session, ligne: Convention, avenant: Avenant, sorte: Sorte) -> Document:
    """Return the document of an avenant: its frozen text when there is one, else a draft."""
    fige = figer.courant_de(session, avenant.id)
    places = signatures(session, ligne, fige)
    if fige is not None:
        pied = f"SHA-256 {lisible(fige.empreinte)}"
        return document(
            fige.contenu, projet=False, colore=sorte is Sorte.TRAVAIL, pied=pied, signatures=places
        )
    dit = figer.contenu(session, ligne, avenant, composition(session, ligne, avenant))
    pied = "Projet, sans valeur contractuelle"
    return document(dit, projet=True, colore=sorte is Sorte.TRAVAIL, pied=pied, signatures=places)


def consolidee(session: Session, ligne: Convention, jour: date, sorte: Sorte) -> Document:
    """Return the text of a line as it stands on a day; what was signed alone is authentic, and it says so."""
    lu = consolide(session, ligne, jour)
    dit = contenu(session, ligne, lu.texte)
    figees = _annexes(session, ligne, lu.avenants)
    for clause in dit["clauses"]:
        clause["annexe"] = figees.get(clause["code"], clause["annexe"])
    dit["titre"] = f"{dit['titre']} – version consolidée au {jour:%d/%m/%Y}"
    pied = f"Version consolidée au {jour:%d/%m/%Y}. Seuls les textes signés font foi."
    return document(dit, projet=False, colore=sorte is Sorte.TRAVAIL, pied=pied)


def _annexes(session: Session, ligne: Convention, numeros: Any) -> dict[str, Any]:
    """Return what was gathered under each annex when it was signed; the latest avenant has the last word."""
    textes = [courant(session, ligne.id)]
    textes += session.scalars(
        select(TexteFige)
        .join(Avenant, Avenant.id == TexteFige.avenant_id)
        .where(
            Avenant.convention_id == ligne.id,
            Avenant.statut == StatutAvenant.SIGNE,
            Avenant.numero.in_(numeros),
            TexteFige.annule_le.is_(None),
        )
        .order_by(Avenant.numero)
    ).all()
    return {
        clause["code"]: clause["annexe"]
        for texte in textes
        if texte is not None
        for clause in texte.contenu["clauses"]
    }


def nom(ligne: Convention, sorte: Sorte, quoi: str) -> str:
    """Return the name of a file: that of the convention's, and what it is (`avenant-1`, `consolidee-…`)."""
    racine = fichiers.nom_de(ligne, sorte, fige=True)
    return racine.replace("-signature", f"-{quoi}", 1)
