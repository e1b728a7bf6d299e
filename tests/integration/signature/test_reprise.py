"""After a refusal of the whole text: what was agreed to and has not moved is accepted again in one act."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.audit.models import EntreeJournal
from portal.conventions.enums import Partie, Statut
from portal.conventions.redaction import reprise
from portal.conventions.redaction.enums import Position
from portal.security.permissions import Profil
from portal.security.policy import Actor
from tests.integration.signature.conftest import Signature
from tests.integration.signature.test_pages import clients
from tests.integration.signature.test_refus import refuser

__all__ = ["clients"]

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT


def proposees(signature: Signature, partie: Partie = O) -> set[str]:
    nego = signature.nego
    return {lue.code for lue in reprise.reprenables(nego.session, nego.voix[partie], nego.lire(partie))}


def adresse(signature: Signature) -> str:
    return f"/conventions/{signature.ligne.ref}/texte"


def montrees(page: str) -> list[str]:
    return re.findall(r'name="clauses" value="([^"]+)"', page)


@pytest.mark.parametrize("partie", list(Partie))
def test_the_unchanged_clauses_are_accepted_at_once_and_the_starred_ones_one_by_one(
    signature: Signature, clients: dict[Partie, FlaskClient], partie: Partie
) -> None:
    refuser(signature, partie)
    signature.session.commit()
    etoilees = {lue.code for lue in signature.nego.lire().negociees if lue.clause.attention}
    toutes = {lue.code for lue in signature.nego.lire().negociees}
    assert etoilees == {"5.2"}
    signature.session.commit()
    chemin = adresse(signature)
    assert f"{chemin}/reprendre" in clients[partie].get(chemin).get_data(as_text=True)
    page = clients[partie].get(f"{chemin}/reprendre").get_data(as_text=True)
    assert {mot.split()[0] for mot in montrees(page)} == toutes - etoilees
    suite = clients[partie].post(
        f"{chemin}/reprendre", data={"clauses": montrees(page)}, follow_redirects=True
    )
    assert f"{len(toutes - etoilees)} clauses sont acceptées de nouveau." in suite.get_data(as_text=True)
    signature.session.expire_all()
    lu = signature.nego.lire()
    assert {lue.code for lue in lu.ouvertes} == etoilees
    journal = select(func.count()).where(EntreeJournal.action == "conventions:clause:position")
    avant = signature.session.scalar(
        journal.where(EntreeJournal.changements["partie"].as_string() == partie.value)
    )
    assert avant is not None
    assert avant >= len(toutes - etoilees)
    for code in etoilees:
        signature.nego.dire(partie, code, Position.ACCEPTEE)
    signature.avancer("accorder")
    assert signature.ligne.statut is Statut.ACCORD_DE_PRINCIPE


def test_the_others_have_nothing_to_accept_again(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    refuser(signature, O)
    signature.session.commit()
    chemin = adresse(signature)
    assert "/reprendre" not in clients[S].get(chemin).get_data(as_text=True)
    page = clients[S].get(f"{chemin}/reprendre")
    assert "Aucune clause à accepter de nouveau" in page.get_data(as_text=True)
    clients[S].post(f"{chemin}/reprendre", data={"clauses": ["5.1 1", "rien", "", "6.3 999999"]})
    assert signature.nego.lire().attentes.keys() == {O}


def test_what_changed_since_or_is_contested_is_read_one_by_one(signature: Signature) -> None:
    refuser(signature, O)
    simples = sorted(proposees(signature))
    signature.nego.ecrire(S, "5.1", referent="un éducateur")
    autre = next(code for code in simples if code != "5.1")
    signature.nego.dire(E, autre, Position.RESERVE, "À revoir")
    assert proposees(signature) == set(simples) - {"5.1", autre}


def test_a_clause_that_moves_while_the_page_is_read_is_left(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    refuser(signature, O)
    signature.session.commit()
    chemin = f"{adresse(signature)}/reprendre"
    lues = montrees(clients[O].get(chemin).get_data(as_text=True))
    signature.nego.ecrire(S, "5.1", referent="un éducateur")
    signature.session.commit()
    suite = clients[O].post(chemin, data={"clauses": lues}, follow_redirects=True).get_data(as_text=True)
    assert "Une clause a changé entre-temps" in suite
    signature.session.expire_all()
    assert signature.nego.lire().clause("5.1").positions.get(O, Position.A_EXAMINER) is Position.A_EXAMINER
    assert "acceptées de nouveau" not in clients[O].post(
        chemin, data={"clauses": lues}, follow_redirects=True
    ).get_data(as_text=True)


def test_an_organisation_that_takes_anothers_place_agreed_to_nothing(
    signature: Signature, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    refuser(signature, O)
    assert proposees(signature)
    nouvel = factories.Organisation(nom="Association Repreneuse")
    signature.ligne.operateur_id = nouvel.id
    signature.session.flush()
    signature.nego.voix[O] = actor_for(Profil.OPERATEUR_DIRECTION, nouvel)
    assert proposees(signature) == set()


def test_who_only_reads_accepts_nothing(signature: Signature, client_for: Callable[..., FlaskClient]) -> None:
    refuser(signature, O)
    signature.session.commit()
    chemin = f"{adresse(signature)}/reprendre"
    assert client_for(signature.nego.gestionnaire).get(chemin).status_code == 403
    assert client_for(signature.nego.ailleurs).get(chemin).status_code in {403, 404}


def test_before_the_negotiation_nothing_is_accepted(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    page = clients[O].get(f"{adresse(signature)}/reprendre")
    assert page.status_code == 200
    assert "Aucune clause à accepter de nouveau" in page.get_data(as_text=True)
