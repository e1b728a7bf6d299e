"""Who sees which organisations and structures, and how they are found."""

import pytest
from sqlalchemy import event, insert

from portal.organisations import queries, queries_structures, referentiel
from portal.organisations.enums import TypeOrganisation as T
from portal.organisations.models import Organisation, OrganisationDepartement, Structure, StructurePlaces
from portal.organisations.queries import FiltreOrganisations
from portal.organisations.queries_structures import FiltreStructures
from portal.organisations.referentiel import Lieu, Maille
from portal.security.permissions import ETAT, SIAO, Profil
from portal.shared.errors import NotVisible
from portal.shared.pagination import Cursor

TERRITORIAL = [*sorted(ETAT | SIAO, key=lambda p: p.value), Profil.ADMIN_DEPARTEMENT]
OTHERS = [p for p in Profil if p not in (*TERRITORIAL, Profil.ADMIN_TECHNIQUE, Profil.OBSERVATEUR_AGREGE)]


@pytest.fixture
def world(factories):
    """Two départements with their State and SIAO, an operator in each, one operator in both."""

    def make(nom, kind, home="22", dans=()):
        return factories.Organisation(nom=nom, type=kind, departement_code=home, dans=dans)

    organisations = {
        "etat22": make("DDETS Fictive 22", T.ETAT),
        "siao22": make("SIAO Fictif 22", T.SIAO),
        "etat37": make("DDETS Fictive 37", T.ETAT, "37"),
        "siao37": make("SIAO Fictif 37", T.SIAO, "37"),
        "ajoncs": make("Les Ajoncs", T.GESTIONNAIRE),
        "touraine": make("Touraine Abri", T.GESTIONNAIRE, "37"),
        "double": make("Double Toit", T.GESTIONNAIRE, "37", ["22"]),
    }
    for key, code in (("ajoncs", "22"), ("touraine", "37"), ("double", "22"), ("double", "37")):
        factories.Structure(nom=f"{key} {code}", organisation=organisations[key], departement_code=code)
    return organisations


def names(page) -> set[str]:
    return {row.nom for row in page.rows}


def seen(session, actor) -> set[str]:
    return names(queries.liste(session, actor, FiltreOrganisations()))


def seen_structures(session, actor) -> set[str]:
    return names(queries_structures.liste_structures(session, actor, FiltreStructures()))


@pytest.mark.parametrize("profil", TERRITORIAL)
def test_the_state_and_the_siao_see_their_territory(session, actor_for, world, profil):
    actor = actor_for(profil, world["siao22" if profil in SIAO else "etat22"])
    assert seen(session, actor) == {"DDETS Fictive 22", "SIAO Fictif 22", "Les Ajoncs", "Double Toit"}
    assert seen_structures(session, actor) == {"ajoncs 22", "double 22"}


@pytest.mark.parametrize("profil", OTHERS)
def test_the_others_see_themselves_and_their_partners(session, actor_for, world, profil):
    actor = actor_for(profil, world["ajoncs"])
    assert seen(session, actor) == {"DDETS Fictive 22", "SIAO Fictif 22", "Les Ajoncs"}
    assert seen_structures(session, actor) == {"ajoncs 22"}
    both = actor_for(profil, world["double"])
    assert seen_structures(session, both) == {"double 22", "double 37"}
    assert "SIAO Fictif 37" in seen(session, both)


def test_who_reads_aggregates_sees_none_and_the_technical_administrator_sees_no_structure(
    session, actor_for, world
):
    observer = actor_for(Profil.OBSERVATEUR_AGREGE, world["etat22"])
    assert (seen(session, observer), seen_structures(session, observer)) == (set(), set())
    technical = actor_for(Profil.ADMIN_TECHNIQUE, world["etat22"])
    assert len(seen(session, technical)) == len(world)
    assert seen_structures(session, technical) == set()


