"""Opening the text of a line, and keeping its clauses in step with what the operator runs.

Clauses are computed from the natures of the line; what was written in one that leaves is kept, and comes
back with it (domaine.md §§ 4.3, 4.4, 5.2).
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions.cycle import changer_statut
from portal.conventions.ecriture import acte, auteur, charger, jour_de
from portal.conventions.enums import Partie, Statut
from portal.conventions.modeles.composition import Composition
from portal.conventions.modeles.conditions import CUMUL_STRICT, Contexte, Fait
from portal.conventions.modeles.places import gabarit_pour
from portal.conventions.models import Convention
from portal.conventions.parametres import CUMUL, LECTURE_VEILLE
from portal.conventions.policies import partie_de
from portal.conventions.redaction import annuaire
from portal.conventions.redaction.ecriture import est_modifiable, suivant
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.fournies import de_la_clause
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseFait,
    ConventionClausePosition,
    ConventionClauseValeur,
    ConventionTexte,
)
from portal.conventions.redaction.preremplir import remplir
from portal.conventions.redaction.service import a_completer, court, poser
from portal.conventions.redaction.socle import derniere_publiee, socle
from portal.organisations.parametres import value
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion

FAITS = frozenset(fait.value for fait in Fait)
FAITS_PAR_DEFAUT = (Fait.FINANCE_ETAT.value, Fait.REFERENT_SIAO.value)
"""What is true of most operators: the State finances them, and S0 wishes each had a « référent SIAO »."""

OUVRABLES = frozenset({Statut.A_ENGAGER, Statut.PROJET, Statut.EN_NEGOCIATION})


def ouvrir(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    version: int,
    *,
    faits: Iterable[str] = FAITS_PAR_DEFAUT,
) -> Convention:
    """Open the text of a line on the département's last published version; a line to start becomes a project.

    Raises NotVisible, Forbidden, StaleVersion, DomainError (no version, no nature, already open).
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER, version)
    if session.get(ConventionTexte, ligne.id) is not None:
        raise DomainError("redaction.deja_ouvert")
    if ligne.statut not in OUVRABLES:
        raise DomainError("etat.transition_impossible", etat=ligne.statut)
    if not ligne.natures:
        raise DomainError("redaction.natures_absentes")
    version_id = derniere_publiee(session, ligne.departement_code)
    if version_id is None:
        raise DomainError("redaction.version_absente")
    with acte(session, clock, actor, "texte:ouvrir", ligne) as note:
        texte = ConventionTexte(
            convention_id=ligne.id,
            version_departementale_id=version_id,
            gabarit=gabarit_pour(nature.nature_code for nature in ligne.natures),
            faits=_faits(session, ligne, faits),
            natures_differees=[],
            ouvert_par=auteur(actor),
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        session.add(texte)
        session.flush()
        note["version_departementale"] = socle(session, version_id).numero
        if ligne.statut is Statut.A_ENGAGER:
            changer_statut(clock, actor, ligne, "engager")
            ligne.ouverte_le = ligne.ouverte_le or jour_de(session, clock, ligne)
        synchroniser(session, clock, actor, ligne, texte)
    return ligne


def regler(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    version: int,
    *,
    faits: Iterable[str],
    differees: Iterable[str] = (),
    motif: str = "",
    prevu_le: date | None = None,
) -> Convention:
    """Say what is true of the operator, and which natures wait for an avenant; clauses follow.

    A deferred nature: State and SIAO send the CTP to signature without it, and say why and until when.
    `version`: of the text. Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    ligne, texte = prendre_texte(session, actor, ref, version)
    natures = {nature.nature_code for nature in ligne.natures}
    remises = set(differees)
    if remises - natures:
        raise DomainError("redaction.nature_inconnue", "differees")
    if remises and remises == natures:
        raise DomainError("redaction.toutes_differees", "differees")
    motif = court(motif, "motif", 500)
    if remises and not motif:
        raise DomainError("redaction.avenant_motif", "motif")
    avant = reglages(texte)
    texte.faits = _faits(session, ligne, faits)
    texte.natures_differees = sorted(remises)
    texte.avenant_motif = motif if remises else ""
    texte.avenant_prevu_le = prevu_le if remises else None
    texte.updated_at = clock.now()
    session.flush()
    synchroniser(session, clock, actor, ligne, texte)
    apres = reglages(texte)
    changes = {cle: [avant[cle], apres[cle]] for cle in apres if avant[cle] != apres[cle]}
    record(session, clock, actor, "conventions:texte:regler", ligne, changes=changes)
    return ligne


def _faits(session: Session, ligne: Convention, dits: Iterable[str]) -> list[str]:
    """Return the facts that a text is computed on: those told, and how its département reads conditions."""
    strict = value(session, LECTURE_VEILLE, ligne.departement_code) == CUMUL
    return sorted([*FAITS.intersection(dits), *([CUMUL_STRICT] if strict else [])])


def reglages(texte: ConventionTexte) -> dict[str, Any]:
    """Return what decides of the clauses of a text, as the journal keeps it."""
    return {
        "faits": list(texte.faits),
        "natures_differees": list(texte.natures_differees),
        "avenant_motif": texte.avenant_motif,
        "avenant_prevu_le": texte.avenant_prevu_le.isoformat() if texte.avenant_prevu_le else None,
        "gabarit": texte.gabarit.value,
    }


def prendre_texte(
    session: Session, actor: Actor, ref: str, version: int
) -> tuple[Convention, ConventionTexte]:
    """Take a whole text, alone, to change what decides of its clauses.

    Raises NotVisible, Forbidden, StaleVersion (whose `current` is the text), DomainError.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER)
    texte = session.get(ConventionTexte, ligne.id, with_for_update=True, populate_existing=True)
    if texte is None:
        raise NotVisible(ref)
    if texte.version != version:
        raise StaleVersion(texte)
    if not est_modifiable(ligne, texte):
        raise DomainError("redaction.etat", etat=ligne.statut)
    return ligne, texte


