"""Sending: what leaves, to whom, once, and never without the household (domaine.md § 15, cases 15 and 16)."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.grilles.autorisations import fermeture
from portal.grilles.autorisations.enums import DecisionAdulte
from portal.grilles.menages import service as menages
from portal.grilles.transmissions import queries, service
from portal.grilles.transmissions.models import Transmission
from portal.notifications.models import MessageSortant
from portal.security.coffre import coffre
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from tests.grilles_remplies import grille_figee
from tests.integration.transmissions.conftest import Envoi
from tests.integration.web_organisations import statements
from tests.menages import Scene, vue
from tests.transmises import CANARI_P1, CANARI_P3, CANARIS, autoriser, demander, envoyer, repondre

Client = Callable[..., FlaskClient]


def test_what_leaves_is_frozen_encrypted_and_nothing_but_p1(session: Session, envoi: Envoi) -> None:
    stored = envoi.transmission.contenu
    assert CANARI_P1 not in stored
    lu = coffre(session).ouvrir(stored)
    items = {i["code"] for s in lu["sections"] for i in s["items"]}
    assert items >= {"A1", "F4"}
    assert not items & {"A7", "C7", "D4", "F5"}
    b1 = next(i for s in lu["sections"] for i in s["items"] if i["code"] == "B1")
    assert [c["code"] for c in b1["champs"]] == ["total"]
    assert lu["entete"]["numero_unique"]
    assert [a["nom"] for a in lu["entete"]["adultes"]] == ["Kerfictif", "Le Fictif-Coz"]
    assert len(envoi.transmission.empreinte) == 64


def test_only_the_authorised_sections_leave(session: Session, clock: FixedClock, figee: Scene) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur, sections="AC")
    sent = envoyer(session, clock, figee.travailleur, une)
    lu = coffre(session).ouvrir(sent.contenu)
    assert [s["code"] for s in lu["sections"]] == ["A", "C"]


def test_sent_twice_it_is_one(session: Session, clock: FixedClock, envoi: Envoi) -> None:
    again = envoyer(session, clock, envoi.travailleur, envoi.autorisation)
    assert again.id == envoi.transmission.id
    assert len(session.scalars(select(Transmission)).all()) == 1


def test_the_landlord_and_the_siao_are_told_without_content(session: Session, envoi: Envoi) -> None:
    messages = session.scalars(select(MessageSortant).order_by(MessageSortant.id)).all()
    told = {one.destinataire for one in messages}
    assert envoi.bailleur.email in told
    assert envoi.scene.mission_logement.email in told
    for one in messages:
        text = one.sujet + one.corps
        assert not any(canari in text for canari in CANARIS)
        assert "kerfictif" not in text.lower()
        assert envoi.scene.menage.code not in text


def test_the_journal_says_which_items_left_and_nothing_of_them(session: Session, envoi: Envoi) -> None:
    entry = session.scalars(
        select(EntreeJournal).where(EntreeJournal.action == "transmissions:transmission:envoyer")
    ).one()
    assert "E1" in entry.changements["items"]
    assert CANARI_P1 not in str(entry.changements)


def test_without_an_answer_nothing_leaves(session: Session, clock: FixedClock, figee: Scene) -> None:
    une = demander(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    with pytest.raises(DomainError, match="pas_d_autorisation"):
        envoyer(session, clock, figee.travailleur, une)


def test_refused_nothing_leaves(session: Session, clock: FixedClock, figee: Scene) -> None:
    une = demander(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    repondre(session, clock, figee.travailleur, une, DecisionAdulte.REFUSE)
    with pytest.raises(DomainError, match="pas_d_autorisation"):
        envoyer(session, clock, figee.travailleur, une)


def test_withdrawn_after_the_preview_nothing_leaves(
    session: Session, clock: FixedClock, figee: Scene
) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    vise = vue(session, clock, figee.travailleur, figee.menage)
    vu = service.apercu(session, clock, figee.travailleur, vise, une.ref)
    fermeture.retirer(session, clock, figee.travailleur, vise, une.ref)
    with pytest.raises(DomainError, match="pas_d_autorisation"):
        service.transmettre(session, clock, figee.travailleur, vise, une.ref, empreinte=vu.empreinte)
    assert session.scalars(select(Transmission)).all() == []


def test_another_preview_than_what_would_leave_is_stale(
    session: Session, clock: FixedClock, figee: Scene
) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    vise = vue(session, clock, figee.travailleur, figee.menage)
    with pytest.raises(StaleVersion):
        service.transmettre(session, clock, figee.travailleur, vise, une.ref, empreinte="0" * 64)


def test_only_whoever_accompanies_the_household_sends(
    session: Session, clock: FixedClock, figee: Scene
) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    vise = vue(session, clock, figee.mission_logement, figee.menage)
    with pytest.raises(Forbidden):
        service.apercu(session, clock, figee.mission_logement, vise, une.ref)


def test_no_landlord_in_the_protected_circuit(session: Session, clock: FixedClock, figee: Scene) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    sent = envoyer(session, clock, figee.travailleur, une)
    vise = vue(session, clock, figee.travailleur, figee.menage)
    menages.proteger(session, clock, figee.travailleur, vise, "SI-22-4471", version=figee.menage.version)
    session.commit()
    with pytest.raises(DomainError, match="protege"):
        envoyer(session, clock, figee.travailleur, une)
    with pytest.raises(NotVisible):
        queries.lire(session, clock, figee.bailleur_referent, sent.ref)


def test_a_newer_version_is_said_and_not_shown(session: Session, clock: FixedClock, envoi: Envoi) -> None:
    vise = vue(session, clock, envoi.travailleur, envoi.scene.menage)
    grille_figee(session, clock, envoi.travailleur, vise)
    session.commit()
    lue = queries.lire(session, clock, envoi.bailleur, envoi.transmission.ref)
    assert lue.plus_recente is not None
    assert lue.plus_recente.ref is None
    assert lue.sortie.entete.version == 1


def test_an_authorisation_that_covers_newer_versions_sends_them(
    session: Session, clock: FixedClock, figee: Scene
) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur, mise_a_jour=True)
    first = envoyer(session, clock, figee.travailleur, une)
    grille_figee(session, clock, figee.travailleur, vue(session, clock, figee.travailleur, figee.menage))
    session.commit()
    assert queries.lire(session, clock, figee.bailleur_referent, first.ref).plus_recente is None
    assert [one.numero for one in session.execute(queries.a_envoyer(clock, figee.menage.id))] == [2]
    second = envoyer(session, clock, figee.travailleur, une)
    lue = queries.lire(session, clock, figee.bailleur_referent, first.ref)
    assert lue.plus_recente is not None
    assert lue.plus_recente.ref == second.ref
    assert session.execute(queries.a_envoyer(clock, figee.menage.id)).all() == []


def test_the_worker_previews_then_sends(
    session: Session, clock: FixedClock, figee: Scene, client_for: Client
) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    session.commit()
    client = client_for(figee.travailleur)
    address = f"/menages/{figee.menage.ref}/transmettre/{une.ref}"
    page = client.get(address)
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert CANARI_P1 in text
    assert CANARI_P3 not in text
    assert "KERFICTIF" in text
    assert "L’annuaire ne connaît aucune fonction" in text
    assert "no-store" in page.headers["Cache-Control"]
    vise = vue(session, clock, figee.travailleur, figee.menage)
    vu = service.apercu(session, clock, figee.travailleur, vise, une.ref)
    sent = client.post(address, data={"empreinte": vu.empreinte})
    assert sent.status_code == 303
    follow = client.get(sent.headers["Location"])
    assert "Grille transmise à" in follow.get_data(as_text=True)
    assert client.post(address, data={"empreinte": vu.empreinte}).status_code == 303
    assert len(session.scalars(select(Transmission)).all()) == 1


def test_a_stale_preview_is_shown_anew(
    session: Session, clock: FixedClock, figee: Scene, client_for: Client
) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    session.commit()
    address = f"/menages/{figee.menage.ref}/transmettre/{une.ref}"
    page = client_for(figee.travailleur).post(address, data={"empreinte": "vieille"})
    assert page.status_code == 409
    assert "relisez, puis confirmez" in page.get_data(as_text=True)
    assert session.scalars(select(Transmission)).all() == []


def test_the_household_s_page_shows_what_was_sent_and_read(
    envoi: Envoi, client_for: Client, clock: FixedClock
) -> None:
    address = f"/menages/{envoi.scene.menage.ref}"
    before = client_for(envoi.travailleur).get(address).get_data(as_text=True)
    assert "Armor Habitat Fictif 22" in before
    assert "pas encore lue" in before
    client_for(envoi.bailleur).get(f"/grilles-recues/{envoi.transmission.ref}")
    assert "lue une fois" in client_for(envoi.travailleur).get(address).get_data(as_text=True)
    for actor in (envoi.travailleur, envoi.scene.siao_direction):
        page = client_for(actor).get(f"{address}/transmissions/{envoi.transmission.ref}")
        assert page.status_code == 200
        assert f"{envoi.bailleur.nom} ({envoi.bailleur.organisation_nom})" in page.get_data(as_text=True)
    for actor in (envoi.scene.collegue, envoi.scene.exterieur, envoi.scene.direction, envoi.bailleur):
        status = client_for(actor).get(f"{address}/transmissions/{envoi.transmission.ref}").status_code
        assert status in (403, 404)


def test_a_gestionnaire_receives_a_protected_household_by_its_code_alone(
    session: Session, clock: FixedClock, figee: Scene, actor_for: Callable[..., Actor]
) -> None:
    """domaine.md § 7.6: no name, no demand number; no landlord."""
    vise = vue(session, clock, figee.travailleur, figee.menage)
    menages.proteger(session, clock, figee.travailleur, vise, "SI-22-4471", version=figee.menage.version)
    reader = actor_for(Profil.GESTIONNAIRE_STRUCTURE, figee.autre_operateur)
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.autre_operateur)
    sent = envoyer(session, clock, figee.travailleur, une)
    session.commit()
    entete = queries.lire(session, clock, reader, sent.ref).sortie.entete
    assert entete.adultes == ()
    assert entete.numero_unique == ""
    assert (entete.code, entete.si_siao) == (figee.menage.code, "SI-22-4471")


def test_whoever_holds_the_function_is_told_and_another_organisation_s_is_refused(
    session: Session, clock: FixedClock, figee: Scene
) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    vise = vue(session, clock, figee.travailleur, figee.menage)
    vu = service.apercu(session, clock, figee.travailleur, vise, une.ref)
    with pytest.raises(DomainError, match="fonction"):
        service.transmettre(
            session, clock, figee.travailleur, vise, une.ref, empreinte=vu.empreinte, fonction="inconnue"
        )


def test_what_leaves_is_what_was_signed_or_nothing_leaves(
    session: Session, clock: FixedClock, figee: Scene, client_for: Client
) -> None:
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    figee.menage.numero_unique = coffre(session).fermer("022032600999999999")
    session.commit()
    with pytest.raises(DomainError, match="autre_que_signe"):
        envoyer(session, clock, figee.travailleur, une)
    session.rollback()
    page = client_for(figee.travailleur).get(f"/menages/{figee.menage.ref}/transmettre/{une.ref}")
    assert page.status_code == 422
    assert "n’est plus exactement ce que le ménage a signé" in page.get_data(as_text=True)


def test_sending_is_no_contact_with_the_household(session: Session, clock: FixedClock, figee: Scene) -> None:
    """One that agreed and one that refused were met the same day: lists and retention count from it alone."""
    une = autoriser(session, clock, figee.travailleur, figee.menage, figee.bailleur)
    rencontre = figee.menage.dernier_contact_le
    clock.instant += timedelta(days=3)
    envoyer(session, clock, figee.travailleur, une)
    session.commit()
    session.refresh(figee.menage)
    assert figee.menage.dernier_contact_le == rencontre


def test_the_household_s_page_takes_a_constant_number_of_statements(
    session: Session,
    clock: FixedClock,
    database: Database,
    client_for: Callable[..., FlaskClient],
    envoi: Envoi,
) -> None:
    """One for each panel, each being of a room that the others do not know; two to note who reads."""
    client, ici = client_for(envoi.travailleur), f"/menages/{envoi.scene.menage.ref}"
    client.get(ici)
    with statements(database) as once:
        assert client.get(ici).status_code == 200
    autre = autoriser(session, clock, envoi.travailleur, envoi.scene.menage, envoi.autre_bailleur)
    envoyer(session, clock, envoi.travailleur, autre)
    session.commit()
    with statements(database) as again:
        assert client.get(ici).text.count("Autre Bailleur Fictif") >= 2
    assert len(once) == len(again) <= 12


def test_the_preview_and_what_was_sent_take_eight_statements_at_most(
    session: Session,
    clock: FixedClock,
    database: Database,
    client_for: Client,
    envoi: Envoi,
    factories: SimpleNamespace,
) -> None:
    menage = f"/menages/{envoi.scene.menage.ref}"
    une = autoriser(
        session, clock, envoi.travailleur, envoi.scene.menage, envoi.autre_bailleur, mise_a_jour=True
    )
    factories.Referent(organisation=envoi.autre_bailleur, fonction_code="referent_logement")
    session.commit()
    sent = f"{menage}/transmissions/{envoi.transmission.ref}"
    for address in (sent, f"{menage}/transmettre/{une.ref}"):
        client = client_for(envoi.travailleur)
        client.get(address)
        with statements(database) as seen:
            assert client.get(address).status_code == 200
        assert len(seen) <= 8, address
    client_for(envoi.bailleur).get(f"/grilles-recues/{envoi.transmission.ref}")
    client = client_for(envoi.travailleur)
    with statements(database) as seen:
        assert envoi.bailleur.nom in client.get(sent).text
    assert len(seen) <= 8
