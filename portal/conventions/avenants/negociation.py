"""Acts of the three parties on one clause of an avenant: writing, taking a position, commenting.

The same as on a clause of the convention itself, with the same thread and the same history.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.conventions.avenants import avis, fil
from portal.conventions.avenants.composition import Composee, Modification
from portal.conventions.avenants.ecriture import noter, prendre
from portal.conventions.avenants.models import Avenant, AvenantClause, AvenantClauseCommentaire
from portal.conventions.avenants.service import composition, poser, verifier_modifiable
from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Parametre
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.positions import A_PRENDRE, OBJECTIONS, apres_proposition
from portal.conventions.redaction.service import (
    TEXTE,
    a_completer,
    champ_valeur,
    court,
    jaune,
    lire_donnee,
    verifier_texte,
)
from portal.conventions.signature.composer import CLAUSE_DUREE
from portal.documents.texte import Couleur
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion

MOTIF = 1000
COMMENTAIRE = 4000
DATE_EFFET = "date_effet"


def ecrire(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    code: str,
    version: int,
    *,
    texte: str | None = None,
    valeurs: Mapping[str, str] | None = None,
    motif: str = "",
) -> AvenantClause:
    """Propose another text or other values for a clause; the two other parties examine it again.

    `version`: of the clause. Raises NotVisible, Forbidden, StaleVersion (whose `current` is the clause),
    DomainError(s).
    """
    prise = _prendre(session, clock, actor, ref, avenant_ref, code)
    clause = prise.clause
    if clause.version != version:
        raise StaleVersion(clause)
    motif = court(motif, "motif", MOTIF)
    composee = composition(session, prise.ligne, prise.avenant)
    modification = composee.modification(code)
    if modification is None:
        raise NotVisible(code)
    if not modification.modifiable:
        raise DomainError("avenants.clause_verte")
    dites = _valeurs(composee, modification, clause, valeurs or {})
    ecrit = _texte(composee, modification, clause, texte)
    if not dites and ecrit is None:
        raise DomainError("redaction.inchangee")
    faits: dict[str, object] = {f"valeur_{parametre}": [*dite] for parametre, dite in dites.items()}
    for parametre, (avant, apres) in dites.items():
        prise.inscrire(GenreFait.VALEUR, parametre=parametre, avant=avant, apres=apres, motif=motif)
    if ecrit is not None:
        faits["texte"] = [*ecrit]
        prise.inscrire(GenreFait.TEXTE, avant=ecrit[0], apres=ecrit[1], motif=motif)
    with avis.suivies(session, clock, actor, prise.ligne, prise.avenant):
        for une, position in apres_proposition(prise.partie).items():
            poser(clock, actor, clause, une, position, motif if une is prise.partie else "")
        prise.dater()
    prise.journal("ecrire", faits | ({"motif": motif} if motif else {}))
    return clause


def _valeurs(
    composee: Composee, modification: Modification, clause: AvenantClause, donnees: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Write the values that differ from what the clause says now, and return them, before and after.

    Every refusal is told at once.
    """
    refus, lues = [], {}
    for code, brut in donnees.items():
        try:
            parametre = jaune(modification.modele, code)
            lues[code] = (parametre, lire_donnee(modification.modele, parametre, brut))
        except DomainError as error:
            refus.append(error)
    if refus:
        raise DomainErrors(refus)
    ecrites, dites = dict(clause.valeurs), {}
    for code, (parametre, valeur) in lues.items():
        actuelle = composee.apres.valeurs.get((clause.code, code), parametre.defaut)
        if valeur == actuelle:
            continue
        if (clause.code, code) == (CLAUSE_DUREE, DATE_EFFET):
            raise DomainError("avenants.effet_convention", champ_valeur(code))
        dites[code] = (actuelle, valeur)
        ecrites.pop(code, None)
        if valeur != _avant(composee, clause.code, parametre):
            ecrites[code] = valeur
    clause.valeurs = ecrites
    return dites


def _avant(composee: Composee, clause_code: str, parametre: Parametre) -> str:
    return composee.avant.valeurs.get((clause_code, parametre.code), parametre.defaut)


def _texte(
    composee: Composee, modification: Modification, clause: AvenantClause, nouveau: str | None
) -> tuple[str, str] | None:
    """Write the words of a clause, and return them before and after; None when they stay."""
    if nouveau is None:
        return None
    modele, base = modification.modele, composee.apres.socle
    actuel = composee.apres.textes.get(clause.code, modele.texte)
    nouveau = court(nouveau, "texte", TEXTE)
    if nouveau == actuel.strip():
        return None
    if modele.couleur is not Couleur.JAUNE:
        raise DomainError("avenants.clause_verte", "texte")
    verifier_texte(base, modele, nouveau)
    avant = composee.avant.textes.get(clause.code, modele.texte) if modification.avant else None
    clause.texte = None if avant is not None and nouveau == avant.strip() else nouveau
    return actuel, nouveau


