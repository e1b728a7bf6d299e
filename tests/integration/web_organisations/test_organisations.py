"""The list, the record, opening, joining, editing, closing."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.comptes.models import InvitationCompte
from portal.notifications.models import MessageSortant
from portal.organisations import service
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationCategorie
from portal.organisations.saisie import SaisieOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database, new_ref
from tests.integration.web_organisations import HTMX, ONE_SIREN, ONE_SIRET, reread, statements, text_of

Clients = Callable[..., FlaskClient]
Actors = Callable[..., Actor]


def typed(**values: object) -> dict[str, object]:
    return {
        "nom": "Association Nouvelle",
        "type": "gestionnaire",
        "departement_code": "22",
        "cle_idempotence": new_ref(),
    } | values


def test_the_list_shows_what_is_visible_and_nothing_else(
    admin: FlaskClient, operateur: Organisation, ailleurs: Organisation, session: Session
) -> None:
    session.commit()
    page = text_of(admin.get("/organisations"))
    assert operateur.nom in page
    assert "CANARI" not in page
    assert "Ouvrir une organisation" in page


def test_the_list_is_filtered_sorted_and_paged_by_its_address(
    admin: FlaskClient, factories: SimpleNamespace, session: Session
) -> None:
    for number in range(60):
        factories.Organisation(nom=f"Réseau {number:02d}", type=TypeOrganisation.BAILLEUR)
    marked = factories.Organisation(nom="Zénith", nom_provisoire=True)
    marked.categories = [OrganisationCategorie(categorie=5)]
    session.commit()

    page = text_of(admin.get("/organisations?type=bailleur"))
    assert "Réseau 00" in page
    assert "Zénith" not in page
    assert "Type : <strong>Bailleur social</strong>" in page
    assert "curseur=" in page

    assert "Réseau 59" in text_of(admin.get("/organisations?type=bailleur&tri=-nom"))
    assert "Réseau 59" not in page
    for query in ("a_completer=1", "categorie=5", "q=zenith"):
        found = text_of(admin.get(f"/organisations?{query}"))
        assert "Zénith" in found, query
        assert "Réseau" not in found.replace("Têtes de réseau", ""), query
    empty = text_of(admin.get("/organisations?q=introuvable"))
    assert "Aucune organisation ne répond à ces filtres" in empty


@pytest.mark.parametrize(
    "query", ["type=x&categorie=99&tri=nimporte&curseur=!!", "departement=zzzz&nature=xyz"]
)
def test_an_address_written_by_hand_does_no_harm(admin: FlaskClient, query: str) -> None:
    assert admin.get(f"/organisations?{query}").status_code == 200


def test_htmx_receives_the_lines_alone(admin: FlaskClient) -> None:
    part = admin.get("/organisations", headers=HTMX).get_data(as_text=True)
    assert "<html" not in part
    assert part.strip() in admin.get("/organisations").get_data(as_text=True)


def test_the_list_costs_a_constant_number_of_statements(
    admin: FlaskClient, factories: SimpleNamespace, session: Session, database: Database
) -> None:
    admin.get("/organisations")
    with statements(database) as few:
        admin.get("/organisations")
    for number in range(55):
        factories.Structure(organisation=factories.Organisation(nom=f"Opérateur {number:02d}"))
    session.commit()
    with statements(database) as many:
        assert admin.get("/organisations").status_code == 200
    with statements(database) as filtered:
        admin.get("/organisations?q=ope&type=gestionnaire&nature=RS&categorie=2")
    assert len(few) == len(many) == len(filtered) <= 8


def test_a_record_tells_everything_in_few_statements(
    admin: FlaskClient,
    operateur: Organisation,
    factories: SimpleNamespace,
    session: Session,
    database: Database,
) -> None:
    operateur.categories = [OrganisationCategorie(categorie=5)]
    for number in range(12):
        factories.Structure(organisation=operateur, nom=f"Résidence {number}")
    session.commit()
    admin.get("/organisations")
    with statements(database) as seen:
        page = text_of(admin.get(f"/organisations/{operateur.ref}"))
    assert len(seen) <= 8
    assert "5. Logements-foyers" in page
    assert "Résidence 11" in page
    assert f'href="/conventions?operateur={operateur.ref}"' in page


def test_what_is_invisible_is_not_found_and_what_is_not_allowed_is_refused(
    admin: FlaskClient,
    client_for: Clients,
    actor_for: Actors,
    operateur: Organisation,
    ailleurs: Organisation,
    ddets: Organisation,
) -> None:
    director = client_for(actor_for(Profil.OPERATEUR_DIRECTION, operateur))
    for path in ("", "/modifier", "/fermer", "/fusionner"):
        assert admin.get(f"/organisations/{ailleurs.ref}{path}").status_code == 404
    assert director.get(f"/organisations/{ddets.ref}").status_code == 200  # a partner
    for path in ("/modifier", "/fermer", "/fusionner"):
        assert director.get(f"/organisations/{ddets.ref}{path}").status_code == 403
    assert director.get("/organisations/nouvelle").status_code == 403
    assert director.get("/organisations/rattacher").status_code == 403
    assert director.get(f"/organisations/{operateur.ref}/modifier").status_code == 200


def test_a_partner_s_structures_stay_hidden(
    client_for: Clients, actor_for: Actors, operateur: Organisation, factories: SimpleNamespace
) -> None:
    siao = factories.Organisation(type=TypeOrganisation.SIAO, nom="SIAO Fictif")
    factories.Structure(organisation=siao, nom="CANARI Pôle")
    page = text_of(
        client_for(actor_for(Profil.OPERATEUR_DIRECTION, operateur)).get(f"/organisations/{siao.ref}")
    )
    assert "CANARI" not in page
    assert "Structures" not in page.split("<main")[1].split("</main")[0]


def test_ten_clicks_open_one_organisation(admin: FlaskClient, session: Session) -> None:
    data = typed(siret=ONE_SIRET, departements="37; 92", categories=["2", "5"])
    answers = {admin.post("/organisations/nouvelle", data=data).headers["Location"] for _ in range(3)}
    made = session.scalars(select(Organisation).where(Organisation.nom == "Association Nouvelle")).one()
    assert answers == {f"/organisations/{made.ref}"}
    assert made.siren == ONE_SIREN
    assert {d.departement_code for d in made.departements} == {"22", "37", "92"}
    assert {c.categorie for c in made.categories} == {2, 5}
    assert "est ouverte" in text_of(admin.get(f"/organisations/{made.ref}"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"siret": "73282932000075"}, "Ce SIRET n’existe pas : sa clé est fausse"),
        ({"nom": " "}, "Ce champ est obligatoire"),
        ({"departements": "22, 99X"}, "Département inconnu : 99X."),
        ({"departement_code": "75"}, "Ce choix n’est pas proposé."),
        ({"type": "inconnu"}, "Ce choix n’est pas proposé."),
        ({"categories": ["12"]}, "Ce choix n’est pas proposé."),
        ({"email": "sans-arobase"}, "Cette adresse électronique n’est pas complète."),
    ],
)
def test_a_refusal_stands_by_its_field_and_loses_nothing(
    admin: FlaskClient, session: Session, values: dict[str, object], message: str
) -> None:
    before = session.scalar(select(func.count()).select_from(Organisation))
    answer = admin.post("/organisations/nouvelle", data=typed(sigle="GARDÉ", **values))
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert "GARDÉ" in text_of(answer)
    reread(session)
    assert session.scalar(select(func.count()).select_from(Organisation)) == before


def test_opening_may_invite_the_first_administrator(admin: FlaskClient, session: Session) -> None:
    data = typed(admin_prenom="Camille", admin_nom="Modèle", admin_email="camille@lieu.example")
    assert admin.post("/organisations/nouvelle", data=data).status_code == 303
    invitation = session.scalars(select(InvitationCompte)).one()
    assert invitation.profil is Profil.ADMIN_ORGANISATION
    assert session.scalars(select(MessageSortant)).one().destinataire == "camille@lieu.example"


def test_an_invitation_that_is_refused_opens_nothing(admin: FlaskClient, session: Session) -> None:
    data = typed(admin_prenom="Camille", admin_nom="Modèle", admin_email="pas-une-adresse")
    answer = admin.post("/organisations/nouvelle", data=data)
    assert answer.status_code == 422
    assert "admin_email-erreur" in text_of(answer)
    state = typed(type="etat", admin_prenom="Camille", admin_nom="Modèle", admin_email="camille@lieu.example")
    assert "Vous ne pouvez pas inviter" in text_of(admin.post("/organisations/nouvelle", data=state))
    assert session.scalar(select(Organisation).where(Organisation.nom == "Association Nouvelle")) is None


def test_the_technical_administrator_opens_state_services_only(
    client_for: Clients, actor_for: Actors, session: Session
) -> None:
    client = client_for(actor_for(Profil.ADMIN_TECHNIQUE))
    assert client.post("/organisations/nouvelle", data=typed()).status_code == 422
    data = typed(
        type="etat",
        nom="DDETS Fictive 37",
        departement_code="37",
        admin_prenom="Dominique",
        admin_nom="Exemple",
        admin_email="dominique@etat.example",
    )
    assert client.post("/organisations/nouvelle", data=data).status_code == 303
    assert session.scalars(select(InvitationCompte)).one().profil is Profil.ADMIN_DEPARTEMENT


def test_an_operator_opened_elsewhere_joins_the_departement(
    admin: FlaskClient, ailleurs: Organisation, session: Session
) -> None:
    ailleurs.siren = ONE_SIREN
    session.commit()
    data = {"type": "gestionnaire", "siren": "732 829 320", "departement_code": "22"}
    answer = admin.post("/organisations/rattacher", data=data)
    assert answer.headers["Location"] == f"/organisations/{ailleurs.ref}"
    assert admin.get(f"/organisations/{ailleurs.ref}").status_code == 200
    unknown = admin.post("/organisations/rattacher", data=data | {"siren": "356000000"})
    assert unknown.status_code == 422
    assert "Aucune organisation ouverte de ce type" in text_of(unknown)


def test_editing_saves_and_names_what_was_provisional(
    admin: FlaskClient, operateur: Organisation, session: Session
) -> None:
    operateur.nom_provisoire = True
    session.commit()
    page = admin.get(f"/organisations/{operateur.ref}/modifier")
    assert page.status_code == 200
    data = typed(nom="Nom Certain", version=operateur.version, telephone="0296000000")
    answer = admin.post(f"/organisations/{operateur.ref}/modifier", data=data)
    assert answer.status_code == 303
    reread(session)
    assert operateur.nom == "Nom Certain"
    assert not operateur.nom_provisoire
    assert operateur.telephone == "02 96 00 00 00"


def test_the_second_of_two_editors_is_shown_both_versions(
    admin: FlaskClient,
    admin_actor: Actor,
    operateur: Organisation,
    session: Session,
    clock: FixedClock,
) -> None:
    session.commit()
    opened = operateur.version
    service.edit_organisation(
        session,
        clock,
        admin_actor,
        operateur,
        SaisieOrganisation(nom="Version de l’autre", type=operateur.type, departement_code="22"),
        version=opened,
    )
    session.commit()
    path = f"/organisations/{operateur.ref}/modifier"
    mine = typed(nom="Ma version", sigle="MV", version=opened)
    answer = admin.post(path, data=mine)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Version de l’autre" in page
    assert "<ins>Ma version</ins>" in page
    assert 'value="Ma version"' in page
    assert admin_actor.nom in page
    reread(session)
    assert operateur.nom == "Version de l’autre"
    assert f'value="{operateur.version}"' in page
    assert admin.post(path, data=mine | {"version": operateur.version}).status_code == 303
    reread(session)
    assert operateur.nom == "Ma version"


def test_an_organisation_closes_after_its_structures(
    admin: FlaskClient, operateur: Organisation, factories: SimpleNamespace, session: Session
) -> None:
    structure = factories.Structure(organisation=operateur)
    session.commit()
    path = f"/organisations/{operateur.ref}/fermer"
    data = {"fermee_le": "2026-03-02", "version": operateur.version}
    refused = admin.post(path, data=data)
    assert refused.status_code == 422
    assert "encore des structures ouvertes (1)" in text_of(refused)
    structure.fermee_le = structure.created_at.date()
    session.commit()
    future = admin.post(path, data=data | {"fermee_le": "2026-04-01"})
    assert "La date ne peut pas être dans l’avenir." in text_of(future)
    assert admin.post(path, data=data | {"version": 99}).status_code == 409
    assert "<html" not in admin.get(path, headers=HTMX).get_data(as_text=True)
    assert admin.post(path, data=data).status_code == 303
    page = text_of(admin.get(f"/organisations/{operateur.ref}"))
    assert "Organisation fermée" in page
    assert "/modifier" not in page.split("<main")[1]
    assert operateur.nom not in text_of(admin.get("/organisations"))
    assert operateur.nom in text_of(admin.get("/organisations?fermees=1"))


def test_merging_is_read_then_confirmed(
    admin: FlaskClient, operateur: Organisation, factories: SimpleNamespace, session: Session
) -> None:
    absorbing = factories.Organisation(nom="Fondation Absorbante")
    other_type = factories.Organisation(nom="Bailleur Fictif", type=TypeOrganisation.BAILLEUR)
    factories.Organisation(nom="Voisine du Siège", departement_code="37", dans=["22"])
    structure = factories.Structure(organisation=operateur)
    session.commit()
    path = f"/organisations/{operateur.ref}/fusionner"
    choices = text_of(admin.get(path)).split("<main")[1]
    assert "Fondation Absorbante" in choices
    assert "Bailleur Fictif" not in choices
    assert "Voisine du Siège" not in choices  # another département's: choosing it led to a 403
    assert f"vers={operateur.ref}" not in choices
    preview = text_of(admin.get(f"{path}?vers={absorbing.ref}"))
    assert "Structures ouvertes qui changent de gestionnaire : 1" in preview
    assert " : 0" not in preview  # what does not move is not listed
    assert "n’est pas possible" in text_of(admin.get(f"{path}?vers={other_type.ref}"))
    assert "n’est pas possible" in text_of(admin.get(f"{path}?vers={operateur.ref}"))
    reread(session)
    assert structure.organisation_id == operateur.id
    data = {
        "absorbante": absorbing.ref,
        "fusionnee_le": "2026-03-02",
        "version": operateur.version,
        "version_absorbante": absorbing.version,
    }
    assert admin.post(path, data=data | {"version": 99}).status_code == 409
    assert admin.post(path, data=data | {"fusionnee_le": "2027-01-01"}).status_code == 422
    assert admin.post(path, data=data | {"absorbante": "inconnue"}).status_code == 404
    answer = admin.post(path, data=data)
    assert answer.headers["Location"] == f"/organisations/{absorbing.ref}"
    reread(session)
    assert structure.organisation_id == absorbing.id
    assert "Fondation Absorbante" in text_of(admin.get(f"/organisations/{operateur.ref}"))
    assert operateur.nom in text_of(admin.get(f"/organisations/{absorbing.ref}"))
    again = admin.post(path, data=data)  # the second of two clicks must not say that it was not possible
    assert again.headers["Location"] == f"/organisations/{absorbing.ref}"
