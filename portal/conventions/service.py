"""Acts on lines: this module's own (what a line says), and those of its neighbours under one name.

`creer`, `renouveler` (creation); `avancer`, `suspendre`, `reprendre`, `resilier`, `annuler_resiliation`
(cycle); `proposer_classement`, `confirmer_classement`, `ecarter_classement` (classement);
`enregistrer_signature`, `retirer_signature`, `saisir_reprise`, `corriger`, `dates_proposees` (signatures).
Every act takes (session, clock, actor, …), flushes, and writes the journal.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent
from portal.comptes.models import Adhesion, Personne
from portal.conventions import avis, crochets
from portal.conventions.classement import confirmer_classement, ecarter_classement, proposer_classement
from portal.conventions.creation import creer, date_plausible, renouveler, verifier_natures
from portal.conventions.cycle import (
    MOTIF,
    annuler_resiliation,
    avancer,
    preavis_de,
    reprendre,
    resilier,
    suspendre,
)
from portal.conventions.ecriture import acte, auteur, charger, joindre, jour_de, texte
from portal.conventions.enums import OUVERTS, Mode, Statut
from portal.conventions.models import Convention, ConventionDateCible, ConventionDocument, ConventionNature
from portal.conventions.natures import ajouter, natures_a_terme
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
from portal.shared.errors import DomainError

NOTES = 5000
LIGNES_PAR_LOT = 200
NOMMEES = 5  # lines that a refusal names

__all__ = [
    "annuler_resiliation",
    "avancer",
    "confier",
    "confirmer_classement",
    "copier_si_siao",
    "corriger",
    "creer",
    "dates_proposees",
    "delier_document",
    "deplacer_cible",
    "ecarter_classement",
    "enregistrer_signature",
    "lier_document",
    "modifier",
    "preavis_de",
    "proposer_classement",
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

    With the date of a « dialogue de gestion » and no mode, the negotiation is one to one (S0).
    Raises NotVisible, Forbidden, DomainError, and StaleVersion with the values that someone else saved.
    """
    if mode is Mode.COLLECTIF and dialogue_gestion_le is not None:
        raise DomainError("redaction.cadre_collectif", "dialogue_gestion_le")
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    verifier_natures(session, natures)
    with acte(session, clock, actor, "convention:modifier", ligne):
        presentes = {nature.nature_code: nature for nature in natures_a_terme(ligne)}
        passees = {nature.nature_code for nature in ligne.natures if nature.jusqu_au is not None}
        for code in presentes.keys() - natures.keys():
            ligne.natures.remove(presentes[code])
        for code, places in natures.items():
            if code in presentes:
                presentes[code].places = places
            elif code in passees:  # an avenant took it away: it was not covered until today
                ajouter(ligne, code, jour_de(session, clock, ligne)).places = places
            else:
                ligne.natures.append(ConventionNature(nature_code=code, places=places))
        if presentes.keys() != natures.keys():
            session.flush()
            crochets.suivre(session, clock, actor, ligne, crochets.NATURES)
        ligne.notes = texte(notes, "notes", NOTES)
        if dialogue_gestion_le is not None:
            date_plausible(dialogue_gestion_le, "dialogue_gestion_le")
        ligne.dialogue_gestion_le = dialogue_gestion_le
        ligne.mode = mode or (Mode.GRE_A_GRE if dialogue_gestion_le is not None else None)
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
    versions: Mapping[str, int] | None = None,
) -> int:
    """Move the own target date of one or many lines, with the reason; return how many moved.

    The national deadline stays where it is. `versions`: those of the lines that the actor was shown, by
    reference. All or nothing: raises StaleVersion when one of them changed since, DomainError, which names
    them, when some are signed or without object.
    """
    date_plausible(nouvelle, "date_cible")
    raison = texte(motif, "motif", MOTIF, obligatoire="conventions.motif_obligatoire")
    deplacees = 0
    lignes = _lot(session, actor, refs, Permission.CONVENTIONS_MODIFIER, versions)
    _refuser("conventions.cible_signee", "date_cible", [un for un in lignes if un.statut not in OUVERTS])
    for ligne in lignes:
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
    fonction_ref: str | None = None,
    versions: Mapping[str, int] | None = None,
) -> int:
    """Put one or many lines in charge of someone, or of a function; return how many changed. None: nobody.

    The person must have, in one of the three parties of each line, an active membership that reads
    conventions; the function is an open one of a party, in the same département, and whoever answers for it
    is in charge. Who is in charge today is told by e-mail which lines they are. `versions` as for
    `deplacer_cible`.
    """
    personne, organisations = _responsable(session, personne_ref)
    fonction = _fonction(session, fonction_ref)
    changees = []
    lignes = _lot(session, actor, refs, Permission.CONVENTIONS_MODIFIER, versions)
    if personne:
        etrangeres = [un for un in lignes if not organisations & {un.etat_id, un.siao_id, un.operateur_id}]
        _refuser("conventions.responsable", "responsable", etrangeres)
    if fonction:
        etrangeres = [
            un
            for un in lignes
            if fonction.organisation_id not in {un.etat_id, un.siao_id, un.operateur_id}
            or un.departement_code != fonction.departement_code
        ]
        _refuser("conventions.fonction", "responsable", etrangeres)
    voulu = (personne.id if personne else None, fonction.id if fonction else None)
    for ligne in lignes:
        if (ligne.responsable_id, ligne.responsable_fonction_id) == voulu:
            continue
        with acte(session, clock, actor, "convention:confier", ligne):
            ligne.responsable, ligne.responsable_fonction = personne, fonction
        changees.append(ligne)
    avis.responsable_designe(session, clock, actor, changees)
    return len(changees)


