"""Whom a transmission concerns: the functions of the recipient in the directory, who is written to, the SIAO.

What is written never names a household: a reference, and where to read in the portal.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, select
from sqlalchemy.orm import Session, selectinload

from portal.annuaire.destinataires import adresse, comptes_de, repondants
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.queries import Ligne, lignes_ou
from portal.comptes.models import Adhesion, Personne
from portal.grilles.menages.models import Menage
from portal.grilles.transmissions.models import Transmission
from portal.grilles.transmissions.policies import DESTINATAIRES
from portal.notifications.service import enqueue
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock

PREFEREES = ("referent_logement", "referent_commission", "referent_contingent", "referent_siao")
"""Functions that a grid is meant for, the first the best."""

PROPOSEES = 40
PREVENUS = 20


def fonctions(
    session: Session, actor: Actor, organisation_id: int, departement_code: str, jour: date
) -> list[Ligne]:
    """Return the functions of a recipient in the household's département, those meant for a grid first, and
    among them those that somebody holds. One statement."""
    found = lignes_ou(
        session,
        actor,
        jour,
        Referent.organisation_id == organisation_id,
        Referent.departement_code == departement_code,
        limite=PROPOSEES,
    )
    rangs = {code: rang for rang, code in enumerate(PREFEREES)}
    return sorted(found, key=lambda one: (rangs.get(one.fonction_code, len(rangs)), one.reponse.vide))


def a_des_lecteurs(organisation_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition « somebody can read what an organisation receives »."""
    return (
        select(Adhesion.id)
        .join(Personne, Personne.id == Adhesion.personne_id)
        .where(*_lisent(organisation_id))
        .correlate_except(Adhesion, Personne)
        .exists()
    )


def lecteurs(session: Session, organisation_id: int) -> list[Personne]:
    """Return who can read what an organisation receives. One statement."""
    rows = session.scalars(
        select(Personne)
        .join(Adhesion, Adhesion.personne_id == Personne.id)
        .where(*_lisent(organisation_id))
        .order_by(Personne.id)
        .limit(PREVENUS)
    ).all()
    return list(dict.fromkeys(rows))


def _lisent(organisation_id: SQLColumnExpression[int] | int) -> tuple[ColumnElement[bool], ...]:
    return (
        Adhesion.organisation_id == organisation_id,
        Adhesion.profil.in_(sorted(DESTINATAIRES, key=lambda one: one.value)),
        Adhesion.revoquee_le.is_(None),
        Personne.desactivee_le.is_(None),
    )


def a_prevenir(session: Session, jour: date, transmission: Transmission) -> list[Personne | str]:
    """Return whom to write to at the recipient's: who answers for the function chosen, and whoever can read
    there unless they can."""
    gens = lecteurs(session, transmission.organisation_id)
    if transmission.referent_id is None:
        return list(gens)
    referent = session.scalar(
        select(Referent)
        .where(Referent.id == transmission.referent_id, Referent.ferme_le.is_(None))
        .options(selectinload(Referent.titulaires).selectinload(Titulaire.absences))
    )
    if referent is None:
        return list(gens)
    comptes, par_adresse = comptes_de(session, [referent]), {one.email: one for one in gens}
    adresses = [adresse(one, comptes) for one in repondants(referent, jour)]
    connues: list[Personne | str] = [par_adresse.get(one, one) for one in adresses if one]
    if not any(one in gens for one in connues):
        connues += gens  # whoever answers for the function cannot read it in the portal
    return connues or [one for one in (referent.email,) if one]


def du_siao(session: Session, departement_code: str) -> list[Personne]:
    """Return who follows transmissions at the SIAO of a département: housing mission, else direction."""
    rows = session.execute(
        select(Adhesion.profil, Personne)
        .join(Personne, Personne.id == Adhesion.personne_id)
        .join(Organisation, Organisation.id == Adhesion.organisation_id)
        .join(OrganisationDepartement, OrganisationDepartement.organisation_id == Organisation.id)
        .where(
            OrganisationDepartement.departement_code == departement_code,
            Organisation.type == TypeOrganisation.SIAO,
            Organisation.fermee_le.is_(None),
            Adhesion.profil.in_((Profil.SIAO_MISSION_LOGEMENT, Profil.SIAO_DIRECTION)),
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .order_by(Personne.id, Adhesion.id)
    ).all()
    mission = [row.Personne for row in rows if row.profil is Profil.SIAO_MISSION_LOGEMENT]
    return list(dict.fromkeys(mission or [row.Personne for row in rows]))[:PREVENUS]


def accompagnant(session: Session, menage: Menage) -> list[Personne]:
    """Return who accompanies a household, if their account is in use."""
    found = session.get(Personne, menage.referent_id)
    return [found] if found is not None and found.desactivee_le is None else []


def ecrire(
    session: Session,
    clock: Clock,
    gens: Sequence[Personne | str],
    modele: str,
    contexte: Mapping[str, Any],
    *,
    urgent: bool = False,
) -> int:
    """Write an e-mail of this room to some people; return to how many."""
    for one in gens:
        enqueue(session, clock, to=one, template=f"transmissions/{modele}", context=contexte, urgent=urgent)
    return len(gens)
