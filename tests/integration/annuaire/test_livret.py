"""The booklet of a département, read again by another library than the one that made it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent
from portal.annuaire.nomenclatures import fonctions, publics
from portal.audit.models import EntreeJournal
from portal.comptes.models import Personne
from portal.config import Settings
from portal.jobs.runner import run_due
from portal.organisations.models import Organisation
from portal.organisations.referentiel import Lieu, Maille
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.annuaire.conftest import CAMILLE
from tests.integration.web_organisations import text_of


@pytest.fixture
def produire(
    app: Flask, database: Database, clock: FixedClock, client_for: Callable[..., FlaskClient]
) -> Callable[[Actor], PdfReader]:
    """Return a function actor → the booklet that it asks for and takes."""

    def make(actor: Actor) -> PdfReader:
        client = client_for(actor)
        reponse = client.post("/annuaire/livret", data={"departement_code": "22"})
        assert reponse.status_code == 303, text_of(reponse)
        settings: Settings = app.extensions["portail_settings"]
        while run_due(database, clock, settings):
            pass
        suivi = reponse.headers["Location"]
        assert f"{suivi}/fichier" in text_of(client.get(suivi))
        return PdfReader(BytesIO(client.get(f"{suivi}/fichier").data))

    return make


def titres(signets: list[Any], niveau: int = 0) -> list[tuple[int, str]]:
    """Return the bookmarks of a file with their depths."""
    lus: list[tuple[int, str]] = []
    for one in signets:
        lus += titres(one, niveau + 1) if isinstance(one, list) else [(niveau, one.title)]
    return lus


def balises(noeud: Any, vues: set[str]) -> set[str]:
    """Return the kinds of tags of a file."""
    noeud = noeud.get_object() if hasattr(noeud, "get_object") else noeud
    if isinstance(noeud, list):
        for un in noeud:
            balises(un, vues)
    elif isinstance(noeud, dict):
        if "/S" in noeud:
            vues.add(str(noeud["/S"]))
        if "/K" in noeud:
            balises(noeud["/K"], vues)
    return vues


def test_le_livret_se_lit_se_parcourt_et_dit_ce_qui_n_est_plus_sur(
    session: Session,
    annuaire: dict[str, Referent],
    ouvrir: Callable[..., Referent],
    gestionnaire: Organisation,
    factories: SimpleNamespace,
    regulatrice: Actor,
    produire: Callable[[Actor], PdfReader],
) -> None:
    place = factories.Structure(organisation=gestionnaire, nom="Résidence des Ajoncs", commune_code="22278")
    ouvrir(gestionnaire, "referent_siao", replace(CAMILLE, nom="Zéphyr <b>*_#"), structure_id=place.id)
    vide = ouvrir(gestionnaire, "referent_siao", None)
    vide.verifie_le = date(2025, 5, 1)
    ouvrir(gestionnaire, "signataire", territoires=(Lieu(Maille.ARRONDISSEMENT, "224"),))
    pdf = produire(regulatrice)
    racine: Any = pdf.trailer["/Root"]
    assert racine["/Lang"].startswith("fr")
    assert racine["/MarkInfo"]["/Marked"]
    assert "pdfuaid" in racine["/Metadata"].get_object().get_data().decode()
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/TOC", "/TOCI", "/Link", "/L"} <= balises(
        racine["/StructTreeRoot"], set()
    )
    pages = [" ".join(page.extract_text().split()) for page in pdf.pages]
    assert "Annuaire des référents" in pages[0]
    assert "Côtes-d’Armor (22)" in pages[0]
    assert "État au 2 mars 2026" in pages[0]
    assert "SIAO Fictif des Côtes-d’Armor" in pages[0]
    assert "page" not in pages[0].split("partenaires")[0].lower().split()
    assert f"page 2 sur {len(pages)}" in pages[1]
    signets = titres(pdf.outline)
    sections = [titre for niveau, titre in signets if niveau == 0]
    assert sections[0] == "Tout le département"
    assert {"Arrondissement : Saint-Brieuc", "Saint-Brieuc Armor Agglomération"} <= set(sections)
    assert sections[-2:] == ["Index des personnes", "Index des organisations"]
    assert any(titre.startswith("Référent SIAO") for niveau, titre in signets if niveau == 1)
    tout = " ".join(pages)
    assert "Zéphyr <b>*_#" in tout
    assert "Personne aujourd’hui À nommer : opérateur" in tout
    assert "Fiche non vérifiée depuis 9 mois (dernière fois le 01/05/2025)" in tout
    assert "35" not in {mot for mot in tout.split() if mot == "Bretagne35"}
    page_de_zephyr = next(rang for rang, page in enumerate(pages, 1) if "Résidence des Ajoncs" in page)
    index = next(page for page in pages if "Index des personnes" in page and page is not pages[1])
    assert index.split("Zéphyr <b>*_# Camille", 1)[1].lstrip(" .").split()[0] == str(page_de_zephyr)


def test_le_livret_est_dans_la_langue_de_qui_le_demande(
    session: Session,
    gestionnaire: Organisation,
    regulatrice: Actor,
    ouvrir: Callable[..., Referent],
    produire: Callable[[Actor], PdfReader],
) -> None:
    ouvrir(gestionnaire, "referent_logement", natures=("RS",), publics=("jeunes",))
    ouvrir(gestionnaire, "referent_siao", None)
    session.get_one(Personne, regulatrice.personne_id).langue = "en"
    pdf = produire(replace(regulatrice, langue="en"))
    racine: Any = pdf.trailer["/Root"]
    assert racine["/Lang"].startswith("en")
    tout = " ".join(" ".join(page.extract_text().split()) for page in pdf.pages)
    assert "2 March 2026" in tout
    assert "The whole département" in tout
    assert "Who answers" in tout
    assert fonctions()["referent_logement"].libelle.en in tout
    assert publics()["jeunes"].en in tout
    assert fonctions()["referent_logement"].libelle.fr not in tout


def test_le_livret_est_reserve_note_et_limite(
    session: Session,
    annuaire: dict[str, Referent],
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    direction: Actor,
    app: Flask,
    produire: Callable[[Actor], PdfReader],
) -> None:
    assert client_for(actor_for(Profil.INVITE_PONCTUEL)).get("/annuaire/livret").status_code == 403
    client = client_for(direction)
    assert client.post("/annuaire/livret", data={"departement_code": "35"}).status_code == 422
    produire(direction)
    session.rollback()
    note = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "annuaire:livret:produire")
    ).one()
    assert note.changements["nombre"] == len(
        [one for one in annuaire.values() if one.departement_code == "22"]
    )
    settings: Settings = app.extensions["portail_settings"]
    for _fois in range(settings.annuaire_exports):
        reponse = client.post("/annuaire/livret", data={"departement_code": "22"})
    assert reponse.status_code == 429
    assert "Vos derniers livrets" in text_of(client.get("/annuaire/livret"))
