"""The directory stays true: reminders, links by e-mail, reported errors, figures, what people take away."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.annuaire import liens, moderation, service
from portal.annuaire.enums import MotifSignalement, Palier, Role, StatutSignalement
from portal.annuaire.liens import USAGES, creer
from portal.annuaire.menage import run_purge
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import LienAnnuaire, Relance, Signalement
from portal.annuaire.relances import Echeance, noter, relancer
from portal.annuaire.saisie import SaisieTitulaire
from portal.annuaire.signalements import PAR_JOUR, signaler, suivre
from portal.annuaire.titulaires import confier, noter_absence
from portal.audit.models import EntreeJournal
from portal.config import Settings
from portal.notifications.models import MessageSortant, StatutMessage
from portal.notifications.sender import send_due
from portal.organisations import parametres
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database, new_ref
from portal.shared.errors import DomainError
from tests.integration.annuaire.conftest import DEBUT
from tests.integration.notifications.conftest import Mailbox, mailbox, serve  # noqa: F401  (fixtures)
from tests.integration.web_organisations import reread, statements, text_of

Ouvrir = Callable[..., Referent]
Clients = Callable[..., FlaskClient]
Acteurs = Callable[..., Actor]

MAELLE = SaisieTitulaire(
    prenom="Maëlle", nom="Ajonc", du=DEBUT, telephone="02 61 91 00 01", email="maelle@ajoncs.example"
)
LIEN = re.compile(r"/annuaire/lien/([\w-]+)")


def le(jour: date) -> datetime:
    """Ten in the morning in Paris, near enough."""
    return datetime(jour.year, jour.month, jour.day, 9, 0, tzinfo=UTC)


@pytest.fixture
def referent(session: Session, gestionnaire: Organisation, ouvrir: Ouvrir) -> Referent:
    """A function opened, hence verified, on 2 March 2026."""
    made = ouvrir(gestionnaire, titulaire=MAELLE)
    session.commit()
    return made


@pytest.fixture
def messages(session: Session) -> Callable[[], list[MessageSortant]]:
    """Return the messages of the outbox, the oldest first."""

    def read() -> list[MessageSortant]:
        session.rollback()
        return list(session.scalars(select(MessageSortant).order_by(MessageSortant.id)))

    return read


@pytest.fixture
def lien(session: Session, clock: FixedClock) -> str:
    """The address of Maëlle's link."""
    token, _expire_le = creer(session, clock, MAELLE.email)
    session.commit()
    return f"/annuaire/lien/{token}"


def fiche(session: Session, referent: Referent) -> str:
    """What the form of a link sends of an entry."""
    reread(session)
    row = session.scalars(
        select(Titulaire)
        .where(Titulaire.referent_id == referent.id, Titulaire.role == Role.TITULAIRE)
        .order_by(Titulaire.id.desc())
    ).first()
    assert row is not None
    return f"{row.ref}:{row.referent.version}"


def test_a_silent_entry_is_written_about_at_each_step_and_once(
    database: Database,
    session: Session,
    clock: FixedClock,
    actor_for: Acteurs,
    gestionnaire: Organisation,
    referent: Referent,
    messages: Callable[[], list[MessageSortant]],
) -> None:
    admin = actor_for(Profil.ADMIN_ORGANISATION, gestionnaire)
    session.commit()
    sent = []
    for jour in (
        date(2026, 9, 1),
        date(2026, 9, 2),
        date(2026, 10, 1),
        date(2026, 10, 2),
        date(2026, 11, 2),
        date(2026, 12, 2),
        date(2027, 3, 2),
    ):
        clock.instant = le(jour)
        written = relancer(database, clock)
        assert relancer(database, clock) == 0
        sent.append(written)
    assert sent == [0, 1, 0, 1, 1, 0, 0]
    found = messages()
    assert [one.destinataire for one in found] == [MAELLE.email, MAELLE.email, admin.email]
    assert found[0].sujet == "Vos coordonnées à l’annuaire sont-elles encore exactes ?"
    assert found[1].sujet.startswith("Rappel")
    assert "Référent SIAO – Association Les Ajoncs" in found[2].corps
    assert "Maëlle" not in found[2].corps


