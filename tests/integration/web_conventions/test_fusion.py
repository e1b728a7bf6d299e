"""A merger of operators: what its page announces of each convention, and what becomes of their pages."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from tests.integration.web_conventions.conftest import Scene

JOUR = "2026-03-02"


@pytest.fixture
def admin(
    scene: Scene, actor_for: Callable[..., Actor], client_for: Callable[..., FlaskClient]
) -> FlaskClient:
    return client_for(actor_for(Profil.ADMIN_DEPARTEMENT, scene.etat))


@pytest.fixture
def absorbante(scene: Scene) -> Organisation:
    organisation: Organisation = scene.factories.Organisation(nom="Fondation Absorbante")
    scene.session.commit()
    return organisation


def annonces(admin: FlaskClient, absorbee: Organisation, absorbante: Organisation) -> list[str]:
    """Return what the page of the merger says of each convention."""
    page = admin.get(f"/organisations/{absorbee.ref}/fusionner?vers={absorbante.ref}")
    html = page.get_data(as_text=True)
    liste = html[html.index("Conventions à terminer ou à transférer") :]
    liste = liste[: liste.index("</ul>")]
    return [" ".join(texte.split()) for texte in re.findall(r"<li>\s*([^<]+?)\s*</li>", liste)]


def fusionner(admin: FlaskClient, absorbee: Organisation, absorbante: Organisation) -> None:
    donnees: dict[str, Any] = {
        "absorbante": absorbante.ref,
        "fusionnee_le": JOUR,
        "version": absorbee.version,
        "version_absorbante": absorbante.version,
    }
    assert admin.post(f"/organisations/{absorbee.ref}/fusionner", data=donnees).status_code == 303


def test_chaque_convention_est_annoncee_avec_son_sort(
    scene: Scene, admin: FlaskClient, absorbante: Organisation
) -> None:
    en_cours = scene.signee(date(2025, 1, 1), date(2027, 6, 30))
    future = scene.signee(date(2027, 7, 1), date(2031, 6, 30), remplace_id=en_cours.id)
    scene.signee(date(2025, 5, 1), date(2029, 4, 30), operateur=absorbante)
    siao = scene.factories.Organisation(type=scene.siao.type, nom="SIAO Second 22")
    seule = scene.signee(date(2025, 2, 1), date(2029, 1, 31), siao=siao)
    ouverte = scene.ligne(
        Statut.EN_NEGOCIATION,
        siao=scene.factories.Organisation(type=scene.siao.type, nom="SIAO Troisième 22"),
    )
    assert annonces(admin, scene.operateur, absorbante) == [
        "Association Essai et SIAO Fictif 22, convention signée, du 01/01/2025 au 30/06/2027 : elle "
        "prend fin le jour de la fusion.",
        "Association Essai et SIAO Fictif 22, convention signée, du 01/07/2027 au 30/06/2031 : bien que "
        "signée, elle est classée sans objet, car « Fondation Absorbante » a déjà une convention sur cette "
        "période.",
        "Association Essai et SIAO Second 22, convention signée, du 01/02/2025 au 31/01/2029 : elle "
        "prend fin le jour de la fusion ; une ligne à engager s’ouvre pour « Fondation Absorbante » avec ce "
        "SIAO.",
        "Association Essai et SIAO Troisième 22, ligne « En négociation », cible le 31/12/2026 : elle passe "
        "à « Fondation Absorbante ».",
    ]
    fusionner(admin, scene.operateur, absorbante)
    assert scene.relue(en_cours).fin_effective == date(2026, 3, 2)
    assert scene.relue(future).statut is Statut.SANS_OBJET
    assert scene.relue(seule).fin_effective == date(2026, 3, 2)
    assert scene.relue(ouverte).operateur_id == absorbante.id
    restees = scene.session.query(Convention).filter_by(operateur_id=absorbante.id, siao_id=siao.id)
    assert [ligne.statut for ligne in restees] == [Statut.A_ENGAGER]


def test_une_convention_fusionnee_ne_revit_pas(
    scene: Scene, pilote: FlaskClient, admin: FlaskClient, absorbante: Organisation
) -> None:
    ligne = scene.signee(date(2025, 1, 1), date(2028, 12, 31))
    scene.signee(date(2025, 5, 1), date(2029, 4, 30), operateur=absorbante)
    fusionner(admin, scene.operateur, absorbante)
    adresse = f"/conventions/{ligne.ref}"
    page = pilote.get(adresse).get_data(as_text=True)
    assert "résiliée : dernier jour le 02/03/2026" in page
    assert "Annuler la résiliation" not in page
    assert "Renouveler la convention" not in page
    assert pilote.get(f"{adresse}/resiliation/annuler").status_code == 409
    version = str(scene.relue(ligne).version)
    for acte, motif in (("resiliation/annuler", "fermé ou a été fusionné"), ("renouveler", "fusionné")):
        reponse = pilote.post(f"{adresse}/{acte}", data={"version": version, "motif": "Essai"})
        assert reponse.status_code == 422
        assert motif in reponse.get_data(as_text=True)
    assert scene.relue(ligne).fin_effective == date(2026, 3, 2)


def test_corriger_les_dates_ne_la_fait_pas_revivre(
    scene: Scene, pilote: FlaskClient, admin: FlaskClient, absorbante: Organisation
) -> None:
    """It ended by itself on the day of the merger: no termination holds it."""
    ligne = scene.signee(date(2025, 1, 1), date(2026, 3, 2))
    fusionner(admin, scene.operateur, absorbante)
    donnees = {
        "version": str(scene.relue(ligne).version),
        "date_effet": "2025-01-01",
        "date_fin": "2029-01-01",
        "motif": "Essai",
        **{f"signature_{partie}": "2025-01-01" for partie in ("operateur", "siao", "etat")},
    }
    reponse = pilote.post(f"/conventions/{ligne.ref}/dates", data=donnees)
    assert reponse.status_code == 422
    assert "la convention ne peut pas courir au-delà" in reponse.get_data(as_text=True)
    assert scene.relue(ligne).date_fin == date(2026, 3, 2)
    donnees["date_fin"] = "2026-03-01"
    assert pilote.post(f"/conventions/{ligne.ref}/dates", data=donnees).status_code == 303
