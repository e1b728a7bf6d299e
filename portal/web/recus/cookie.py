"""What remembers for a quarter of an hour that a PIN was right: a signed cookie that holds no content.

It stands for one receipt on the pages of that receipt alone; the receipt itself is read anew each time, so
that a revoked one opens nothing.
"""

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from portal.web.context import settings

NOM = "recu"
DUREE = 15 * 60  # seconds


def poser(response: Response, jeton: str, recu_ref: str) -> None:
    """Let a browser read the pages of a receipt."""
    response.set_cookie(
        NOM,
        _signeur().dumps(recu_ref),
        max_age=DUREE,
        path=f"/r/{jeton}",
        secure=settings().https,
        httponly=True,
        samesite="Strict",
    )


def retirer(response: Response, jeton: str) -> None:
    """Close them in this browser."""
    response.delete_cookie(NOM, path=f"/r/{jeton}", secure=settings().https, httponly=True, samesite="Strict")


def ouvre(recu_ref: str) -> bool:
    """Tell whether this browser gave the PIN of a receipt lately."""
    try:
        found = _signeur().loads(request.cookies.get(NOM, ""), max_age=DUREE)
    except BadSignature:
        return False
    return bool(found == recu_ref)


def _signeur() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key.get_secret_value(), salt="recu")
