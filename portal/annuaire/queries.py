"""Reading the directory: always from what the actor may see. Lists select columns, never entities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.annuaire.enums import Fraicheur, Role
from portal.annuaire.models import Absence, Referent, ReferentTerritoire, Titulaire
from portal.annuaire.parametres import VERIFICATION
from portal.annuaire.regles import Mois, Reponse, fraicheur, interlocuteur
from portal.annuaire.saisie import Jours
from portal.organisations import queries as organisations
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Commune, Organisation, Structure
from portal.organisations.parametres import read, stored
from portal.organisations.referentiel import Maille
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.db import AnyRow, AnySelect
from portal.shared.errors import NotVisible

TENANT, SECOND = aliased(Titulaire, name="tenant"), aliased(Titulaire, name="second")
AUSSI = aliased(Absence, name="absence")


@dataclass(frozen=True)
class Coordonnees:
    """A person of an entry as it is shown: name and professional contact."""

    nom: str
    telephone: str
    email: str


@dataclass(frozen=True)
class Ligne:
    """An entry as lists show it on a day. `repond`: whom to call, None when nobody answers.

    `telephone`, `email`: those of who answers, else of the function itself.
    """

    id: int
    ref: str
    fonction_code: str
    mention: str
    organisation_id: int
    organisation_ref: str
    organisation: str
    sigle: str
    type: TypeOrganisation
    structure_id: int | None
    structure: str
    commune: str
    departement_code: str
    reponse: Reponse
    titulaire: Coordonnees | None
    suppleant: Coordonnees | None
    telephone: str
    email: str
    verifie_le: date | None
    fraicheur: Fraicheur

    @property
    def vide(self) -> bool:
        """Whether the function has no holder."""
        return self.titulaire is None

    @property
    def repond(self) -> Coordonnees | None:
        """Whom to call."""
        return self.suppleant if self.reponse.role == Role.SUPPLEANT.value else self.titulaire


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition « the actor may see this entry » (domaine.md § 10.3): its départements'.

    Whoever is invited once sees the entries useful to it: the SIAO's.
    """
    if not can(actor, Permission.ANNUAIRE_LIRE):
        return false()
    here = Referent.departement_code.in_(actor.departements)
    if actor.profil is Profil.INVITE_PONCTUEL:
        siao = select(Organisation.id).where(Organisation.type == TypeOrganisation.SIAO)
        return here & Referent.organisation_id.in_(siao)
    return here


def referent(session: Session, actor: Actor, ref: str) -> Referent:
    """Return a visible entry with everything that its card shows; raises NotVisible."""
    return fiche(session, actor, ref)[0]


def fiche(session: Session, actor: Actor, ref: str) -> tuple[Referent, Mois]:
    """Return the same, and the steps of its département. Two statements; raises NotVisible."""
    found = session.execute(
        select(Referent, stored(VERIFICATION, Referent.departement_code).label("mois"))
        .where(Referent.ref == ref, visible_to(actor))
        .options(
            joinedload(Referent.organisation),
            joinedload(Referent.structure),
            selectinload(Referent.titulaires).joinedload(Titulaire.absences),
            joinedload(Referent.territoires),
            joinedload(Referent.natures),
        )
    )
    row = found.unique().one_or_none()
    if row is None:
        raise NotVisible(ref)
    return row.Referent, read(VERIFICATION, row.mois)


def organisation(session: Session, actor: Actor, ref: str) -> Organisation:
    """Return an organisation whose page the actor sees, or with an entry that it sees; raises NotVisible.

    The second is the wider: whoever reads an entry may ask for the others of its organisation.
    """
    known = Organisation.id.in_(select(Referent.organisation_id).where(visible_to(actor)))
    seen = or_(organisations.visible_to(actor), known)
    found = session.scalar(select(Organisation).where(Organisation.ref == ref, seen))
    if found is None:
        raise NotVisible(ref)
    return found


def lignes(session: Session, ids: Sequence[int], jour: date) -> list[Ligne]:
    """Return entries by their keys, in the order of the keys. One statement."""
    if not ids:
        return []
    rows = session.connection().execute(_PAR_CLE, {"cles": list(ids), "jour": jour})
    found = {row.id: ligne_de(row, jour) for row in rows}
    return [found[one] for one in ids if one in found]


def lignes_ou(
    session: Session, actor: Actor, jour: date, *conditions: ColumnElement[bool], limite: int | None = None
) -> list[Ligne]:
    """Return the open, visible entries that meet some conditions, by organisation. One statement.

    `limite` None: all of them; the conditions bound them.
    """
    statement = (
        _statement()
        .where(visible_to(actor), Referent.ferme_le.is_(None), *conditions)
        .order_by(Referent.tri, Referent.id)
        .limit(limite)
    )
    return [ligne_de(row, jour) for row in session.execute(statement, {"jour": jour})]


