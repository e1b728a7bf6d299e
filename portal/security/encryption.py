"""Encryption at rest with rotating keys (MultiFernet: first key encrypts, all decrypt)."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet


def load_keys(configured: str, var_dir: Path) -> MultiFernet:
    """Return the cipher made of the configured keys, or of the key kept in `var_dir/cles` (made once)."""
    return MultiFernet([Fernet(key) for key in _keys(configured, var_dir)])


def newest_key(configured: str, var_dir: Path) -> Fernet:
    """Return the cipher of the newest key alone: what it does not open was encrypted by an older one."""
    return Fernet(_keys(configured, var_dir)[0])


def _keys(configured: str, var_dir: Path) -> list[str]:
    if configured:
        return [key.strip() for key in configured.split(",") if key.strip()]
    path = var_dir / "cles" / "chiffrement"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
    return path.read_text().split()
