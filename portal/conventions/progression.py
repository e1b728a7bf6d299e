"""« Progression vers 2026 » (domaine.md § 9.2: C1, C2, C3, C4, C7): every count in five statements.

A pair (operator, SIAO) counts once, whatever its renewals: signed by its latest signed line, planned by
that line or its first open one. The same conditions make the list that a figure opens.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.conventions import expressions as ex
from portal.conventions.enums import Etat, Statut
from portal.conventions.filtres import SANS_NATURE, Ensemble
from portal.conventions.jours import Jours, selon_le_departement
from portal.conventions.lignes import OPERATEUR, SIAO
from portal.conventions.models import Convention, ConventionNature
from portal.conventions.natures import portee_le
from portal.conventions.regles import ECHEANCE_NATIONALE
from portal.conventions.territoires import Maille, Territoire, lignes_de, ouvre, structures_de
from portal.conventions.trajectoire import Trajectoire, trajectoire
from portal.organisations.models import Departement, Organisation, Structure, StructurePlaces
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import Forbidden

BLOQUEES = 10

Condition = ColumnElement[bool]
Selon = Callable[[Any, Callable[[date], Condition]], Condition]

SUIVANTE = aliased(Convention)
_SUIVIE: Condition = SUIVANTE.id.is_not(None)
PRECEDENTE = aliased(Convention)
_PRECEDEE: Condition = PRECEDENTE.id.is_not(None)

_MESURES: dict[str, tuple[Callable[[date], Condition], dict[str, str]]] = {
    "prevues": (lambda jour: ex.prevue(_SUIVIE), {"ensemble": Ensemble.PREVUES.value}),
    "signees": (lambda jour: ex.derniere_signee(_SUIVIE), {"ensemble": Ensemble.SIGNEES.value}),
    "en_vigueur": (ex.en_vigueur, {"etat": Etat.EN_VIGUEUR.value}),
    "hors_vigueur": (
        lambda jour: ex.hors_vigueur(jour, _SUIVIE, _PRECEDEE),
        {"ensemble": Ensemble.HORS_VIGUEUR.value},
    ),
    "non_signees": (lambda jour: ex.premiere_ouverte(), {"ensemble": Ensemble.NON_SIGNEES.value}),
    "delai_mesure": (
        lambda jour: ex.negociation_mesuree(),
        {"ensemble": Ensemble.DELAI_MESURE.value},
    ),
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
        return Chiffre(self.nombres[mesure], self.vers(_MESURES[mesure][1]))

    def vers(self, args: dict[str, str]) -> dict[str, str] | None:
        """Return the arguments of its lines narrowed further; None when they stay closed."""
        return None if self.args is None else {**self.args, **args}

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
    selon = _selon(clock, ou, jour)
    dedans = lignes_de(actor, ou)
    total = Compte("", ou.nom)
    # Else the list would not count the same lines.
    meme_jour = ou.maille is Maille.MIENNES or jour == clock.today(actor.fuseau)

    def ouverte(siao_id: int, departement_code: str) -> bool:
        return meme_jour and ouvre(actor, ou, siao_id, departement_code)

    siaos, departements, depuis = _par_siao(session, dedans, selon, total, ouverte)
    places, delai = _couverture_et_delai(session, actor, ou, dedans, selon)
    return Progression(
        territoire=ou,
        jour=jour,
        total=total,
        par_siao=siaos,
        par_nature=_par_nature(session, dedans, selon, total),
        par_departement=departements,
        trajectoire=trajectoire(_par_mois(session, dedans), total.nombres["prevues"], jour),
        bloquee_depuis=depuis,
        bloquees=_bloquees(session, dedans, clock) if total.args is not None else [],
        places=places,
        delai_median=delai,
    )


def _selon(clock: Clock, ou: Territoire, jour: date) -> Selon:
    """Return what writes a condition under the day of the count: each of one's own lines has its own."""
    jours = Jours.de(clock)
    codes = ou.codes if ou.maille is Maille.MIENNES else ()
    ailleurs = {code: jours.du(code) for code in codes if jours.du(code) != jour}
    return lambda departement, condition: selon_le_departement(departement, jour, ailleurs, condition)


def _sommes(selon: Selon) -> list[Any]:
    return [
        func.sum(case((selon(Convention.departement_code, condition), 1), else_=0)).label(nom)
        for nom, (condition, _) in _MESURES.items()
    ]


def _avec_voisines(statement: Select[Any], selon: Selon) -> Select[Any]:
    """Join the signed line that replaces each one, and the one in force that it replaces.

    What `_SUIVIE` and `_PRECEDEE` read.
    """
    en_vigueur = selon(PRECEDENTE.departement_code, lambda jour: ex.couvre(PRECEDENTE, jour))
    return statement.outerjoin(
        SUIVANTE, and_(SUIVANTE.remplace_id == Convention.id, SUIVANTE.statut == Statut.SIGNEE)
    ).outerjoin(PRECEDENTE, and_(PRECEDENTE.id == Convention.remplace_id, en_vigueur))


def _nombres(row: Any) -> dict[str, int]:
    return {nom: int(getattr(row, nom) or 0) for nom in _MESURES}


