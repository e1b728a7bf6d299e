"""Reading a round: its base, its table, its meetings; an operator's own column only.

What an operator may not see is left out by the statements themselves. Six of them, whatever the number of
clauses and operators, once the département's version is known to the process.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, select
from sqlalchemy.orm import Session, aliased

from portal.audit.models import EntreeJournal
from portal.conventions.enums import Partie
from portal.conventions.redaction.ecrits import PositionLue
from portal.conventions.redaction.socle import Socle, socle
from portal.conventions.tours.enums import StatutTour
from portal.conventions.tours.lu import PILOTES, Cellule, ClauseDuTour, Marque, Participant, TourLu
from portal.conventions.tours.models import (
    Tour,
    TourClause,
    TourClauseValeur,
    TourParticipant,
    TourReponse,
    TourReunion,
)
from portal.conventions.tours.perimetre import Perimetre, perimetre
from portal.organisations.models import Departement, Organisation
from portal.security.permissions import ETAT, OPERATEUR, SIAO
from portal.security.policy import Actor
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import NotVisible

_SI, _ET = aliased(Organisation), aliased(Organisation)
HISTOIRE = 50


def portee(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor may see the round »; `policies.peut_lire` says the same of one."""
    if actor.profil in ETAT:
        return Tour.departement_code == actor.departement_code
    if actor.profil in SIAO:
        return Tour.siao_id == actor.organisation_id
    if actor.profil in OPERATEUR:
        present = exists().where(
            TourParticipant.tour_id == Tour.id,
            TourParticipant.operateur_id == actor.organisation_id,
            TourParticipant.retire_le.is_(None),
        )
        return present.correlate(Tour)
    return false()


def marque(session: Session, actor: Actor, ref: str) -> Marque:
    """Return the mark of a visible round: what a live page asks for. One statement. Raises NotVisible."""

    def somme(modele: Any) -> Any:
        return select(func.coalesce(func.sum(modele.version), 0)).where(modele.tour_id == Tour.id)

    present = [TourParticipant.tour_id == Tour.id, TourParticipant.retire_le.is_(None)]
    if actor.profil in OPERATEUR:
        present.append(TourParticipant.operateur_id == actor.organisation_id)
    reponses = select(func.coalesce(func.sum(TourReponse.version), 0)).where(
        TourReponse.participant_id == TourParticipant.id
    )
    rows = fetch(
        session,
        select(
            Tour.numero,
            Tour.version,
            somme(TourClause).scalar_subquery().label("socle"),
            somme(TourReunion).scalar_subquery().label("reunions"),
            TourParticipant.id.label("participant"),
            reponses.scalar_subquery().label("reponses"),
        )
        .outerjoin(TourParticipant, and_(*present))
        .where(Tour.ref == ref, portee(actor))
        .order_by(TourParticipant.id),
    )
    if not rows:
        raise NotVisible(ref)
    row = rows[0]
    sommes = tuple(int(one.reponses) for one in rows if one.participant is not None)
    return Marque(_tete_de(actor, row), int(row.socle), int(row.reunions), sommes)


def _tete_de(actor: Actor, row: AnyRow) -> int:
    """Return what moves with the round as a whole; to its leaders, with every act on it."""
    return int(row.version if actor.profil in OPERATEUR else row.numero)


def lister(session: Session, actor: Actor) -> Sequence[Any]:
    """Return the rounds that the actor may see, open ones first, then the latest. One statement."""
    presents = (
        select(func.count())
        .where(TourParticipant.tour_id == Tour.id, TourParticipant.retire_le.is_(None))
        .scalar_subquery()
    )
    prochaine = select(func.max(TourReunion.le)).where(TourReunion.tour_id == Tour.id).scalar_subquery()
    return fetch(
        session,
        select(
            Tour.ref,
            Tour.statut,
            Tour.intitule,
            Tour.nature_code,
            Tour.created_at,
            Tour.clos_le,
            Departement.fuseau,
            _SI.nom.label("siao"),
            presents.label("operateurs"),
            prochaine.label("reunion"),
        )
        .join(_SI, _SI.id == Tour.siao_id)
        .join(Departement, Departement.code == Tour.departement_code)
        .where(portee(actor))
        .order_by((Tour.statut == StatutTour.OUVERT).desc(), Tour.created_at.desc(), Tour.id.desc()),
    )