def test_whoever_was_put_off_is_written_to_however_late_and_once(
    database: Database,
    session: Session,
    clock: FixedClock,
    actor_for: Acteurs,
    gestionnaire: Organisation,
    referent: Referent,
    ouvrir: Ouvrir,
    messages: Callable[[], list[MessageSortant]],
) -> None:
    """Her organisation is told while she is put off; then the worker stands still for two months."""
    admin = actor_for(Profil.ADMIN_ORGANISATION, gestionnaire)
    clock.instant = le(date(2026, 5, 25))
    autre = ouvrir(gestionnaire, "signataire", MAELLE)
    clock.instant = le(date(2026, 10, 30))
    noter(session, clock, [Echeance(MAELLE.email, Palier.COURRIEL, autre.id, date(2026, 5, 25))], None)
    session.commit()
    clock.instant = le(date(2026, 11, 3))
    assert relancer(database, clock) == 1
    assert [one.destinataire for one in messages()] == [admin.email]
    clock.instant = le(date(2027, 1, 5))
    arrivee = actor_for(Profil.ADMIN_ORGANISATION, gestionnaire)
    session.commit()
    assert relancer(database, clock) == 2
    assert relancer(database, clock) == 0
    found = messages()[1:]
    assert {one.destinataire for one in found} == {MAELLE.email, arrivee.email}
    (sien,) = [one for one in found if one.destinataire == MAELLE.email]
    assert sien.sujet.startswith("Rappel")
    assert sien.corps.count("Association Les Ajoncs") == 2
    clock.instant = le(date(2027, 6, 1))  # the other function has reached its last step meanwhile
    assert relancer(database, clock) == 2
    clock.instant = le(date(2027, 9, 1))
    assert relancer(database, clock) == 0


def test_someone_with_five_functions_receives_one_e_mail_for_all(
    database: Database,
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    ouvrir: Ouvrir,
    gestionnaire: Organisation,
    messages: Callable[[], list[MessageSortant]],
) -> None:
    for rang in range(5):
        clock.instant = le(date(2026, 3, 2) + timedelta(days=rang))
        ouvrir(gestionnaire, "signataire", MAELLE, mention=f"Pôle {rang}")
    session.commit()
    clock.instant = le(date(2026, 9, 6))
    assert relancer(database, clock) == 1
    (message,) = messages()
    assert message.corps.count("Pôle") == 5
    clock.instant = le(date(2026, 9, 7))
    assert relancer(database, clock) == 0


def test_nothing_for_an_empty_or_a_closed_function_nor_after_a_verification(
    database: Database,
    session: Session,
    clock: FixedClock,
    regulatrice: Actor,
    ouvrir: Ouvrir,
    gestionnaire: Organisation,
    referent: Referent,
) -> None:
    ouvrir(gestionnaire, "signataire", None, email="boite@ajoncs.example")
    closed = ouvrir(gestionnaire, "signataire", MAELLE)
    service.fermer(session, clock, regulatrice, closed, date(2026, 3, 2), version=closed.version)
    clock.instant = le(date(2026, 8, 30))
    service.verifier(session, clock, regulatrice, referent, version=referent.version)
    session.commit()
    clock.instant = le(date(2026, 9, 30))
    assert relancer(database, clock) == 0


def test_while_the_holder_is_away_the_deputy_is_asked_too(
    database: Database,
    session: Session,
    clock: FixedClock,
    regulatrice: Actor,
    referent: Referent,
    messages: Callable[[], list[MessageSortant]],
) -> None:
    deputy = SaisieTitulaire(
        prenom="Sacha", nom="Second", du=DEBUT, role=Role.SUPPLEANT, email="sacha@ajoncs.example"
    )
    confier(session, clock, regulatrice, referent, deputy, version=referent.version)
    noter_absence(session, clock, regulatrice, referent, date(2026, 3, 2), None, version=referent.version)
    session.commit()
    clock.instant = le(date(2026, 9, 2))
    assert relancer(database, clock) == 2
    assert [one.destinataire for one in messages()] == [MAELLE.email, "sacha@ajoncs.example"]


