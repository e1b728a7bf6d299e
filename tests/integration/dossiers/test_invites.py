"""Occasional guests: guessing a code, the delay after the session that a département chooses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import convocations, seances
from portal.commissions import parametres as valeurs
from portal.commissions.dossiers import invites
from portal.commissions.dossiers.invites import SaisieInvite
from portal.commissions.enums import StatutSeance
from portal.commissions.models_dossiers import Dossier
from portal.commissions.seances import SaisieSeance
from portal.notifications.calendrier import Methode
from portal.notifications.models import MessageSortant
from portal.organisations import parametres
from portal.shared.clock import PARIS, FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, NotVisible
from tests.integration.commissions.test_seances import evenement
from tests.integration.dossiers.conftest import Table
from tests.integration.dossiers.test_lecture import inviter
from tests.integration.web_organisations import statements, text_of

Clients = Callable[..., FlaskClient]


def faux(session: Session, clock: FixedClock, jeton: str) -> str:
    """Try a wrong code; return the refusal's."""
    _cle, refus = invites.verifier(session, clock, jeton, "faux")
    assert refus is not None
    return refus.code


def test_asking_for_another_code_gives_no_more_tries(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    _invite, jeton = inviter(session, clock, table, ouvert.ref)
    for essais in (4, 1):
        invites.envoyer_code(session, clock, jeton)
        assert [faux(session, clock, jeton) for _essai in range(essais)] == ["dossiers.code_faux"] * essais
        clock.instant += timedelta(minutes=2)
    with pytest.raises(DomainError, match="code_attendre"):
        invites.envoyer_code(session, clock, jeton)


def test_a_link_guessed_at_too_often_dies_until_the_secretariat_invites_anew(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    invite, jeton = inviter(session, clock, table, ouvert.ref)
    for _code in range(4):
        invites.envoyer_code(session, clock, jeton)
        for _essai in range(5):
            faux(session, clock, jeton)
        clock.instant += timedelta(minutes=16)
    with pytest.raises(NotVisible):
        invites.envoyer_code(session, clock, jeton)
    session.commit()
    secretaire = client_for(table.place.scene.siao_direction)
    ici = f"/dossiers/seances/{table.place.seance.ref}/invites"
    assert "trop de codes faux" in text_of(secretaire.get(ici))
    secretaire.post(f"{ici}/{invite.ref}/revoquer", data={"version": str(invite.version)})
    _autre, nouveau = inviter(session, clock, table, ouvert.ref)
    invites.envoyer_code(session, clock, nouveau)


def test_a_code_that_no_longer_counts_is_not_a_try(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    invite, jeton = inviter(session, clock, table, ouvert.ref)
    invites.envoyer_code(session, clock, jeton)
    clock.instant += timedelta(minutes=11)
    assert [faux(session, clock, jeton) for _essai in range(6)] == ["dossiers.code_faux"] * 6
    assert invite.essais == 0


def test_a_code_out_of_date_makes_nobody_wait(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    _invite, jeton = inviter(session, clock, table, ouvert.ref)
    invites.envoyer_code(session, clock, jeton)
    for _essai in range(5):
        faux(session, clock, jeton)
    clock.instant += timedelta(minutes=16)
    invites.envoyer_code(session, clock, jeton)
    clock.instant += timedelta(minutes=11)
    assert faux(session, clock, jeton) == "dossiers.code_faux"
    invites.envoyer_code(session, clock, jeton)


def test_the_departement_chooses_how_long_a_guest_reads_after_the_session(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    parametres.set_value(session, table.president, clock, valeurs.INVITE_HEURES.key, "22", "24")
    invite, jeton = inviter(session, clock, table, ouvert.ref)
    said = session.scalars(
        select(MessageSortant.corps).where(MessageSortant.destinataire == invite.email)
    ).one()
    assert "et jusqu’au 17 mars 2026, 13:00. Un code" in said, "a day after, not the three of the parameter"
    clock.instant = table.place.seance.fin + timedelta(hours=23, minutes=59)
    assert invites.par_jeton(session, clock, jeton) is invite
    clock.instant += timedelta(minutes=1)
    with pytest.raises(NotVisible):
        invites.par_jeton(session, clock, jeton)


def test_nobody_is_invited_to_a_session_that_is_over_and_its_page_says_until_when_guests_read(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    inviter(session, clock, table, ouvert.ref)
    session.commit()
    secretaire = client_for(table.place.scene.siao_direction)
    ici = f"/dossiers/seances/{table.place.seance.ref}/invites"
    assert "Envoyer l’invitation" in text_of(secretaire.get(ici))
    clock.instant = table.place.seance.fin
    secretaire = client_for(table.place.scene.siao_direction)  # their session has ended too
    page = text_of(secretaire.get(ici))
    assert "Envoyer l’invitation" not in page
    assert "lisent encore leurs dossiers, jusqu’au" in page
    clock.instant += timedelta(hours=72)
    secretaire = client_for(table.place.scene.siao_direction)
    assert "Les invitations ont pris fin le" in text_of(secretaire.get(ici))


def test_the_page_says_that_the_code_left_only_once_it_did(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, client_for: Clients
) -> None:
    _invite, jeton = inviter(session, clock, table, ouvert.ref)
    session.commit()
    passant, ici = client_for(None), f"/dossiers/invitation/{jeton}"
    assert "Un code est parti" not in text_of(passant.get(ici))
    passant.post(f"{ici}/code")
    assert "Un code est parti à votre adresse (d…@a…). Il est valable 10 minutes" in text_of(passant.get(ici))


def test_the_page_of_the_guests_asks_as_little_whatever_their_number(
    session: Session,
    clock: FixedClock,
    database: Database,
    table: Table,
    ouvert: Dossier,
    client_for: Clients,
) -> None:
    secretaire = client_for(table.place.scene.siao_direction)
    ici = f"/dossiers/seances/{table.place.seance.ref}/invites"

    def compte() -> int:
        with statements(database) as seen:
            assert "1. " + ouvert.code in text_of(secretaire.get(ici))
        return len(seen)

    session.commit()
    before = compte()
    for rang in range(5):
        typed = SaisieInvite(nom=f"Prénom {rang}", email=f"p{rang}@expert.example", dossiers=[ouvert.ref])
        invites.inviter(session, clock, table.place.scene.siao_direction, table.place.seance, typed)
    session.commit()
    assert compte() == before <= 8


def recus(session: Session, email: str) -> list[MessageSortant]:
    rows = session.scalars(
        select(MessageSortant).where(MessageSortant.destinataire == email).order_by(MessageSortant.id)
    )
    return [one for one in rows if one.calendrier]


def deplacer(session: Session, clock: FixedClock, table: Table, **autrement: Any) -> None:
    seance = table.place.seance
    debut = seance.debut.astimezone(ZoneInfo(PARIS))
    duree = int((seance.fin - seance.debut).total_seconds() // 60)
    typed = SaisieSeance(jour=debut.date(), heure=debut.time(), duree_minutes=duree, lieu=seance.lieu)
    seances.modifier(
        session,
        clock,
        table.place.scene.siao_direction,
        seance,
        replace(typed, **autrement),
        version=seance.version,
    )


@pytest.mark.parametrize("statut", [StatutSeance.PREVUE, StatutSeance.CONVOQUEE])
def test_the_session_enters_a_guest_s_calendar_follows_it_and_leaves_it(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, statut: StatutSeance
) -> None:
    seance = table.place.seance
    seance.statut = statut
    invite, _jeton = inviter(session, clock, table, ouvert.ref)
    deplacer(session, clock, table, lieu="Salle Bréhat")
    deplacer(session, clock, table, lieu="Salle Bréhat", duree_minutes=45)
    seances.annuler(
        session, clock, table.place.scene.siao_direction, seance, "Salle fermée", version=seance.version
    )
    envois = recus(session, invite.email)
    suite = [evenement(one) for one in envois]
    assert [(one.methode, one.statut) for one in suite] == [("REQUEST", "CONFIRMED")] * 3 + [
        ("CANCEL", "CANCELLED")
    ]
    assert {one.uid for one in suite} == {convocations.uid(seance.ref)}
    rangs = [one.sequence for one in suite]
    assert rangs == sorted(set(rangs))
    assert [one.fin - one.debut for one in suite][2] == timedelta(minutes=45)
    assert suite[1].lieu == "Salle Bréhat"
    for envoi in envois:
        dit = f"{envoi.calendrier}"
        assert ouvert.code not in dit + envoi.sujet
        assert "/dossiers/" not in dit
        assert "/commissions/" not in dit


def test_a_guest_whose_invitation_is_withdrawn_loses_the_event_unless_they_sit(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    seance, secretaire = table.place.seance, table.place.scene.siao_direction
    invite, _jeton = inviter(session, clock, table, ouvert.ref)
    membre = next(one for one in seance.invitations if one.email)
    typed = SaisieInvite(nom=membre.nom, email=membre.email, dossiers=[ouvert.ref])
    assis = invites.inviter(session, clock, secretaire, seance, typed)
    for one in (invite, assis):
        invites.revoquer(session, clock, secretaire, seance, one.ref, version=one.version)
    assert evenement(recus(session, invite.email)[-1]).methode == "CANCEL"
    assert evenement(recus(session, assis.email)[-1]).methode == "REQUEST"
    told = session.scalars(
        select(MessageSortant.corps)
        .where(MessageSortant.destinataire == assis.email)
        .order_by(MessageSortant.id.desc())
    ).first()
    assert told is not None
    assert "à un autre titre" in told


def test_a_session_that_is_over_writes_to_no_guest_any_more(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    seance, secretaire = table.place.seance, table.place.scene.siao_direction
    invite, _jeton = inviter(session, clock, table, ouvert.ref)
    clock.instant = seance.fin + timedelta(hours=1)
    avant = len(session.scalars(select(MessageSortant.id)).all())
    invites.revoquer(session, clock, secretaire, seance, invite.ref, version=invite.version)
    assert len(session.scalars(select(MessageSortant.id)).all()) == avant


def test_a_member_sent_away_keeps_the_event_of_the_session_where_they_are_a_guest(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    seance = table.place.seance
    membre = next(one for one in seance.invitations if one.email)
    membre.ecrit_le = clock.now()
    typed = SaisieInvite(nom=membre.nom, email=membre.email, dossiers=[ouvert.ref])
    invites.inviter(session, clock, table.place.scene.siao_direction, seance, typed)
    convocations.ecrire(session, clock, membre, "remplacement", methode=Methode.CANCEL)
    assert [evenement(one).methode for one in recus(session, membre.email)] == ["REQUEST"]
