"""Encryption at rest with rotating keys (MultiFernet: first key encrypts, all decrypt)."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet


def load_keys(configured: str, var_dir: Path) -> MultiFernet:
    """Return the cipher made of the configured keys, or of the key kept in `var_dir/cles` (made once)."""
    if configured:
        keys = [key.strip() for key in configured.split(",") if key.strip()]
    else:
        path = var_dir / "cles" / "chiffrement"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
        keys = path.read_text().split()
    return MultiFernet([Fernet(key) for key in keys])