def test_what_is_not_visible_does_not_exist(session, actor_for, world):
    actor = actor_for(Profil.OPERATEUR_DIRECTION, world["ajoncs"])
    assert queries.organisation(session, actor, world["siao22"].ref) is world["siao22"]
    for ref in (world["double"].ref, world["siao37"].ref, "inconnue"):
        with pytest.raises(NotVisible):
            queries.organisation(session, actor, ref)
        with pytest.raises(NotVisible):
            queries.fiche(session, actor, ref)
    foreign = world["double"].structures[0].ref
    with pytest.raises(NotVisible):
        queries_structures.structure(session, actor, foreign)


def test_filters(session, clock, actor_for, world):
    actor = actor_for(Profil.ADMIN_DEPARTEMENT, world["etat22"])

    def found(**filters):
        return names(queries.liste(session, actor, FiltreOrganisations(**filters)))

    world["double"].nom_provisoire = True
    world["ajoncs"].fermee_le = clock.today()
    session.add(
        StructurePlaces(structure_id=world["double"].structures[0].id, nature_code="CHU", type_place="")
    )
    session.flush()
    assert found(type=T.SIAO) == {"SIAO Fictif 22"}
    assert found(texte="doub to") == {"Double Toit"}
    assert found(departement_code="37") == {"Double Toit"}
    assert found(nature_code="CHU") == {"Double Toit"}
    assert found(nature_code="RS") == set()
    assert found(a_completer=True) == {"Double Toit"}
    assert "Les Ajoncs" not in found()
    assert "Les Ajoncs" in found(fermees=True)


def test_structure_filters(session, clock, actor_for, world, factories):
    actor = actor_for(Profil.SIAO_REGULATEUR, world["siao22"])
    foyer = factories.Structure(
        nom="Foyer du Légué",
        organisation=world["ajoncs"],
        categorie_finess="257",
        nature_a_qualifier=True,
        commune_code="22278",
    )
    factories.Structure(nom="Ancien foyer", organisation=world["ajoncs"], fermee_le=clock.today())
    session.add(StructurePlaces(structure_id=foyer.id, nature_code="CHU", type_place=""))
    session.flush()

    def found(**filters):
        return names(queries_structures.liste_structures(session, actor, FiltreStructures(**filters)))

    for filters in (
        {"texte": "legue"},
        {"nature_code": "CHU"},
        {"categorie_finess": "257"},
        {"a_qualifier": True},
    ):
        assert found(**filters) == {"Foyer du Légué"}
    assert found(organisation_id=world["double"].id) == {"double 22"}
    assert found(departement_code="37") == set()
    assert "Ancien foyer" not in found()
    assert "Ancien foyer" in found(fermees=True)


def test_territories(session, actor_for, world, factories):
    actor = actor_for(Profil.ETAT_AGENT, world["etat22"])
    for nom, ou, commune in (
        ("Foyer", "ajoncs", "22278"),
        ("Abri", "double", "22113"),
        ("Nid", "double", "37261"),
    ):
        factories.Structure(
            nom=nom, organisation=world[ou], commune_code=commune, departement_code=commune[:2]
        )
    session.flush()
    assert queries_structures.territoires(session, actor) == {
        Maille.ARRONDISSEMENT: [("arrondissement-224", "Saint-Brieuc")],
        Maille.EPCI: [("epci-200069409", "Saint-Brieuc Armor Agglomération")],
        Maille.COMMUNE: [("commune-22113", "Lannion"), ("commune-22278", "Saint-Brieuc")],
    }
    for adresse, structures, gestionnaires in (
        ("arrondissement-224", {"Foyer"}, {"Les Ajoncs"}),
        ("epci-200069409", {"Foyer"}, {"Les Ajoncs"}),
        ("commune-22113", {"Abri"}, {"Double Toit"}),
        ("commune-37261", set(), set()),  # seen by another département
    ):
        lieu = Lieu.lire(adresse)
        standing = queries_structures.liste_structures(session, actor, FiltreStructures(lieu=lieu))
        assert names(standing) == structures
        assert names(queries.liste(session, actor, FiltreOrganisations(lieu=lieu))) == gestionnaires
    [foyer] = queries_structures.search_structures(session, actor, "foyer")
    assert (foyer.commune, foyer.epci) == ("Saint-Brieuc", "Saint-Brieuc Armor Agglomération")
    assert referentiel.situation(session, "22278").arrondissement == "Saint-Brieuc"
    assert referentiel.situation(session, None) is None
    assert Lieu.lire("epci-") is Lieu.lire("quartier-7") is Lieu.lire("") is None


