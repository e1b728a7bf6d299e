"""Random tokens: shown once, stored hashed."""

import hashlib
import secrets


def new_token() -> str:
    """Return a URL-safe token of 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return the hash under which a token is stored (sha256: the token is random, no salt is needed)."""
    return hashlib.sha256(token.encode()).hexdigest()
