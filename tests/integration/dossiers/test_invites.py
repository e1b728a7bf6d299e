"""Occasional guests: guessing a code, the delay after the session that a département chooses."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import parametres as valeurs
from portal.commissions.dossiers import invites
from portal.commissions.dossiers.invites import SaisieInvite
from portal.commissions.models_dossiers import Dossier
from portal.notifications.models import MessageSortant
from portal.organisations import parametres
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, NotVisible
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
    assert "72" not in said
    clock.instant = table.place.seance.fin + timedelta(hours=23, minutes=59)
    assert invites.par_jeton(session, clock, jeton) is invite
    clock.instant += timedelta(minutes=1)
    with pytest.raises(NotVisible):
        invites.par_jeton(session, clock, jeton)


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
