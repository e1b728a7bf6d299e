"""Sessions: planned in a rhythm, convened, changed, cancelled; who is invited answers by link or here."""

import email
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.policy import default as modern
from types import SimpleNamespace

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.confirmation import effacer
from portal.annuaire.saisie import SaisieTitulaire
from portal.annuaire.titulaires import confier
from portal.audit.models import EntreeJournal
from portal.commissions import a_faire, invitations, menage, queries_seances, seances
from portal.commissions.conduite import seance as conduite
from portal.commissions.enums import Canal, Presence, Quorum, Reponse, StatutSeance
from portal.commissions.models_decisions import ConduiteSeance
from portal.commissions.models_seances import InvitationSeance, JetonInvitation, Seance
from portal.commissions.seances import SaisieSeance
from portal.comptes import agenda
from portal.config import Settings
from portal.notifications.messages import with_links
from portal.notifications.models import MessageSortant
from portal.notifications.transport import compose
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared import attentes
from portal.shared.clock import FixedClock
from portal.shared.db import Database, new_ref
from portal.shared.errors import DomainError, DomainErrors
from tests.integration.commissions.conftest import Fonction, Scene
from tests.integration.web_organisations import reread, statements, text_of

JOUR = date(2026, 3, 24)  # a Tuesday, three weeks after the tests' Monday 2 March
SAISIE = SaisieSeance(jour=JOUR, heure=time(14), duree_minutes=180, lieu="Salle des fêtes")
REGLAGES = Settings(environnement="test", database_url="sqlite://", public_url="https://portail.example")


@pytest.fixture
def seance(session: Session, clock: FixedClock, en_service: Scene) -> Seance:
    """A session planned: nobody is invited yet."""
    [made] = seances.prevoir(session, clock, en_service.secretaire, en_service.commission, [SAISIE])
    session.commit()
    return made


@pytest.fixture
def convoquee(session: Session, clock: FixedClock, en_service: Scene, seance: Seance) -> Seance:
    """The same, convened: four functions are invited."""
    invitations.convoquer(session, clock, en_service.secretaire, seance, version=seance.version)
    session.commit()
    return seance


def messages(session: Session, depuis: int = 0) -> list[MessageSortant]:
    """The e-mails of the outbox about sessions, in the order they were written."""
    return list(
        session.scalars(select(MessageSortant).where(MessageSortant.id > depuis).order_by(MessageSortant.id))
    )


def dernier(session: Session) -> int:
    return max((one.id for one in messages(session)), default=0)


def lien(message: MessageSortant) -> str:
    """The path of the link that an e-mail carries."""
    found = re.search(
        r"https://portail\.example(/seances/reponse/\S+)", with_links(message.corps, REGLAGES.public_url)
    )
    assert found is not None
    return found[1]


def evenement(message: MessageSortant) -> SimpleNamespace:
    """What another library reads in the calendar part of an e-mail, once it went through its bytes."""
    raw = compose(REGLAGES, message).as_bytes()
    read = email.message_from_bytes(raw, policy=modern)
    assert isinstance(read, EmailMessage)
    parts = [part for part in read.walk() if part.get_content_type() == "text/calendar"]
    files = [part for part in read.walk() if part.get_filename() == "seance.ics"]
    assert len(parts) == len(files) == 1
    calendar = vobject.readOne(parts[0].get_content())
    assert parts[0].get_param("method") == calendar.method.value
    event = calendar.vevent
    return SimpleNamespace(
        methode=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        debut=event.dtstart.value,
        fin=event.dtend.value,
        statut=event.status.value,
        titre=event.summary.value,
        lieu=event.location.value,
        invite=event.attendee.value,
        presence=event.attendee.params["PARTSTAT"],
        organisateur=event.organizer.value,
        tampon=event.dtstamp.value,
    )


def a_qui(session: Session, convoquee: Seance, prenom: str) -> InvitationSeance:
    return next(one for one in convoquee.invitations if one.nom.startswith(prenom))


# --- Planning -------------------------------------------------------------------------------------------


