"""Reading bilans: those of a line, one of them, those of a département for its comité stratégique.

A draft is read by those who may write it; the State reads what was given.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from portal.conventions.bilans import parametres, regles
from portal.conventions.bilans.enums import Genre, Situation, StatutBilan
from portal.conventions.bilans.frequences import frequences
from portal.conventions.bilans.indicateurs import lus
from portal.conventions.bilans.models import Bilan
from portal.conventions.enums import Partie, Statut
from portal.conventions.jours import Jours, fuseau_de
from portal.conventions.lignes import OPERATEUR, SIAO
from portal.conventions.models import Convention
from portal.conventions.parametres import BILAN_MOIS
from portal.conventions.queries import lisibles, portee
from portal.conventions.reperes import Reperes, reperes
from portal.organisations.parametres import values
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.errors import NotVisible
from portal.shared.pagination import Cursor, Page, paginate, with_keys

TAILLE = 50
EXPORT_PAR_LOT = 500

_COLONNES: tuple[Any, ...] = (
    Bilan.ref,
    Bilan.version,
    Bilan.rang,
    Bilan.du,
    Bilan.au,
    Bilan.demande_le,
    Bilan.echeance,
    Bilan.statut,
    Bilan.engagements,
    Bilan.difficultes,
    Bilan.indicateurs,
    Bilan.partie,
    Bilan.auteur,
    Bilan.rendu_le,
    Bilan.updated_at,
    Convention.id.label("convention_id"),
    Convention.ref.label("convention_ref"),
    Convention.departement_code,
    Convention.siao_id,
    Convention.operateur_id,
    OPERATEUR.nom.label("operateur"),
    SIAO.nom.label("siao"),
)


@dataclass(frozen=True, slots=True)
class BilanLu:
    """A bilan as pages and exports show it, on today of its département. Texts are empty for who may not."""

    ref: str
    version: int
    convention_ref: str
    operateur: str
    siao: str
    genre: Genre
    du: date
    au: date
    demande_le: date
    echeance: date
    statut: StatutBilan
    situation: Situation
    retard: int  # days since its due day, 0 when not late
    engagements: str
    difficultes: str
    indicateurs: dict[str, int | None]
    partie: Partie | None
    auteur: str
    rendu_le: datetime | None
    fuseau: str
    redige: bool  # whether the reader may write it

    @property
    def lisible(self) -> bool:
        """Whether its text shows."""
        return self.statut is StatutBilan.RENDU or (self.redige and self.statut is StatutBilan.BROUILLON)


@dataclass(frozen=True)
class Choix:
    """What the gathering is narrowed to, kept in the URL. `annee`: that of the due day."""

    situation: Situation | None = None
    annee: int | None = None
    siao: str = ""


@dataclass(frozen=True)
class Recueil:
    """A page of the gathering, with the counts of the whole choice, whatever the situation asked for."""

    page: Page
    bilans: list[BilanLu]
    comptes: dict[Situation, int]
    annees: list[int]


@dataclass(frozen=True)
class DeLaLigne:
    """The bilans of a line, the latest first, and when the next one will be asked for."""

    bilans: list[BilanLu]
    prochain: regles.Demande | None
    frequence: int


def _jointe(*colonnes: Any) -> AnySelect:
    return (
        select(*colonnes)
        .select_from(Bilan)
        .join(Convention, Convention.id == Bilan.convention_id)
        .join(OPERATEUR, OPERATEUR.id == Convention.operateur_id)
        .join(SIAO, SIAO.id == Convention.siao_id)
    )


def _lu(row: AnyRow, actor: Actor, jours: Jours) -> BilanLu:
    jour = jours.du(row.departement_code)
    redige = can(actor, Permission.BILANS_REDIGER, row)
    rendu = row.statut is StatutBilan.RENDU
    montre = rendu or redige
    situation = regles.situation(rendu=rendu, echeance=row.echeance, jour=jour)
    return BilanLu(
        ref=row.ref,
        version=row.version,
        convention_ref=row.convention_ref,
        operateur=row.operateur,
        siao=row.siao,
        genre=regles.genre(row.rang),
        du=row.du,
        au=row.au,
        demande_le=row.demande_le,
        echeance=row.echeance,
        statut=row.statut,
        situation=situation,
        retard=(jour - row.echeance).days if situation is Situation.MANQUANT else 0,
        engagements=row.engagements if montre else "",
        difficultes=row.difficultes if montre else "",
        indicateurs=lus(row.indicateurs),
        partie=row.partie,
        auteur=row.auteur if montre else "",
        rendu_le=row.rendu_le,
        fuseau=fuseau_de(row.departement_code),
        redige=redige,
    )


def bilan(session: Session, clock: Clock, actor: Actor, convention_ref: str, ref: str) -> BilanLu:
    """Return a bilan of a visible line; raises NotVisible."""
    rows = fetch(
        session,
        _jointe(*_COLONNES).where(Bilan.ref == ref, Convention.ref == convention_ref, lisibles(actor)),
    )
    if not rows:
        raise NotVisible(ref)
    return _lu(rows[0], actor, Jours.de(clock))


def de_la_ligne(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> DeLaLigne:
    """Return the bilans of a line that the actor sees. Six statements, whatever their number."""
    jours = Jours.de(clock)
    rows = fetch(
        session,
        _jointe(*_COLONNES)
        .where(Bilan.convention_id == ligne.id, lisibles(actor))
        .order_by(Bilan.demande_le.desc(), Bilan.id.desc()),
    )
    reglage = values(session, ligne.departement_code, parametres.FREQUENCE, BILAN_MOIS)
    rythme = frequences(session, [ligne.id], reglage[parametres.FREQUENCE.key]).de(ligne.id)
    jour = jours.du(ligne.departement_code)
    prochain = None
    if ligne.statut is Statut.SIGNEE and ligne.date_effet is not None and ligne.fin_effective is not None:
        depart = max(jour, ligne.date_effet)
        prochain = regles.prochaine(
            ligne.date_effet,
            ligne.fin_effective,
            depart,
            rythme=rythme,
            mois=reglage[BILAN_MOIS.key],
        )
    return DeLaLigne([_lu(row, actor, jours) for row in rows], prochain, rythme.du(jour))


def lister(
    session: Session, clock: Clock, actor: Actor, choix: Choix, *, curseur: str | None = None
) -> Recueil:
    """Return a page of the bilans of the actor's lines, the last due first. Five statements at most."""
    dates = reperes(session, clock, actor)
    cles: tuple[Any, ...] = (Bilan.echeance, Bilan.id)
    statement = _jointe(*_COLONNES).where(portee(actor), *_conditions(actor, choix, dates))
    page = paginate(
        session,
        with_keys(statement, cles),
        cles,
        cursor=Cursor.decode(curseur),
        size=TAILLE,
        descending=True,
    )
    return Recueil(
        page,
        [_lu(row, actor, dates.jours) for row in page.rows],
        _compter(session, actor, choix, dates),
        _annees(session, actor),
    )


