"""Reading households: always from what the actor may see (domaine.md § 10.2). Lists select columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, exists, false, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.comptes.models import Personne
from portal.conventions.expressions import couvre
from portal.conventions.jours import fuseau_de, selon_le_departement
from portal.conventions.models import Convention
from portal.grilles.menages import parametres
from portal.grilles.menages.enums import Lien, StatutAcces
from portal.grilles.menages.identites import designations
from portal.grilles.menages.models import AccesMenage, LectureMenage, Menage, Relais
from portal.grilles.menages.policies import Vise
from portal.organisations.models import Departement, Organisation, Parametre
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, fetch
from portal.shared.errors import NotVisible
from portal.shared.pagination import Cursor, Page, paginate, with_keys

Condition = ColumnElement[bool]


def siennes(actor: Actor) -> tuple[int, ...]:
    """Return the keys of the actor's organisation and of those merged into it."""
    return (actor.organisation_id, *actor.absorbees)


def ctp_en_vigueur(actor: Actor, clock: Clock, departement: Any) -> Condition:
    """Return the condition « households of this département are open to the actor's organisation »: its CTP
    is in force there, or the département asks for none (`parametres.CTP_EXIGEE`). The SIAO needs none.
    """
    if actor.profil in SIAO:
        ici: Condition = departement.in_(actor.departements)
        return ici
    cle = parametres.CTP_EXIGEE
    reglage = (
        select(Parametre.valeur)
        .where(
            Parametre.cle == cle.key,
            or_(Parametre.departement_code == departement, Parametre.departement_code.is_(None)),
        )
        .order_by(Parametre.departement_code.is_(None))
        .limit(1)
        .correlate(Menage, Departement)
        .scalar_subquery()
    )
    aujourdhui = clock.today(actor.fuseau)
    jours = {code: clock.today(fuseau_de(code)) for code in actor.departements}
    signee = selon_le_departement(
        departement,
        aujourdhui,
        {code: jour for code, jour in jours.items() if jour != aujourdhui},
        lambda jour: (
            exists()
            .where(
                Convention.operateur_id.in_(siennes(actor)),
                Convention.departement_code == departement,
                couvre(Convention, jour),
            )
            .correlate(Menage, Departement)
        ),
    )
    return and_(
        departement.in_(actor.departements),
        or_(func.coalesce(reglage, cle.default) == parametres.NON, signee),
    )


def relaie(actor: Actor, clock: Clock) -> Condition:
    """The actor stands in today for the household's referent. Days are those of the actor's place of work."""
    jour = clock.today(actor.fuseau)
    return and_(
        Menage.organisation_id.in_(siennes(actor)),
        exists()
        .where(
            Relais.organisation_id.in_(siennes(actor)),
            Relais.relais_id == actor.personne_id,
            Relais.absent_id == Menage.referent_id,
            Relais.du <= jour,
            Relais.au >= jour,
        )
        .correlate(Menage),
    )


def ouvert(clock: Clock) -> Condition:
    """Return the condition « this access of a colleague is open now »."""
    return and_(
        AccesMenage.statut == StatutAcces.ACCORDE,
        AccesMenage.ferme_le.is_(None),
        AccesMenage.jusqu_au > clock.now(),
    )


def _acces(actor: Actor, clock: Clock) -> Condition:
    return and_(
        Menage.protege.is_(False),
        exists()
        .where(
            AccesMenage.menage_id == Menage.id,
            AccesMenage.demandeur_id == actor.personne_id,
            AccesMenage.organisation_id.in_(siennes(actor)),
            ouvert(clock),
        )
        .correlate(Menage),
    )


def sien(actor: Actor) -> Condition:
    return and_(Menage.referent_id == actor.personne_id, Menage.organisation_id.in_(siennes(actor)))


def visible_to(actor: Actor, clock: Clock) -> Condition:
    """Return the condition « the actor may read this household ».

    The SIAO: those of its départements. A worker: those they accompany, those of someone they stand in for,
    those a colleague opened to them for some days, as long as their organisation's CTP is in force.
    """
    if not can(actor, Permission.MENAGES_LIRE):
        return false()
    if actor.profil in SIAO:
        return Menage.departement_code.in_(actor.departements)
    return and_(
        ctp_en_vigueur(actor, clock, Menage.departement_code),
        or_(sien(actor), relaie(actor, clock), _acces(actor, clock)),
    )


def lien(actor: Actor, clock: Clock) -> ColumnElement[str]:
    """Return the column « by what right » (a value of `Lien`) of a household that `visible_to` lets read."""
    if actor.profil in SIAO:
        return case((sien(actor), Lien.REFERENT.value), else_=Lien.SIAO.value)
    return case(
        (sien(actor), Lien.REFERENT.value),
        (relaie(actor, clock), Lien.RELAIS.value),
        else_=literal(Lien.ACCES.value, String),
    )


