"""A merger of organisations or a new name, and the lines (domaine.md § 5.4)."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions import queries, service
from portal.conventions.enums import Etat, Statut
from portal.conventions.filtres import Filtres
from portal.conventions.models import Convention
from portal.organisations.enums import TypeOrganisation
from portal.organisations.fusion import consequences, merge_organisations
from portal.organisations.models import Organisation
from portal.organisations.saisie import SaisieOrganisation
from portal.organisations.service import edit_organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.integration.conventions.conftest import Parties

Signer = Callable[..., Convention]
Fusionner = Callable[[Organisation, Organisation], None]


@pytest.fixture
def administrateur(actor_for: Callable[..., Actor], parties: Parties) -> Actor:
    return actor_for(Profil.ADMIN_DEPARTEMENT, parties.etat)


@pytest.fixture
def fusionner(session: Session, clock: FixedClock, administrateur: Actor) -> Fusionner:
    def make(absorbee: Organisation, absorbante: Organisation) -> None:
        merge_organisations(
            session,
            clock,
            administrateur,
            absorbee,
            absorbante,
            clock.today(),
            versions=(absorbee.version, absorbante.version),
        )
        session.commit()

    return make


def etats(session: Session, clock: FixedClock, actor: Actor) -> dict[str, list[Etat]]:
    trouves: dict[str, list[Etat]] = {}
    for ligne in queries.lister(session, clock, actor, Filtres()).lignes:
        trouves.setdefault(ligne.operateur, []).append(ligne.etat)
    return trouves


def test_the_absorbed_operators_ctp_ends_that_day_and_another_is_to_start(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    administrateur: Actor,
    ouvrir: Callable[..., Convention],
    signer: Signer,
    fusionner: Fusionner,
) -> None:
    ancienne = signer(ouvrir(natures={"RS": 12}))
    absorbante = factories.Organisation(nom="Les Bruyères")
    labels = {c.label: c.nombre for c in consequences(session, administrateur, parties.operateur, absorbante)}
    assert labels["Conventions à terminer ou à transférer : %(nombre)s"] == 1
    fusionner(parties.operateur, absorbante)
    assert (ancienne.operateur_id, ancienne.fin_effective) == (parties.operateur.id, clock.today())
    suite = session.scalars(select(Convention).where(Convention.operateur_id == absorbante.id)).one()
    assert (suite.statut, suite.siao_id) == (Statut.A_ENGAGER, parties.siao.id)
    assert {n.nature_code: n.places for n in suite.natures} == {"RS": 12}
    clock.instant = clock.instant.replace(day=3)
    assert etats(session, clock, parties.agent) == {
        parties.operateur.nom: [Etat.RESILIEE],
        "Les Bruyères": [Etat.A_ENGAGER],
    }


def test_an_open_line_passes_unless_one_is_there(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    ouvrir: Callable[..., Convention],
    fusionner: Fusionner,
) -> None:
    passee = ouvrir()
    absorbante = factories.Organisation(nom="Les Bruyères")
    fusionner(parties.operateur, absorbante)
    assert (passee.operateur_id, passee.operateur_tri) == (absorbante.id, "les bruyeres")
    autre = factories.Organisation(nom="Les Genêts")
    fermee = ouvrir(operateur_ref=autre.ref)
    fusionner(autre, absorbante)
    assert (fermee.statut, fermee.motif) == (Statut.SANS_OBJET, "Fusion de Les Genêts dans Les Bruyères")
    trouvees = queries.lister(session, clock, parties.agent, Filtres(texte="bruyeres")).lignes
    assert [ligne.ref for ligne in trouvees] == [passee.ref]


def test_lines_pass_to_the_absorbing_siao_with_their_chain(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    ouvrir: Callable[..., Convention],
    signer: Signer,
    fusionner: Fusionner,
) -> None:
    mere = signer(ouvrir())
    fille = service.renouveler(session, clock, parties.agent, mere.ref)
    absorbant = factories.Organisation(type=TypeOrganisation.SIAO, nom="SIAO Nouveau 22")
    fusionner(parties.siao, absorbant)
    assert {mere.siao_id, fille.siao_id} == {absorbant.id}
    assert (mere.remplace_id, fille.remplace_id) == (None, mere.id)
    agent = replace(parties.agent, organisation_id=absorbant.id)
    assert len(queries.lister(session, clock, agent, Filtres()).lignes) == 2


def test_the_state_service_is_replaced(
    session: Session,
    parties: Parties,
    factories: SimpleNamespace,
    ouvrir: Callable[..., Convention],
    fusionner: Fusionner,
) -> None:
    ligne = ouvrir()
    absorbant = factories.Organisation(type=TypeOrganisation.ETAT, nom="DDETS Nouvelle 22")
    fusionner(parties.etat, absorbant)
    assert ligne.etat_id == absorbant.id


def test_a_new_name_sorts_and_finds_the_lines(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    administrateur: Actor,
    ouvrir: Callable[..., Convention],
) -> None:
    ligne = ouvrir()
    typed = SaisieOrganisation(nom="Zéphyr", type=TypeOrganisation.GESTIONNAIRE, departement_code="22")
    operateur = parties.operateur
    edit_organisation(session, clock, administrateur, operateur, typed, version=operateur.version)
    session.commit()
    assert ligne.operateur_tri == "zephyr"
    trouvees = queries.lister(session, clock, parties.agent, Filtres(texte="zeph")).lignes
    assert [trouvee.ref for trouvee in trouvees] == [ligne.ref]