def test_a_departement_chooses_its_steps(
    database: Database,
    session: Session,
    clock: FixedClock,
    actor_for: Acteurs,
    client_for: Clients,
    regulatrice: Actor,
    referent: Referent,
) -> None:
    pilote = actor_for(Profil.ETAT_PILOTE)
    with pytest.raises(DomainError) as refused:
        parametres.set_value(session, pilote, clock, "annuaire.verification_mois", "22", "3,2,5,6")
    assert refused.value.code == "annuaire.paliers"
    parametres.set_value(session, pilote, clock, "annuaire.verification_mois", "22", "1,2,3,4")
    session.commit()
    clock.instant = le(date(2026, 4, 2))
    assert relancer(database, clock) == 1
    client = client_for(regulatrice)
    assert "À vérifier" in text_of(client.get("/annuaire?q=ajoncs&a_verifier=1"))
    assert "Maëlle Ajonc" in text_of(client.get("/annuaire?a_verifier=1"))
    clock.instant = le(date(2026, 7, 2))
    assert "Non vérifiée depuis longtemps" in text_of(client_for(regulatrice).get("/annuaire?q=ajoncs"))


def test_the_e_mail_leads_to_the_entry_which_one_press_confirms(
    app: object,
    database: Database,
    session: Session,
    clock: FixedClock,
    client_for: Clients,
    referent: Referent,
    serve: Callable[..., int],  # noqa: F811
    mailbox: Mailbox,  # noqa: F811
) -> None:
    clock.instant = le(date(2026, 9, 2))
    relancer(database, clock)
    settings = Settings(environnement="test", smtp_url=f"smtp://127.0.0.1:{serve()}", smtp_timeout=5)
    assert send_due(database, clock, settings) == (1, True)
    (received,) = mailbox.received
    assert received["To"] == MAELLE.email
    found = LIEN.search(received.get_content())
    assert found is not None
    client, base = client_for(), found[0]
    page = text_of(client.get(base))
    assert "Maëlle Ajonc" in page
    assert "Tout est exact" in page
    assert "Corriger" in page
    reread(session)
    assert session.get_one(Referent, referent.id).verifie_le == date(2026, 3, 2)
    data = {"fiche": fiche(session, referent)}
    for _twice in range(2):
        assert client.post(f"{base}/confirmer", data=data).status_code == 303
    assert "a changé pendant" not in text_of(client.get(base))
    reread(session)
    kept = session.get_one(Referent, referent.id)
    assert kept.verifie_le == date(2026, 9, 2)
    assert kept.verifie_par == "Maëlle Ajonc (Association Les Ajoncs)"
    entry = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "annuaire:referent:verifier")
    ).one()
    assert entry.auteur == "Maëlle Ajonc (Association Les Ajoncs)"


def test_a_link_ends_on_its_date_and_after_so_many_acts(
    session: Session, clock: FixedClock, client_for: Clients, referent: Referent, lien: str
) -> None:
    client = client_for()
    assert client.get("/annuaire/lien/inconnu").status_code == 410
    row = session.scalars(select(LienAnnuaire)).one()
    assert row.jeton_hash not in lien
    row.usages = USAGES - 1
    session.commit()
    data = {"fiche": fiche(session, referent)}
    assert client.get(lien).status_code == 200
    assert client.post(f"{lien}/confirmer", data=data).status_code == 303
    assert client.get(lien).status_code == 410
    assert client.post(f"{lien}/confirmer", data=data).status_code == 410
    reread(session)
    row = session.scalars(select(LienAnnuaire)).one()
    row.usages = 0
    session.commit()
    clock.instant += timedelta(days=liens.JOURS)
    assert client.get(lien).status_code == 410


