"""Opening, changing and closing organisations and structures."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.audit.service import history
from portal.organisations import service, structures
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.organisations.saisie import LignePlaces, SaisieOrganisation, SaisieStructure
from portal.security.permissions import Profil
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion

SIREN, SIRET = "732829320", "73282932000074"
AJONCS = SaisieOrganisation(
    nom=" Association  Les Ajoncs ",
    type=TypeOrganisation.GESTIONNAIRE,
    departement_code="22",
    siret="732 829 320 00074",
    departements=("37",),
    categories=(2, 5),
    telephone="+33 2 96 00 00 00",
    email="Contact@ajoncs.example",
)
FOYER = SaisieStructure(nom="Foyer du Port", departement_code="22", commune_code="22278")


@pytest.fixture
def state(actor_for, factories):
    service_etat = factories.Organisation(type=TypeOrganisation.ETAT, nom="DDETS Fictive 22")
    return actor_for(Profil.ADMIN_DEPARTEMENT, service_etat)


@pytest.fixture
def ajoncs(session, clock, state):
    return service.open_organisation(session, clock, state, AJONCS)


def codes(caught) -> set[tuple[str, str | None]]:
    errors = caught.value.errors if isinstance(caught.value, DomainErrors) else [caught.value]
    return {(error.code.removeprefix("organisations."), error.field) for error in errors}


def test_an_organisation_is_opened_with_clean_values(session, ajoncs):
    assert (ajoncs.nom, ajoncs.siren, ajoncs.siret) == ("Association Les Ajoncs", SIREN, SIRET)
    assert (ajoncs.telephone, ajoncs.email) == ("02 96 00 00 00", "contact@ajoncs.example")
    assert sorted(row.departement_code for row in ajoncs.departements) == ["22", "37"]
    assert sorted(row.categorie for row in ajoncs.categories) == [2, 5]
    assert ajoncs.tri == "association les ajoncs"
    (entry,) = history(session, "organisation", ajoncs.id)
    assert (entry.action, entry.changements["siren"]) == ("organisations:organisation:ouvrir", [None, SIREN])


def test_every_wrong_field_is_told_at_once(session, clock, state):
    wrong = replace(
        AJONCS,
        nom=" ",
        siren="732829321",
        siret="1",
        telephone="02 96",
        email="contact",
        site="javascript:alert(1)",
        adresse="x" * 301,
        departements=("2Z",),
        categories=(12,),
    )
    with pytest.raises(DomainErrors) as caught:
        service.open_organisation(session, clock, state, wrong)
    assert codes(caught) == {
        ("nom_obligatoire", "nom"),
        ("siren_cle", "siren"),
        ("siret_forme", "siret"),
        ("telephone", "telephone"),
        ("email", "email"),
        ("site", "site"),
        ("trop_long", "adresse"),
        ("departement_inconnu", "departement_code"),
        ("categorie_inconnue", "categories"),
    }


def test_a_siret_belongs_to_its_siren(session, clock, state):
    with pytest.raises(DomainErrors) as caught:
        service.open_organisation(session, clock, state, replace(AJONCS, siren="356000000"))
    assert codes(caught) == {("siret_autre_siren", "siret")}


def test_one_siren_makes_one_operator_and_one_siao(session, clock, state, ajoncs):
    with pytest.raises(DomainError) as caught:
        service.open_organisation(session, clock, state, AJONCS)
    assert codes(caught) == {("siren_existe", "siren")}
    as_siao = replace(AJONCS, type=TypeOrganisation.SIAO, nom="SIAO Fictif 22", departements=())
    siao = service.open_organisation(session, clock, state, as_siao)
    second = service.open_organisation(session, clock, state, replace(as_siao, nom="SIAO Fictif 22 bis"))
    assert (siao.siren, second.siren) == (SIREN, SIREN)


def test_ten_clicks_make_one_organisation(session, clock, state):
    key = "abcdefghijkl"
    first = service.open_organisation(session, clock, state, AJONCS, key=key)
    again = service.open_organisation(session, clock, state, AJONCS, key=key)
    assert again is first
    with pytest.raises(DomainError):
        service.open_organisation(session, clock, state, AJONCS, key="../../../etc")


def test_a_key_answers_to_its_author_only_and_while_they_may(session, clock, state, actor_for):
    key = "abcdefghijkl"
    first = service.open_organisation(session, clock, state, AJONCS, key=key)
    colleague = actor_for(Profil.ADMIN_DEPARTEMENT, session.get_one(Organisation, state.organisation_id))
    for borrowed in (key, first.ref):
        with pytest.raises(DomainError) as caught:
            service.open_organisation(session, clock, colleague, AJONCS, key=borrowed)
        assert codes(caught) == {("siren_existe", "siren")}
    with pytest.raises(Forbidden):
        service.open_organisation(session, clock, replace(state, departements=("37",)), AJONCS, key=key)


def test_ten_clicks_make_one_structure_for_its_author_only(session, clock, state, ajoncs, actor_for):
    key = "abcdefghijkl"
    first = structures.open_structure(session, clock, state, ajoncs, FOYER, key=key)
    assert structures.open_structure(session, clock, state, ajoncs, FOYER, key=key) is first
    own = actor_for(Profil.ADMIN_ORGANISATION, ajoncs)
    for borrowed in (key, first.ref):
        assert structures.open_structure(session, clock, own, ajoncs, FOYER, key=borrowed) is not first
    with pytest.raises(Forbidden):
        structures.open_structure(
            session,
            clock,
            actor_for(Profil.SIAO_REGULATEUR, None),
            ajoncs,
            replace(FOYER, departement_code="37"),
            key=key,
        )


@pytest.mark.parametrize(
    "profil", [p for p in Profil if p not in (Profil.ADMIN_DEPARTEMENT, Profil.ADMIN_TECHNIQUE)]
)
def test_nobody_else_opens_organisations(session, clock, actor_for, profil):
    with pytest.raises(Forbidden):
        service.open_organisation(session, clock, actor_for(profil), AJONCS)


def test_the_technical_administrator_opens_the_state_alone(session, clock, actor_for):
    technical = actor_for(Profil.ADMIN_TECHNIQUE)
    ddets = SaisieOrganisation(nom="DDETS Fictive 37", type=TypeOrganisation.ETAT, departement_code="37")
    assert service.open_organisation(session, clock, technical, ddets).departement_code == "37"
    with pytest.raises(Forbidden):
        service.open_organisation(session, clock, technical, AJONCS)


def test_the_state_opens_in_its_departement_alone(session, clock, state):
    with pytest.raises(Forbidden):
        service.open_organisation(session, clock, state, replace(AJONCS, departement_code="37"))


def test_an_organisation_is_changed_and_the_journal_says_how(session, clock, actor_for, ajoncs):
    director = actor_for(Profil.OPERATEUR_DIRECTION, ajoncs)
    before = ajoncs.version
    changed = replace(AJONCS, sigle="ALA", departements=("37", "75"), categories=(5,))
    service.edit_organisation(session, clock, director, ajoncs, changed, version=before)
    assert ajoncs.version == before + 1
    entry = history(session, "organisation", ajoncs.id)[0]
    assert entry.changements == {
        "sigle": ["", "ALA"],
        "departements": [["22", "37"], ["22", "37", "75"]],
        "categories": [[2, 5], [5]],
    }
    service.edit_organisation(session, clock, director, ajoncs, changed, version=ajoncs.version)
    assert history(session, "organisation", ajoncs.id)[0] is entry


def test_a_change_of_categories_alone_makes_a_new_version(session, clock, state, ajoncs):
    before = ajoncs.version
    service.edit_organisation(session, clock, state, ajoncs, replace(AJONCS, categories=()), version=before)
    assert ajoncs.version == before + 1


def test_a_stale_form_is_refused(session, clock, state, ajoncs):
    version = ajoncs.version
    service.edit_organisation(session, clock, state, ajoncs, replace(AJONCS, sigle="A"), version=version)
    with pytest.raises(StaleVersion) as caught:
        service.edit_organisation(session, clock, state, ajoncs, replace(AJONCS, sigle="B"), version=version)
    assert caught.value.current.sigle == "A"


def test_writing_the_name_completes_it(session, clock, state, ajoncs):
    ajoncs.nom_provisoire = True
    session.flush()
    service.edit_organisation(session, clock, state, ajoncs, AJONCS, version=ajoncs.version)
    assert ajoncs.nom_provisoire
    named = replace(AJONCS, nom="Les Ajoncs")
    service.edit_organisation(session, clock, state, ajoncs, named, version=ajoncs.version)
    assert not ajoncs.nom_provisoire


def test_the_type_does_not_change(session, clock, state, ajoncs):
    other = replace(AJONCS, type=TypeOrganisation.BAILLEUR)
    with pytest.raises(DomainError) as caught:
        service.edit_organisation(session, clock, state, ajoncs, other, version=ajoncs.version)
    assert codes(caught) == {("type_fige", "type")}


def test_a_siao_does_not_extend_itself(session, clock, actor_for, factories):
    siao = factories.Organisation(type=TypeOrganisation.SIAO, nom="SIAO Fictif 22")
    wider = SaisieOrganisation(
        nom=siao.nom, type=TypeOrganisation.SIAO, departement_code="22", departements=("75",)
    )
    director = actor_for(Profil.SIAO_DIRECTION, siao)
    with pytest.raises(DomainError) as caught:
        service.edit_organisation(session, clock, director, siao, wider, version=siao.version)
    assert codes(caught) == {("territoire", "departements")}
    admin = actor_for(Profil.ADMIN_ORGANISATION, siao)
    elsewhere = replace(FOYER, departement_code="75", commune_code="")
    with pytest.raises(DomainError) as caught:
        structures.open_structure(session, clock, admin, siao, elsewhere)
    assert codes(caught) == {("territoire", "departements")}


def test_a_departement_joins_an_operator_opened_elsewhere(session, clock, actor_for, factories, ajoncs):
    state_75 = actor_for(
        Profil.ADMIN_DEPARTEMENT, factories.Organisation(type=TypeOrganisation.ETAT, departement_code="75")
    )
    kind = TypeOrganisation.GESTIONNAIRE
    joined = service.join_departement(session, clock, state_75, kind, "732 829 320", "75")
    assert joined is ajoncs
    service.join_departement(session, clock, state_75, kind, SIREN, "75")
    assert sorted(row.departement_code for row in ajoncs.departements) == ["22", "37", "75"]
    assert len(history(session, "organisation", ajoncs.id)) == 2
    with pytest.raises(Forbidden):
        service.join_departement(session, clock, state_75, kind, SIREN, "92")
    with pytest.raises(DomainError) as caught:
        service.join_departement(session, clock, state_75, TypeOrganisation.BAILLEUR, SIREN, "75")
    assert codes(caught) == {("siren_introuvable", "siren")}


def test_an_organisation_closes_after_its_structures(session, clock, state, ajoncs):
    foyer = structures.open_structure(session, clock, state, ajoncs, FOYER)
    today = clock.today()
    with pytest.raises(DomainError) as caught:
        service.close_organisation(session, clock, state, ajoncs, today, version=ajoncs.version)
    assert codes(caught) == {("structures_ouvertes", None)}
    structures.close_structure(session, clock, state, foyer, today, version=foyer.version)
    with pytest.raises(DomainError) as caught:
        service.close_organisation(
            session, clock, state, ajoncs, today + timedelta(days=1), version=ajoncs.version
        )
    assert codes(caught) == {("fermeture_future", "fermee_le")}
    service.close_organisation(session, clock, state, ajoncs, today, version=ajoncs.version)
    assert ajoncs.fermee_le == today
    with pytest.raises(DomainError) as caught:
        service.edit_organisation(session, clock, state, ajoncs, AJONCS, version=ajoncs.version)
    assert codes(caught) == {("fermee", None)}


def test_a_departement_with_open_structures_is_not_left(session, clock, state, ajoncs):
    structures.open_structure(session, clock, state, ajoncs, FOYER)
    gone = replace(AJONCS, departement_code="37", departements=())
    with pytest.raises(DomainError) as caught:
        service.edit_organisation(session, clock, state, ajoncs, gone, version=ajoncs.version)
    assert codes(caught) == {("departement_habite", "departements")}


def test_a_structure_with_its_places(session, clock, actor_for, ajoncs):
    manager = actor_for(Profil.GESTIONNAIRE_STRUCTURE, ajoncs)
    places = [
        LignePlaces("CHU", "urgence", 10),
        LignePlaces("CHU", "urgence", 5),
        LignePlaces("CHU", "hivernale"),
        LignePlaces("RS"),
    ]
    typed = replace(FOYER, finess="220000012", siret=SIRET)
    foyer = structures.open_structure(session, clock, manager, ajoncs, typed, places)
    assert {(p.nature_code, p.type_place): p.nombre for p in foyer.places} == {
        ("CHU", "urgence"): 15,
        ("CHU", "hivernale"): None,
        ("RS", ""): None,
    }
    assert "saint brieuc" in foyer.texte_recherche
    foyer.nature_a_qualifier = True
    session.flush()
    fewer = [LignePlaces("CHU", "urgence", 12)]
    structures.edit_structure(session, clock, manager, foyer, typed, fewer, version=foyer.version)
    assert {(p.nature_code, p.type_place): p.nombre for p in foyer.places} == {("CHU", "urgence"): 12}
    assert not foyer.nature_a_qualifier
    changes = history(session, "structure", foyer.id)[0].changements
    assert changes == {
        "places": [{"CHU urgence": 15, "CHU hivernale": None, "RS": None}, {"CHU urgence": 12}]
    }


def test_wrong_structures_are_refused(session, clock, state, ajoncs):
    structures.open_structure(session, clock, state, ajoncs, replace(FOYER, finess="220000012"))
    with pytest.raises(DomainError) as caught:
        structures.open_structure(session, clock, state, ajoncs, replace(FOYER, finess="220000012"))
    assert codes(caught) == {("finess_existe", "finess")}
    wrong = replace(FOYER, nom="", finess="22000001", commune_code="37261")
    with pytest.raises(DomainErrors) as caught:
        structures.open_structure(session, clock, state, ajoncs, wrong)
    assert codes(caught) == {
        ("nom_obligatoire", "nom"),
        ("finess_forme", "finess"),
        ("commune_ailleurs", "commune_code"),
    }
    with pytest.raises(DomainErrors) as caught:
        structures.open_structure(session, clock, state, ajoncs, replace(FOYER, commune_code="00000"))
    assert codes(caught) == {("commune_inconnue", "commune_code")}
    lines = [LignePlaces("INCONNUE", "dortoir", 10_000)]
    with pytest.raises(DomainErrors) as caught:
        structures.open_structure(session, clock, state, ajoncs, FOYER, lines)
    assert codes(caught) == {
        ("nature_inconnue", "places"),
        ("type_place_inconnu", "places"),
        ("places_nombre", "places"),
    }


def test_a_structure_elsewhere_makes_the_operator_work_there(session, clock, actor_for, ajoncs):
    director = actor_for(Profil.OPERATEUR_DIRECTION, ajoncs)
    there = replace(FOYER, departement_code="92", commune_code="92050")
    structures.open_structure(session, clock, director, ajoncs, there)
    assert "92" in {row.departement_code for row in ajoncs.departements}


def test_who_changes_a_structure(session, clock, actor_for, factories, state, ajoncs):
    foyer = structures.open_structure(session, clock, state, ajoncs, FOYER)
    siao = actor_for(Profil.SIAO_REGULATEUR, factories.Organisation(type=TypeOrganisation.SIAO))
    structures.edit_structure(
        session, clock, siao, foyer, replace(FOYER, nom="Foyer du Légué"), version=foyer.version
    )
    elsewhere = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="37")
    strangers = [
        actor_for(Profil.SIAO_DIRECTION, elsewhere),
        actor_for(Profil.OPERATEUR_DIRECTION),
        actor_for(Profil.ETAT_PILOTE),
        actor_for(Profil.TRAVAILLEUR_SOCIAL, ajoncs),
        actor_for(Profil.OBSERVATEUR_AGREGE),
    ]
    for actor in strangers:
        with pytest.raises(Forbidden):
            structures.edit_structure(session, clock, actor, foyer, FOYER, version=foyer.version)
    moved = replace(FOYER, departement_code="37", commune_code="")
    with pytest.raises(Forbidden):
        structures.edit_structure(session, clock, siao, foyer, moved, version=foyer.version)


def test_a_structure_does_not_close_before_it_opened(session, clock, state, ajoncs):
    typed = replace(FOYER, ouverte_le=date(2020, 1, 1))
    foyer = structures.open_structure(session, clock, state, ajoncs, typed)
    with pytest.raises(DomainError) as caught:
        structures.close_structure(session, clock, state, foyer, date(2019, 12, 31), version=foyer.version)
    assert codes(caught) == {("fermeture_avant_ouverture", "fermee_le")}
    structures.close_structure(session, clock, state, foyer, date(2020, 1, 1), version=foyer.version)
    with pytest.raises(DomainError) as caught:
        structures.edit_structure(session, clock, state, foyer, typed, version=foyer.version)
    assert codes(caught) == {("structure_fermee", None)}


def test_the_day_of_closing_is_that_of_the_departement(session, clock, actor_for, factories):
    reunion = factories.Organisation(type=TypeOrganisation.ETAT, departement_code="974")
    actor = actor_for(Profil.ADMIN_DEPARTEMENT, reunion)
    operator = factories.Organisation(departement_code="974")
    clock.instant = clock.instant.replace(hour=21)  # already the next day in La Réunion (UTC+4)
    tomorrow_in_paris = clock.today() + timedelta(days=1)
    service.close_organisation(session, clock, actor, operator, tomorrow_in_paris, version=operator.version)
    assert session.scalar(select(Organisation.fermee_le).where(Organisation.id == operator.id))