def test_every_three_weeks_once_whatever_the_clicks(
    client_for: Callable[..., FlaskClient], session: Session, en_service: Scene
) -> None:
    client = client_for(en_service.secretaire)
    ici = f"/commissions/{en_service.commission.ref}/seances/nouvelle"
    asked = {"jour": "2026-04-14", "heure": "14:00", "duree_minutes": "180", "combien": "3", "lieu": "Salle"}
    page = client.get(ici, query_string=asked)
    assert page.status_code == 200
    body = page.get_data(as_text=True)
    assert re.findall(r'name="jours"\s+value="([\d-]+)"', body) == ["2026-04-14", "2026-05-05", "2026-05-26"]
    assert "à convoquer avant le 07/04/2026" in text_of(page)
    sent = asked | {"jours": ["2026-04-14", "2026-05-26"], "cle_idempotence": new_ref()}
    assert {client.post(ici, data=sent).status_code for _ in range(2)} == {303}
    reread(session)
    made = session.scalars(select(Seance).order_by(Seance.debut)).all()
    assert [one.debut for one in made] == [
        datetime(2026, 4, 14, 12, tzinfo=UTC),
        datetime(2026, 5, 26, 12, tzinfo=UTC),
    ]
    assert {one.statut for one in made} == {StatutSeance.PREVUE}
    assert messages(session) == [], "nobody is told yet"
    wrong = client.get(ici, query_string=asked | {"jour": "31/31/2026"})
    assert wrong.status_code == 422
    none = client.post(ici, data=asked | {"cle_idempotence": new_ref()})
    assert none.status_code == 422
    assert "Gardez au moins une date" in text_of(none)


def test_holidays_and_other_sessions_of_members_are_shown(
    client_for: Callable[..., FlaskClient], session: Session, clock: FixedClock, en_service: Scene
) -> None:
    other = autre_commission(session, clock, en_service)
    seances.prevoir(session, clock, en_service.secretaire, other, [replace(SAISIE, jour=date(2026, 4, 22))])
    session.commit()
    client = client_for(en_service.secretaire)
    ici = f"/commissions/{en_service.commission.ref}/seances/nouvelle"
    asked = {"jour": "2026-04-01", "heure": "15:00", "duree_minutes": "60", "combien": "3", "lieu": "Salle"}
    page = text_of(client.get(ici, query_string=asked))
    assert "1 membre siège en même temps : Autre commission" in page
    lundi = text_of(client.get(ici, query_string=asked | {"jour": "2026-03-16", "combien": "2"}))
    assert "mardi 7 avril 2026" in lundi
    assert "au lieu du 06/04/2026, férié (Lundi de Pâques)" in lundi
    feriee = text_of(client.get(ici, query_string=asked | {"jour": "2026-05-01", "combien": "1"}))
    assert "Jour férié : Fête du Travail" in feriee


def autre_commission(session: Session, clock: FixedClock, scene: Scene) -> object:
    from portal.commissions import composition, service
    from portal.commissions.enums import Qualite
    from portal.commissions.nomenclatures import prereglages
    from portal.commissions.saisie import du_prereglage

    made = service.ouvrir(
        session,
        clock,
        scene.secretaire,
        "COPIL",
        "37",
        scene.siao,
        du_prereglage(prereglages()["COPIL"], nom="Autre commission"),
    )
    composition.donner_siege(
        session,
        clock,
        scene.secretaire,
        made,
        scene.fonctions["bailleur"].ref,
        Qualite.PRESIDENCE,
        None,
        version=made.version,
    )
    return made


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"jour": date(2026, 3, 1)}, "commissions.seance_passee"),
        ({"jour": date(2029, 3, 1)}, "commissions.seance_loin"),
        ({"lieu": "", "visio": ""}, "commissions.lieu"),
        ({"duree_minutes": 5}, "commissions.duree"),
        ({"visio": "http://visio.example"}, "commissions.visio"),
    ],
)
def test_what_a_session_cannot_be(
    session: Session, clock: FixedClock, en_service: Scene, change: dict[str, object], code: str
) -> None:
    with pytest.raises(DomainErrors) as refused:
        seances.prevoir(
            session,
            clock,
            en_service.secretaire,
            en_service.commission,
            [replace(SAISIE, **change)],  # type: ignore[arg-type]
        )
    assert [error.code for error in refused.value.errors] == [code]


def test_the_time_is_that_of_the_departement(
    session: Session, clock: FixedClock, seance: Seance, en_service: Scene
) -> None:
    assert seance.debut == datetime(2026, 3, 24, 13, tzinfo=UTC)
    summer = replace(SAISIE, jour=date(2026, 4, 14))
    [later] = seances.prevoir(session, clock, en_service.secretaire, en_service.commission, [summer])
    assert later.debut == datetime(2026, 4, 14, 12, tzinfo=UTC)
    with pytest.raises(DomainError, match="seance_existe"):
        seances.prevoir(session, clock, en_service.secretaire, en_service.commission, [summer])


