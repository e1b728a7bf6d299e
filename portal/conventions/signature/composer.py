"""The content of a text as it stands: what is frozen, and what documents are made from."""

from typing import Any

from sqlalchemy.orm import Session

from portal.conventions.modeles.texte import blocs_correspondance, titre_article
from portal.conventions.models import Convention
from portal.conventions.redaction.queries import Texte
from portal.conventions.signature.annexes import recueillir
from portal.conventions.signature.canonique import FORMAT, ecrire_blocs
from portal.documents.texte import Bloc, Genre, Passage

CLAUSE_DUREE = "10.1"
ECHEANCES = ("duree_mois", "date_effet", "date_fin")


def contenu(session: Session, ligne: Convention, lu: Texte) -> dict[str, Any]:
    """Return the whole content of the text of a line, in the form that is frozen."""
    recueil = recueillir(session, ligne, lu)
    return {
        "format": FORMAT,
        "convention": ligne.ref,
        "titre": lu.composition.titre,
        "gabarit": lu.gabarit.value,
        "version_departementale": lu.socle.numero,
        "parties": parties(ligne),
        "echeances": {nom: lu.valeurs.get((CLAUSE_DUREE, nom), "") for nom in ECHEANCES},
        "clauses": [
            clause | {"annexe": ecrire_blocs(recueil.annexe(clause["code"], lu.valeurs))}
            for clause in clauses(lu)
        ],
        "correspondance": ecrire_blocs(blocs_correspondance(lu.composition)),
    }


def parties(ligne: Convention) -> dict[str, dict[str, str]]:
    """Return who the three parties are."""
    organisations = {"operateur": ligne.operateur, "siao": ligne.siao, "etat": ligne.etat}
    return {
        partie: {"ref": organisation.ref, "nom": organisation.nom, "siret": organisation.siret or ""}
        for partie, organisation in organisations.items()
    }


def clauses(lu: Texte) -> list[dict[str, Any]]:
    """Return the clauses of a text, with the headings that come before each."""
    par_code = {lue.code: lue for lue in lu.clauses}
    trouvees: list[dict[str, Any]] = []
    for article in lu.composition.articles:
        titres = [_titre(titre_article(article), 1)]
        for retenue in article.clauses:
            lue = par_code[retenue.code]
            if not retenue.seule:
                titres.append(_titre(lue.titre, 3 if retenue.mere else 2))
            trouvees.append(
                {
                    "code": retenue.code,
                    "titres": ecrire_blocs(titres),
                    "blocs": ecrire_blocs(lu.blocs(lue)),
                }
            )
            titres = []
    return trouvees


def _titre(texte: str, niveau: int) -> Bloc:
    return Bloc(Genre.TITRE, (Passage(texte),), niveau)