def exporter(session: Session, clock: Clock, actor: Actor, choix: Choix) -> Iterator[BilanLu]:
    """Yield every bilan of a choice, in the order of the list."""
    dates = reperes(session, clock, actor)
    statement = (
        _jointe(*_COLONNES)
        .where(portee(actor), *_conditions(actor, choix, dates))
        .order_by(Bilan.echeance.desc(), Bilan.id.desc())
        .execution_options(yield_per=EXPORT_PAR_LOT)
    )
    for row in session.execute(statement):
        yield _lu(row, actor, dates.jours)


def compter(session: Session, clock: Clock, actor: Actor, choix: Choix) -> dict[Situation, int]:
    """Return how many bilans of a choice are in each situation. Two statements."""
    return _compter(session, actor, choix, reperes(session, clock, actor))


def _compter(session: Session, actor: Actor, choix: Choix, dates: Reperes) -> dict[Situation, int]:
    large = _conditions(actor, replace(choix, situation=None), dates)
    [row] = fetch(
        session,
        _jointe(
            *(
                func.coalesce(func.sum(case((_en_situation(actor, une, dates), 1), else_=0)), 0).label(
                    une.value
                )
                for une in Situation
            )
        ).where(portee(actor), *large),
    )
    return {une: int(getattr(row, une.value)) for une in Situation}


def _annees(session: Session, actor: Actor) -> list[int]:
    [bornes] = fetch(
        session,
        _jointe(func.min(Bilan.echeance).label("premiere"), func.max(Bilan.echeance).label("derniere")).where(
            portee(actor)
        ),
    )
    if bornes.premiere is None:
        return []
    return list(range(bornes.derniere.year, bornes.premiere.year - 1, -1))


def _conditions(actor: Actor, choix: Choix, dates: Reperes) -> list[ColumnElement[bool]]:
    trouvees: list[ColumnElement[bool]] = []
    if choix.situation is not None:
        trouvees.append(_en_situation(actor, choix.situation, dates))
    if choix.annee is not None:
        trouvees.append(Bilan.echeance.between(date(choix.annee, 1, 1), date(choix.annee, 12, 31)))
    if choix.siao:
        trouvees.append(SIAO.ref == choix.siao)
    return trouvees


def _en_situation(actor: Actor, situation: Situation, dates: Reperes) -> ColumnElement[bool]:
    if situation is Situation.RENDU:
        return Bilan.statut == StatutBilan.RENDU
    if situation is Situation.MANQUANT:
        passe = dates.selon(actor, lambda jour, _delai: Bilan.echeance < jour)
    else:
        passe = dates.selon(actor, lambda jour, _delai: Bilan.echeance >= jour)
    return and_(Bilan.statut != StatutBilan.RENDU, passe)