def tours_de(session: Session, actor: Actor, siao_id: int, operateur_id: int) -> Sequence[Any]:
    """Return the rounds of a pair that the actor sees, latest first: ref, intitule, nature_code, statut."""
    present = aliased(TourParticipant)
    return fetch(
        session,
        select(Tour.ref, Tour.intitule, Tour.nature_code, Tour.statut)
        .join(present, present.tour_id == Tour.id)
        .where(
            Tour.siao_id == siao_id,
            present.operateur_id == operateur_id,
            present.retire_le.is_(None),
            portee(actor),
        )
        .order_by(Tour.created_at.desc(), Tour.id.desc()),
    )


def tour(session: Session, actor: Actor, ref: str) -> TourLu:
    """Return a round; raises NotVisible, also to an operator that is not at its table."""
    row = _tete(session, actor, ref)
    base = socle(session, row.version_departementale_id)
    communes = perimetre(base, row.nature_code)
    sien = TourParticipant.operateur_id == actor.organisation_id if actor.profil in OPERATEUR else None
    participants = _participants(session, row.id, sien)
    ecrites = fetch(session, select(*TourClause.__table__.c).where(TourClause.tour_id == row.id))
    cellules = _cellules(session, [participant.id for participant in participants])
    reunions = _reunions(session, row.id)
    sommes = Counter({participant.id: 0 for participant in participants})
    for (_clause_id, participant_id), cellule in cellules.items():
        sommes[participant_id] += cellule.version
    return TourLu(
        id=row.id,
        ref=row.ref,
        version=row.version,
        marque=Marque(
            _tete_de(actor, row),
            sum(clause.version for clause in ecrites),
            sum(reunion.version for reunion in reunions),
            tuple(somme for _participant_id, somme in sorted(sommes.items())),
        ),
        statut=row.statut,
        intitule=row.intitule,
        motif=row.motif,
        nature_code=row.nature_code,
        departement_code=row.departement_code,
        fuseau=row.fuseau,
        siao_id=row.siao_id,
        siao=row.siao,
        etat=row.etat,
        operateurs=row.operateurs,
        ouvert_le=row.created_at,
        ouvert_par=row.ouvert_par,
        clos_le=row.clos_le,
        clos_par=row.clos_par,
        base=base,
        perimetre=communes,
        participants=participants,
        clauses=_clauses(session, row.id, ecrites, base, communes),
        cellules=cellules,
        reunions=reunions,
    )


def _tete(session: Session, actor: Actor, ref: str) -> AnyRow:
    presents = (
        select(func.count())
        .where(TourParticipant.tour_id == Tour.id, TourParticipant.retire_le.is_(None))
        .scalar_subquery()
    )
    rows = fetch(
        session,
        select(
            *Tour.__table__.c,
            _SI.nom.label("siao"),
            _ET.nom.label("etat"),
            Departement.fuseau,
            presents.label("operateurs"),
        )
        .select_from(Tour)
        .join(_SI, _SI.id == Tour.siao_id)
        .join(_ET, _ET.id == Tour.etat_id)
        .join(Departement, Departement.code == Tour.departement_code)
        .where(and_(Tour.ref == ref, portee(actor))),
    )
    if not rows:
        raise NotVisible(ref)
    return rows[0]


