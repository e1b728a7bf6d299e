"""A merger of organisations or a new name, and the lines (domaine.md § 5.4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.comptes.acteurs import of_membership
from portal.conventions import queries, service
from portal.conventions.enums import Etat, Statut
from portal.conventions.filtres import Filtres
from portal.conventions.models import Convention
from portal.conventions.natures import ajouter
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.organisations.fusion import consequences, merge_organisations
from portal.organisations.models import Organisation
from portal.organisations.saisie import SaisieOrganisation
from portal.organisations.service import close_organisation, edit_organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError, DomainErrors
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
    ajouter(ancienne, "CHU", date(2026, 4, 1))  # by an avenant that takes effect after the merger
    session.commit()
    absorbante = factories.Organisation(nom="Les Bruyères")
    labels = {
        c.label: c.nombre for c in consequences(session, clock, administrateur, parties.operateur, absorbante)
    }
    assert labels["Conventions à terminer ou à transférer : %(nombre)s"] == 1
    fusionner(parties.operateur, absorbante)
    assert (ancienne.operateur_id, ancienne.fin_effective) == (parties.operateur.id, clock.today())
    suite = session.scalars(select(Convention).where(Convention.operateur_id == absorbante.id)).one()
    assert (suite.statut, suite.siao_id) == (Statut.A_ENGAGER, parties.siao.id)
    assert {n.nature_code: n.places for n in suite.natures} == {"RS": 12, "CHU": None}
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


def test_the_preview_leaves_out_what_has_ended(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    administrateur: Actor,
    ouvrir: Callable[..., Convention],
    signer: Signer,
) -> None:
    signer(ouvrir(), effet=date(2026, 3, 2), fin=date(2026, 3, 30))
    absorbante = factories.Organisation(nom="Les Bruyères")
    clock.instant = clock.instant.replace(month=5)
    session.flush()

    def compte() -> int:
        label = "Conventions à terminer ou à transférer : %(nombre)s"
        suites = consequences(session, clock, administrateur, parties.operateur, absorbante)
        return next(c.nombre for c in suites if c.label == label)

    assert compte() == 0
    ouvrir()
    assert compte() == 1


def test_a_merger_is_told_to_the_state_and_siao_of_the_lines(
    session: Session,
    parties: Parties,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    ouvrir: Callable[..., Convention],
    fusionner: Fusionner,
) -> None:
    etat = factories.Organisation(type=TypeOrganisation.ETAT, departement_code="37", nom="DDETS Fictive 37")
    siao = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="37", nom="SIAO Fictif 37")
    prevenus = [actor_for(Profil.ETAT_PILOTE, etat), actor_for(Profil.SIAO_DIRECTION, siao)]
    ouvrir()
    factories.Convention(operateur=parties.operateur, siao=siao, etat=etat)
    absorbante = factories.Organisation(nom="Les Bruyères", dans=["37"])
    session.flush()
    fusionner(parties.operateur, absorbante)
    sujet = f"Fusion de {parties.operateur.nom} dans Les Bruyères"
    envois = session.scalars(select(MessageSortant.destinataire).where(MessageSortant.sujet == sujet)).all()
    assert sorted(envois) == sorted([*(p.email for p in prevenus), parties.agent.email])
    corps = session.scalars(
        select(MessageSortant.corps).where(MessageSortant.destinataire == prevenus[1].email)
    ).one()
    assert "SIAO Fictif 37" in corps
    assert parties.siao.nom not in corps


def test_an_organisation_closes_once_its_lines_are_settled(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    administrateur: Actor,
    ouvrir: Callable[..., Convention],
    signer: Signer,
) -> None:
    ligne = signer(ouvrir())
    ouverte = service.renouveler(session, clock, parties.agent, ligne.ref)
    operateur, today = parties.operateur, clock.today()

    def fermer() -> None:
        close_organisation(session, clock, administrateur, operateur, today, version=operateur.version)

    with pytest.raises(DomainErrors) as refus:
        fermer()
    assert [(e.code, e.params) for e in refus.value.errors] == [
        ("conventions.fermeture_ouvertes", {"nombre": 1}),
        ("conventions.fermeture_signees", {"nombre": 1}),
    ]
    service.proposer_classement(session, clock, parties.agent, ouverte.ref, ouverte.version, motif="Arrêt")
    service.confirmer_classement(session, clock, parties.pilote, ouverte.ref, ouverte.version)
    with pytest.raises(DomainError, match=r"conventions\.fermeture_signees"):
        fermer()
    clock.instant = clock.instant.replace(month=4)
    service.resilier(
        session,
        clock,
        parties.agent,
        ligne.ref,
        ligne.version,
        motif="Dissolution",
        notifiee_le=date(2026, 3, 3),
        effet=date(2026, 4, 1),
        preavis_ecourte=True,
    )
    today = clock.today()
    session.commit()
    assert of_membership(session, parties.direction.adhesion_id) is not None
    fermer()
    assert operateur.fermee_le == today
    assert of_membership(session, parties.direction.adhesion_id) is None


def test_nobody_closes_the_organisation_it_acts_for(
    session: Session, clock: FixedClock, parties: Parties, administrateur: Actor
) -> None:
    with pytest.raises(DomainError, match=r"organisations\.fermeture_sienne"):
        close_organisation(
            session, clock, administrateur, parties.etat, clock.today(), version=parties.etat.version
        )
