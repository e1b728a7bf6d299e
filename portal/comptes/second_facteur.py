"""Setting up the second factor, its recovery codes, and taking it off."""

from cryptography.fernet import MultiFernet
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import acteurs, sessions
from portal.comptes.comptes import clear_second_factor
from portal.comptes.connexion import use_code
from portal.comptes.models import CodeSecours, Personne, SessionConnexion
from portal.config import Settings
from portal.notifications.service import enqueue
from portal.security.policy import Actor
from portal.security.tokens import token_hash
from portal.security.totp import canonical_code, new_recovery_codes, new_secret, provisioning_uri
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

ISSUER = "Portail SIAO"


def start(session: Session, clock: Clock, cipher: MultiFernet, personne_id: int) -> None:
    """Prepare a secret, kept encrypted; it counts once a first code has proved it (`confirm`).

    A secret already prepared is kept: the page may be opened again. Raises DomainError.
    """
    personne = session.get_one(Personne, personne_id, with_for_update=True)
    if personne.totp_active_le is not None:
        raise DomainError("comptes.second_facteur_actif")
    if personne.totp_secret is None:
        personne.totp_secret = cipher.encrypt(new_secret().encode())
        personne.updated_at = clock.now()
        session.flush()


def prepared(session: Session, cipher: MultiFernet, personne_id: int) -> tuple[str, str] | None:
    """Return (secret, address for the application) while the second factor is being set up."""
    personne = session.get_one(Personne, personne_id)
    if personne.totp_secret is None or personne.totp_active_le is not None:
        return None
    secret = cipher.decrypt(personne.totp_secret).decode()
    return secret, provisioning_uri(secret, personne.email, ISSUER)


def confirm(
    session: Session,
    clock: Clock,
    cipher: MultiFernet,
    personne_id: int,
    typed: str,
    *,
    session_id: int | None,
) -> list[str]:
    """Turn the second factor on, a first code having proved it; return the recovery codes, shown this once.

    The session `session_id` counts as strong from now on; the person's others end. Raises DomainError.
    """
    personne = session.get_one(Personne, personne_id, with_for_update=True)
    if personne.totp_active_le is not None:
        raise DomainError("comptes.second_facteur_actif")
    if not use_code(session, clock, cipher, personne_id, canonical_code(typed)):
        raise DomainError("comptes.code_refuse", "code")
    now = clock.now()
    personne.totp_active_le = personne.updated_at = now
    session.execute(
        update(SessionConnexion).where(SessionConnexion.id == session_id).values(second_facteur_le=now)
    )
    sessions.close_all(session, personne_id, but=session_id)
    session.flush()
    record(
        session, clock, acteurs.of_person(session, personne_id), "comptes:second_facteur:activer", personne
    )
    enqueue(session, clock, to=personne, template="comptes/second_facteur_active", urgent=True)
    return _renew_codes(session, personne_id)


def renew_recovery_codes(session: Session, clock: Clock, actor: Actor) -> list[str]:
    """Replace one's recovery codes, the password having been confirmed; return them, shown this once."""
    personne = session.get_one(Personne, actor.personne_id)
    if personne.totp_active_le is None:
        raise DomainError("comptes.second_facteur_absent")
    codes = _renew_codes(session, personne.id)
    record(session, clock, actor, "comptes:code_secours:renouveler", personne)
    return codes


def _renew_codes(session: Session, personne_id: int) -> list[str]:
    session.execute(delete(CodeSecours).where(CodeSecours.personne_id == personne_id))
    codes = new_recovery_codes()
    session.add_all(
        CodeSecours(personne_id=personne_id, code_hash=token_hash(canonical_code(code))) for code in codes
    )
    session.flush()
    return codes


def required(session: Session, settings: Settings, personne_id: int) -> bool:
    """Tell whether one of the person's profiles requires the second factor (configuration)."""
    rows = session.execute(acteurs.memberships().where(Personne.id == personne_id)).all()
    return any(row.profil.value in settings.totp_profiles for row in rows)


def disable(session: Session, clock: Clock, settings: Settings, actor: Actor) -> None:
    """Take off one's own second factor, the password having been confirmed. Raises DomainError."""
    personne = session.scalars(
        select(Personne).where(Personne.id == actor.personne_id).with_for_update()
    ).one()
    if personne.totp_active_le is None:
        raise DomainError("comptes.second_facteur_absent")
    if required(session, settings, personne.id):
        raise DomainError("comptes.second_facteur_requis")
    clear_second_factor(session, personne)
    personne.updated_at = clock.now()
    session.flush()
    record(session, clock, actor, "comptes:second_facteur:retirer", personne)
    enqueue(session, clock, to=personne, template="comptes/second_facteur_retire", urgent=True)