# --- Convening ------------------------------------------------------------------------------------------


def test_convene_the_functions_that_sit(session: Session, en_service: Scene, convoquee: Seance) -> None:
    sent = messages(session)
    assert {one.destinataire for one in sent} == {
        f"{nom}@partenaire.example" for nom in ("elise", "denis", "basile", "gilles")
    }
    seen = evenement(sent[0])
    assert (seen.methode, seen.statut, seen.sequence) == ("REQUEST", "CONFIRMED", 0)
    assert seen.uid == f"seance-{convoquee.ref}@portail-siao"
    assert (seen.debut, seen.fin) == (convoquee.debut, convoquee.fin)
    assert seen.titre == en_service.commission.nom
    assert seen.lieu == "Salle des fêtes"
    assert {evenement(one).invite for one in sent} == {f"mailto:{one.destinataire}" for one in sent}
    assert len({evenement(one).organisateur for one in sent}) == 1
    assert len({lien(one) for one in sent}) == 4, "each has a link of their own"


def test_nobody_is_convened_before_the_state_has_validated_nor_late_without_a_reason(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    tot = replace(SAISIE, jour=date(2026, 3, 5))
    [one] = seances.prevoir(session, clock, scene.secretaire, scene.commission, [tot])
    with pytest.raises(DomainError, match="pas_en_service"):
        invitations.convoquer(session, clock, scene.secretaire, one, version=one.version)
    scene.commission.statut = type(scene.commission.statut).OUVERTE
    session.flush()
    with pytest.raises(DomainErrors, match="hors_delai"):
        invitations.convoquer(session, clock, scene.secretaire, one, version=one.version)
    assert (
        invitations.convoquer(session, clock, scene.secretaire, one, "Une famille", version=one.version) == 4
    )
    assert one.hors_delai == "Une famille"
    urgent = replace(SAISIE, jour=date(2026, 3, 4), urgente=True)
    [two] = seances.prevoir(session, clock, scene.secretaire, scene.commission, [urgent])
    assert invitations.convoquer(session, clock, scene.secretaire, two, version=two.version) == 4


def test_a_change_then_a_cancellation_reach_the_same_event(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,
) -> None:
    first = {one.destinataire: evenement(one) for one in messages(session)}
    clock.instant += timedelta(hours=2)
    client = client_for(en_service.secretaire)
    ici = f"/commissions/seances/{convoquee.ref}"
    mark = dernier(session)
    sent = {"jour": "2026-03-25", "heure": "09:30", "duree_minutes": "120", "lieu": "Préfecture"}
    changed = client.post(f"{ici}/modifier", data=sent | {"version": str(convoquee.version)})
    assert changed.status_code == 303
    reread(session)
    second = {one.destinataire: evenement(one) for one in messages(session, mark)}
    mark = dernier(session)
    convoquee = session.get_one(Seance, convoquee.id)
    refused = client.post(f"{ici}/annuler", data={"version": str(convoquee.version)})
    assert refused.status_code == 422
    data = {"version": str(convoquee.version), "motif": "Intempéries"}
    assert client.post(f"{ici}/annuler", data=data).status_code == 303
    reread(session)
    third = {one.destinataire: evenement(one) for one in messages(session, mark)}
    assert first.keys() == second.keys() == third.keys()
    for who, event in first.items():
        suite = (event, second[who], third[who])
        assert len({one.uid for one in suite}) == len({one.organisateur for one in suite}) == 1
        assert [one.sequence for one in suite] == [0, 1, 2]
        assert [one.methode for one in suite] == ["REQUEST", "REQUEST", "CANCEL"]
        assert [one.statut for one in suite] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
        assert suite[1].tampon > suite[0].tampon
        assert suite[1].debut == datetime(2026, 3, 25, 8, 30, tzinfo=UTC)
    assert all("Intempéries" in one.corps for one in messages(session, mark))
    assert "Intempéries" in text_of(client.get(ici))


def test_another_place_keeps_the_answers_and_another_time_asks_again(
    session: Session, clock: FixedClock, en_service: Scene, convoquee: Seance
) -> None:
    first = convoquee.invitations[0]
    invitations.repondre(session, clock, None, first, Reponse.ACCEPTEE, Canal.LIEN)
    ailleurs = replace(SAISIE, lieu="Préfecture")
    seances.modifier(session, clock, en_service.secretaire, convoquee, ailleurs, version=convoquee.version)
    assert first.statut is Reponse.ACCEPTEE
    plus_tard = replace(ailleurs, heure=time(15))
    seances.modifier(session, clock, en_service.secretaire, convoquee, plus_tard, version=convoquee.version)
    assert (first.statut, first.canal, convoquee.sequence) == (Reponse.ENVOYEE, None, 2)
    mark = dernier(session)
    seances.modifier(session, clock, en_service.secretaire, convoquee, plus_tard, version=convoquee.version)
    assert messages(session, mark) == [], "nothing changed: nobody is told"


def test_whoever_takes_the_function_over_is_invited_and_the_former_one_is_not_any_more(
    database: Database, session: Session, clock: FixedClock, en_service: Scene, convoquee: Seance
) -> None:
    former = lien(next(one for one in messages(session) if one.destinataire.startswith("basile")))
    mark, referent = dernier(session), en_service.fonctions["bailleur"]
    arrive = SaisieTitulaire(
        prenom="Bérénice", nom="Exemple", du=date(2026, 3, 10), email="berenice@partenaire.example"
    )
    confier(session, clock, en_service.secretaire, referent, arrive, version=referent.version)
    session.commit()
    assert menage.suivre(database, clock, REGLAGES) == 1
    reread(session)
    gone, come = messages(session, mark)
    assert (gone.destinataire, evenement(gone).methode) == ("basile@partenaire.example", "CANCEL")
    assert (come.destinataire, evenement(come).methode) == ("berenice@partenaire.example", "REQUEST")
    assert evenement(gone).uid == evenement(come).uid
    assert invitations.par_jeton(session, former.rsplit("/", 1)[1]) is None
    assert invitations.par_jeton(session, lien(come).rsplit("/", 1)[1]) is not None
    assert menage.suivre(database, clock, REGLAGES) == 0, "run again, it writes nothing more"


def test_reminders_leave_once_from_the_day_chosen_and_spare_who_declined(
    database: Database, session: Session, clock: FixedClock, convoquee: Seance
) -> None:
    invitations.repondre(
        session, clock, None, a_qui(session, convoquee, "Gilles"), Reponse.DECLINEE, Canal.LIEN
    )
    session.commit()
    mark = dernier(session)
    clock.instant = datetime(2026, 3, 21, 22, 59, tzinfo=UTC)  # still the 21st in Paris
    assert menage.suivre(database, clock, REGLAGES) == 0
    clock.instant = datetime(2026, 3, 21, 23, 1, tzinfo=UTC)
    assert menage.suivre(database, clock, REGLAGES) == 3
    assert menage.suivre(database, clock, REGLAGES) == 0
    reread(session)
    assert sorted(one.destinataire[:5] for one in messages(session, mark)) == ["basil", "denis", "elise"]
    assert all(one.sujet.startswith("Rappel") for one in messages(session, mark))


def test_nobody_is_reminded_of_a_session_that_was_opened_before_its_hour(
    database: Database, session: Session, clock: FixedClock, en_service: Scene, convoquee: Seance
) -> None:
    clock.instant = convoquee.debut - timedelta(minutes=10)
    assert "relancer" in {one.quoi for one in a_faire.seances(session, clock, en_service.secretaire)}
    conduite.ouvrir(session, clock, en_service.secretaire, convoquee)
    session.commit()
    mark = dernier(session)
    assert menage.suivre(database, clock, REGLAGES) == 0
    assert messages(session, mark) == []
    assert "relancer" not in {one.quoi for one in a_faire.seances(session, clock, en_service.secretaire)}


def test_ask_again_those_who_have_not_answered_once_a_day(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,
) -> None:
    invitations.repondre(session, clock, None, convoquee.invitations[0], Reponse.ACCEPTEE, Canal.LIEN)
    session.commit()
    client = client_for(en_service.secretaire)
    ici = f"/commissions/seances/{convoquee.ref}/relancer"
    mark = dernier(session)
    sent = {"version": str(convoquee.version)}
    assert "déjà été relancées" in text_of(client.post(ici, data=sent, follow_redirects=True))
    clock.instant += timedelta(days=1)
    client = client_for(en_service.secretaire)
    assert "3 courriels sont partis" in text_of(client.post(ici, data=sent, follow_redirects=True))
    reread(session)
    assert len(messages(session, mark)) == 3
    assert "a changé" in text_of(client.post(ici, data=sent, follow_redirects=True))


def test_a_function_without_an_address_is_told_apart(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    seance: Seance,
) -> None:
    holder = en_service.fonctions["gestionnaire"].titulaires[0]
    holder.email = ""
    session.commit()
    invitations.convoquer(session, clock, en_service.secretaire, seance, version=seance.version)
    session.commit()
    assert len(messages(session)) == 3
    page = text_of(client_for(en_service.secretaire).get(f"/commissions/seances/{seance.ref}"))
    assert "Aucun courriel" in page


# --- Answering ------------------------------------------------------------------------------------------


def test_the_link_shows_and_only_a_form_answers(
    client_for: Callable[..., FlaskClient], session: Session, clock: FixedClock, convoquee: Seance
) -> None:
    basile = next(one for one in messages(session) if one.destinataire.startswith("basile"))
    chemin, client = lien(basile), client_for(None)
    for _ in range(2):
        page = client.get(chemin)
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert f'action="{chemin}"' in page.get_data(as_text=True)
    reread(session)
    statuses = session.scalars(select(InvitationSeance.statut).order_by(InvitationSeance.id)).all()
    assert set(statuses) == {Reponse.ENVOYEE}, "a program that follows links answers nothing"
    assert client.post(f"{chemin}/vue").status_code == 204
    reread(session)
    mine = session.scalars(select(InvitationSeance).where(InvitationSeance.email.like("basile%"))).one()
    assert mine.statut is Reponse.VUE
    empty = client.post(chemin, data={"reponse": "suppleant"})
    assert empty.status_code == 422
    assert "Écrivez le nom de la personne qui vous remplace" in text_of(empty)
    sent = {"reponse": "suppleant", "remplacant": "Sacha Second", "mot": "En congé"}
    nowhere = client.post(chemin, data=sent)
    assert nowhere.status_code == 422
    assert "Écrivez son adresse électronique" in text_of(nowhere)
    sent["courriel"] = "sacha@partenaire.example"
    answered = client.post(chemin, data=sent)
    assert answered.status_code == 303, "reloading the page sends nothing again"
    assert answered.headers["Cache-Control"] == "no-store"
    assert "votre réponse est enregistrée" in text_of(client.get(answered.headers["Location"]))
    reread(session)
    mine = session.get_one(InvitationSeance, mine.id)
    assert (mine.statut, mine.remplacant, mine.mot) == (Reponse.SUPPLEANT, "Sacha Second", "En congé")
    assert mine.canal is Canal.LIEN
    noted = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "commissions:invitation:repondre")
    ).one()
    assert noted.changements == {"statut": ["vue", "suppleant"], "canal": "lien"}
    hashes = session.scalars(select(JetonInvitation.jeton_hash)).all()
    assert chemin.rsplit("/", 1)[1] not in hashes, "the token is stored hashed"
    assert client.get("/seances/reponse/inconnu").status_code == 404


