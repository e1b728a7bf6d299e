"""The screens: who reads them, what a refusal keeps, nothing of a household where it must not be."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.documents.storage import Storage
from portal.grilles.fin_de_vie import conservation
from portal.grilles.fin_de_vie.enums import GenreDemande, StatutDemande
from portal.grilles.fin_de_vie.models import DemandeMenage
from portal.grilles.menages.models import LectureMenage, Menage
from portal.jobs.runner import run_due
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.fin_de_vie.test_conservation import later
from tests.integration.fin_de_vie.test_demandes import recevoir
from tests.menages import Scene

ClientFor = Callable[..., FlaskClient]


@pytest.fixture
def portail(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application, writing its files where the test looks."""
    monkeypatch.setitem(app.extensions, "portail_settings", settings)
    return app


def page(client: FlaskClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    return response.text


def test_a_request_is_noted_from_the_household_and_followed(
    portail: Flask, session: Session, client_for: ClientFor, scene: Scene
) -> None:
    client = client_for(scene.travailleur)
    here = f"/menages/{scene.menage.ref}/demandes/nouvelle"
    assert here in page(client, f"/menages/{scene.menage.ref}")
    assert "Noter une demande" in page(client, here)
    refused = client.post(here, data={"genre": "rectification", "recue_le": "2026-03-01", "detail": " "})
    assert refused.status_code == 422
    assert "Écrivez ce que le ménage demande" in refused.text
    done = client.post(here, data={"genre": "acces", "recue_le": "2026-03-01", "detail": "Par courrier"})
    assert done.status_code == 303
    lue = page(client, done.headers["Location"])
    assert "Par courrier" in lue
    assert "01/04/2026" in lue
    assert scene.menage.code in page(client, "/menages/demandes")
    assert "Demandes de ménages" in page(client, "/a-faire")
    kept = session.scalars(select(LectureMenage.quoi).order_by(LectureMenage.id)).all()
    assert "demande" in kept


def test_what_was_typed_comes_back_when_it_is_refused(
    portail: Flask, client_for: ClientFor, scene: Scene
) -> None:
    client = client_for(scene.travailleur)
    typed = {"genre": "acces", "recue_le": "2030-01-01", "detail": "Des mots longs à écrire"}
    refused = client.post(f"/menages/{scene.menage.ref}/demandes/nouvelle", data=typed)
    assert refused.status_code == 422
    assert "Des mots longs à écrire" in refused.text
    assert "aujourd’hui ou un jour passé" in refused.text


def test_the_copy_is_asked_for_made_and_downloaded_by_who_follows_it(
    portail: Flask,
    database: Database,
    session: Session,
    clock: FixedClock,
    client_for: ClientFor,
    settings: Settings,
    scene: Scene,
) -> None:
    made = recevoir(session, clock, scene, GenreDemande.ACCES)
    base = f"/menages/demandes/{made.ref}"
    client = client_for(scene.travailleur)
    assert client.get(f"{base}/copie").status_code == 404
    assert client.post(f"{base}/preparer", data={"version": made.version}).status_code == 303
    waiting = page(client, base)
    assert "En attente de son tour" in waiting
    veille = {"headers": {"X-Veille": "1", "HX-Request": "true"}}
    assert f'data-veille="{base}" data-etat="en_attente-0"' in waiting
    assert client.get(f"{base}?etat=en_attente-0", **veille).status_code == 204
    run_due(database, clock, settings, threading.Event())
    assert "Télécharger la copie" in page(client, base)
    got = client.get(f"{base}/copie")
    assert got.data.startswith(b"%PDF")
    assert "copie-de-mes-donnees.pdf" in got.headers["Content-Disposition"]
    assert client_for(scene.siao_direction).get(f"{base}/copie").status_code == 200
    for stranger in (scene.collegue, scene.exterieur):
        assert client_for(stranger).get(f"{base}/copie").status_code == 404
    assert client_for(scene.bailleur_referent).get(f"{base}/copie").status_code == 403
    kept = session.scalars(select(LectureMenage.quoi).order_by(LectureMenage.id)).all()
    assert kept.count("copie") == 2
    session.refresh(made)
    done = client.post(f"{base}/repondre", data={"version": made.version, "reponse": "Remise en main propre"})
    assert done.status_code == 303
    assert "Remise en main propre" in page(client, base)


def test_a_stale_answer_is_told_and_its_words_kept(
    portail: Flask, session: Session, clock: FixedClock, client_for: ClientFor, scene: Scene
) -> None:
    made = recevoir(session, clock, scene, GenreDemande.RECTIFICATION, "Le nom")
    client = client_for(scene.travailleur)
    stale = client.post(
        f"/menages/demandes/{made.ref}/repondre", data={"version": "9", "reponse": "Corrigé ce matin"}
    )
    assert stale.status_code == 409
    assert "Corrigé ce matin" in stale.text


def test_the_siao_erases_and_only_the_request_is_left(
    portail: Flask,
    session: Session,
    clock: FixedClock,
    client_for: ClientFor,
    scene: Scene,
) -> None:
    made = recevoir(session, clock, scene, GenreDemande.EFFACEMENT, "Tout effacer")
    base, ref, code = f"/menages/demandes/{made.ref}", scene.menage.ref, scene.menage.code
    worker = client_for(scene.travailleur)
    assert "Le SIAO efface, ou refuse" in page(worker, base)
    assert worker.get(f"{base}/effacer").status_code == 403
    client = client_for(scene.siao_direction)
    assert code in page(client, f"{base}/effacer")
    wrong = client.post(f"{base}/effacer", data={"version": made.version, "code": "M-AUTRE"})
    assert wrong.status_code == 422
    assert "Le code ne correspond pas" in wrong.text
    assert client.post(f"{base}/effacer", data={"version": made.version, "code": code}).status_code == 303
    assert "n’existent plus" in page(client, base)
    assert client.get(f"/menages/{ref}").status_code == 404
    assert code in page(client, "/menages/demandes?traitees=1")
    assert "À la demande du ménage" in page(client, "/menages/conservation")
    assert session.scalars(select(Menage.id)).all() == []


def test_a_refusal_has_its_reason(
    portail: Flask, session: Session, clock: FixedClock, client_for: ClientFor, scene: Scene
) -> None:
    made = recevoir(session, clock, scene, GenreDemande.EFFACEMENT)
    base = f"/menages/demandes/{made.ref}"
    client = client_for(scene.mission_logement)
    short = client.post(f"{base}/refuser", data={"version": made.version, "reponse": "non"})
    assert short.status_code == 422
    assert "il est dû au ménage" in short.text
    motif = "Un recours est en cours devant le tribunal."
    assert client.post(f"{base}/refuser", data={"version": made.version, "reponse": motif}).status_code == 303
    session.refresh(made)
    assert made.statut is StatutDemande.REFUSEE
    assert motif in page(client_for(scene.travailleur), base)


def test_what_comes_to_its_term_is_shown_to_who_accompanies_and_erased_by_the_siao(
    portail: Flask,
    database: Database,
    session: Session,
    clock: FixedClock,
    client_for: ClientFor,
    storage: Storage,
    scene: Scene,
) -> None:
    code, ref = scene.menage.code, scene.menage.ref
    assert "Rien n’arrive à son terme" in page(client_for(scene.travailleur), "/menages/conservation")
    later(clock, date(2028, 2, 10))
    scene.ctp.date_fin = scene.ctp.fin_effective = date(2030, 12, 31)
    session.commit()
    conservation.passer(database, clock, storage, pour_de_vrai=True)
    session.commit()
    told = page(client_for(scene.travailleur), "/menages/conservation")
    assert code in told
    assert "Préavis envoyé" in told
    assert "Derniers effacements" not in told
    for stranger in (scene.collegue, scene.exterieur):
        assert code not in page(client_for(stranger), "/menages/conservation")
    later(clock, date(2028, 4, 1))
    siao = client_for(scene.siao_direction)
    assert "Délai passé, à effacer" in page(siao, "/menages/conservation")
    here = f"/menages/conservation/{ref}/effacer"
    assert client_for(scene.travailleur).get(here).status_code == 403
    assert "C’est sans retour" in page(siao, here)
    assert siao.post(here).status_code == 303
    assert "Fin de la conservation" in page(siao, "/menages/conservation")


def test_erasing_what_is_not_past_its_term_is_refused(
    portail: Flask, client_for: ClientFor, scene: Scene
) -> None:
    client = client_for(scene.siao_direction)
    assert "Rien de ce ménage n’est à effacer" in page(
        client, f"/menages/conservation/{scene.menage.ref}/effacer"
    )
    assert client.post(f"/menages/conservation/{scene.menage.ref}/effacer").status_code == 422


@pytest.mark.parametrize("url", ["/menages/demandes", "/menages/conservation"])
def test_who_has_nothing_to_do_here_may_not_enter(
    portail: Flask, client_for: ClientFor, scene: Scene, url: str
) -> None:
    for stranger in (scene.agent, scene.bailleur_referent, scene.administrateur, scene.direction):
        assert client_for(stranger).get(url).status_code == 403


def test_lists_cost_the_same_with_more_lines(
    portail: Flask,
    database: Database,
    session: Session,
    clock: FixedClock,
    client_for: ClientFor,
    scene: Scene,
) -> None:
    counted: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: counted.append(a[2]))
    client = client_for(scene.siao_direction)

    def cost(url: str) -> int:
        client.get(url)
        counted.clear()
        page(client, url)
        return len([one for one in counted if one.startswith(("SELECT", "WITH"))])

    before = {url: cost(url) for url in ("/menages/demandes", "/menages/conservation")}
    for number in range(12):
        row = DemandeMenage(
            menage_id=scene.menage.id,
            organisation_id=scene.operateur.id,
            departement_code="22",
            code=f"M-{number}",
            genre=GenreDemande.ACCES,
            statut=StatutDemande.RECUE,
            recue_le=date(2026, 3, 1),
            echeance=date(2026, 4, 1),
            recue_par="x",
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        session.add(row)
    session.commit()
    assert {url: cost(url) for url in before} == before
    assert max(before.values()) <= 8
