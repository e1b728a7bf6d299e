"""Renewing: a draft on the département's current version, filled from what the former convention says.

What the portal knows better today (names, places) and what cannot be the same (dates) is not taken over.
Nothing is accepted in anyone's name: every clause is examined again (domaine.md § 5.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.conventions import regles
from portal.conventions.avenants.consolidee import consolide
from portal.conventions.modeles.composition import renvois
from portal.conventions.modeles.contenu import Clause, TypeParametre
from portal.conventions.modeles.texte import champs
from portal.conventions.modeles.valeurs import lire_valeur
from portal.conventions.models import Convention
from portal.conventions.redaction import comparaison
from portal.conventions.redaction.models import ConventionClause, ConventionClauseValeur, ConventionTexte
from portal.conventions.redaction.ouverture import ouvrir
from portal.conventions.redaction.prefill import Apport, apporter
from portal.conventions.redaction.queries import Texte, a_un_texte
from portal.conventions.redaction.socle import derniere_publiee, socle
from portal.conventions.signature.composer import CLAUSE_DUREE
from portal.documents.texte import Couleur
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import fetch
from portal.shared.errors import DomainError

DATE_EFFET = "date_effet"
REPRIS = "Repris de la convention précédente"
TABLEAU = "tableau_"
"""Beginning of the values that the parties write as a table: theirs is kept, whatever the portal knows."""


def ouvrir_le_texte(session: Session, clock: Clock, actor: Actor, fille: Convention) -> None:
    """Open the text of a renewal, filled from its mother's consolidated text when it is in the portal.

    A convention that was only followed goes on being followed: whoever wants its text here opens it from the
    line's page. Without a published version or a nature, it waits too: its page says what is missing.
    """
    mere = fille.predecesseur or session.get(Convention, fille.remplace_id or 0)
    version_id = derniere_publiee(session, fille.departement_code)
    if mere is None or version_id is None or not fille.natures or not a_un_texte(session, mere.id):
        return
    ancien = consolide(session, mere).texte
    ouvrir(session, clock, actor, fille.ref, fille.version, faits=ancien.contexte.faits)
    texte = session.get_one(ConventionTexte, fille.id)
    modeles = {clause.code: clause for clause in socle(session, version_id).modele(texte.gabarit).clauses()}
    apports = _apports(session, fille, ancien, modeles)
    debut = _dater(mere, modeles)
    if debut:
        deja = apports.get(CLAUSE_DUREE)
        apports[CLAUSE_DUREE] = Apport(
            deja.texte if deja else None, {**(deja.valeurs if deja else {}), **debut}, {}, False, REPRIS
        )
    versions = {clause.code: clause.version for clause in _clauses(session, fille)}
    rapport = apporter(session, clock, actor, fille, apports, version_id=version_id, deja=versions)
    faits_du_journal = {"convention": mere.ref, "clauses": sorted(rapport.remplies)}
    record(session, clock, actor, "conventions:texte:reprendre", fille, changes=faits_du_journal)


def _clauses(session: Session, ligne: Convention) -> list[ConventionClause]:
    return list(
        session.scalars(
            select(ConventionClause).where(
                ConventionClause.convention_id == ligne.id, ConventionClause.retenue
            )
        )
    )


def _apports(
    session: Session, fille: Convention, ancien: Texte, modeles: Mapping[str, Clause]
) -> dict[str, Apport]:
    """Return what each clause takes over, as far as the current model still has a place for it."""
    sues: dict[str, set[str]] = {}
    for row in fetch(
        session,
        select(ConventionClause.code, ConventionClauseValeur.parametre_code)
        .join(ConventionClause, ConventionClause.id == ConventionClauseValeur.clause_id)
        .where(ConventionClause.convention_id == fille.id),
    ):
        sues.setdefault(row.code, set()).add(row.parametre_code)
    existants = {*modeles, *(article.code for article in ancien.socle.general.articles)}
    apports = {}
    for code, ecrit in ancien.ecrits.items():
        modele = modeles.get(code)
        if modele is None or not modele.negociable:
            continue
        valeurs = _valeurs(modele, ecrit.valeurs, sues.get(code, set()))
        texte = ecrit.texte if _convient(modele, ecrit.texte, existants) else None
        if valeurs or texte is not None:
            apports[code] = Apport(texte, valeurs, {}, False, REPRIS)
    return apports


def _valeurs(modele: Clause, ecrites: Mapping[str, str], sues: set[str]) -> dict[str, str]:
    gardees = {}
    for parametre in modele.parametres:
        valeur = ecrites.get(parametre.code)
        connue = parametre.code in sues and not parametre.code.startswith(TABLEAU)
        if valeur is None or connue or parametre.type is TypeParametre.DATE:
            continue
        if parametre.couleur is not Couleur.JAUNE:
            continue
        try:
            gardees[parametre.code] = lire_valeur(parametre, valeur)
        except DomainError:  # its bounds have changed: the model's default is negotiated anew
            continue
    return gardees


def _convient(modele: Clause, texte: str | None, existants: set[str]) -> bool:
    """Tell whether words written on the former model still make sense on this one."""
    if texte is None or modele.couleur is not Couleur.JAUNE:
        return False
    connus = {parametre.code for parametre in modele.parametres}
    return set(champs(texte)) <= connus and set(renvois(texte)) <= existants


def _dater(mere: Convention, modeles: Mapping[str, Clause]) -> dict[str, str]:
    """Return the effect to propose, the day after the former convention, so that no day is without one."""
    modele = modeles.get(CLAUSE_DUREE)
    if modele is None or mere.fin_effective is None:
        return {}
    if all(parametre.code != DATE_EFFET for parametre in modele.parametres):
        return {}
    return {DATE_EFFET: regles.lendemain(mere.fin_effective).isoformat()}


@dataclass(frozen=True)
class Renouvellement:
    """What a renewal shows of the convention before it.

    `fin`: the last day of that one; `debut`: the soonest that the new one may take effect, as things stand;
    `trou`: days without any convention between the two, as things stand: an anomaly unless 0.
    `ecarts`: clauses that differ, None when the former text is not in the portal.
    """

    ref: str
    fin: date | None
    debut: date
    trou: int
    ecarts: int | None


def renouvellement(session: Session, actor: Actor, lu: Texte, jour: date) -> Renouvellement | None:
    """Return what a text renews, None when it renews nothing. `jour`: today in its département."""
    if lu.entete.remplace_id is None:
        return None
    mere = session.get_one(Convention, lu.entete.remplace_id)
    effet = _jour(lu.valeurs.get((CLAUSE_DUREE, DATE_EFFET), ""))
    return Renouvellement(
        mere.ref,
        mere.fin_effective,
        max(effet or jour, jour),
        trou_prevu(mere.fin_effective, effet, jour),
        _ecarts(session, actor, lu),
    )


def trou_prevu(fin: date | None, effet: date | None, jour: date) -> int:
    """Return the days without a convention: a renewal not signed yet takes effect today at the soonest."""
    return regles.trou(fin, max(effet or jour, jour)) if fin is not None else 0


def _ecarts(session: Session, actor: Actor, lu: Texte) -> int | None:
    if not comparaison.a_une_precedente(session, lu):
        return None
    avant = comparaison.cote(session, actor, lu, comparaison.PRECEDENTE)
    apres = comparaison.cote(session, actor, lu, comparaison.CONVENTION)
    return sum(avant.get(code, ("", ""))[1] != apres.get(code, ("", ""))[1] for code in {*avant, *apres})


def _jour(valeur: str) -> date | None:
    try:
        return date.fromisoformat(valeur) if valeur else None
    except ValueError:
        return None