def test_no_answer_once_it_has_begun_or_is_cancelled(
    client_for: Callable[..., FlaskClient], session: Session, clock: FixedClock, convoquee: Seance
) -> None:
    chemin, client = lien(messages(session)[0]), client_for(None)
    clock.instant = convoquee.debut
    late = client.post(chemin, data={"reponse": "acceptee"})
    assert late.status_code == 422
    assert "trop tard" in text_of(late)
    assert "La séance a commencé" in text_of(client.get(chemin))


def test_answer_here_for_oneself_and_let_the_secretariat_note_a_call(
    client_for: Callable[..., FlaskClient],
    session: Session,
    en_service: Scene,
    convoquee: Seance,
    actor_for: Callable[..., Actor],
) -> None:
    membre = actor_for(Profil.BAILLEUR_REFERENT, en_service.bailleur)
    mine = a_qui(session, convoquee, "Basile")
    mine.personne_id = membre.personne_id
    session.commit()
    ici = f"/commissions/seances/{convoquee.ref}"
    client = client_for(membre)
    assert "Votre réponse est attendue" in text_of(client.get(ici))
    assert "Répondre : " in text_of(client.get("/a-faire"))
    answered = client.post(f"{ici}/invitations/{mine.ref}/repondre", data={"reponse": "acceptee"})
    assert answered.status_code == 303
    assert "Vous avez répondu" in text_of(client.get(ici))
    assert "Répondre : " not in text_of(client.get("/a-faire"))
    autre = a_qui(session, convoquee, "Gilles")
    chemin = f"{ici}/invitations/{autre.ref}/repondre"
    assert client.post(chemin, data={"reponse": "acceptee"}).status_code == 403
    secretaire = client_for(en_service.secretaire)
    assert secretaire.post(chemin, data={"reponse": "declinee"}).status_code == 303
    reread(session)
    autre = session.get_one(InvitationSeance, autre.id)
    assert (autre.statut, autre.canal) == (Reponse.DECLINEE, Canal.SECRETARIAT)
    assert autre.repondu_par == f"{en_service.secretaire.nom} (SIAO 37)"


