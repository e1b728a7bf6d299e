"""The types of files the portal accepts, recognised by their content and not by their name alone."""

import zipfile
from dataclasses import dataclass
from enum import Enum
from typing import IO

from portal.documents.archives import open_archive
from portal.shared.errors import DomainError

_HEAD = 4096


@dataclass(frozen=True)
class FileType:
    """An accepted type: extensions, MIME type served, first bytes, and the part a zip must hold."""

    mime: str
    extensions: tuple[str, ...]
    magic: tuple[bytes, ...] = ()
    zip_part: str = ""


_PK = (b"PK\x03\x04",)
_OOXML = "application/vnd.openxmlformats-officedocument"


class TypeFichier(Enum):
    """Every type known; each use names those it accepts."""

    PDF = FileType("application/pdf", (".pdf",), (b"%PDF-",))
    XLSX = FileType(f"{_OOXML}.spreadsheetml.sheet", (".xlsx",), _PK, "xl/workbook.xml")
    CSV = FileType("text/csv", (".csv", ".txt"))
    DOCX = FileType(f"{_OOXML}.wordprocessingml.document", (".docx",), _PK, "word/document.xml")
    ODT = FileType("application/vnd.oasis.opendocument.text", (".odt",), _PK, "content.xml")
    ZIP = FileType("application/zip", (".zip",), _PK)  # made here, never accepted from anyone
    PNG = FileType("image/png", (".png",), (b"\x89PNG\r\n\x1a\n",))
    JPEG = FileType("image/jpeg", (".jpg", ".jpeg"), (b"\xff\xd8\xff",))


DOCUMENTS = frozenset(
    {TypeFichier.PDF, TypeFichier.DOCX, TypeFichier.ODT, TypeFichier.XLSX, TypeFichier.PNG, TypeFichier.JPEG}
)
TABLEAUX = frozenset({TypeFichier.XLSX, TypeFichier.CSV})


def recognise(stream: IO[bytes], size: int, name: str, accepted: frozenset[TypeFichier]) -> TypeFichier:
    """Return the type of a seekable stream, when its name and its content agree on an accepted one.

    Raises DomainError: `fichier.type_refuse` (name), `fichier.contenu_different` (content), and those of
    `open_archive` for what is made of a zip.
    """
    extension = "." + name.rpartition(".")[2].lower() if "." in name else ""
    found = next((one for one in accepted if extension in one.value.extensions), None)
    if found is None:
        known = sorted(e.removeprefix(".").upper() for one in accepted for e in one.value.extensions)
        raise DomainError("fichier.type_refuse", acceptes=", ".join(known))
    stream.seek(0)
    head = stream.read(_HEAD)
    if not (head.startswith(found.value.magic) if found.value.magic else is_text(head)):
        raise DomainError("fichier.contenu_different", extension=extension)
    if found.value.zip_part and not _holds(open_archive(stream, size), found):
        raise DomainError("fichier.contenu_different", extension=extension)
    return found


def _holds(archive: zipfile.ZipFile, kind: TypeFichier) -> bool:
    names = set(archive.namelist())
    parts = {one: one.value.zip_part for one in TypeFichier if one.value.zip_part}
    return [one for one, part in parts.items() if part in names] == [kind]


def is_text(head: bytes) -> bool:
    """Tell whether the first bytes may be those of a text, in any encoding a spreadsheet writes."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 9 or 13 < byte < 32 for byte in head) and not head.startswith(b"%PDF-")
