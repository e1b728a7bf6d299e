"""The screens of a household: who gets them, what they show, what they never show."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.grilles.menages import crochets, identites
from portal.grilles.menages.models import LectureMenage, Menage
from portal.notifications.models import MessageSortant
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.web_organisations import statements
from tests.menages import NUMERO, Scene, ouvrir

Clients = Callable[..., FlaskClient]

SECRETS = ("Kerfictif", "KERFICTIF", "Maëlle", "Fictif-Coz", "FICTIF-COZ", NUMERO, "SI-22-4471", "12/05/1990")
LISENT = {"travailleur", "siao_direction", "mission_logement"}
ENTRENT = LISENT | {"collegue", "exterieur", "ailleurs"}
"""Who has a list of households; the others have no such page."""


@pytest.mark.parametrize("suite", ["", "/lectures", "/modifier", "/contact", "/proteger", "/fermer"])
def test_each_profile_gets_the_page_or_nothing(client_for: Clients, scene: Scene, suite: str) -> None:
    seen = {
        nom: client_for(actor).get(f"/menages/{scene.menage.ref}{suite}").status_code
        for nom, actor in scene.tous.items()
    }
    ecrivent = {"travailleur"} if suite not in ("", "/lectures") else LISENT
    voient = {nom: 200 if nom in ecrivent else 403 for nom in LISENT}
    sans = {nom: 404 if nom in ENTRENT else 403 for nom in scene.tous if nom not in LISENT}
    if suite not in ("", "/lectures"):
        voient["siao_direction"] = 403
    assert seen == voient | sans


def test_names_are_on_the_page_and_nowhere_else(client_for: Clients, scene: Scene) -> None:
    page = client_for(scene.travailleur).get(f"/menages/{scene.menage.ref}")
    assert "Maëlle KERFICTIF" in page.text
    assert NUMERO in page.text
    assert page.headers["Cache-Control"] == "no-store"
    title = page.text.split("<title>")[1].split("</title>")[0]
    assert scene.menage.code in title
    assert not any(secret in title for secret in SECRETS)
    for nom, actor in scene.tous.items():
        if nom not in LISENT:
            client = client_for(actor)
            for url in ("/menages", "/menages/acces", "/menages/relais", "/a-faire"):
                assert not any(secret in client.get(url).text for secret in SECRETS), (nom, url)


def test_the_list_holds_ones_own_in_a_constant_number_of_statements(
    session: Session, clock: FixedClock, database: Database, client_for: Clients, scene: Scene
) -> None:
    client = client_for(scene.travailleur)
    client.get("/menages")
    with statements(database) as one:
        assert client.get("/menages").text.count("KERFICTIF") == 1
    for _n in range(20):
        ouvrir(session, clock, scene.travailleur)
    session.commit()
    with statements(database) as many:
        assert client.get("/menages").text.count("KERFICTIF") == 21
    assert len(many) == len(one)
    assert client_for(scene.collegue).get("/menages").text.count("KERFICTIF") == 0


def test_reading_is_written_down_once_for_half_an_hour_and_always_in_the_journal(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene
) -> None:
    worker, siao = client_for(scene.travailleur), client_for(scene.siao_direction)
    for client in (worker, worker, siao):
        client.get(f"/menages/{scene.menage.ref}")
    read = session.scalars(
        select(LectureMenage.lecteur).where(LectureMenage.quoi == "fiche").order_by(LectureMenage.id)
    ).all()
    assert [lecteur.split(" (")[1] for lecteur in read] == ["Le Toit Fictif 22)", "SIAO Fictif 22)"]
    kept = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "menages:menage:lire").order_by(EntreeJournal.id)
    ).all()
    assert [entry.changements["quoi"] for entry in kept] == ["fiche"] * 3
    page = worker.get(f"/menages/{scene.menage.ref}/lectures").text
    assert scene.siao_direction.nom in page


NOUVEAU = {
    "departement_code": "22",
    "adulte_1_nom": "Inventée",
    "adulte_1_prenom": "Anne",
    "adulte_1_naissance": "1985-04-30",
    "a_charge": "1",
}


def test_a_worker_opens_a_household_and_ten_clicks_make_one(
    session: Session, client_for: Clients, scene: Scene
) -> None:
    client = client_for(scene.travailleur)
    typed = NOUVEAU | {"cle_idempotence": "abcdefghijkl"}
    where = {client.post("/menages/nouveau", data=typed).headers.get("Location") for _n in range(1)}
    again = client.post("/menages/nouveau", data=typed | {"quand_meme": "1"})
    assert where == {again.headers["Location"]}
    assert "Anne INVENTÉE" in client.get(again.headers["Location"]).text
    assert len(session.scalars(select(Menage)).all()) == 2


@pytest.mark.parametrize(
    ("change", "dit"),
    [
        ({"adulte_1_nom": ""}, "Ce champ est obligatoire."),
        ({"adulte_1_nom": "…"}, "Écrivez le nom."),
        ({"adulte_1_naissance": " "}, "Ce champ est obligatoire."),
        ({"adulte_1_naissance": "2025-01-01"}, "celle d’un adulte"),
        ({"adulte_1_naissance": "31/02/1980"}, "Cette date n’existe pas"),
        ({"adulte_1_nom": "x" * 81}, "80 caractères au plus"),
        ({"numero_unique": "12345"}, "18 caractères"),
        ({"a_charge": "99"}, "entre 0 et 20"),
        ({"a_charge": "beaucoup"}, "nombre entier"),
        ({"si_siao": "x" * 41}, "40 caractères au plus"),
        ({"adulte_2_prenom": "Seul"}, "Écrivez le nom."),
        ({"departement_code": "35"}, "n’est pas proposé"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    client_for: Clients, scene: Scene, change: dict[str, str], dit: str
) -> None:
    answer = client_for(scene.travailleur).post("/menages/nouveau", data=NOUVEAU | change)
    assert answer.status_code == 422
    assert dit in answer.text
    assert 'value="Anne"' in answer.text


@pytest.mark.parametrize("qui", ["exterieur", "collegue"])
def test_the_same_person_known_elsewhere_is_said_gently_without_content(
    session: Session, client_for: Clients, scene: Scene, qui: str
) -> None:
    client = client_for(scene.tous[qui])
    typed = NOUVEAU | {
        "adulte_1_nom": "KERFICTIF",
        "adulte_1_prenom": "maelle",
        "adulte_1_naissance": "12/05/1990",
    }
    page = client.post("/menages/nouveau", data=typed).text
    assert "accompagnée par Le Toit Fictif 22" in page
    assert scene.menage.ref not in page
    assert scene.travailleur.nom not in page
    assert not any(secret in page for secret in ("Yann", NUMERO, "SI-22-4471"))
    assert client.post("/menages/nouveau", data=typed | {"quand_meme": "1"}).status_code == 303


def test_without_a_ctp_no_household_is_opened(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene
) -> None:
    scene.ctp.fin_effective = clock.today()
    client = client_for(scene.travailleur)
    assert client.get(f"/menages/{scene.menage.ref}").status_code == 200
    clock.instant = clock.instant.replace(day=3)
    client = client_for(scene.travailleur)
    assert client.get(f"/menages/{scene.menage.ref}").status_code == 404
    assert "CTP est en vigueur" in client.get("/menages/nouveau").text
    assert client.post("/menages/nouveau", data=NOUVEAU).status_code == 403


@pytest.mark.parametrize(
    ("typed", "trouve"),
    [
        ({"nom": "kerfictif"}, True),
        ({"nom": "le fictif coz", "prenom": "YANN", "naissance": "1988-11-03"}, True),
        ({"nom": "Kerfictif", "prenom": "Yann", "naissance": "1988-11-03"}, False),
        ({"repere": "0220 32600 123410200"}, True),
        ({"repere": "si 22 4471"}, True),
        ({"nom": "Fictif"}, False),
    ],
)
def test_a_household_is_found_by_what_is_typed_exactly(
    client_for: Clients, scene: Scene, typed: dict[str, str], trouve: bool
) -> None:
    mine = client_for(scene.travailleur).post("/menages/chercher", data=typed).text
    assert ("Maëlle KERFICTIF" in mine) is trouve
    others = client_for(scene.exterieur).post("/menages/chercher", data=typed).text
    assert "KERFICTIF" not in others
    assert ("Le Toit Fictif 22" in others) is (trouve and typed != {"nom": "kerfictif"})
    far = client_for(scene.ailleurs).post("/menages/chercher", data=typed).text
    assert "Le Toit Fictif" not in far


def test_looking_for_nothing_is_refused(client_for: Clients, scene: Scene) -> None:
    answer = client_for(scene.travailleur).post("/menages/chercher", data={"prenom": "Anne"})
    assert answer.status_code == 422
    assert "au moins un nom" in answer.text


def geste(session: Session, scene: Scene, **champs: str) -> dict[str, str]:
    session.refresh(scene.menage)
    return {"version": str(scene.menage.version)} | champs


def test_adults_join_and_leave_and_other_rooms_are_told(
    session: Session, client_for: Clients, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(crochets, "_compositions", [lambda s, c, a, m: told.append(m.code)])
    client, ici = client_for(scene.travailleur), f"/menages/{scene.menage.ref}"
    personne = {"nom": "Nouvelle", "prenom": "Rose", "naissance": "1999-01-02"}
    assert client.post(f"{ici}/adultes/nouveau", data=geste(session, scene, **personne)).status_code == 303
    assert "Rose NOUVELLE" in client.get(ici).text
    again = client.post(f"{ici}/adultes/nouveau", data=geste(session, scene, **personne))
    assert "déjà dans le ménage" in again.text
    un = identites.presents(scene.menage)[0].ref
    corrige = personne | {"prenom": "Maëlys", "nom": "Kerfictif"}
    client.post(f"{ici}/adultes/{un}/modifier", data=geste(session, scene, **corrige))
    assert told == [scene.menage.code]
    assert client.post(f"{ici}/adultes/{un}/partir", data=geste(session, scene)).status_code == 303
    page = client.get(ici).text
    assert "Maëlys" not in page
    assert "Rose NOUVELLE" in page
    assert told == [scene.menage.code] * 2


def test_the_last_adult_stays(session: Session, client_for: Clients, scene: Scene) -> None:
    client, ici = client_for(scene.travailleur), f"/menages/{scene.menage.ref}"
    un, deux = (adulte.ref for adulte in scene.menage.adultes)
    client.post(f"{ici}/adultes/{un}/partir", data=geste(session, scene))
    answer = client.post(f"{ici}/adultes/{deux}/partir", data=geste(session, scene))
    assert answer.status_code == 422
    assert "seul adulte" in answer.text


def test_a_stale_form_shows_both_versions(session: Session, client_for: Clients, scene: Scene) -> None:
    client, ici = client_for(scene.travailleur), f"/menages/{scene.menage.ref}/modifier"
    opened = geste(session, scene)
    client.post(ici, data=opened | {"si_siao": "SI-22-9999", "numero_unique": NUMERO})
    answer = client.post(ici, data=opened | {"si_siao": "SI-22-8888", "numero_unique": NUMERO})
    assert answer.status_code == 409
    assert "SI-22-9999" in answer.text
    assert "SI-22-8888" in answer.text


def test_the_protected_circuit_shows_a_code_alone_and_is_told_to_nobody(
    session: Session, client_for: Clients, scene: Scene
) -> None:
    client, ici = client_for(scene.travailleur), f"/menages/{scene.menage.ref}"
    assert (
        "référence du SI SIAO" in client.post(f"{ici}/proteger", data=geste(session, scene, si_siao="")).text
    )
    client.post(f"{ici}/proteger", data=geste(session, scene, si_siao="SI-22-4471"))
    for actor in (scene.travailleur, scene.siao_direction):
        page = client_for(actor).get(ici).text
        assert scene.menage.code in page
        assert "SI-22-4471" in page
        assert not any(secret in page for secret in SECRETS if secret != "SI-22-4471")
    for typed in ({"repere": "SI-22-4471"}, {"repere": scene.menage.code}):
        found = client_for(scene.exterieur).post("/menages/chercher", data=typed).text
        assert "Aucun ménage ne répond" in found
        assert "Le Toit Fictif" not in found
    assert client.get(f"{ici}/adultes/{scene.menage.adultes[0].ref}/modifier").status_code == 200
    client.post(f"{ici}/ne-plus-proteger", data=geste(session, scene))
    assert "identité à écrire" in client.get(ici).text


def test_opening_in_the_protected_circuit_takes_a_reference_and_numbers(
    session: Session, client_for: Clients, scene: Scene
) -> None:
    client = client_for(scene.travailleur)
    typed = {"departement_code": "22", "nombre_adultes": "2", "adulte_1_nom": "Kerfictif"}
    assert client.post("/menages/nouveau-protege", data=typed).status_code == 422
    made = client.post("/menages/nouveau-protege", data=typed | {"si_siao": "SI-22-1"})
    assert made.status_code == 303
    page = client.get(made.headers["Location"]).text
    assert "Adulte 2" in page
    assert "Kerfictif" not in page


def test_closing_and_taking_up_again(session: Session, client_for: Clients, scene: Scene) -> None:
    client, ici = client_for(scene.travailleur), f"/menages/{scene.menage.ref}"
    client.post(f"{ici}/fermer", data=geste(session, scene))
    assert "KERFICTIF" not in client.get("/menages").text
    assert "KERFICTIF" in client.get("/menages?clos=1").text
    assert client.get(f"{ici}/modifier").status_code == 403
    client.post(f"{ici}/rouvrir", data=geste(session, scene))
    assert client.get(f"{ici}/modifier").status_code == 200


def test_the_last_contact_is_written_down_and_never_in_the_future(
    session: Session, client_for: Clients, scene: Scene
) -> None:
    client, ici = client_for(scene.travailleur), f"/menages/{scene.menage.ref}/contact"
    answer = client.post(ici, data=geste(session, scene, jour="2026-03-03"))
    assert "a déjà eu lieu" in answer.text
    assert client.post(ici, data=geste(session, scene, jour="2026-02-27")).status_code == 303
    session.refresh(scene.menage)
    assert scene.menage.dernier_contact_le.isoformat() == "2026-02-27"


def test_nothing_of_a_household_is_in_the_journal_nor_in_an_email(
    session: Session, client_for: Clients, scene: Scene
) -> None:
    client, ici = client_for(scene.travailleur), f"/menages/{scene.menage.ref}"
    client.post(f"{ici}/modifier", data=geste(session, scene, si_siao="SI-22-5555", numero_unique=NUMERO))
    client.post("/menages/chercher", data={"nom": "Kerfictif"})
    client_for(scene.exterieur).post("/menages/chercher", data={"repere": NUMERO})
    journal = str([(e.action, e.changements) for e in session.scalars(select(EntreeJournal))])
    mails = str([(m.sujet, m.corps) for m in session.scalars(select(MessageSortant))])
    for secret in (*SECRETS, "SI-22-5555"):
        assert secret not in journal
        assert secret not in mails