def test_a_college_without_deputies_sends_none(
    session: Session, clock: FixedClock, en_service: Scene, convoquee: Seance
) -> None:
    one = a_qui(session, convoquee, "Basile")
    assert one.college is not None
    one.college.suppleants = False
    with pytest.raises(DomainErrors, match="sans_suppleant"):
        invitations.repondre(
            session, clock, None, one, Reponse.SUPPLEANT, Canal.LIEN, remplacant="Sacha Second"
        )


# --- Seeing ---------------------------------------------------------------------------------------------


def test_who_comes_and_where_are_for_those_concerned(
    client_for: Callable[..., FlaskClient],
    session: Session,
    en_service: Scene,
    convoquee: Seance,
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
) -> None:
    ici = f"/commissions/seances/{convoquee.ref}"
    other = factories.Organisation(departement_code="37", nom="Association sans siège")
    cases = {
        "secretariat": (en_service.secretaire, True, True),
        "etat": (en_service.pilote, True, True),
        "presidence": (actor_for(Profil.COLLECTIVITE, en_service.departement), True, True),
        "membre": (actor_for(Profil.OPERATEUR_DIRECTION, en_service.gestionnaire), False, True),
        "ailleurs": (actor_for(Profil.OPERATEUR_DIRECTION, other), False, False),
    }
    for who, (actor, names, place) in cases.items():
        page = text_of(client_for(actor).get(ici))
        assert ("Basile Exemple" in page) is names, who
        assert ("Salle des fêtes" in page) is place, who
    assert client_for(cases["ailleurs"][0]).get(f"{ici}/agenda.ics").status_code == 403
    file = client_for(cases["membre"][0]).get(f"{ici}/agenda.ics")
    assert vobject.readOne(file.get_data(as_text=True)).vevent.uid.value.startswith("seance-")
    assert client_for(actor_for(Profil.OPERATEUR_DIRECTION)).get(ici).status_code == 404


