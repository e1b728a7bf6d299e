"""The screens of a session: who reads what, what is kept in step, what a refusal keeps."""

import gzip
import html
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.audit.models import EntreeJournal
from portal.commissions.conduite import decisions
from portal.commissions.conduite.parametres import AJOURNEMENTS
from portal.commissions.conduite.saisie import SaisiePrescription
from portal.commissions.enums import GenreTexte, PresenceMenage, RegleDecision
from portal.commissions.enums_dossiers import SensAvis, StatutDecision
from portal.commissions.models import TexteCommission
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier, DossierAvis
from portal.grilles.autorisations import fermeture
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.menages import service as menages
from portal.grilles.menages.models import LectureMenage
from portal.notifications.models import MessageSortant
from portal.organisations.models import Parametre
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.dossiers import SITUATION
from tests.integration.conduite.conftest import Tenue, typed
from tests.integration.web_organisations import statements
from tests.menages import vue

Clients = Callable[[Actor | None], FlaskClient]
VEILLE = {"X-Veille": "1", "HX-Request": "true"}


def numero(text: str) -> str:
    found = re.search(r'data-numero="(\d+)"', text)
    assert found is not None
    return found[1]


def version_lue(text: str, formulaire: str) -> str:
    """Return the version that a form of the page carries."""
    found = re.search(
        r'name="version" type="hidden" value="(\d+)"', text.split(f"formulaire-{formulaire}")[1]
    )
    assert found is not None
    return found[1]


def valeurs(**champs: str) -> dict[str, str]:
    return {
        "code": "ORIENTATION_VALIDEE",
        "motif": "Logement adapté",
        "consensus": "y",
        "version": "0",
    } | champs


def decider(client: FlaskClient, tenue: Tenue, **champs: str) -> TestResponse:
    return client.post(f"{tenue.url}/dossiers/{tenue.dossier.ref}/decision", data=valeurs(**champs))


def test_two_screens_stay_in_step(session: Session, client_for: Clients, tenue: Tenue) -> None:
    secretaire, membre = client_for(tenue.secretaire), client_for(tenue.table.conseil)
    page = membre.get(tenue.url)
    assert page.status_code == 200
    assert tenue.dossier.code in page.text
    state = numero(page.text)
    veille = f"{tenue.url}/etat?n="
    assert membre.get(veille + state, headers=VEILLE).status_code == 204
    kept = secretaire.post(
        f"{tenue.url}/dossiers/{tenue.dossier.ref}/brouillon", data=valeurs(motif="Mots en cours")
    )
    assert kept.json is not None
    assert kept.json["version"] >= 1
    other = client_for(tenue.seconde).get(veille + state, headers=VEILLE)
    assert len(other.data) < 5000, "who may write it too is sent its words, and a way to the form"
    assert "Écrire la décision" in other.text
    news = membre.get(veille + state, headers=VEILLE)
    assert news.status_code == 200
    assert "Mots en cours" in news.text
    assert "<form" not in news.text
    assert len(news.data) < 5000
    assert numero(news.text) == str(kept.json["etat"])
    assert membre.get(veille + numero(news.text), headers=VEILLE).status_code == 204


def test_a_poll_writes_nothing(session: Session, client_for: Clients, tenue: Tenue) -> None:
    membre = client_for(tenue.table.conseil)
    state = numero(membre.get(tenue.url).text)
    session.commit()
    count = len(session.scalars(select(EntreeJournal.id).order_by(EntreeJournal.id)).all())
    for _ in range(5):
        assert membre.get(f"{tenue.url}/etat?n={state}", headers=VEILLE).status_code == 204
    session.commit()
    assert len(session.scalars(select(EntreeJournal.id).order_by(EntreeJournal.id)).all()) == count


@pytest.mark.parametrize("suite", ["", "/etat?n=0", "/projecteur", "/menage"])
def test_who_does_not_sit_finds_nothing(client_for: Clients, tenue: Tenue, suite: str) -> None:
    assert client_for(tenue.table.dehors).get(tenue.url + suite).status_code == 404
    assert client_for(tenue.table.ajoute).get(tenue.url + suite).status_code == 404


