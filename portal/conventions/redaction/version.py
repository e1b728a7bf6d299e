"""Bringing a draft to the département's last version: the difference is shown, then accepted as a whole.

A frozen or signed text never moves: it calls for an avenant (domaine.md § 4.6). What the parties wrote is
kept wherever the new version still takes it; what it no longer takes stays in the history of its clause.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.audit.service import record
from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie, Statut
from portal.conventions.modeles.contenu import Clause
from portal.conventions.modeles.places import gabarit_pour
from portal.conventions.modeles.texte import afficher
from portal.conventions.modeles.valeurs import lire_valeur
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.redaction import annuaire, avis, comparaison
from portal.conventions.redaction.ecrits import Ecrit
from portal.conventions.redaction.ecriture import suivant
from portal.conventions.redaction.enums import MODIFIABLES, GenreFait, Position
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseFait,
    ConventionClausePosition,
    ConventionClauseValeur,
    ConventionTexte,
)
from portal.conventions.redaction.ouverture import prendre_texte, synchroniser
from portal.conventions.redaction.positions import FAVORABLES
from portal.conventions.redaction.queries import ClauseLue, Texte, texte_compose
from portal.conventions.redaction.service import a_completer, depart, jaune, poser, verifier_texte
from portal.conventions.redaction.socle import Socle, derniere_publiee, socle
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError


@dataclass(frozen=True)
class Perdue:
    """Something that the parties wrote and the new version does not take. `parametre` "": the words.

    `valeur`: as it is stored; `dite`: as the text said it, with its unit.
    """

    clause: str
    titre: str
    parametre: str
    libelle: str
    valeur: str
    dite: str


@dataclass(frozen=True)
class Suite:
    """The last version published, and what following it would change in a text."""

    numero: int
    publiee_le: datetime | None
    comparaison: comparaison.Comparaison
    perdues: Sequence[Perdue]


@dataclass(frozen=True)
class _Cible:
    """A text as the new version would have it."""

    texte: Texte
    perdues: list[Perdue] = field(default_factory=list)


def plus_recente(session: Session, lu: Texte) -> int | None:
    """Return the number of the version that a draft may follow, None when it has nothing to follow.

    One statement, none for a text that no longer changes.
    """
    base = _nouvelle(session, lu)
    return base.numero if base else None


def suite(session: Session, actor: Actor, lu: Texte) -> Suite | None:
    """Return what following the last version would change, None when there is nothing to follow."""
    base = _nouvelle(session, lu)
    if base is None:
        return None
    cible = _sur(lu, base)
    avant, apres = (
        comparaison.cote(session, actor, texte, comparaison.CONVENTION) for texte in (lu, cible.texte)
    )
    return Suite(base.numero, base.publiee_le, comparaison.comparer(avant, apres), cible.perdues)


def suivre(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, numero: int
) -> Convention:
    """Put a draft on the département's last version, whose difference was shown; State or SIAO does it.

    The author's party proposes the clauses that change where it agreed to them; everyone else examines them
    again. `version`: of the text; `numero`: of the version shown. Raises NotVisible, Forbidden, StaleVersion,
    DomainError.
    """
    ligne, texte = prendre_texte(session, actor, ref, version)
    avant = annuaire.completer(session, clock, texte_compose(session, ligne))
    base = _nouvelle(session, avant)
    if base is None:
        raise DomainError("redaction.version_a_jour")
    if base.numero != numero:
        raise DomainError("redaction.version_autre", numero=base.numero)
    attentes = avis.attentes(session, ligne.id)
    cible = _sur(avant, base)
    texte.version_departementale_id = base.version_id
    texte.updated_at = clock.now()
    _oublier(session, avant, cible)
    oubliees = _oublier_les_retirees(session, ligne)
    session.flush()
    synchroniser(session, clock, actor, ligne, texte)
    pris, positions = _reprendre(session, clock, actor, ligne, texte, avant, cible.texte)
    session.flush()
    record(
        session,
        clock,
        actor,
        comparaison.VERSION_SUIVIE,
        ligne,
        changes={
            "version_departementale": [avant.socle.numero, base.numero],
            "numero": pris or suivant(session, texte),
            "laisse": {f"{p.clause} {p.parametre}".strip(): p.valeur for p in cible.perdues},
            "positions": oubliees | positions,
        },
    )
    if ligne.statut is Statut.EN_NEGOCIATION:
        avis.tour_de(session, clock, actor, ligne, attentes)
    return ligne


def _nouvelle(session: Session, lu: Texte) -> Socle | None:
    """Return the last version published when a text may move to it."""
    if lu.entete.statut not in MODIFIABLES or lu.fige_le is not None:
        return None
    version_id = derniere_publiee(session, lu.entete.departement_code)
    if version_id is None or version_id == lu.socle.version_id:
        return None
    base = socle(session, version_id)
    return base if base.numero > lu.socle.numero else None


def _sur(lu: Texte, base: Socle) -> _Cible:
    """Return a text as another version would have it, and what it does not take."""
    gabarit = gabarit_pour(lu.contexte.retenues)
    modeles = {clause.code: clause for clause in base.modele(gabarit).clauses()}
    anciens = {clause.code: clause for clause in lu.socle.modele(gabarit).clauses()}
    perdues: list[Perdue] = []
    ecrits = {
        code: _garder(base, modeles[code], anciens.get(code), ecrit, perdues) if code in modeles else ecrit
        for code, ecrit in lu.ecrits.items()
    }
    texte = comparaison.recomposer(lu, base, ecrits)
    return _Cible(texte, perdues)


def _garder(base: Socle, modele: Clause, ancien: Clause | None, ecrit: Ecrit, perdues: list[Perdue]) -> Ecrit:
    """Return what the parties wrote in a clause, less what the new version does not take.

    `ancien`: the clause as it was, which names what it held.
    """
    connus = {p.code: p for p in (*modele.parametres, *(ancien.parametres if ancien else ()))}
    gardees = {}
    for code, valeur in ecrit.valeurs.items():
        try:
            parametre = jaune(modele, code)
            gardees[code] = lire_valeur(parametre, valeur) if valeur else ""
        except DomainError:
            connu = connus.get(code)
            libelle, dite = (connu.libelle, afficher(connu, valeur)) if connu else (code, valeur)
            perdues.append(Perdue(modele.code, modele.titre, code, libelle, valeur, dite))
    texte = ecrit.texte
    if texte is not None:
        try:
            jaune_entiere = modele.couleur.value == "jaune"
            verifier_texte(base, modele, texte)
        except DomainError:
            jaune_entiere = False
        if not jaune_entiere:
            perdues.append(Perdue(modele.code, modele.titre, "", "", texte, texte))
            texte = None
    return replace(ecrit, texte=texte, valeurs=gardees)


def _oublier(session: Session, avant: Texte, cible: _Cible) -> None:
    """Remove what the new version does not take; the history keeps it."""
    for perdue in cible.perdues:
        clause_id = avant.ecrits[perdue.clause].id
        if perdue.parametre:
            session.execute(
                delete(ConventionClauseValeur)
                .where(
                    ConventionClauseValeur.clause_id == clause_id,
                    ConventionClauseValeur.parametre_code == perdue.parametre,
                )
                .execution_options(synchronize_session="fetch")
            )
        else:
            session.get_one(ConventionClause, clause_id).texte = None


def _oublier_les_retirees(session: Session, ligne: Convention) -> dict[str, list[str]]:
    """Forget what was said of clauses that had left the text: they may come back otherwise written."""
    dites = session.execute(
        select(ConventionClausePosition, ConventionClause.code)
        .join(ConventionClause, ConventionClause.id == ConventionClausePosition.clause_id)
        .where(ConventionClause.convention_id == ligne.id, ~ConventionClause.retenue)
        .order_by(ConventionClause.id, ConventionClausePosition.partie)
    ).all()
    for dite, _code in dites:
        session.delete(dite)
    return {
        f"{code} {dite.partie.value}": [dite.position.value, Position.A_EXAMINER.value]
        for dite, code in dites
    }


def _reprendre(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    texte: ConventionTexte,
    avant: Texte,
    apres: Texte,
) -> tuple[int, dict[str, list[str]]]:
    """Write in each negotiated clause what changed, and have it examined again.

    Return the number that the text takes, 0 when no clause changed, and the positions.
    """
    avants = {lue.code: lue for lue in avant.negociees}
    numero, motif = 0, f"Version départementale n° {apres.socle.numero}"
    partie, positions = partie_de(actor), {}
    lignes = {
        clause.code: clause
        for clause in session.scalars(
            select(ConventionClause).where(
                ConventionClause.convention_id == ligne.id, ConventionClause.retenue
            )
        )
    }
    for lue in apres.clauses:
        ancienne, clause = avants.get(lue.code), lignes.get(lue.code)
        if ancienne is None or clause is None:
            continue
        faits = _changements(avant, apres, ancienne, lue)
        if not faits:
            continue
        numero = numero or suivant(session, texte)
        clause.numero, clause.updated_at = numero, clock.now()
        flag_modified(clause, "numero")
        session.add_all(
            ConventionClauseFait(
                clause_id=clause.id,
                convention_id=ligne.id,
                numero=numero,
                le=clock.now(),
                personne_id=actor.personne_id,
                par=auteur(actor),
                partie=partie,
                genre=GenreFait.VALEUR if parametre else GenreFait.TEXTE,
                parametre_code=parametre,
                avant=ancien,
                apres=nouveau,
                motif=motif,
            )
            for parametre, ancien, nouveau in faits
        )
        complete = a_completer(lue.clause, apres.donnees(lue)) is None
        for autre in Partie:
            dite = ancienne.positions.get(autre, Position.A_EXAMINER)
            garde = autre is partie and dite in FAVORABLES and complete
            nouvelle = Position.PROPOSEE if garde else Position.A_EXAMINER
            poser(session, clock, actor, clause.id, autre, nouvelle)
            if nouvelle is not dite:
                positions[f"{lue.code} {autre.value}"] = [dite.value, nouvelle.value]
    return numero, positions


def _changements(
    avant: Texte, apres: Texte, ancienne: ClauseLue, lue: ClauseLue
) -> list[tuple[str, str, str]]:
    """Return what a version changes in a clause: (parameter, before, after); "" for its words."""
    faits = []
    mots = [
        texte.textes.get(une.code, depart(texte.socle, une.clause))
        for texte, une in ((avant, ancienne), (apres, lue))
    ]
    dits = [(m, une.clause.titre, une.clause.mention) for m, une in zip(mots, (ancienne, lue), strict=True)]
    if dits[0] != dits[1]:
        faits.append(("", mots[0], mots[1]))
    valeurs = [_valeurs(texte, une.clause) for texte, une in ((avant, ancienne), (apres, lue))]
    for code in sorted(valeurs[0].keys() | valeurs[1].keys()):
        ancien, nouveau = valeurs[0].get(code, ""), valeurs[1].get(code, "")
        if ancien != nouveau:
            faits.append((code, ancien, nouveau))
    return faits


def _valeurs(texte: Texte, clause: Clause) -> Mapping[str, str]:
    return {p.code: texte.valeurs.get((clause.code, p.code), p.defaut) for p in clause.parametres}
