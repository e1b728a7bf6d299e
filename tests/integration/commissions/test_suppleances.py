"""The deputy whom someone invited sends: told, asked, followed, and told when not expected any more."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest
import vobject
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.enums import Role
from portal.annuaire.saisie import SaisieTitulaire
from portal.annuaire.titulaires import confier
from portal.commissions import a_faire, invitations, menage, seances
from portal.commissions.conduite.queries import suivie
from portal.commissions.donnees import donnees
from portal.commissions.dossiers.avertir import invites_de
from portal.commissions.enums import Canal, Presence, Reponse
from portal.commissions.models_seances import InvitationSeance, Seance, Suppleance
from portal.comptes import agenda
from portal.comptes.models import Personne
from portal.grilles.menages.service import LETTRES
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainErrors, NotVisible
from tests.integration.commissions.conftest import Scene
from tests.integration.commissions.test_seances import (  # noqa: F401 (fixtures)
    REGLAGES,
    SAISIE,
    a_qui,
    convoquee,
    dernier,
    evenement,
    lien,
    messages,
    seance,
)
from tests.integration.web_organisations import reread, text_of

SACHA = "sacha@partenaire.example"
ENVOI = {"reponse": "suppleant", "remplacant": "Sacha Second", "courriel": f" {SACHA.upper()} "}


@pytest.fixture
def sacha(actor_for: Callable[..., Actor], en_service: Scene, session: Session) -> Actor:
    """A colleague of the landlord's, with an account."""
    actor = actor_for(Profil.BAILLEUR_REFERENT, en_service.bailleur)
    session.get_one(Personne, actor.personne_id).email = SACHA
    session.commit()
    return replace(actor, email=SACHA)


@pytest.fixture
def envoie(
    session: Session,
    client_for: Callable[..., FlaskClient],
    convoquee: Seance,  # noqa: F811
) -> InvitationSeance:
    """Basile Exemple, invited for the landlord, sends Sacha Second by the link of his e-mail."""
    chemin = lien(next(one for one in messages(session) if one.destinataire.startswith("basile")))
    client = client_for(None)
    assert client.post(chemin, data=ENVOI).status_code == 303
    assert "envoyée à Sacha Second" in text_of(client.get(f"{chemin}?recue=1"))
    reread(session)
    return session.scalars(select(InvitationSeance).where(InvitationSeance.email.like("basile%"))).one()


def a_sacha(session: Session, depuis: int = 0) -> list[SimpleNamespace]:
    """What reached the deputy: the subject, the text, the calendar event that another library reads."""
    found = [one for one in messages(session, depuis) if one.destinataire == SACHA]
    return [
        SimpleNamespace(message=one, sujet=one.sujet, corps=one.corps, agenda=evenement(one)) for one in found
    ]


def test_the_deputy_is_told_with_the_event_of_the_others_and_answers_by_a_link(
    client_for: Callable[..., FlaskClient],
    session: Session,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
    envoie: InvitationSeance,
) -> None:
    [told] = a_sacha(session)
    others = evenement(messages(session)[0])
    assert (told.agenda.methode, told.agenda.sequence) == ("REQUEST", others.sequence)
    assert (told.agenda.uid, told.agenda.organisateur) == (others.uid, others.organisateur)
    assert told.agenda.invite == f"mailto:{SACHA}"
    assert "Basile Exemple vous demande de venir à sa place" in told.corps
    assert "ou qui vous remplace" not in told.corps, "a deputy sends nobody"
    chemin, client = lien(told.message), client_for(None)
    page = client.get(chemin)
    assert "Vous y remplacez Basile Exemple" in text_of(page)
    assert "Mon suppléant" not in text_of(page)
    assert client.post(f"{chemin}/vue").status_code == 204
    ici = f"/commissions/seances/{convoquee.ref}"
    assert "Envoie son suppléant : Sacha Second, lue, sans réponse" in text_of(
        client_for(en_service.secretaire).get(ici)
    )
    assert client.post(chemin, data={"reponse": "suppleant", "remplacant": "Autre"}).status_code == 422
    assert client.post(chemin, data={"reponse": "acceptee", "mot": "À 14 h"}).status_code == 303
    page = text_of(client_for(en_service.secretaire).get(ici))
    assert "Envoie son suppléant : Sacha Second, vient" in page
    assert "Sacha Second : « À 14 h »" in page
    reread(session)
    assert session.get_one(InvitationSeance, envoie.id).statut is Reponse.SUPPLEANT


