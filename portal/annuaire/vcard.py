"""A card of the directory as a vCard 4.0 (RFC 6350): pure text, one function and who answers for it."""

from datetime import UTC, datetime

FIN = "\r\n"
LARGEUR = 75  # bytes in a line, its end left aside


def carte(
    *,
    nom: str,
    prenom: str,
    organisation: str,
    structure: str,
    fonction: str,
    telephone: str,
    email: str,
    uid: str,
    revise: datetime,
    note: str = "",
) -> str:
    """Return the vCard. An empty function is a card of kind « org »: its name is the organisation's."""
    full = f"{prenom} {nom}".strip()
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"KIND:{'individual' if full else 'org'}",
        f"UID:{_texte(uid)}",
        f"FN:{_texte(full or organisation)}",
        f"ORG:{_texte(organisation)}" + (f";{_texte(structure)}" if structure else ""),
        f"TITLE:{_texte(fonction)}",
        f"REV:{revise.astimezone(UTC):%Y%m%dT%H%M%SZ}",
    ]
    if full:
        lines.append(f"N:{_texte(nom)};{_texte(prenom)};;;")
    if telephone:
        lines.append(f"TEL;TYPE=work;VALUE=uri:tel:{telephone.replace(' ', '')}")
    if email:
        lines.append(f"EMAIL;TYPE=work:{_texte(email)}")
    if note:
        lines.append(f"NOTE:{_texte(note)}")
    return FIN.join(_pliee(line) for line in [*lines, "END:VCARD"]) + FIN


def _texte(value: str) -> str:
    """Escape a value, so that nothing typed begins another property."""
    for sign in ("\\", ",", ";"):
        value = value.replace(sign, f"\\{sign}")
    return " ".join(value.split())


def _pliee(line: str) -> str:
    """Fold a line at 75 bytes without cutting a character."""
    pieces, piece = [], ""
    for char in line:
        if len((piece + char).encode()) > LARGEUR:
            pieces.append(piece)
            piece = " "
        piece += char
    return FIN.join([*pieces, piece])