def test_a_member_reads_by_their_scope_and_the_reading_is_kept(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    papier = f"{tenue.url}/papier/{tenue.dossier.ref}"
    read = client_for(tenue.table.bailleur).get(papier)
    assert SITUATION in read.text
    session.commit()
    kept = session.scalars(select(LectureMenage).where(LectureMenage.objet_ref == tenue.dossier.ref)).all()
    assert [one.personne_id for one in kept] == [tenue.table.bailleur.personne_id]


def test_texts_are_accepted_before_anything_is_read(
    session: Session, clock: FixedClock, client_for: Clients, tenue: Tenue
) -> None:
    session.add(
        TexteCommission(
            commission_id=tenue.place.commission.id,
            genre=GenreTexte.CONFIDENTIALITE,
            numero=1,
            texte="Je garde le secret.",
            sha256="0" * 64,
            publie_le=clock.now(),
            publie_par="Secrétariat",
        )
    )
    session.commit()
    membre = client_for(tenue.table.conseil)
    for suite in ("", "/projecteur"):
        answer = membre.get(tenue.url + suite)
        assert (answer.status_code, answer.location) == (
            303,
            f"/commissions/{tenue.place.commission.ref}/textes?suite={tenue.url}{suite}",
        )
    assert membre.get(f"{tenue.url}/etat?n=0", headers=VEILLE).status_code == 404
    assert SITUATION not in membre.get(f"{tenue.url}/papier/{tenue.dossier.ref}").text


def test_once_the_texts_are_accepted_the_reader_goes_on_to_what_they_came_for(
    session: Session, clock: FixedClock, client_for: Clients, tenue: Tenue
) -> None:
    for genre in GenreTexte:
        session.add(
            TexteCommission(
                commission_id=tenue.place.commission.id,
                genre=genre,
                numero=1,
                texte="Je garde le secret.",
                sha256="0" * 64,
                publie_le=clock.now(),
                publie_par="Secrétariat",
            )
        )
    session.commit()
    membre, ici = client_for(tenue.table.conseil), f"/dossiers/{tenue.dossier.ref}"
    lien = re.search(r'href="(/commissions/[^"]+/textes\?suite=[^"]+)"', membre.get(ici).text)
    assert lien is not None

    def accepter(adresse: str) -> str:
        forme = re.search(r'action="([^"]+/accepter[^"]*)"', membre.get(adresse).text)
        assert forme is not None
        answer = membre.post(html.unescape(forme[1]))
        assert answer.status_code == 303
        return str(answer.location)

    suite = accepter(html.unescape(lien[1]))
    assert suite.endswith(f"/textes?suite={ici}"), "one text is left"
    assert accepter(suite) == ici
    assert SITUATION in membre.get(ici).text
    autre = client_for(tenue.table.bailleur)
    adresse = f"/commissions/{tenue.place.commission.ref}/textes"
    forme = re.findall(r'action="([^"]+/accepter)"', autre.get(adresse).text)
    assert [autre.post(f"{one}?suite=https://ailleurs.example").status_code for one in forme] == [303, 303]
    assert "Lire les dossiers" in autre.get(adresse).text
    for one in forme:
        assert autre.post(f"{one}?suite=//ailleurs.example").location == "/"


def test_two_secretaries_both_texts_are_shown_and_no_word_is_lost(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    first, second = client_for(tenue.secretaire), client_for(tenue.seconde)
    assert decider(first, tenue, motif="Texte de la première", garder="1").status_code == 303
    answer = decider(second, tenue, motif="Texte de la seconde")
    assert answer.status_code == 409
    assert "Texte de la première" in answer.text
    assert answer.text.count("Texte de la seconde") == 2, "beside the other, and in the form"
    again = version_lue(answer.text, "decision")
    assert decider(second, tenue, motif="Texte de la seconde", version=again).status_code == 303
    session.commit()
    made = session.scalars(select(Decision)).one()
    assert made.statut is StatutDecision.PRISE


def test_who_is_late_on_a_decision_taken_corrects_it_with_their_own_text(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    first, second = client_for(tenue.secretaire), client_for(tenue.seconde)
    assert decider(first, tenue, motif="Texte de la première").status_code == 303
    late = decider(second, tenue, motif="Texte de la seconde", echeance_AVDL="32/13/2026")
    assert late.status_code == 422
    assert "Texte de la seconde</textarea>" in late.text
    late = decider(second, tenue, motif="Texte de la seconde", conditions="À ses conditions")
    assert late.status_code == 409
    forme = re.search(r'id="formulaire-decision" method="post" action="([^"]+/reprendre)"', late.text)
    assert forme is not None
    assert "Corriger la décision avec ce texte" in late.text
    version = version_lue(late.text, "decision")
    sien = valeurs(motif="Texte de la seconde", conditions="À ses conditions", version=version)
    faux = second.post(forme[1], data=sien | {"echeance_AVDL": "32/13/2026"})
    assert faux.status_code == 422
    assert "Texte de la seconde" in faux.text
    assert second.post(forme[1], data=sien).status_code == 303
    page = second.get(tenue.url).text
    assert "Texte de la seconde" in page
    assert "À ses conditions" in page
    session.commit()
    made = session.scalars(select(Decision)).one()
    assert made.statut is StatutDecision.REDIGEE, "nobody's decision stands until it is taken again"
    assert second.post(forme[1], data=sien).status_code == 303, "sent twice, it is kept once"
    vieille = second.post(forme[1], data=sien | {"motif": "Texte d’une vieille page"})
    assert vieille.status_code == 409
    assert vieille.text.count("Texte d’une vieille page") == 2, "beside the other, and in the form"
    assert f'action="{tenue.url}/dossiers/{tenue.dossier.ref}/decision"' in vieille.text
    assert "Texte de la seconde" in vieille.text
    session.expire_all()
    assert session.scalars(select(Decision)).one().version == made.version, "an old page changes nothing"


@pytest.mark.parametrize(
    ("champs", "dit"),
    [
        ({"conditions": "Mot. " * 4000}, "Ce texte est trop long"),
        ({"clore": "1"}, "La séance est close : ses décisions ne changent plus."),
        ({"autre": "1"}, "Texte de la première, revu"),
    ],
)
def test_a_correction_that_is_refused_loses_no_word(
    session: Session, client_for: Clients, tenue: Tenue, champs: dict[str, str], dit: str
) -> None:
    first, second = client_for(tenue.secretaire), client_for(tenue.seconde)
    assert decider(first, tenue, motif="Texte de la première").status_code == 303
    late = decider(second, tenue, motif="Texte de la seconde")
    forme = re.search(r'id="formulaire-decision" method="post" action="([^"]+/reprendre)"', late.text)
    assert forme is not None
    sien = valeurs(motif="Texte de la seconde")
    sien["version"] = version_lue(late.text, "decision")
    if "clore" in champs:
        assert first.post(f"{tenue.url}/clore").status_code == 303
    if "autre" in champs:  # taken back, and taken again in other words
        assert first.post(forme[1], data=sien | {"motif": "Texte de la première"}).status_code == 303
        version = version_lue(first.get(tenue.url).text, "decision")
        assert decider(first, tenue, motif="Texte de la première, revu", version=version).status_code == 303
    answer = second.post(forme[1], data=sien | champs)
    assert answer.status_code == (409 if "autre" in champs else 422)
    assert dit in answer.text
    assert "Texte de la seconde</textarea>" in answer.text
    assert f'action="{forme[1]}"' in answer.text
    session.expire_all()
    assert session.scalars(select(Decision)).one().statut is StatutDecision.PRISE, "nothing was taken back"


def test_a_decision_sent_twice_is_taken_once(session: Session, client_for: Clients, tenue: Tenue) -> None:
    secretaire = client_for(tenue.secretaire)
    for _ in range(2):
        answer = decider(secretaire, tenue)
        assert (answer.status_code, answer.location) == (303, tenue.url)
    session.commit()
    assert session.scalars(select(Decision.statut)).one() is StatutDecision.PRISE


def test_a_decision_is_taken_though_its_own_draft_was_kept_meanwhile(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    secretaire = client_for(tenue.secretaire)
    url = f"{tenue.url}/dossiers/{tenue.dossier.ref}/brouillon"
    assert secretaire.post(url, data=valeurs()).status_code == 200
    assert decider(secretaire, tenue, version="0").status_code == 303
    session.commit()
    assert session.scalars(select(Decision.statut)).one() is StatutDecision.PRISE


def test_words_refused_stay_with_their_dossier_when_another_takes_the_table(
    client_for: Clients, tenue: Tenue
) -> None:
    secretaire = client_for(tenue.secretaire)
    client_for(tenue.seconde).post(f"{tenue.url}/suspendre")
    answer = decider(secretaire, tenue, code="HORS_CHAMP", motif="Bénéficiaire du RSA")
    assert answer.status_code == 422
    assert f'action="{tenue.url}/dossiers/{tenue.dossier.ref}/decision"' in answer.text
    assert "Bénéficiaire du RSA</textarea>" in answer.text
    assert "n’est plus sur la table" in answer.text


def test_closing_twice_leads_back_to_the_session(client_for: Clients, tenue: Tenue) -> None:
    secretaire = client_for(tenue.secretaire)
    for _ in range(2):
        answer = secretaire.post(f"{tenue.url}/clore")
        assert (answer.status_code, answer.location) == (303, tenue.url)


def test_a_dossier_postponed_too_often_is_proposed_to_the_blocked_cases(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    secretaire, propose = client_for(tenue.secretaire), "commission des situations bloquées"
    for count, told in ((1, False), (2, True)):
        tenue.dossier.ajournements = count
        session.commit()
        assert (propose in secretaire.get(tenue.url).text) is told
    session.add(Parametre(cle=AJOURNEMENTS.key, departement_code="22", valeur="3"))
    session.commit()
    assert propose not in secretaire.get(tenue.url).text, "the département chose three"


@pytest.mark.parametrize(
    "motif", ["bénéficiaire du rsa", "BÉNÉFICIAIRE DE L’AAH", "Allocataire  des minima\u00a0sociaux"]
)
def test_a_forbidden_ground_is_found_however_it_is_written(
    client_for: Clients, tenue: Tenue, motif: str
) -> None:
    assert decider(client_for(tenue.secretaire), tenue, code="HORS_CHAMP", motif=motif).status_code == 422


def test_a_forbidden_ground_is_refused_beside_a_prescription_too(client_for: Clients, tenue: Tenue) -> None:
    porteur = tenue.place.scene.bailleur.ref
    champs = {"p_AVDL": "y", "porteur_AVDL": porteur, "echeance_AVDL": "2026-06-01"}
    answer = decider(
        client_for(tenue.secretaire),
        tenue,
        code="HORS_CHAMP",
        **champs,
        precision_AVDL="car allocataire du RSA",
    )
    assert answer.status_code == 422
    assert "La nature d’une ressource ne peut pas fonder un refus" in answer.text


def test_a_ground_that_will_be_refused_is_said_while_it_is_typed(client_for: Clients, tenue: Tenue) -> None:
    client, url = client_for(tenue.secretaire), f"{tenue.url}/dossiers/{tenue.dossier.ref}/brouillon"
    typed = client.post(url, data=valeurs(code="HORS_CHAMP", motif="Bénéficiaire du RSA")).get_json()
    assert typed["texte"].startswith("Affiché sur les écrans. Ce motif ne peut pas fonder cette décision.")
    assert "Bénéficier d’un minimum social" in typed["texte"]
    assert typed["refuse"] == 1
    champs = valeurs(code="HORS_CHAMP", motif="Logement ordinaire", version=str(typed["version"]))
    assert client.post(url, data=champs).get_json()["texte"] == "Affiché sur les écrans."


def test_a_draft_typed_over_another_is_not_kept_silently(client_for: Clients, tenue: Tenue) -> None:
    url = f"{tenue.url}/dossiers/{tenue.dossier.ref}/brouillon"
    assert client_for(tenue.secretaire).post(url, data=valeurs()).status_code == 200
    assert client_for(tenue.seconde).post(url, data=valeurs()).status_code == 409


def test_a_forbidden_ground_is_refused_explained_and_recorded(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    answer = decider(
        client_for(tenue.secretaire), tenue, code="HORS_CHAMP", motif="Bénéficiaire du RSA, donc écarté"
    )
    assert answer.status_code == 422
    assert "La nature d’une ressource ne peut pas fonder un refus" in answer.text
    assert "Bénéficiaire du RSA, donc écarté" in answer.text
    session.commit()
    tried = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "commissions:decision:motif_refuse")
    ).one()
    assert tried.changements == {"motif": "MINIMA_SOCIAUX"}
    assert session.scalars(select(Decision)).all() == []


@pytest.mark.parametrize(
    ("code", "ton", "dite"),
    [
        ("ORIENTATION_VALIDEE", "succes", "Orientation validée"),
        ("HORS_CHAMP", "alerte", "Rejetée, hors champ"),
    ],
)
def test_the_agenda_shows_no_refusal_as_a_success(
    client_for: Clients, tenue: Tenue, code: str, ton: str, dite: str
) -> None:
    assert decider(client_for(tenue.secretaire), tenue, code=code).status_code == 303
    agenda = client_for(tenue.table.conseil).get(tenue.url).text.split('id="c-ordre"')[1]
    assert f'<span class="etat ton-{ton}">{dite}' in agenda


def test_a_decision_taken_is_read_by_all_and_may_be_corrected(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    secretaire = client_for(tenue.secretaire)
    assert decider(secretaire, tenue).status_code == 303
    assert "Décision prise" in client_for(tenue.table.bailleur).get(tenue.url).text
    session.commit()
    made = session.scalars(select(Decision)).one()
    back = f"{tenue.url}/decisions/{made.ref}/reprendre"
    assert (
        secretaire.post(back, data={"version": str(made.version)}, follow_redirects=True).status_code == 200
    )
    session.refresh(made)
    assert made.statut is StatutDecision.REDIGEE


def test_the_protected_circuit_shows_a_code_only(
    session: Session, clock: FixedClock, client_for: Clients, tenue: Tenue
) -> None:
    held = tenue.place.scene
    lu = vue(session, clock, held.travailleur, held.menage)
    menages.proteger(session, clock, held.travailleur, lu, "SI-22-4471", version=held.menage.version)
    decisions.rediger(
        session,
        clock,
        tenue.secretaire,
        tenue.seance,
        tenue.dossier,
        typed(motif="Motif protégé"),
        version=0,
    )
    session.commit()
    membre, president = client_for(tenue.table.conseil), client_for(tenue.table.president)
    page = membre.get(tenue.url).text
    assert tenue.dossier.code in page
    assert "Motif protégé" not in page
    assert tenue.place.scene.operateur.nom not in page.split("c-presences")[0].split("c-table")[1]
    assert membre.get(f"{tenue.url}/papier/{tenue.dossier.ref}").status_code == 404
    assert "Motif protégé" in president.get(tenue.url).text
    room = president.get(f"{tenue.url}/projecteur").text
    assert tenue.dossier.code in room
    assert "Motif protégé" not in room
    papier = f"{tenue.url}/papier/{tenue.dossier.ref}"
    assert president.get(papier).status_code == 200
    assert president.get(f"{papier}?vue=projecteur").status_code == 404
    news = president.get(f"{tenue.url}/etat?n=0&vue=projecteur", headers=VEILLE).text
    assert "Motif protégé" not in news


def test_the_household_s_screen_shows_its_own_dossier_while_it_is_there(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    secretaire = client_for(tenue.secretaire)
    assert tenue.dossier.code not in secretaire.get(f"{tenue.url}/menage").text
    tenue.dossier.menage_present = True
    session.commit()
    decider(secretaire, tenue, expression="Je veux rester ici.")
    screen = secretaire.get(f"{tenue.url}/menage").text.split('id="contenu"')[1].split("</main>")[0]
    assert "<form" not in screen
    simple = "La commission est d’accord avec ce qui a été demandé pour vous."
    for said in ("La commission a décidé", simple, "Logement adapté", "Je veux rester ici.", "une lettre"):
        assert said in screen
    assert "Cette décision s’appelle : Orientation validée." in screen
    for jargon in ("Déport", "Consensus", "Présenté par", "Motif"):
        assert jargon not in screen
    papier = f"{tenue.url}/papier/{tenue.dossier.ref}?vue=menage"
    assert papier in screen
    assert SITUATION in secretaire.get(papier).text
    session.refresh(tenue.dossier)
    tenue.dossier.menage_present = False
    session.commit()
    assert secretaire.get(papier).status_code == 404
    assert tenue.dossier.code not in secretaire.get(f"{tenue.url}/etat?n=0&vue=menage", headers=VEILLE).text
    tenue.place.commission.menage = PresenceMenage.NON
    session.commit()
    assert secretaire.get(f"{tenue.url}/menage").status_code == 404


def test_the_household_s_own_words_are_written(session: Session, client_for: Clients, tenue: Tenue) -> None:
    tenue.dossier.menage_present = True
    session.commit()
    secretaire = client_for(tenue.secretaire)
    assert decider(secretaire, tenue, expression="Je veux rester près de l’école.").status_code == 303
    assert "Je veux rester près de l’école." in client_for(tenue.table.conseil).get(tenue.url).text


def test_a_withdrawal_reaches_every_screen(
    session: Session, clock: FixedClock, client_for: Clients, tenue: Tenue
) -> None:
    membre = client_for(tenue.table.conseil)
    state = numero(membre.get(tenue.url).text)
    held = tenue.place.scene
    accord = session.scalars(select(Autorisation).order_by(Autorisation.id.desc())).first()
    assert accord is not None
    lu = vue(session, clock, held.travailleur, held.menage)
    fermeture.retirer(session, clock, held.travailleur, lu, accord.ref)
    session.commit()
    news = membre.get(f"{tenue.url}/etat?n={state}", headers=VEILLE)
    assert "Autorisation retirée" in news.text
    assert SITUATION not in membre.get(f"{tenue.url}/papier/{tenue.dossier.ref}").text


def test_voices_are_noted_and_shown_in_total_only(
    session: Session, client_for: Clients, tenue: Tenue
) -> None:
    tenue.place.commission.regle = RegleDecision.VOTE
    session.commit()
    table = tenue.table
    keys = [one.organisation_id for one in (table.president, table.conseil, table.bailleur)]
    voices = {f"v_o{key}": "pour" for key in keys}
    secretaire = client_for(tenue.secretaire)
    form = secretaire.get(tenue.url).text
    assert "déport, ne vote pas" in form
    assert decider(secretaire, tenue, **voices).status_code == 303
    page = client_for(tenue.table.conseil).get(tenue.url).text
    assert "pour, 0 contre" in page
    assert 'name="v_o' not in page


def test_an_urgent_case_is_decided_in_writing_then_confirmed(
    session: Session, clock: FixedClock, client_for: Clients, table: object, ouvert: Dossier
) -> None:
    place = table.place  # type: ignore[attr-defined]
    secretaire = client_for(place.scene.siao_direction)
    url = f"/seances/{place.seance.ref}/conduite"
    ici = f"{url}/dossiers/{ouvert.ref}/consultation"
    assert secretaire.get(ici).status_code == 200
    assert f'action="{url}/ouvrir"' not in secretaire.get(url).text, "not before its hour"
    assert secretaire.post(ici, data={"ouvrir": "1"}).status_code == 303
    session.commit()
    made = session.scalars(select(Decision)).one()
    assert made.repondre_avant == clock.now() + timedelta(hours=place.commission.urgence_heures)
    sent = session.scalars(select(MessageSortant).where(MessageSortant.sujet.contains("avis écrit"))).all()
    assert sent
    assert not any("Kerfictif" in one.corps or SITUATION in one.corps for one in sent)
    early = secretaire.post(ici, data=valeurs(version=str(made.version)))
    assert early.status_code == 422
    session.add(
        DossierAvis(
            dossier_id=ouvert.id,
            seance_id=place.seance.id,
            organisation_id=place.scene.bailleur.id,
            sens=SensAvis.FAVORABLE,
            le=clock.now(),
            par="Bailleur",
            personne_id=place.scene.bailleur_referent.personne_id,
        )
    )
    session.commit()
    clock.instant = made.repondre_avant
    secretaire = client_for(place.scene.siao_direction)
    late = secretaire.post(ici, data=valeurs(version=str(made.version)))
    assert late.status_code == 303, late.text
    session.refresh(made)
    assert made.statut is StatutDecision.A_CONFIRMER
    clock.instant = place.seance.debut
    secretaire = client_for(place.scene.siao_direction)
    secretaire.post(f"{url}/ouvrir")
    stuck = secretaire.post(f"{url}/clore")
    assert stuck.status_code == 422
    assert ouvert.code in stuck.text
    secretaire.post(f"{url}/dossiers/{ouvert.ref}/examiner")
    secretaire.post(f"{url}/decisions/{made.ref}/confirmer", data={"version": str(made.version)})
    session.commit()
    assert session.scalars(select(Decision.statut)).one() is StatutDecision.CONFIRMEE


def test_everything_works_without_a_script(
    session: Session, clock: FixedClock, client_for: Clients, tenue: Tenue
) -> None:
    secretaire = client_for(tenue.secretaire)
    page = secretaire.get(tenue.url).text
    assert f"/dossiers/{tenue.dossier.ref}" in page
    assert secretaire.post(f"{tenue.url}/suspendre").status_code == 303
    assert "Aucun dossier sur la table" in secretaire.get(tenue.url).text
    assert secretaire.post(f"{tenue.url}/dossiers/{tenue.dossier.ref}/examiner").status_code == 303
    noted = secretaire.post(f"{tenue.url}/points", data={"points": "Un point", "version": "0"})
    assert noted.status_code == 303
    assert "revient de lui-même" in secretaire.get(f"{tenue.url}/clore").text
    assert secretaire.post(f"{tenue.url}/clore").status_code == 303
    assert "Séance close" in client_for(tenue.table.conseil).get(tenue.url).text


def noter(client: FlaskClient, tenue: Tenue, points: str, version: str) -> TestResponse:
    return client.post(f"{tenue.url}/points", data={"points": points, "version": version})


def test_points_overtaken_show_both_texts(client_for: Clients, tenue: Tenue) -> None:
    secretaire = client_for(tenue.secretaire)
    assert noter(secretaire, tenue, "Le premier", "0").status_code == 303
    late = noter(secretaire, tenue, "Le second", "0")
    assert late.status_code == 409
    assert "Le premier" in late.text
    assert late.text.count("Le second") == 2
    assert noter(secretaire, tenue, "Les deux", version_lue(late.text, "points")).status_code == 303


def test_points_are_written_while_decisions_are(client_for: Clients, tenue: Tenue) -> None:
    secretaire = client_for(tenue.secretaire)
    opened = version_lue(secretaire.get(tenue.url).text, "points")
    url = f"{tenue.url}/dossiers/{tenue.dossier.ref}/brouillon"
    assert client_for(tenue.seconde).post(url, data=valeurs()).status_code == 200
    assert noter(secretaire, tenue, "Un point", opened).status_code == 303


def test_the_page_is_light(client_for: Clients, tenue: Tenue) -> None:
    page = client_for(tenue.secretaire).get(tenue.url)
    assert len(gzip.compress(page.data)) < 30_000


def test_a_follower_stays_signed_in_on_the_session_and_nowhere_else(
    session: Session, clock: FixedClock, client_for: Clients, tenue: Tenue
) -> None:
    membre = client_for(tenue.table.conseil)
    state = numero(membre.get(tenue.url).text)
    clock.instant += timedelta(minutes=100)
    assert membre.get(f"{tenue.url}/etat?n={state}", headers=VEILLE).status_code == 204
    assert membre.get("/commissions").status_code == 303
    clock.instant += timedelta(minutes=141)
    assert membre.get(f"{tenue.url}/etat?n={state}", headers=VEILLE).status_code == 401


def test_every_screen_takes_at_most_eight_statements_however_full_the_session(
    database: Database, session: Session, clock: FixedClock, client_for: Clients, tenue: Tenue
) -> None:
    porteur = SaisiePrescription("AVDL", tenue.place.scene.bailleur.ref, date(2026, 6, 1))
    words = typed(prescriptions=(porteur,))
    decisions.rediger(session, clock, tenue.secretaire, tenue.seance, tenue.dossier, words, version=0)
    tenue.dossier.menage_present, tenue.dossier.ajournements = True, 2
    session.commit()
    screens = ("", "/projecteur", "/menage", "/etat?n=0", f"/papier/{tenue.dossier.ref}", "/clore", "/points")
    counts = []
    for full in (False, True):
        if full:
            copied = {name: getattr(tenue.dossier, name) for name in _COPIES}
            for rang in range(20):
                session.add(Dossier(**copied, code=f"D-F{rang:05}", rang=100 + rang))
            session.commit()
        for client in (client_for(tenue.secretaire), client_for(tenue.table.conseil)):
            for screen in screens:
                client.get(tenue.url + screen)
                with statements(database) as seen:
                    client.get(tenue.url + screen, headers=VEILLE if "etat" in screen else {})
                counts.append(sum(not one.startswith("BEGIN") for one in seen))
    assert max(counts) <= 8
    assert counts[: len(counts) // 2] == counts[len(counts) // 2 :]


_COPIES = (
    "departement_code", "commission_id", "menage_id", "organisation_id", "prescripteur_id", "autorisation_id",
    "grille_id", "motif_demande", "presentation", "pieces", "depose_le", "seance_id", "statut", "created_at",
    "updated_at",
)  # fmt: skip
