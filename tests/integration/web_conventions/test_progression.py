"""« Progression vers 2026 »: figures, and the lines they open for those who may see them."""

import re
from collections.abc import Callable
from datetime import date
from itertools import product
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from portal.conventions.enums import Statut
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.web_conventions.conftest import Scene, comptees


def garnir(scene: Scene, nombre: int) -> None:
    """Make signed, late and blocked lines."""
    for rang in range(nombre):
        nom = scene.factories.Organisation
        scene.signee(date(2025, 1, 1), date(2028, 12, 31), operateur=nom(nom=f"A{rang}"), natures={"CHU": 3})
        scene.ligne(Statut.PROJET, operateur=nom(nom=f"B{rang}"), date_cible=date(2026, 1, 1))
        scene.ligne(Statut.SUSPENDUE, operateur=nom(nom=f"C{rang}"), motif="Article 6.3")


def test_chiffres_et_liens(scene: Scene, pilote: FlaskClient) -> None:
    garnir(scene, 2)
    html = pilote.get("/progression").get_data(as_text=True)
    assert "2 sur 6" in html
    assert "Article 6.3" in html
    for lien in set(re.findall(r'href="(/conventions\?[^"]+)"', html)):
        assert pilote.get(lien.replace("&amp;", "&")).status_code == 200
    retard = pilote.get("/conventions?ensemble=retard_propre").get_data(as_text=True)
    assert len(re.findall(r'<th scope="row">', retard)) == 2
    assert "Ensemble" in retard


def test_sans_rien(pilote: FlaskClient) -> None:
    html = pilote.get("/progression").get_data(as_text=True)
    assert "Aucune convention prévue" in html
    assert "sans objet" in html


@pytest.mark.parametrize("ou", ["departement-22", "region-53", "france-"])
def test_territoires(scene: Scene, pilote: FlaskClient, ou: str) -> None:
    garnir(scene, 1)
    breton = scene.factories.Organisation(type=TypeOrganisation.SIAO, departement_code="35")
    scene.ligne(Statut.SUSPENDUE, siao=breton, motif="Article 7.1")
    html = pilote.get(f"/progression?ou={ou}").get_data(as_text=True)
    ouvert = ou == "departement-22"
    assert ("1 sur 3" if ouvert else "1 sur 4") in html
    assert ("Voir les conventions à signer" in html) is ouvert
    assert ("Article 6.3" in html) is ouvert
    assert "Article 7.1" not in html
    assert f"siao={breton.ref}" not in html
    if not ouvert:
        assert set(re.findall(r"/conventions\?([^=]+)=", html)) == {"departement", "siao"}


def test_chaque_nombre_ouvre_autant_de_lignes(
    scene: Scene, client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor]
) -> None:
    garnir(scene, 2)
    scene.ligne(siao=scene.factories.Organisation(type=TypeOrganisation.SIAO, departement_code="35"))
    siao = actor_for(Profil.SIAO_DIRECTION, scene.siao)
    for acteur, ou in product((scene.pilote, siao), ("", "departement-22", "region-53", "france-")):
        client = client_for(acteur)
        html = client.get("/progression", query_string={"ou": ou}).get_data(as_text=True)
        liens = re.findall(r'<td class="nombre"[^>]*><a href="(/conventions\?[^"]+)">([^<]+)</a>', html)
        assert liens
        for lien, nombre in liens:
            liste = client.get(lien.replace("&amp;", "&")).get_data(as_text=True)
            assert len(re.findall(r'<th scope="row">', liste)) == int(nombre), lien


@pytest.mark.parametrize("ou", ["departement-37", "departement-00", "inconnu", "region-99"])
def test_territoire_ferme(scene: Scene, pilote: FlaskClient, ou: str) -> None:
    assert pilote.get(f"/progression?ou={ou}").status_code == 404


def test_l_operateur_ne_compte_que_les_siennes(scene: Scene, operateur: FlaskClient) -> None:
    garnir(scene, 2)
    scene.ligne()
    html = operateur.get("/progression").get_data(as_text=True)
    assert "0 sur 1" in html


def test_l_observateur_n_ouvre_rien(
    scene: Scene,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
) -> None:
    garnir(scene, 1)
    observatoire = factories.Organisation(type=TypeOrganisation.ETAT, nom="Observatoire")
    client = client_for(actor_for(Profil.OBSERVATEUR_AGREGE, observatoire))
    html = client.get("/progression").get_data(as_text=True)
    assert "1 sur 3" in html
    assert "/conventions" not in html
    assert "Article 6.3" not in html


def test_apres_l_echeance(scene: Scene, client_for: Callable[..., FlaskClient], clock: FixedClock) -> None:
    from datetime import UTC, datetime

    garnir(scene, 1)
    clock.instant = datetime(2027, 1, 5, 9, tzinfo=UTC)
    html = client_for(scene.pilote).get("/progression").get_data(as_text=True)
    assert "L’échéance nationale est passée : il reste 2 conventions à signer." in html
    assert "En retard sur l’échéance nationale" in html


def test_nombre_constant_de_requetes(scene: Scene, pilote: FlaskClient, database: Database) -> None:
    def mesurer() -> int:
        with comptees(database) as vues:
            assert pilote.get("/progression").status_code == 200
        return len([v for v in vues if not v.startswith("BEGIN")])

    garnir(scene, 1)
    pilote.get("/progression")
    peu = mesurer()
    garnir(SimpleNamespace(ligne=scene.ligne, signee=scene.signee, factories=_autres(scene)), 5)  # type: ignore[arg-type]
    assert mesurer() == peu <= 8


def _autres(scene: Scene) -> SimpleNamespace:
    return SimpleNamespace(Organisation=lambda nom: scene.factories.Organisation(nom=f"Autre {nom}"))


def test_ce_qui_presse_vient_d_abord(
    scene: Scene, client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor]
) -> None:
    scene.ligne(date_cible=date(2026, 1, 1))
    scene.signee(date(2023, 1, 1), date(2026, 6, 1), operateur=scene.factories.Organisation(nom="Autre"))
    html = client_for(actor_for(Profil.SIAO_DIRECTION, scene.siao)).get("/a-faire").get_data(as_text=True)
    titres = [titre.strip() for titre in re.findall(r"<h2>([^<]+)</h2>", html)]
    assert titres[:2] == ["Lignes à engager", "Conventions à renouveler"]
    retards = re.findall(r"(\d+) jours de retard", html)
    assert retards == ["60"]  # what waits to be copied is not late
    assert "Attend depuis le" in html
    # Every line is in the same state, of the same SIAO, the reader's own: no column says so.
    assert set(re.findall(r'data-label="([^"]+)"', html)) == {"Échéance", "Attend depuis le"}
