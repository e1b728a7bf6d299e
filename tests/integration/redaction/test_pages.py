"""The pages of a text: what each party reads and does, live news, conflicts, the cost of a page."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.conventions import service as lignes
from portal.conventions.enums import Partie
from portal.conventions.modeles.conditions import Contexte, motif_de_retrait
from portal.conventions.modeles.contenu import Condition
from portal.conventions.modeles.models import ModeleVersion, VersionDepartementale
from portal.conventions.redaction import ouverture, service
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.models import ConventionTexte
from portal.security.policy import Actor
from portal.shared.db import Database
from tests.integration.redaction.conftest import Negociation
from tests.integration.web_conventions.conftest import comptees
from tests.textes import grand_modele, publier

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
Clients = Callable[[Actor | None], FlaskClient]


@pytest.fixture
def ouverte(negociation: Negociation) -> Negociation:
    negociation.negocier()
    negociation.session.commit()
    return negociation


def adresse(negociation: Negociation, suite: str = "") -> str:
    return f"/conventions/{negociation.ref}/texte{suite}"


def version(html: str) -> str:
    trouvee = re.search(r'name="version"[^>]*value="(\d+)"', html)
    assert trouvee
    return trouvee[1]


def test_the_home_of_the_text_says_who_must_act_and_leads_there(
    ouverte: Negociation, client_for: Clients
) -> None:
    html = client_for(ouverte.voix[O]).get(adresse(ouverte)).get_data(as_text=True)
    assert "En attente de l’accord de l’opérateur : 5 clauses, du SIAO : 1 clause, de l’État : 5" in html
    assert "Examiner les 5 clauses qui m’attendent" in html
    assert "Cadre de la négociation" in html
    assert "2 clauses du modèle ne sont pas retenues" in html
    assert "ne gère pas : CHRS" in html


def test_why_a_clause_left_is_told_in_the_readers_language(
    negociation: Negociation, client_for: Clients
) -> None:
    for natures in ({"CHU": 12, "CHRS_INS": 20}, {"CHU": 12}, {"CHU": 12, "CHRS_INS": 20}):
        lignes.modifier(
            negociation.session,
            negociation.clock,
            negociation.voix[S],
            negociation.ref,
            negociation.ligne.version,
            natures=natures,
            mode=None,
            notes="",
        )
    client = client_for(negociation.voix[O])
    page = adresse(negociation, "/clauses/7.3-CHRS")
    francais = client.get(page).get_data(as_text=True)
    client.set_cookie("langue", "en")
    client.post("/langue", data={"langue": "en", "suite": "/"})
    anglais = client.get(page).get_data(as_text=True)
    motif = motif_de_retrait(Condition(natures=("CHRS_INS",)), Contexte.de(["CHU"]))
    assert motif is not None
    dit = motif.en_langue("fr").replace("\N{NO-BREAK SPACE}", " ")
    assert dit in francais
    assert motif.en_langue("en") in anglais
    assert dit not in anglais


def test_a_clause_shows_its_text_its_bounds_and_the_three_positions(
    ouverte: Negociation, client_for: Clients
) -> None:
    html = client_for(ouverte.voix[O]).get(adresse(ouverte, "/clauses/5.2")).get_data(as_text=True)
    assert '<span class="passage-jaune">6 mois</span>' in html
    assert "de 3 à 12" in html
    assert "modèle présenté par la Dihal" in html
    assert "En attente de votre position et de celle de l’État" in html
    assert "Accord exprès de l’opérateur" in html
    lecture = client_for(ouverte.gestionnaire).get(adresse(ouverte, "/clauses/5.2"))
    assert "Accepter la clause" in html
    assert "Accepter la clause" not in lecture.get_data(as_text=True)


def test_accepting_leads_to_the_next_clause_that_waits_for_me(
    ouverte: Negociation, client_for: Clients
) -> None:
    client = client_for(ouverte.voix[O])
    html = client.get(adresse(ouverte, "/clauses/5.3")).get_data(as_text=True)
    depot = client.post(
        adresse(ouverte, "/clauses/5.3/position"), data={"position": "acceptee", "version": version(html)}
    )
    assert depot.status_code == 303
    assert depot.headers["Location"].endswith("/texte/clauses/6.3?vue=moi")
    assert ouverte.lire().clause("5.3").positions[O] is Position.ACCEPTEE


def test_a_reservation_without_a_reason_comes_back_to_its_field(
    ouverte: Negociation, client_for: Clients
) -> None:
    client = client_for(ouverte.voix[E])
    html = client.get(adresse(ouverte, "/clauses/6.3")).get_data(as_text=True)
    depot = client.post(
        adresse(ouverte, "/clauses/6.3/position"), data={"position": "reserve", "version": version(html)}
    )
    assert depot.status_code == 422
    assert "Dites pourquoi" in depot.get_data(as_text=True)


def test_proposing_a_value_out_of_bounds_keeps_what_was_typed(
    ouverte: Negociation, client_for: Clients
) -> None:
    client = client_for(ouverte.voix[O])
    page = adresse(ouverte, "/clauses/5.2/modifier")
    html = client.get(page).get_data(as_text=True)
    assert "De 3 mois à 12 mois. Par défaut : 6. Origine : modèle présenté par la Dihal." in html
    envoi = {"version": version(html), "texte": "Autre {{freq_eval_mois}}.", "valeur_freq_eval_mois": "36"}
    depot = client.post(page, data=envoi)
    assert depot.status_code == 422
    texte = depot.get_data(as_text=True)
    assert "va de 3 mois à 12 mois. Référence : modèle présenté par la Dihal." in texte
    assert 'value="36"' in texte
    assert "Autre {{freq_eval_mois}}." in texte
    assert client.post(page, data=envoi | {"valeur_freq_eval_mois": "4"}).status_code == 303
    assert ouverte.lire().blocs(ouverte.lire().clause("5.2"))[0].texte == "Autre 4 mois."


def test_green_is_refused_to_a_signatory(ouverte: Negociation, client_for: Clients) -> None:
    client = client_for(ouverte.voix[O])
    reponse = client.get(adresse(ouverte, "/clauses/7.2/modifier"))
    assert reponse.status_code == 409
    assert "elle s’adapte une fois pour le département" in reponse.get_data(as_text=True)


def test_a_stale_proposal_shows_both_texts_and_keeps_what_was_typed(
    ouverte: Negociation, client_for: Clients
) -> None:
    client = client_for(ouverte.voix[O])
    page = adresse(ouverte, "/clauses/6.3/modifier")
    ancienne = version(client.get(page).get_data(as_text=True))
    ouverte.ecrire(E, "6.3", texte="La version de l’État.")
    ouverte.session.commit()
    depot = client.post(page, data={"version": ancienne, "texte": "La version de l’opérateur."})
    texte = depot.get_data(as_text=True)
    assert depot.status_code == 409
    assert "La version de l’État." in texte
    assert "La version de l’opérateur." in texte
    encore = client.post(page, data={"version": version(texte), "texte": "La version de l’opérateur."})
    assert encore.status_code == 303


def test_a_position_on_a_text_that_changed_says_what_changed(
    ouverte: Negociation, client_for: Clients
) -> None:
    client = client_for(ouverte.voix[O])
    html = client.get(adresse(ouverte, "/clauses/6.3")).get_data(as_text=True)
    vu = re.search(r'name="vu"[^>]*value="(\d+)"', html)
    assert vu
    ouverte.ecrire(E, "6.3", texte="Une revue par mois ; voir [[7.2]].")
    ouverte.session.commit()
    depot = client.post(
        adresse(ouverte, "/clauses/6.3/position"),
        data={
            "position": "reserve",
            "motif": "Trop peu",
            "version": version(html),
            "vu": vu[1],
        },
    )
    texte = depot.get_data(as_text=True)
    assert depot.status_code == 409
    assert "Cette clause a changé pendant que vous la lisiez" in texte
    assert re.search(r"<ins>.*Une</ins>", texte)
    assert "Trop peu" in texte
    assert ouverte.lire().clause("6.3").positions[O] is Position.A_EXAMINER


def test_an_open_page_learns_what_others_did_and_nothing_otherwise(
    ouverte: Negociation, client_for: Clients
) -> None:
    client = client_for(ouverte.voix[O])
    avant = ouverte.lire().numero
    veille = adresse(ouverte, "/etat")
    assert client.get(veille, query_string={"n": avant, "clause": "6.3"}).status_code == 204
    ouverte.ecrire(E, "6.3", texte="Une revue par mois ; voir [[7.2]].")
    service.commenter(ouverte.session, ouverte.clock, ouverte.voix[S], ouverte.ref, "7.3", texte="À préciser")
    ouverte.session.commit()
    news = client.get(veille, query_string={"n": avant, "clause": "6.3"}, headers={"X-Veille": "1"})
    html = news.get_data(as_text=True)
    assert f'data-numero="{ouverte.lire().numero}"' in html
    assert "rédaction modifiée, par" in html
    assert "commentaire, par" in html
    for partie in ("clauses", "clause-texte", "clause-actes", "clause-fil", "clause-faits"):
        assert f'id="{partie}"' in html
    assert "Une revue par mois" in html
    edition = client.get(veille, query_string={"n": avant, "clause": "6.3", "edition": 1})
    assert "Votre saisie est gardée" in edition.get_data(as_text=True)
    assert 'id="clause-texte"' not in edition.get_data(as_text=True)
    tordue = client.get(veille, query_string={"n": "9" * 30, "clause": "inconnue"})
    assert tordue.status_code == 200


def test_the_thread_is_written_and_settled_without_a_script(
    ouverte: Negociation, client_for: Clients
) -> None:
    client = client_for(ouverte.voix[O])
    fil = adresse(ouverte, "/clauses/6.3/commentaires")
    for _clic in range(2):
        client.post(fil, data={"texte": "Quels participants ?", "cle_idempotence": "un-clic"})
    html = client.get(adresse(ouverte, "/clauses/6.3")).get_data(as_text=True)
    assert html.count("Quels participants ?</p>") == 2  # the thread, and the history
    action = re.search(r'action="([^"]*/resoudre)', html)
    assert action
    assert client.post(action[1], data={}).status_code == 303
    assert ouverte.lire().clause("6.3").ecrit.commentaires == 0
    assert client.post(fil, data={"texte": ""}).status_code == 422


def test_opening_a_text_from_the_page_of_the_line(negociation: Negociation, client_for: Clients) -> None:
    session = negociation.session
    session.delete(session.get_one(ConventionTexte, negociation.ligne.id))
    session.commit()
    client = client_for(negociation.voix[S])
    html = client.get(adresse(negociation)).get_data(as_text=True)
    assert "Rédiger le texte" in html
    form = client.get(adresse(negociation, "/ouvrir")).get_data(as_text=True)
    assert "L’opérateur a son propre système d’information" in form
    depot = client.post(
        adresse(negociation, "/ouvrir"), data={"version": version(form), "faits": ["finance_etat"]}
    )
    assert depot.status_code == 303
    assert negociation.lire().negociees
    assert client_for(negociation.voix[O]).get(adresse(negociation, "/ouvrir")).status_code == 403


@pytest.mark.parametrize("vue", ["moi", "ouvertes", "etoile", "toutes", "inconnue"])
def test_the_list_is_filtered(ouverte: Negociation, client_for: Clients, vue: str) -> None:
    html = client_for(ouverte.voix[S]).get(adresse(ouverte, f"?vue={vue}")).get_data(as_text=True)
    attendues = {"moi": 1, "ouvertes": 5, "etoile": 1}.get(vue, 7)
    assert html.count('class="clauses-titre"') == attendues


def test_reading_comparing_and_the_frame(ouverte: Negociation, client_for: Clients) -> None:
    client = client_for(ouverte.voix[S])
    ouverte.ecrire(O, "5.2", freq_eval_mois="4")
    ouverte.session.commit()
    lecture = client.get(adresse(ouverte, "/lecture")).get_data(as_text=True)
    assert "Table de correspondance" in lecture
    assert "sans évaluation du service rendu" in lecture
    ecart = client.get(adresse(ouverte, "/comparaison?de=national&a=convention")).get_data(as_text=True)
    assert "2 clauses diffèrent" in ecart
    assert re.search(r"<del>.*192</del>", ecart)
    cadre = client.get(adresse(ouverte, "/cadre")).get_data(as_text=True)
    envoi = {
        "version": version(cadre),
        "dialogue_le": "2026-04-02",
        "participants": "La direction",
        "mode": "",
    }
    assert client.post(adresse(ouverte, "/cadre"), data=envoi).status_code == 303
    assert client.post(adresse(ouverte, "/cadre"), data=envoi).status_code == 409
    assert "02/04/2026" in client.get(adresse(ouverte)).get_data(as_text=True)
    regles = client.get(adresse(ouverte, "/dispositifs")).get_data(as_text=True)
    refus = client.post(
        adresse(ouverte, "/dispositifs"), data={"version": version(regles), "differees": ["CHU"]}
    )
    assert refus.status_code == 422
    engager = {"clause_code": "5.2", "acte": "cpom", "reference": "CPOM 2025, action 3"}
    assert client.post(adresse(ouverte, "/engagements/ajouter"), data=engager).status_code == 303
    liens = client.get(adresse(ouverte, "/engagements")).get_data(as_text=True)
    assert "CPOM 2025, action 3" in liens
    retirer = re.search(r'action="([^"]*/retirer)"', liens)
    assert retirer
    assert client.post(retirer[1], data={}).status_code == 303


@pytest.mark.parametrize(
    "suite",
    ["", "/etat", "/lecture", "/comparaison", "/clauses/6.3", "/clauses/6.3/modifier", "/engagements"],
)
def test_another_operator_finds_nothing(ouverte: Negociation, client_for: Clients, suite: str) -> None:
    assert client_for(ouverte.ailleurs).get(adresse(ouverte, suite)).status_code == 404


@pytest.mark.parametrize("suite", ["", "/clauses/8.3", "/etat?n=0&clause=8.3", "/lecture"])
def test_forty_five_clauses_cost_no_more_statements_than_few(
    ouverte: Negociation, client_for: Clients, database: Database, suite: str
) -> None:
    session, client = ouverte.session, client_for(ouverte.voix[O])
    grande = publier(session, numero=2, general=grand_modele())
    session.execute(
        update(ConventionTexte)
        .where(ConventionTexte.convention_id == ouverte.ligne.id)
        .values(version_departementale_id=grande.version.id)
    )
    texte = session.get_one(ConventionTexte, ouverte.ligne.id, populate_existing=True)
    ouverture.synchroniser(session, ouverte.clock, ouverte.voix[S], ouverte.ligne, texte)
    for lue in ouverte.lire().negociees[:30]:
        for partie in Partie:
            ouverte.dire(partie, lue.code, Position.RESERVE, "Motif")
            if lue.code != "5.1":
                service.commenter(
                    session, ouverte.clock, ouverte.voix[partie], ouverte.ref, lue.code, texte="Mot"
                )
    session.commit()
    assert session.get(ModeleVersion, grande.general.id)
    assert session.get(VersionDepartementale, grande.version.id)
    client.get(adresse(ouverte, suite))
    with comptees(database) as vues:
        assert client.get(adresse(ouverte, suite)).status_code == 200
    # An answer to a live page that has news reads twice: whether there are any, then what.
    # The home also reads the rounds of its frame, and the former convention.
    assert len(vues) <= (10 if suite.startswith("/etat") or not suite else 8), vues
