"""Merging two organisations keeps history (issue B)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.audit.service import history
from portal.comptes.models import Adhesion
from portal.organisations import fusion, queries
from portal.organisations.enums import TypeOrganisation as T
from portal.organisations.fusion import Effet, consequences, merge_organisations, on_merge
from portal.organisations.models import OrganisationCategorie, Structure
from portal.security.permissions import Profil
from portal.shared.errors import DomainError, Forbidden, StaleVersion


@pytest.fixture
def state(actor_for, factories):
    return actor_for(Profil.ADMIN_DEPARTEMENT, factories.Organisation(type=T.ETAT))


@pytest.fixture
def pair(session, factories, clock):
    """Les Ajoncs, in 22 and 37, with two open structures and a closed one; Les Bruyères, in 22."""
    ajoncs = factories.Organisation(nom="Les Ajoncs", siren="732829320", dans=["37"])
    bruyeres = factories.Organisation(nom="Les Bruyères")
    ajoncs.categories = [OrganisationCategorie(categorie=2), OrganisationCategorie(categorie=5)]
    bruyeres.categories = [OrganisationCategorie(categorie=2)]
    for nom in ("Port", "Gare"):
        factories.Structure(nom=nom, organisation=ajoncs)
    factories.Structure(nom="Ancien", organisation=ajoncs, fermee_le=clock.today())
    session.flush()
    return ajoncs, bruyeres


def merge(session, clock, actor, pair, on=None, versions=None):
    absorbed, absorber = pair
    versions = versions or (absorbed.version, absorber.version)
    return merge_organisations(
        session, clock, actor, absorbed, absorber, on or clock.today(), versions=versions
    )


def test_what_lives_moves_and_the_rest_stays(session, clock, state, factories, pair):
    ajoncs, bruyeres = pair
    anne = factories.Adhesion(organisation=ajoncs)
    both = factories.Adhesion(organisation=ajoncs)
    kept = factories.Adhesion(organisation=bruyeres, personne=both.personne)
    gone = factories.Adhesion(organisation=ajoncs, revoquee_le=clock.now())
    merge(session, clock, state, pair)
    session.expire_all()
    assert (ajoncs.fusionnee_dans_id, ajoncs.fermee_le) == (bruyeres.id, clock.today())
    owners = dict(session.execute(select(Structure.nom, Structure.organisation_id)).all())
    assert owners == {"Port": bruyeres.id, "Gare": bruyeres.id, "Ancien": ajoncs.id}
    assert (anne.organisation_id, anne.revoquee_le) == (bruyeres.id, None)
    assert both.revoquee_le is not None
    assert kept.revoquee_le is None
    assert gone.organisation_id == ajoncs.id
    assert sorted(d.departement_code for d in bruyeres.departements) == ["22", "37"]
    assert sorted(c.categorie for c in bruyeres.categories) == [2, 5]
    assert bruyeres.siren is None


def test_the_journal_tells_it_on_both_sides(session, clock, state, pair):
    ajoncs, bruyeres = pair
    merge(session, clock, state, pair)
    given = history(session, "organisation", ajoncs.id)[0]
    taken = history(session, "organisation", bruyeres.id)[0]
    assert (given.action, given.changements["fusionnee_dans"]) == (
        "organisations:organisation:fusionner",
        bruyeres.ref,
    )
    assert (taken.changements["absorbee"], taken.changements["structures"]) == (ajoncs.ref, 2)
    port = session.scalars(select(Structure).where(Structure.nom == "Port")).one()
    assert history(session, "structure", port.id)[0].changements == {
        "organisation": [ajoncs.ref, bruyeres.ref]
    }


def test_the_pages_show_where_it_went(session, clock, state, pair):
    ajoncs, bruyeres = pair
    merge(session, clock, state, pair)
    assert queries.fiche(session, state, ajoncs.ref).fusionnee_dans.nom == "Les Bruyères"
    assert [row.nom for row in queries.fiche(session, state, bruyeres.ref).absorbees] == ["Les Ajoncs"]


def test_a_chain_of_mergers_leads_to_the_last(session, clock, state, factories, pair):
    ajoncs, bruyeres = pair
    callunes = factories.Organisation(nom="Les Callunes")
    merge(session, clock, state, pair)
    merge(session, clock, state, (bruyeres, callunes))
    session.expire_all()
    assert (ajoncs.fusionnee_dans_id, bruyeres.fusionnee_dans_id) == (callunes.id, callunes.id)
    assert (
        session.scalars(select(Structure.organisation_id).where(Structure.nom == "Port")).one() == callunes.id
    )


def test_what_it_would_do_is_told_before(session, clock, state, factories, pair):
    factories.Adhesion(organisation=pair[0])
    told = {c.label: c.nombre for c in consequences(session, clock, state, *pair)}
    assert sorted(number for number in told.values() if number) == [1, 2]
    assert session.scalar(select(Adhesion.organisation_id).order_by(Adhesion.id.desc())) == pair[0].id


def test_a_room_above_adds_what_it_moves(session, clock, state, pair, monkeypatch):
    monkeypatch.setattr(fusion, "_EFFECTS", dict(fusion._EFFECTS))
    seen = []

    def apply(merger):
        seen.append((merger.absorbed.nom, merger.absorber.nom, merger.on, merger.absorbed.fermee_le))
        return 3

    effect = on_merge(Effet("essai", "Essais : %(nombre)s", lambda *args: 3, apply))
    assert on_merge(effect) is effect
    with pytest.raises(ValueError, match="essai"):
        on_merge(Effet("essai", "", lambda *args: 0, apply))
    assert consequences(session, clock, state, *pair)[-1].nombre == 3
    merge(session, clock, state, pair)
    assert seen == [("Les Ajoncs", "Les Bruyères", clock.today(), None)]
    assert history(session, "organisation", pair[0].id)[0].changements["essai"] == 3


def test_mergers_that_make_no_sense_are_refused(session, clock, state, factories, pair):
    ajoncs, _ = pair
    landlord = factories.Organisation(type=T.BAILLEUR)
    closed = factories.Organisation(fermee_le=clock.today())

    def refusal(*args, **kwargs):
        with pytest.raises(DomainError) as caught:
            merge(session, clock, state, *args, **kwargs)
        return caught.value.code.removeprefix("organisations.")

    assert refusal((ajoncs, ajoncs)) == "fusion_meme"
    assert refusal((ajoncs, landlord)) == "fusion_types"
    assert refusal((ajoncs, closed)) == "fermee"
    assert refusal((closed, ajoncs)) == "fermee"
    assert refusal(pair, on=clock.today() + timedelta(days=1)) == "fermeture_future"
    merge(session, clock, state, pair)
    assert refusal(pair) == "fermee"


def test_a_stale_form_merges_nothing(session, clock, state, pair):
    versions = (pair[0].version, pair[1].version)
    pair[1].sigle = "LB"
    session.flush()
    with pytest.raises(StaleVersion):
        merge(session, clock, state, pair, versions=versions)
    assert pair[0].fusionnee_dans_id is None


def test_the_state_merges_in_its_departement_alone(session, clock, actor_for, factories, state, pair):
    elsewhere = factories.Organisation(departement_code="37")
    with pytest.raises(Forbidden):
        merge(session, clock, state, (pair[0], elsewhere))
    for profil in Profil:
        if profil is not Profil.ADMIN_DEPARTEMENT:
            with pytest.raises(Forbidden):
                consequences(session, clock, actor_for(profil, pair[1]), *pair)


def test_merging_siaos_does_not_widen_the_territory(session, clock, state, factories):
    wide = factories.Organisation(type=T.SIAO, nom="SIAO Fictif 22 et 37", dans=["37"])
    narrow = factories.Organisation(type=T.SIAO, nom="SIAO Fictif 22")
    with pytest.raises(DomainError, match="territoire"):
        merge(session, clock, state, (wide, narrow))
    merge(session, clock, state, (narrow, wide))