def test_attendance_and_quorum(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,
) -> None:
    en_service.commission.quorum = Quorum.MOITIE
    session.commit()
    client = client_for(en_service.secretaire)
    ici = f"/commissions/seances/{convoquee.ref}"
    assert "Quorum non atteint" in text_of(client.get(ici))
    early = client.post(f"{ici}/presences", data={"version": str(convoquee.version)}, follow_redirects=True)
    assert "quand la séance a commencé" in text_of(early)
    clock.instant = convoquee.debut + timedelta(minutes=5)
    client = client_for(en_service.secretaire)
    sent = {f"p_{one.ref}": "presente" for one in convoquee.invitations[:3]}
    sent |= {f"p_{convoquee.invitations[3].ref}": "absente", "version": str(convoquee.version)}
    assert client.post(f"{ici}/presences", data=sent).status_code == 303
    reread(session)
    noted = session.scalars(select(InvitationSeance.presence).order_by(InvitationSeance.id)).all()
    assert noted == [Presence.PRESENTE] * 3 + [Presence.ABSENTE]
    page = text_of(client.get(ici))
    assert "Quorum atteint" in page
    assert "Qui est venu" in page
    assert "3 présents · 1 absent" in page
    assert 'attente">Sans réponse' not in page, "who was there tells more than who had answered"