def _par_siao(
    session: Session,
    dedans: Condition,
    selon: Selon,
    total: Compte,
    ouverte: Callable[[int, str], bool],
) -> tuple[list[Compte], list[Compte], datetime | None]:
    """Fill the total, and return the figures by SIAO, by département, and the oldest suspension.

    A département, or the total, opens its lines when all its SIAO do (`ouverte`: key, département).
    """
    sommes = select(
        Convention.siao_id,
        *_sommes(selon),
        func.min(case((Convention.statut == Statut.SUSPENDUE, Convention.statut_depuis))).label("depuis"),
    )
    parts = (
        _avec_voisines(sommes.select_from(Convention), selon)
        .where(dedans)
        .group_by(Convention.siao_id)
        .subquery()
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
        .order_by(Departement.code, Organisation.tri, Organisation.id)
    ).all()
    siaos: list[Compte] = []
    departements: dict[str, Compte] = {}
    for row in rows:
        args = {"siao": row.ref} if ouverte(row.siao_id, row.departement) else None
        nombres = _nombres(row)
        siaos.append(Compte(row.ref, row.nom, args, nombres))
        total.ajouter(nombres)
        code = row.departement
        compte = departements.setdefault(code, Compte(code, row.departement_nom, {"departement": code}))
        compte.ajouter(nombres)
        if args is None:
            compte.args = None
    total.args = {} if siaos and all(siao.args is not None for siao in siaos) else None
    depuis = min((row.depuis for row in rows if row.depuis is not None), default=None)
    return siaos, list(departements.values()), depuis


def _par_nature(session: Session, dedans: Condition, selon: Selon, total: Compte) -> list[Compte]:
    """Return the figures by nature, most planned first; a line counts in each nature it covers."""
    portee = selon(Convention.departement_code, portee_le)
    rows = session.execute(
        _avec_voisines(select(ConventionNature.nature_code, *_sommes(selon)).select_from(Convention), selon)
        .outerjoin(ConventionNature, and_(ConventionNature.convention_id == Convention.id, portee))
        .where(dedans)
        .group_by(ConventionNature.nature_code)
    )
    comptes = []
    for row in rows:
        code = row.nature_code or SANS_NATURE
        comptes.append(Compte(code, code, total.vers({"nature": code}), _nombres(row)))
    return sorted(comptes, key=lambda c: (c.code == SANS_NATURE, -c.nombres["prevues"], c.code))


def _par_mois(session: Session, dedans: Condition) -> dict[date, int]:
    """Return how many pairs were first signed in each month.

    Counted by day: telling the month of every line costs more than the count itself.
    """
    jour = Convention.date_signature
    rows = session.execute(
        select(jour, func.count().label("nombre")).where(dedans, ex.premiere_signee()).group_by(jour)
    )
    mois: Counter[date] = Counter()
    for signature, nombre in rows:
        if signature is not None:  # always, of a signed line
            mois[signature.replace(day=1)] += nombre
    return dict(mois)


def _couverture_et_delai(
    session: Session, actor: Actor, ou: Territoire, dedans: Condition, selon: Selon
) -> tuple[Taux, float | None]:
    """Return C3 and C4 in one statement."""
    sous_ctp = _sous_ctp(ou, dedans, selon)
    row = session.execute(
        select(
            _places(actor, ou, selon).scalar_subquery().label("recensees"),
            _places(actor, ou, selon).where(sous_ctp).scalar_subquery().label("couvertes"),
            _delai_median(dedans).scalar_subquery().label("delai"),
        )
    ).one()
    delai = float(row.delai) if row.delai is not None else None
    return Taux(int(row.couvertes or 0), int(row.recensees or 0)), delai


def _places(actor: Actor, ou: Territoire, selon: Selon) -> Select[Any]:
    """Count the places of the structures open that day."""
    a_fermer = selon(Structure.departement_code, lambda jour: Structure.fermee_le > jour)
    return (
        select(func.sum(StructurePlaces.nombre))
        .select_from(StructurePlaces)
        .join(Structure, Structure.id == StructurePlaces.structure_id)
        .where(structures_de(actor, ou), or_(Structure.fermee_le.is_(None), a_fermer))
    )


def _sous_ctp(ou: Territoire, dedans: Condition, selon: Selon) -> Condition:
    """The structure's operator has a CTP in force in the structure's département, one of the territory's."""
    # `coalesce`: SQLite looks for the lines of the operator, and not for those of the département.
    return (
        select(Convention.id)
        .where(
            Convention.operateur_id == Structure.organisation_id,
            func.coalesce(Convention.departement_code, "") == Structure.departement_code,
            selon(Convention.departement_code, ex.en_vigueur),
            *([dedans] if ou.maille is Maille.MIENNES else []),
        )
        .correlate(Structure)
        .exists()
    )


def _delai_median(dedans: Condition) -> Select[Any]:
    """C4: the median of days from the opening of a project to its signature, those signed elsewhere apart.

    The lines are counted by delay before they are ranked: delays are few, whatever the lines.
    """
    par_delai = (
        select(
            ex.jours_entre(Convention.ouverte_le, Convention.date_signature).label("jours"),
            func.count().label("nombre"),
        )
        .where(dedans, ex.negociation_mesuree())
        .group_by("jours")
        .subquery()
    )
    rangs = select(
        par_delai.c.jours,
        par_delai.c.nombre,
        func.sum(par_delai.c.nombre).over(order_by=par_delai.c.jours).label("dernier"),
        func.sum(par_delai.c.nombre).over().label("total"),
    ).subquery()
    avant = rangs.c.dernier - rangs.c.nombre
    return select(func.avg(rangs.c.jours)).where(
        2 * rangs.c.dernier >= rangs.c.total, 2 * avant <= rangs.c.total
    )


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
