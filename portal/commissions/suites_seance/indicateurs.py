"""K1 to K7 (domaine.md § 9.4): each figure with its definition and the lines behind it.

A figure counts dossiers, one per household. In what leaves the commission, under five households are masked,
and nothing opens. What has no denominator is « sans objet », never zero.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.commissions.enums import Presence, StatutSeance
from portal.commissions.enums_dossiers import IssueRecours, StatutDossier, StatutPrescription
from portal.commissions.models import College, Commission
from portal.commissions.models_decisions import ConduiteSeance, Decision, Prescription, Recours
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.nomenclatures import defavorables
from portal.commissions.suites_seance import regles
from portal.commissions.suites_seance.queries import PRISES
from portal.conventions.jours import fuseau_de
from portal.shared.clock import Clock
from portal.shared.dates import plus_mois
from portal.shared.db import AnyRow, fetch
from portal.shared.messages import N_

AJOURNE = "AJOURNE"
INCOMPLETS = frozenset({"INCOMPLET", "NON_RECEVABLE"})

TAUX, MOYENNE, JOURS = "taux", "moyenne", "jours"

DEFINITIONS: dict[str, tuple[str, str, str]] = {
    "K1": (N_("Charge"), N_("Dossiers examinés, par séance tenue."), MOYENNE),
    "K2": (N_("Ajournements"), N_("Dossiers ajournés, sur les dossiers examinés."), TAUX),
    "K3": (N_("Délai"), N_("Jours entre le dépôt et la première décision, médiane."), JOURS),
    "K4": (
        N_("Dossiers incomplets"),
        N_("Dossiers incomplets ou non recevables, sur les dossiers reçus."),
        TAUX,
    ),
    "K5": (N_("Recours"), N_("Recours formés, sur les décisions défavorables."), TAUX),
    "K6": (N_("Participation"), N_("Présents, sur les convoqués, par collège."), TAUX),
    "K7": (
        N_("Mise en œuvre"),
        N_("Décisions dont chaque prescription est faite à trois mois, sur celles qui ont trois mois."),
        TAUX,
    ),
}
"""By code: name, definition, how it is said."""


@dataclass(frozen=True)
class Ligne:
    """A line behind a figure. `compte`: whether it is in the numerator; `jours`: for K3; `presents`, of how
    many `convoques`: for K6, whose lines are colleges."""

    libelle: str
    quand: datetime | None
    compte: bool = True
    jours: int | None = None
    presents: int = 0
    convoques: int = 0
    decision_ref: str = ""
    seance_ref: str = ""
    issue: IssueRecours | None = None


@dataclass(frozen=True)
class Indicateur:
    """A figure. `parts`: by college, for K6. `masque`: too few households to leave the commission; `compte`:
    whether its counts are told beside it."""

    code: str
    mesure: regles.Mesure
    lignes: Sequence[Ligne] = ()
    parts: Sequence[tuple[str, regles.Mesure]] = ()
    issues: dict[IssueRecours, int] = field(default_factory=dict)
    masque: bool = False
    compte: bool = True

    @property
    def libelle(self) -> str:
        """Its name, in French."""
        return DEFINITIONS[self.code][0]

    @property
    def definition(self) -> str:
        """What it counts, in French."""
        return DEFINITIONS[self.code][1]

    @property
    def sorte(self) -> str:
        """How it is said: `TAUX`, `MOYENNE`, `JOURS`."""
        return DEFINITIONS[self.code][2]


def periode(clock: Clock, departement_code: str) -> tuple[date, date]:
    """Return the period looked at when none is asked for: the last twelve months, both days included."""
    jour = clock.today(fuseau_de(departement_code))
    return plus_mois(jour, -12), jour


def calculer(
    session: Session,
    clock: Clock,
    commission: Commission,
    du: date,
    au: date,
    *,
    diffusion: bool,
    codes: Collection[str] = tuple(DEFINITIONS),
) -> list[Indicateur]:
    """Return the figures of a commission between two days, both included, where it is: of all that it did
    then, whatever there is. Four statements for all of them, two at most for one.

    `diffusion`: for who is outside of the commission, or to be passed on: masked, and without a line. Give it
    an `annee` then: two periods that overlap tell, one less the other, what each masks.
    """
    zone = ZoneInfo(fuseau_de(commission.departement_code))
    bornes = (datetime.combine(du, time(), zone), datetime.combine(au + timedelta(days=1), time(), zone))

    prises = and_(
        Seance.commission_id == commission.id,
        Seance.debut >= bornes[0],
        Seance.debut < bornes[1],
        Decision.statut.in_(PRISES),
    )

    @cache
    def decisions() -> Sequence[AnyRow]:
        return _decisions(session, prises)

    @cache
    def presences() -> Sequence[AnyRow]:
        return _presences(session, clock, commission, bornes)

    figures: dict[str, Callable[[], Indicateur]] = {
        "K1": lambda: _charge(decisions(), {one.ref for one in presences()}),
        "K2": lambda: _taux("K2", [_de(one, one.code == AJOURNE) for one in decisions() if not one.ecrite]),
        "K3": lambda: _delai(decisions(), zone),
        "K4": lambda: _completude(session, commission, decisions(), bornes),
        "K5": lambda: _recours(decisions()),
        "K6": lambda: _participation(presences()),
        "K7": lambda: _mise_en_oeuvre(session, clock, decisions(), prises, zone),
    }
    found = [figures[code]() for code in codes]
    return [_diffuser(one) for one in found] if diffusion else found


def annee(quelle: int) -> tuple[date, date]:
    """Return the first and the last day of a year: the only periods whose figures leave the commission."""
    return date(quelle, 1, 1), date(quelle, 12, 31)


def _decisions(session: Session, prises: ColumnElement[bool]) -> Sequence[AnyRow]:
    return fetch(
        session,
        select(
            Decision.id,
            Decision.ref,
            Decision.code,
            Decision.ecrite,
            Decision.prise_le,
            Seance.ref.label("seance_ref"),
            Seance.debut,
            Dossier.id.label("dossier_id"),
            Dossier.code.label("dossier"),
            Dossier.depose_le,
            Recours.forme_le,
            Recours.issue,
        )
        .join(Seance, Seance.id == Decision.seance_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .outerjoin(Recours, Recours.decision_id == Decision.id)
        .where(prises)
        .order_by(Seance.debut, Decision.prise_le, Decision.id),
    )


def _presences(
    session: Session, clock: Clock, commission: Commission, bornes: tuple[datetime, datetime]
) -> Sequence[AnyRow]:
    """Return the sessions held (convened, not cancelled, over or closed before their hour), each as often as
    somebody was convened to it, with their college (none: « "" », first) and whether they came; once without
    when nobody was."""
    rang = func.coalesce(College.rang, -1).label("rang")
    college = func.coalesce(College.nom, "").label("college")
    close = exists().where(ConduiteSeance.seance_id == Seance.id, ConduiteSeance.close_le.is_not(None))
    return fetch(
        session,
        select(Seance.ref, Seance.debut, InvitationSeance.presence, college, rang)
        .outerjoin(
            InvitationSeance,
            and_(InvitationSeance.seance_id == Seance.id, InvitationSeance.retiree_le.is_(None)),
        )
        .outerjoin(College, College.id == InvitationSeance.college_id)
        .where(
            Seance.commission_id == commission.id,
            Seance.statut == StatutSeance.CONVOQUEE,
            Seance.debut >= bornes[0],
            Seance.debut < bornes[1],
            or_(Seance.fin <= clock.now(), close),
        )
        .order_by(Seance.debut, Seance.id, rang, InvitationSeance.id),
    )


def _de(row: AnyRow, compte: bool, **champs: object) -> Ligne:
    return Ligne(
        row.dossier,
        row.prise_le,
        compte,
        decision_ref=row.ref,
        seance_ref=row.seance_ref,
        **champs,  # type: ignore[arg-type]  # the fields of Ligne
    )


def _taux(code: str, lignes: Sequence[Ligne]) -> Indicateur:
    return Indicateur(code, regles.Mesure(code, sum(one.compte for one in lignes), len(lignes)), lignes)


def _charge(decisions: Sequence[AnyRow], tenues: Collection[str]) -> Indicateur:
    examined = [one for one in decisions if not one.ecrite]
    held = {*tenues, *(one.seance_ref for one in examined)}
    return Indicateur(
        "K1", regles.Mesure("K1", len(examined), len(held)), [_de(one, True) for one in examined]
    )


def _delai(decisions: Sequence[AnyRow], zone: ZoneInfo) -> Indicateur:
    seen: set[int] = set()
    lignes = []
    for one in decisions:
        if one.code == AJOURNE or one.dossier_id in seen or one.depose_le is None:
            continue
        seen.add(one.dossier_id)
        jours = (one.prise_le.astimezone(zone).date() - one.depose_le.astimezone(zone).date()).days
        lignes.append(_de(one, True, jours=max(jours, 0)))
    connus = (one.jours for one in lignes if one.jours is not None)
    return Indicateur("K3", regles.Mesure("K3", regles.mediane(connus), len(lignes)), lignes)


def _completude(
    session: Session,
    commission: Commission,
    decisions: Sequence[AnyRow],
    bornes: tuple[datetime, datetime],
) -> Indicateur:
    """Count a dossier once given back as incomplete, completed since or not: the journal says so."""
    rejected = {one.dossier_id for one in decisions if one.code in INCOMPLETS}
    rendu = exists().where(
        EntreeJournal.objet_type == Dossier.__tablename__,
        EntreeJournal.objet_id == Dossier.id,
        EntreeJournal.action == "dossiers:dossier:rendre",
    )
    rows = fetch(
        session,
        select(Dossier.id, Dossier.code, Dossier.depose_le, Dossier.statut, rendu.label("rendu"))
        .where(
            Dossier.commission_id == commission.id,
            Dossier.depose_le >= bornes[0],
            Dossier.depose_le < bornes[1],
        )
        .order_by(Dossier.depose_le, Dossier.id),
    )
    return _taux(
        "K4",
        [
            Ligne(
                one.code,
                one.depose_le,
                one.statut is StatutDossier.INCOMPLET or bool(one.rendu) or one.id in rejected,
            )
            for one in rows
        ],
    )


def _recours(decisions: Sequence[AnyRow]) -> Indicateur:
    against = [one for one in decisions if one.code in defavorables()]
    lignes = [_de(one, one.forme_le is not None, issue=one.issue) for one in against]
    made = _taux("K5", lignes)
    issues = {issue: sum(one.issue is issue for one in lignes) for issue in IssueRecours}
    return Indicateur("K5", made.mesure, lignes, issues=issues)


def _participation(presences: Sequence[AnyRow]) -> Indicateur:
    """Count functions, not households: nothing to mask. What was not noted is neither there nor away. The
    colleges come in the order of the commission."""
    by_line: dict[tuple[str, str], list[AnyRow]] = {}
    rangs: dict[str, int] = {}
    for one in presences:
        if one.presence is not None:
            by_line.setdefault((one.ref, one.college), []).append(one)
            rangs[one.college] = one.rang
    lignes = [
        Ligne(
            college,
            rows[0].debut,
            presents=sum(one.presence is Presence.PRESENTE for one in rows),
            convoques=len(rows),
            seance_ref=ref,
        )
        for (ref, college), rows in by_line.items()
    ]
    return Indicateur(
        "K6",
        _part(lignes),
        lignes,
        parts=[
            (nom, _part([one for one in lignes if one.libelle == nom]))
            for nom in sorted(rangs, key=lambda nom: (rangs[nom], nom))
        ],
    )


def _part(lignes: Iterable[Ligne]) -> regles.Mesure:
    known = list(lignes)
    return regles.Mesure("K6", sum(one.presents for one in known), sum(one.convoques for one in known))


def _mise_en_oeuvre(
    session: Session,
    clock: Clock,
    decisions: Sequence[AnyRow],
    prises: ColumnElement[bool],
    zone: ZoneInfo,
) -> Indicateur:
    jour = clock.now().astimezone(zone).date()
    mures = {
        one.id: one
        for one in decisions
        if plus_mois(one.prise_le.astimezone(zone).date(), regles.MISE_EN_OEUVRE_MOIS) <= jour
    }
    rows = fetch(
        session,
        select(Prescription.decision_id, Prescription.statut, Prescription.statut_le)
        .join(Decision, Decision.id == Prescription.decision_id)
        .join(Seance, Seance.id == Decision.seance_id)
        .where(prises, Prescription.statut != StatutPrescription.ANNULE)
        .order_by(Prescription.id),
    )
    suivis: dict[int, list[tuple[StatutPrescription, date]]] = {}
    for row in rows:
        if row.decision_id not in mures:
            continue
        suivis.setdefault(row.decision_id, []).append((row.statut, row.statut_le.astimezone(zone).date()))
    return _taux(
        "K7",
        [
            _de(mures[key], regles.executee_a_temps(mures[key].prise_le.astimezone(zone).date(), said))
            for key, said in suivis.items()
        ],
    )


def _diffuser(one: Indicateur) -> Indicateur:
    """Return a figure as it may leave the commission: a share alone, whose counts would tell those of another
    by subtraction; how many dossiers and sessions for the load; the outcomes when each, and what is left
    without one, may be told."""
    if one.code == "K6":
        return Indicateur(one.code, one.mesure, parts=one.parts)
    numerateur, denominateur = one.mesure.numerateur or 0, one.mesure.denominateur or 0
    if one.sorte == TAUX:
        masque = regles.masquee(numerateur, denominateur)
    else:
        masque = 0 < len(one.lignes) < regles.SEUIL
    if masque:
        return Indicateur(one.code, regles.Mesure(one.code, None, None), masque=True)
    attendus = numerateur - sum(one.issues.values())
    told = all(not 0 < count < regles.SEUIL for count in (*one.issues.values(), attendus))
    return Indicateur(one.code, one.mesure, issues=one.issues if told else {}, compte=one.sorte == MOYENNE)
