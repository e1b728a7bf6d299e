"""LibreOffice opens the Word files and keeps their highlights. Run only where it is installed."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.documents.rendu.docx import en_docx
from portal.documents.word.lecture import lire
from tests import rendus

SOFFICE = shutil.which("soffice")
LE = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_text_and_highlights_survive_libreoffice(tmp_path: Path) -> None:
    document = rendus.convention(3, projet=True, colore=True, pied="Empreinte")
    source = tmp_path / "source.docx"
    source.write_bytes(en_docx(document, LE))
    subprocess.run(
        [
            str(SOFFICE),
            f"-env:UserInstallation=file://{tmp_path}/profil",
            "--headless",
            "--convert-to",
            "docx",
            "--outdir",
            str(tmp_path / "sortie"),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
        env=os.environ | {"HOME": str(tmp_path)},
    )
    relu = lire((tmp_path / "sortie" / "source.docx").read_bytes())
    assert relu.titre == document.titre
    assert tuple(bloc for bloc in relu.blocs if bloc.texte.strip()) == document.blocs