def test_a_change_and_a_cancellation_reach_the_deputy_s_event(
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
    envoie: InvitationSeance,
) -> None:
    [first], mark = a_sacha(session), dernier(session)
    secretaire = en_service.secretaire
    invitations.repondre_suppleant(session, clock, None, envoie, Reponse.ACCEPTEE, Canal.LIEN)
    clock.instant += timedelta(hours=1)
    ailleurs = replace(SAISIE, lieu="Préfecture")
    seances.modifier(session, clock, secretaire, convoquee, ailleurs, version=convoquee.version)
    assert envoie.second is not None
    assert envoie.second.statut is Reponse.ACCEPTEE, "another place keeps the answer"
    plus_tard = replace(ailleurs, heure=time(16))
    seances.modifier(session, clock, secretaire, convoquee, plus_tard, version=convoquee.version)
    assert (envoie.statut, envoie.second.statut) == (Reponse.SUPPLEANT, Reponse.ENVOYEE)
    seances.annuler(session, clock, secretaire, convoquee, "Grève", version=convoquee.version)
    told = [one.agenda for one in a_sacha(session, mark)]
    assert [one.methode for one in told] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [one.sequence for one in told] == [1, 2, 3]
    assert {one.uid for one in told} == {first.agenda.uid}
    assert told[1].debut == convoquee.debut


def test_the_holder_who_comes_after_all_takes_the_event_back(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    envoie: InvitationSeance,
) -> None:
    [first], mark = a_sacha(session), dernier(session)
    clock.instant += timedelta(minutes=5)
    invitations.repondre(session, clock, None, envoie, Reponse.ACCEPTEE, Canal.LIEN)
    session.commit()
    [told] = a_sacha(session, mark)
    assert (told.agenda.methode, told.agenda.statut) == ("CANCEL", "CANCELLED")
    assert told.agenda.uid == first.agenda.uid
    assert told.agenda.tampon > first.agenda.tampon
    assert "Vous n’avez plus à remplacer Basile Exemple" in told.corps
    assert client_for(None).get(lien(first.message)).status_code == 404, "their link is dead"
    assert session.scalars(select(Suppleance)).all() == []
    assert (envoie.statut, envoie.remplacant) == (Reponse.ACCEPTEE, "")


def test_another_deputy_replaces_the_first_and_the_same_one_is_told_once(
    session: Session, clock: FixedClock, envoie: InvitationSeance
) -> None:
    mark = dernier(session)
    envoyer = {"reponse": Reponse.SUPPLEANT, "canal": Canal.LIEN}
    invitations.repondre(session, clock, None, envoie, **envoyer, remplacant="Sacha Second")
    assert messages(session, mark) == [], "the address given before is known"
    autre = {"remplacant": "Alix Autre", "courriel": "alix@partenaire.example"}
    invitations.repondre(session, clock, None, envoie, **envoyer, **autre)
    told = {one.destinataire: evenement(one).methode for one in messages(session, mark)}
    assert told == {SACHA: "CANCEL", "alix@partenaire.example": "REQUEST"}
    soi = {"remplacant": "Basile", "courriel": "basile@partenaire.example"}
    with pytest.raises(DomainErrors, match="suppleant_soi"):
        invitations.repondre(session, clock, None, envoie, **envoyer, **soi)
    faux = {"remplacant": "Basile", "courriel": "pas une adresse"}
    with pytest.raises(DomainErrors, match="email_forme"):
        invitations.repondre(session, clock, None, envoie, **envoyer, **faux)


def test_a_deputy_who_cannot_come_gives_the_question_back_and_may_change_their_mind(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
    envoie: InvitationSeance,
) -> None:
    [first], mark, client = a_sacha(session), dernier(session), client_for(None)
    assert client.post(lien(first.message), data={"reponse": "declinee"}).status_code == 303
    reread(session)
    [told] = messages(session, mark)
    assert told.destinataire == "basile@partenaire.example"
    assert "Sacha Second ne peut pas venir à votre place" in told.corps
    assert evenement(told).methode == "REQUEST"
    envoie = session.get_one(InvitationSeance, envoie.id)
    assert (envoie.statut, envoie.remplacant, envoie.second) == (Reponse.ENVOYEE, "", None)
    ici = f"/commissions/seances/{convoquee.ref}"
    assert "Sacha Second ne peut pas le remplacer" in text_of(client_for(en_service.secretaire).get(ici))
    assert client.post(lien(first.message), data={"reponse": "acceptee"}).status_code == 303
    reread(session)
    envoie = session.get_one(InvitationSeance, envoie.id)
    assert (envoie.statut, envoie.remplacant) == (Reponse.SUPPLEANT, "Sacha Second")
    invitations.repondre_suppleant(session, clock, None, envoie, Reponse.DECLINEE, Canal.LIEN)
    mark = dernier(session)
    invitations.repondre(session, clock, None, envoie, Reponse.DECLINEE, Canal.LIEN)
    assert messages(session, mark) == [], "who had said no is told nothing"
    with pytest.raises(NotVisible):
        invitations.repondre_suppleant(session, clock, None, envoie, Reponse.ACCEPTEE, Canal.LIEN)


