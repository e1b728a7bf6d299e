"""Acts on lines: this module's own (what a line says), and those of its neighbours under one name.

`creer`, `renouveler` (creation); `avancer`, `suspendre`, `reprendre`, `classer`, `resilier`,
`annuler_resiliation` (cycle); `enregistrer_signature`, `retirer_signature`, `saisir_reprise`, `corriger`,
`dates_proposees` (signatures). Every act takes (session, clock, actor, …), flushes, and writes the journal.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion, Personne
from portal.conventions import avis
from portal.conventions.creation import creer, date_plausible, renouveler, verifier_natures
from portal.conventions.cycle import (
    MOTIF,
    annuler_resiliation,
    avancer,
    classer,
    reprendre,
    resilier,
    suspendre,
)
from portal.conventions.ecriture import acte, auteur, charger, texte
from portal.conventions.enums import OUVERTS, Mode, Statut
from portal.conventions.models import Convention, ConventionDateCible, ConventionDocument, ConventionNature
from portal.conventions.policies import LECTEURS
from portal.conventions.signatures import (
    corriger,
    dates_proposees,
    enregistrer_signature,
    retirer_signature,
    saisir_reprise,
)
from portal.documents.models import Fichier
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible

NOTES = 5000
LIGNES_PAR_LOT = 200

__all__ = [
    "annuler_resiliation",
    "avancer",
    "classer",
    "confier",
    "copier_si_siao",
    "corriger",
    "creer",
    "dates_proposees",
    "delier_document",
    "deplacer_cible",
    "enregistrer_signature",
    "lier_document",
    "modifier",
    "renouveler",
    "reprendre",
    "resilier",
    "retirer_signature",
    "saisir_reprise",
    "suspendre",
]


def modifier(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    version: int,
    *,
    natures: Mapping[str, int | None],
    mode: Mode | None,
    notes: str,
    dialogue_gestion_le: date | None = None,
    tacite_reconduction: bool = False,
) -> Convention:
    """Edit what a line says besides its dates: natures with their places, mode of negotiation, notes.

    Raises NotVisible, Forbidden, DomainError, and StaleVersion with the values that someone else saved.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    verifier_natures(session, natures)
    with acte(session, clock, actor, "convention:modifier", ligne):
        presentes = {nature.nature_code: nature for nature in ligne.natures}
        for code in presentes.keys() - natures.keys():
            ligne.natures.remove(presentes[code])
        for code, places in natures.items():
            if code in presentes:
                presentes[code].places = places
            else:
                ligne.natures.append(ConventionNature(nature_code=code, places=places))
        ligne.mode, ligne.notes = mode, texte(notes, "notes", NOTES)
        if dialogue_gestion_le is not None:
            date_plausible(dialogue_gestion_le, "dialogue_gestion_le")
        ligne.dialogue_gestion_le = dialogue_gestion_le if mode is Mode.GRE_A_GRE else None
        ligne.tacite_reconduction = tacite_reconduction
    return ligne


def deplacer_cible(
    session: Session,
    clock: Clock,
    actor: Actor,
    refs: Sequence[str],
    *,
    nouvelle: date,
    motif: str,
    version: int | None = None,
) -> int:
    """Move the own target date of one or many lines, with the reason; return how many moved.

    The national deadline stays where it is. `version` guards the form of a single line. All or nothing:
    raises DomainError when one of them is signed or without object.
    """
    date_plausible(nouvelle, "date_cible")
    raison = texte(motif, "motif", MOTIF, obligatoire="conventions.motif_obligatoire")
    deplacees = 0
    for ligne in _lot(session, actor, refs, Permission.CONVENTIONS_MODIFIER, version):
        if ligne.statut not in OUVERTS:
            raise DomainError("conventions.cible_signee", "date_cible")
        if ligne.date_cible == nouvelle:
            continue
        with acte(session, clock, actor, "convention:deplacer_cible", ligne) as faits:
            faits["raison"] = raison
            ligne.cibles.append(
                ConventionDateCible(
                    ancienne=ligne.date_cible,
                    nouvelle=nouvelle,
                    motif=raison,
                    le=clock.now(),
                    par=auteur(actor),
                )
            )
            ligne.date_cible = nouvelle
        deplacees += 1
    return deplacees