def test_attendance_is_noted_college_by_college_and_may_begin_with_the_answers(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,
) -> None:
    vient, decline, *_autres = convoquee.invitations
    vient.statut, decline.statut = Reponse.ACCEPTEE, Reponse.DECLINEE
    session.commit()
    clock.instant = convoquee.debut + timedelta(minutes=5)
    client, ici = client_for(en_service.secretaire), f"/commissions/seances/{convoquee.ref}/presences"
    page = text_of(client.get(ici))
    noms = [one.college.nom for one in convoquee.invitations if one.college]
    assert noms
    assert all(f"<h2>{nom}</h2>" in page for nom in noms)
    assert "checked" not in page, "nothing is noted by itself"
    begun = text_of(client.get(f"{ici}?annonces=1"))
    coches = re.findall(r'<input checked [^>]*name="p_([^"]+)"[^>]*value="(\w+)"', begun)
    assert set(coches) == {(vient.ref, "presente"), (decline.ref, "absente")}
    assert vient.presence is None
    session.add(
        ConduiteSeance(seance_id=convoquee.id, etat=1, marques={}, papiers=[], ouverte_le=clock.now())
    )
    session.commit()
    assert "Qui est là ?" in text_of(client.get(ici))
    sent = {f"p_{vient.ref}": "presente", "version": str(convoquee.version)}
    noted = client.post(ici, data=sent)
    assert noted.headers["Location"] == f"/seances/{convoquee.ref}/conduite", "back to where it is held"


def test_the_calendar_by_month_and_as_a_list_of_all_and_of_mine(
    client_for: Callable[..., FlaskClient],
    session: Session,
    en_service: Scene,
    convoquee: Seance,
    actor_for: Callable[..., Actor],
) -> None:
    membre = actor_for(Profil.BAILLEUR_REFERENT, en_service.bailleur)
    a_qui(session, convoquee, "Basile").personne_id = membre.personne_id
    session.commit()
    collegue = actor_for(Profil.BAILLEUR_REFERENT, en_service.bailleur)
    mois = "/commissions/seances?mois=2026-03"
    page = text_of(client_for(membre).get(mois))
    assert en_service.commission.nom in page
    assert "votre séance" in page
    assert "Lundi de Pâques" in text_of(client_for(membre).get("/commissions/seances?mois=2026-04"))
    liste = "/commissions/seances?vue=liste&miennes=1"
    assert en_service.commission.nom in text_of(client_for(membre).get(liste))
    assert "Aucune séance" in text_of(client_for(collegue).get(liste))
    assert "Jour férié" not in text_of(client_for(membre).get(liste))
    convoquee.debut = datetime(2026, 4, 6, 12, 0, tzinfo=UTC)
    convoquee.fin = convoquee.debut + timedelta(hours=3)
    session.commit()
    for address in (liste, f"/commissions/seances/{convoquee.ref}"):
        assert "Jour férié : Lundi de Pâques" in text_of(client_for(membre).get(address))
    assert client_for(membre).get("/commissions/seances?mois=pas-un-mois").status_code == 200


def test_the_private_feed_holds_the_same_event(
    app: Flask,
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,
    actor_for: Callable[..., Actor],
) -> None:
    membre = actor_for(Profil.BAILLEUR_REFERENT, en_service.bailleur)
    a_qui(session, convoquee, "Basile").personne_id = membre.personne_id
    token = agenda.creer(session, clock, membre)
    stranger = agenda.creer(session, clock, actor_for(Profil.BAILLEUR_REFERENT, en_service.bailleur))
    session.commit()
    client = client_for(None)

    def lus(jeton: str) -> dict[str, object]:
        calendar = vobject.readOne(client.get(f"/agenda/{jeton}.ics").get_data(as_text=True))
        return {one.uid.value: one for one in calendar.contents.get("vevent", [])}

    uid = f"seance-{convoquee.ref}@portail-siao"
    assert lus(token)[uid].dtstart.value == convoquee.debut  # type: ignore[attr-defined]
    assert uid not in lus(stranger)
    seances.annuler(session, clock, en_service.secretaire, convoquee, "Grève", version=convoquee.version)
    session.commit()
    assert lus(token)[uid].status.value == "CANCELLED"  # type: ignore[attr-defined]


def test_to_do_says_what_to_convene_and_whom_to_ask_again(
    session: Session, clock: FixedClock, en_service: Scene, seance: Seance
) -> None:
    secretaire = en_service.secretaire
    [attendue] = a_faire.seances(session, clock, secretaire)
    assert (attendue.quoi, attendue.limite, attendue.retard) == ("convoquer", date(2026, 3, 17), False)
    clock.instant = datetime(2026, 3, 18, 8, tzinfo=UTC)
    assert a_faire.seances(session, clock, secretaire)[0].retard
    invitations.convoquer(session, clock, secretaire, seance, "Oubli", version=seance.version)
    [relance] = a_faire.seances(session, clock, secretaire)
    assert (relance.quoi, relance.nombre) == ("relancer", 4)
    assert a_faire.seances(session, clock, en_service.pilote) == []


