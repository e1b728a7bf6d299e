"""The consolidated text of a convention, read from the database: one statement more than its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.avenants.consolidation import Changement, Etat, appliquer, consolider, en_vigueur
from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.models import Avenant, AvenantClause
from portal.conventions.modeles.conditions import Contexte
from portal.conventions.modeles.places import gabarit_pour
from portal.conventions.models import Convention
from portal.conventions.redaction.ecrits import RIEN
from portal.conventions.redaction.queries import Texte, clauses_lues, texte_compose
from portal.conventions.redaction.socle import socle
from portal.shared.db import fetch


@dataclass(frozen=True)
class Consolide:
    """The text of a convention on a day. `avenants`: the numbers of those that it holds, in order."""

    texte: Texte
    etat: Etat
    avenants: Sequence[int]


def changements(session: Session, convention_id: int) -> list[Changement]:
    """Return what the signed avenants of a convention change. One statement."""
    rows = fetch(
        session,
        select(
            Avenant.numero,
            Avenant.date_effet,
            Avenant.version_departementale_id,
            Avenant.natures_ajoutees,
            Avenant.natures_retirees,
            AvenantClause.code,
            AvenantClause.texte,
            AvenantClause.valeurs,
        )
        .outerjoin(AvenantClause, AvenantClause.avenant_id == Avenant.id)
        .where(Avenant.convention_id == convention_id, Avenant.statut == StatutAvenant.SIGNE)
        .order_by(Avenant.numero, AvenantClause.id),
    )
    found = []
    for numero, clauses in groupby(rows, key=attrgetter("numero")):
        ecrites = list(clauses)
        une = ecrites[0]
        found.append(
            Changement(
                numero,
                une.date_effet,
                une.version_departementale_id,
                frozenset(une.natures_ajoutees),
                frozenset(une.natures_retirees),
                {c.code: c.texte for c in ecrites if c.texte is not None},
                {(c.code, p): v for c in ecrites for p, v in (c.valeurs or {}).items()},
            )
        )
    return found


def de_l_avenant(avenant: Avenant) -> Changement:
    """Return what an avenant changes, signed or not."""
    return Changement(
        avenant.numero,
        avenant.date_effet,
        avenant.version_departementale_id,
        frozenset(avenant.natures_ajoutees),
        frozenset(avenant.natures_retirees),
        {clause.code: clause.texte for clause in avenant.clauses if clause.texte is not None},
        {(clause.code, p): v for clause in avenant.clauses for p, v in clause.valeurs.items()},
    )


def etat_initial(lu: Texte) -> Etat:
    """Return the state of a text without any avenant."""
    return Etat(
        lu.socle.version_id,
        lu.contexte.retenues,
        {code: ecrit.texte for code, ecrit in lu.ecrits.items() if ecrit.texte is not None},
        {(code, p): v for code, ecrit in lu.ecrits.items() for p, v in ecrit.valeurs.items()},
    )


def transposer(session: Session, lu: Texte, etat: Etat) -> Texte:
    """Return a text brought to a state: clauses kept, numbers and references follow."""
    base = socle(session, etat.version_id)
    contexte = Contexte.de(
        etat.natures | lu.contexte.differees,
        lu.contexte.faits,
        lu.contexte.differees - etat.natures,
    )
    gabarit = gabarit_pour(contexte.retenues)
    composition = base.composer(gabarit, contexte)
    codes = {*lu.ecrits, *etat.textes, *(code for code, _parametre in etat.valeurs)}
    ecrits = {
        code: replace(
            lu.ecrits.get(code, RIEN), texte=etat.textes.get(code), valeurs=_valeurs(etat.valeurs, code)
        )
        for code in codes
    }
    clauses = clauses_lues(composition, ecrits)
    return replace(
        lu,
        gabarit=gabarit,
        socle=base,
        contexte=contexte,
        composition=composition,
        clauses=clauses,
        ecrits=ecrits,
    )


def _valeurs(valeurs: Mapping[tuple[str, str], str], code: str) -> dict[str, str]:
    return {parametre: valeur for (clause, parametre), valeur in valeurs.items() if clause == code}


def consolide(
    session: Session,
    ligne: Convention,
    jour: date | None = None,
    *,
    avant: int | None = None,
    texte: Texte | None = None,
) -> Consolide:
    """Return the text of a line on a day; None: with every avenant signed so far. Raises NotVisible.

    `avant`: the number of an avenant, whose changes and those of the later ones are left out; `texte`: that
    of the line, when it is known.
    """
    lu = texte or texte_compose(session, ligne)
    faits = [fait for fait in changements(session, ligne.id) if avant is None or fait.numero < avant]
    initial = etat_initial(lu)
    if not en_vigueur(faits, jour):
        return Consolide(lu, initial, ())
    etat = consolider(initial, faits, jour)
    return Consolide(
        transposer(session, lu, etat), etat, tuple(fait.numero for fait in en_vigueur(faits, jour))
    )


def avec(session: Session, depart: Consolide, changement: Changement) -> Texte:
    """Return a consolidated text once one more change is made to it."""
    return transposer(session, depart.texte, appliquer(depart.etat, changement))