def confier(
    session: Session,
    clock: Clock,
    actor: Actor,
    refs: Sequence[str],
    *,
    personne_ref: str | None,
    version: int | None = None,
) -> int:
    """Put one or many lines in someone's charge (nobody's when None); return how many changed.

    The person must have, in one of the three parties of each line, an active membership that reads
    conventions: it is told by e-mail which lines they are.
    """
    personne, organisations = _responsable(session, personne_ref)
    changees = []
    for ligne in _lot(session, actor, refs, Permission.CONVENTIONS_MODIFIER, version):
        if personne and not organisations & {ligne.etat_id, ligne.siao_id, ligne.operateur_id}:
            raise DomainError("conventions.responsable", "responsable")
        if ligne.responsable_id == (personne.id if personne else None):
            continue
        with acte(session, clock, actor, "convention:confier", ligne):
            ligne.responsable = personne
        changees.append(ligne)
    avis.responsable_designe(session, clock, actor, changees)
    return len(changees)


def copier_si_siao(
    session: Session, clock: Clock, actor: Actor, refs: Sequence[str], *, copiee: bool = True
) -> int:
    """Note that signed lines were copied into the SI SIAO, now and by the actor (or not, after all)."""
    changees = 0
    for ligne in _lot(session, actor, refs, Permission.CONVENTIONS_COPIER_SI_SIAO, None):
        if ligne.statut is not Statut.SIGNEE:
            raise DomainError("conventions.pas_signee")
        if (ligne.si_siao_copiee_le is not None) == copiee:
            continue
        with acte(session, clock, actor, "convention:copier_si_siao", ligne):
            ligne.si_siao_copiee_le = clock.now() if copiee else None
            ligne.si_siao_copiee_par = auteur(actor) if copiee else ""
        changees += 1
    return changees


def lier_document(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, fichier_id: int, libelle: str
) -> Convention:
    """Link a file just stored by the actor's organisation, such as the signed PDF."""
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    fichier = session.get(Fichier, fichier_id)
    if fichier is None or fichier.organisation_id != actor.organisation_id:
        raise NotVisible(str(fichier_id))
    if any(document.fichier_id == fichier_id for document in ligne.documents):
        raise DomainError("conventions.document_deja", "fichier")
    with acte(session, clock, actor, "document:lier", ligne) as faits:
        document = ConventionDocument(
            fichier_id=fichier_id,
            libelle=texte(libelle, "libelle", 160) or fichier.nom,
            ajoute_le=clock.now(),
            ajoute_par=auteur(actor),
        )
        faits["document"] = document.libelle
        ligne.documents.append(document)
    return ligne


def delier_document(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, document_ref: str
) -> Convention:
    """Remove the link to a document; the stored file itself stays with its organisation."""
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    document = next((d for d in ligne.documents if d.ref == document_ref), None)
    if document is None:
        raise DomainError("conventions.document_absent")
    with acte(session, clock, actor, "document:delier", ligne) as faits:
        faits["document"] = document.libelle
        ligne.documents.remove(document)
    return ligne


def _lot(
    session: Session, actor: Actor, refs: Sequence[str], permission: Permission, version: int | None
) -> list[Convention]:
    """Return the lines of a bulk act, in the order of their references: two bulk acts never deadlock."""
    uniques = sorted(set(refs))
    if not uniques:
        raise DomainError("conventions.aucune_ligne")
    if len(uniques) > LIGNES_PAR_LOT:
        raise DomainError("conventions.trop_de_lignes", maximum=LIGNES_PAR_LOT)
    return [charger(session, actor, ref, permission, version) for ref in uniques]


def _responsable(session: Session, ref: str | None) -> tuple[Personne | None, set[int]]:
    """Return the person and the organisations where it has an active membership that reads conventions."""
    if not ref:
        return None, set()
    personne = session.scalar(select(Personne).where(Personne.ref == ref, Personne.desactivee_le.is_(None)))
    if personne is None:
        raise DomainError("introuvable", "responsable")
    return personne, set(
        session.scalars(
            select(Adhesion.organisation_id).where(
                Adhesion.personne_id == personne.id,
                Adhesion.profil.in_(LECTEURS),
                Adhesion.revoquee_le.is_(None),
            )
        )
    )
