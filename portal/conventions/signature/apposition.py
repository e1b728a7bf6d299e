"""A signature before it is recorded: who signs, in which capacity, by which delegation, on line or on paper.

The same for a convention and for its avenants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.creation import date_plausible
from portal.conventions.ecriture import auteur, jour_de
from portal.conventions.ecriture import texte as court
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.redaction.enums import FormeSignature
from portal.conventions.redaction.forme import forme_de
from portal.conventions.signature import regles
from portal.conventions.signature.delegations import ACTE, QUALITE, Habilitation, habilitation
from portal.conventions.signature.enums import GenreActe
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.organisations.models import Departement
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.shared.text import sort_key

NOM = 160


@dataclass(frozen=True)
class Apposition:
    """What a signature says, before it is recorded for each party it binds. `valeurs`: columns of the row."""

    partie: Partie
    genre: GenreActe
    signee_le: date
    valeurs: Mapping[str, Any]

    @property
    def signataire(self) -> str:
        """The signatory, as the line remembers it."""
        return f"{self.valeurs['nom']}, {self.valeurs['qualite']}"[:NOM]

    def est(self, acte: ActeSignature) -> bool:
        """Tell whether it says what an act already recorded says, its file apart."""
        dits = (self.partie, self.genre, self.signee_le, self.valeurs["nom"], self.valeurs["qualite"])
        return dits == (acte.partie, acte.genre, acte.signee_le, acte.nom, acte.qualite)


def en_ligne(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    partie: Partie,
    *,
    qualite: str,
    delegation: str = "",
    delegation_fichier_id: int | None = None,
    second_facteur: bool = False,
    lu: bool = True,
) -> Apposition:
    """Return the acceptance of the actor, today. Raises DomainError when nothing allows it to sign.

    Who signs under a recorded delegation does so in the capacity and by the act that it names.
    """
    droit = exiger_habilitation(session, clock, actor, ligne)
    if not lu:
        raise DomainError("signature.lu", "lu")
    return Apposition(
        partie,
        GenreActe.EN_LIGNE,
        jour_de(session, clock, ligne),
        {
            "nom": actor.nom,
            "qualite": court(droit.qualite or qualite, "qualite", QUALITE, obligatoire="signature.qualite"),
            "delegation": droit.acte or court(delegation, "delegation", ACTE),
            "delegation_fichier_id": droit.fichier_id if droit.acte else delegation_fichier_id,
            "personne_id": actor.personne_id,
            "second_facteur": second_facteur,
        },
    )


def sur_papier(
    session: Session,
    ligne: Convention,
    fige: TexteFige,
    partie: Partie,
    *,
    signee_le: date,
    nom: str,
    qualite: str,
    fichier_id: int,
    delegation: str = "",
) -> Apposition:
    """Return what a signed paper says, not dated before the text was frozen. Raises DomainError."""
    fuseau = session.scalars(
        select(Departement.fuseau).where(Departement.code == ligne.departement_code)
    ).one()
    jour_du_gel = fige.fige_le.astimezone(ZoneInfo(fuseau)).date()
    if date_plausible(signee_le, "signee_le") < jour_du_gel:
        raise DomainError("signature.date_avant_gel", "signee_le", le=jour_du_gel)
    return Apposition(
        partie,
        GenreActe.PAPIER,
        signee_le,
        {
            "nom": court(nom, "nom", NOM, obligatoire="signature.nom"),
            "qualite": court(qualite, "qualite", QUALITE, obligatoire="signature.qualite"),
            "delegation": court(delegation, "delegation", ACTE),
            "fichier_id": fichier_id,
        },
    )


def exiger_habilitation(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> Habilitation:
    """Return what allows the actor to sign today; raises DomainError when nothing does."""
    droit = habilitation(session, actor, ligne, jour_de(session, clock, ligne))
    if droit is None:
        raise DomainError("signature.delegation_requise")
    return droit


def une_personne_par_partie(
    session: Session, ligne: Convention, fige: TexteFige, fait: Apposition, engagees: Sequence[Partie]
) -> None:
    """Refuse that one person signs for two parties, unless they are one legal person and it is allowed."""
    nom = fait.valeurs["nom"]
    autres = session.scalars(
        select(ActeSignature).where(
            ActeSignature.texte_fige_id == fige.id, ActeSignature.partie.not_in(engagees)
        )
    )
    for autre in autres:
        personne = fait.valeurs.get("personne_id")
        meme = autre.personne_id == personne if autre.personne_id and personne else False
        if not meme and sort_key(autre.nom) != sort_key(nom):
            continue
        permis = {autre.partie, fait.partie} == regles.PERSONNE_MORALE
        if not (permis and forme_de(session, ligne, fige) is FormeSignature.MEME_SIGNATAIRE):
            raise DomainError("signature.meme_personne", nom=nom)


def ecrire_acte(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    fige: TexteFige,
    fait: Apposition,
    engagees: Sequence[Partie],
) -> ActeSignature:
    """Record a signature for each party that it binds; return that of the party which signs."""
    noms = {Partie.OPERATEUR: ligne.operateur.nom, Partie.SIAO: ligne.siao.nom, Partie.ETAT: ligne.etat.nom}
    ecrits = {
        partie: ActeSignature(
            texte_fige_id=fige.id,
            partie=partie,
            genre=fait.genre,
            signee_le=fait.signee_le,
            horodatage=clock.now(),
            organisation=noms[partie],
            enregistre_par=auteur(actor),
            **fait.valeurs,
        )
        for partie in engagees
    }
    session.add_all(ecrits.values())
    session.flush()
    return ecrits[fait.partie]