def _participants(session: Session, tour_id: int, sien: Any) -> list[Participant]:
    requete = (
        select(
            TourParticipant.id,
            TourParticipant.ref,
            TourParticipant.operateur_id,
            Organisation.nom,
            TourParticipant.bilan,
        )
        .join(Organisation, Organisation.id == TourParticipant.operateur_id)
        .where(TourParticipant.tour_id == tour_id, TourParticipant.retire_le.is_(None))
        .order_by(Organisation.tri, TourParticipant.id)
    )
    if sien is not None:
        requete = requete.where(sien)
    return [Participant(*row) for row in fetch(session, requete)]


def _clauses(
    session: Session, tour_id: int, lignes: Sequence[AnyRow], base: Socle, communes: Perimetre
) -> list[ClauseDuTour]:
    """Return the clauses with their base, in the order of the text. One statement."""
    rows = {row.code: row for row in lignes}
    ecrites: dict[int, dict[str, str]] = {}
    for valeur in fetch(
        session,
        select(TourClauseValeur.clause_id, TourClauseValeur.parametre_code, TourClauseValeur.valeur)
        .join(TourClause, TourClause.id == TourClauseValeur.clause_id)
        .where(TourClause.tour_id == tour_id),
    ):
        ecrites.setdefault(valeur.clause_id, {})[valeur.parametre_code] = valeur.valeur
    return [
        ClauseDuTour(
            commune,
            row.id,
            row.version,
            base.textes.get(code, commune.clause.texte),
            row.texte,
            {p.code: ecrites.get(row.id, {}).get(p.code, p.defaut) for p in commune.parametres},
            _positions(row),
            row.updated_at,
        )
        for code, commune in communes.clauses.items()
        if (row := rows.get(code)) is not None
    ]


def _cellules(session: Session, participants: Sequence[int]) -> dict[tuple[int, int], Cellule]:
    return {
        (row.clause_id, row.participant_id): Cellule(
            row.version, row.reponse, row.texte, row.valeurs, row.motif, row.le, row.par, _positions(row)
        )
        for row in fetch(
            session, select(*TourReponse.__table__.c).where(TourReponse.participant_id.in_(participants))
        )
    }


def _positions(row: AnyRow) -> dict[Partie, PositionLue]:
    dites = {}
    for partie in PILOTES:
        position = getattr(row, f"position_{partie.value}")
        le, par = getattr(row, f"{partie.value}_le"), getattr(row, f"{partie.value}_par")
        motif = getattr(row, f"motif_{partie.value}", "")
        dites[partie] = PositionLue(position, motif, le, par) if position else PositionLue()
    return dites


def _reunions(session: Session, tour_id: int) -> Sequence[Any]:
    return fetch(
        session,
        select(*TourReunion.__table__.c)
        .where(TourReunion.tour_id == tour_id)
        .order_by(TourReunion.le, TourReunion.id),
    )


def histoire(session: Session, clause_id: int) -> Sequence[Any]:
    """Return the changes made to the base of a clause, the latest first: le, auteur, changements."""
    return fetch(
        session,
        select(EntreeJournal.le, EntreeJournal.auteur, EntreeJournal.changements)
        .where(
            EntreeJournal.objet_type == TourClause.__tablename__,
            EntreeJournal.objet_id == clause_id,
            EntreeJournal.action == "tours:socle:modifier",
        )
        .order_by(EntreeJournal.id.desc())
        .limit(HISTOIRE),
    )


def reunion_dans(lu: TourLu, ref: str) -> Any:
    """Return a meeting of the round; raises NotVisible."""
    trouvee = next((reunion for reunion in lu.reunions if reunion.ref == ref), None)
    if trouvee is None:
        raise NotVisible(ref)
    return trouvee


def jours_des_reunions(lu: TourLu, jour: date) -> tuple[list[Any], list[Any]]:
    """Return the meetings to come (the next one first), then those held (the latest first)."""
    a_venir = [reunion for reunion in lu.reunions if reunion.le >= jour]
    tenues = [reunion for reunion in lu.reunions if reunion.le < jour]
    return a_venir, tenues[::-1]
