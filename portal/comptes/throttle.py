"""Slowing down guesses: failures are counted in the database, per account and per network address.

Keys are keyed hashes: the table names neither people nor machines. The same holds for an account that
does not exist, so that being slowed down tells nothing about it.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from math import ceil

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.comptes.models import TentativeConnexion
from portal.config import Settings
from portal.shared.clock import Clock


def account_key(settings: Settings, email: str) -> str:
    """Return the key of the failures of one account, existing or not."""
    return _key(settings, "compte", email)


def code_key(settings: Settings, personne_id: int) -> str:
    """Return the key of the wrong second-factor codes of one person."""
    return _key(settings, "code", str(personne_id))


def request_key(settings: Settings, email: str) -> str:
    """Return the key of the links asked for one account, existing or not."""
    return _key(settings, "lien", email)


def address_key(settings: Settings, address: str) -> str:
    """Return the key of one address; an IPv6 network of 64 bits counts as one address."""
    return _key(settings, "adresse", _network(address))


def calendar_key(settings: Settings, jeton_hash: str) -> str:
    """Return the key of the readings of one calendar."""
    return _key(settings, "agenda", jeton_hash)


def unknown_calendar_key(settings: Settings, address: str) -> str:
    """Return the key of the calendars that do not exist, asked for from one address."""
    return _key(settings, "agenda_inconnu", _network(address))


def export_key(settings: Settings, personne_id: int) -> str:
    """Return the key of what one person takes out of the directory."""
    return _key(settings, "export", str(personne_id))


def receipt_key(settings: Settings, address: str) -> str:
    """Return the key of the wrong PINs of receipts, tried from one address."""
    return _key(settings, "recu", _network(address))


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _key(settings: Settings, kind: str, value: str) -> str:
    secret = settings.secret_key.get_secret_value().encode()
    return hmac.new(secret, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def wait_seconds(
    session: Session, clock: Clock, settings: Settings, limits: Iterable[tuple[str, int]]
) -> int:
    """Return how many seconds to wait before trying again, 0 when one may try now.

    `limits`: pairs (key, failures allowed in the window of `settings.login_window_minutes`).
    """
    now = clock.now()
    window = timedelta(minutes=settings.login_window_minutes)
    wait = 0
    for key, allowed in limits:
        blocking = session.scalar(
            select(TentativeConnexion.le)
            .where(TentativeConnexion.cle == key, TentativeConnexion.le > now - window)
            .order_by(TentativeConnexion.le.desc())
            .offset(allowed - 1)
            .limit(1)
        )
        if blocking is not None:
            wait = max(wait, ceil((blocking + window - now).total_seconds()))
    return wait


def count(session: Session, clock: Clock, keys: Iterable[str]) -> None:
    """Count one failure for each key."""
    session.add_all(TentativeConnexion(cle=key, le=clock.now()) for key in keys)
    session.flush()


def forget(session: Session, keys: Iterable[str]) -> None:
    """Forget the failures of keys that have just succeeded."""
    session.execute(delete(TentativeConnexion).where(TentativeConnexion.cle.in_(list(keys))))


def purge(session: Session, clock: Clock, settings: Settings) -> None:
    """Delete the failures that no longer count."""
    limit = clock.now() - timedelta(minutes=settings.login_window_minutes)
    session.execute(delete(TentativeConnexion).where(TentativeConnexion.le <= limit))
