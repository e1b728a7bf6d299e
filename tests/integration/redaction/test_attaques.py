"""A text under bad input: absurd values, too long, control characters, foreign objects, clicks sent twice."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.conventions.enums import Partie
from portal.conventions.redaction import fil
from portal.conventions.redaction.enums import GenreFait, Position
from portal.conventions.redaction.models import ConventionClauseFait
from tests.integration.redaction.conftest import Negociation
from tests.integration.redaction.test_pages import Clients, adresse, ouverte, version

__all__ = ["ouverte"]
O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
LONG = "x" * 20_000


def envoi(client: FlaskClient, page: str, **donnees: Any) -> tuple[int, str]:
    reponse = client.post(page, data=donnees)
    return reponse.status_code, reponse.get_data(as_text=True)


def faits(negociation: Negociation) -> int:
    negociation.session.rollback()
    return negociation.session.scalars(select(func.count()).select_from(ConventionClauseFait)).one()


@pytest.mark.parametrize(
    "valeur", ["-1", "0", "13", "6,5", "NaN", "1e3", "９９", "6 mois", "0x6", "9" * 400, "<b>6</b>", "٣"]
)
def test_an_absurd_value_is_refused_beside_its_field(
    ouverte: Negociation, client_for: Clients, valeur: str
) -> None:
    client, page = client_for(ouverte.voix[O]), adresse(ouverte, "/clauses/5.2/modifier")
    v = version(client.get(page).get_data(as_text=True))
    avant = faits(ouverte)
    statut, html = envoi(
        client, page, version=v, texte="Tous les {{freq_eval_mois}}.", valeur_freq_eval_mois=valeur
    )
    assert statut == 422
    assert "champ-erreur" in html
    assert "<b>6</b>" not in html
    assert faits(ouverte) == avant


@pytest.mark.parametrize(
    ("texte", "statut"),
    [
        (f"{LONG}x", 422),
        (LONG, 303),
        ("", 422),
        ("\x00", 400),
        ("{{inconnu}}", 422),
        ("[[99.9]]", 422),
        ("Sans la valeur.", 303),
    ],
)
def test_absurd_words_are_refused_and_kept_on_the_page(
    ouverte: Negociation, client_for: Clients, texte: str, statut: int
) -> None:
    client, page = client_for(ouverte.voix[O]), adresse(ouverte, "/clauses/6.3/modifier")
    v = version(client.get(page).get_data(as_text=True))
    recu, html = envoi(client, page, version=v, texte=texte)
    assert recu == statut
    if statut == 422 and texte:
        assert texte[:200] in html


def test_what_nobody_sees_in_pasted_words_is_not_kept(ouverte: Negociation, client_for: Clients) -> None:
    client, page = client_for(ouverte.voix[O]), adresse(ouverte, "/clauses/6.3/modifier")
    v = version(client.get(page).get_data(as_text=True))
    colle = "La revue\x0ba\x1f lieu\x01 en\tcomité, vingt\x1ecinq\uffff fois\x85par\x7f an."
    statut, _html = envoi(client, page, version=v, texte=colle, motif="Pa\x08r écrit")
    assert statut == 303
    ouverte.session.rollback()
    assert ouverte.clause("6.3").texte == "La revue\na lieu en\tcomité, vingt\u2011cinq fois\npar an."
    assert ouverte.lire().clause("6.3").ecrit.positions[O].motif == "Par écrit"
    client.post(adresse(ouverte, "/clauses/6.3/commentaires"), data={"texte": "À\x0b voir\x1b[2J"})
    ouverte.session.rollback()
    [commentaire] = fil.commentaires(ouverte.session, ouverte.clause("6.3").id)
    assert commentaire.texte == "À\n voir[2J"


def test_the_same_words_sent_twice_by_a_browser_are_not_a_conflict(
    ouverte: Negociation, client_for: Clients
) -> None:
    """Browsers end the lines of a form their own way; what is stored is compared with it."""
    client, page = client_for(ouverte.voix[O]), adresse(ouverte, "/clauses/6.3/modifier")
    v = version(client.get(page).get_data(as_text=True))
    for _fois in range(2):
        statut, _html = envoi(client, page, version=v, texte="Chaque mois.\r\n\r\nEn réunion.")
        assert statut == 303
    ouverte.session.rollback()
    genres = [f.genre for f in fil.faits(ouverte.session, ouverte.clause("6.3").id)]
    assert genres.count(GenreFait.TEXTE) == 1


@pytest.mark.parametrize("suite", ["position", "commentaires"])
def test_a_reason_or_a_remark_too_long_is_told_apart(
    ouverte: Negociation, client_for: Clients, suite: str
) -> None:
    client = client_for(ouverte.voix[O])
    v = version(client.get(adresse(ouverte, "/clauses/6.3")).get_data(as_text=True))
    donnees = {"version": v, "position": "reserve", "motif": LONG, "texte": LONG}
    statut, html = envoi(client, adresse(ouverte, f"/clauses/6.3/{suite}"), **donnees)
    assert statut == 422
    assert "trop long" in html


@pytest.mark.parametrize("position", ["", "inconnue", "proposee", "acceptée", LONG])
def test_a_position_that_does_not_exist_is_refused(
    ouverte: Negociation, client_for: Clients, position: str
) -> None:
    client = client_for(ouverte.voix[O])
    v = version(client.get(adresse(ouverte, "/clauses/6.3")).get_data(as_text=True))
    statut, _html = envoi(client, adresse(ouverte, "/clauses/6.3/position"), version=v, position=position)
    assert statut == 422
    assert ouverte.lire().clause("6.3").positions[O] is Position.A_EXAMINER


def test_two_clicks_accept_once_and_propose_once(ouverte: Negociation, client_for: Clients) -> None:
    client = client_for(ouverte.voix[O])
    v = version(client.get(adresse(ouverte, "/clauses/6.3")).get_data(as_text=True))
    avant = faits(ouverte)
    for _clic in range(2):
        statut, _html = envoi(
            client, adresse(ouverte, "/clauses/6.3/position"), version=v, position="acceptee"
        )
        assert statut == 303
    assert faits(ouverte) == avant + 1
    page = adresse(ouverte, "/clauses/5.3/modifier")
    v = version(client.get(page).get_data(as_text=True))
    avant = faits(ouverte)
    for _clic in range(2):
        statut, _html = envoi(client, page, version=v, texte="Le 115 est prévenu dans l’heure.")
        assert statut == 303
    apres = faits(ouverte)
    assert apres > avant
    envoi(client, page, version=v, texte="Le 115 est prévenu dans l’heure.")
    assert faits(ouverte) == apres


def test_clauses_remarks_and_commitments_from_elsewhere_are_not_found(
    ouverte: Negociation, client_for: Clients
) -> None:
    client, dehors = client_for(ouverte.voix[O]), client_for(ouverte.ailleurs)
    for suite in ("/clauses/99.9", "/clauses/7.3-CHRS", "/clauses/99.9/modifier"):
        assert client.get(adresse(ouverte, suite)).status_code == 404, suite
    for suite in (
        "/clauses/6.3/position", "/clauses/6.3/modifier", "/clauses/6.3/commentaires",
        "/clauses/6.3/commentaires/inconnu/resoudre", "/engagements/inconnu/retirer",
        "/cadre", "/dispositifs",
    ):  # fmt: skip
        assert dehors.post(adresse(ouverte, suite), data={"version": "1"}).status_code in (403, 404), suite
    for suite in ("/clauses/6.3/commentaires/inconnu/resoudre", "/engagements/inconnu/retirer"):
        assert client.post(adresse(ouverte, suite), data={}).status_code == 404, suite
