"""Random tokens: shown once, stored hashed."""

import base64
import hashlib
import re
import secrets

from portal.shared.errors import DomainError

_KEY = re.compile(r"[A-Za-z0-9_-]{12}")


def new_token() -> str:
    """Return a URL-safe token of 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return the hash under which a token is stored (sha256: the token is random, no salt is needed)."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_ref(key: str, *scope: object) -> str | None:
    """Return the public reference that a form's idempotency key gives, the same each time it is sent.

    `scope`: the kind of object, who makes it, for what. Sent by someone else or for something else, the key
    gives another reference: it can name nothing but what its author made with it. None without a key.
    Raises DomainError when the key is not one of ours.
    """
    if not key:
        return None
    if not _KEY.fullmatch(key):
        raise DomainError("introuvable")
    text = "\x1f".join(str(part) for part in (key, *scope))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:9]).decode()
