"""Acts on an avenant: opening it, its clauses, the positions of the three parties, its stages.

The rules are those of the convention: green and fixed parts never change, whoever writes proposes and the
others read again, a clause marked ★ asks for the operator's explicit agreement, nobody accepts for another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from enum import Enum

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.audit.diff import plain
from portal.conventions.avenants import avis, figer, fil, propositions
from portal.conventions.avenants.composition import Composee, composer
from portal.conventions.avenants.consolidation import Changement
from portal.conventions.avenants.consolidee import consolide, de_l_avenant
from portal.conventions.avenants.ecriture import noter, prendre, verifier_ouvrable
from portal.conventions.avenants.enums import MODIFIABLES, Origine, StatutAvenant
from portal.conventions.avenants.models import (
    Avenant,
    AvenantClause,
    AvenantPosition,
)
from portal.conventions.avenants.workflow import MOTIVEES, WORKFLOW
from portal.conventions.creation import date_plausible, verifier_natures
from portal.conventions.cycle import motif_de
from portal.conventions.ecriture import acte, auteur, base_traduite, charger
from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Clause
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.positions import accordee
from portal.conventions.redaction.preremplir import PREFIXE_NATURE, connues
from portal.conventions.redaction.queries import Texte
from portal.conventions.redaction.service import (
    a_completer,
    court,
)
from portal.security.permissions import ETAT, SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

OBJET = 300
CITEES = 5
PROPOSITION = {"avant": Position.A_EXAMINER.value, "apres": Position.PROPOSEE.value}


def ouvrir(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    *,
    objet: str,
    codes: Iterable[str] = (),
    origine: Origine = Origine.PARTIES,
    natures_ajoutees: Iterable[str] = (),
    natures_retirees: Iterable[str] = (),
    version_id: int | None = None,
    date_effet: date | None = None,
    proposition_ref: str = "",
    cle: str | None = None,
) -> Avenant:
    """Open an avenant on a signed convention, on the clauses chosen; those that natures bring follow.

    `version_id`: the green version that it brings the text to; `proposition_ref`: what called for it.
    Ten submissions of one form (`cle`) make one.
    Raises NotVisible, Forbidden, DomainError.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER)
    deja = session.scalar(select(Avenant).where(Avenant.idempotence == cle)) if cle else None
    if deja is not None and deja.convention_id == ligne.id:
        return deja
    verifier_ouvrable(session, clock, ligne)
    objet = court(objet, "objet", OBJET)
    if not objet:
        raise DomainError("avenants.objet", "objet")
    avenant = Avenant(
        convention_id=ligne.id,
        numero=_numero(session, ligne),
        objet=objet,
        origine=origine,
        statut=StatutAvenant.PROJET,
        statut_depuis=clock.now(),
        version_departementale_id=version_id,
        natures_ajoutees=sorted(set(natures_ajoutees)),
        natures_retirees=sorted(set(natures_retirees)),
        date_effet=_effet(ligne, date_effet),
        ouvert_par=auteur(actor),
        idempotence=cle or None,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    avenant.clauses = []
    _verifier_natures(session, ligne, avenant)
    _choisir(session, clock, ligne, avenant, set(codes))
    with acte(session, clock, actor, "avenant:ouvrir", ligne) as faits, base_traduite(session):
        session.add(avenant)
        session.flush()
        faits |= {"avenant": avenant.numero, "objet": objet, "clauses": [c.code for c in avenant.clauses]}
    if proposition_ref:
        propositions.reprendre(session, ligne, proposition_ref, avenant)
    for clause in avenant.clauses:
        fil.inscrire(session, clock, actor, clause, GenreFait.OUVERTURE)
    noter(session, clock, actor, ligne, avenant, "avenant:creer", faits | {"origine": avenant.origine})
    return avenant


def _numero(session: Session, ligne: Convention) -> int:
    dernier = session.scalar(
        select(func.max(Avenant.numero)).where(
            Avenant.convention_id == ligne.id, Avenant.statut == StatutAvenant.SIGNE
        )
    )
    return (dernier or 0) + 1


def _effet(ligne: Convention, voulu: date | None) -> date | None:
    """Return the day asked for, within the convention. Raises DomainError."""
    if voulu is None:
        return None
    date_plausible(voulu, "date_effet")
    debut, fin = ligne.date_effet, ligne.fin_effective
    if debut is not None and fin is not None and not debut <= voulu <= fin:
        raise DomainError("avenants.effet_hors", "date_effet", debut=debut, fin=fin)
    return voulu


def _verifier_natures(session: Session, ligne: Convention, avenant: Avenant) -> None:
    portees = consolide(session, ligne).etat.natures
    ajoutees, retirees = set(avenant.natures_ajoutees), set(avenant.natures_retirees)
    verifier_natures(session, dict.fromkeys(ajoutees | retirees))
    if ajoutees & portees:
        raise DomainError("avenants.nature_portee", "natures_ajoutees")
    if retirees - portees:
        raise DomainError("avenants.nature_absente", "natures_retirees")
    if not (portees | ajoutees) - retirees:
        raise DomainError("avenants.toutes_natures", "natures_retirees")


def composition(
    session: Session, ligne: Convention, avenant: Avenant, texte: Texte | None = None
) -> Composee:
    """Return the text of the line before and after an avenant, those signed before it included.

    `texte`: that of the line, when it is known.
    """
    depart = consolide(session, ligne, avant=avenant.numero, texte=texte)
    return composer(session, depart, de_l_avenant(avenant))


def _choisir(
    session: Session, clock: Clock, ligne: Convention, avenant: Avenant, codes: set[str]
) -> tuple[list[str], list[str]]:
    """Keep the clauses chosen, and those that natures or a green version change: what came, what left."""
    composee = composition(session, ligne, avenant)
    for code in codes:
        modification = composee.modification(code)
        if modification is None or modification.apres is None:
            raise DomainError("avenants.clause_inconnue", "clauses")
        if not modification.modele.negociable:
            raise DomainError("avenants.clause_verte", "clauses")
    presentes = {clause.code: clause for clause in avenant.clauses}
    sans_choix = composer(session, composee.depart, _cadre(avenant))
    voulues = codes | set(sans_choix.induites)
    partantes = [code for code in presentes if code not in voulues]
    for code in partantes:
        avenant.clauses.remove(presentes[code])
    nouvelles = [code for code in composee.ordre if code in voulues and code not in presentes]
    modifications = [m for code in nouvelles if (m := composee.modification(code)) is not None]
    ajoutees = [m.modele for m in modifications if m.avant is None]
    sues = _sues(session, ligne, ajoutees, composee.apres.contexte.retenues) if ajoutees else {}
    for modification in modifications:
        avenant.clauses.append(
            AvenantClause(
                code=modification.code,
                attention=modification.modele.attention,
                choisie=modification.code in codes,
                texte=None,
                valeurs=sues.get(modification.code, {}),
                positions=[],
                updated_at=clock.now(),
            )
        )
    for code, clause in presentes.items():
        clause.choisie = code in codes
    return nouvelles, partantes


def _sues(
    session: Session, ligne: Convention, ajoutees: Sequence[Clause], natures: frozenset[str]
) -> dict[str, dict[str, str]]:
    """Return what is known of clauses that come, by code; a nature put off has the places it had."""
    sues = connues(session, ligne, ajoutees, natures)
    for nature, places in propositions.places_remises(session, ligne).items():
        modele = next((une for une in ajoutees if une.code == f"{PREFIXE_NATURE}{nature}"), None)
        if modele is not None and any(parametre.code == "places" for parametre in modele.parametres):
            sues.setdefault(modele.code, {})["places"] = str(places)
    return sues


def _cadre(avenant: Avenant) -> Changement:
    """Return what an avenant changes before anyone writes: natures and the green version."""
    return replace(de_l_avenant(avenant), textes={}, valeurs={})


def modifier(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    version: int,
    *,
    objet: str,
    codes: Iterable[str],
    date_effet: date | None = None,
) -> Avenant:
    """Change the object, the day asked for, and which clauses an avenant is about.

    What was written in a clause that leaves is lost; the others keep their positions. Raises NotVisible,
    Forbidden, StaleVersion, DomainError.
    """
    ligne, avenant = prendre(session, actor, ref, avenant_ref, Permission.CONVENTIONS_MODIFIER, version)
    verifier_modifiable(actor, avenant)
    objet = court(objet, "objet", OBJET)
    if not objet:
        raise DomainError("avenants.objet", "objet")
    faits: dict[str, object] = {}
    if objet != avenant.objet:
        faits["objet"] = [avenant.objet, objet]
    if date_effet != avenant.date_effet:
        faits["date_effet"] = [plain(avenant.date_effet), plain(_effet(ligne, date_effet))]
    avenant.objet, avenant.date_effet = objet, _effet(ligne, date_effet)
    venues, parties = _choisir(session, clock, ligne, avenant, set(codes))
    if venues or parties:
        faits["clauses"] = {"ajoutees": venues, "retirees": parties}
    avenant.updated_at = clock.now()
    flag_modified(avenant, "updated_at")
    session.flush()
    for clause in avenant.clauses:
        if clause.code in venues:
            fil.inscrire(session, clock, actor, clause, GenreFait.OUVERTURE)
    noter(session, clock, actor, ligne, avenant, "avenant:modifier", faits)
    return avenant


def verifier_modifiable(actor: Actor, avenant: Avenant) -> None:
    """Refuse to change clauses in a state that is not for it, or not for the actor. Raises DomainError."""
    if avenant.statut not in MODIFIABLES:
        raise DomainError("avenants.etat", etat=avenant.statut)
    if not a_la_main(actor, avenant.statut):
        raise DomainError("avenants.projet")


def a_la_main(actor: Actor, statut: StatutAvenant) -> bool:
    """Tell whether the actor may act on clauses in this state: a project is prepared without the operator."""
    if statut is StatutAvenant.PROJET:
        return actor.profil in ETAT | SIAO
    return statut is StatutAvenant.EN_NEGOCIATION and partie_de(actor) is not None


def poser(
    clock: Clock, actor: Actor, clause: AvenantClause, partie: Partie, position: Position, motif: str
) -> None:
    """Write where a party stands; having everything to examine is having said nothing."""
    dite = next((une for une in clause.positions if une.partie is partie), None)
    if position is Position.A_EXAMINER:
        if dite is not None:
            clause.positions.remove(dite)
        return
    if dite is None:
        dite = AvenantPosition(partie=partie)
        clause.positions.append(dite)
    dite.position, dite.motif, dite.le, dite.par = position, motif, clock.now(), auteur(actor)


def avancer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    avenant_ref: str,
    version: int,
    transition: str,
    *,
    motif: str = "",
) -> Avenant:
    """Fire a stage of an avenant: `negocier`, `figer`, `rouvrir`, `refuser`, `abandonner`.

    Reopening voids the signatures given. Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    if transition not in _ETAPES:
        raise DomainError("introuvable")
    ligne, avenant = prendre(session, actor, ref, avenant_ref, Permission.CONVENTIONS_LIRE, version)
    raison = motif_de(motif) if transition in MOTIVEES else ""
    with acte(session, clock, actor, f"avenant:{transition}", ligne) as faits:
        faits |= {"avenant": avenant.numero} | ({"raison": raison} if raison else {})
        changer_statut(clock, actor, ligne, avenant, transition)
        _ETAPES[transition](session, clock, actor, ligne, avenant, raison)
        session.flush()
    noter(session, clock, actor, ligne, avenant, f"avenant:etape_{transition}", {"raison": raison})
    return avenant


def changer_statut(clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, transition: str) -> None:
    """Fire a transition of an avenant, under the rights on its line."""

    def allowed(permission: Enum) -> bool:
        return isinstance(permission, Permission) and can(actor, permission, ligne)

    avant, apres = WORKFLOW.fire(avenant, transition, allowed)
    if apres is not avant:
        avenant.statut_depuis = clock.now()
    avenant.updated_at = clock.now()


def _negocier(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, _motif: str
) -> None:
    """Have the party that opens the negotiation propose what it has not said anything of yet."""
    if not avenant.clauses:
        raise DomainError("avenants.sans_clause")
    composee, partie = composition(session, ligne, avenant), partie_de(actor)
    for clause in avenant.clauses:
        modification = composee.modification(clause.code)
        dites = {une.partie for une in clause.positions}
        if partie is None or partie in dites or modification is None:
            continue
        apres = modification.apres
        if apres is not None and a_completer(modification.modele, composee.apres.donnees(apres)):
            continue
        poser(clock, actor, clause, partie, Position.PROPOSEE, "")
        fil.inscrire(session, clock, actor, clause, GenreFait.POSITION, **PROPOSITION)
        flag_modified(clause, "updated_at")
    session.flush()
    avis.negociation_ouverte(session, clock, actor, ligne, avenant)


def _figer(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, _motif: str
) -> None:
    composee = composition(session, ligne, avenant)
    if not avenant.clauses:
        raise DomainError("avenants.sans_clause")
    verifier_accord(composee, avenant)
    fige = figer.figer(session, clock, actor, ligne, avenant, composee)
    avis.a_signer(session, clock, actor, ligne, avenant, fige)


def verifier_accord(composee: Composee, avenant: Avenant) -> None:
    """Refuse what is not agreed by the three parties, and what changes nothing. Raises DomainError."""
    ouvertes, vaines = [], []
    for clause in avenant.clauses:
        modification = composee.modification(clause.code)
        if modification is None:
            continue
        dites = {une.partie: une.position for une in clause.positions}
        if not accordee(dites, clause.attention):
            ouvertes.append(modification.titre)
        if not modification.change:
            vaines.append(modification.titre)
    if vaines:
        raise DomainError("avenants.sans_effet", clauses=vaines[:CITEES])
    if ouvertes:
        raise DomainError("avenants.clauses_ouvertes", clauses=ouvertes[:CITEES])


def _rouvrir(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, motif: str
) -> None:
    signees = figer.annuler(session, clock, actor, ligne, avenant, motif)
    avis.rouvert(session, clock, actor, ligne, avenant, signees, motif)


def _clore(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, motif: str
) -> None:
    """End an avenant that will not be signed: what called for it waits again."""
    avenant.motif = motif
    figer.annuler(session, clock, actor, ligne, avenant, motif)
    propositions.rendre(session, avenant)
    avis.clos(session, clock, actor, ligne, avenant, motif)


_ETAPES = {
    "negocier": _negocier,
    "figer": _figer,
    "rouvrir": _rouvrir,
    "refuser": _clore,
    "abandonner": _clore,
}
"""Stages fired by `avancer`, and what follows each."""