def couvre_commune(session: Session, departement_code: str, commune_code: str) -> ColumnElement[bool]:
    """Return the condition « the function covers this commune »: by name, by its EPCI, its arrondissement,
    its whole département."""
    row = session.execute(
        select(Commune.epci_code, Commune.arrondissement_code).where(Commune.code == commune_code)
    ).one_or_none()
    known = {
        Maille.COMMUNE: commune_code,
        Maille.EPCI: row.epci_code if row else None,
        Maille.ARRONDISSEMENT: row.arrondissement_code if row else None,
    }
    inside = or_(*(_territoire(Maille(maille), code) for maille, code in known.items() if code))
    return and_(Referent.departement_code == departement_code, or_(~Referent.territoires.any(), inside))


def _territoire(maille: Maille, code: str) -> ColumnElement[bool]:
    return exists().where(
        ReferentTerritoire.referent_id == Referent.id,
        ReferentTerritoire.maille == maille,
        ReferentTerritoire.code == code,
    )


def ligne_de(row: AnyRow, jour: date) -> Ligne:
    """Return an entry from a row of `_statement`."""
    tenant = _coordonnees(row, "tenant")
    second = _coordonnees(row, "second")
    reponse = interlocuteur(
        Jours(row.tenant_du, row.tenant_au) if tenant else None,
        Jours(row.second_du, row.second_au) if second else None,
        [Jours(row.absence_du, row.absence_au)] if row.absence_du else [],
        jour,
    )
    answering = second if reponse.role == Role.SUPPLEANT.value else tenant
    return Ligne(
        id=row.id,
        ref=row.ref,
        fonction_code=row.fonction_code,
        mention=row.mention,
        organisation_id=row.organisation_id,
        organisation_ref=row.organisation_ref,
        organisation=row.organisation,
        sigle=row.sigle,
        type=row.type,
        structure_id=row.structure_id,
        structure=row.structure or "",
        commune=row.commune or "",
        departement_code=row.departement_code,
        reponse=reponse,
        titulaire=tenant,
        suppleant=second,
        telephone=(answering.telephone if answering else "") or row.telephone,
        email=(answering.email if answering else "") or row.email,
        verifie_le=row.verifie_le,
        fraicheur=fraicheur(row.verifie_le, jour, read(VERIFICATION, row.mois)),
    )


def _coordonnees(row: AnyRow, who: str) -> Coordonnees | None:
    nom = getattr(row, f"{who}_nom")
    if nom is None:
        return None
    full = f"{getattr(row, f'{who}_prenom')} {nom}".strip()
    return Coordonnees(full, getattr(row, f"{who}_telephone"), getattr(row, f"{who}_email"))


def _en_cours(periode: Any) -> ColumnElement[bool]:
    """The period holds the bound day « jour ». No two overlap: at most one row is joined."""
    jour = bindparam("jour", type_=Titulaire.du.type)
    return and_(periode.du <= jour, or_(periode.au.is_(None), periode.au >= jour))


def _statement() -> AnySelect:
    """Select the columns of `Ligne`, on the bound day « jour »."""
    people = [
        getattr(one, column).label(f"{name}_{column}")
        for name, one in (("tenant", TENANT), ("second", SECOND))
        for column in ("prenom", "nom", "telephone", "email", "du", "au")
    ]
    return (
        select(
            Referent.id,
            Referent.ref,
            Referent.fonction_code,
            Referent.mention,
            Referent.structure_id,
            Referent.departement_code,
            Referent.telephone,
            Referent.email,
            Referent.verifie_le,
            Organisation.id.label("organisation_id"),
            Organisation.ref.label("organisation_ref"),
            Organisation.nom.label("organisation"),
            Organisation.sigle,
            Organisation.type,
            Structure.nom.label("structure"),
            Commune.nom.label("commune"),
            AUSSI.du.label("absence_du"),
            AUSSI.au.label("absence_au"),
            stored(VERIFICATION, Referent.departement_code).label("mois"),
            *people,
        )
        .select_from(Referent)
        .join(Organisation, Organisation.id == Referent.organisation_id)
        .outerjoin(Structure, Structure.id == Referent.structure_id)
        .outerjoin(Commune, Commune.code == Structure.commune_code)
        .outerjoin(
            TENANT,
            and_(TENANT.referent_id == Referent.id, TENANT.role == Role.TITULAIRE, _en_cours(TENANT)),
        )
        .outerjoin(
            SECOND,
            and_(SECOND.referent_id == Referent.id, SECOND.role == Role.SUPPLEANT, _en_cours(SECOND)),
        )
        .outerjoin(AUSSI, and_(AUSSI.titulaire_id == TENANT.id, _en_cours(AUSSI)))
    )


_PAR_CLE = _statement().where(Referent.id.in_(bindparam("cles", expanding=True)))