def test_a_link_opens_no_one_else_s_entry(
    session: Session,
    factories: SimpleNamespace,
    client_for: Clients,
    ouvrir: Ouvrir,
    referent: Referent,
    lien: str,
) -> None:
    other = ouvrir(
        factories.Organisation(),
        titulaire=SaisieTitulaire(prenom="Alix", nom="Ailleurs", du=DEBUT, email="alix@ailleurs.example"),
    )
    session.commit()
    theirs = fiche(session, other)
    client = client_for()
    assert client.get(f"{lien}/fiches/{theirs.split(':')[0]}").status_code == 404
    client.post(f"{lien}/confirmer", data={"fiche": theirs})
    assert client.post(f"{lien}/retirer", data={"fiche": theirs.split(":")[0]}).status_code == 404
    reread(session)
    assert session.get_one(Referent, other.id).verifie_par.startswith("Camille")
    assert session.get_one(Referent, other.id).titulaires[0].nom == "Ailleurs"


def test_an_entry_that_changed_meanwhile_is_read_again_the_others_are_confirmed(
    session: Session,
    clock: FixedClock,
    client_for: Clients,
    regulatrice: Actor,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
    referent: Referent,
    lien: str,
) -> None:
    second = ouvrir(gestionnaire, "signataire", MAELLE)
    session.commit()
    shown = [fiche(session, referent), fiche(session, second)]
    clock.instant = le(date(2026, 3, 9))
    service.verifier(session, clock, regulatrice, referent, version=referent.version)
    session.commit()
    client = client_for()
    client.post(f"{lien}/confirmer", data={"fiche": shown})
    page = text_of(client.get(lien))
    assert "une fiche est vérifiée aujourd’hui" in page
    assert "a changé pendant que vous la lisiez" in page
    reread(session)
    assert session.get_one(Referent, second.id).verifie_par.startswith("Maëlle")
    assert not session.get_one(Referent, referent.id).verifie_par.startswith("Maëlle")


def correction(session: Session, referent: Referent, **changes: str) -> dict[str, str]:
    """What the form of correction sends."""
    return {
        "prenom": "Maëlle",
        "nom": "Ajonc",
        "telephone": "02 61 91 00 01",
        "email": MAELLE.email,
        "preference": "telephone",
        "horaires": "le matin",
        "version": fiche(session, referent).split(":")[1],
    } | changes


def test_correcting_by_the_link_verifies_and_warns_of_a_private_address(
    session: Session, client_for: Clients, referent: Referent, lien: str
) -> None:
    here = f"{lien}/fiches/{fiche(session, referent).split(':')[0]}"
    client = client_for()
    assert 'value="Ajonc"' in text_of(client.get(here))
    refused = client.post(here, data=correction(session, referent, email="maelle@", telephone="12"))
    assert refused.status_code == 422
    assert "Cette adresse électronique n’est pas complète." in text_of(refused)
    answer = client.post(
        here, data=correction(session, referent, telephone="02 61 91 00 09", email="maelle.a@gmail.com")
    )
    assert answer.status_code == 303
    assert "service grand public" in text_of(client.get(lien))
    reread(session)
    kept = session.get_one(Referent, referent.id)
    assert kept.titulaires[0].telephone == "02 61 91 00 09"
    assert kept.horaires == "le matin"
    assert kept.verifie_par.startswith("Maëlle")
    stale = client.post(here, data=correction(session, referent, version="1"))
    assert stale.status_code in (404, 409)


def test_saying_one_s_last_day_empties_the_function(
    session: Session,
    clock: FixedClock,
    actor_for: Acteurs,
    client_for: Clients,
    gestionnaire: Organisation,
    referent: Referent,
    lien: str,
    messages: Callable[[], list[MessageSortant]],
) -> None:
    admin = actor_for(Profil.ADMIN_ORGANISATION, gestionnaire)
    session.commit()
    here = f"{lien}/fiches/{fiche(session, referent).split(':')[0]}"
    client = client_for()
    stale = client.post(here, data=correction(session, referent, version="99"))
    assert stale.status_code == 409
    client.post(here, data=correction(session, referent, au="2026-03-01"))
    assert "Vous ne tenez aucune fonction" in text_of(client.get(lien))
    (message,) = messages()
    assert message.destinataire == admin.email
    assert "dit ne plus la tenir" in message.corps


