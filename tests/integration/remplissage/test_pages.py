"""The pages of the grid: filling with and without script, reading, freezing, comparing, printing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.grilles.menages.policies import Vise
from portal.grilles.remplissage import queries, service
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.grilles_remplies import REPONSES, SECTIONS, figer, grille_figee, modele_national, remplir
from tests.integration.web_organisations import HTMX, statements, text_of
from tests.menages import Scene, vue

AUTO = {**HTMX, "X-Automatique": "1"}


@pytest.fixture
def vise(session: Session, clock: FixedClock, scene: Scene) -> Vise:
    """The household as its worker sees it, the national model loaded."""
    modele_national(session, clock)
    session.commit()
    return vue(session, clock, scene.travailleur, scene.menage)


@pytest.fixture
def client(client_for: Callable[..., FlaskClient], scene: Scene) -> FlaskClient:
    """The browser of the household's worker."""
    return client_for(scene.travailleur)


@pytest.fixture
def ici(scene: Scene) -> str:
    return f"/menages/{scene.menage.ref}/grille"


def form(version: int, **typees: Any) -> dict[str, Any]:
    return {"version": str(version), **typees}


def version_of(session: Session, scene: Scene, code: str) -> int:
    draft = queries.en_cours(session, scene.menage.id)
    assert draft is not None
    return next(row.version for row in draft.sections if row.section == code)


def test_opening_leads_to_the_first_section_then_to_where_one_stopped(
    client: FlaskClient, session: Session, clock: FixedClock, scene: Scene, vise: Vise, ici: str
) -> None:
    assert "Ouvrir la grille" in text_of(client.get(ici))
    opened = client.post(ici)
    assert (opened.status_code, opened.location) == (303, f"{ici}/sections/A")
    client.post(f"{ici}/sections/C", data=form(version_of(session, scene, "C"), C3__reponse="oui"))
    assert client.post(ici).location == f"{ici}/sections/C"
    assert f'href="{ici}/sections/C">Continuer' in client.get(ici).get_data(as_text=True)


def test_without_script_a_button_saves_and_goes_on(
    client: FlaskClient, session: Session, scene: Scene, vise: Vise, ici: str
) -> None:
    client.post(ici)
    page = client.get(f"{ici}/sections/B").get_data(as_text=True)
    assert 'name="B1__total"' in page
    answer = client.post(f"{ici}/sections/B", data=form(1, B1__total="1 234,50", suite="C"))
    assert (answer.status_code, answer.location) == (303, f"{ici}/sections/C")
    assert 'value="1234,50"' in client.get(f"{ici}/sections/B").get_data(as_text=True)
    last = client.post(f"{ici}/sections/F", data=form(1, F1__avis="pret", suite="fin"))
    assert last.location == f"{ici}/relecture"


def test_with_a_script_the_answer_never_holds_what_one_types_in(
    client: FlaskClient, session: Session, scene: Scene, vise: Vise, ici: str
) -> None:
    client.post(ici)
    answer = client.post(f"{ici}/sections/E", data=form(1, E1__reponse="Près de l’école"), headers=AUTO)
    html = text_of(answer)
    assert answer.status_code == 200
    assert "<html" not in html
    assert "<textarea" not in html
    assert 'id="version-section" value="2"' in html
    assert "Enregistré le" in html
    assert "école" not in html
    assert queries.reponses(session, queries.en_cours(session, scene.menage.id))["E"]["E1"] == {  # type: ignore[arg-type]
        "reponse": "Près de l’école"
    }


def test_what_cannot_be_read_is_told_beside_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, session: Session, scene: Scene, vise: Vise, ici: str
) -> None:
    client.post(ici)
    data = form(1, B1__total="mille", B1__activite="900", B6__loyer="400", B6__aides="500")
    refused = client.post(f"{ici}/sections/B", data=data)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'value="mille"' in page
    assert 'value="900"' in page
    assert "Écrivez un montant en euros, par exemple 850 ou 850,50." in text_of(refused)
    assert "Les aides dépassent le loyer et les charges" in text_of(refused)
    assert 'href="#B1__total"' in page
    assert version_of(session, scene, "B") == 1


