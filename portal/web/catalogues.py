"""Are the translation catalogues complete?"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from portal.config import ROOT

CATALOGUES = ROOT / "portal" / "translations"
METHODS = [
    ("portal/**.py", "python"),
    ("seeds/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
]
# A template that the extraction cannot read stops it, instead of losing its messages in silence.
TEMPLATES = {"extensions": "jinja2.ext.do", "silent": "false"}
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}


def extracted() -> set[str]:
    """Return every message id of the code and of the templates."""
    found: set[str] = set()
    for folder in ("portal", "templates"):
        methods = [
            (pattern.removeprefix(f"{folder}/"), kind)
            for pattern, kind in METHODS
            if pattern.startswith(folder)
        ]
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / folder),
            methods,
            keywords=KEYWORDS,
            options_map={"**.html": TEMPLATES, "**.txt": TEMPLATES},
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found - {""}


def missing_translations() -> list[str]:
    """Return one line per message that the English catalogue lacks, or keeps fuzzy."""
    known = _read(CATALOGUES / "en" / "LC_MESSAGES" / "messages.po")
    lines = []
    for message_id in sorted(extracted()):
        message = known.get(message_id)
        if (
            message is None
            or not message.string
            or (not isinstance(message.string, str) and not all(message.string))
        ):
            lines.append(f"en: sans traduction : {message_id}")
        elif message.fuzzy:
            lines.append(f"en: traduction à revoir : {message_id}")
    return lines


def _read(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()))