def test_whoever_is_in_the_directory_may_ask_for_its_link_and_nobody_learns_who_is(
    session: Session,
    client_for: Clients,
    referent: Referent,
    messages: Callable[[], list[MessageSortant]],
) -> None:
    client = client_for()
    known = client.post("/annuaire/mon-lien", data={"email": " Maelle@ajoncs.example"})
    unknown = client.post("/annuaire/mon-lien", data={"email": "personne@ajoncs.example"})
    assert known.status_code == unknown.status_code == 303
    assert known.location == unknown.location
    assert [one.destinataire for one in messages()] == [MAELLE.email]
    answers = [client.post("/annuaire/mon-lien", data={"email": MAELLE.email}) for _again in range(5)]
    assert answers[-1].status_code == 429
    assert len(messages()) == 3


def test_a_person_leaves_the_directory_without_a_trace_of_whom(
    database: Database,
    session: Session,
    clock: FixedClock,
    actor_for: Acteurs,
    client_for: Clients,
    regulatrice: Actor,
    gestionnaire: Organisation,
    referent: Referent,
    lien: str,
    messages: Callable[[], list[MessageSortant]],
) -> None:
    admin = actor_for(Profil.ADMIN_ORGANISATION, gestionnaire)
    noter_absence(session, clock, regulatrice, referent, date(2026, 3, 1), None, version=referent.version)
    session.commit()
    client = client_for()
    client.post(f"{lien}/confirmer", data={"fiche": fiche(session, referent)})
    assert client.post(f"{lien}/retirer").status_code == 422
    page = text_of(client.get(f"{lien}/retirer"))
    assert "Tout retirer" in page
    assert client.post(f"{lien}/retirer", data={"tout": "1"}).status_code == 303
    reread(session)
    kept = session.get_one(Referent, referent.id)
    (row,) = kept.titulaires
    assert (row.nom, row.prenom, row.email, row.telephone, row.absences) == ("", "", "", "", [])
    assert (row.du, row.au) == (DEBUT, date(2026, 3, 1))
    assert "Maëlle" not in kept.verifie_par
    assert "maelle" not in kept.texte_recherche
    assert client.get(lien).status_code == 410
    entry = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "annuaire:titulaire:retirer")
    ).one()
    assert (entry.changements, entry.auteur) == ({}, "La personne concernée")
    last = messages()[-1]
    assert last.destinataire == admin.email
    assert "Référent SIAO" in last.corps
    assert "Maëlle" not in last.corps
    card = text_of(client_for(regulatrice).get(f"/annuaire/{referent.ref}"))
    assert "Personne ne tient cette fonction" in card
    assert "Personne dont les données sont retirées" in card


def test_whoever_has_an_account_finds_its_functions_without_a_link(
    session: Session,
    clock: FixedClock,
    actor_for: Acteurs,
    client_for: Clients,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
) -> None:
    social = actor_for(Profil.TRAVAILLEUR_SOCIAL, gestionnaire)
    typed = SaisieTitulaire(prenom="Dominique", nom="Essai", du=DEBUT, email=social.email)
    made = ouvrir(gestionnaire, titulaire=typed)
    session.commit()
    clock.instant = le(date(2026, 9, 2))
    client = client_for(social)
    assert "Une fonction que vous tenez est à vérifier" in text_of(client.get("/a-faire"))
    assert "Dominique Essai" in text_of(client.get("/annuaire/mes-fonctions"))
    client.post("/annuaire/mes-fonctions/confirmer", data={"fiche": fiche(session, made)})
    reread(session)
    assert session.get_one(Referent, made.id).verifie_le == date(2026, 9, 2)
    assert "que vous tenez" not in text_of(client.get("/a-faire"))


@pytest.fixture
def lecteur(actor_for: Acteurs) -> Actor:
    """Someone of another partner of the département."""
    return actor_for(Profil.TRAVAILLEUR_SOCIAL)


