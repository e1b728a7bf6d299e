"""The private calendar: read back by another library, only what one may see now, gone once revoked."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.audit.models import EntreeJournal
from portal.comptes import agenda
from portal.comptes.models import Adhesion, AdresseAgenda, Personne
from portal.conventions.avenants.enums import Origine
from portal.conventions.avenants.models import AvenantProposition
from portal.conventions.bilans.demandes import demander
from portal.conventions.enums import Statut
from portal.conventions.tours.models import Tour, TourParticipant, TourReunion
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.security.tokens import token_hash
from portal.shared.clock import FixedClock
from portal.web import errors
from portal.web.agenda import routes
from tests.factories import INSTANT
from tests.integration.web_conventions.conftest import Scene, scene
from tests.textes import publier

__all__ = ["scene"]
Clients = Callable[[Actor | None], FlaskClient]


def adresse(client: FlaskClient) -> str:
    """Make a new address from « Mon compte », and return its path."""
    html = client.post("/compte/agenda").get_data(as_text=True)
    trouvee = re.search(r'value="http://localhost(/agenda/[\w-]+\.ics)"', html)
    assert trouvee
    return trouvee[1]


def lus(app: Flask, chemin: str) -> dict[str, Any]:
    """Read a calendar as an application does, without a session: its events by summary."""
    reponse = app.test_client().get(chemin)
    assert reponse.status_code == 200
    assert reponse.mimetype == "text/calendar"
    calendrier = vobject.readOne(reponse.get_data(as_text=True))
    return {entree.summary.value: entree for entree in calendrier.contents.get("vevent", [])}


def tour(scene: Scene, participants: list[Organisation], lieu: str) -> None:
    version = publier(scene.session).version
    made = Tour(
        departement_code="22",
        siao_id=scene.siao.id,
        etat_id=scene.etat.id,
        nature_code="CHU",
        version_departementale_id=version.id,
        ouvert_par="Personne",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    scene.session.add(made)
    scene.session.flush()
    for operateur in participants:
        scene.session.add(
            TourParticipant(tour_id=made.id, operateur_id=operateur.id, ajoute_le=INSTANT, ajoute_par="P")
        )
    scene.session.add(
        TourReunion(
            tour_id=made.id,
            le=date(2026, 4, 15),
            heure="14 h",
            lieu=lieu,
            participants="Madame Nominative",
            notes="Ce qui s’est dit",
            created_at=INSTANT,
            updated_at=INSTANT,
        )
    )
    scene.session.commit()


def test_each_deadline_is_on_its_day_and_nothing_names_anyone(
    app: Flask, scene: Scene, clock: FixedClock, client_for: Clients
) -> None:
    ligne = scene.signee(date(2022, 12, 12), date(2026, 12, 12))
    attendue = scene.ligne(
        Statut.EN_SIGNATURE, operateur=scene.factories.Organisation(nom="Autre"), date_cible=date(2026, 5, 4)
    )
    tour(scene, [scene.operateur], "Salle du conseil, 2e étage ; entrée B")
    demander(scene.session, clock, "22", date(2026, 3, 2))
    scene.session.commit()
    chemin = adresse(client_for(scene.regulateur))
    entrees = lus(app, chemin)
    jours = {titre: entree.dtstart.value for titre, entree in entrees.items()}
    paire = "Association Essai, SIAO Fictif 22"
    assert jours == {
        f"Fin de la convention : {paire}": date(2026, 12, 12),
        f"À renouveler, fin dans 180 jours : {paire}": date(2026, 6, 15),
        f"À renouveler, fin dans 90 jours : {paire}": date(2026, 9, 13),
        f"À renouveler, fin dans 30 jours : {paire}": date(2026, 11, 12),
        "Votre signature est attendue : Autre, SIAO Fictif 22": date(2026, 5, 4),
        "Réunion du tour collectif : Centre d’hébergement d’urgence (CHU), SIAO Fictif 22 (14 h)": date(
            2026, 4, 15
        ),
        f"Bilan à rendre : {paire}": date(2026, 2, 10),
    }
    reunion = next(entree for titre, entree in entrees.items() if titre.startswith("Réunion"))
    assert reunion.location.value == "Salle du conseil, 2e étage ; entrée B"
    fin = entrees[f"Fin de la convention : {paire}"]
    assert fin.url.value == f"http://localhost/conventions/{ligne.ref}"
    assert fin.dtend.value == date(2026, 12, 13)
    brut = app.test_client().get(chemin).get_data(as_text=True)
    assert attendue.ref in brut
    for interdit in (scene.regulateur.nom.split()[-1], scene.regulateur.email, "Nominative", "s’est dit"):
        assert interdit not in brut


def test_the_day_planned_for_an_avenant_is_state_s_and_siao_s_until_it_is_answered(
    app: Flask, scene: Scene, client_for: Clients
) -> None:
    ligne = scene.signee(date(2025, 1, 1), date(2028, 12, 31))
    prevue = AvenantProposition(
        convention_id=ligne.id,
        origine=Origine.NATURE_DIFFEREE,
        cle="RS",
        libelle="Résidence sociale",
        natures=["RS"],
        prevu_le=date(2026, 6, 30),
        creee_le=INSTANT,
    )
    scene.session.add(prevue)
    scene.session.commit()
    titre = f"Avenant prévu : {ligne.operateur.nom}, {scene.siao.nom}"
    chemin, operateur = adresse(client_for(scene.regulateur)), adresse(client_for(scene.direction))
    assert lus(app, chemin)[titre].dtstart.value == date(2026, 6, 30)
    assert titre not in lus(app, operateur)
    prevue.ecartee_le = INSTANT
    scene.session.commit()
    assert titre not in lus(app, chemin)


def test_the_same_calendar_keeps_the_same_keys(app: Flask, scene: Scene, client_for: Clients) -> None:
    scene.signee(date(2022, 12, 12), date(2026, 12, 12))
    chemin = adresse(client_for(scene.regulateur))
    cles = [{e.uid.value for e in lus(app, chemin).values()} for _ in range(2)]
    assert cles[0] == cles[1]
    assert len(cles[0]) == 4


def test_a_person_reads_only_what_its_memberships_see_at_that_moment(
    app: Flask, scene: Scene, client_for: Clients, actor_for: Callable[..., Actor]
) -> None:
    session = scene.session
    scene.signee(date(2022, 12, 12), date(2026, 12, 12))
    autre = scene.factories.Organisation(nom="Concurrente")
    scene.signee(date(2022, 12, 12), date(2026, 11, 30), operateur=autre)
    tour(scene, [autre], "Ailleurs")
    chemin = adresse(client_for(scene.direction))
    brut = " ".join(lus(app, chemin))
    assert "Association Essai" in brut
    assert "Concurrente" not in brut
    assert "Réunion" not in brut
    seconde = scene.factories.Adhesion(
        personne=session.get_one(Personne, scene.direction.personne_id),
        organisation=autre,
        profil=scene.direction.profil,
    )
    session.commit()
    assert "Concurrente" in " ".join(lus(app, chemin))
    seconde.revoquee_le = INSTANT
    session.commit()
    assert "Concurrente" not in " ".join(lus(app, chemin))
    session.get_one(Adhesion, scene.direction.adhesion_id).revoquee_le = INSTANT
    session.commit()
    assert app.test_client().get(chemin).status_code == 404


def test_a_new_address_ends_the_former_and_revoking_ends_both(
    app: Flask, scene: Scene, client_for: Clients
) -> None:
    client = client_for(scene.direction)
    assert "Créer mon adresse" in client.get("/compte/agenda").get_data(as_text=True)
    premiere = adresse(client)
    seconde = adresse(client)
    assert app.test_client().get(premiere).status_code == 404
    assert app.test_client().get(seconde).status_code == 200
    page = client.get("/compte/agenda").get_data(as_text=True)
    jeton = seconde.removeprefix("/agenda/").removesuffix(".ics")
    assert jeton not in page
    assert len(jeton) >= 43  # 256 bits
    [ecrite] = scene.session.scalars(select(AdresseAgenda))
    assert ecrite.jeton_hash == token_hash(jeton)
    for entree in scene.session.scalars(select(EntreeJournal)):
        assert jeton not in str(entree.changements)
    assert client.post("/compte/agenda/revoquer").status_code == 303
    assert app.test_client().get(seconde).status_code == 404


def test_a_closed_account_reads_nothing(app: Flask, scene: Scene, client_for: Clients) -> None:
    chemin = adresse(client_for(scene.direction))
    scene.session.get_one(Personne, scene.direction.personne_id).desactivee_le = INSTANT
    scene.session.commit()
    assert app.test_client().get(chemin).status_code == 404


def test_answers_are_private_and_readings_are_counted(
    app: Flask, scene: Scene, client_for: Clients, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "LECTURES", 3)
    monkeypatch.setattr(agenda, "INCONNUES", 2)
    chemin = adresse(client_for(scene.direction))
    lecteur = app.test_client()
    reponse = lecteur.get(chemin)
    assert reponse.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in reponse.headers
    assert [lecteur.get(chemin).status_code for _ in range(3)] == [200, 200, 429]
    assert int(lecteur.get(chemin).headers["Retry-After"]) > 0
    assert [lecteur.get("/agenda/inconnue.ics").status_code for _ in range(3)] == [404, 404, 429]
    clock.instant += timedelta(hours=1)
    assert lecteur.get(chemin).status_code == 200


def test_the_reader_chooses_its_language(app: Flask, scene: Scene, client_for: Clients) -> None:
    scene.session.get_one(Personne, scene.direction.personne_id).langue = "en"
    scene.session.commit()
    assert app.test_client().get(adresse(client_for(scene.direction))).status_code == 200


def test_a_failure_is_logged_without_the_address(
    app: Flask, scene: Scene, client_for: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    dites: list[str] = []

    def casser(*_args: object) -> None:
        raise RuntimeError("panne")

    chemin = adresse(client_for(scene.direction))
    monkeypatch.setattr(routes, "evenements", casser)
    monkeypatch.setattr(errors, "log", SimpleNamespace(error=lambda *a, **faits: dites.append(str(faits))))
    assert app.test_client().get(chemin).status_code == 500
    [dite] = dites
    assert "/agenda/….ics" in dite
    assert chemin.removeprefix("/agenda/") not in dite