def test_search_and_suggestions(session, actor_for, world):
    actor = actor_for(Profil.ETAT_AGENT, world["etat22"])
    assert [row.nom for row in queries.search(session, actor, "ajonc")] == ["Les Ajoncs"]
    assert queries.search(session, actor, " ") == []
    assert [row.nom for row in queries_structures.search_structures(session, actor, "double")] == [
        "double 22"
    ]
    assert queries_structures.search_structures(session, actor, "") == []
    picked = queries.suggestions(session, actor, "", types=[T.GESTIONNAIRE], departement_code="22")
    assert [row.nom for row in picked] == ["Double Toit", "Les Ajoncs"]
    assert [row.nom for row in queries.partners(session, "22", T.SIAO)] == ["SIAO Fictif 22"]


def test_the_page_of_an_organisation(session, actor_for, world):
    actor = actor_for(Profil.SIAO_DIRECTION, world["siao22"])
    session.add(StructurePlaces(structure_id=world["double"].structures[0].id, nature_code="CHU", nombre=4))
    session.flush()
    fiche = queries.fiche(session, actor, world["double"].ref)
    assert [d.code for d in fiche.departements] == ["22", "37"]
    assert [row.nom for row in fiche.structures] == ["double 22"]
    assert (fiche.absorbees, fiche.fusionnee_dans) == ([], None)
    assert queries_structures.places_par_nature(session, world["double"].id) == {"CHU": 4}
    found = queries_structures.structure(session, actor, fiche.structures[0].ref)
    assert found.organisation is world["double"]


def test_reference_lists(session):
    assert referentiel.departements(session)[0].code == "22"
    assert referentiel.natures(session)[0].code == "MARAUDE"
    assert [row.nom for row in referentiel.communes(session, "lann")] == ["Lannion"]


def test_pages_follow_each_other_at_a_constant_number_of_statements(session, clock, actor_for, world):
    actor = actor_for(Profil.ETAT_PILOTE, world["etat22"])
    now = clock.now()
    common = {"type": T.GESTIONNAIRE, "departement_code": "22", "created_at": now, "updated_at": now}
    rows = [
        common
        | {"nom": f"Opérateur {i:04}", "tri": f"operateur {i:04}", "texte_recherche": f" operateur {i:04}"}
        for i in range(300)
    ]
    ids = session.scalars(insert(Organisation).returning(Organisation.id), rows).all()
    session.execute(
        insert(OrganisationDepartement), [{"organisation_id": i, "departement_code": "22"} for i in ids]
    )
    structure = {"departement_code": "22", "tri": "a", "texte_recherche": " a", "nom": "A"}
    session.execute(
        insert(Structure),
        [structure | {"organisation_id": i, "created_at": now, "updated_at": now} for i in ids],
    )
    statements = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    cursor, found = None, []
    while True:
        page = queries.liste(session, actor, FiltreOrganisations(texte="operateur"), cursor)
        found += [row.nom for row in page.rows]
        cursor = Cursor.decode(page.next)
        if cursor is None:
            break
    assert found == [f"Opérateur {i:04}" for i in range(300)]
    assert page.total == 300
    assert len(statements) == 2 * 6
    statements.clear()
    queries.fiche(session, actor, world["ajoncs"].ref)
    assert len(statements) <= 5
