"""Inviting: a link that serves once, shown by GET and accepted by POST, expiring, revocable, sent again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import acteurs, adhesions
from portal.comptes.comptes import create_person
from portal.comptes.liens import invitation_link
from portal.comptes.models import InvitationCompte, Personne
from portal.comptes.policies import ADMINISTRATEURS, grantable
from portal.comptes.regles_mot_de_passe import check_new_password
from portal.comptes.saisie import read_email, read_language, read_name
from portal.comptes.territoire import OrganisationLue, read_organisation
from portal.config import Settings
from portal.notifications.service import enqueue
from portal.security.passwords import hash_password
from portal.security.permissions import LIBELLES_PROFIL, Permission, Profil
from portal.security.policy import Actor, can
from portal.security.tokens import keyed_ref, new_token, token_hash
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, NotVisible


@dataclass(frozen=True)
class SaisieInvitation:
    """What is typed to invite someone."""

    email: str
    prenom: str
    nom: str
    profil: Profil
    departement_code: str
    langue: str = "fr"


@dataclass(frozen=True)
class Invitation:
    """An invitation as its link shows it.

    `compte`: the address already has an account; `ouverte`: the organisation still takes people in.
    """

    email: str
    prenom: str
    nom: str
    langue: str
    organisation_nom: str
    profil: Profil
    expire_le: datetime
    compte: bool
    ouverte: bool


def invite(
    session: Session,
    clock: Clock,
    settings: Settings,
    actor: Actor,
    team: OrganisationLue,
    typed: SaisieInvitation,
    *,
    key: str = "",
) -> InvitationCompte:
    """Invite someone to an organisation; the e-mail leaves with the transaction.

    `key`: the form's idempotency key; sent again by the same membership, it returns the invitation it
    already made. Raises Forbidden, DomainError.
    """
    adhesions.check_grant(actor, team, typed.profil, typed.departement_code)
    ref = keyed_ref(key, InvitationCompte.__tablename__, actor.adhesion_id, team.id)
    again = session.scalar(select(InvitationCompte).where(InvitationCompte.ref == ref)) if ref else None
    if again is not None:
        return again
    email = read_email(typed.email)
    existing = session.scalar(select(Personne.id).where(Personne.email == email))
    if existing is not None:
        adhesions.check_free(session, existing, team.id, typed.profil)
    _check_not_pending(session, clock, email, team.id, typed.profil)
    made, token = _make(session, clock, settings, actor, team, typed, ref)
    _send(session, clock, settings, made, team.nom, actor.nom, token)
    return made


def create_admin(
    session: Session,
    clock: Clock,
    settings: Settings,
    *,
    email: str,
    prenom: str,
    nom: str,
    profil: Profil,
    organisation_id: int,
    departement_code: str,
) -> str:
    """Invite an administrator by command: return the link, which is shown this once.

    An invitation of the same person to the same profile that still waited is cancelled. Raises DomainError.
    """
    team = read_organisation(session, ident=organisation_id)
    if team is None or profil not in ADMINISTRATEURS:
        raise DomainError("introuvable")
    now = clock.now()
    session.execute(
        update(InvitationCompte)
        .where(*_same(read_email(email), team.id, profil))
        .values(revoquee_le=now, updated_at=now)
    )
    typed = SaisieInvitation(email, prenom, nom, profil, departement_code)
    _made, token = _make(session, clock, settings, None, team, typed)
    return invitation_link(settings, token)


def _make(
    session: Session,
    clock: Clock,
    settings: Settings,
    actor: Actor | None,
    team: OrganisationLue,
    typed: SaisieInvitation,
    ref: str | None = None,
) -> tuple[InvitationCompte, str]:
    now, token = clock.now(), new_token()
    made = InvitationCompte(
        email=read_email(typed.email),
        prenom=read_name(typed.prenom, "prenom"),
        nom=read_name(typed.nom, "nom"),
        organisation_id=team.id,
        departement_code=typed.departement_code,
        profil=typed.profil,
        jeton_hash=token_hash(token),
        expire_le=now + timedelta(days=settings.invitation_days),
        invite_par_id=actor.personne_id if actor else None,
        langue=read_language(typed.langue),
        created_at=now,
        updated_at=now,
    )
    if ref:
        made.ref = ref
    session.add(made)
    session.flush()
    facts = {"email": made.email, "profil": made.profil.value, "organisation": team.ref}
    record(session, clock, actor, "comptes:invitation:creer", made, changes=facts)
    return made, token


def resend(session: Session, clock: Clock, settings: Settings, actor: Actor, ref: str) -> None:
    """Send an invitation again with a new link; the former link stops working, the delay starts again.

    Raises NotVisible, Forbidden, DomainError when the organisation was closed since.
    """
    invitation, team = manageable(session, actor, ref, lock=True)
    if not team.ouverte:
        raise DomainError("comptes.organisation_fermee")
    token = new_token()
    invitation.jeton_hash = token_hash(token)
    invitation.updated_at = clock.now()
    invitation.expire_le = clock.now() + timedelta(days=settings.invitation_days)
    session.flush()
    record(session, clock, actor, "comptes:invitation:renvoyer", invitation)
    _send(session, clock, settings, invitation, team.nom, actor.nom, token)


def revoke(session: Session, clock: Clock, actor: Actor, ref: str) -> None:
    """Cancel an invitation: its link stops working."""
    invitation, _team = manageable(session, actor, ref, lock=True)
    invitation.revoquee_le = invitation.updated_at = clock.now()
    session.flush()
    record(session, clock, actor, "comptes:invitation:revoquer", invitation)


def read(session: Session, clock: Clock, token: str) -> Invitation | None:
    """Return what a link invites to; None when it no longer works. Changes nothing.

    Closing an organisation cancels its invitations: their links still tell that it closed.
    """
    found = session.scalar(select(InvitationCompte).where(*_unanswered(clock, token)))
    team = read_organisation(session, ident=found.organisation_id) if found is not None else None
    if found is None or team is None or (team.ouverte and found.revoquee_le is not None):
        return None
    account = session.scalar(
        select(Personne.id).where(Personne.email == found.email, Personne.mot_de_passe.is_not(None))
    )
    return Invitation(
        email=found.email,
        prenom=found.prenom,
        nom=found.nom,
        langue=found.langue,
        organisation_nom=team.nom,
        profil=found.profil,
        expire_le=found.expire_le,
        compte=account is not None,
        ouverte=team.ouverte,
    )


def expired(session: Session, clock: Clock, token: str) -> tuple[str, datetime] | None:
    """Return (organisation's name, end) of an invitation that time alone closed, to be sent again."""
    late = session.scalar(
        select(InvitationCompte).where(
            InvitationCompte.jeton_hash == token_hash(token),
            InvitationCompte.acceptee_le.is_(None),
            InvitationCompte.revoquee_le.is_(None),
            InvitationCompte.expire_le <= clock.now(),
        )
    )
    team = read_organisation(session, ident=late.organisation_id) if late is not None else None
    if late is None or team is None or not team.ouverte:
        return None
    return team.nom, late.expire_le


def accept(
    session: Session, clock: Clock, token: str, *, password: str, prenom: str, nom: str, langue: str = "fr"
) -> tuple[int, str]:
    """Accept an invitation as someone who has no account yet: return (person's key, membership's reference).

    The caller opens a session on it. Raises DomainError.
    """
    invitation = _spend(session, clock, token)
    personne = session.scalar(select(Personne).where(Personne.email == invitation.email))
    if personne is not None and personne.mot_de_passe is not None:
        raise DomainError("comptes.lien_perime")
    check_new_password(password, invitation.email)
    if personne is None:
        personne = create_person(
            session, clock, email=invitation.email, prenom=prenom, nom=nom, langue=read_language(langue)
        )
    personne.mot_de_passe = hash_password(password)
    return personne.id, _join(session, clock, invitation, personne)


def accept_existing(session: Session, clock: Clock, token: str, personne_id: int) -> str:
    """Accept an invitation as someone whose account is known and who proved it (signed in, or password).

    Returns the membership's reference. Raises DomainError.
    """
    invitation = _spend(session, clock, token)
    personne = session.get_one(Personne, personne_id)
    if personne.email != invitation.email:
        raise DomainError("comptes.autre_compte")
    return _join(session, clock, invitation, personne)


def _join(session: Session, clock: Clock, invitation: InvitationCompte, personne: Personne) -> str:
    if personne.desactivee_le is not None:
        raise DomainError("comptes.sans_acces")
    made = adhesions.add(
        session,
        clock,
        personne.id,
        organisation_id=invitation.organisation_id,
        departement_code=invitation.departement_code,
        profil=invitation.profil,
    )
    actor = acteurs.of_membership(session, made.id)
    facts = {"profil": made.profil.value, "personne": personne.ref, "invitation": invitation.ref}
    record(session, clock, actor, "comptes:invitation:accepter", made, changes=facts)
    return made.ref


def _spend(session: Session, clock: Clock, token: str) -> InvitationCompte:
    """Mark the invitation accepted; of two acceptances at once one only gets it."""
    now = clock.now()
    spent = session.execute(
        update(InvitationCompte)
        .where(*_open(clock, token))
        .values(acceptee_le=now, updated_at=now)
        .returning(InvitationCompte.id)
    ).scalar_one_or_none()
    if spent is None:
        raise DomainError("comptes.lien_perime")
    invitation = session.get_one(InvitationCompte, spent, populate_existing=True)
    team = read_organisation(session, ident=invitation.organisation_id)
    if team is None or not team.ouverte:
        raise DomainError("comptes.organisation_fermee")
    return invitation


def _open(clock: Clock, token: str) -> tuple[ColumnElement[bool], ...]:
    return (*_unanswered(clock, token), InvitationCompte.revoquee_le.is_(None))


def _unanswered(clock: Clock, token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        InvitationCompte.jeton_hash == token_hash(token),
        InvitationCompte.acceptee_le.is_(None),
        InvitationCompte.expire_le > clock.now(),
    )


def _same(email: str, organisation_id: int, profil: Profil) -> tuple[ColumnElement[bool], ...]:
    return (
        InvitationCompte.email == email,
        InvitationCompte.organisation_id == organisation_id,
        InvitationCompte.profil == profil,
        InvitationCompte.acceptee_le.is_(None),
        InvitationCompte.revoquee_le.is_(None),
    )


def _check_not_pending(
    session: Session, clock: Clock, email: str, organisation_id: int, profil: Profil
) -> None:
    """Refuse a second invitation beside one that waits; one that expired makes room."""
    now = clock.now()
    for other in session.scalars(select(InvitationCompte).where(*_same(email, organisation_id, profil))):
        if other.expire_le > now:
            raise DomainError("comptes.invitation_en_cours", "email")
        other.revoquee_le = other.updated_at = now
    session.flush()


def manageable(
    session: Session, actor: Actor, ref: str, *, lock: bool = False
) -> tuple[InvitationCompte, OrganisationLue]:
    """Return an open invitation that the actor may send again or cancel; raises NotVisible, Forbidden.

    `lock`: it is about to change; a page that only shows it makes nobody wait.
    """
    open_one = select(InvitationCompte).where(
        InvitationCompte.ref == ref,
        InvitationCompte.acceptee_le.is_(None),
        InvitationCompte.revoquee_le.is_(None),
    )
    found = session.scalar(open_one.with_for_update() if lock else open_one)
    team = read_organisation(session, ident=found.organisation_id) if found is not None else None
    if found is None or team is None or not can(actor, Permission.COMPTES_LIRE, team):
        raise NotVisible
    if found.profil not in grantable(actor, team):
        raise Forbidden(Permission.COMPTES_INVITER.value)
    return found, team


def _send(
    session: Session,
    clock: Clock,
    settings: Settings,
    invitation: InvitationCompte,
    organisation_nom: str,
    inviter: str,
    token: str,
) -> None:
    enqueue(
        session,
        clock,
        to=invitation.email,
        template="comptes/invitation",
        context={
            "lien": invitation_link(settings, token),
            "organisation": organisation_nom,
            "profil": LIBELLES_PROFIL[invitation.profil],
            "par": inviter,
            "expire_le": invitation.expire_le,
        },
        urgent=True,
        langue=invitation.langue,
    )
