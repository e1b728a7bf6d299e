"""Nothing of what a household told stands where it must not: logs, addresses, titles, headers, cookies, file
names, e-mails, the journal, the jobs, error reports, what a browser keeps. Canary strings prove it."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.config import ROOT
from portal.grilles.autorisations.models import AccordAdulte, Autorisation, RecuMenage
from portal.grilles.menages.models import Menage
from portal.jobs.models import Travail
from portal.notifications.models import MessageSortant
from portal.security.passwords import hash_password
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.security.tokens import token_hash
from portal.shared.clock import FixedClock
from tests.canaris import CANARI, misplaced
from tests.integration.test_parcours import PROFILS
from tests.monde import Monde, build
from tests.parcours import Visite


@pytest.fixture
def monde(session: Session, factories: SimpleNamespace) -> Monde:
    return build(session, factories)


def test_nothing_is_written_in_clear_beside_the_household(
    app: Flask,
    session: Session,
    clock: FixedClock,
    monde: Monde,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
) -> None:
    """Pages really opened, not undone: what reading them writes holds nothing of what was read."""
    actor = actor_for(Profil.SIAO_DIRECTION, monde.sien.organisations[PROFILS[Profil.SIAO_DIRECTION]])
    client = client_for(actor)
    ref = monde.sien.refs["menage_ref"][0]
    demande = monde.sien.refs["demande_ref"][0]
    for url in (
        f"/menages/{ref}",
        f"/menages/{ref}/lectures",
        f"/menages/{ref}/autorisations",
        f"/menages/demandes/{demande}",
        "/menages",
        "/menages/conservation",
        "/a-faire",
    ):
        assert client.get(url).status_code == 200, url
    client.post(f"/menages/demandes/{demande}/preparer", data={"version": "1"})
    for column in (
        EntreeJournal.changements,
        Travail.parametres,
        Travail.resultat,
        Travail.erreur,
        MessageSortant.corps,
        MessageSortant.sujet,
    ):
        written: list[Any] = list(session.scalars(select(column).where(column.is_not(None))))
        assert written or column is not EntreeJournal.changements
        assert not any(CANARI.search(str(one)) for one in written), str(column)
    assert session.scalars(
        select(EntreeJournal.id).where(EntreeJournal.action == "menages:menage:lire")
    ).all()


def test_the_household_s_own_pages_hold_it_in_their_body_alone(
    session: Session, monde: Monde, client_for: Callable[..., FlaskClient]
) -> None:
    """By a receipt, on a phone: the page of a wrong code and of a dead receipt say nothing at all."""
    ref = monde.sien.refs["menage_ref"][0]
    jeton = f"recu{ref}"
    recu = session.scalars(select(RecuMenage).where(RecuMenage.jeton_hash == token_hash(jeton))).one()
    recu.pin_hash = hash_password("481592")
    autorisation = session.scalars(
        select(AccordAdulte.autorisation_id).where(AccordAdulte.adulte_id == recu.adulte_id)
    ).first()
    une = session.get_one(Autorisation, autorisation).ref
    session.commit()
    client = client_for()
    muettes = [client.get(f"/r/{jeton}"), client.post(f"/r/{jeton}", data={"pin": "000000"})]
    assert client.post(f"/r/{jeton}", data={"pin": "481592"}).status_code == 303
    siennes = [client.get(f"/r/{jeton}{suite}") for suite in ("", f"/{une}", f"/{une}/copie.pdf")]
    muettes.append(client.get(f"/r/{jeton}x"))
    assert not any(CANARI.search(one.text) for one in muettes)
    assert CANARI.search(siennes[1].text)  # it was read
    wrong = [
        place
        for one in siennes
        for place in misplaced(Visite("recus", "GET", one.request.path, "sien", False), one)
    ]
    assert not wrong, "\n".join(wrong)


def test_an_error_report_holds_nothing_of_what_was_sent(
    session: Session,
    monde: Monde,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    logs: io.StringIO,
) -> None:
    """A statement that fails names what it was given in its error, unless it is told not to."""

    def panne(session: Session, *_rest: object, nom: str = "canaricmenage") -> None:
        session.execute(select(Menage.id).where(Menage.code == nom, Menage.created_at == nom))

    monkeypatch.setattr("portal.grilles.menages.recherche.chercher", panne)
    profil = Profil.SIAO_DIRECTION
    client = client_for(actor_for(profil, monde.sien.organisations[PROFILS[profil]]))
    answer = client.post("/menages/chercher", data={"nom": "canaricmenage"})
    assert answer.status_code == 500
    assert "StatementError" in logs.getvalue()
    assert not CANARI.search(logs.getvalue() + answer.text)


def test_no_script_of_the_portal_keeps_anything_in_the_browser() -> None:
    """A grid is typed on shared tablets: nothing is left there."""
    kept = re.compile(r"\b(localStorage|sessionStorage|indexedDB|caches\.open|serviceWorker)\b")
    for path in sorted((ROOT / "static" / "js").glob("*.js")):
        text = Path(path).read_text()
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
        assert not kept.search(code), path.name