def synchroniser(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, texte: ConventionTexte
) -> Composition:
    """Compute the clauses again: those that come, those that leave, with the reason in their history."""
    base = socle(session, texte.version_departementale_id)
    contexte = Contexte.de((n.nature_code for n in ligne.natures), texte.faits, texte.natures_differees)
    texte.gabarit = gabarit_pour(contexte.retenues)
    composition = base.composer(texte.gabarit, contexte)
    gardees = {r.code: r.clause for r in composition.clauses() if r.clause.negociable}
    motifs = {retrait.code: retrait.motif for retrait in composition.retraits}
    presentes = {
        clause.code: clause
        for clause in session.scalars(
            select(ConventionClause)
            .where(ConventionClause.convention_id == ligne.id)
            .order_by(ConventionClause.id)
        )
    }
    mouvements: list[tuple[ConventionClause, GenreFait]] = []
    for code, modele in gardees.items():
        clause = presentes.get(code)
        if clause is None:
            clause = ConventionClause(convention_id=ligne.id, code=code, updated_at=clock.now())
            session.add(clause)
            mouvements.append((clause, GenreFait.OUVERTURE))
        elif not clause.retenue:
            clause.retenue = True
            mouvements.append((clause, GenreFait.RETOUR))
        clause.attention = modele.attention
    for code, clause in presentes.items():
        if clause.retenue and code not in gardees:
            clause.retenue = False
            mouvements.append((clause, GenreFait.RETRAIT))
    session.flush()
    numero = suivant(session, texte)
    nouvelles = [(c, gardees[c.code]) for c, genre in mouvements if genre is GenreFait.OUVERTURE]
    remplir(session, ligne, nouvelles, contexte.retenues)
    for clause, genre in mouvements:
        clause.numero, clause.updated_at = numero, clock.now()
        fait = _fait(clock, actor, clause, genre, numero, "")
        if genre is GenreFait.RETRAIT and clause.code in motifs:
            motif = motifs[clause.code]
            fait.motif, fait.apres = motif.en_langue(), motif.ecrire()
        session.add(fait)
    session.flush()
    return composition


def _fait(
    clock: Clock, actor: Actor, clause: ConventionClause, genre: GenreFait, numero: int, motif: str
) -> ConventionClauseFait:
    return ConventionClauseFait(
        clause_id=clause.id,
        convention_id=clause.convention_id,
        numero=numero,
        le=clock.now(),
        personne_id=actor.personne_id,
        par=auteur(actor),
        partie=partie_de(actor),
        genre=genre,
        motif=motif,
    )