def prendre_position(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    code: str,
    version: int,
    *,
    position: Position,
    motif: str = "",
) -> AvenantClause:
    """Say where one's party stands on a clause as it is now. Reservations and refusals say why.

    Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    if position not in A_PRENDRE:
        raise DomainError("redaction.position", "position")
    prise = _prendre(session, clock, actor, ref, avenant_ref, code)
    clause, partie = prise.clause, prise.partie
    motif = court(motif, "motif", MOTIF)
    if position in OBJECTIONS and not motif:
        raise DomainError("redaction.motif_obligatoire", "motif")
    dite = next((une for une in clause.positions if une.partie is partie), None)
    avant = dite.position if dite else Position.A_EXAMINER
    if avant is position and (dite.motif if dite else "") == motif:
        return clause
    if clause.version != version:
        raise StaleVersion(clause)
    if position is Position.ACCEPTEE:
        _complete(session, prise.ligne, prise.avenant, code)
    with avis.suivies(session, clock, actor, prise.ligne, prise.avenant):
        poser(clock, actor, clause, partie, position, motif)
        prise.inscrire(GenreFait.POSITION, avant=avant.value, apres=position.value, motif=motif)
        prise.dater()
    prise.journal(
        "position", {"position": [avant.value, position.value]} | ({"motif": motif} if motif else {})
    )
    return clause


def commenter(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    code: str,
    *,
    texte: str,
    cle: str | None = None,
) -> AvenantClauseCommentaire:
    """Add a remark to the thread of a clause; the same form sent twice (`cle`) adds one.

    Raises NotVisible, Forbidden, DomainError.
    """
    prise = _prendre(session, clock, actor, ref, avenant_ref, code)
    deja = (
        session.scalar(select(AvenantClauseCommentaire).where(AvenantClauseCommentaire.idempotence == cle))
        if cle
        else None
    )
    if deja is not None and deja.clause_id == prise.clause.id:
        return deja
    texte = court(texte, "texte", COMMENTAIRE)
    if not texte:
        raise DomainError("redaction.commentaire_vide", "texte")
    avis.commentaire(session, clock, actor, prise.ligne, prise.avenant, prise.partie)
    commentaire = AvenantClauseCommentaire(
        clause_id=prise.clause.id,
        partie=prise.partie,
        personne_id=actor.personne_id,
        auteur=auteur(actor),
        texte=texte,
        le=clock.now(),
        idempotence=cle or None,
    )
    session.add(commentaire)
    prise.inscrire(GenreFait.COMMENTAIRE, apres=texte)
    session.flush()
    prise.journal("commenter", {"commentaire": texte})
    return commentaire


def resoudre(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    code: str,
    commentaire_ref: str,
) -> AvenantClauseCommentaire:
    """Say that a remark is settled; saying it twice changes nothing.

    Raises NotVisible, Forbidden, DomainError.
    """
    prise = _prendre(session, clock, actor, ref, avenant_ref, code)
    commentaire = session.scalar(
        select(AvenantClauseCommentaire).where(
            AvenantClauseCommentaire.ref == commentaire_ref,
            AvenantClauseCommentaire.clause_id == prise.clause.id,
        )
    )
    if commentaire is None:
        raise NotVisible(commentaire_ref)
    if commentaire.resolu_le is None:
        commentaire.resolu_le, commentaire.resolu_par = clock.now(), auteur(actor)
        prise.inscrire(GenreFait.RESOLUTION, avant=commentaire.texte)
        session.flush()
        prise.journal("resoudre", {"commentaire": commentaire.texte})
    return commentaire


@dataclass(frozen=True)
class _Prise:
    """A clause taken to be changed, with all that it belongs to. `partie`: the one that acts."""

    session: Session
    clock: Clock
    actor: Actor
    partie: Partie
    ligne: Convention
    avenant: Avenant
    clause: AvenantClause

    def inscrire(self, genre: GenreFait, **faits: str) -> None:
        """Add to the history of the clause."""
        fil.inscrire(self.session, self.clock, self.actor, self.clause, genre, **faits)

    def dater(self) -> None:
        """Give the clause its next version, so that what is typed on the one before is told so."""
        self.clause.updated_at = self.avenant.updated_at = self.clock.now()
        flag_modified(self.clause, "updated_at")
        self.session.flush()

    def journal(self, acte: str, faits: Mapping[str, object]) -> None:
        """Write the act to the journal."""
        noter(
            self.session,
            self.clock,
            self.actor,
            self.ligne,
            self.avenant,
            f"avenant:{acte}",
            {"clause": self.clause.code, "partie": self.partie} | dict(faits),
        )


def _prendre(session: Session, clock: Clock, actor: Actor, ref: str, avenant_ref: str, code: str) -> _Prise:
    ligne, avenant = prendre(session, actor, ref, avenant_ref, Permission.REDACTION_NEGOCIER)
    partie = partie_de(actor)
    if partie is None:
        raise Forbidden(Permission.REDACTION_NEGOCIER.value)
    clause = next((une for une in avenant.clauses if une.code == code), None)
    if clause is None:
        raise NotVisible(code)
    verifier_modifiable(actor, avenant)
    return _Prise(session, clock, actor, partie, ligne, avenant, clause)


def _complete(session: Session, ligne: Convention, avenant: Avenant, code: str) -> None:
    """Refuse to accept a clause in which a value is still owed."""
    composee = composition(session, ligne, avenant)
    modification = composee.modification(code)
    if modification is None or modification.apres is None:
        return
    manquant = a_completer(modification.modele, composee.apres.donnees(modification.apres))
    if manquant:
        raise DomainError("redaction.a_completer", "position", champ=manquant.libelle)
