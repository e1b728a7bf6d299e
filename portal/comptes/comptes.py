"""A person's account: opened, described, closed."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.audit.diff import changed, snapshot
from portal.audit.service import record
from portal.comptes import acteurs, queries, sessions
from portal.comptes.enums import PreferenceEnvoi
from portal.comptes.liens import email_link
from portal.comptes.models import CodeSecours, JetonReinitialisation, Personne
from portal.comptes.policies import Acces
from portal.comptes.saisie import read_email, read_language, read_name, read_phone
from portal.config import Settings
from portal.notifications.service import enqueue
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.security.tokens import new_token, token_hash
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.shared.text import searchable, sort_key

_SHOWN = ("prenom", "nom", "telephone", "email", "langue", "preference_envoi")


def create_person(
    session: Session,
    clock: Clock,
    *,
    email: str,
    prenom: str,
    nom: str,
    langue: str = "fr",
    password_hash: str | None = None,
) -> Personne:
    """Write a person. Raises DomainError. The caller writes the journal."""
    email = read_email(email)
    if session.scalar(select(Personne.id).where(Personne.email == email)) is not None:
        raise DomainError("comptes.email_pris", "email")
    now = clock.now()
    personne = Personne(
        email=email,
        prenom=read_name(prenom, "prenom"),
        nom=read_name(nom, "nom"),
        langue=langue,
        mot_de_passe=password_hash,
        created_at=now,
        updated_at=now,
    )
    session.add(personne)
    session.flush()
    return personne


def update_identity(
    session: Session, clock: Clock, actor: Actor, *, prenom: str, nom: str, telephone: str, version: int
) -> None:
    """Correct one's own name and telephone. Raises StaleVersion, DomainErrors."""
    personne = _own(session, actor, version)
    errors: list[DomainError] = []
    values: dict[str, str] = {}
    for field, read, typed in (
        ("prenom", read_name, prenom),
        ("nom", read_name, nom),
        ("telephone", read_phone, telephone),
    ):
        try:
            values[field] = read(typed, field)
        except DomainError as error:
            errors.append(error)
    if errors:
        raise DomainErrors(errors)
    _apply(session, clock, actor, personne, values)


def update_preferences(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    langue: str,
    preference_envoi: PreferenceEnvoi,
    version: int,
) -> None:
    """Choose one's language, and when to be written to for what is not urgent."""
    personne = _own(session, actor, version)
    values = {"langue": read_language(langue), "preference_envoi": preference_envoi}
    _apply(session, clock, actor, personne, values)


def set_language(session: Session, clock: Clock, actor: Actor, langue: str) -> None:
    """Change one's language from any page."""
    personne = queries.moi(session, actor)
    _apply(session, clock, actor, personne, {"langue": read_language(langue)})


def _own(session: Session, actor: Actor, version: int) -> Personne:
    personne = session.get_one(Personne, actor.personne_id, with_for_update=True, populate_existing=True)
    if personne.version != version:
        raise StaleVersion(personne)
    return personne


def _apply(
    session: Session, clock: Clock, actor: Actor, personne: Personne, values: Mapping[str, object]
) -> None:
    before = snapshot(personne, _SHOWN)
    for field, value in values.items():
        setattr(personne, field, value)
    changes = changed(before, snapshot(personne, _SHOWN))
    if not changes:
        return
    personne.tri = sort_key(f"{personne.nom} {personne.prenom}")
    personne.texte_recherche = searchable(personne.prenom, personne.nom, personne.email)
    personne.updated_at = clock.now()
    session.flush()
    record(session, clock, actor, "comptes:personne:modifier", personne, changes=changes)


def request_new_email(session: Session, clock: Clock, settings: Settings, actor: Actor, email: str) -> None:
    """Send a link to the address that would become one's own; it changes when the link is accepted.

    The password was confirmed before. Nothing tells whether the address already has an account: its owner
    is the only one to receive the message, and accepting fails.
    """
    email = read_email(email)
    personne = queries.moi(session, actor)
    if email == personne.email:
        raise DomainError("comptes.email_identique", "email")
    now, token = clock.now(), new_token()
    session.execute(
        update(JetonReinitialisation)
        .where(
            JetonReinitialisation.personne_id == personne.id,
            JetonReinitialisation.nouvel_email.is_not(None),
            JetonReinitialisation.utilise_le.is_(None),
        )
        .values(utilise_le=now)
    )
    session.add(
        JetonReinitialisation(
            personne_id=personne.id,
            jeton_hash=token_hash(token),
            created_at=now,
            expire_le=now + timedelta(minutes=settings.reset_minutes),
            nouvel_email=email,
        )
    )
    enqueue(
        session,
        clock,
        to=email,
        template="comptes/nouvelle_adresse",
        context={"lien": email_link(settings, token), "minutes": settings.reset_minutes},
        urgent=True,
        langue=personne.langue,
    )
    record(session, clock, actor, "comptes:adresse:demander", personne)


