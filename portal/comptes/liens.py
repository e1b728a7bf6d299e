"""The addresses of the single-use links that e-mails carry."""

from portal.config import Settings


def invitation_link(settings: Settings, token: str) -> str:
    """Return the address where an invitation is read and accepted."""
    return f"{settings.public_url.rstrip('/')}/invitation/{token}"


def reset_link(settings: Settings, token: str) -> str:
    """Return the address where a new password is chosen."""
    return f"{settings.public_url.rstrip('/')}/reinitialisation/{token}"


def email_link(settings: Settings, token: str) -> str:
    """Return the address where a new e-mail address is confirmed."""
    return f"{settings.public_url.rstrip('/')}/adresse/{token}"
