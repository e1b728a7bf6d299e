"""Reading commissions: always from what the actor may see. Lists select columns, never entities."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.annuaire.models import Referent
from portal.annuaire.queries import Ligne
from portal.annuaire.queries import lignes as lignes_de_l_annuaire
from portal.commissions.enums import Qualite, Rythme, StatutCommission, StatutSeance
from portal.commissions.models import College, Commission, Siege
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.policies import SIEGEANT, Vise
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import NotVisible

ASSISE = or_(InvitationSeance.qualite != Qualite.INVITE, InvitationSeance.ajoutee_le.is_(None))
"""A function invited to a session sits there, or is a permanent guest. One invited beside the seats hears
what is said, and reads nothing of a household by it: a guest reads the dossiers named to them alone
(domaine.md §§ 7.3, 10.2)."""


@dataclass(frozen=True)
class LigneCommission:
    """A commission as lists show it. `prochaine`: when its next session begins."""

    ref: str
    nom: str
    statut: StatutCommission
    departement_code: str
    secretariat: str
    rythme: Rythme
    rythme_nombre: int
    sieges: int
    prochaine: datetime | None


@dataclass(frozen=True)
class SiegeLu:
    """A seat as the page shows it; `ligne`: the function and who answers for it, None once it is closed."""

    siege: Siege
    ligne: Ligne | None


@dataclass(frozen=True)
class Composition:
    """Who sits today: presidents, secretaries, permanent guests, then each college with its seats."""

    hors_colleges: dict[Qualite, list[SiegeLu]] = field(default_factory=dict)
    colleges: Sequence[tuple[College, list[SiegeLu]]] = ()

    @property
    def presidents(self) -> list[SiegeLu]:
        """Who chairs."""
        inside = [one for _college, held in self.colleges for one in held]
        seated = [*self.hors_colleges.get(Qualite.PRESIDENCE, []), *inside]
        return [one for one in seated if one.siege.qualite is Qualite.PRESIDENCE]


def siege_ouvert(organisation_id: int) -> ColumnElement[bool]:
    """Return the condition « a function of this organisation sits in the commission »."""
    return exists().where(
        Siege.commission_id == Commission.id,
        Siege.au.is_(None),
        Siege.referent_id == Referent.id,
        Referent.organisation_id == organisation_id,
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor may read this commission »: `peut_lire`, in SQL (§ 10.3)."""
    if not can(actor, Permission.COMMISSIONS_LIRE):
        return false()
    if actor.profil in SIEGEANT:
        return siege_ouvert(actor.organisation_id)
    return Commission.departement_code.in_(actor.departements)


def lister(
    session: Session, actor: Actor, maintenant: datetime, *, fermees: bool = False
) -> list[LigneCommission]:
    """Return the commissions that the actor reads, by département then name. One statement."""
    prochaine = (
        select(func.min(Seance.debut))
        .where(
            Seance.commission_id == Commission.id,
            Seance.fin >= maintenant,
            Seance.statut != StatutSeance.ANNULEE,
        )
        .scalar_subquery()
    )
    sieges = (
        select(func.count()).where(Siege.commission_id == Commission.id, Siege.au.is_(None)).scalar_subquery()
    )
    rows = fetch(
        session,
        select(
            Commission.ref,
            Commission.nom,
            Commission.statut,
            Commission.departement_code,
            Organisation.nom.label("secretariat"),
            Commission.rythme,
            Commission.rythme_nombre,
            sieges.label("sieges"),
            prochaine.label("prochaine"),
        )
        .join(Organisation, Organisation.id == Commission.secretariat_id)
        .where(
            visible_to(actor),
            Commission.fermee_le.is_not(None) if fermees else Commission.fermee_le.is_(None),
        )
        .order_by(Commission.departement_code, Commission.tri, Commission.id)
        .limit(500),
    )
    return [LigneCommission(**row._mapping) for row in rows]