def read_new_email(session: Session, clock: Clock, token: str) -> str | None:
    """Return the address that the link confirms; None when it no longer works. Changes nothing."""
    return session.scalar(
        select(JetonReinitialisation.nouvel_email).where(
            JetonReinitialisation.jeton_hash == token_hash(token),
            JetonReinitialisation.utilise_le.is_(None),
            JetonReinitialisation.expire_le > clock.now(),
        )
    )


def confirm_new_email(session: Session, clock: Clock, token: str) -> None:
    """Make the confirmed address the person's; the former one is told. Raises DomainError."""
    email = read_new_email(session, clock, token)
    spent = session.execute(
        update(JetonReinitialisation)
        .where(
            JetonReinitialisation.jeton_hash == token_hash(token),
            JetonReinitialisation.nouvel_email.is_not(None),
            JetonReinitialisation.utilise_le.is_(None),
            JetonReinitialisation.expire_le > clock.now(),
        )
        .values(utilise_le=clock.now())
        .returning(JetonReinitialisation.personne_id)
    ).scalar_one_or_none()
    taken = session.scalar(select(Personne.id).where(Personne.email == email))
    if email is None or spent is None or taken is not None:
        raise DomainError("comptes.lien_perime")
    personne = session.get_one(Personne, spent, with_for_update=True)
    actor = acteurs.of_person(session, personne.id)
    if actor is None:
        raise DomainError("comptes.sans_acces")
    enqueue(
        session,
        clock,
        to=personne.email,
        template="comptes/adresse_changee",
        urgent=True,
        langue=personne.langue,
    )
    session.execute(  # links sent to the former address give nothing any more
        update(JetonReinitialisation)
        .where(
            JetonReinitialisation.personne_id == personne.id,
            JetonReinitialisation.utilise_le.is_(None),
        )
        .values(utilise_le=clock.now())
    )
    _apply(session, clock, actor, personne, {"email": email})


def deactivate(session: Session, clock: Clock, actor: Actor, ref: str, *, version: int) -> None:
    """Close an account, at once: its sessions end. Raises NotVisible, Forbidden, StaleVersion."""
    personne = _editable(session, actor, ref, version)
    if personne.desactivee_le is not None:
        return
    personne.desactivee_le = personne.updated_at = clock.now()
    sessions.close_all(session, personne.id)
    session.flush()
    record(session, clock, actor, "comptes:personne:desactiver", personne)


def reactivate(session: Session, clock: Clock, actor: Actor, ref: str, *, version: int) -> None:
    """Open again an account that was closed. Raises NotVisible, Forbidden, StaleVersion."""
    personne = _editable(session, actor, ref, version)
    if personne.desactivee_le is None:
        return
    personne.desactivee_le = None
    personne.updated_at = clock.now()
    session.flush()
    record(session, clock, actor, "comptes:personne:reactiver", personne)


def remove_second_factor(session: Session, clock: Clock, actor: Actor, ref: str, *, version: int) -> None:
    """Take off the second factor of someone who lost it, after having made sure who asks; they are told."""
    personne = _editable(session, actor, ref, version)
    if personne.totp_active_le is None:
        raise DomainError("comptes.second_facteur_absent")
    clear_second_factor(session, personne)
    personne.updated_at = clock.now()
    sessions.close_all(session, personne.id)
    session.flush()
    record(session, clock, actor, "comptes:second_facteur:retirer", personne)
    enqueue(session, clock, to=personne, template="comptes/second_facteur_retire", urgent=True)


def clear_second_factor(session: Session, personne: Personne) -> None:
    """Forget a person's second factor and recovery codes."""
    personne.totp_secret = personne.totp_active_le = personne.totp_dernier_pas = None
    session.execute(delete(CodeSecours).where(CodeSecours.personne_id == personne.id))


def _editable(session: Session, actor: Actor, ref: str, version: int) -> Personne:
    personne = queries.compte(session, actor, ref)
    if not can(actor, Permission.COMPTES_MODIFIER, Acces(personne.id)):
        raise Forbidden(Permission.COMPTES_MODIFIER.value)
    session.refresh(personne, with_for_update=True)
    if personne.version != version:
        raise StaleVersion(personne)
    return personne
