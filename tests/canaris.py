"""Where the canary strings of a household may stand, and where never."""

import re
from collections.abc import Iterator

from werkzeug.test import TestResponse

from portal.security.permissions import Profil
from tests.parcours import MENAGES, Visite

CANARI = re.compile("canari[rec]menage", re.IGNORECASE)
TITRE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
LIENS = re.compile(r"""(?:href|action|src|data-hx-(?:get|post)|data-veille)="([^"]*)\"""")
READERS = (Profil.SIAO_DIRECTION, Profil.SIAO_MISSION_LOGEMENT, Profil.BAILLEUR_REFERENT)
SERVED_TO_READERS = (*MENAGES, "accueil.", "travaux.", "commissions.", "comptes.", "agenda.")


def misplaced(visite: Visite, response: TestResponse) -> Iterator[str]:
    """Say where, besides the body of a page, an answer holds what a household told."""
    text = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
    if CANARI.search(str(response.headers)):
        yield f"{visite}: a header (address, cookie, file name)"
    if any(CANARI.search(title) for title in TITRE.findall(text)):
        yield f"{visite}: the title of the page"
    if any(CANARI.search(link) for link in LIENS.findall(text)):
        yield f"{visite}: an address in the page"
    if CANARI.search(text) and "no-store" not in response.headers.get("Cache-Control", ""):
        yield f"{visite}: a page that a browser may keep"
    if response.status_code >= 400 and CANARI.search(text) and visite.method == "GET":
        yield f"{visite}: the page of an error"


def lue(response: TestResponse) -> bool:
    """Tell whether an answer holds something of a household."""
    return bool(CANARI.search(response.get_data().decode(errors="replace")))
