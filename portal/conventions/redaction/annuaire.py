"""What the directory gives to a text: representatives, « référent SIAO » (8.4), annex B.

It follows the directory until the text is frozen, and stays as it stood on that day (domaine.md §§ 4.3, 11:
« extrait de l'annuaire à la signature »). What the parties write themselves is kept: in annex B it completes
the table, elsewhere it takes the place of what the directory says.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.jours import fuseau_de
from portal.conventions.modeles.texte import source_tableau
from portal.conventions.modeles.valeurs import LONGUEUR_LIGNE
from portal.conventions.models import Convention
from portal.conventions.redaction.fournies import (
    ADRESSE,
    REFERENT,
    REPRESENTANTS,
    SUPPLEANT,
    TABLEAU,
    Valeurs,
)
from portal.conventions.redaction.queries import Texte
from portal.conventions.referents import (
    Fonction,
    Parties,
    Signataire,
    fonctions_des_parties,
    referents_siao,
    signataires,
)
from portal.shared.clock import Clock

ENTETES = ("Partie", "Fonction", "Titulaire", "Suppléant", "Téléphone, courriel")
A_DESIGNER = "à désigner"


def completer(session: Session, clock: Clock, texte: Texte) -> Texte:
    """Return a text with what the directory says today; a frozen one keeps what it said. One statement."""
    if texte.fige_le is not None:
        return texte
    entete = texte.entete
    parties = Parties(
        entete.departement_code,
        {Partie.OPERATEUR: entete.operateur_id, Partie.SIAO: entete.siao_id, Partie.ETAT: entete.etat_id},
        {Partie.OPERATEUR: entete.operateur, Partie.SIAO: entete.siao, Partie.ETAT: entete.etat},
        texte.contexte.retenues,
    )
    return replace(texte, annuaire=_valeurs(session, clock, parties))


def connues(session: Session, clock: Clock, ligne: Convention, natures: frozenset[str]) -> Valeurs:
    """Return what the directory says today for the text of a line that covers some natures."""
    return _valeurs(session, clock, parties_de(ligne, natures))


def signataires_de(session: Session, clock: Clock, ligne: Convention) -> dict[Partie, Signataire]:
    """Return who the directory says signs for each party of a line today. One statement."""
    parties = parties_de(ligne, frozenset(nature.nature_code for nature in ligne.natures))
    jour = clock.today(fuseau_de(ligne.departement_code))
    return signataires(fonctions_des_parties(session, parties, jour))


def parties_de(ligne: Convention, natures: frozenset[str]) -> Parties:
    """Return the parties of a line that covers some natures."""
    return Parties(
        ligne.departement_code,
        {Partie.OPERATEUR: ligne.operateur_id, Partie.SIAO: ligne.siao_id, Partie.ETAT: ligne.etat_id},
        {Partie.OPERATEUR: ligne.operateur.nom, Partie.SIAO: ligne.siao.nom, Partie.ETAT: ligne.etat.nom},
        natures,
    )


def _valeurs(session: Session, clock: Clock, parties: Parties) -> Valeurs:
    jour = clock.today(fuseau_de(parties.departement_code))
    tenues = fonctions_des_parties(session, parties, jour)
    return {
        TABLEAU: source_tableau([ENTETES, *(_rang(une, parties) for une in tenues)]),
        **_referent(referents_siao(tenues), parties.noms[Partie.OPERATEUR]),
        **{REPRESENTANTS[partie]: _representant(un) for partie, un in signataires(tenues).items()},
    }


def _rang(une: Fonction, parties: Parties) -> Sequence[str]:
    nom = parties.noms[une.partie]
    return (
        LIBELLES_PARTIE[une.partie],
        f"{une.libelle} ({une.lieu})" if une.lieu else une.libelle,
        une.titulaire or f"{A_DESIGNER} par {nom}",
        une.suppleant,
        une.joindre,
    )


def _referent(tenues: Sequence[Fonction], operateur: str) -> dict[tuple[str, str], str]:
    """Return the values of clause 8.4. A « référent SIAO » not named yet is said, and blocks nothing (S0)."""
    nommees = [une for une in tenues if une.titulaire]
    if not nommees:
        return {REFERENT: f"{A_DESIGNER} par {operateur}"[:LONGUEUR_LIGNE], SUPPLEANT: A_DESIGNER}
    valeurs = {
        REFERENT: " ; ".join(_avec_lieu(une.titulaire, une) for une in nommees),
        SUPPLEANT: " ; ".join(_avec_lieu(une.suppleant, une) for une in nommees if une.suppleant)
        or A_DESIGNER,
        ADRESSE: " ; ".join(filter(None, dict.fromkeys(une.joindre for une in nommees))),
    }
    return {cle: valeur[:LONGUEUR_LIGNE] for cle, valeur in valeurs.items() if valeur}


def _avec_lieu(nom: str, une: Fonction) -> str:
    return f"{nom} ({une.lieu})" if une.structure else nom


def _representant(un: Signataire) -> str:
    return ", ".join(filter(None, (un.nom, un.qualite)))[:LONGUEUR_LIGNE]
