"""Zip-based files (XLSX, DOCX, ODT): what they really weigh once unpacked, before any library opens them."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from portal.documents import messages as messages
from portal.shared.errors import DomainError

MAX_ENTRIES = 2000
MAX_UNPACKED = 64 * 1024 * 1024  # bytes, all entries together
MAX_RATIO = 150  # unpacked / packed, once past RATIO_FROM: real spreadsheets stay under 40
RATIO_FROM = 8 * 1024 * 1024
CHUNK = 256 * 1024

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1


def open_archive(stream: IO[bytes], packed_size: int) -> zipfile.ZipFile:
    """Return the archive, every entry of which was unpacked once, counted and thrown away.

    Sizes written in the archive are not believed. Raises DomainError: `fichier.archive_abimee`,
    `fichier.archive_protegee`, `fichier.bombe`.
    """
    try:
        archive = zipfile.ZipFile(stream)
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DomainError("fichier.archive_abimee") from error
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise DomainError("fichier.bombe")
    limit = min(MAX_UNPACKED, max(RATIO_FROM, packed_size * MAX_RATIO))
    total = 0
    for entry in entries:
        size = 0
        for chunk in unpack(stream, entry):
            size += len(chunk)
            if total + size > limit:
                raise DomainError("fichier.bombe")
        if size != entry.file_size:
            raise DomainError("fichier.archive_abimee")
        total += size
    return archive


def unpack(stream: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the real content of an entry by chunks, whatever its headers pretend about its size."""
    if entry.flag_bits & _ENCRYPTED:
        raise DomainError("fichier.archive_protegee")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise DomainError("fichier.archive_abimee")
    if entry.header_offset < 0:  # the table of contents lies about its own place
        raise DomainError("fichier.archive_abimee")
    stream.seek(entry.header_offset)
    header = stream.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise DomainError("fichier.archive_abimee")
    _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    stream.seek(name_length + extra_length, 1)
    if entry.compress_type == zipfile.ZIP_STORED:
        yield from _read_exactly(stream, entry.compress_size)
        return
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _read_exactly(stream, entry.compress_size):
            while packed and not inflate.eof:
                yield inflate.decompress(packed, CHUNK)
                packed = inflate.unconsumed_tail
        yield inflate.flush()
    except zlib.error as error:
        raise DomainError("fichier.archive_abimee") from error


def _read_exactly(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        chunk = stream.read(min(CHUNK, size))
        if not chunk:
            raise DomainError("fichier.archive_abimee")
        size -= len(chunk)
        yield chunk
