"""The screens of the avenants: each one opens for whom it is, and its statements do not grow."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.avenants import documents, figer, propositions
from portal.conventions.avenants.enums import Origine
from portal.conventions.avenants.models import Avenant, AvenantProposition
from portal.conventions.enums import Partie
from portal.conventions.signature.enums import Sorte
from portal.shared.db import Database
from tests import rendus
from tests.integration.avenants.conftest import Avenue
from tests.integration.web_conventions.conftest import comptees
from tests.textes import publier

MOTS = "L’évaluation est revue tous les {{freq_eval_mois}}."


def _texte(document: object) -> str:
    return "\n".join(bloc.texte for bloc in document.blocs)  # type: ignore[attr-defined]


def test_the_document_of_an_avenant_says_before_and_after(avenue: Avenue) -> None:
    avenant = avenue.en_signature()
    fait = documents.de_l_avenant(avenue.session, avenue.ligne, avenant, Sorte.PDF)
    texte = _texte(fait)
    assert "6 mois" in texte
    assert "4 mois" in texte
    assert "Rythme de l’évaluation" in texte
    assert not fait.projet
    assert "SHA-256" in fait.pied


def test_the_consolidated_document_is_that_of_the_day(avenue: Avenue) -> None:
    avenant = avenue.signe(freq_eval_mois="4")
    assert avenant.date_effet is not None
    fait = documents.consolidee(avenue.session, avenue.ligne, avenant.date_effet, Sorte.PROPRE)
    assert "version consolidée au" in fait.titre
    assert "4 mois" in _texte(fait)


def test_the_file_of_an_avenant_bears_its_signatures_and_each_signatory_gets_a_receipt(
    avenue: Avenue, clients: dict[Partie, FlaskClient]
) -> None:
    avenant = avenue.en_signature()
    avenue.session.commit()
    avenue.signee.oublier()
    avenue.signer(Partie.OPERATEUR)
    avenue.session.commit()
    operateur = avenue.voix[Partie.OPERATEUR]
    [recu] = [message for message in avenue.signee.ecrits() if message.personne_id == operateur.personne_id]
    assert recu.sujet.startswith("Reçu de votre signature : avenant n° 1")
    chemin = re.search(r"/conventions/\S+/recu", recu.corps)
    assert chemin
    lus = " ".join(rendus.mots_pdf(clients[Partie.OPERATEUR].get(chemin[0]).data))
    assert "Avenant n° 1 à la convention tripartite" in lus
    fait = documents.de_l_avenant(avenue.session, avenue.ligne, avenant, Sorte.PDF)
    places = fait.blocs[-1].lignes
    assert [place[0][0].texte.split("\n")[0] for place in places[1:]] == ["Opérateur", "SIAO", "État"]
    assert operateur.nom in places[1][1][0].texte
    assert "Signature :" in places[2][2][0].texte


def proposer(avenue: Avenue, origine: Origine, *natures: str) -> AvenantProposition:
    faite = propositions.proposer(
        avenue.session,
        avenue.clock,
        avenue.voix[Partie.SIAO],
        avenue.ligne,
        origine,
        cle="a",
        libelle="La Halte",
        natures=natures,
    )
    assert faite is not None
    return faite


def test_a_proposal_waits_until_an_avenant_takes_it_up(avenue: Avenue) -> None:
    siao = avenue.voix[Partie.SIAO]
    une = propositions.proposer(
        avenue.session,
        avenue.clock,
        siao,
        avenue.ligne,
        Origine.OUVERTURE,
        cle="a",
        libelle="La Halte",
        natures=["RS"],
    )
    assert une is not None
    assert [p.libelle for p in propositions.en_attente(avenue.session, avenue.ligne.id)] == ["La Halte"]
    avenant = avenue.ouvrir(natures_ajoutees=["RS"], proposition_ref=une.ref)
    assert avenant.origine is Origine.OUVERTURE
    assert not propositions.en_attente(avenue.session, avenue.ligne.id)
    avenue.avancer("abandonner", motif="Plus tard.")
    assert propositions.en_attente(avenue.session, avenue.ligne.id)


def test_a_proposal_set_aside_says_why(avenue: Avenue) -> None:
    siao = avenue.voix[Partie.SIAO]
    une = propositions.proposer(
        avenue.session,
        avenue.clock,
        siao,
        avenue.ligne,
        Origine.FERMETURE,
        cle="a",
        libelle="La Halte",
        natures=[],
    )
    assert une is not None
    propositions.ecarter(avenue.session, avenue.clock, siao, avenue.ligne.ref, une.ref, motif="Sans suite.")
    assert not propositions.en_attente(avenue.session, avenue.ligne.id)
    assert une.ecartee_motif == "Sans suite."


@pytest.fixture
def clients(avenue: Avenue, client_for: Callable[..., FlaskClient]) -> dict[Partie, FlaskClient]:
    """One browser for each party."""
    return {partie: client_for(avenue.voix[partie]) for partie in Partie}


def base(avenue: Avenue) -> str:
    return f"/conventions/{avenue.ligne.ref}/avenants"


def relire(avenue: Avenue) -> Session:
    avenue.session.rollback()
    avenue.session.expire_all()
    return avenue.session


def test_an_avenant_is_opened_negotiated_and_frozen_on_its_pages(
    avenue: Avenue, clients: dict[Partie, FlaskClient]
) -> None:
    avenue.session.commit()
    siao = clients[Partie.SIAO]
    assert siao.get(f"{base(avenue)}/ouvrir").status_code == 200
    donnees = {"objet": "Rythme de l’évaluation", "clauses": ["5.2"], "cle_idempotence": "x"}
    page = siao.post(f"{base(avenue)}/ouvrir", data=donnees, follow_redirects=True)
    assert "Avenant n° 1" in page.text
    adresse = page.request.path
    clause = f"{adresse}/clauses/5.2"
    saisie = {"valeur_freq_eval_mois": "4", "version": "1", "motif": "", "texte": MOTS}
    assert "4 mois" in siao.post(f"{clause}/proposer", data=saisie, follow_redirects=True).text
    relire(avenue)
    avenant = _avenant(avenue)
    etape = siao.post(
        f"{adresse}/etape/negocier", data={"version": str(avenant.version)}, follow_redirects=True
    )
    assert "En négociation" in etape.text
    assert f"{adresse}/etape/figer" not in etape.text  # not before the three parties agree
    for partie in Partie:
        relire(avenue)
        version = str(_avenant(avenue).clauses[0].version)
        rendu = clients[partie].post(
            f"{clause}/position", data={"position": "acceptee", "version": version}, follow_redirects=True
        )
        assert rendu.status_code == 200
    relire(avenue)
    avenant = _avenant(avenue)
    assert f"{adresse}/etape/figer" in siao.get(adresse).text
    fige = siao.post(f"{adresse}/etape/figer", data={"version": str(avenant.version)}, follow_redirects=True)
    assert "Empreinte SHA-256" in fige.text
    assert "Signer en ligne" in clients[Partie.OPERATEUR].get(adresse).text
    assert clients[Partie.OPERATEUR].get(f"{adresse}/signer").status_code == 200
    assert clients[Partie.ETAT].get(f"{adresse}/signer").status_code == 409


def _avenant(avenue: Avenue) -> Avenant:
    return avenue.session.scalars(select(Avenant)).one()


def test_a_stale_proposal_shows_both_versions(avenue: Avenue, clients: dict[Partie, FlaskClient]) -> None:
    avenant = avenue.ouvrir("5.2")
    avenue.avancer("negocier")
    avenue.session.commit()
    ancienne = str(avenant.clauses[0].version)
    avenue.ecrire(Partie.ETAT, "5.2", freq_eval_mois="5")
    avenue.session.commit()
    saisie = {"valeur_freq_eval_mois": "9", "version": ancienne, "motif": "", "texte": MOTS}
    rendu = clients[Partie.SIAO].post(f"{base(avenue)}/{avenant.ref}/clauses/5.2/proposer", data=saisie)
    assert rendu.status_code == 409
    assert 'value="9"' in rendu.text


def test_pages_read_with_as_many_statements_whatever_the_clauses(
    avenue: Avenue, clients: dict[Partie, FlaskClient], database: Database
) -> None:
    un = avenue.ouvrir("5.2")
    avenue.session.commit()
    siao, adresse = clients[Partie.SIAO], f"{base(avenue)}/{un.ref}"
    siao.get(adresse)
    with comptees(database) as avant:
        assert siao.get(adresse).status_code == 200
    avenue.avancer("abandonner", motif="Autre.")
    autre = avenue.ouvrir("5.1", "5.2", "5.3", "6.3", "7.3")
    avenue.session.commit()
    with comptees(database) as apres:
        assert siao.get(f"{base(avenue)}/{autre.ref}").status_code == 200
    assert len(apres) == len(avant), apres


def test_the_page_of_a_line_with_avenants_takes_eight_statements(
    avenue: Avenue, clients: dict[Partie, FlaskClient], database: Database
) -> None:
    avenue.ouvrir("5.2")
    avenue.session.commit()
    siao, adresse = clients[Partie.SIAO], f"/conventions/{avenue.ligne.ref}"
    siao.get(adresse)
    with comptees(database) as dites:
        assert "Avenant n° 1" in siao.get(adresse).text
    assert len([dite for dite in dites if not dite.startswith("BEGIN")]) <= 8, dites


def test_the_consolidated_page_and_the_list_open(avenue: Avenue, clients: dict[Partie, FlaskClient]) -> None:
    avenue.signe(freq_eval_mois="4")
    avenue.session.commit()
    for partie in Partie:
        assert "4 mois" in clients[partie].get(f"{base(avenue)}/consolidee").text
        assert "Signé" in clients[partie].get(base(avenue)).text
        assert "Avenant n° 1" in clients[partie].get(f"/conventions/{avenue.ligne.ref}").text
    avant = avenue.jour.replace(day=1).isoformat()
    assert "6 mois" in clients[Partie.SIAO].get(f"{base(avenue)}/consolidee?au={avant}").text


def test_a_reminder_carries_the_link_once_a_day_to_the_party_awaited(
    avenue: Avenue, clients: dict[Partie, FlaskClient]
) -> None:
    avenant = avenue.en_signature()
    avenue.signer(Partie.OPERATEUR)
    avenue.session.commit()
    avenue.signee.oublier()
    page = f"{base(avenue)}/{avenant.ref}"
    assert "Relancer la partie attendue" not in clients[Partie.OPERATEUR].get(page).text
    etat = clients[Partie.ETAT]
    attente = etat.get(page).text
    assert "Relancer la partie attendue" in attente
    assert "Refuser de signer" in attente
    refuser = re.search(r'class="([^"]*)"\s+href="[^"]*/refuser"', attente)
    assert refuser
    assert "bouton-principal" not in refuser[1]  # refusing is never what the page leads to
    assert "1 personne est relancée." in etat.post(f"{page}/relancer", data={}, follow_redirects=True).text
    encore = etat.post(f"{page}/relancer", data={}, follow_redirects=True).text
    assert "1 personne est relancée." not in encore
    relire(avenue)
    [rappel] = avenue.signee.ecrits()
    fige = figer.courant_de(avenue.session, avenant.id)
    assert fige is not None
    assert rappel.personne_id == avenue.voix[Partie.SIAO].personne_id
    assert rappel.sujet.startswith("Rappel, votre signature est attendue : avenant n° 1")
    assert f"{page}/textes/{fige.ref}" in rappel.corps
    assert clients[Partie.OPERATEUR].post(f"{page}/relancer", data={}).status_code == 403


def test_what_waits_is_on_the_page_of_what_is_to_do(
    avenue: Avenue, clients: dict[Partie, FlaskClient]
) -> None:
    avenue.ouvrir("5.2")
    avenue.avancer("negocier")
    avenue.session.commit()
    assert "Avenants qui vous attendent" in clients[Partie.OPERATEUR].get("/a-faire").text


def test_a_late_line_comes_before_an_avenant_that_waits(
    avenue: Avenue, clients: dict[Partie, FlaskClient], factories: SimpleNamespace, database: Database
) -> None:
    avenue.ouvrir("5.2")
    avenue.avancer("negocier")
    ligne = avenue.ligne
    factories.Convention(siao=ligne.siao, etat=ligne.etat, date_cible=avenue.jour - timedelta(days=40))
    avenue.session.commit()
    etat = clients[Partie.ETAT]
    etat.get("/a-faire")
    with comptees(database) as dites:
        page = etat.get("/a-faire").text
    assert page.index("40 jours de retard") < page.index("Avenants qui vous attendent")
    assert len([dite for dite in dites if not dite.startswith("BEGIN")]) <= 8, dites


def test_a_later_green_version_opens_avenants_as_a_group(
    avenue: Avenue, clients: dict[Partie, FlaskClient]
) -> None:
    publier(avenue.session, numero=2, valeurs={("7.2", "delai_orientation_h"): "120"})
    avenue.session.commit()
    siao = clients[Partie.SIAO]
    assert avenue.ligne.operateur.nom in siao.get("/avenants/groupes").text
    rendu = siao.post("/avenants/groupes", data={"conventions": [avenue.ligne.ref]})
    assert "1 projet d’avenant ouvert" in rendu.text
    encore = siao.post("/avenants/groupes", data={"conventions": [avenue.ligne.ref]})
    assert "Un avenant est déjà ouvert" in encore.text


def test_a_group_says_which_merger_keeps_a_convention_from_an_avenant(
    avenue: Avenue, clients: dict[Partie, FlaskClient], factories: SimpleNamespace
) -> None:
    publier(avenue.session, numero=2, valeurs={("7.2", "delai_orientation_h"): "120"})
    avenue.ligne.operateur.fusionnee_dans_id = factories.Organisation(nom="Les Bruyères").id
    avenue.session.commit()
    page = clients[Partie.ETAT].post("/avenants/groupes", data={"conventions": [avenue.ligne.ref]}).text
    assert "a été absorbée par « Les Bruyères »" in page
    assert "%(" not in page
