"""What importing a table would do, line by line; nothing is written here."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.echanges import fiches
from portal.annuaire.echanges.apercu import Apercu
from portal.annuaire.echanges.champs import Champ, Colonnes
from portal.annuaire.echanges.lecture import lire, reference
from portal.annuaire.echanges.ligne import LigneLue
from portal.annuaire.echanges.mots import nom_d_abord
from portal.annuaire.echanges.rapprochement import (
    CREER,
    IGNORER,
    MAJ,
    Prevue,
    Sort,
    changements,
    maj,
    proposer,
)
from portal.annuaire.echanges.reperes import Reperes, lire_reperes
from portal.annuaire.echanges.verification import verifier_la_creation, verifier_la_tenue
from portal.annuaire.models import Referent
from portal.annuaire.queries import visible_to
from portal.documents.spreadsheets import Table
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.bulk import among
from portal.shared.clock import Clock
from portal.shared.errors import Forbidden
from portal.shared.text import normalise

PAR_LOT = 500

Progress = Callable[[float], None]  # told the per cent done


@dataclass
class Decisions:
    """What the person chose. `lignes`: by number of line; `pour_tout`: for every other line to be decided.

    `proposees`: what the preview had proposed: a line whose proposal has changed since is refused.
    """

    lignes: Mapping[str, str] = field(default_factory=dict)
    pour_tout: str = ""
    proposees: Mapping[str, str] | None = None


def analyser(
    session: Session,
    clock: Clock,
    actor: Actor,
    table: Table,
    colonnes: Colonnes,
    mots: Mapping[str, str] | None = None,
    decisions: Decisions | None = None,
    progress: Progress = lambda _percent: None,
) -> Apercu:
    """Return what importing the table would do; raises Forbidden when the actor may import nothing.

    `mots`: what words of the file mean, by `Question.cle`; `progress` is told the per cent done.
    """
    if not can(actor, Permission.ANNUAIRE_MODIFIER):
        raise Forbidden(Permission.ANNUAIRE_MODIFIER.value)
    reperes = lire_reperes(session, clock, actor, mots or {})
    reperes.inverses = frozenset(
        champ for champ, index in colonnes.items() if nom_d_abord(table.headers[index])
    )
    par_ref = _nommees(session, actor, table, colonnes)
    noms = fiches.noms_de(session, par_ref.values())
    lues: list[LigneLue] = []
    for rang, row in enumerate(table.rows):
        if rang % PAR_LOT == 0:
            progress(60 * rang / len(table.rows))
        dite = _reference(row.cells, colonnes)
        connue = par_ref.get(dite)
        actuelle = fiches.valeurs(connue, noms, reperes.jour) if connue is not None else None
        lue = lire(row, colonnes, reperes, actuelle)
        if dite and connue is None and not lue.ignoree:
            lue.refuser(Champ.REFERENCE, "annuaire.import_reference", valeur=dite[:40])
        lues.append(lue)
    progress(60)
    ouvertes = _ouvertes(session, lues)
    progress(80)
    connues = {one.id: one for rows in (par_ref.values(), *ouvertes.values()) for one in rows}
    noms = fiches.noms_de(session, connues.values(), actor.langue)
    prevues = [_situer(lue, par_ref, ouvertes, reperes, colonnes, decisions or Decisions()) for lue in lues]
    _refuser_les_doublons(prevues)
    return Apercu(table.headers, colonnes, prevues, reperes, noms)


def _reference(cells: Sequence[Any], colonnes: Colonnes) -> str:
    return reference(cells[colonnes[Champ.REFERENCE]]) if Champ.REFERENCE in colonnes else ""


def _nommees(session: Session, actor: Actor, table: Table, colonnes: Colonnes) -> dict[str, Referent]:
    """Return the open entries that the table names by their references, among those that the actor sees."""
    refs = sorted({_reference(row.cells, colonnes) for row in table.rows} - {""})
    ids: list[int] = []
    for debut in range(0, len(refs), PAR_LOT):
        ids += session.scalars(
            select(Referent.id).where(
                among(session, Referent.ref, refs[debut : debut + PAR_LOT]),
                visible_to(actor),
                Referent.ferme_le.is_(None),
            )
        )
    return {one.ref: one for one in fiches.charger(session, ids)}


Cle = tuple[int, str, str]  # organisation, département, function


def _ouvertes(session: Session, lues: Sequence[LigneLue]) -> dict[Cle, list[Referent]]:
    """Return the open entries of the functions that the lines speak of."""
    organismes = sorted({lue.organisme.id for lue in lues if lue.organisme is not None})
    ids: list[int] = []
    for debut in range(0, len(organismes), PAR_LOT):
        ids += session.scalars(
            select(Referent.id)
            .where(
                among(session, Referent.organisation_id, organismes[debut : debut + PAR_LOT]),
                Referent.ferme_le.is_(None),
            )
            .order_by(Referent.id)
        )
    trouvees: dict[Cle, list[Referent]] = defaultdict(list)
    for one in fiches.charger(session, ids):
        trouvees[one.organisation_id, one.departement_code, one.fonction_code].append(one)
    return trouvees


def _situer(
    lue: LigneLue,
    par_ref: Mapping[str, Referent],
    ouvertes: Mapping[Cle, list[Referent]],
    reperes: Reperes,
    colonnes: Colonnes,
    decisions: Decisions,
) -> Prevue:
    prevue = Prevue(lue)
    if lue.ignoree:
        prevue.sort = Sort.IGNOREE
    if lue.ignoree or lue.erreurs:
        return prevue
    nommee = par_ref.get(lue.reference)
    if nommee is not None:
        prevue.candidats, prevue.proposition = [nommee], maj(nommee)
    else:
        assert lue.organisme is not None
        assert lue.fonction is not None
        cle = (lue.organisme.id, lue.departement_code, lue.fonction.code)
        prevue.candidats = [
            one
            for one in ouvertes.get(cle, [])
            if Champ.STRUCTURE not in colonnes or one.structure_id == lue.structure_id
        ]
        prevue.proposition = proposer(lue, prevue.candidats, reperes.jour)
    _choisir(prevue, decisions)
    _appliquer(prevue, reperes)
    return prevue


def _choisir(prevue: Prevue, decisions: Decisions) -> None:
    """Give a line its fate: the one chosen for it, else for all, else the one proposed."""
    numero = str(prevue.lue.numero)
    if decisions.proposees is not None and decisions.proposees.get(numero, "") != prevue.proposition:
        prevue.lue.refuser(None, "annuaire.import_change")
        return
    prevue.choix = decisions.lignes.get(numero) or _pour_tout(prevue, decisions.pour_tout)


def _pour_tout(prevue: Prevue, choix: str) -> str:
    if not prevue.candidats or not choix:
        return prevue.proposition
    if choix == IGNORER:
        return IGNORER
    if choix == CREER and not prevue.candidats[0].unicite and not prevue.lue.reference:
        return CREER
    if choix == MAJ and prevue.proposition == CREER:
        return maj(prevue.proches()[0])
    return prevue.proposition


def _appliquer(prevue: Prevue, reperes: Reperes) -> None:
    """Say what the chosen fate does, and whether it may be."""
    lue = prevue.lue
    if lue.erreurs:
        return
    if prevue.choix == IGNORER:
        prevue.sort = Sort.IGNOREE
        return
    if prevue.choix == CREER:
        if prevue.candidats and prevue.candidats[0].unicite:
            lue.refuser(Champ.FONCTION, "annuaire.fonction_existe")
            return
        verifier_la_creation(lue, reperes.jour)
        prevue.sort = Sort.REFUSEE if lue.erreurs else Sort.CREER
        return
    prevue.cible = next((one for one in prevue.candidats if maj(one) == prevue.choix), None)
    if prevue.cible is None:
        lue.refuser(None, "annuaire.import_change")
        return
    lues = changements(prevue.cible, lue, reperes.jour)
    prevue.changements, prevue.remplace = lues.changements, lues.remplace
    prevue.nouveau, prevue.nouveau_suppleant = lues.nouveau, lues.nouveau_suppleant
    if not prevue.changements:
        prevue.sort = Sort.INCHANGEE
    elif not can(reperes.actor, Permission.ANNUAIRE_MODIFIER, prevue.cible):
        lue.refuser(None, "annuaire.import_droit")
    else:
        verifier_la_tenue(prevue, reperes.jour)
        prevue.sort = Sort.REFUSEE if lue.erreurs else Sort.MODIFIER


def _refuser_les_doublons(prevues: Sequence[Prevue]) -> None:
    """Refuse a line that changes the same entry as an earlier one, or opens the same function again."""
    vues: dict[object, int] = {}
    for prevue in prevues:
        cle: object = None
        if prevue.cible is not None and prevue.sort in (Sort.MODIFIER, Sort.INCHANGEE):
            cle = prevue.cible.id
        elif prevue.sort is Sort.CREER:
            cle = _cle_de_creation(prevue.lue)
        if cle is None:
            continue
        if cle in vues:
            prevue.lue.refuser(None, "annuaire.import_doublon", ligne=vues[cle])
            prevue.sort = Sort.REFUSEE
        else:
            vues[cle] = prevue.lue.numero


def _cle_de_creation(lue: LigneLue) -> object:
    assert lue.organisme is not None
    assert lue.fonction is not None
    place = (lue.organisme.id, lue.departement_code, lue.structure_id, lue.fonction.code)
    if lue.fonction.unique:
        return place
    nom = normalise(f"{lue.dit.get(Champ.PRENOM, '')} {lue.dit.get(Champ.NOM, '')}")
    return (*place, nom, normalise(lue.dit.get(Champ.MENTION, "")))