def test_the_state_is_told_of_a_commission_to_validate(
    client_for: Callable[..., FlaskClient], scene: Scene
) -> None:
    page = text_of(client_for(scene.pilote).get("/a-faire"))
    assert f"Valider : {scene.commission.nom}" in page


def test_invite_one_function_more_then_withdraw_it(
    client_for: Callable[..., FlaskClient],
    session: Session,
    en_service: Scene,
    convoquee: Seance,
    fonction: Fonction,
) -> None:
    expert = fonction(en_service.gestionnaire, "Tanguy", code="signataire")
    session.commit()
    client, mark = client_for(en_service.secretaire), dernier(session)
    ici = f"/commissions/seances/{convoquee.ref}"
    assert "Tanguy Exemple" in text_of(client.get(f"{ici}/inviter?q=tanguy"))
    sent = {"fonction": expert.ref, "version": str(convoquee.version)}
    assert client.post(f"{ici}/inviter", data=sent).status_code == 303
    reread(session)
    [told] = messages(session, mark)
    assert told.destinataire == "tanguy@partenaire.example"
    convoquee = session.get_one(Seance, convoquee.id)
    extra = a_qui(session, convoquee, "Tanguy")
    asked = client.get(f"{ici}/invitations/{extra.ref}/retirer")
    assert "Retirer l’invitation de Tanguy Exemple ?" in text_of(asked)
    assert len(session.get_one(Seance, convoquee.id).invitations) == 5
    gone = client.post(f"{ici}/invitations/{extra.ref}/retirer", data={"version": str(convoquee.version)})
    assert gone.status_code == 303
    reread(session)
    assert evenement(messages(session, told.id)[0]).methode == "CANCEL"
    assert client_for(None).get(lien(told)).status_code == 404


def test_the_pages_ask_as_little_whatever_the_number(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    database: Database,
    en_service: Scene,
    convoquee: Seance,
    fonction: Fonction,
) -> None:
    client = client_for(en_service.secretaire)
    ici = f"/commissions/seances/{convoquee.ref}"
    plan = f"/commissions/{en_service.commission.ref}/seances/nouvelle"
    pages = [
        "/commissions/seances?mois=2026-03",
        "/commissions/seances?vue=liste",
        ici,
        f"{plan}?jour=2026-04-14&heure=14:00&duree_minutes=60&combien=6&lieu=Salle",
        f"/commissions/{en_service.commission.ref}",
    ]

    def comptes() -> list[int]:
        found = []
        for page in pages:
            client.get(page)
            with statements(database) as seen:
                assert client.get(page).status_code == 200
            found.append(len(seen))
        return found

    before = comptes()
    for rang in range(6):
        made = fonction(en_service.gestionnaire, f"Prénom{rang}", code="referent_proximite")
        invitations.inviter(
            session, clock, en_service.secretaire, convoquee, made.ref, version=convoquee.version
        )
        jour = JOUR + timedelta(days=rang + 1)
        seances.prevoir(
            session, clock, en_service.secretaire, en_service.commission, [replace(SAISIE, jour=jour)]
        )
    session.commit()
    assert comptes() == before
    assert max(before) <= 8, before
    found = queries_seances.lister(
        session, en_service.secretaire, clock.today(), clock.now(), clock.now() + timedelta(days=60)
    )
    assert len(found) == 7


@pytest.mark.parametrize("profil", [Profil.RESERVATAIRE, Profil.MEMBRE_COMMISSION, Profil.TRAVAILLEUR_SOCIAL])
def test_who_convenes_nothing_has_no_session_to_convene(
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    seance: Seance,
    actor_for: Callable[..., Actor],
    profil: Profil,
) -> None:
    actor = actor_for(profil, en_service.siao)
    assert a_faire.seances(session, clock, actor) == []
    assert not attentes.lire(session, a_faire.attentes(actor))


def test_past_sessions_forget_who_left_the_directory_for_good(
    database: Database, session: Session, clock: FixedClock, en_service: Scene, convoquee: Seance
) -> None:
    clock.instant = convoquee.fin + timedelta(days=1)
    assert menage.oublier(database, clock, REGLAGES) == 0
    holder = en_service.fonctions["bailleur"].titulaires[0]
    effacer(session, clock, holder)
    session.commit()
    assert menage.oublier(database, clock, REGLAGES) == 1
    reread(session)
    known = session.scalars(select(InvitationSeance.nom).order_by(InvitationSeance.id)).all()
    assert sorted(known) == ["", "Denis Exemple", "Gilles Exemple", "Élise Exemple"]
