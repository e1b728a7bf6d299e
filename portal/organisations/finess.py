"""Reading the public FINESS extraction, as it is published, line by line and in constant memory.

The file (`etalab-cs1100502-stock`) begins with `finess;etalab;version;date`; each establishment is a line
`structureet` of 32 positional fields. Counting from 0: 1 FINESS ET, 2 FINESS EJ, 3/4 names, 7–11 address,
12 commune, 13 département, 15 postcode and town, 16 phone, 18/19 category, 22 SIRET, 28 opening, 30 update.
Lines `geolocalisation` may follow; they are counted and left.

Each line is decoded by itself, UTF-8 when it can be, ISO-8859-1 otherwise: no first pass is needed and a
single odd byte spoils one line only. A field never runs over several lines, so that a quote left open
costs its own line and not the rest of the file.
"""

import csv
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from portal.organisations.identifiants import bare, is_finess, read_phone, read_siret
from portal.shared.errors import DomainError

FIELDS = 32
MAX_LINE = 16_384  # bytes; the longest published lines are under 600

# Overseas, FINESS writes its own codes in place of the INSEE département.
OVERSEAS = {"9A": "971", "9B": "972", "9C": "973", "9D": "974", "9E": "975", "9F": "976", "9J": "986"}

# Communes of Guadeloupe until 2007, collectivities with codes of their own since.
MOVED_COMMUNES = {"97123": "97701", "97127": "97801"}

NO_DATE = date(1900, 1, 1)

_DEPARTEMENT = re.compile(r"0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|9[78][0-9]")
_COMMUNE = re.compile(r"[0-9]{1,3}")
_ONE_FIGURE = re.compile("[1-9]")
_OVERSEAS_CODE = re.compile("9[A-Z]")
_PHONE_WITHOUT_ZERO = re.compile("[1-9][0-9]{8}")
_ROUTING = re.compile(r"([0-9]{5})\s+(.+?)(?:\s+CEDEX(?:\s+[0-9]+)?)?")
_STREET_TYPES = {
    "ALL": "allée",
    "AV": "avenue",
    "BD": "boulevard",
    "CHE": "chemin",
    "CRS": "cours",
    "IMP": "impasse",
    "LOT": "lotissement",
    "PAS": "passage",
    "PL": "place",
    "QU": "quai",
    "R": "rue",
    "RES": "résidence",
    "RTE": "route",
    "SQ": "square",
}


@dataclass(frozen=True, slots=True)
class Etablissement:
    """One establishment of our field. `numero` is its line in the file, counted from 1.

    `departement_code` and `commune_code` are INSEE codes; the commune is not checked against the COG here.
    `anomalies`: codes of what was wrong and left out (`siret`, `ouverture`, `mise_a_jour`, `entite`).
    """

    numero: int
    finess_et: str
    finess_ej: str | None
    nom: str
    adresse: str
    code_postal: str
    ville: str
    departement_code: str
    commune_code: str | None
    telephone: str
    categorie: str
    categorie_libelle: str
    siret: str | None
    ouverte_le: date | None
    maj_le: date | None
    anomalies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LigneRefusee:
    """A line that cannot be read, and why (a DomainError, whose text is shown with its number)."""

    numero: int
    erreur: DomainError


