"""« Progression vers 2026 » (domaine.md § 9.2: C1, C2, C3, C4, C7): every count in five statements.

A pair (operator, SIAO) counts once, whatever its renewals: signed by its latest signed line, planned by
that line or its first open one. The same conditions make the list that a figure opens.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.conventions import expressions as ex
from portal.conventions.enums import Etat, Statut
from portal.conventions.filtres import Ensemble
from portal.conventions.lignes import OPERATEUR, SIAO
from portal.conventions.models import Convention, ConventionNature
from portal.conventions.regles import ECHEANCE_NATIONALE
from portal.conventions.territoires import Territoire, lignes_de, structures_de
from portal.conventions.trajectoire import Trajectoire, trajectoire
from portal.organisations.models import Departement, Organisation, Structure, StructurePlaces
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import Forbidden

BLOQUEES = 10
SANS_NATURE = ""

Condition = ColumnElement[bool]

SUIVANTE = aliased(Convention)
_SUIVIE: Condition = SUIVANTE.id.is_not(None)

_MESURES: dict[str, tuple[Callable[[date], Condition], dict[str, str]]] = {
    "prevues": (lambda jour: ex.prevue(_SUIVIE), {"ensemble": Ensemble.PREVUES.value}),
    "signees": (lambda jour: ex.derniere_signee(_SUIVIE), {"ensemble": Ensemble.SIGNEES.value}),
    "en_vigueur": (ex.en_vigueur, {"etat": Etat.EN_VIGUEUR.value}),
    "echues": (
        lambda jour: ex.echue_sans_successeur(jour, _SUIVIE),
        {"ensemble": Ensemble.ECHUES.value},
    ),
    "en_retard": (ex.en_retard_propre, {"ensemble": Ensemble.RETARD_PROPRE.value}),
    "en_retard_national": (ex.en_retard_national, {"ensemble": Ensemble.RETARD_NATIONAL.value}),
    "suspendues": (
        lambda jour: Convention.statut == Statut.SUSPENDUE,
        {"etat": Etat.SUSPENDUE.value},
    ),
    "fin_12_mois": (ex.fin_proche, {"ensemble": Ensemble.FIN_12_MOIS.value}),
}
"""Each figure: the lines it counts, and the arguments of the list that shows them."""


@dataclass(frozen=True)
class Chiffre:
    """A figure and the query arguments of the list behind it; None: it opens nothing for this actor."""

    valeur: int
    args: dict[str, str] | None


@dataclass(frozen=True)
class Taux:
    """A ratio. A null denominator has no value: « sans objet », never 0 % (domaine.md § 9)."""

    numerateur: int
    denominateur: int

    @property
    def valeur(self) -> float | None:
        """The ratio, between 0 and 1; None without denominator."""
        return self.numerateur / self.denominateur if self.denominateur else None


@dataclass
class Compte:
    """The figures of a territory, of one of its SIAO, natures or départements.

    `args`: the arguments that narrow the list to it; None when the actor may not open the lines.
    """

    code: str
    libelle: str
    args: dict[str, str] | None = None
    nombres: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_MESURES, 0))

    def __getitem__(self, mesure: str) -> Chiffre:
        """Return one of the figures: prevues, signees, en_vigueur, echues, en_retard…"""
        args = None if self.args is None else {**self.args, **_MESURES[mesure][1]}
        return Chiffre(self.nombres[mesure], args)

    @property
    def taux(self) -> Taux:
        """C1: signed pairs among planned ones."""
        return Taux(self.nombres["signees"], self.nombres["prevues"])

    def ajouter(self, nombres: dict[str, int]) -> None:
        """Add the figures of a part."""
        for mesure, nombre in nombres.items():
            self.nombres[mesure] += nombre


@dataclass(frozen=True)
class Bloquee:
    """A suspended line, shown to those who may open it."""

    ref: str
    operateur: str
    siao: str
    depuis: datetime
    jours: int
    motif: str


@dataclass(frozen=True)
class Progression:
    """Where a territory stands on a day."""

    territoire: Territoire
    jour: date
    total: Compte
    par_siao: list[Compte]
    par_nature: list[Compte]
    par_departement: list[Compte]
    trajectoire: Trajectoire
    bloquee_depuis: datetime | None  # the oldest suspension under way
    bloquees: list[Bloquee]
    places: Taux  # C3: places of operators with a CTP in force, among those counted
    delai_median: float | None  # C4: days from opening to signature

    @property
    def echeance_passee(self) -> bool:
        """Whether the national deadline is behind."""
        return self.jour > ECHEANCE_NATIONALE


def progression(session: Session, clock: Clock, actor: Actor, ou: Territoire) -> Progression:
    """Return the figures of a territory on its today. Five statements; four when its lines stay closed.

    `ou`: one of `territoires`. Raises Forbidden.
    """
    if not can(actor, Permission.CONVENTIONS_PROGRESSION):
        raise Forbidden(Permission.CONVENTIONS_PROGRESSION.value)
    jour = clock.today(ou.fuseau)
    dedans = lignes_de(actor, ou)
    total = Compte("", ou.nom, {} if ou.ouvert else None)
    siaos, departements, depuis = _par_siao(session, dedans, jour, total)
    places, delai = _couverture_et_delai(session, actor, ou, dedans, jour)
    return Progression(
        territoire=ou,
        jour=jour,
        total=total,
        par_siao=siaos,
        par_nature=_par_nature(session, dedans, jour, total),
        par_departement=departements,
        trajectoire=trajectoire(_par_mois(session, dedans), total.nombres["prevues"], jour),
        bloquee_depuis=depuis,
        bloquees=_bloquees(session, dedans, clock) if ou.ouvert else [],
        places=places,
        delai_median=delai,
    )


def _sommes(jour: date) -> list[Any]:
    return [
        func.sum(case((condition(jour), 1), else_=0)).label(nom) for nom, (condition, _) in _MESURES.items()
    ]


def _avec_suivante(statement: Select[Any]) -> Select[Any]:
    """Join the signed line that replaces each one: what `_SUIVIE` reads."""
    return statement.outerjoin(
        SUIVANTE, and_(SUIVANTE.remplace_id == Convention.id, SUIVANTE.statut == Statut.SIGNEE)
    )


def _nombres(row: Any) -> dict[str, int]:
    return {nom: int(getattr(row, nom) or 0) for nom in _MESURES}


def _par_siao(
    session: Session, dedans: Condition, jour: date, total: Compte
) -> tuple[list[Compte], list[Compte], datetime | None]:
    """Fill the total, and return the figures by SIAO, by département, and the oldest suspension."""
    sommes = select(
        Convention.siao_id,
        *_sommes(jour),
        func.min(case((Convention.statut == Statut.SUSPENDUE, Convention.statut_depuis))).label("depuis"),
    )
    parts = (
        _avec_suivante(sommes.select_from(Convention)).where(dedans).group_by(Convention.siao_id).subquery()
    )
    rows = session.execute(
        select(
            parts,
            Organisation.ref,
            Organisation.nom,
            Departement.code.label("departement"),
            Departement.nom.label("departement_nom"),
        )
        .join(Organisation, Organisation.id == parts.c.siao_id)
        .join(Departement, Departement.code == Organisation.departement_code)
        .order_by(Departement.code, Organisation.tri)
    ).all()
    siaos: list[Compte] = []
    departements: dict[str, Compte] = {}
    for row in rows:
        args = None if total.args is None else {"siao": row.ref}
        nombres = _nombres(row)
        siaos.append(Compte(row.ref, row.nom, args, nombres))
        total.ajouter(nombres)
        code = row.departement
        compte = departements.setdefault(
            code, Compte(code, row.departement_nom, None if total.args is None else {"departement": code})
        )
        compte.ajouter(nombres)
    depuis = min((row.depuis for row in rows if row.depuis is not None), default=None)
    return siaos, list(departements.values()), depuis


def _par_nature(session: Session, dedans: Condition, jour: date, total: Compte) -> list[Compte]:
    """Return the figures by nature, most planned first; a line counts in each nature it covers."""
    rows = session.execute(
        _avec_suivante(select(ConventionNature.nature_code, *_sommes(jour)).select_from(Convention))
        .outerjoin(ConventionNature, ConventionNature.convention_id == Convention.id)
        .where(dedans)
        .group_by(ConventionNature.nature_code)
    )
    comptes = []
    for row in rows:
        code = row.nature_code or SANS_NATURE
        args = {"nature": code} if total.args is not None and code else None
        comptes.append(Compte(code, code, args, _nombres(row)))
    return sorted(comptes, key=lambda c: (not c.code, -c.nombres["prevues"], c.code))


def _par_mois(session: Session, dedans: Condition) -> dict[date, int]:
    """Return how many pairs were first signed in each month."""
    rang = ex.rang_mois(Convention.date_signature).label("rang")
    rows = session.execute(
        select(rang, func.count().label("nombre")).where(dedans, ex.premiere_signee()).group_by(rang)
    )
    return {date(int(row.rang) // 12, int(row.rang) % 12 + 1, 1): row.nombre for row in rows}


def _couverture_et_delai(
    session: Session, actor: Actor, ou: Territoire, dedans: Condition, jour: date
) -> tuple[Taux, float | None]:
    """Return C3 and C4 in one statement."""
    row = session.execute(
        select(
            _places(actor, ou, jour).scalar_subquery().label("recensees"),
            _places(actor, ou, jour).where(_sous_ctp(dedans, jour)).scalar_subquery().label("couvertes"),
            _delai_median(dedans).scalar_subquery().label("delai"),
        )
    ).one()
    delai = float(row.delai) if row.delai is not None else None
    return Taux(int(row.couvertes or 0), int(row.recensees or 0)), delai


def _places(actor: Actor, ou: Territoire, jour: date) -> Select[Any]:
    """Count the places of the structures open that day."""
    return (
        select(func.sum(StructurePlaces.nombre))
        .select_from(StructurePlaces)
        .join(Structure, Structure.id == StructurePlaces.structure_id)
        .where(structures_de(actor, ou), or_(Structure.fermee_le.is_(None), Structure.fermee_le > jour))
    )


def _sous_ctp(dedans: Condition, jour: date) -> Condition:
    """The structure's operator has a CTP in force in the structure's département."""
    return (
        select(Convention.id)
        .where(
            Convention.operateur_id == Structure.organisation_id,
            Convention.departement_code == Structure.departement_code,
            ex.en_vigueur(jour),
            dedans,
        )
        .correlate(Structure)
        .exists()
    )


def _delai_median(dedans: Condition) -> Select[Any]:
    """C4: the median of days from the opening of a project to its signature, those signed elsewhere apart."""
    jours = ex.jours_entre(Convention.ouverte_le, Convention.date_signature)
    rangs = (
        select(
            jours.label("jours"),
            func.row_number().over(order_by=jours).label("rang"),
            func.count().over().label("nombre"),
        )
        .where(
            dedans,
            ex.signee(),
            Convention.reprise.is_(False),
            Convention.ouverte_le <= Convention.date_signature,
        )
        .subquery()
    )
    milieu = (rangs.c.nombre + 1) // 2, (rangs.c.nombre + 2) // 2
    return select(func.avg(rangs.c.jours)).where(rangs.c.rang.in_(milieu))


def _bloquees(session: Session, dedans: Condition, clock: Clock) -> list[Bloquee]:
    """Return the lines suspended for the longest time."""
    rows = session.execute(
        select(
            Convention.ref,
            OPERATEUR.nom.label("operateur"),
            SIAO.nom.label("siao"),
            Convention.statut_depuis,
            Convention.motif,
        )
        .join(OPERATEUR, OPERATEUR.id == Convention.operateur_id)
        .join(SIAO, SIAO.id == Convention.siao_id)
        .where(dedans, Convention.statut == Statut.SUSPENDUE)
        .order_by(Convention.statut_depuis, Convention.id)
        .limit(BLOQUEES)
    )
    maintenant = clock.now()
    return [
        Bloquee(
            row.ref,
            row.operateur,
            row.siao,
            row.statut_depuis,
            (maintenant - row.statut_depuis).days,
            row.motif,
        )
        for row in rows
    ]