def test_an_error_goes_to_the_holder_and_its_administrator_and_its_author_hears_of_it(
    session: Session,
    clock: FixedClock,
    actor_for: Acteurs,
    client_for: Clients,
    gestionnaire: Organisation,
    referent: Referent,
    lecteur: Actor,
    messages: Callable[[], list[MessageSortant]],
) -> None:
    admin = actor_for(Profil.ADMIN_ORGANISATION, gestionnaire)
    reader = client_for(lecteur)
    sent = {"motif": "numero_faux", "texte": "sonne dans le vide", "cle_idempotence": new_ref()}
    for _twice in range(2):
        assert reader.post(f"/annuaire/{referent.ref}/signaler", data=sent).status_code == 303
    assert [one.destinataire for one in messages()] == [MAELLE.email, admin.email]
    assert all("sonne dans le vide" not in one.corps for one in messages())
    row = session.scalars(select(Signalement)).one()
    assert "Vous avez signalé une erreur" in text_of(reader.get(f"/annuaire/{referent.ref}"))
    assert reader.post(f"/annuaire/signalements/{row.ref}/corriger").status_code == 403
    client = client_for(admin)
    assert "porte une erreur signalée" in text_of(client.get("/a-faire"))
    assert "sonne dans le vide" in text_of(client.get(f"/annuaire/{referent.ref}"))
    here = f"/annuaire/signalements/{row.ref}"
    client.post(f"{here}/prendre_en_compte", data={"version": "1"})
    client.post(f"{here}/prendre_en_compte", data={"version": "1"})
    assert client.post(f"{here}/ecarter", data={"version": "2"}).status_code == 422
    client.post(f"{here}/ecarter", data={"version": "2", "raison": "Le numéro répond l’après-midi"})
    told = messages()[2:]
    assert [one.destinataire for one in told] == [lecteur.email, lecteur.email]
    assert "Le numéro répond l’après-midi" in told[1].corps
    reread(session)
    kept = session.get_one(Signalement, row.id)
    assert (kept.statut, kept.suivi_par) == (
        StatutSignalement.ECARTE,
        f"{admin.nom} ({gestionnaire.nom})",
    )


def test_without_anyone_who_can_act_the_siao_is_told(
    session: Session,
    clock: FixedClock,
    actor_for: Acteurs,
    siao: Organisation,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
    lecteur: Actor,
    messages: Callable[[], list[MessageSortant]],
) -> None:
    chef = actor_for(Profil.SIAO_DIRECTION, siao)
    vide = ouvrir(gestionnaire, titulaire=None, telephone="02 61 91 00 05")
    signaler(session, clock, lecteur, vide, MotifSignalement.AUTRE, "Plus de permanence")
    session.commit()
    assert [one.destinataire for one in messages()] == [chef.email]


def test_confirming_or_correcting_answers_the_errors_that_were_shown(
    session: Session,
    clock: FixedClock,
    client_for: Clients,
    referent: Referent,
    lecteur: Actor,
    lien: str,
) -> None:
    made = signaler(session, clock, lecteur, referent, MotifSignalement.NUMERO_FAUX, "")
    session.commit()
    client = client_for()
    page = text_of(client.get(lien))
    assert "Un partenaire signale une erreur" in page
    assert f'value="{made.ref}"' in page
    client.post(f"{lien}/confirmer", data={"fiche": fiche(session, referent)})
    reread(session)
    assert session.get_one(Signalement, made.id).statut is StatutSignalement.OUVERT
    client.post(f"{lien}/confirmer", data={"fiche": fiche(session, referent), "vu": made.ref})
    reread(session)
    assert session.get_one(Signalement, made.id).statut is StatutSignalement.ECARTE
    again = signaler(
        session, clock, lecteur, session.get_one(Referent, referent.id), MotifSignalement.AUTRE, "x"
    )
    session.commit()
    here = f"{lien}/fiches/{fiche(session, referent).split(':')[0]}"
    assert f'name="vu" value="{again.ref}"' in text_of(client.get(here))
    client.post(here, data=correction(session, referent))  # it came after the page was read
    client.post(here, data=correction(session, referent, vu=again.ref))  # nothing changes
    reread(session)
    assert session.get_one(Signalement, again.id).statut is StatutSignalement.OUVERT
    client.post(here, data=correction(session, referent, telephone="02 61 91 00 09", vu=again.ref))
    reread(session)
    assert session.get_one(Signalement, again.id).statut is StatutSignalement.CORRIGE


