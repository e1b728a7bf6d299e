"""What follows an act, where people would be left without an answer: reports, reminders, accounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.annuaire.enums import MotifSignalement, Palier, StatutSignalement
from portal.annuaire.fraicheur import cadre
from portal.annuaire.liens import demander
from portal.annuaire.menage import run_purge
from portal.annuaire.models import Referent
from portal.annuaire.models_vie import LienAnnuaire, Signalement
from portal.annuaire.moderation import file
from portal.annuaire.relances import Echeance, noter, relancer
from portal.annuaire.saisie import SaisieTitulaire
from portal.annuaire.service import fermer
from portal.annuaire.signalements import signaler, suivre
from portal.annuaire.titulaires import corriger
from portal.comptes.models import Personne
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.annuaire.conftest import DEBUT
from tests.integration.web_organisations import statements

Ouvrir = Callable[..., Referent]
Acteurs = Callable[..., Actor]

MAELLE = SaisieTitulaire(prenom="Maëlle", nom="Ajonc", du=DEBUT, email="maelle@ajoncs.example")


@pytest.fixture
def referent(gestionnaire: Organisation, ouvrir: Ouvrir) -> Referent:
    """A function that Maëlle holds, verified on 2 March 2026."""
    return ouvrir(gestionnaire, titulaire=MAELLE)


@pytest.fixture
def signalement(session: Session, clock: FixedClock, actor_for: Acteurs, referent: Referent) -> Signalement:
    """An error that someone of another partner reported on it."""
    lecteur = actor_for(Profil.TRAVAILLEUR_SOCIAL)
    return signaler(session, clock, lecteur, referent, MotifSignalement.NUMERO_FAUX, "")


def ecrits(session: Session) -> list[MessageSortant]:
    return list(session.scalars(select(MessageSortant).order_by(MessageSortant.id)))


def test_words_with_a_per_cent_sign_reach_who_reported(
    session: Session, clock: FixedClock, regulatrice: Actor, signalement: Signalement
) -> None:
    suivre(session, clock, regulatrice, signalement, "ecarter", "Joint 90 % du temps, %(x)s", version=1)
    assert "écarté : Joint 90 % du temps, %(x)s" in ecrits(session)[-1].corps


def test_correcting_an_entry_leaves_it_to_its_account_whose_address_changed(
    session: Session, clock: FixedClock, actor_for: Acteurs, regulatrice: Actor, referent: Referent
) -> None:
    compte = actor_for(Profil.TRAVAILLEUR_SOCIAL, referent.organisation)
    (held,) = referent.titulaires
    typed = replace(MAELLE, email=compte.email)
    corriger(session, clock, regulatrice, held, typed, version=referent.version)
    assert held.personne_id == compte.personne_id
    session.get_one(Personne, compte.personne_id).email = "nouvelle@ajoncs.example"
    session.flush()
    typed = replace(typed, telephone="02 61 91 00 09")
    corriger(session, clock, regulatrice, held, typed, version=referent.version)
    assert held.personne_id == compte.personne_id
    corriger(session, clock, regulatrice, held, MAELLE, version=referent.version)
    assert held.personne_id is None


def test_a_report_follows_its_entry_to_another_departement(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Acteurs,
    referent: Referent,
    signalement: Signalement,
) -> None:
    voisin = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="35")
    actor = actor_for(Profil.SIAO_REGULATEUR, voisin)
    referent.departement_code = "35"
    session.flush()
    clock.instant += timedelta(days=60)
    assert list(file(session, clock, cadre(session, clock, actor)).signalements) == [signalement]


def test_a_report_ends_with_the_function_and_its_author_is_told(
    session: Session, clock: FixedClock, regulatrice: Actor, referent: Referent, signalement: Signalement
) -> None:
    fermer(session, clock, regulatrice, referent, clock.today(), version=referent.version)
    assert signalement.statut is StatutSignalement.ECARTE
    told = ecrits(session)[-1]
    assert told.destinataire == signalement.auteur.email
    assert "la fonction est fermée" in told.corps


def test_a_report_left_open_on_a_closed_function_is_forgotten(
    database: Database, session: Session, clock: FixedClock, referent: Referent, signalement: Signalement
) -> None:
    referent.ferme_le = clock.today()
    session.commit()
    clock.instant += timedelta(days=366)
    run_purge(database, clock, Settings(environnement="test"))
    session.rollback()
    assert session.scalar(select(func.count(Signalement.id))) == 0


def test_an_unknown_address_asks_the_database_for_the_same_work_and_leaves_nothing(
    database: Database, session: Session, clock: FixedClock, referent: Referent
) -> None:
    settings, written = Settings(environnement="test"), []
    for email in (MAELLE.email, "personne@ajoncs.example", f"{'x' * 400}@ajoncs.example"):
        with statements(database) as asked:
            assert demander(session, clock, settings, email, "192.0.2.1", "fr") == 0
        written.append({one.split(" (")[0] for one in asked if one.startswith("INSERT")})
    assert written[0] == written[1] == written[2]
    assert {"INSERT INTO annuaire_lien", "INSERT INTO message_sortant"} <= written[0]
    assert [one.destinataire for one in ecrits(session)] == [MAELLE.email]
    assert list(session.scalars(select(LienAnnuaire.email))) == [MAELLE.email]


def test_whoever_was_written_to_lately_still_receives_its_reminder_once_the_organisation_is_told(
    database: Database, session: Session, clock: FixedClock, actor_for: Acteurs, referent: Referent
) -> None:
    admin = actor_for(Profil.ADMIN_ORGANISATION, referent.organisation)
    echue = Echeance(MAELLE.email, Palier.COURRIEL, referent.id, date(2026, 3, 2))
    clock.instant = datetime(2026, 10, 30, 9, tzinfo=UTC)
    noter(session, clock, [echue], None)
    session.commit()
    told = []
    for jours in (3, 7, 1):
        clock.instant += timedelta(days=jours)
        relancer(database, clock)
        session.rollback()
        told.append([one.destinataire for one in ecrits(session)])
    assert told == [[admin.email], [admin.email, MAELLE.email], [admin.email, MAELLE.email]]