def copier_si_siao(
    session: Session,
    clock: Clock,
    actor: Actor,
    refs: Sequence[str],
    *,
    copiee: bool = True,
    versions: Mapping[str, int] | None = None,
) -> int:
    """Note that signed lines were copied into the SI SIAO, now and by the actor (or not, after all).

    What was copied is what the actor was shown: `versions` as for `deplacer_cible`.
    """
    changees = 0
    lignes = _lot(session, actor, refs, Permission.CONVENTIONS_COPIER_SI_SIAO, versions)
    _refuser("conventions.copie_non_signee", None, [un for un in lignes if un.statut is not Statut.SIGNEE])
    for ligne in lignes:
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
    with acte(session, clock, actor, "document:lier", ligne) as faits:
        faits["document"] = joindre(session, clock, actor, ligne, fichier_id, libelle).libelle
    return ligne


def delier_document(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, document_ref: str
) -> Convention:
    """Remove a document from the line, and its file when no other line is linked to it.

    The content leaves the private folder with the nightly sweep; the journal keeps its title and its hash.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    document = next((d for d in ligne.documents if d.ref == document_ref), None)
    if document is None:
        raise DomainError("conventions.document_absent")
    with acte(session, clock, actor, "document:delier", ligne) as faits:
        fichier = session.get_one(Fichier, document.fichier_id)
        faits["document"], faits["sha256"] = document.libelle, fichier.sha256
        ligne.documents.remove(document)
        session.flush()
        autre = select(ConventionDocument.id).where(ConventionDocument.fichier_id == fichier.id).limit(1)
        if session.scalar(autre) is None:
            session.delete(fichier)
    return ligne


def _lot(
    session: Session,
    actor: Actor,
    refs: Sequence[str],
    permission: Permission,
    versions: Mapping[str, int] | None,
) -> list[Convention]:
    """Return the lines of a bulk act, in the order of their references: two bulk acts never deadlock.

    A line that `versions` does not name was not shown: it is stale.
    """
    uniques = sorted(set(refs))
    if not uniques:
        raise DomainError("conventions.aucune_ligne")
    if len(uniques) > LIGNES_PAR_LOT:
        raise DomainError("conventions.trop_de_lignes", maximum=LIGNES_PAR_LOT)
    return [
        charger(session, actor, ref, permission, None if versions is None else versions.get(ref, 0))
        for ref in uniques
    ]


def _refuser(code: str, champ: str | None, lignes: Sequence[Convention]) -> None:
    """Raise a refusal that names the lines it is about, if any: the first of them and how many remain."""
    if lignes:
        lignes = sorted(lignes, key=lambda ligne: (ligne.operateur_tri, ligne.id))
        noms = [f"{ligne.operateur.nom} ({ligne.siao.nom})" for ligne in lignes[:NOMMEES]]
        reste = len(lignes) - NOMMEES
        raise DomainError(code, champ, lignes=[*noms, f"+ {reste}"] if reste > 0 else noms)


def _fonction(session: Session, ref: str | None) -> Referent | None:
    """Return an open function of the directory."""
    if not ref:
        return None
    found = session.scalar(select(Referent).where(Referent.ref == ref, Referent.ferme_le.is_(None)))
    if found is None:
        raise DomainError("introuvable", "responsable")
    return found


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
