"""Links by which someone, with an account or without, reads and confirms its own entries.

A link goes by e-mail to an address of the directory. Its secret is stored hashed; it serves for `JOURS` days
and `USAGES` acts. Whoever holds it is that address: reading changes nothing, each act counts.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.annuaire.models_vie import LienAnnuaire
from portal.annuaire.porteurs import Porteur, compte_actif, tient_quelque_chose
from portal.comptes import throttle
from portal.config import Settings
from portal.notifications.service import enqueue
from portal.security.tokens import new_token, token_hash
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

JOURS = 30
USAGES = 30
DEMANDES = 3
"""Links that one address may ask for in the window of `login_window_minutes`."""


def creer(session: Session, clock: Clock, email: str) -> tuple[str, datetime]:
    """Make a link for an address; return its token, which nobody can read again, and when it ends."""
    token, now = new_token(), clock.now()
    expire_le = now + timedelta(days=JOURS)
    session.add(
        LienAnnuaire(email=email, jeton_hash=token_hash(token), created_at=now, expire_le=expire_le, usages=0)
    )
    session.flush()
    return token, expire_le


def lire(session: Session, clock: Clock, token: str) -> Porteur | None:
    """Return whose entries a link opens; None when it no longer works. Changes nothing."""
    email = session.scalar(
        select(LienAnnuaire.email).where(
            LienAnnuaire.jeton_hash == token_hash(token),
            LienAnnuaire.expire_le > clock.now(),
            LienAnnuaire.usages < USAGES,
        )
    )
    return _porteur(session, email) if email is not None else None


def depenser(session: Session, clock: Clock, token: str) -> Porteur:
    """Count one act of a link and return whose it is; raises DomainError when it no longer works."""
    email = session.execute(
        update(LienAnnuaire)
        .where(
            LienAnnuaire.jeton_hash == token_hash(token),
            LienAnnuaire.expire_le > clock.now(),
            LienAnnuaire.usages < USAGES,
        )
        .values(usages=LienAnnuaire.usages + 1)
        .returning(LienAnnuaire.email)
    ).scalar_one_or_none()
    if email is None:
        raise DomainError("annuaire.lien_perime")
    return _porteur(session, email)


def demander(
    session: Session, clock: Clock, settings: Settings, email: str, address: str, langue: str
) -> int:
    """Send its link to whoever asks for it; return how many seconds to wait, 0 when the request is taken.

    Whether or not the directory knows the address, the answer is the same, and the work done too: the link
    of an unknown one and its message are written, and taken back. `address`: the network's.
    """
    wanted = email.strip().lower()[:254]
    keys = [throttle.request_key(settings, f"annuaire:{wanted}"), throttle.address_key(settings, address)]
    limits = zip(keys, (DEMANDES, settings.login_attempts_per_address), strict=True)
    wait = throttle.wait_seconds(session, clock, settings, limits)
    if wait:
        return wait
    throttle.count(session, clock, keys)
    connue = tient_quelque_chose(session, _porteur(session, wanted))
    token, expire_le = creer(session, clock, wanted)
    message = enqueue(
        session,
        clock,
        to=compte_actif(session, wanted) or wanted,
        template="annuaire/mon_lien",
        context={"jeton": token, "expire_le": expire_le},
        urgent=True,
        langue=langue,
    )
    if not connue:
        session.execute(delete(LienAnnuaire).where(LienAnnuaire.jeton_hash == token_hash(token)))
        session.delete(message)
        session.flush()
    return 0


def oublier(session: Session, email: str) -> None:
    """End every link of an address."""
    session.execute(delete(LienAnnuaire).where(LienAnnuaire.email == email))


def purger(session: Session, clock: Clock) -> None:
    """Delete the links that no longer work."""
    session.execute(delete(LienAnnuaire).where(LienAnnuaire.expire_le <= clock.now()))


def _porteur(session: Session, email: str) -> Porteur:
    compte = compte_actif(session, email)
    return Porteur(email, compte.id if compte else None)
