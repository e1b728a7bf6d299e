"""Invitations that wait for an answer, handed over with what whoever sent them held."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes.equipiers import Equipe, Successeur
from portal.comptes.models import InvitationCompte
from portal.comptes.passation import LIGNES, Genre, Partant, Passage, Tenu, on_passation
from portal.comptes.policies import ADMINISTRATEURS
from portal.security.permissions import LIBELLES_PROFIL
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues, rang
from portal.shared.errors import StaleVersion
from portal.shared.messages import N_


def _lectures(clock: Clock, qui: Partant) -> Mapping[str, AnySelect]:
    tenues = (
        select(
            InvitationCompte.ref,
            InvitationCompte.prenom,
            InvitationCompte.nom,
            InvitationCompte.email,
            InvitationCompte.profil,
            ordre := rang(InvitationCompte.id),
        )
        .where(
            InvitationCompte.invite_par_id == qui.personne.id,
            InvitationCompte.organisation_id == qui.organisation.id,
            InvitationCompte.acceptee_le.is_(None),
            InvitationCompte.revoquee_le.is_(None),
            InvitationCompte.expire_le > clock.now(),
        )
        .order_by(ordre)
        .limit(LIGNES)
    )
    return {"tenues": tenues}


def _tenus(lues: Lues) -> Sequence[Tenu]:
    return [
        Tenu(
            row.ref, f"{row.prenom} {row.nom}".strip() or row.email, row.email, LIBELLES_PROFIL[row.profil], 0
        )
        for row in lues["tenues"]
    ]


def _successeurs(_lues: Lues, equipe: Equipe) -> Sequence[Successeur]:
    return equipe.avec(ADMINISTRATEURS)


def _passer(session: Session, clock: Clock, actor: Actor, passage: Passage) -> None:
    """Have someone else follow an invitation; without anyone, it is cancelled and its link stops working."""
    row = session.scalar(
        select(InvitationCompte)
        .where(
            InvitationCompte.ref == passage.tenu.ref,
            InvitationCompte.acceptee_le.is_(None),
            InvitationCompte.revoquee_le.is_(None),
        )
        .with_for_update()
    )
    if row is None:
        raise StaleVersion(None)
    if passage.a is None:
        row.revoquee_le = clock.now()
        action, changes = "comptes:invitation:revoquer", {}
    else:
        row.invite_par_id = passage.a.personne_id
        action, changes = "comptes:invitation:passer", {"par": [passage.partant.personne.ref, passage.a.cle]}
    row.updated_at = clock.now()
    session.flush()
    record(session, clock, actor, action, row, changes=changes)


on_passation(
    Genre(
        "invitations",
        N_("Invitations en attente"),
        N_("Annuler l’invitation"),
        N_("dès maintenant"),
        _lectures,
        _tenus,
        _successeurs,
        _passer,
    )
)
