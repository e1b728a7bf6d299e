"""What sessions are kept within: durations, dates, delays, the State's validation, the time of the place."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.commissions import invitations, seances, service
from portal.commissions.agenda import seances_de
from portal.commissions.enums import Canal, Quorum, Reponse
from portal.commissions.models_seances import Seance
from portal.commissions.nomenclatures import prereglages
from portal.commissions.saisie import du_prereglage
from portal.commissions.seances import SaisieSeance
from portal.comptes.donnees import donnees_de
from portal.comptes.models import Personne
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import new_ref
from portal.shared.errors import DomainErrors
from tests.integration.commissions.conftest import Fonction, Scene
from tests.integration.web_organisations import reread, text_of

SAISIE = SaisieSeance(jour=date(2026, 3, 24), heure=time(14), duree_minutes=180, lieu="Salle des fêtes")
PLAN = {"jour": "2026-04-14", "heure": "14:00", "duree_minutes": "180", "combien": "2", "lieu": "Salle"}


@pytest.fixture
def convoquee(session: Session, clock: FixedClock, en_service: Scene) -> Seance:
    """A session to which four functions are invited, three weeks ahead."""
    [made] = seances.prevoir(session, clock, en_service.secretaire, en_service.commission, [SAISIE])
    invitations.convoquer(session, clock, en_service.secretaire, made, version=made.version)
    session.commit()
    return made


@pytest.mark.parametrize("minutes", ["9999999999999999", "14", "721", "-60"])
def test_a_duration_out_of_bounds_is_refused_beside_its_field(
    client_for: Callable[..., FlaskClient], en_service: Scene, minutes: str
) -> None:
    client = client_for(en_service.secretaire)
    ici = f"/commissions/{en_service.commission.ref}/seances/nouvelle"
    asked = PLAN | {"duree_minutes": minutes}
    for answer in (client.get(ici, query_string=asked), client.post(ici, data=asked)):
        assert answer.status_code == 422
        assert "entre un quart d’heure et douze heures" in text_of(answer)


def test_days_that_no_form_accepts_are_not_planned_nor_more_than_twenty_at_once(
    client_for: Callable[..., FlaskClient], session: Session, en_service: Scene
) -> None:
    client = client_for(en_service.secretaire)
    ici = f"/commissions/{en_service.commission.ref}/seances/nouvelle"
    sent = PLAN | {"cle_idempotence": new_ref()}
    absurd = client.post(ici, data=sent | {"jours": ["0001-01-01", "9999-12-31"]})
    assert absurd.status_code == 422
    assert "Gardez au moins une date" in text_of(absurd)
    jours = [(date(2026, 4, 14) + timedelta(days=rang)).isoformat() for rang in range(21)]
    many = client.post(ici, data=sent | {"jours": jours})
    assert many.status_code == 422
    assert "au plus 20 séances" in text_of(many)
    assert session.scalar(select(func.count()).select_from(Seance)) == 0
    assert client.post(ici, data=sent | {"jours": jours[:20]}).status_code == 303


def test_the_longest_names_fit(session: Session, clock: FixedClock, scene: Scene) -> None:
    pilote = replace(scene.pilote, nom="P" * 160, organisation_nom="O" * 160)
    titulaire = scene.fonctions["bailleur"].titulaires[0]
    titulaire.prenom, titulaire.nom = "Á" * 80, "B" * 80
    service.mettre_en_service(session, clock, pilote, scene.commission, version=scene.commission.version)
    [made] = seances.prevoir(session, clock, scene.secretaire, scene.commission, [SAISIE])
    invitations.convoquer(session, clock, scene.secretaire, made, version=made.version)
    session.commit()
    assert len(scene.commission.validee_par) == 200
    assert max(len(one.nom) for one in made.invitations) == 160


def test_a_convened_session_is_not_brought_forward_past_its_delay_without_a_reason(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,
) -> None:
    client = client_for(en_service.secretaire)
    ici = f"/commissions/seances/{convoquee.ref}/modifier"
    assert 'name="motif"' in client.get(ici).get_data(as_text=True)
    sent = {"heure": "14:00", "duree_minutes": "180", "lieu": "Salle des fêtes"}
    tot = sent | {"jour": "2026-03-04", "version": str(convoquee.version)}
    for refused in (tot, tot | {"urgente": "y"}):
        answer = client.post(ici, data=refused)
        assert answer.status_code == 422
        assert "délai de convocation est passé depuis" in text_of(answer)
    urgente = client.post(ici, data=tot | {"jour": "2026-03-24", "urgente": "y"})
    assert urgente.status_code == 422
    assert "Dites pourquoi cette séance devient urgente" in text_of(urgente)
    assert client.post(ici, data=tot | {"motif": "Une famille à la rue"}).status_code == 303
    reread(session)
    moved = session.get_one(Seance, convoquee.id)
    assert moved.hors_delai == "Une famille à la rue"
    assert client.post(ici, data=tot | {"lieu": "Mairie", "version": str(moved.version)}).status_code == 303
    reread(session)
    assert session.get_one(Seance, convoquee.id).hors_delai == "Une famille à la rue"


def test_in_service_the_state_alone_changes_what_it_validated(
    session: Session, clock: FixedClock, en_service: Scene
) -> None:
    commission = en_service.commission
    typed = du_prereglage(prereglages()["CUO"], lieu="Préfecture", visio="")

    def changer(actor: Actor, **change: object) -> None:
        service.modifier(
            session,
            clock,
            actor,
            commission,
            en_service.siao,
            replace(typed, **change),  # type: ignore[arg-type]
            version=commission.version,
        )

    changer(en_service.secretaire)
    assert commission.lieu == "Préfecture"
    validee = commission.validee_le
    clock.instant += timedelta(hours=1)
    with pytest.raises(DomainErrors) as refused:
        changer(en_service.secretaire, quorum=Quorum.MOITIE, convocation_jours=0)
    assert [one.field for one in refused.value.errors] == ["quorum", "convocation_jours"]
    assert commission.validee_le == validee
    changer(en_service.pilote, quorum=Quorum.MOITIE, convocation_jours=0)
    assert (commission.quorum, commission.validee_le) == (Quorum.MOITIE, clock.now())


def test_the_file_of_a_session_says_that_it_is_cancelled_and_is_none_before_it_is_convened(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,
) -> None:
    autre = replace(SAISIE, jour=date(2026, 4, 14))
    [prevue] = seances.prevoir(session, clock, en_service.secretaire, en_service.commission, [autre])
    session.commit()
    client = client_for(en_service.secretaire)
    assert client.get(f"/commissions/seances/{prevue.ref}/agenda.ics").status_code == 404
    ici = f"/commissions/seances/{convoquee.ref}"
    assert "STATUS:CONFIRMED" in client.get(f"{ici}/agenda.ics").get_data(as_text=True)
    assert f"{ici}/agenda.ics" in client.get(ici).get_data(as_text=True)
    seances.annuler(session, clock, en_service.secretaire, convoquee, "Grève", version=convoquee.version)
    session.commit()
    assert "STATUS:CANCELLED" in client.get(f"{ici}/agenda.ics").get_data(as_text=True)
    assert f"{ici}/agenda.ics" not in client.get(ici).get_data(as_text=True)


def test_a_session_that_has_begun_is_put_right_and_keeps_its_answers(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,
) -> None:
    invitations.repondre(session, clock, None, convoquee.invitations[0], Reponse.ACCEPTEE, Canal.LIEN)
    session.commit()
    clock.instant = convoquee.debut + timedelta(minutes=30)
    client = client_for(en_service.secretaire)
    ici = f"/commissions/seances/{convoquee.ref}/modifier"
    sent = {"jour": "2026-03-24", "heure": "14:00", "duree_minutes": "180", "lieu": "Salle des fêtes"}
    sent["version"] = str(convoquee.version)
    same = text_of(client.post(ici, data=sent, follow_redirects=True))
    assert "La séance est enregistrée" in same
    assert "est prévenue" not in same
    fuller = client.post(ici, data=sent | {"lieu": "Mairie", "duree_minutes": "240"}, follow_redirects=True)
    assert "chaque personne invitée est prévenue" in text_of(fuller)
    reread(session)
    changed = session.get_one(Seance, convoquee.id)
    assert (changed.lieu, changed.fin) == ("Mairie", changed.debut + timedelta(hours=4))
    assert changed.invitations[0].statut is Reponse.ACCEPTEE
    past = sent | {"heure": "13:00", "version": str(changed.version)}
    assert "Cette date est passée" in text_of(client.post(ici, data=past))


def test_days_are_those_of_the_place(
    client_for: Callable[..., FlaskClient],
    session: Session,
    en_service: Scene,
    convoquee: Seance,
    actor_for: Callable[..., Actor],
) -> None:
    convoquee.debut = datetime(2026, 3, 24, 23, 30, tzinfo=UTC)
    convoquee.fin = convoquee.debut + timedelta(hours=1)
    personne = session.get_one(Personne, en_service.secretaire.personne_id)
    convoquee.invitations[0].personne_id = personne.id
    session.commit()
    [lue] = donnees_de(session, personne)
    assert lue.du == date(2026, 3, 25), "half past midnight in Tours"
    en_service.commission.departement_code = "974"
    session.commit()
    membre = actor_for(Profil.MEMBRE_COMMISSION, en_service.bailleur)
    assert "25/03/2026 03:30" in text_of(client_for(membre).get("/commissions"))


def test_a_session_declined_leaves_the_private_calendar(
    session: Session, clock: FixedClock, en_service: Scene, convoquee: Seance, actor_for: Callable[..., Actor]
) -> None:
    membre = actor_for(Profil.BAILLEUR_REFERENT, en_service.bailleur)
    mienne = next(one for one in convoquee.invitations if one.nom.startswith("Basile"))
    mienne.personne_id = membre.personne_id
    session.flush()
    sacha = {"remplacant": "Sacha", "courriel": "sacha@partenaire.example"}
    for reponse, nombre in ((Reponse.ACCEPTEE, 1), (Reponse.DECLINEE, 0), (Reponse.SUPPLEANT, 0)):
        invitations.repondre(session, clock, membre, mienne, reponse, Canal.PORTAIL, **sacha)
        assert len(seances_de(session, clock, membre)) == nombre, reponse


def test_nobody_is_invited_once_a_session_has_begun(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,
    fonction: Fonction,
) -> None:
    expert = fonction(en_service.gestionnaire, "Tanguy", code="signataire")
    session.commit()
    clock.instant = convoquee.debut
    sent = {"fonction": expert.ref, "version": str(convoquee.version)}
    ici = f"/commissions/seances/{convoquee.ref}/inviter"
    late = client_for(en_service.secretaire).post(ici, data=sent)
    assert late.status_code == 422
    assert "trop tard pour inviter" in text_of(late)
