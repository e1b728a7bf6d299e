"""Passwords: argon2id with the parameters of architecture § 4 (19 MiB, t=2, p=1)."""

from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

MINIMUM_LENGTH = 12

_hash = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))


def hash_password(password: str) -> str:
    """Return the hash to store."""
    return _hash.hash(password)


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hash.hash("un mot de passe que personne n’a")


def check_password(password: str, stored: str | None) -> bool:
    """Tell whether the password is right; takes as long for an account that does not exist."""
    right = _hash.verify(password, stored or _decoy())
    return right and stored is not None
