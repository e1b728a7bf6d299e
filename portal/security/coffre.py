"""The vault of what a household tells: encrypted at rest, found again by a keyed hash alone.

Every session of a database carries it, so that a service needs nothing more than its session.
"""

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.security.encryption import load_keys
from portal.shared.db import Database

_INFO = "coffre"


class Illisible(Exception):
    """None of the configured keys opens what is stored: a key was taken away too soon."""


class Coffre:
    """Encrypts values and makes their keyed hashes. `secret`: of the hashes, it outlives the other keys."""

    def __init__(self, cipher: MultiFernet, secret: bytes) -> None:
        self._cipher = cipher
        self._secret = secret

    def fermer(self, valeur: Any) -> str:
        """Return a JSON-serialisable value, encrypted by the newest key."""
        clair = json.dumps(valeur, ensure_ascii=False, separators=(",", ":")).encode()
        return self._cipher.encrypt(clair).decode()

    def ouvrir(self, ferme: str) -> Any:
        """Return the value that was encrypted. Raises Illisible."""
        try:
            return json.loads(self._cipher.decrypt(ferme.encode()))
        except InvalidToken:
            raise Illisible from None

    def tourner(self, ferme: str) -> str:
        """Return what was encrypted by any key, encrypted by the newest. Raises Illisible."""
        try:
            return self._cipher.rotate(ferme.encode()).decode()
        except InvalidToken:
            raise Illisible from None

    def empreinte(self, sujet: str, *valeurs: str) -> str:
        """Return the keyed hash of values, 64 characters: equal for equal values of one subject, no other
        use. Without the secret nobody can try names against it."""
        texte = "\x1f".join((sujet, *valeurs))
        return hmac.new(self._secret, texte.encode(), hashlib.sha256).hexdigest()


def installer(database: Database, settings: Settings) -> None:
    """Give every session of a database its vault, unless it has one."""
    if _INFO not in database.info:
        database.info[_INFO] = Coffre(
            load_keys(settings.encryption_keys, settings.var_dir),
            _secret(settings.hash_key, settings.var_dir),
        )


def coffre(session: Session) -> Coffre:
    """Return the vault that a session carries."""
    found = session.info[_INFO]
    assert isinstance(found, Coffre)
    return found


def _secret(configured: str, var_dir: Path) -> bytes:
    """Return the secret of the hashes: the one configured, or that kept in `var_dir/cles` (made once)."""
    if configured:
        return configured.encode()
    path = var_dir / "cles" / "empreintes"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(32).hex().encode() + b"\n")
    return path.read_bytes().strip()
