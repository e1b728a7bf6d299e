"""The engine of the PDF files stays out of the pages (docs/decisions/007)."""

import re

from portal.config import ROOT

MOTEUR = re.compile(r"portal\.documents\.rendu(\.| import .*\b)(pdf|livret)\b")


EN_DIRECT = {
    "autorisations/documents.py",  # a household's papers: what they hold must not lie in the result of a job
    "signature/pages.py",  # the receipt of a signature
}


def test_receipts_and_a_household_s_papers_alone_are_made_while_someone_waits() -> None:
    web = ROOT / "portal" / "web"
    lus = {chemin.relative_to(web).as_posix(): chemin.read_text("utf-8") for chemin in web.rglob("*.py")}
    assert {nom for nom, code in lus.items() if MOTEUR.search(code)} == EN_DIRECT
