"""What the recipient reads and answers, on the pages; who waits is told; silence is reminded."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.config import Settings
from portal.grilles.menages import service as menages
from portal.grilles.menages.models import LectureMenage
from portal.grilles.transmissions import queries
from portal.grilles.transmissions.enums import GRILLE_RECUE, StatutTransmission
from portal.grilles.transmissions.models import SuiteTransmission, Transmission
from portal.grilles.transmissions.relances import relancer
from portal.notifications.models import MessageSortant
from portal.organisations import parametres as valeurs
from portal.organisations.models import Parametre
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.autorisations import accorder, commission
from tests.autorisations import demander as presenter
from tests.integration.transmissions.conftest import Envoi
from tests.integration.web_organisations import statements
from tests.menages import vue
from tests.transmises import CANARI_P1, CANARI_P3, autoriser, envoyer

Client = Callable[..., FlaskClient]
S = StatutTransmission


def here(envoi: Envoi, suite: str = "") -> str:
    return f"/grilles-recues/{envoi.transmission.ref}{suite}"


def relue(session: Session, envoi: Envoi) -> Transmission:
    session.expire_all()
    return session.get_one(Transmission, envoi.transmission.id)


def ecrits(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(select(MessageSortant).order_by(MessageSortant.id)).all()
    return [(one.destinataire, one.sujet) for one in rows]


def corps(session: Session) -> str:
    """Return the body of the last message."""
    return session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc()).limit(1)).one()


def accuser(client: FlaskClient, session: Session, envoi: Envoi) -> None:
    version = relue(session, envoi).version
    session.commit()
    assert client.post(here(envoi, "/accuser"), data={"version": version}).status_code == 303


def suite(
    client: FlaskClient, session: Session, envoi: Envoi, etape: str, *, corriger: bool = False, **data: str
) -> int:
    data |= {"version": str(relue(session, envoi).version)}
    session.commit()
    address = here(envoi, f"/repondre/{etape}{'?corriger=1' if corriger else ''}")
    return client.post(address, data=data).status_code


def test_the_landlord_reads_p1_and_each_reading_is_kept(
    session: Session, envoi: Envoi, client_for: Client
) -> None:
    page = client_for(envoi.bailleur).get(here(envoi))
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert CANARI_P1 in text
    assert CANARI_P3 not in text
    assert "Maëlle KERFICTIF" in text
    assert "(loyer + charges − aides) ÷ ressources" in text
    assert "Loyer supposé" in text
    assert "Maëlle" not in text.partition("<title>")[2].partition("</title>")[0]
    assert "no-store" in page.headers["Cache-Control"]
    rows = session.scalars(
        select(LectureMenage).where(LectureMenage.quoi == GRILLE_RECUE).order_by(LectureMenage.id)
    ).all()
    assert [(one.objet_ref, one.organisation_id) for one in rows] == [
        (envoi.transmission.ref, envoi.bailleur.organisation_id)
    ]
    entries = session.scalars(
        select(EntreeJournal).where(
            EntreeJournal.action == "menages:menage:lire",
            EntreeJournal.personne_id == envoi.bailleur.personne_id,
        )
    ).all()
    assert len(entries) == 1


def test_the_list_names_what_is_open_and_is_journalled(
    session: Session, envoi: Envoi, client_for: Client
) -> None:
    text = client_for(envoi.bailleur).get("/grilles-recues").get_data(as_text=True)
    assert "Maëlle KERFICTIF" in text
    assert "Accusé de réception attendu" in text
    entry = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "transmissions:recues:lister")
    ).one()
    assert entry.changements == {"transmissions": [envoi.transmission.ref]}
    assert "Maëlle" not in client_for(envoi.autre).get("/grilles-recues").get_data(as_text=True)


def test_the_whole_way_to_the_lease(
    session: Session, envoi: Envoi, client_for: Client, clock: FixedClock
) -> None:
    client = client_for(envoi.bailleur)
    accuser(client, session, envoi)
    assert relue(session, envoi).statut is S.RECUE
    assert suite(client, session, envoi, "positionnee", jour="12/03/2026") == 303
    assert relue(session, envoi).repondre_avant.isoformat() == "2026-03-17"
    clock.instant += timedelta(days=12)
    session.commit()
    client = client_for(envoi.bailleur)
    asked = client.get(here(envoi, "/repondre/decidee")).get_data(as_text=True)
    assert "Attribution sous condition suspensive" in asked
    assert suite(client, session, envoi, "decidee", issue="attribution_rang", choisir="1") == 200
    assert (
        suite(client, session, envoi, "decidee", issue="attribution_rang", jour="12/03/2026", rang="2") == 303
    )
    assert suite(client, session, envoi, "bail_signe", jour="14/03/2026") == 303
    row = relue(session, envoi)
    assert row.statut is S.BAIL_SIGNE
    assert not row.echec
    text = client.get(here(envoi)).get_data(as_text=True)
    assert "rang 2" in text
    assert "Rien de plus n’est attendu de vous." in text
    told = [to for to, subject in ecrits(session) if "Une réponse est arrivée" in subject]
    assert envoi.travailleur.email in told
    assert envoi.scene.mission_logement.email in told
    worker = client_for(envoi.travailleur)
    address = f"/menages/{envoi.scene.menage.ref}/transmissions/{envoi.transmission.ref}"
    assert "Bail signé" in worker.get(address).get_data(as_text=True)


def test_a_lease_is_not_signed_before_the_decision(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    clock.instant += timedelta(days=10)
    client = client_for(envoi.bailleur)
    assert suite(client, session, envoi, "positionnee", jour="2026-03-09") == 303
    assert suite(client, session, envoi, "decidee", issue="attribution", jour="2026-03-10") == 303
    data = {"version": str(relue(session, envoi).version), "jour": "2026-03-09"}
    session.commit()
    page = client.post(here(envoi, "/repondre/bail_signe"), data=data)
    assert page.status_code == 422
    assert re.search(r'id="jour-erreur">.*précède celle de la décision', page.text)
    assert 'value="2026-03-09"' in page.text
    assert suite(client, session, envoi, "bail_signe", jour="2026-03-10") == 303


def test_a_household_s_refusal_asks_for_its_date_alone_and_is_no_failure(
    session: Session, envoi: Envoi, client_for: Client
) -> None:
    client = client_for(envoi.bailleur)
    page = client.get(here(envoi, "/repondre/refus_menage")).text
    assert "Aucun motif n’est demandé au ménage" in page
    assert 'name="motif"' not in page
    assert "Les champs marqués * sont obligatoires" in page
    assert suite(client, session, envoi, "refus_menage", jour="2026-03-02") == 303
    assert queries.echecs(session, envoi.scene.menage.id) == 0


def test_an_application_is_rejected_without_a_calculation(
    session: Session, envoi: Envoi, client_for: Client
) -> None:
    client = client_for(envoi.bailleur)
    accuser(client, session, envoi)
    assert suite(client, session, envoi, "positionnee", jour="02/03/2026") == 303
    asked = {
        issue: client.post(here(envoi, "/repondre/decidee"), data={"issue": issue, "choisir": "1"}).text
        for issue in ("non_attribution", "rejet_irrecevable")
    }
    assert 'name="loyer"' in asked["non_attribution"]
    assert 'name="loyer"' not in asked["rejet_irrecevable"]
    assert 'value="SEJOUR"' in asked["rejet_irrecevable"]


def test_answering_at_once_is_receiving(session: Session, envoi: Envoi, client_for: Client) -> None:
    client = client_for(envoi.bailleur)
    assert suite(client, session, envoi, "non_retenue", motif="PLAFOND") == 303
    row = relue(session, envoi)
    assert [one.statut for one in row.suites] == [S.RECUE, S.NON_RETENUE]
    assert row.echec
    assert row.recue_le is not None


def test_a_correction_is_another_step_and_the_first_stays(
    session: Session, envoi: Envoi, client_for: Client
) -> None:
    client = client_for(envoi.bailleur)
    accuser(client, session, envoi)
    assert suite(client, session, envoi, "non_retenue", motif="PLAFOND") == 303
    assert suite(client, session, envoi, "positionnee", corriger=True, jour="12/03/2026") == 303
    row = relue(session, envoi)
    assert row.statut is S.POSITIONNEE
    assert not row.echec
    assert [one.statut for one in row.suites] == [S.RECUE, S.NON_RETENUE, S.POSITIONNEE]
    text = client.get(here(envoi)).get_data(as_text=True)
    assert "corrigée ensuite" in text
    assert "Correction : Positionnée en CALEOL" in text
    version = relue(session, envoi).version
    session.commit()
    assert client.post(here(envoi, "/annuler"), data={"version": version}).status_code == 303
    assert relue(session, envoi).statut is S.RECUE
    assert len(session.scalars(select(SuiteTransmission)).all()) == 4


def test_a_stale_form_changes_nothing_and_keeps_what_was_typed(
    session: Session, envoi: Envoi, client_for: Client
) -> None:
    client = client_for(envoi.bailleur)
    accuser(client, session, envoi)
    page = client.post(here(envoi, "/repondre/positionnee"), data={"version": "1", "jour": "12/03/2026"})
    assert page.status_code == 409
    assert "12/03/2026" in page.get_data(as_text=True)
    assert relue(session, envoi).statut is S.RECUE


@pytest.mark.parametrize(
    "data",
    [
        {"motif": "AUTRE", "precision": "Bénéficiaire du RSA"},
        {"motif": "MINIMA_SOCIAUX"},
        {"motif": "PLAFOND", "precision": "de toute façon au chômage"},
    ],
)
def test_a_ground_that_nobody_may_give_is_refused_explained_and_recorded(
    session: Session, envoi: Envoi, client_for: Client, data: dict[str, str]
) -> None:
    client = client_for(envoi.bailleur)
    accuser(client, session, envoi)
    version = str(relue(session, envoi).version)
    session.commit()
    page = client.post(here(envoi, "/repondre/non_retenue"), data=data | {"version": version})
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "Ce motif n’est pas admis" in text
    assert "Fondement" in text
    if "precision" in data:
        assert data["precision"] in text
    assert relue(session, envoi).statut is S.RECUE
    entry = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "transmissions:suite:motif_refuse")
    ).one()
    assert entry.changements["motif"] in ("MINIMA_SOCIAUX", "CHOMAGE")
    assert "RSA" not in str(entry.changements)


def test_after_two_refusals_other_ways_are_proposed_and_no_landlord_knows(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    assert suite(client_for(envoi.bailleur), session, envoi, "non_retenue", motif="PLAFOND") == 303
    menage = f"/menages/{envoi.scene.menage.ref}"
    assert "Une autre solution" not in client_for(envoi.travailleur).get(menage).get_data(as_text=True)
    session.commit()
    une = autoriser(session, clock, envoi.travailleur, envoi.scene.menage, envoi.autre_bailleur)
    envoi.transmission = envoyer(session, clock, envoi.travailleur, une)
    session.commit()
    client = client_for(envoi.autre)
    assert suite(client, session, envoi, "non_retenue", motif="OFFRE") == 303
    assert queries.echecs(session, envoi.scene.menage.id) == 2
    session.commit()
    for actor in (envoi.travailleur, envoi.scene.siao_direction):
        text = client_for(actor).get(menage).get_data(as_text=True)
        assert "Une autre solution" in text
        assert "contingent très social" in text
        assert "2 réponses négatives sont arrivées" in text
        assert "Chercher une autre solution" in client_for(actor).get("/a-faire").get_data(as_text=True)
    assert "/autorisations/demander/presentation" in client_for(envoi.travailleur).get(menage).text
    told = [to for to, subject in ecrits(session) if "Chercher une autre solution" in subject]
    assert set(told) == {envoi.travailleur.email, envoi.scene.mission_logement.email}
    for address in (here(envoi), "/grilles-recues", "/a-faire"):
        text = client.get(address).get_data(as_text=True)
        assert "autre solution" not in text
        assert "Armor Habitat" not in text


def test_in_english_the_grounds_say_that_they_are_french(
    session: Session, envoi: Envoi, client_for: Client
) -> None:
    client = client_for(envoi.bailleur)
    client.post("/langue", data={"langue": "en"})
    motifs = client.get(here(envoi, "/repondre/non_retenue")).text
    assert "Size of the home unsuited" in motifs
    assert '– <span lang="fr">CCH, art. L. 441-1 (composition du ménage)</span>' in motifs
    faits = "Logement de deux pièces, ménage de quatre personnes."
    assert suite(client, session, envoi, "non_retenue", motif="TAILLE", precision=faits) == 303
    for page in (client.get(here(envoi)).text, envoyee(client_for(envoi.travailleur), envoi)):
        assert f'<span lang="fr">{faits}</span>' in page
        assert '<span lang="fr">CCH, art. L. 441-1 (composition du ménage)</span>' in page


def envoyee(client: FlaskClient, envoi: Envoi) -> str:
    """Return the page of what was sent, as whoever sent it reads it."""
    return client.get(f"/menages/{envoi.scene.menage.ref}/transmissions/{envoi.transmission.ref}").text


def test_other_ways_are_not_to_be_sought_once_a_commission_is(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    assert suite(client_for(envoi.bailleur), session, envoi, "non_retenue", motif="PLAFOND") == 303
    session.commit()
    accorder(session, clock, envoi.scene, a=commission(session, clock, envoi.scene, nom="Labellisation"))
    clock.instant += timedelta(minutes=1)
    une = autoriser(session, clock, envoi.travailleur, envoi.scene.menage, envoi.autre_bailleur)
    envoi.transmission = envoyer(session, clock, envoi.travailleur, une)
    session.commit()
    assert suite(client_for(envoi.autre), session, envoi, "non_retenue", motif="OFFRE") == 303
    session.commit()
    assert "Chercher une autre solution" in client_for(envoi.travailleur).get("/a-faire").text
    session.commit()
    presenter(session, clock, envoi.scene, a=commission(session, clock, envoi.scene))
    session.commit()
    assert "Chercher une autre solution" not in client_for(envoi.travailleur).get("/a-faire").text


def test_once_a_lease_is_signed_the_worker_reads_what_stays_open(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    client = client_for(envoi.bailleur)
    jour = clock.today().isoformat()
    assert suite(client, session, envoi, "positionnee", jour=jour) == 303
    assert suite(client, session, envoi, "decidee", issue="attribution", jour=jour) == 303
    menage = f"/menages/{envoi.scene.menage.ref}"
    reste = "Les autorisations en vigueur le restent jusqu’à leur terme"
    assert reste not in client_for(envoi.travailleur).get(menage).text
    session.commit()
    assert suite(client_for(envoi.bailleur), session, envoi, "bail_signe", jour=jour) == 303
    assert reste in client_for(envoi.travailleur).get(menage).text
    session.commit()
    vise = vue(session, clock, envoi.travailleur, envoi.scene.menage)
    menages.clore(session, clock, envoi.travailleur, vise, version=vise.menage.version)
    session.commit()
    page = client_for(envoi.travailleur).get(menage).text
    assert "Accès fermé" in page
    assert "Bail signé" in page


def test_a_reason_out_of_the_list_waits_until_the_siao_has_read_it_again(
    session: Session, envoi: Envoi, database: Database, client_for: Client
) -> None:
    autre = {"motif": "AUTRE", "precision": "Le logement est en travaux jusqu’à l’été."}
    assert suite(client_for(envoi.bailleur), session, envoi, "non_retenue", **autre) == 303
    session.commit()
    relecteur = envoi.scene.siao_direction
    siao = client_for(relecteur)
    suivi = f"/menages/{envoi.scene.menage.ref}/transmissions/{envoi.transmission.ref}"
    attend = "Relire le motif donné par Armor Habitat Fictif 22"
    todo = siao.get("/a-faire").text
    assert attend in todo
    assert f'href="{suivi}"' in todo
    assert attend not in client_for(envoi.travailleur).get("/a-faire").text
    assert "Motif relu" in siao.get(suivi).text
    session.commit()
    data = {"version": relue(session, envoi).version}
    session.commit()
    assert client_for(envoi.travailleur).post(f"{suivi}/relire", data=data).status_code == 403
    siao = client_for(envoi.scene.siao_direction)
    stale = siao.post(f"{suivi}/relire", data={"version": 1}, follow_redirects=True)
    assert "La réponse a changé pendant que vous la lisiez" in stale.text
    with statements(database) as counted:
        siao.get(suivi)
    assert len(counted) <= 8
    assert siao.post(f"{suivi}/relire", data=data).status_code == 303
    assert siao.post(f"{suivi}/relire", data=data).status_code == 303
    assert attend not in siao.get("/a-faire").text
    done = relue(session, envoi)
    assert done.relu_par == f"{relecteur.nom} ({relecteur.organisation_nom})"
    assert f"par {relecteur.nom}" in siao.get(suivi).text
    session.commit()
    noted = select(EntreeJournal).where(EntreeJournal.action == "transmissions:suite:relire")
    assert len(session.scalars(noted).all()) == 1
    session.commit()
    assert (
        suite(client_for(envoi.bailleur), session, envoi, "non_retenue", corriger=True, motif="OFFRE") == 303
    )
    assert relue(session, envoi).relire_depuis is None


def test_silence_is_reminded_then_told(
    session: Session, clock: FixedClock, envoi: Envoi, database: Database, client_for: Client
) -> None:
    settings = Settings(environnement="test")
    assert "Accuser réception" in client_for(envoi.bailleur).get("/a-faire").get_data(as_text=True)
    clock.instant += timedelta(days=4)
    assert relancer(database, clock, settings) == 0
    clock.instant += timedelta(days=1)
    assert relancer(database, clock, settings) == 1
    assert relancer(database, clock, settings) == 0
    session.commit()
    assert ecrits(session)[-1][0] == envoi.bailleur.email
    assert "attend votre réponse" in ecrits(session)[-1][1]
    assert "accusé de réception, demandé pour le 7 mars 2026" in corps(session)
    clock.instant += timedelta(days=5)
    assert relancer(database, clock, settings) == 1
    assert relancer(database, clock, settings) == 0
    session.commit()
    told = {to for to, subject in ecrits(session) if "Grille sans réponse" in subject}
    assert told == {envoi.travailleur.email, envoi.scene.mission_logement.email}
    text = client_for(envoi.travailleur).get("/a-faire").get_data(as_text=True)
    assert "Armor Habitat Fictif 22 n’a pas répondu" in text


def test_after_receipt_the_answer_is_awaited_thirty_days(
    session: Session, clock: FixedClock, envoi: Envoi, database: Database, client_for: Client
) -> None:
    accuser(client_for(envoi.bailleur), session, envoi)
    settings = Settings(environnement="test")
    clock.instant += timedelta(days=29)
    assert relancer(database, clock, settings) == 0
    clock.instant += timedelta(days=1)
    assert relancer(database, clock, settings) == 1
    session.commit()
    assert "attend votre réponse, demandée pour le 1er avril 2026" in corps(session)
    assert "Noter la suite" in client_for(envoi.bailleur).get("/a-faire").get_data(as_text=True)


def test_a_reminder_does_not_make_an_open_form_stale(
    session: Session, clock: FixedClock, envoi: Envoi, database: Database, client_for: Client
) -> None:
    version = relue(session, envoi).version
    session.commit()
    clock.instant += timedelta(days=5)
    assert relancer(database, clock, Settings(environnement="test")) == 1
    answer = client_for(envoi.bailleur).post(here(envoi, "/accuser"), data={"version": version})
    assert answer.status_code == 303
    assert relue(session, envoi).statut is S.RECUE


def test_nobody_is_reminded_of_what_is_closed(
    session: Session, clock: FixedClock, envoi: Envoi, database: Database
) -> None:
    clock.instant += timedelta(days=200)
    assert relancer(database, clock, Settings(environnement="test")) == 0


def test_printing_is_closed_unless_the_département_opens_it(
    session: Session, envoi: Envoi, client_for: Client
) -> None:
    client = client_for(envoi.bailleur)
    assert "transmission-ecran" in client.get(here(envoi)).get_data(as_text=True)
    session.add(Parametre(cle="transmissions.impression", departement_code="22", valeur="oui"))
    session.commit()
    assert "transmission-ecran" not in client.get(here(envoi)).get_data(as_text=True)
    assert valeurs.registered()


def test_the_list_costs_the_same_whatever_its_length(
    session: Session, clock: FixedClock, envoi: Envoi, database: Database, client_for: Client
) -> None:
    client = client_for(envoi.bailleur)

    def count() -> int:
        client.get("/grilles-recues")
        with statements(database) as seen:
            assert client.get("/grilles-recues").status_code == 200
        return len(seen)

    one = count()
    for _ in range(6):
        une = autoriser(session, clock, envoi.travailleur, envoi.scene.menage, envoi.scene.bailleur)
        envoyer(session, clock, envoi.travailleur, une)
    session.commit()
    assert count() == one <= 8