def test_two_people_on_one_section_both_texts_are_shown_and_nothing_is_lost(
    client: FlaskClient, session: Session, scene: Scene, vise: Vise, ici: str
) -> None:
    client.post(ici)
    client.post(f"{ici}/sections/E", data=form(1, E1__reponse="Une maison"))
    stale = client.post(f"{ici}/sections/E", data=form(1, E1__reponse="Un appartement"))
    assert stale.status_code == 409
    page = text_of(stale)
    assert "Une maison" in page
    assert page.count("Un appartement") == 2  # beside the other text, and still in its field
    auto = client.post(f"{ici}/sections/E", data=form(1, E1__reponse="Un appartement"), headers=AUTO)
    assert auto.status_code == 409
    html = text_of(auto)
    assert "Une maison" in html
    assert 'id="version-section"' not in html  # sending again by itself is refused again
    chosen = re.search(r'name="version_vue" value="(\d+)"', html)
    assert chosen is not None
    data = form(1, E1__reponse="Un appartement", version_vue=chosen[1])
    assert client.post(f"{ici}/sections/E", data=data, headers=HTMX).status_code == 200
    draft = queries.en_cours(session, scene.menage.id)
    assert draft is not None
    assert queries.reponses(session, draft)["E"]["E1"]["reponse"] == "Un appartement"


def test_words_to_read_again_are_pointed_out_and_confirmed(
    client: FlaskClient, session: Session, scene: Scene, vise: Vise, ici: str
) -> None:
    client.post(ici)
    data = form(1, E3__reponse="Sort de l’hôpital")
    answer = client.post(f"{ici}/sections/E", data=data, headers=AUTO)
    assert answer.status_code == 200  # saved: pointing out is not refusing
    assert "« hopital » touche à la santé" in text_of(answer)
    page = text_of(client.get(f"{ici}/sections/E"))
    assert 'name="relu" value="E3.reponse">' in page
    data = form(2, E3__reponse="Sort de l’hôpital", relu="E3.reponse")
    client.post(f"{ici}/sections/E", data=data)
    page = text_of(client.get(f"{ici}/sections/E"))
    assert 'name="relu" value="E3.reponse" checked>' in page


def test_computed_values_say_how_and_never_decide(
    client: FlaskClient, session: Session, scene: Scene, vise: Vise, ici: str
) -> None:
    client.post(ici)
    data = form(1, B1__total="1000", B6__loyer="400", B6__charges="50", B6__aides="150", B6__surface="45")
    page = text_of(client.post(f"{ici}/sections/B", data=data, headers=AUTO))
    assert "30 % des ressources" in page
    assert "(loyer + charges − aides) ÷ ressources" in page
    assert "elle ne décide de rien" in page
    assert "calculé le 02/03/2026" in page
    assert "<dt>Loyer supposé</dt><dd>400 €</dd>" in page
    assert "l’échelle d’unités de consommation, que le département n’a pas encore choisie" in page
    assert "Un logement de 45 m² compte pour 5 places." in page


def test_reading_to_the_household_then_freezing(
    client: FlaskClient, session: Session, clock: FixedClock, scene: Scene, vise: Vise, ici: str
) -> None:
    draft = remplir(session, clock, scene.travailleur, vise, {**REPONSES, "F": {"F1__avis": ["pret"]}})
    session.commit()
    lu = service.etat(draft)
    page = text_of(client.get(f"{ici}/relecture"))
    assert "Un trois-pièces près de l’école." in page
    assert "Le ménage n’a pas encore dit ce qu’il pense de la synthèse (F4)" in page
    refused = client.post(f"{ici}/relecture", data={"lu": lu, "lues": ["A", "B"]})
    assert refused.status_code == 422
    assert "puis cochez-les : C, D, E, F." in text_of(refused)
    assert 'id="lue-A" name="lues" value="A" checked' in text_of(refused)
    stale = client.post(f"{ici}/relecture", data={"lu": "A1", "lues": list(SECTIONS)})
    assert stale.status_code == 409
    done = client.post(f"{ici}/relecture", data={"lu": lu, "lues": list(SECTIONS), "sans_avis": "oui"})
    assert (done.status_code, done.location) == (303, ici)
    assert "Version 1 figée" in text_of(client.get(ici))


