"""Acts of the three parties on one clause: writing, taking a position, commenting (domaine.md § 5.3)."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie
from portal.conventions.modeles.composition import renvois
from portal.conventions.modeles.contenu import Clause, Parametre
from portal.conventions.modeles.texte import champs
from portal.conventions.modeles.valeurs import lire_valeur
from portal.conventions.redaction import annuaire, avis
from portal.conventions.redaction.ecriture import Prise, est_modifiable, prendre
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.fournies import FOURNIES, de_la_clause
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseCommentaire,
    ConventionClausePosition,
    ConventionClauseValeur,
)
from portal.conventions.redaction.positions import A_PRENDRE, OBJECTIONS, apres_proposition
from portal.conventions.redaction.socle import Socle, socle
from portal.documents.texte import Couleur
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion

__all__ = ["commenter", "est_modifiable", "modifier", "prendre_position", "resoudre"]

MOTIF = 1000
TEXTE = 20_000
COMMENTAIRE = 4000


def modifier(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    code: str,
    version: int,
    *,
    texte: str | None = None,
    valeurs: Mapping[str, str] | None = None,
    motif: str = "",
) -> ConventionClause:
    """Propose another text (None leaves it; the model's own brings it back) or other values.

    The author's party proposes; the two others have to examine it again. Raises NotVisible, Forbidden,
    StaleVersion, DomainError(s): green and fixed parts are refused, and what leaves its bounds.
    """
    prise = prendre(session, clock, actor, ref, code, version)
    motif = court(motif, "motif", MOTIF)
    ecrites = _valeurs_ecrites(session, prise.clause.id)
    with avis.suivies(prise):
        faits: dict[str, list[str]] = {}
        _ecrire_valeurs(prise, ecrites, valeurs or {}, motif, faits)
        _ecrire_texte(prise, texte, motif, faits)
        if not faits:
            raise DomainError("redaction.inchangee")
        positions: dict[str, list[str]] = {}
        for partie, position in apres_proposition(prise.partie).items():
            avant = _poser(prise, partie, position, motif if partie is prise.partie else "")
            if avant is not position:
                positions[partie.value] = [avant.value, position.value]
        flag_modified(prise.clause, "numero")
        changes = {**faits, "positions": positions, **({"motif": motif} if motif else {})}
        prise.journal("clause:modifier", changes)
    return prise.clause


def prendre_position(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    code: str,
    version: int,
    *,
    position: Position,
    motif: str = "",
) -> ConventionClause:
    """Say where one's party stands on the clause as it is now. Reservations and refusals say why.

    Saying twice the same thing changes nothing. Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    if position not in A_PRENDRE:
        raise DomainError("redaction.position", "position")
    prise = prendre(session, clock, actor, ref, code)
    motif = court(motif, "motif", MOTIF)
    if position in OBJECTIONS and not motif:
        raise DomainError("redaction.motif_obligatoire", "motif")
    presente = session.get(ConventionClausePosition, (prise.clause.id, prise.partie), populate_existing=True)
    avant = presente.position if presente else Position.A_EXAMINER
    if avant is position and (presente.motif if presente else "") == motif:
        return prise.clause
    if prise.clause.version != version:
        raise StaleVersion(prise.clause)
    if position is Position.ACCEPTEE:
        _complete(prise)
    with avis.suivies(prise):
        _dire(session, clock, actor, presente, prise.clause.id, prise.partie, position, motif)
        prise.noter(GenreFait.POSITION, avant=avant.value, apres=position.value, motif=motif)
        flag_modified(prise.clause, "numero")
        faits = {"partie": prise.partie.value, "position": [avant.value, position.value]}
        prise.journal("clause:position", {**faits, **({"motif": motif} if motif else {})})
    return prise.clause


def commenter(
    session: Session, clock: Clock, actor: Actor, ref: str, code: str, *, texte: str, cle: str | None = None
) -> ConventionClauseCommentaire:
    """Add a remark to the thread of a clause; the same form sent twice adds one."""
    prise = prendre(session, clock, actor, ref, code)
    if cle:
        deja = session.scalar(
            select(ConventionClauseCommentaire).where(ConventionClauseCommentaire.idempotence == cle)
        )
        if deja is not None and deja.clause_id == prise.clause.id:
            return deja
    texte = court(texte, "texte", COMMENTAIRE)
    if not texte:
        raise DomainError("redaction.commentaire_vide", "texte")
    avis.commentaire(prise)
    commentaire = ConventionClauseCommentaire(
        clause_id=prise.clause.id,
        partie=prise.partie,
        personne_id=actor.personne_id,
        auteur=auteur(actor),
        texte=texte,
        le=clock.now(),
        idempotence=cle,
    )
    session.add(commentaire)
    prise.noter(GenreFait.COMMENTAIRE, apres=texte)
    prise.journal("clause:commenter", {"partie": prise.partie.value, "commentaire": texte})
    return commentaire


def resoudre(
    session: Session, clock: Clock, actor: Actor, ref: str, code: str, commentaire_ref: str
) -> ConventionClauseCommentaire:
    """Say that a remark is settled; saying it twice changes nothing. Raises NotVisible."""
    prise = prendre(session, clock, actor, ref, code)
    commentaire = session.scalar(
        select(ConventionClauseCommentaire).where(
            ConventionClauseCommentaire.ref == commentaire_ref,
            ConventionClauseCommentaire.clause_id == prise.clause.id,
        )
    )
    if commentaire is None:
        raise NotVisible(commentaire_ref)
    if commentaire.resolu_le is None:
        commentaire.resolu_le, commentaire.resolu_par = clock.now(), auteur(actor)
        prise.noter(GenreFait.RESOLUTION, avant=commentaire.texte)
        prise.journal("clause:resoudre", {"commentaire": commentaire.texte})
    return commentaire


def court(valeur: str, champ: str, maximum: int) -> str:
    """Return a text without spaces around it, lines ended one way; raises DomainError when too long."""
    valeur = valeur.replace("\r\n", "\n").strip()
    if len(valeur) > maximum:
        raise DomainError("redaction.texte_long", champ, maximum=maximum)
    return valeur


def _valeurs_ecrites(session: Session, clause_id: int) -> dict[str, ConventionClauseValeur]:
    lues = session.scalars(
        select(ConventionClauseValeur)
        .where(ConventionClauseValeur.clause_id == clause_id)
        .execution_options(populate_existing=True)
    )
    return {valeur.parametre_code: valeur for valeur in lues}


def _ecrire_valeurs(
    prise: Prise,
    ecrites: dict[str, ConventionClauseValeur],
    donnees: Mapping[str, str],
    motif: str,
    faits: dict[str, list[str]],
) -> None:
    """Write the values that differ; every refusal is told at once."""
    refus, lues = [], {}
    for code, brut in donnees.items():
        try:
            parametre = jaune(prise.modele, code)
            lues[code] = (parametre, lire_donnee(prise.modele, parametre, brut))
        except DomainError as error:
            refus.append(error)
    if refus:
        raise DomainErrors(refus)
    for code, (parametre, valeur) in lues.items():
        ecrite = ecrites.get(code)
        avant = ecrite.valeur if ecrite else parametre.defaut
        if valeur == avant:
            continue
        if ecrite is not None:
            ecrite.valeur = valeur
        else:
            prise.session.add(
                ConventionClauseValeur(clause_id=prise.clause.id, parametre_code=code, valeur=valeur)
            )
        faits[code] = [avant, valeur]
        prise.noter(GenreFait.VALEUR, parametre=code, avant=avant, apres=valeur, motif=motif)


def lire_donnee(clause: Clause, parametre: Parametre, brut: str) -> str:
    """Return the value typed for a parameter; raises DomainError. The directory gives what is left empty."""
    if not brut.strip() and (clause.code, parametre.code) in FOURNIES:
        return ""
    return lire_valeur(parametre, brut, champ_valeur(parametre.code))


def champ_valeur(code: str) -> str:
    """Return the name of the form's field for a parameter."""
    return f"valeur_{code}"


def jaune(clause: Clause, code: str) -> Parametre:
    """Return a parameter that the parties may change; raises DomainError for a green or fixed one."""
    parametre = next((p for p in clause.parametres if p.code == code), None)
    if parametre is None:
        raise DomainError("redaction.champ_inconnu", champ_valeur(code), champ=code)
    if parametre.couleur is not Couleur.JAUNE:
        code_erreur = "redaction.vert" if parametre.couleur is Couleur.VERTE else "redaction.fixe"
        raise DomainError(code_erreur, champ_valeur(code))
    return parametre


def _ecrire_texte(prise: Prise, nouveau: str | None, motif: str, faits: dict[str, list[str]]) -> None:
    if nouveau is None:
        return
    clause, modele = prise.clause, prise.modele
    depart = _depart(prise)
    avant = clause.texte if clause.texte is not None else depart
    nouveau = court(nouveau, "texte", TEXTE)
    if nouveau == avant.strip():
        return
    if modele.couleur is not Couleur.JAUNE:
        raise DomainError("redaction.vert" if modele.couleur is Couleur.VERTE else "redaction.fixe", "texte")
    verifier_texte(_socle(prise), prise.modele, nouveau)
    clause.texte = None if nouveau == depart.strip() else nouveau
    faits["texte"] = [avant, nouveau]
    prise.noter(GenreFait.TEXTE, avant=avant, apres=nouveau, motif=motif)


def _socle(prise: Prise) -> Socle:
    return socle(prise.session, prise.texte.version_departementale_id)


def _depart(prise: Prise) -> str:
    return depart(_socle(prise), prise.modele)


def depart(base: Socle, modele: Clause) -> str:
    """Return the text of a clause before the parties wrote anything."""
    return base.textes.get(modele.code, modele.texte)


def verifier_texte(base: Socle, modele: Clause, nouveau: str) -> None:
    """Check that a text keeps what is not its authors' to remove, and names nothing that does not exist."""
    if not nouveau:
        raise DomainError("redaction.texte_vide", "texte")
    connus = {p.code: p for p in modele.parametres}
    montres = champs(nouveau)
    for code in montres:
        if code not in connus:
            raise DomainError("redaction.champ_inconnu", "texte", champ=code)
    for code in champs(depart(base, modele)):
        parametre = connus.get(code)
        if parametre and parametre.couleur is not Couleur.JAUNE and code not in montres:
            raise DomainError("redaction.champ_perdu", "texte", champ=parametre.libelle)
    existants = {c.code for c in base.general.clauses()} | {a.code for a in base.general.articles}
    for code in renvois(nouveau):
        if code not in existants:
            raise DomainError("redaction.renvoi_inconnu", "texte", renvoi=code)


def _complete(prise: Prise) -> None:
    """Refuse to accept a clause in which a value is still owed."""
    ecrites = _valeurs_ecrites(prise.session, prise.clause.id)
    valeurs = {code: ecrite.valeur for code, ecrite in ecrites.items()}
    manquant = a_completer(prise.modele, valeurs)
    if manquant and (prise.modele.code, manquant.code) in FOURNIES:
        natures = {nature.nature_code for nature in prise.ligne.natures}
        retenues = frozenset(natures.difference(prise.texte.natures_differees))
        sues = annuaire.connues(prise.session, prise.clock, prise.ligne, retenues)
        manquant = a_completer(prise.modele, de_la_clause(prise.modele.code, valeurs, sues))
    if manquant:
        raise DomainError("redaction.a_completer", "position", champ=manquant.libelle)


def a_completer(clause: Clause, valeurs: Mapping[str, str]) -> Parametre | None:
    """Return the first yellow value that a clause still waits for, None when it has them all."""
    for parametre in clause.parametres:
        du = parametre.couleur is Couleur.JAUNE and parametre.obligatoire
        if du and not valeurs.get(parametre.code, parametre.defaut):
            return parametre
    return None


def _poser(prise: Prise, partie: Partie, position: Position, motif: str) -> Position:
    """Write where a party stands; having everything to examine is having said nothing."""
    return poser(prise.session, prise.clock, prise.actor, prise.clause.id, partie, position, motif)


def poser(
    session: Session,
    clock: Clock,
    actor: Actor,
    clause_id: int,
    partie: Partie,
    position: Position,
    motif: str = "",
) -> Position:
    """Write where a party stands on a clause already taken, and return where it stood."""
    ligne = session.get(ConventionClausePosition, (clause_id, partie), populate_existing=True)
    avant = ligne.position if ligne is not None else Position.A_EXAMINER
    _dire(session, clock, actor, ligne, clause_id, partie, position, motif)
    return avant


def _dire(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: ConventionClausePosition | None,
    clause_id: int,
    partie: Partie,
    position: Position,
    motif: str,
) -> None:
    """Write where a party stands in place of what it said (`ligne`), if anything."""
    if position is Position.A_EXAMINER:
        if ligne is not None:
            session.delete(ligne)
        return
    if ligne is None:
        ligne = ConventionClausePosition(clause_id=clause_id, partie=partie)
        session.add(ligne)
    ligne.position, ligne.motif = position, motif
    ligne.le, ligne.par = clock.now(), auteur(actor)