def test_a_deputy_who_corrects_itself_answers_no_error_while_the_holder_is_there(
    session: Session,
    clock: FixedClock,
    client_for: Clients,
    regulatrice: Actor,
    referent: Referent,
    lecteur: Actor,
) -> None:
    sacha = SaisieTitulaire(prenom="Sacha", nom="Second", du=DEBUT, role=Role.SUPPLEANT, email="s@a.example")
    row = confier(session, clock, regulatrice, referent, sacha, version=referent.version)
    made = signaler(session, clock, lecteur, referent, MotifSignalement.NUMERO_FAUX, "")
    jeton, _expire_le = creer(session, clock, sacha.email)
    session.commit()
    changes = {"prenom": "Sacha", "nom": "Second", "email": sacha.email, "telephone": "02 61 91 00 08"}
    sent = correction(session, referent, **changes, vu=made.ref)
    assert client_for().post(f"/annuaire/lien/{jeton}/fiches/{row.ref}", data=sent).status_code == 303
    reread(session)
    assert session.get_one(Signalement, made.id).statut is StatutSignalement.OUVERT


def test_one_reader_reports_so_many_entries_a_day_and_each_once(
    session: Session,
    clock: FixedClock,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
    lecteur: Actor,
) -> None:
    rows = [ouvrir(gestionnaire, "signataire", MAELLE) for _rang in range(PAR_JOUR + 1)]
    for row in rows[:PAR_JOUR]:
        signaler(session, clock, lecteur, row, MotifSignalement.NUMERO_FAUX, "")
    with pytest.raises(DomainError) as refused:
        signaler(session, clock, lecteur, rows[0], MotifSignalement.NUMERO_FAUX, "")
    assert refused.value.code == "annuaire.deja_signalee"
    with pytest.raises(DomainError) as refused:
        signaler(session, clock, lecteur, rows[-1], MotifSignalement.NUMERO_FAUX, "")
    assert refused.value.code == "annuaire.signalements_nombreux"
    clock.instant += timedelta(days=1, minutes=1)
    signaler(session, clock, lecteur, rows[-1], MotifSignalement.NUMERO_FAUX, "")


def test_the_queue_of_the_siao_holds_what_waits_at_a_constant_cost(
    database: Database,
    session: Session,
    clock: FixedClock,
    client_for: Clients,
    actor_for: Acteurs,
    regulatrice: Actor,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
    referent: Referent,
    lecteur: Actor,
) -> None:
    vide = ouvrir(gestionnaire, "signataire", None, telephone="02 61 91 00 05")
    signaler(session, clock, lecteur, referent, MotifSignalement.NUMERO_FAUX, "sonne dans le vide")
    assert moderation.redemander(session, clock, regulatrice, referent, version=referent.version) == 1
    with pytest.raises(DomainError):
        moderation.redemander(session, clock, regulatrice, referent, version=referent.version)
    relance = session.scalars(select(Relance)).one()
    message = session.get_one(MessageSortant, relance.message_id)
    message.statut = StatutMessage.ABANDONNE
    session.commit()
    client = client_for(regulatrice)
    page = text_of(client.get("/annuaire/moderation"))
    assert "sonne dans le vide" not in page
    assert "Courriels qui n’arrivent pas (1)" in page
    assert "Fonctions vides (1)" in page
    clock.instant = le(date(2026, 12, 2))
    client = client_for(regulatrice)
    client.get("/annuaire/moderation")
    with statements(database) as few:
        page = text_of(client.get("/annuaire/moderation"))
    assert "sonne dans le vide" in page
    assert "Fiches grisées (1)" in page
    for _rang in range(5):
        ouvrir(gestionnaire, "signataire", MAELLE)
        ouvrir(gestionnaire, "signataire", None, telephone="02 61 91 00 05")
    session.commit()
    with statements(database) as many:
        client.get("/annuaire/moderation")
    assert len(many) == len(few) <= 8
    assert "Une erreur signalée est restée sans suite" in text_of(client.get("/a-faire"))
    assert client_for(actor_for(Profil.ETAT_PILOTE)).get("/annuaire/moderation").status_code == 403
    assert vide.ref in page


