"""Whom the portal writes to about an entry: who answers for it, the administrators of its organisation.

When an organisation has nobody who can act, the SIAO of the département is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.regles import qui_pourvoit
from portal.annuaire.titulaires import tenue
from portal.comptes.models import Adhesion, Personne
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.security.permissions import Profil

ADMINISTRENT = (Profil.ADMIN_ORGANISATION, Profil.ADMIN_DEPARTEMENT)


def repondants(referent: Referent, jour: date) -> list[Titulaire]:
    """Return who is asked about an entry on a day: the holder; while away, or without one, the deputy too."""
    held = tenue(referent, jour)
    found = [held.titulaire] if held.titulaire else []
    if held.suppleant is not None and (held.absent or held.titulaire is None):
        found.append(held.suppleant)
    return found


def adresse(titulaire: Titulaire, comptes: Mapping[int, str]) -> str:
    """Return where to write to a holder, empty when nothing leads there.

    Its account's address, else that of the directory, else the mailbox of the function. `comptes`: addresses
    of the accounts in use, by their key.
    """
    return comptes.get(titulaire.personne_id or 0, "") or titulaire.email or titulaire.referent.email


def comptes_de(session: Session, referents: Iterable[Referent]) -> dict[int, str]:
    """Return the addresses of the accounts in use of the holders of entries. One statement."""
    ids = {row.personne_id for one in referents for row in one.titulaires if row.personne_id is not None}
    if not ids:
        return {}
    rows = session.execute(
        select(Personne.id, Personne.email).where(Personne.id.in_(ids), Personne.desactivee_le.is_(None))
    )
    return {row.id: row.email for row in rows}


def responsables(session: Session, referents: Sequence[Referent]) -> dict[int, list[Personne]]:
    """Return who can act on each entry, by its key: the administrators of its organisation, else those who
    name people there (`qui_pourvoit`), else the direction of the SIAO of its département.

    Two statements, however many entries there are.
    """
    organisations = {one.organisation_id: one.organisation for one in referents}
    gens = _membres(session, organisations)
    propres: dict[int, list[Personne]] = {}
    for key, organisation in organisations.items():
        profils = (ADMINISTRENT, *((one,) for one in qui_pourvoit(organisation.type)))
        propres[key] = next((who for some in profils if (who := _tenant(gens.get(key, ()), some))), [])
    seuls = {one.departement_code for one in referents if not propres[one.organisation_id]}
    siao = _siao(session, seuls)
    return {one.id: propres[one.organisation_id] or siao.get(one.departement_code, []) for one in referents}


def _tenant(gens: Iterable[tuple[Profil, Personne]], profils: Sequence[Profil]) -> list[Personne]:
    return list(dict.fromkeys(personne for profil, personne in gens if profil in profils))


def _membres(
    session: Session, organisations: Mapping[int, Organisation]
) -> dict[int, list[tuple[Profil, Personne]]]:
    utiles = {*ADMINISTRENT, *(p for one in organisations.values() for p in qui_pourvoit(one.type))}
    rows = session.execute(
        select(Adhesion.organisation_id, Adhesion.profil, Personne)
        .join(Personne, Personne.id == Adhesion.personne_id)
        .where(
            Adhesion.organisation_id.in_(list(organisations)),
            Adhesion.profil.in_(utiles),
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .order_by(Personne.id, Adhesion.id)
    )
    found: dict[int, list[tuple[Profil, Personne]]] = {}
    for row in rows:
        found.setdefault(row.organisation_id, []).append((row.profil, row.Personne))
    return found


def _siao(session: Session, departements: Iterable[str]) -> dict[str, list[Personne]]:
    """Return the directions of the SIAO of départements, by code."""
    codes = list(departements)
    if not codes:
        return {}
    rows = session.execute(
        select(OrganisationDepartement.departement_code, Personne)
        .join(Organisation, Organisation.id == OrganisationDepartement.organisation_id)
        .join(Adhesion, Adhesion.organisation_id == Organisation.id)
        .join(Personne, Personne.id == Adhesion.personne_id)
        .where(
            OrganisationDepartement.departement_code.in_(codes),
            Organisation.type == TypeOrganisation.SIAO,
            Organisation.fermee_le.is_(None),
            Adhesion.profil == Profil.SIAO_DIRECTION,
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .order_by(OrganisationDepartement.departement_code, Personne.id)
    )
    found: dict[str, list[Personne]] = {}
    for row in rows:
        gens = found.setdefault(row.departement_code, [])
        if row.Personne not in gens:
            gens.append(row.Personne)
    return found
