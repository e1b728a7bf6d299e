"""Whom a dossier concerns, and what is written to them: a code, never a household."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.annuaire.destinataires import adresse, comptes_de, repondants
from portal.annuaire.models import Referent, Titulaire
from portal.commissions.enums import Qualite, Reponse
from portal.commissions.models import Commission, Siege
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance, Suppleance
from portal.commissions.policies import SECRETAIRES
from portal.commissions.queries import ASSISE
from portal.comptes.models import Adhesion, Personne
from portal.conventions.jours import fuseau_de
from portal.notifications.calendrier import RendezVous
from portal.notifications.service import enqueue
from portal.organisations.natures import fuseaux
from portal.shared.clock import PARIS, Clock

PREVENUS = 10


def prescripteur(session: Session, dossier: Dossier) -> list[Personne]:
    """Return who accompanies the household, if their account is in use."""
    found = session.get(Personne, dossier.menage.referent_id)
    return [found] if found is not None and found.desactivee_le is None else []


def secretariat(session: Session, clock: Clock, commission: Commission) -> list[Personne | str]:
    """Return who is written to at the secretariat: who holds its seat, else its people with an account."""
    jour = clock.today(fuseau_de(commission.departement_code))
    referents = session.scalars(
        select(Referent)
        .join(Siege, Siege.referent_id == Referent.id)
        .where(
            Siege.commission_id == commission.id,
            Siege.qualite == Qualite.SECRETARIAT,
            Siege.au.is_(None),
            Referent.organisation_id == commission.secretariat_id,
            Referent.ferme_le.is_(None),
        )
        .options(selectinload(Referent.titulaires).selectinload(Titulaire.absences))
        .order_by(Referent.id)
    ).all()
    comptes = comptes_de(session, referents)
    adresses = [adresse(one, comptes) for referent in referents for one in repondants(referent, jour)]
    gens = session.scalars(
        select(Personne)
        .join(Adhesion, Adhesion.personne_id == Personne.id)
        .where(
            Adhesion.organisation_id == commission.secretariat_id,
            Adhesion.profil.in_(sorted(SECRETAIRES, key=lambda one: one.value)),
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .order_by(Personne.id)
        .distinct()
        .limit(PREVENUS)
    ).all()
    connus = {one.email: one for one in gens}
    ecrits: list[Personne | str] = [connus.get(one, one) for one in dict.fromkeys(adresses) if one]
    return ecrits or list(gens)


def invites_de(session: Session, seance: Seance, organisations: Iterable[int] | None = None) -> list[str]:
    """Return the addresses written to for a session, each once, the deputies' too; `organisations`: of these
    alone."""
    statement = (
        select(InvitationSeance.email, InvitationSeance.statut, Suppleance.email.label("second"))
        .outerjoin(Suppleance, Suppleance.invitation_id == InvitationSeance.id)
        .join(Referent, Referent.id == InvitationSeance.referent_id)
        .where(
            InvitationSeance.seance_id == seance.id,
            InvitationSeance.retiree_le.is_(None),
            InvitationSeance.email != "",
            ASSISE,
        )
        .order_by(InvitationSeance.id)
    )
    if organisations is not None:
        statement = statement.where(Referent.organisation_id.in_(sorted(organisations)))
    rows = session.execute(statement).all()
    seconds = [row.second for row in rows if row.second and row.statut is Reponse.SUPPLEANT]
    return list(dict.fromkeys([row.email for row in rows] + seconds))


def ecrire(
    session: Session,
    clock: Clock,
    gens: Sequence[Personne | str],
    modele: str,
    contexte: Mapping[str, Any],
    *,
    urgent: bool = False,
    rendez_vous: RendezVous | None = None,
) -> int:
    """Write an e-mail of this room to some people; return to how many."""
    for one in gens:
        enqueue(
            session,
            clock,
            to=one,
            template=f"dossiers/{modele}",
            context=contexte,
            urgent=urgent,
            rendez_vous=rendez_vous,
        )
    return len(gens)


def contexte(dossier: Dossier) -> dict[str, Any]:
    """Return what e-mails say of a dossier: its code, its commission, where to read it."""
    return {"code": dossier.code, "commission": dossier.commission.nom, "reference": dossier.ref}


def de_la_seance(seance: Seance) -> dict[str, Any]:
    """Return what e-mails say of a session."""
    return {
        "commission": seance.commission.nom,
        "debut": seance.debut,
        "fuseau": fuseaux().get(seance.departement_code, PARIS),
        "reference": seance.ref,
    }