def test_each_figure_opens_the_entries_that_it_counts(
    database: Database,
    session: Session,
    clock: FixedClock,
    client_for: Clients,
    actor_for: Acteurs,
    annuaire: dict[str, Referent],
    regulatrice: Actor,
) -> None:
    clock.instant = le(date(2026, 9, 2))
    pilote = actor_for(Profil.ETAT_PILOTE)
    client = client_for(pilote)
    assert "/annuaire/fraicheur" in text_of(client.get("/annuaire"))
    for par in ("epci", "arrondissement"):
        client.get(f"/annuaire/fraicheur?par={par}")
        with statements(database) as seen:
            page = client.get(f"/annuaire/fraicheur?par={par}").get_data(as_text=True)
        assert len(seen) <= 8
        figures = re.findall(r'href="(/annuaire/fraicheur/fiches\?[^"]+)">(\d+)<span', page)
        assert len(figures) >= 4
        for href, figure in figures:
            listed = client.get(href.replace("&amp;", "&")).get_data(as_text=True)
            assert listed.count('<th scope="row">') == int(figure), href
    total = session.scalar(
        select(func.count()).where(Referent.ferme_le.is_(None), Referent.departement_code == "22")
    )
    assert f">{total}<" in client.get("/annuaire/fraicheur").get_data(as_text=True)


def test_an_organisation_follows_its_own_entries_alone(
    session: Session,
    client_for: Clients,
    actor_for: Acteurs,
    gestionnaire: Organisation,
    annuaire: dict[str, Referent],
    referent: Referent,
) -> None:
    client = client_for(actor_for(Profil.ADMIN_ORGANISATION, gestionnaire))
    page = text_of(client.get("/annuaire/fraicheur/fiches"))
    assert page.count('<th scope="row">') == 1
    assert referent.ref in page
    assert client_for(actor_for(Profil.TRAVAILLEUR_SOCIAL)).get("/annuaire/fraicheur").status_code == 403


def test_what_is_expected_and_was_never_opened_is_told(
    session: Session,
    client_for: Clients,
    factories: SimpleNamespace,
    gestionnaire: Organisation,
    referent: Referent,
    regulatrice: Actor,
) -> None:
    sans = factories.Organisation(nom="Association Sans Fiche")
    session.commit()
    client = client_for(regulatrice)
    assert "Fonctions attendues, sans fiche" in text_of(client.get("/annuaire/fraicheur"))
    page = text_of(client.get("/annuaire/fraicheur/absentes?fonction=referent_siao"))
    assert f"/annuaire/nouvelle?organisation={sans.ref}" in page
    assert gestionnaire.nom not in page
    assert client.get("/annuaire/fraicheur/absentes").status_code == 200


def test_what_no_longer_serves_is_forgotten(
    database: Database,
    session: Session,
    clock: FixedClock,
    regulatrice: Actor,
    referent: Referent,
    lecteur: Actor,
    lien: str,
) -> None:
    made = signaler(session, clock, lecteur, referent, MotifSignalement.NUMERO_FAUX, "")
    suivre(session, clock, regulatrice, made, "corriger", version=1)
    signaler(session, clock, lecteur, referent, MotifSignalement.AUTRE, "Mauvais étage")
    moderation.redemander(session, clock, regulatrice, referent, version=referent.version)
    session.commit()
    clock.instant += timedelta(days=402)
    run_purge(database, clock, Settings(environnement="test"))
    reread(session)
    assert session.scalars(select(LienAnnuaire)).all() == []
    assert len(session.scalars(select(Relance)).all()) == 1  # else it would be written again
    service.verifier(session, clock, regulatrice, referent, version=referent.version)
    session.commit()
    run_purge(database, clock, Settings(environnement="test"))
    reread(session)
    assert session.scalars(select(Relance)).all() == []
    assert session.scalars(select(Signalement.statut)).all() == [StatutSignalement.OUVERT]
