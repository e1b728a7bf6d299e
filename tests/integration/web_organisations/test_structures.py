"""Structures: list, record, lines of places, closing, natures to be said."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.organisations.models import Commune, Organisation, Structure, StructurePlaces
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.db import Database, new_ref
from portal.shared.text import searchable, sort_key
from portal.web.forms import read_version
from tests.integration.web_organisations import HTMX, reread, statements, text_of


def typed(*lines: tuple[str, str, str], **values: object) -> dict[str, object]:
    """What the form sends, with its lines (nature, type, number)."""
    return {
        "nom": "Résidence du Port",
        "departement_code": "22",
        "commune_code": "Saint-Brieuc",
        "places-nature": [line[0] for line in lines],
        "places-type": [line[1] for line in lines],
        "places-nombre": [line[2] for line in lines],
        "cle_idempotence": new_ref(),
    } | values


@pytest.fixture
def structure(operateur: Organisation, factories: SimpleNamespace, session: Session) -> Structure:
    made: Structure = factories.Structure(organisation=operateur, nom="Les Ajoncs")
    made.places = [StructurePlaces(nature_code="RS", type_place="logement", nombre=40)]
    session.commit()
    return made


def test_the_list_is_filtered_and_costs_little(
    admin: FlaskClient,
    structure: Structure,
    ailleurs: Organisation,
    factories: SimpleNamespace,
    session: Session,
    database: Database,
) -> None:
    factories.Structure(organisation=ailleurs, nom="CANARI du 75", departement_code="75")
    for number in range(60):
        factories.Structure(organisation=structure.organisation, nom=f"Maison {number:02d}")
    session.commit()
    admin.get("/structures")
    with statements(database) as seen:
        page = text_of(admin.get("/structures"))
    assert len(seen) <= 8
    assert "Les Ajoncs" in page
    assert '<strong class="chiffre">40</strong>' in page
    assert "CANARI" not in page
    assert "curseur=" in page
    assert "Maison 00" not in text_of(admin.get("/structures?nature=RS"))
    own = text_of(admin.get(f"/structures?organisation={structure.organisation.ref}"))
    assert f"Organisation : <strong>{structure.organisation.nom}</strong>" in own
    assert admin.get(f"/structures?organisation={ailleurs.ref}").status_code == 404
    assert "Aucune structure ne répond" in text_of(admin.get("/structures?q=introuvable"))


def test_foreign_structures_are_not_found_and_readers_do_not_write(
    admin: FlaskClient,
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    structure: Structure,
    ddets: Organisation,
    ailleurs: Organisation,
    factories: SimpleNamespace,
) -> None:
    foreign = factories.Structure(organisation=ailleurs, departement_code="75")
    reader = client_for(actor_for(Profil.ETAT_AGENT, ddets))
    for path in ("", "/modifier", "/fermer"):
        assert admin.get(f"/structures/{foreign.ref}{path}").status_code == 404
    assert admin.get(f"/structures/nouvelle/{ailleurs.ref}").status_code == 404
    assert reader.get(f"/structures/{structure.ref}").status_code == 200
    for path in (f"/{structure.ref}/modifier", f"/{structure.ref}/fermer", "/a-qualifier"):
        assert reader.get(f"/structures{path}").status_code == 403
    director = client_for(actor_for(Profil.OPERATEUR_DIRECTION, structure.organisation))
    assert director.get(f"/structures/nouvelle/{structure.organisation.ref}").status_code == 200
    assert director.get(f"/structures/nouvelle/{ddets.ref}").status_code == 403


def test_lines_are_added_and_removed_without_writing_nor_losing_anything(
    admin: FlaskClient, operateur: Organisation, session: Session
) -> None:
    path = f"/structures/nouvelle/{operateur.ref}"
    assert admin.get(path).get_data(as_text=True).count('name="places-nature"') == 1
    lines = [("RS", "logement", "40"), ("CHU", "", "pas encore")]
    answer = admin.post(path, data=typed(*lines, nom="", ajouter_ligne="1"))
    page = text_of(answer)
    assert answer.status_code == 200
    assert page.count('name="places-nature"') == 3
    assert 'value="pas encore"' in page
    assert "obligatoire." not in page.split("<main")[1].replace("sont obligatoires.", "")
    answer = admin.post(path, data=typed(*lines, retirer_ligne="0"))
    assert answer.get_data(as_text=True).count('name="places-nature"') == 1
    assert "pas encore" in text_of(answer)
    part = admin.post(path, data=typed(*lines, ajouter_ligne="1"), headers=HTMX).get_data(as_text=True)
    assert "<html" not in part
    assert part.count('name="places-nature"') == 3
    assert session.scalar(select(func.count()).select_from(Structure)) == 0


def test_a_structure_is_opened_once_with_its_places(
    admin: FlaskClient, operateur: Organisation, session: Session
) -> None:
    data = typed(("RS", "logement", "40"), ("PF", "", ""), ("", "", ""), ouverte_le="2020-09-01")
    path = f"/structures/nouvelle/{operateur.ref}"
    locations = {admin.post(path, data=data).headers["Location"] for _ in range(2)}
    made = session.scalars(select(Structure)).one()
    assert locations == {f"/structures/{made.ref}"}
    assert made.commune_code == "22278"
    assert {(p.nature_code, p.type_place, p.nombre) for p in made.places} == {
        ("RS", "logement", 40),
        ("PF", "", None),
    }
    page = text_of(admin.get(f"/structures/{made.ref}"))
    assert "Saint-Brieuc" in page
    assert "01/09/2020" in page


@pytest.mark.parametrize(
    ("line", "values", "message"),
    [
        (("", "logement", "4"), {}, "Choisissez une nature."),
        (("RS", "", "quarante"), {}, "Écrivez un nombre entier."),
        (("RS", "", "10000"), {}, "Le nombre de places ne dépasse pas 9999."),
        (("INCONNUE", "", "4"), {}, "Cette nature de dispositif n’existe pas."),
        (("RS", "", "4"), {"commune_code": "Atlantide"}, "Aucune commune de ce département"),
        (("RS", "", "4"), {"commune_code": "Paris"}, "Aucune commune de ce département"),
        (("RS", "", "4"), {"finess": "220000001"}, "sa clé est fausse"),
        (("RS", "", "4"), {"ouverte_le": "31/02/2024"}, "Cette date n’existe pas."),
    ],
)
def test_a_refusal_names_the_line_or_the_field(
    admin: FlaskClient,
    operateur: Organisation,
    session: Session,
    line: tuple[str, str, str],
    values: dict[str, object],
    message: str,
) -> None:
    answer = admin.post(f"/structures/nouvelle/{operateur.ref}", data=typed(line, adresse="GARDÉE", **values))
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert "GARDÉE" in text_of(answer)
    assert session.scalar(select(func.count()).select_from(Structure)) == 0


def test_endless_numbers_are_refused_and_never_fail(
    admin: FlaskClient, operateur: Organisation, factories: SimpleNamespace, session: Session
) -> None:
    path, endless = f"/structures/nouvelle/{operateur.ref}", "9" * 5000
    assert admin.post(path, data=typed(("RS", "logement", endless))).status_code == 422
    assert admin.post(path, data=typed(("RS", "", "4"), retirer_ligne=endless)).status_code == 200
    structure = factories.Structure(organisation=operateur)
    session.commit()
    data = {f"nature-{structure.ref}": "RS", f"version-{structure.ref}": endless}
    assert admin.post("/structures/a-qualifier", data=data).status_code == 303
    assert session.scalar(select(func.count()).select_from(StructurePlaces)) == 0
    assert read_version(endless) == 0


def test_a_commune_is_found_by_name_or_postcode_and_doubts_are_told(
    admin: FlaskClient, operateur: Organisation, session: Session, database: Database
) -> None:
    near = Commune(
        code="22999",
        nom="Saint-Brieuc-le-Petit",
        departement_code="22",
        codes_postaux="22000",
        tri=sort_key("Saint-Brieuc-le-Petit"),
        texte_recherche=searchable("Saint-Brieuc-le-Petit", "22999", "22000"),
    )
    session.add(near)
    session.commit()
    try:
        path = f"/structures/nouvelle/{operateur.ref}"
        doubt = admin.post(path, data=typed(("RS", "", ""), commune_code="22000"))
        assert doubt.status_code == 422
        assert "Plusieurs communes répondent : Saint-Brieuc, Saint-Brieuc-le-Petit" in text_of(doubt)
        assert admin.post(path, data=typed(("RS", "", ""), commune_code="saint brieuc")).status_code == 303
        assert admin.post(path, data=typed(("RS", "", ""), commune_code="22300")).status_code == 303
        offered = text_of(admin.get("/structures/communes?commune_code=saint&departement_code=22"))
        assert 'value="Saint-Brieuc"' in offered
        assert "Paris" not in text_of(
            admin.get("/structures/communes?commune_code=paris&departement_code=22")
        )
    finally:
        reread(session)
        for made in session.scalars(select(Structure)):
            session.delete(made)
        session.delete(near)
        session.commit()


def test_editing_and_its_conflict(admin: FlaskClient, structure: Structure, session: Session) -> None:
    session.commit()
    path, opened = f"/structures/{structure.ref}/modifier", structure.version
    data = typed(("RS", "logement", "41"), commune_code="", version=opened)
    assert admin.post(path, data=data | {"nom": "Première"}).status_code == 303
    answer = admin.post(path, data=data | {"nom": "Seconde", "places-nombre": ["77"]})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "<ins>Seconde</ins>" in page
    assert "Résidence sociale Logement 41" in page
    assert 'value="77"' in page
    reread(session)
    assert structure.nom == "Première"
    assert admin.post(path, data=data | {"nom": "Seconde", "version": structure.version}).status_code == 303


def test_closing_asks_once(admin: FlaskClient, structure: Structure, session: Session) -> None:
    path = f"/structures/{structure.ref}/fermer"
    session.commit()
    assert "Fermer « Les Ajoncs » ?" in text_of(admin.get(path))
    data = {"fermee_le": "2026-02-28", "version": structure.version}
    assert admin.post(path, data={"version": structure.version, "fermee_le": ""}).status_code == 422
    assert admin.post(path, data=data | {"version": 9}).status_code == 409
    assert admin.post(path, data=data).status_code == 303
    assert "Structure fermée" in text_of(admin.get(f"/structures/{structure.ref}"))


def test_natures_are_said_several_at_once(
    admin: FlaskClient, operateur: Organisation, factories: SimpleNamespace, session: Session
) -> None:
    names = ("Foyer A", "Foyer B", "Foyer C")
    first, second, third = (
        factories.Structure(organisation=operateur, nom=nom, categorie_finess="257", nature_a_qualifier=True)
        for nom in names
    )
    session.commit()
    page = text_of(admin.get("/structures/a-qualifier"))
    assert all(nom in page for nom in names)
    assert "Les plus probables" in page
    data = {
        f"nature-{first.ref}": "RS_FJT",
        f"version-{first.ref}": first.version,
        f"nature-{second.ref}": "RS_FJT",
        f"version-{second.ref}": second.version + 4,
        f"nature-{third.ref}": "",
        f"version-{third.ref}": third.version,
    }
    assert admin.post("/structures/a-qualifier", data=data).status_code == 303
    after = text_of(admin.get("/structures/a-qualifier"))
    assert "1 nature enregistrée." in after
    assert "« Foyer B » a changé entre-temps" in after
    reread(session)
    assert [p.nature_code for p in first.places] == ["RS_FJT"]
    assert [s.nature_a_qualifier for s in (first, second, third)] == [False, True, True]


def test_a_nature_cannot_be_said_of_a_foreign_structure(
    admin: FlaskClient, ailleurs: Organisation, factories: SimpleNamespace, session: Session
) -> None:
    foreign = factories.Structure(organisation=ailleurs, departement_code="75", nature_a_qualifier=True)
    session.commit()
    assert admin.post("/structures/a-qualifier", data={f"nature-{foreign.ref}": "RS"}).status_code == 404
    assert admin.post("/structures/a-qualifier", data={}).status_code == 303
