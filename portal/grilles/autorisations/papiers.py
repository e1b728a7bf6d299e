"""What a signed paper must be to be worth a proof: a file that whoever needs it will open and read.

Its type is checked when it is stored; here, that it is whole, not locked, and of a size that opens anywhere.
Nothing is decoded: an image says its size in its first bytes.
"""

import struct

from portal.shared.errors import DomainError

COTE_MAX = 20_000
"""Points on a side: an A4 sheet scanned at 1,200 points an inch has 14,000."""

_PDF, _PNG, _JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_FIN = {_PDF: b"%%EOF", _PNG: b"IEND", _JPEG: b"\xff\xd9"}
_CHIFFRE = b"/Encrypt"
_CADRES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Segments of a JPEG that give its size."""


def verifier(contenu: bytes) -> None:
    """Refuse a paper that nobody could read again. Raises DomainError (field `fichier`)."""
    genre = next((debut for debut in _FIN if contenu.startswith(debut)), None)
    if genre is None:
        return  # of no type that is taken: refused when it is stored
    if _FIN[genre] not in contenu:
        raise DomainError("autorisations.papier_illisible", "fichier")
    if genre == _PDF:
        if _CHIFFRE in contenu:
            raise DomainError("autorisations.papier_verrouille", "fichier")
        return
    try:
        largeur, hauteur = _png(contenu) if genre == _PNG else _jpeg(contenu)
    except (struct.error, ValueError):
        raise DomainError("autorisations.papier_illisible", "fichier") from None
    if max(largeur, hauteur) > COTE_MAX:
        raise DomainError(
            "autorisations.papier_demesure", "fichier", largeur=largeur, hauteur=hauteur, maximum=COTE_MAX
        )


def _png(contenu: bytes) -> tuple[int, int]:
    nom, largeur, hauteur = struct.unpack_from(">4sII", contenu, len(_PNG) + 4)
    if nom != b"IHDR" or not largeur or not hauteur:
        raise ValueError(nom)
    return largeur, hauteur


def _jpeg(contenu: bytes) -> tuple[int, int]:
    place = len(_JPEG)
    while True:
        debut, marque, longueur = struct.unpack_from(">BBH", contenu, place)
        if debut != 0xFF or longueur < 2:
            raise ValueError(marque)
        if marque in _CADRES:
            hauteur, largeur = struct.unpack_from(">HH", contenu, place + 5)
            if not largeur or not hauteur:
                raise ValueError(marque)
            return largeur, hauteur
        place += 2 + longueur
