"""The common base of a round: State and SIAO write it and say where they stand on it (domaine.md § 5.3)."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.conventions.enums import Partie
from portal.conventions.modeles.composition import renvois
from portal.conventions.modeles.contenu import Parametre
from portal.conventions.modeles.texte import champs
from portal.conventions.modeles.valeurs import lire_valeur
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.service import TEXTE, champ_valeur, court
from portal.conventions.tours import avis
from portal.conventions.tours.ecriture import (
    Prise,
    clause,
    clauses,
    commune,
    prendre,
    texte_du_socle,
    valeurs_du_socle,
)
from portal.conventions.tours.enums import Reponse
from portal.conventions.tours.models import TourClause, TourClauseValeur, TourReponse
from portal.conventions.tours.perimetre import ClauseCommune
from portal.documents.texte import Couleur
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, StaleVersion

MOTIF = 1000


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
) -> TourClause:
    """Propose another base for a clause (None leaves its words). `version`: of the clause.

    The author's party proposes it, the other has to examine it; operators that had adopted the former base
    have to read it again: nobody agrees to what it has not seen. Raises NotVisible, Forbidden, StaleVersion,
    DomainError(s).
    """
    prise = prendre(session, clock, actor, ref, Permission.TOURS_PILOTER)
    modele, ligne = commune(prise, code), clause(prise, code)
    motif = court(motif, "motif", MOTIF)
    lues = lire(prise, modele, valeurs or {}, texte)
    faits = _changements(prise, modele, ligne, lues)
    if (
        not faits
        and ligne.version == version + 1
        and getattr(ligne, f"{prise.partie.value}_par") == prise.par
    ):
        return ligne  # the same form, sent twice
    if ligne.version != version:
        raise StaleVersion(ligne)
    if not faits:
        raise DomainError("tours.socle_inchange")
    for parametre_code, (_avant, valeur) in faits.items():
        if parametre_code != "texte":
            _ecrire(session, ligne.id, parametre_code, valeur)
    if "texte" in faits:
        depart = texte_du_socle(prise.base, modele, None)
        ligne.texte = None if lues.texte == depart.strip() else lues.texte
    for partie in (Partie.ETAT, Partie.SIAO):
        se_prononcer(prise, ligne, partie, Position.PROPOSEE if partie is prise.partie else None)
    ligne.updated_at = clock.now()
    flag_modified(ligne, "updated_at")
    a_revoir = _faire_revoir(session, ligne)
    prise.noter("socle:modifier", {"clause": code, **faits, "motif": motif, "a_revoir": a_revoir}, ligne)
    avis.socle(prise, modele.titre, motif)
    return ligne


def _changements(
    prise: Prise, modele: ClauseCommune, ligne: TourClause, lues: "Lue"
) -> dict[str, tuple[str, str]]:
    """Return what a proposal changes of the base: code of the value, or « texte » → before, after."""
    avant = valeurs_du_socle(prise.session, prise.perimetre, {ligne.code: ligne})[ligne.code]
    faits = {code: (avant[code], valeur) for code, valeur in lues.valeurs.items() if valeur != avant[code]}
    ancien = texte_du_socle(prise.base, modele, ligne.texte)
    if lues.texte is not None and lues.texte != ancien.strip():
        faits["texte"] = (ancien, lues.texte)
    return faits


def adopter(session: Session, clock: Clock, actor: Actor, ref: str, choix: Mapping[str, int]) -> int:
    """Have one's party (State or SIAO) adopt the base of some clauses: version seen by code.

    The same form sent twice adopts once. Raises NotVisible, Forbidden, DomainError, StaleVersion (whose
    `current` names the clauses that changed); then nothing is adopted. Returns how many were.
    """
    if not choix:
        raise DomainError("tours.rien_choisi")
    prise = prendre(session, clock, actor, ref, Permission.TOURS_PILOTER)
    lues = clauses(prise)
    sienne = f"position_{prise.partie.value}"
    adoptees = [
        code for code in choix if code not in lues or getattr(lues[code], sienne) is not Position.ACCEPTEE
    ]
    perimees = [code for code in adoptees if code not in lues or lues[code].version != choix[code]]
    if perimees:
        raise StaleVersion(perimees)
    for code in adoptees:
        se_prononcer(prise, lues[code], prise.partie, Position.ACCEPTEE)
    if adoptees:
        prise.noter("socle:adopter", {"partie": prise.partie.value, "clauses": adoptees})
    return len(adoptees)


def se_prononcer(prise: Prise, ligne: TourClause, partie: Partie, position: Position | None) -> None:
    """Write where State or SIAO stands on the base of a clause; None: it has to examine it."""
    setattr(ligne, f"position_{partie.value}", position)
    setattr(ligne, f"{partie.value}_le", prise.clock.now() if position else None)
    setattr(ligne, f"{partie.value}_par", prise.par if position else "")


def _ecrire(session: Session, clause_id: int, parametre_code: str, valeur: str) -> None:
    ecrite = session.get(TourClauseValeur, (clause_id, parametre_code), populate_existing=True)
    if ecrite is None:
        session.add(TourClauseValeur(clause_id=clause_id, parametre_code=parametre_code, valeur=valeur))
    else:
        ecrite.valeur = valeur


def _faire_revoir(session: Session, ligne: TourClause) -> int:
    """Put back to be read again what operators had adopted of a clause; return how many."""
    adoptees = session.scalars(
        select(TourReponse).where(TourReponse.clause_id == ligne.id, TourReponse.reponse == Reponse.ADOPTEE)
    ).all()
    for reponse in adoptees:
        reponse.reponse = Reponse.A_REVOIR
    return len(adoptees)


class Lue:
    """What someone typed for a clause, checked. `texte` None: the words are not theirs to write."""

    def __init__(self, valeurs: dict[str, str], texte: str | None) -> None:
        self.valeurs, self.texte = valeurs, texte


def lire(prise: Prise, modele: ClauseCommune, donnees: Mapping[str, str], texte: str | None) -> Lue:
    """Check the values and the words typed for a clause; every refusal is told at once, with its reference.

    Raises DomainErrors.
    """
    refus: list[DomainError] = []
    valeurs = {}
    parametres = {p.code: p for p in modele.parametres}
    for code, brut in donnees.items():
        try:
            valeurs[code] = lire_valeur(_jaune(modele, parametres, code), brut, champ_valeur(code))
        except DomainError as error:
            refus.append(error)
    lu = None
    if texte is not None and modele.redigeable:
        try:
            lu = _texte(prise, modele, texte)
        except DomainError as error:
            refus.append(error)
    if refus:
        raise DomainErrors(refus)
    return Lue(valeurs, lu)


def _jaune(modele: ClauseCommune, parametres: Mapping[str, Parametre], code: str) -> Parametre:
    if code in parametres:
        return parametres[code]
    connu = next((p for p in modele.clause.parametres if p.code == code), None)
    if connu is None:
        raise DomainError("redaction.champ_inconnu", champ_valeur(code), champ=code)
    vert = connu.couleur is Couleur.VERTE
    raise DomainError("redaction.vert" if vert else "redaction.fixe", champ_valeur(code))


def _texte(prise: Prise, modele: ClauseCommune, nouveau: str) -> str:
    """Check that words keep what is not their authors' to remove, and name nothing that does not exist."""
    nouveau = court(nouveau, "texte", TEXTE)
    if not nouveau:
        raise DomainError("redaction.texte_vide", "texte")
    connus = {p.code: p for p in modele.clause.parametres}
    montres = champs(nouveau)
    for code in montres:
        if code not in connus:
            raise DomainError("redaction.champ_inconnu", "texte", champ=code)
    for code in champs(texte_du_socle(prise.base, modele, None)):
        parametre = connus.get(code)
        if parametre and parametre.couleur is not Couleur.JAUNE and code not in montres:
            raise DomainError("redaction.champ_perdu", "texte", champ=parametre.libelle)
    general = prise.base.general
    existants = {c.code for c in general.clauses()} | {a.code for a in general.articles}
    for code in renvois(nouveau):
        if code not in existants:
            raise DomainError("redaction.renvoi_inconnu", "texte", renvoi=code)
    return nouveau
