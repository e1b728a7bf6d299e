"""The import of a FINESS extraction by the command, measured from outside: seconds and peak memory."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from portal.config import Settings

CATEGORIES = ("214", "219", "256", "257", "258", "259", "165", "180", "213", "442", "443", "166")
# The peak of this program alone: what `getrusage` tells includes the process that started it.
RUN = (
    "import re, sys; from flask.cli import main; sys.argv = ['flask', '--app', 'wsgi', *sys.argv[1:]]\n"
    "try: main()\n"
    "finally: print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr)"
)


def luhn_closed(digits: str) -> str:
    """Return the digits followed by their Luhn key."""
    total = sum(
        sum(divmod(int(digit) * (2 if rank % 2 == 0 else 1), 10))
        for rank, digit in enumerate(reversed(digits))
    )
    return f"{digits}{-total % 10}"


def lines(count: int, ours: int) -> Iterator[str]:
    """Yield an extraction of `count` establishments, `ours` of our field, each its own legal person."""
    yield "finess;etalab;111;2026-05-12"
    for number in range(count):
        categorie = CATEGORIES[number % len(CATEGORIES)] if number < ours else "355"
        siret = luhn_closed(f"{luhn_closed(f'{10000000 + number:08d}')}0001")
        yield (
            f"structureet;22{number:07d};22{number + 5000000:07d};ETAB {number};ETABLISSEMENT {number};;"
            f";{number % 300};RUE;LILAS;;;278;22;COTES D'ARMOR;22000 SAINT-BRIEUC;0296000000;;{categorie};"
            f"Categorie;4501;Agregat;{siret};8790B;30;Tarif;;;1990-01-01;1990-01-01;2024-02-04;"
        )


def run_import(settings: Settings, path: Path) -> tuple[float, int]:
    """Import the file by the command; return the seconds and the peak memory in bytes."""
    environment = os.environ | {
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_VAR_DIR": str(settings.var_dir),
        "PORTAL_ENVIRONNEMENT": "demonstration",
    }
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", RUN, "import", "finess", str(path), "--departement", "22"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - start, int(done.stderr.split()[-1]) * 1024
