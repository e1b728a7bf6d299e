"""Who signs a text, in which order, and who has: read for the place of signatures of its files."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.models import Convention
from portal.conventions.signature.cadre import Place, Signe, cadre
from portal.conventions.signature.canonique import SIGNATURE
from portal.conventions.signature.circuit import actes_de, regles_de
from portal.conventions.signature.composer import parties
from portal.conventions.signature.models import TexteFige
from portal.conventions.signature.regles import PERSONNE_MORALE, parties_engagees
from portal.documents.texte import Bloc
from portal.organisations.models import Departement
from portal.shared.db import AnyRow


def signatures(session: Session, ligne: Convention, fige: TexteFige | None) -> tuple[Bloc, ...]:
    """Return the place where a text, frozen or not, of a line or of one of its avenants, is signed."""
    ordre, lettre = regles_de(session, ligne, fige)
    donnes, contenu = (actes_de(session, fige.id), fige.contenu) if fige is not None else ({}, {})
    if SIGNATURE in contenu:
        ordre = tuple(Partie(partie) for partie in contenu[SIGNATURE]["ordre"])
    elif lettre and _separees(donnes):  # frozen before its form was: no signature given goes missing
        lettre = False
    dites = contenu.get("parties") or parties(ligne)
    noms = {partie: dites[partie.value]["nom"] for partie in Partie}
    # Those that one signature binds together have one place.
    ensembles = dict.fromkeys(parties_engagees(partie, lettre=lettre) for partie in ordre or Partie)
    places = [
        Place(
            " et ".join(LIBELLES_PARTIE[partie] for partie in engagees),
            tuple(noms[partie] for partie in engagees),
            _signe(donnes.get(engagees[0])),
        )
        for engagees in ensembles
    ]
    fuseau = session.scalars(
        select(Departement.fuseau).where(Departement.code == ligne.departement_code)
    ).one()
    return cadre(places, fige.empreinte if fige is not None else "", fuseau)


def _separees(donnes: Mapping[Partie, AnyRow]) -> bool:
    """Tell whether those that a letter binds at once have signed one by one."""
    faits = {donnes[partie].horodatage if partie in donnes else None for partie in PERSONNE_MORALE}
    return len(faits) > 1


def _signe(acte: AnyRow | None) -> Signe | None:
    if acte is None:
        return None
    return Signe(
        acte.genre, acte.nom, acte.qualite, acte.delegation, acte.signee_le, acte.horodatage, acte.ref
    )