def test_the_directory_s_deputy_needs_no_address_and_is_proposed(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
) -> None:
    referent = en_service.fonctions["bailleur"]
    second = SaisieTitulaire(prenom="Sacha", nom="Second", du=clock.today(), email=SACHA, role=Role.SUPPLEANT)
    confier(session, clock, en_service.secretaire, referent, second, version=referent.version)
    session.commit()
    chemin = lien(next(one for one in messages(session) if one.destinataire.startswith("basile")))
    client, mark = client_for(None), dernier(session)
    page = client.get(chemin)
    assert 'value="Sacha Second"' in page.get_data(as_text=True)
    assert "Déjà connue pour Sacha Second" in text_of(page)
    assert SACHA not in page.get_data(as_text=True)
    assert client.post(chemin, data={"reponse": "suppleant", "remplacant": "sacha second"}).status_code == 303
    reread(session)
    assert [one.destinataire for one in messages(session, mark)] == [SACHA]


def test_the_secretariat_notes_a_deputy_without_an_address_and_sees_that_nobody_told_them(
    client_for: Callable[..., FlaskClient],
    session: Session,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
) -> None:
    ici = f"/commissions/seances/{convoquee.ref}"
    client, mark = client_for(en_service.secretaire), dernier(session)
    chemin = f"{ici}/invitations/{a_qui(session, convoquee, 'Basile').ref}/repondre"
    sent = {"reponse": "suppleant", "remplacant": "Sacha Second"}
    assert client.post(chemin, data=sent).status_code == 303
    assert messages(session, mark) == []
    assert "Non prévenu par le portail" in text_of(client.get(ici))
    assert client.post(chemin, data=sent | {"courriel": SACHA}).status_code == 303
    reread(session)
    assert [one.destinataire for one in messages(session, mark)] == [SACHA]
    assert "Non prévenu" not in text_of(client.get(ici))


def test_the_session_is_the_deputy_s_in_the_portal_and_no_more_the_holder_s(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
    sacha: Actor,
    envoie: InvitationSeance,
    actor_for: Callable[..., Actor],
) -> None:
    jeton = agenda.creer(session, clock, sacha)
    collegue = actor_for(Profil.BAILLEUR_REFERENT, en_service.bailleur)
    session.commit()
    client = client_for(sacha)
    ici, uid = f"/commissions/seances/{convoquee.ref}", f"seance-{convoquee.ref}@portail-siao"

    def flux() -> list[str]:
        calendar = vobject.readOne(client_for(None).get(f"/agenda/{jeton}.ics").get_data(as_text=True))
        return [one.uid.value for one in calendar.contents.get("vevent", [])]

    assert envoie.second is not None
    assert envoie.second.personne_id == sacha.personne_id
    assert uid in flux()
    miennes = "/commissions/seances?vue=liste&miennes=1"
    assert en_service.commission.nom in text_of(client.get(miennes))
    assert "Sans réponse" in text_of(client.get(miennes))
    assert "Aucune séance" in text_of(client_for(collegue).get(miennes))
    assert [one.quoi for one in a_faire.seances(session, clock, sacha)] == ["repondre"]
    assert "Basile Exemple vous demande de venir à sa place" in text_of(client.get(ici))
    chemin = f"{ici}/invitations/{envoie.ref}/repondre"
    assert "Vous y remplacez Basile Exemple" in text_of(client.get(chemin))
    assert client_for(collegue).post(chemin, data={"reponse": "acceptee"}).status_code == 403
    assert suivie(session, clock, sacha, convoquee.ref).seance.id == convoquee.id
    assert SACHA in invites_de(session, convoquee), "told when the papers open"
    assert client.post(chemin, data={"reponse": "declinee"}).status_code == 303
    session.expire_all()
    assert uid not in flux()
    assert a_faire.seances(session, clock, sacha) == []
    assert SACHA not in invites_de(session, convoquee)
    with pytest.raises(NotVisible):
        suivie(session, clock, sacha, convoquee.ref)
    assert "Ne vient pas" in text_of(client.get(ici)), "and may change their mind"


