"""Loading the reference data: whole, idempotent, refreshed when the files change."""

from sqlalchemy import func, select

from portal.audit.models import EtatTechnique
from portal.organisations import referentiel
from portal.organisations.models import Arrondissement, Commune, Departement, Epci, Nature, Region
from portal.organisations.reference import FINGERPRINT, former_communes, load_reference


def test_the_whole_territory_is_loaded_over_what_was_there(session):
    assert load_reference(session)
    counts = {
        model.__tablename__: session.scalar(select(func.count()).select_from(model))
        for model in (Region, Departement, Arrondissement, Epci, Commune, Nature)
    }
    assert counts["departement"] == 107
    assert counts["commune"] > 34_900
    assert counts["epci"] > 1_200
    assert counts["nature"] == 35
    saint_brieuc = session.scalars(select(Commune).where(Commune.code == "22278")).one()
    assert (saint_brieuc.nom, saint_brieuc.epci_code) == ("Saint-Brieuc", "200069409")
    assert session.get(Departement, "974").fuseau == "Indian/Reunion"


def test_a_second_load_does_nothing_and_new_files_are_loaded_again(session):
    assert load_reference(session)
    assert not load_reference(session)
    session.get(EtatTechnique, FINGERPRINT).valeur = "older files"
    session.get(Departement, "22").nom = "Ancien nom"
    session.flush()
    assert load_reference(session)
    session.expire_all()
    assert session.get(Departement, "22").nom == "Côtes-d'Armor"


def test_communes_are_found_by_name_or_postcode(session):
    load_reference(session)
    names = [row.nom for row in referentiel.communes(session, "st-brieuc")]
    assert names == []
    assert [row.code for row in referentiel.communes(session, "brieuc saint", "22")] == ["22278"]
    assert "75101" in {row.code for row in referentiel.communes(session, "75001")}


def test_former_communes_lead_to_a_present_one(session):
    load_reference(session)
    present = set(session.scalars(select(Commune.code)))
    former = former_communes()
    assert len(former) > 2_000
    assert not set(former) & present
    assert set(former.values()) <= present