def test_versions_are_read_compared_and_printed(
    client: FlaskClient, session: Session, clock: FixedClock, scene: Scene, vise: Vise, ici: str
) -> None:
    premiere = grille_figee(session, clock, scene.travailleur, vise)
    service.ouvrir(session, clock, scene.travailleur, vise)
    draft = queries.en_cours(session, scene.menage.id)
    assert draft is not None
    row = next(row for row in draft.sections if row.section == "E")
    typed = {"E1__reponse": ["Un quatre-pièces près de l’école."]}
    service.enregistrer(session, clock, scene.travailleur, vise, "E", typed, version=row.version)
    seconde = service.figer(
        session, clock, scene.travailleur, vise, lues=SECTIONS, sans_avis=True, lu=service.etat(draft)
    )
    session.commit()
    page = text_of(client.get(f"{ici}/versions/{premiere.ref}"))
    assert "1 650,50 €" in page.replace("\u202f", " ").replace("\xa0", " ")
    differ = text_of(client.get(f"{ici}/versions/{seconde.ref}/comparaison"))
    assert "Retiré : </span>trois</del>" in differ
    assert "Ajouté : </span>quatre</ins>" in differ
    assert client.get(f"{ici}/versions/{premiere.ref}/comparaison?avec=inconnue").status_code == 404
    pdf = client.get(f"{ici}/versions/{premiere.ref}/imprimee")
    assert pdf.mimetype == "application/pdf"
    assert pdf.headers["Content-Disposition"] == "attachment; filename=grille-version-1.pdf"
    assert client.get("/grille/vierge").get_data()[:5] == b"%PDF-"


def test_no_score_total_ranking_nor_colour_anywhere(
    client: FlaskClient, session: Session, clock: FixedClock, scene: Scene, vise: Vise, ici: str
) -> None:
    frozen = grille_figee(session, clock, scene.travailleur, vise)
    service.ouvrir(session, clock, scene.travailleur, vise)
    session.commit()
    for address in (
        *(f"{ici}/sections/{code}" for code in SECTIONS),
        f"{ici}/relecture",
        f"{ici}/versions/{frozen.ref}",
    ):
        html = client.get(address).get_data(as_text=True).split("<main", 1)[1].split("</main>")[0]
        assert not re.search(
            r"\bscore|\bclassement|\brang\b|\bpoints?\b|\bnote globale|\d+ ?/ ?\d+ r", html, re.I
        )
        assert not re.search(r"ton-(succes|alerte|danger|attente)\b", html.replace("bouton-danger", ""))
        assert "<progress" not in html
    reponses = queries.reponses(session, frozen)
    held = {key for items in reponses.values() for champs in items.values() for key in champs}
    assert not held & {"score", "total_general", "classement", "rang", "couleur"}


def test_what_belongs_to_another_is_not_found_and_a_reader_does_not_write(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    scene: Scene,
    vise: Vise,
    ici: str,
) -> None:
    frozen = grille_figee(session, clock, scene.travailleur, vise)
    service.ouvrir(session, clock, scene.travailleur, vise)
    session.commit()
    pages = (ici, f"{ici}/sections/A", f"{ici}/relecture", f"{ici}/versions/{frozen.ref}/imprimee")
    for actor in (scene.collegue, scene.exterieur, scene.ailleurs):
        stranger = client_for(actor)
        assert {stranger.get(page).status_code for page in pages} == {404}
        assert stranger.post(f"{ici}/sections/A", data=form(1)).status_code == 404
    siao = client_for(scene.siao_direction)
    assert siao.get(f"{ici}/versions/{frozen.ref}").status_code == 200
    assert siao.get(f"{ici}/sections/A").status_code == 403
    assert siao.post(ici).status_code == 403
    for actor in (scene.agent, scene.bailleur_referent, scene.administrateur, scene.direction):
        assert client_for(actor).get(ici).status_code in (403, 404)


def test_a_grid_of_many_questions_opens_with_a_constant_number_of_statements(
    client: FlaskClient,
    session: Session,
    clock: FixedClock,
    database: Database,
    scene: Scene,
    vise: Vise,
    ici: str,
) -> None:
    remplir(session, clock, scene.travailleur, vise)
    session.commit()
    counts = []
    for code in (*SECTIONS, *SECTIONS):
        with statements(database) as seen:
            assert client.get(f"{ici}/sections/{code}").status_code == 200
        counts.append(len(seen))
    assert max(counts[6:]) <= 8
    assert len(set(counts[6:])) == 1
    with statements(database) as seen:
        assert client.get(f"{ici}/relecture").status_code == 200
    assert len(seen) <= 8


def test_once_frozen_the_page_left_open_says_so(
    client: FlaskClient, session: Session, clock: FixedClock, scene: Scene, vise: Vise, ici: str
) -> None:
    remplir(session, clock, scene.travailleur, vise)
    figer(session, clock, scene.travailleur, vise)
    session.commit()
    answer = client.post(f"{ici}/sections/A", data=form(2), follow_redirects=True)
    assert "ouvrez-en une nouvelle version" in text_of(answer)
    assert client.get(f"{ici}/sections/A").location == ici