def test_the_reminder_and_the_second_asking_go_to_the_deputy(
    database: Database,
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
    envoie: InvitationSeance,
) -> None:
    clock.instant += timedelta(days=1)
    mark = dernier(session)
    assert (
        invitations.relancer(session, clock, en_service.secretaire, convoquee, version=convoquee.version) == 4
    )
    session.commit()
    assert sorted(one.destinataire[:5] for one in messages(session, mark)) == [
        "denis",
        "elise",
        "gille",
        "sacha",
    ]
    invitations.repondre_suppleant(session, clock, None, envoie, Reponse.ACCEPTEE, Canal.LIEN)
    session.commit()
    mark = dernier(session)
    clock.instant = convoquee.debut - timedelta(days=2)
    [relance] = a_faire.seances(session, clock, en_service.secretaire)
    assert relance.nombre == 3
    assert menage.suivre(database, clock, REGLAGES) == 4
    reread(session)
    [rappel] = a_sacha(session, mark)
    assert rappel.sujet.startswith("Rappel")
    assert "Vous y remplacez Basile Exemple" in rappel.corps
    assert "Vous avez répondu que vous venez. Si cela change" in rappel.corps
    assert "Dites si vous venez" not in rappel.corps
    rappels = [one for one in messages(session, mark) if one.sujet.startswith("Rappel")]
    assert sorted((one.destinataire[:5], *evenement(one).presence) for one in rappels) == [
        ("denis", "NEEDS-ACTION"),
        ("elise", "NEEDS-ACTION"),
        ("gille", "NEEDS-ACTION"),
        ("sacha", "ACCEPTED"),
    ], "whoever accepted is not asked anew in their own calendar"


def test_a_deputy_who_takes_the_function_over_keeps_the_event_and_another_holder_takes_it_back(
    database: Database,
    session: Session,
    clock: FixedClock,
    en_service: Scene,
    convoquee: Seance,  # noqa: F811
    envoie: InvitationSeance,
) -> None:
    mark, referent = dernier(session), en_service.fonctions["bailleur"]
    arrive = SaisieTitulaire(prenom="Sacha", nom="Second", du=date(2026, 3, 10), email=SACHA)
    confier(session, clock, en_service.secretaire, referent, arrive, version=referent.version)
    session.commit()
    menage.suivre(database, clock, REGLAGES)
    reread(session)
    assert [one.agenda.methode for one in a_sacha(session, mark)] == ["REQUEST"], "nothing cancels it"
    envoie = session.get_one(InvitationSeance, envoie.id)
    assert (envoie.email, envoie.suppleance, envoie.remplacant) == (SACHA, None, "")
    envoyer = {"remplacant": "Alix Autre", "courriel": "alix@partenaire.example"}
    invitations.repondre(session, clock, None, envoie, Reponse.SUPPLEANT, Canal.LIEN, **envoyer)
    mark = dernier(session)
    convoquee = session.get_one(Seance, convoquee.id)
    invitations.retirer(
        session, clock, en_service.secretaire, convoquee, envoie.ref, version=convoquee.version
    )
    told = {one.destinataire: evenement(one).methode for one in messages(session, mark)}
    assert told == {SACHA: "CANCEL", "alix@partenaire.example": "CANCEL"}


def test_a_deputy_expected_otherwise_keeps_the_event(
    session: Session,
    clock: FixedClock,
    convoquee: Seance,  # noqa: F811
    envoie: InvitationSeance,
) -> None:
    gilles = a_qui(session, convoquee, "Gilles")
    for who in (gilles, envoie):
        also = {"remplacant": "Denis Exemple", "courriel": "denis@partenaire.example"}
        invitations.repondre(session, clock, None, who, Reponse.SUPPLEANT, Canal.LIEN, **also)
    mark = dernier(session)
    invitations.repondre(session, clock, None, gilles, Reponse.ACCEPTEE, Canal.LIEN)
    [told] = messages(session, mark)
    assert told.calendrier is None
    assert "Vous restez attendu à cette séance" in told.corps


def test_the_deputy_s_data_are_shown_to_them_and_forgotten_once_nobody_knows_them(
    database: Database,
    session: Session,
    clock: FixedClock,
    convoquee: Seance,  # noqa: F811
    sacha: Actor,
    envoie: InvitationSeance,
) -> None:
    personne = session.get_one(Personne, sacha.personne_id)
    [sienne] = donnees(session, personne)
    assert SACHA in sienne.coordonnees
    clock.instant = convoquee.fin + timedelta(days=1)
    assert menage.oublier(database, clock, REGLAGES) == 0, "an account in use"
    personne.desactivee_le = clock.now()
    envoie.presence = Presence.PRESENTE
    session.commit()
    assert menage.oublier(database, clock, REGLAGES) == 1
    reread(session)
    assert session.scalars(select(Suppleance)).all() == []
    assert session.get_one(InvitationSeance, envoie.id).email == "basile@partenaire.example"


def test_no_e_mail_to_a_deputy_names_a_household(session: Session, envoie: InvitationSeance) -> None:
    """What the templates are given is professional data alone: the session, the function, two names."""
    [told] = a_sacha(session)
    event = told.agenda
    assert event.titre == envoie.seance.commission.nom
    assert not re.search(rf"\bD-[{LETTRES}]{{6}}\b", told.corps + told.sujet)
    assert "ménage" not in told.corps