class LecteurFiness:
    """Iterator over the establishments and the refused lines of one open file.

    `categories`: the FINESS categories of our field; `departement`: an INSEE code, None for all. What is
    left aside is counted as the reading goes on: `hors_champ` (other categories), `hors_departement`,
    `geolocalisations`; `lues` counts every line after the first. Raises DomainError
    `organisations.finess_fichier` when the first line is not that of the extraction.
    """

    def __init__(self, file: BinaryIO, categories: Collection[str], departement: str | None = None) -> None:
        self._file = file
        self._categories = frozenset(categories)
        self._departement = departement
        self.lues = 0
        self.hors_champ = 0
        self.hors_departement = 0
        self.geolocalisations = 0
        self.extraite_le = self._read_header()

    def _read_header(self) -> date | None:
        header = _decode(self._file.readline(MAX_LINE)).lstrip("\ufeff").split(";")
        if [field.strip().lower() for field in header[:2]] != ["finess", "etalab"]:
            raise DomainError("organisations.finess_fichier")
        return _optional_date(header[3].strip(), "extraction", []) if len(header) > 3 else None

    def __iter__(self) -> Iterator[Etablissement | LigneRefusee]:
        for numero, raw in self._lines():
            self.lues += 1
            try:
                record = self._read(numero, raw)
            except DomainError as error:
                yield LigneRefusee(numero, error)
            else:
                if record is not None:
                    yield record

    def _lines(self) -> Iterator[tuple[int, bytes | None]]:
        """Yield the lines that are not blank with their number; None for one that is too long."""
        numero = 1
        while raw := self._file.readline(MAX_LINE):
            numero += 1
            if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
                while (rest := self._file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield numero, None
            elif raw.strip():
                yield numero, raw

    def _read(self, numero: int, raw: bytes | None) -> Etablissement | None:
        if raw is None:
            raise DomainError("organisations.finess_ligne_longue")
        line = _decode(raw).rstrip("\r\n")
        fields = _split(line)
        kind = fields[0].strip().lower()
        if kind == "geolocalisation":
            self.geolocalisations += 1
            return None
        if kind != "structureet":
            raise DomainError("organisations.finess_ligne_inconnue", genre=clean(fields[0])[:40])
        if len(fields) != FIELDS:
            raise DomainError("organisations.finess_champs", trouves=len(fields))
        if fields[18].strip() not in self._categories:
            self.hors_champ += 1
            return None
        if not _is_clean(line):
            fields = [clean(field) if field else "" for field in fields]
        record = _establishment(numero, fields)
        if self._departement is not None and record.departement_code != self._departement:
            self.hors_departement += 1
            return None
        return record


def clean(text: str) -> str:
    """Return the text composed (NFC), without control characters, its spaces made single.

    Windows punctuation that came through ISO-8859-1 (0x80–0x9F) is put back: ’ “ ” – … œ €.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    mapped = "".join(_windows(char) if "\x80" <= char <= "\x9f" else char for char in text)
    kept = "".join(
        char if char.isprintable() else " "
        for char in unicodedata.normalize("NFC", mapped)
        if char != "\u00ad"
    )
    return " ".join(kept.split())


def _is_clean(line: str) -> bool:
    """Tell whether `clean` would leave the fields of a line as they are: nearly all published lines."""
    return (
        line.isprintable()
        and unicodedata.is_normalized("NFC", line)
        and not any(mark in line for mark in ('"', "  ", " ;", "; "))
        and line == line.strip()
    )


def _windows(char: str) -> str:
    return char.encode("latin-1").decode("cp1252", errors="replace").replace("\ufffd", " ")


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _split(line: str) -> list[str]:
    line = line.replace("\x00", "").replace("\r", " ")
    if '"' not in line:
        return line.split(";")
    return next(csv.reader([line], delimiter=";"), [""])


def _establishment(numero: int, fields: list[str]) -> Etablissement:
    anomalies: list[str] = []
    code_postal, ville = _routing(fields[15])
    departement, commune = place(fields[13], fields[12], code_postal)
    return Etablissement(
        numero=numero,
        finess_et=_finess(fields[1]),
        finess_ej=_legal_entity(fields[2], anomalies),
        nom=_name(fields[4] or fields[3]),
        adresse=_address(fields, code_postal, ville),
        code_postal=code_postal,
        ville=ville,
        departement_code=departement,
        commune_code=commune,
        telephone=_phone(fields[16]),
        categorie=fields[18],
        categorie_libelle=fields[19],
        siret=_siret(fields[22], anomalies),
        ouverte_le=_optional_date(fields[28], "ouverture", anomalies),
        maj_le=_optional_date(fields[30], "mise_a_jour", anomalies),
        anomalies=tuple(anomalies),
    )


def place(departement: str, commune: str, code_postal: str = "") -> tuple[str, str | None]:
    """Return the INSEE (département, commune) of FINESS codes; the commune is None when it is missing.

    The commune's three figures follow the first two of the département: `01` and `451` make 01451,
    `9D` (974) and `411` make 97411. A code `9…` that is not known is read from the postcode.
    """
    code = departement.upper()
    if _ONE_FIGURE.fullmatch(code):
        code = f"0{code}"
    insee = OVERSEAS.get(code, code)
    if _OVERSEAS_CODE.fullmatch(insee):
        insee = code_postal[:3]
    if not _DEPARTEMENT.fullmatch(insee) or insee in ("20", "97", "98"):
        raise DomainError("organisations.finess_departement", valeur=departement[:10])
    if not _COMMUNE.fullmatch(commune):
        return insee, None
    full = insee[:2] + commune.zfill(3)
    full = MOVED_COMMUNES.get(full, full)
    return (full[:3] if full.startswith(("97", "98")) else insee), full


def _finess(text: str) -> str:
    number = bare(text)
    if not is_finess(number):
        raise DomainError("organisations.finess_numero", valeur=text[:20])
    return number


def _legal_entity(text: str, anomalies: list[str]) -> str | None:
    number = bare(text)
    if is_finess(number):
        return number
    if number:
        anomalies.append("entite")
    return None


def _siret(text: str, anomalies: list[str]) -> str | None:
    if not text:
        return None
    try:
        return read_siret(text)
    except DomainError:
        anomalies.append("siret")
        return None


def _name(text: str) -> str:
    if not text:
        raise DomainError("organisations.finess_nom")
    return text[:200]


def _routing(text: str) -> tuple[str, str]:
    found = _ROUTING.fullmatch(text)
    return (found[1], found[2]) if found else ("", text)


def _address(fields: list[str], code_postal: str, ville: str) -> str:
    number, kind, street, complement, locality = fields[7:12]
    way = " ".join(
        part for part in (number, _STREET_TYPES.get(kind.upper(), kind), street, complement) if part
    )
    town = f"{code_postal} {ville}".strip()
    return ", ".join(part for part in (way, locality, town) if part)[:300]


def _phone(text: str) -> str:
    digits = bare(text)
    if _PHONE_WITHOUT_ZERO.fullmatch(digits):
        digits = f"0{digits}"  # the leading zero falls when a spreadsheet saves the file
    try:
        return read_phone(digits)
    except DomainError:
        return text[:20]


def _date(text: str) -> date | None:
    """Return a date (ISO, or day/month/year as in older files); None for an empty text and for 1900-01-01.

    Raises ValueError otherwise.
    """
    if not text:
        return None
    value = date.fromisoformat("-".join(reversed(text.split("/"))) if "/" in text else text)
    return None if value == NO_DATE else value


def _optional_date(text: str, name: str, anomalies: list[str]) -> date | None:
    try:
        return _date(text)
    except ValueError:
        anomalies.append(name)
        return None