def vue(session: Session, clock: Clock, actor: Actor, ref: str) -> Vise:
    """Return a visible household with its adults, and by what right it is seen. Raises NotVisible. One
    statement."""
    found = session.execute(
        select(Menage, lien(actor, clock).label("lien"))
        .where(Menage.ref == ref, visible_to(actor, clock))
        .options(joinedload(Menage.organisation), joinedload(Menage.referent), joinedload(Menage.adultes))
        .order_by(Menage.id)
    )
    row = found.unique().one_or_none()
    if row is None:
        raise NotVisible(ref)
    return Vise(row.Menage, Lien(row.lien))


def menage(session: Session, clock: Clock, actor: Actor, ref: str) -> Menage:
    """Return a visible household with its adults. Raises NotVisible."""
    return vue(session, clock, actor, ref).menage


def vise(session: Session, clock: Clock, actor: Actor, menage: Menage) -> Vise:
    """Return by what right a household is seen, for `can`. Raises NotVisible."""
    found = session.scalar(select(lien(actor, clock)).where(Menage.id == menage.id, visible_to(actor, clock)))
    if found is None:
        raise NotVisible(menage.ref)
    return Vise(menage, Lien(found))


def ouverts(session: Session, clock: Clock, actor: Actor) -> list[str]:
    """Return the départements whose households are open to the actor's organisation, its own first."""
    codes = session.scalars(
        select(Departement.code)
        .where(ctp_en_vigueur(actor, clock, Departement.code))
        .order_by(Departement.code)
    ).all()
    return sorted(codes, key=lambda code: (code != actor.departement_code, code))


@dataclass(frozen=True)
class LigneMenage:
    """A household as lists show it. `designation`: names, or the code in the protected circuit."""

    ref: str
    code: str
    designation: str
    protege: bool
    departement_code: str
    organisation: str
    referent: str
    dernier_contact_le: date
    clos_le: date | None
    lien: Lien


def colonnes(actor: Actor, clock: Clock) -> AnySelect:
    """Return the columns that `lignes` reads, of the households that the actor may see."""
    return (
        select(
            Menage.id,
            Menage.ref,
            Menage.code,
            Menage.protege,
            Menage.departement_code,
            Organisation.nom.label("organisation"),
            Personne.prenom,
            Personne.nom,
            Menage.dernier_contact_le,
            Menage.clos_le,
            lien(actor, clock).label("lien"),
        )
        .join(Organisation, Organisation.id == Menage.organisation_id)
        .join(Personne, Personne.id == Menage.referent_id)
        .where(visible_to(actor, clock))
    )


def lignes(session: Session, rows: Sequence[AnyRow]) -> list[LigneMenage]:
    """Return rows of `colonnes` with who each household is. One statement."""
    noms = designations(session, {row.id: row.code for row in rows})
    return [
        LigneMenage(
            row.ref,
            row.code,
            noms[row.id],
            row.protege,
            row.departement_code,
            row.organisation,
            f"{row.prenom} {row.nom}".strip(),
            row.dernier_contact_le,
            row.clos_le,
            Lien(row.lien),
        )
        for row in rows
    ]


def lister(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    clos: bool = False,
    organisation_ref: str = "",
    cursor: Cursor | None = None,
    size: int = 50,
) -> tuple[Page, list[LigneMenage]]:
    """Return a page of the households that the actor may see, the latest contact first. Three statements."""
    keys = (Menage.dernier_contact_le, Menage.id)
    statement = colonnes(actor, clock).where(
        Menage.clos_le.is_not(None) if clos else Menage.clos_le.is_(None)
    )
    if organisation_ref:
        statement = statement.where(Organisation.ref == organisation_ref)
    page = paginate(session, with_keys(statement, keys), keys, cursor=cursor, size=size, descending=True)
    return page, lignes(session, page.rows)


def organisations(session: Session, clock: Clock, actor: Actor) -> Sequence[AnyRow]:
    """Return the organisations (ref, nom) that accompany the households that the actor sees."""
    return fetch(
        session,
        select(Organisation.ref, Organisation.nom)
        .where(
            exists().where(Menage.organisation_id == Organisation.id, visible_to(actor, clock)),
        )
        .order_by(Organisation.tri, Organisation.id)
        .limit(200),
    )


@dataclass(frozen=True)
class LectureLue:
    """One reading: when, who, what (a word of `enums.LIBELLES_LECTURE`)."""

    le: datetime
    lecteur: str
    quoi: str


def lectures(
    session: Session, menage: Menage, cursor: Cursor | None, *, size: int = 50
) -> tuple[Page, list[LectureLue]]:
    """Return who read what of a household, the latest first. Two statements."""
    keys = (LectureMenage.id,)
    statement = select(LectureMenage.le, LectureMenage.lecteur, LectureMenage.quoi).where(
        LectureMenage.menage_id == menage.id
    )
    page = paginate(session, with_keys(statement, keys), keys, cursor=cursor, size=size, descending=True)
    return page, [LectureLue(row.le, row.lecteur, row.quoi) for row in page.rows]
