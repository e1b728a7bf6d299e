"""Clauses of an avenant are negotiated as comfortably as those of the convention: thread, history, news."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.conventions.avenants import fil, service
from portal.conventions.avenants import negociation as clauses
from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.models import AvenantClauseCommentaire
from portal.conventions.enums import Partie
from portal.conventions.redaction.enums import GenreFait, Position
from portal.notifications.models import MessageSortant
from portal.shared.errors import DomainError, NotVisible
from tests.integration.avenants.conftest import Avenue

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT


@pytest.fixture
def negocie(avenue: Avenue) -> Avenue:
    """An avenant of two clauses, under negotiation."""
    avenue.ouvrir("5.1", "5.2")
    avenue.ecrire(S, "5.2", freq_eval_mois="4")
    avenue.avancer("negocier")
    avenue.session.commit()
    return avenue


def commenter(avenue: Avenue, partie: Partie, code: str, texte: str) -> AvenantClauseCommentaire:
    return clauses.commenter(
        avenue.session,
        avenue.clock,
        avenue.voix[partie],
        avenue.ligne.ref,
        avenue.courant.ref,
        code,
        texte=texte,
    )


def resoudre(avenue: Avenue, partie: Partie, code: str, ref: str) -> None:
    clauses.resoudre(
        avenue.session, avenue.clock, avenue.voix[partie], avenue.ligne.ref, avenue.courant.ref, code, ref
    )


def adresse(avenue: Avenue, suite: str = "") -> str:
    return f"/conventions/{avenue.ligne.ref}/avenants/{avenue.courant.ref}{suite}"


def marque(avenue: Avenue) -> str:
    return fil.marque(avenue.session, avenue.voix[S], avenue.ligne.ref, avenue.courant.ref)


def genres(avenue: Avenue, code: str) -> list[GenreFait]:
    faits = fil.faits(avenue.session, avenue.lire().clause(code).ligne.id)
    return [fait.genre for fait in reversed(faits)]


def test_the_history_of_a_clause_holds_every_act(negocie: Avenue) -> None:
    negocie.dire(O, "5.2", Position.RESERVE, "Trop court.")
    remarque = commenter(negocie, E, "5.2", "Pourquoi quatre ?")
    resoudre(negocie, S, "5.2", remarque.ref)
    assert genres(negocie, "5.2") == [
        GenreFait.OUVERTURE,
        GenreFait.VALEUR,
        GenreFait.POSITION,
        GenreFait.COMMENTAIRE,
        GenreFait.RESOLUTION,
    ]
    valeur = fil.faits(negocie.session, negocie.lire().clause("5.2").ligne.id)[-2]
    assert (valeur.avant, valeur.apres) == ("6", "4")
    assert genres(negocie, "5.1") == [GenreFait.OUVERTURE, GenreFait.POSITION]  # the SIAO opened, so proposes


def test_a_remark_is_open_until_it_is_settled(negocie: Avenue) -> None:
    remarque = commenter(negocie, O, "5.2", "Quels délais ?")
    assert {une.code: une.commentaires for une in negocie.lire().clauses}["5.2"] == 1
    resoudre(negocie, S, "5.2", remarque.ref)
    resoudre(negocie, E, "5.2", remarque.ref)
    assert negocie.voix[S].nom in remarque.resolu_par
    assert not any(une.commentaires for une in negocie.lire().clauses)
    with pytest.raises(NotVisible):
        resoudre(negocie, S, "5.1", remarque.ref)


def test_an_empty_remark_says_so_and_a_closed_avenant_takes_none(negocie: Avenue) -> None:
    with pytest.raises(DomainError) as vide:
        commenter(negocie, O, "5.2", "  ")
    assert vide.value.field == "texte"
    negocie.avancer("abandonner", motif="Sans suite.")
    with pytest.raises(DomainError) as clos:
        commenter(negocie, O, "5.2", "Encore un mot")
    assert clos.value.code == "avenants.etat"


def annonces(avenue: Avenue) -> list[MessageSortant]:
    avenue.session.flush()
    dits = MessageSortant.sujet.startswith("Commentaire à lire")
    return list(avenue.session.scalars(select(MessageSortant).where(dits)))


def test_the_others_are_written_to_once_for_remarks_in_a_row(negocie: Avenue) -> None:
    commenter(negocie, O, "5.2", "Un.")
    commenter(negocie, O, "5.1", "Deux.")
    envois = annonces(negocie)
    assert len({envoi.personne_id for envoi in envois}) == len(envois) == 2
    assert all(adresse(negocie) in envoi.corps and "Un." not in envoi.corps for envoi in envois)


def test_a_project_is_prepared_without_the_operator(avenue: Avenue) -> None:
    avenue.ouvrir("5.2")
    assert avenue.courant.statut is StatutAvenant.PROJET
    with pytest.raises(DomainError) as refus:
        commenter(avenue, O, "5.2", "Un mot")
    assert refus.value.code == "avenants.projet"
    assert commenter(avenue, S, "5.2", "Entre nous").texte == "Entre nous"
    assert not annonces(avenue)


def test_an_open_page_learns_what_others_did_and_nothing_otherwise(
    negocie: Avenue, client_for: Callable[..., FlaskClient]
) -> None:
    client, avant = client_for(negocie.voix[O]), marque(negocie)
    veille = adresse(negocie, "/etat")
    assert client.get(veille, query_string={"n": avant, "clause": "5.2"}).status_code == 204
    negocie.ecrire(E, "5.2", freq_eval_mois="5")
    commenter(negocie, S, "5.1", "À préciser")
    negocie.session.commit()
    news = client.get(veille, query_string={"n": avant, "clause": "5.2"}, headers={"X-Veille": "1"}).text
    assert f'data-numero="{marque(negocie)}"' in news
    assert "valeur modifiée, par" in news
    assert "commentaire, par" in news
    for partie in ("clause-texte", "clause-actes", "clause-cotes", "clause-fil", "clause-faits"):
        assert f'id="{partie}"' in news
    assert "5 mois" in news
    edition = client.get(veille, query_string={"n": avant, "clause": "5.2", "edition": 1}).text
    assert "Votre saisie est gardée" in edition
    assert 'id="clause-texte"' not in edition
    page = client.get(veille, query_string={"n": avant}).text
    for partie in ("avenant-situation", "avenant-clauses", "avenant-cote"):
        assert f'id="{partie}"' in page
    for tordue in ("9" * 30 + "-1", "0-9999999999", "0-" + "9" * 21, "x", "1-²"):
        assert client.get(veille, query_string={"n": tordue, "clause": "absente"}).status_code == 200


def test_a_stage_is_news_too(negocie: Avenue, client_for: Callable[..., FlaskClient]) -> None:
    client, avant = client_for(negocie.voix[O]), marque(negocie)
    negocie.accorder()
    negocie.dire(S, "5.1", Position.RESERVE, "Attendons.")
    entre = marque(negocie)
    negocie.avancer("abandonner", motif="Sans suite.")
    negocie.session.commit()
    assert len({avant, entre, marque(negocie)}) == 3
    assert "Sans suite." in client.get(adresse(negocie, "/etat"), query_string={"n": entre}).text
    assert "data-direct" not in client.get(adresse(negocie)).text


def sortir(avenue: Avenue, *gardees: str) -> None:
    """Take out of the avenant every clause but some, by the State."""
    service.modifier(
        avenue.session,
        avenue.clock,
        avenue.voix[E],
        avenue.ligne.ref,
        avenue.courant.ref,
        avenue.courant.version,
        objet=avenue.courant.objet,
        codes=gardees,
    )
    avenue.session.commit()


def test_the_pages_of_a_clause_taken_out_say_so_and_lose_nothing_typed(
    negocie: Avenue, client_for: Callable[..., FlaskClient]
) -> None:
    client, avant = client_for(negocie.voix[O]), marque(negocie)
    sortir(negocie, "5.1")
    page = adresse(negocie, "/clauses/5.2")
    for suite in ({}, {"edition": "1"}):
        vue = client.get(adresse(negocie, "/etat"), query_string={"n": avant, "clause": "5.2"} | suite).text
        assert "Cette clause vient d’être retirée de l’avenant" in vue
        assert 'id="edition-avis"' in vue
    envois = {
        "position": {"position": "reserve", "motif": "Trop court pour nos équipes"},
        "commentaires": {"texte": "Trop court pour nos équipes"},
        "proposer": {"valeur_freq_eval_mois": "5", "motif": "Trop court pour nos équipes", "version": "2"},
    }
    for acte, saisie in envois.items():
        rendu = client.post(f"{page}/{acte}", data=saisie)
        assert rendu.status_code == 409, acte
        assert "Trop court pour nos équipes" in rendu.text
        assert "n’est plus dans l’avenant" in rendu.text
    assert client.get(page).status_code == 404
    inconnue = adresse(negocie, "/clauses/99.9/commentaires")
    assert client.post(inconnue, data={"texte": "Un mot"}).status_code == 404


def test_what_follows_a_clause_taken_out_is_still_announced(
    negocie: Avenue, client_for: Callable[..., FlaskClient]
) -> None:
    commenter(negocie, S, "5.1", "Le dernier mot")
    negocie.session.commit()
    client, avant = client_for(negocie.voix[O]), marque(negocie)
    sortir(negocie, "5.2")
    commenter(negocie, E, "5.2", "À préciser")
    negocie.session.commit()
    assert "commentaire, par" in client.get(adresse(negocie, "/etat"), query_string={"n": avant}).text


def test_the_same_proposal_sent_twice_is_no_conflict_with_oneself(
    negocie: Avenue, client_for: Callable[..., FlaskClient]
) -> None:
    clause = negocie.lire().clause("5.2")
    page = adresse(negocie, "/clauses/5.2")
    saisie = {
        "valeur_freq_eval_mois": "9",
        "version": str(clause.version),
        "motif": "Rythme tenable",
        "texte": negocie.lire().composee.apres.textes.get("5.2", clause.modification.modele.texte).strip(),
    }
    siao = client_for(negocie.voix[S])
    for _clic in range(2):
        rendu = siao.post(f"{page}/proposer", data=saisie)
        assert (rendu.status_code, rendu.headers.get("Location")) == (303, page)
    rendu = client_for(negocie.voix[E]).post(f"{page}/proposer", data=saisie)
    assert rendu.status_code == 409


def test_each_signature_is_news(avenue: Avenue, client_for: Callable[..., FlaskClient]) -> None:
    avenue.en_signature()
    avenue.session.commit()
    client, avant = client_for(avenue.voix[S]), marque(avenue)
    avenue.signer(O)
    avenue.session.commit()
    assert marque(avenue) != avant
    assert client.get(adresse(avenue, "/etat"), query_string={"n": avant}).status_code == 200


def test_the_thread_is_written_and_settled_without_a_script(
    negocie: Avenue, client_for: Callable[..., FlaskClient]
) -> None:
    client = client_for(negocie.voix[O])
    page = adresse(negocie, "/clauses/5.2")
    for _clic in range(2):
        depot = client.post(
            f"{page}/commentaires", data={"texte": "Quels participants ?", "cle_idempotence": "un-clic"}
        )
        assert depot.status_code == 303
    html = client.get(page).text
    assert html.count("Quels participants ?</p>") == 2  # the thread, and the history
    assert "commentaires ouverts" in client.get(adresse(negocie)).text
    action = re.search(r'action="([^"]*/resoudre)', html)
    assert action
    assert client.post(action[1], data={}).status_code == 303
    assert "Résolu par" in client.get(page).text
    assert client.post(f"{page}/commentaires", data={"texte": ""}).status_code == 422


def test_a_position_on_a_clause_that_changed_says_what_changed(
    negocie: Avenue, client_for: Callable[..., FlaskClient]
) -> None:
    client = client_for(negocie.voix[O])
    html = client.get(adresse(negocie, "/clauses/5.2")).text
    caches = {nom: re.search(rf'name="{nom}"[^>]*value="([^"]+)"', html) for nom in ("vu", "version")}
    donnees = {nom: trouve[1] for nom, trouve in caches.items() if trouve}
    negocie.ecrire(E, "5.2", freq_eval_mois="5")
    negocie.session.commit()
    depot = client.post(
        adresse(negocie, "/clauses/5.2/position"),
        data=donnees | {"position": "reserve", "motif": "Trop court"},
    )
    assert depot.status_code == 409
    assert "Cette clause a changé pendant que vous la lisiez" in depot.text
    assert re.search(r"<del>.*4 mois</del>", depot.text)
    assert "Trop court" in depot.text
    tordu = donnees | {"position": "reserve", "motif": "Trop court", "vu": "0-" + "9" * 21}
    assert client.post(adresse(negocie, "/clauses/5.2/position"), data=tordu).status_code == 409
    assert negocie.lire().clause("5.2").positions[O].position is Position.A_EXAMINER


def test_who_reads_without_negotiating_reads_the_thread_and_writes_nothing(
    negocie: Avenue, client_for: Callable[..., FlaskClient]
) -> None:
    commenter(negocie, S, "5.2", "À préciser")
    negocie.session.commit()
    client = client_for(negocie.signee.nego.gestionnaire)
    page = adresse(negocie, "/clauses/5.2")
    html = client.get(page).text
    assert "À préciser" in html
    assert "/commentaires" not in html
    assert client.post(f"{page}/commentaires", data={"texte": "Non"}).status_code == 403
    ailleurs = client_for(negocie.signee.nego.ailleurs)
    assert ailleurs.post(f"{page}/commentaires", data={"texte": "Non"}).status_code == 404
    assert ailleurs.get(adresse(negocie, "/etat")).status_code == 404