def commission(session: Session, actor: Actor, ref: str) -> Commission:
    """Return a visible commission with its colleges and seats; raises NotVisible."""
    found = session.scalar(
        select(Commission)
        .where(Commission.ref == ref, visible_to(actor))
        .options(
            joinedload(Commission.organisation),
            joinedload(Commission.secretariat),
            selectinload(Commission.colleges),
            selectinload(Commission.sieges).joinedload(Siege.referent).joinedload(Referent.organisation),
        )
    )
    if found is None:
        raise NotVisible(ref)
    return found


def vise(commission: Commission) -> Vise:
    """Return a commission, its seats loaded, as rights read it."""
    seated = [one for one in commission.sieges if one.au is None]
    return Vise(
        commission.departement_code,
        commission.organisation_id,
        commission.secretariat_id,
        frozenset(one.referent.organisation_id for one in seated),
        frozenset(one.referent.organisation_id for one in seated if one.qualite is Qualite.PRESIDENCE),
    )


def composition(session: Session, commission: Commission, jour: date) -> Composition:
    """Return who sits on a day, and who answers for each function then. One statement.

    The function follows whoever holds it; its deputy answers while the holder is away.
    """
    seated = [one for one in commission.sieges if one.du <= jour and (one.au is None or one.au >= jour)]
    known = {one.id: one for one in lignes_de_l_annuaire(session, [s.referent_id for s in seated], jour)}
    lus = [
        SiegeLu(one, known.get(one.referent_id) if one.referent.ferme_le is None else None) for one in seated
    ]
    lus.sort(key=lambda one: (one.siege.qualite is not Qualite.PRESIDENCE, _nom(one), one.siege.id))
    apart: dict[Qualite, list[SiegeLu]] = {}
    for one in lus:
        if one.siege.college_id is None:
            apart.setdefault(one.siege.qualite, []).append(one)
    return Composition(
        {qualite: apart[qualite] for qualite in Qualite if qualite in apart},
        [
            (college, [one for one in lus if one.siege.college_id == college.id])
            for college in commission.colleges
        ],
    )


def _nom(lu: SiegeLu) -> str:
    return lu.ligne.organisation if lu.ligne else ""


def secretariats(session: Session, departement_code: str) -> list[tuple[str, str]]:
    """Return the organisations that may keep a secretariat in a département: (public reference, name)."""
    kinds = (
        TypeOrganisation.SIAO,
        TypeOrganisation.ETAT,
        TypeOrganisation.COLLECTIVITE,
        TypeOrganisation.BAILLEUR,
        TypeOrganisation.GESTIONNAIRE,
    )
    rows = session.execute(
        select(Organisation.ref, Organisation.nom, Organisation.type, Organisation.tri)
        .join(OrganisationDepartement, OrganisationDepartement.organisation_id == Organisation.id)
        .where(
            OrganisationDepartement.departement_code == departement_code,
            Organisation.type.in_(kinds),
            Organisation.fermee_le.is_(None),
        )
    ).all()
    return [
        (row.ref, row.nom) for row in sorted(rows, key=lambda row: (kinds.index(row.type), row.tri, row.ref))
    ]


def organisation(session: Session, ref: str) -> Organisation | None:
    """Return an organisation that a form offered."""
    return session.scalar(select(Organisation).where(Organisation.ref == ref))


def communes_aux_deux(
    session: Session, actor: Actor, referent_id: int, organisation_id: int
) -> Sequence[AnyRow]:
    """Return the open commissions where a function sits, or its organisation, and the reader's own too.

    Columns: ref, nom, elle_meme (the function itself sits). One statement.
    """
    sienne = exists().where(
        Siege.commission_id == Commission.id, Siege.au.is_(None), Siege.referent_id == referent_id
    )
    rows: Sequence[AnyRow] = session.execute(
        select(Commission.ref, Commission.nom, sienne.label("elle_meme"))
        .where(
            visible_to(actor),
            Commission.fermee_le.is_(None),
            siege_ouvert(organisation_id),
            or_(siege_ouvert(actor.organisation_id), Commission.secretariat_id == actor.organisation_id),
        )
        .order_by(Commission.tri, Commission.id)
        .limit(20)
    ).all()
    return rows
