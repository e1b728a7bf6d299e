"""The parts of a Word file, once nothing in it can harm: neither its size, its macros, nor its XML."""

import io
import zipfile
from dataclasses import dataclass
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from portal.documents.archives import open_archive
from portal.documents.word import messages as messages
from portal.shared.errors import DomainError

MAX_PART = 32 * 1024 * 1024  # bytes of one part that is read
MAX_ELEMENTS = 600_000  # in one part; a text of 300 pages has some 150,000
MAX_DEPTH = 120

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_STRICT, _LOOSE = "http://purl.oclc.org/ooxml/", "http://schemas.openxmlformats.org/"
_PREFIXES = {
    "wordprocessingml/main": "",
    "officeDocument/relationships": "r_",
    "officeDocument/math": "m_",
    "package/relationships": "",
    "package/content-types": "",
    "markup-compatibility": "mc_",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from one part to another: `genre` is its last word, such as `header`."""

    genre: str
    cible: str


class Paquet:
    """A Word file that was checked; its parts are parsed when asked for."""

    def __init__(self, contenu: bytes) -> None:
        """Raises DomainError `word.*` or `fichier.*` when the bytes are not a Word file that may be read."""
        _check_head(contenu)
        self._archive = open_archive(io.BytesIO(contenu), len(contenu))
        self._noms = set(self._archive.namelist())
        types = self._octets("[Content_Types].xml")
        if b"macroEnabled" in types or any(nom.lower().endswith("vbaproject.bin") for nom in self._noms):
            raise DomainError("word.macros")
        principales = [r.cible for r in self.relations("").values() if r.genre == "officeDocument"]
        self.principale = principales[0] if principales else "word/document.xml"
        if self.principale not in self._noms or b"wordprocessingml" not in types:
            raise DomainError("word.pas_word")

    def partie(self, nom: str) -> Element | None:
        """Return the root of a part, None when the file has it not."""
        return parse(self._octets(nom)) if nom in self._noms else None

    def relations(self, nom: str) -> dict[str, Relation]:
        """Return the links of a part (of the whole file for an empty name), by their identifiers."""
        dossier, _, fichier = nom.rpartition("/")
        racine = self.partie(f"{dossier}/_rels/{fichier}.rels".lstrip("/"))
        return {
            lien.get("Id", ""): Relation(
                lien.get("Type", "").rpartition("/")[2], _resolve(dossier, lien.get("Target", ""))
            )
            for lien in (racine if racine is not None else ())
            if lien.get("TargetMode") != "External"
        }

    def _octets(self, nom: str) -> bytes:
        try:
            entree = self._archive.getinfo(nom)
            if entree.file_size > MAX_PART:
                raise DomainError("word.trop_long")
            return self._archive.read(entree)
        except (KeyError, zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DomainError("word.illisible") from error


def parse(octets: bytes) -> Element:
    """Return a part as elements named without their usual namespace.

    Raises DomainError for a document type (entities), for too many or too deep elements, for broken XML.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="\n")
    parser.buffer_text = True
    seen = depth = 0
    names: dict[str, str] = {}

    def name(full: str) -> str:
        known = names.get(full)
        if known is None:
            known = names[full] = _short(full)
        return known

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal seen, depth
        seen, depth = seen + 1, depth + 1
        if seen > MAX_ELEMENTS:
            raise DomainError("word.trop_long")
        if depth > MAX_DEPTH:
            raise DomainError("word.illisible")
        builder.start(name(tag), {name(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name(tag))

    def doctype(*_declaration: object) -> None:
        raise DomainError("word.doctype")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(octets, True)
    except (expat.ExpatError, ValueError) as error:  # ValueError: an encoding that Python does not know
        raise DomainError("word.illisible") from error
    return builder.close()


def _check_head(contenu: bytes) -> None:
    if contenu.startswith(_OLE):
        raise DomainError("word.protege" if _ENCRYPTED in contenu else "word.ancien")
    if contenu[:1024].lstrip().startswith(b"%PDF-"):
        raise DomainError("word.pdf")
    if not contenu.startswith(b"PK\x03\x04"):
        raise DomainError("word.pas_word")


def _short(full: str) -> str:
    """Return `p` for a paragraph, `m_t` for a text of a formula, `x_…` for what no reader here knows."""
    uri, _, local = full.rpartition("\n")
    if not uri:
        return local
    kept = uri.removeprefix(_STRICT).removeprefix(_LOOSE).replace("/2006", "", 1)
    return _PREFIXES.get(kept, "x_") + local


def _resolve(dossier: str, cible: str) -> str:
    if cible.startswith("/"):
        return cible[1:]
    parts = dossier.split("/") if dossier else []
    for part in cible.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
