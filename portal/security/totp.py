"""Second factor: time-based codes (RFC 6238: six digits, thirty seconds) and recovery codes."""

import hmac
import io
import secrets
from datetime import datetime

import pyotp
import segno

STEP = 30  # seconds
DRIFT = 1  # steps accepted before and after, for clocks that are not quite right
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is misread: i l o 0 1


def new_secret() -> str:
    """Return a secret of 160 bits in base 32, as an application takes it by hand."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, account: str, issuer: str) -> str:
    """Return the address that an authentication application reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def qr_svg(uri: str) -> bytes:
    """Return the QR code of the address as an SVG document, black on white with its quiet zone."""
    out = io.BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5, light="#fff", dark="#000")
    return out.getvalue()


def accepted_step(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """Return the time step that the code proves, None when it is wrong or was already used.

    A step at or before `last_step` is refused: a code serves once.
    """
    present = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        right = hmac.compare_digest(totp.generate_otp(step), code)
        if right and (last_step is None or step > last_step):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Return ten codes of about 79 bits, in four groups of four letters and digits."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]


def canonical_code(typed: str) -> str:
    """Return a code as it is compared: without spaces nor hyphens, in lower case."""
    return "".join(char for char in typed.lower() if char.isascii() and char.isalnum())