def proposer_le_projet(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, texte: ConventionTexte
) -> None:
    """Have the party that opens the negotiation propose what it has not said anything of yet.

    It speaks for itself alone. A clause in which a value is owed is left to be examined.
    """
    partie = partie_de(actor)
    if partie is None:
        return
    base = socle(session, texte.version_departementale_id)
    modeles = {clause.code: clause for clause in base.modele(texte.gabarit).clauses()}
    dites = set(
        session.scalars(
            select(ConventionClausePosition.clause_id)
            .join(ConventionClause, ConventionClause.id == ConventionClausePosition.clause_id)
            .where(ConventionClause.convention_id == ligne.id, ConventionClausePosition.partie == partie)
        )
    )
    valeurs: dict[int, dict[str, str]] = {}
    for valeur in session.scalars(
        select(ConventionClauseValeur)
        .join(ConventionClause, ConventionClause.id == ConventionClauseValeur.clause_id)
        .where(ConventionClause.convention_id == ligne.id)
    ):
        valeurs.setdefault(valeur.clause_id, {})[valeur.parametre_code] = valeur.valeur
    numero = suivant(session, texte)
    clauses = session.scalars(
        select(ConventionClause)
        .where(
            ConventionClause.convention_id == ligne.id,
            ConventionClause.retenue,
            ConventionClause.id.not_in(dites),
        )
        .order_by(ConventionClause.id)
    ).all()
    proposees: dict[str, list[str]] = {}
    natures = frozenset(nature.nature_code for nature in ligne.natures).difference(texte.natures_differees)
    sues = annuaire.connues(session, clock, ligne, natures)
    for clause in clauses:
        modele, ecrites = modeles.get(clause.code), valeurs.get(clause.id, {})
        if modele is None or a_completer(modele, de_la_clause(clause.code, ecrites, sues)):
            continue
        poser(session, clock, actor, clause.id, partie, Position.PROPOSEE)
        clause.numero, clause.updated_at = numero, clock.now()
        fait = _fait(clock, actor, clause, GenreFait.POSITION, numero, "")
        fait.avant, fait.apres = Position.A_EXAMINER.value, Position.PROPOSEE.value
        proposees[f"{clause.code} {partie.value}"] = [fait.avant, fait.apres]
        session.add(fait)
    _journal_positions(session, clock, actor, ligne, proposees)


def _journal_positions(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, positions: dict[str, list[str]]
) -> None:
    """Write to the journal what many clauses' positions were and are, under « clause party »."""
    session.flush()
    if positions:
        record(session, clock, actor, "conventions:texte:positions", ligne, changes={"positions": positions})


def oublier_positions(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    texte: ConventionTexte,
    partie: Partie,
    motif: str = "",
) -> None:
    """Have a party examine every clause again: another organisation takes its place, or it refuses to sign.

    `motif`: why, kept in the history of each clause.
    """
    dites = session.execute(
        select(ConventionClausePosition, ConventionClause)
        .join(ConventionClause, ConventionClause.id == ConventionClausePosition.clause_id)
        .where(ConventionClause.convention_id == ligne.id, ConventionClausePosition.partie == partie)
        .order_by(ConventionClause.id)
    ).all()
    clauses = [clause for _dite, clause in dites]
    _deplacer(session, clock, actor, ligne, texte, partie, clauses, Position.A_EXAMINER, motif)


def contester(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    partie: Partie,
    codes: Collection[str],
    motif: str,
) -> list[str]:
    """Have a party that refuses to sign go back on what it accepted; return the codes of the clauses refused.

    `codes`: the clauses for which it refuses them, with the reason: the two others answer it. Without any it
    examines the whole text again. Either way no agreement stands until this party has given it anew. Raises
    DomainError when a clause is not one that is negotiated.
    """
    texte = session.get_one(ConventionTexte, ligne.id)
    if not codes:
        oublier_positions(session, clock, actor, ligne, texte, partie, motif)
        return []
    clauses = session.scalars(
        select(ConventionClause)
        .where(
            ConventionClause.convention_id == ligne.id,
            ConventionClause.retenue,
            ConventionClause.code.in_(codes),
        )
        .order_by(ConventionClause.id)
    ).all()
    if len(clauses) != len(set(codes)):
        raise DomainError("signature.clause_inconnue", "clauses")
    _deplacer(session, clock, actor, ligne, texte, partie, clauses, Position.REFUSEE, motif)
    return [clause.code for clause in clauses]


def _deplacer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    texte: ConventionTexte,
    partie: Partie,
    clauses: Iterable[ConventionClause],
    position: Position,
    motif: str,
) -> None:
    """Write one position of a party on many clauses, with their history and the journal."""
    numero = suivant(session, texte)
    dites: dict[str, list[str]] = {}
    for clause in clauses:
        avant = poser(session, clock, actor, clause.id, partie, position, motif)
        clause.numero, clause.updated_at = numero, clock.now()
        fait = _fait(clock, actor, clause, GenreFait.POSITION, numero, motif)
        fait.partie, fait.avant, fait.apres = partie, avant.value, position.value
        dites[f"{clause.code} {partie.value}"] = [fait.avant, fait.apres]
        session.add(fait)
    _journal_positions(session, clock, actor, ligne, dites)
