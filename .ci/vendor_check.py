"""Compare every vendored file with the digest recorded in the `vendor.lock` beside it.

Usage: `python .ci/vendor_check.py FOLDER...`
Exits 1 and names each file that differs, is missing or is unlisted.
"""

import hashlib
import sys
import tomllib
from pathlib import Path


def problems(folder: Path) -> list[str]:
    """Return one sentence per file of `folder` that is not exactly what its lock says."""
    packages = tomllib.loads((folder / "vendor.lock").read_text(encoding="utf-8"))["package"]
    expected = {name: digest for package in packages for name, digest in package["sha256"].items()}
    present = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    del present["vendor.lock"]
    unlisted = sorted(present.keys() - expected.keys())
    found = [f"{folder / name}: not listed in vendor.lock" for name in unlisted]
    for name, digest in expected.items():
        if name not in present:
            found.append(f"{folder / name}: missing")
        elif hashlib.sha256(present[name].read_bytes()).hexdigest() != digest:
            found.append(f"{folder / name}: differs from its recorded sha256")
    return found


if __name__ == "__main__":
    failures = [sentence for folder in sys.argv[1:] for sentence in problems(Path(folder))]
    sys.exit("\n".join(failures) if failures else 0)
