"""Every path that reaches a recipient, walked for each reason to be closed: nothing but one sentence.

Refused, withdrawn, expired by its date, by a change of the household, replaced, never asked, another's.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.config import Settings
from portal.grilles.autorisations import fermeture
from portal.grilles.autorisations.enums import DecisionAdulte, StatutAutorisation
from portal.grilles.autorisations.models import RemarqueMenage
from portal.grilles.menages import service as menages
from portal.grilles.menages.saisie import SaisieAdulte
from portal.grilles.transmissions import queries
from portal.grilles.transmissions.fermetures import dire_echues
from portal.notifications.models import MessageSortant, StatutMessage
from portal.security.coffre import coffre
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.transmissions.conftest import Envoi
from tests.menages import vue
from tests.transmises import CANARI_P1, CANARI_REMARQUE, CANARIS, autoriser, demander, envoyer, repondre

Client = Callable[..., FlaskClient]
INDISPONIBLE = "Cette grille n’est pas disponible"
NOMS = ("kerfictif", "fictif-coz", "maëlle")
SUITES = ("positionnee", "decidee", "bail_signe", "refus_menage", "non_retenue")
FRAGMENT = {"HX-Request": "true", "HX-Target": "liste"}
VEILLE = {"X-Veille": "1"}


def secrets(envoi: Envoi) -> tuple[str, ...]:
    return (*CANARIS, *NOMS, envoi.scene.menage.code, "022032600123410200", "SI-22-4471")


def nothing_of(envoi: Envoi, answer: TestResponse) -> str:
    """Check that an answer holds nothing of the household, headers included; return its text."""
    text = answer.get_data(as_text=True)
    everything = (text + str(answer.headers)).lower()
    for secret in secrets(envoi):
        assert secret.lower() not in everything, secret
    return text


def closed_everywhere(envoi: Envoi, client: FlaskClient) -> None:
    """Walk every address of the recipient: page, fragment, open tab, forms, acts, lists, search, feed."""
    here = f"/grilles-recues/{envoi.transmission.ref}"
    pages = [(here, {}), (here, FRAGMENT), *((f"{here}/repondre/{one}", {}) for one in SUITES)]
    for address, headers in pages:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 404, address
        assert INDISPONIBLE in nothing_of(envoi, answer), address
    acts = [f"{here}/accuser", f"{here}/annuler", *(f"{here}/repondre/{one}" for one in SUITES)]
    for address in acts:
        answer = client.post(address, data={"version": "1", "motif": "OFFRE", "jour": "02/03/2026"})
        assert answer.status_code == 404, address
        assert INDISPONIBLE in nothing_of(envoi, answer), address
    tab = client.get(here, headers=VEILLE)
    assert tab.status_code in (200, 404)
    assert INDISPONIBLE in nothing_of(envoi, tab)
    for filtre in queries.FILTRES:
        for headers in ({}, FRAGMENT):
            nothing_of(envoi, client.get(f"/grilles-recues?voir={filtre}", headers=headers))
    for address in ("/a-faire", "/agenda", "/travaux", "/compte", "/compte/donnees"):
        nothing_of(envoi, client.get(address, follow_redirects=True))
    for word in ("kerfictif", CANARI_P1, envoi.scene.menage.code):
        shown = client.get("/recherche", query_string={"q": word}).get_data(as_text=True)
        assert "/menages/" not in shown
        assert f"/grilles-recues/{envoi.transmission.ref}" not in shown
    menage = f"/menages/{envoi.scene.menage.ref}"
    below = ("", f"/transmissions/{envoi.transmission.ref}", f"/transmettre/{envoi.autorisation.ref}")
    for suffix in (*below, "/autorisations", f"/autorisations/{envoi.autorisation.ref}", "/grille"):
        answer = client.get(menage + suffix)
        assert answer.status_code in (403, 404), suffix
        nothing_of(envoi, answer)


def retirer(session: Session, clock: FixedClock, envoi: Envoi) -> None:
    vise = vue(session, clock, envoi.travailleur, envoi.scene.menage)
    fermeture.retirer(session, clock, envoi.travailleur, vise, envoi.autorisation.ref)


def retirer_soi_meme(session: Session, clock: FixedClock, envoi: Envoi) -> None:
    adulte = envoi.scene.menage.adultes[1]
    fermeture.retirer_soi_meme(session, clock, adulte, envoi.autorisation.ref)


def expirer(session: Session, clock: FixedClock, envoi: Envoi) -> None:
    clock.instant = clock.instant + timedelta(days=181)


def changer(session: Session, clock: FixedClock, envoi: Envoi) -> None:
    vise = vue(session, clock, envoi.travailleur, envoi.scene.menage)
    typed = SaisieAdulte(nom="Nouvel-Exemple", prenom="Ana", naissance=clock.today().replace(year=1980))
    menages.ajouter_adulte(session, clock, envoi.travailleur, vise, typed, version=envoi.scene.menage.version)


def remplacer(session: Session, clock: FixedClock, envoi: Envoi) -> None:
    autoriser(session, clock, envoi.travailleur, envoi.scene.menage, envoi.scene.bailleur, sections="A")


def clore(session: Session, clock: FixedClock, envoi: Envoi) -> None:
    vise = vue(session, clock, envoi.travailleur, envoi.scene.menage)
    menages.clore(session, clock, envoi.travailleur, vise, version=envoi.scene.menage.version)


def proteger(session: Session, clock: FixedClock, envoi: Envoi) -> None:
    vise = vue(session, clock, envoi.travailleur, envoi.scene.menage)
    menages.proteger(
        session,
        clock,
        envoi.travailleur,
        vise,
        "SI-22-4471",
        version=envoi.scene.menage.version,
    )


@pytest.mark.parametrize("fermer", [retirer, retirer_soi_meme, expirer, changer, remplacer, clore, proteger])
def test_closed_nothing_is_left_for_the_recipient(
    session: Session,
    clock: FixedClock,
    envoi: Envoi,
    client_for: Client,
    fermer: Callable[[Session, FixedClock, Envoi], None],
) -> None:
    session.add(
        RemarqueMenage(
            grille_id=envoi.transmission.grille_id,
            adulte_id=envoi.scene.menage.adultes[0].id,
            le=clock.now(),
            texte=coffre(session).fermer(CANARI_REMARQUE),
        )
    )
    session.commit()
    client = client_for(envoi.bailleur)
    here = f"/grilles-recues/{envoi.transmission.ref}"
    text = client.get(here).get_data(as_text=True)
    assert CANARI_P1 in text
    assert CANARI_REMARQUE in text
    assert client.get(here, headers=VEILLE).status_code == 204
    session.commit()
    fermer(session, clock, envoi)
    session.commit()
    closed_everywhere(envoi, client_for(envoi.bailleur))


def test_the_last_second_of_the_last_day_is_in_and_the_next_one_is_not(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    here = f"/grilles-recues/{envoi.transmission.ref}"
    lendemain = envoi.autorisation.au + timedelta(days=1)
    clock.instant = datetime.combine(lendemain, time(), tzinfo=ZoneInfo("Europe/Paris")) - timedelta(
        seconds=1
    )
    session.commit()
    client = client_for(envoi.bailleur)
    assert CANARI_P1 in client.get(here).text
    assert client.get(here, headers=VEILLE).status_code == 204
    clock.instant += timedelta(seconds=1)
    assert INDISPONIBLE in nothing_of(envoi, client.get(here, headers=VEILLE))
    closed_everywhere(envoi, client)


def test_whoever_merged_with_the_recipient_was_not_named_by_the_household(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    envoi.scene.bailleur.fusionnee_dans_id = envoi.autre_bailleur.id
    envoi.scene.bailleur.fermee_le = clock.today()
    session.commit()
    closed_everywhere(envoi, client_for(envoi.autre))
    assert client_for(envoi.bailleur).get(f"/grilles-recues/{envoi.transmission.ref}").status_code != 200


def test_never_asked_and_refused_there_is_nothing_to_read(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    """Another landlord: never asked, then asked and not answered, then refused by each adult."""
    closed_everywhere(envoi, client_for(envoi.autre))
    une = demander(session, clock, envoi.travailleur, envoi.scene.menage, envoi.autre_bailleur)
    session.commit()
    closed_everywhere(envoi, client_for(envoi.autre))
    repondre(session, clock, envoi.travailleur, une, DecisionAdulte.REFUSE)
    session.commit()
    assert une.statut is StatutAutorisation.REFUSE
    closed_everywhere(envoi, client_for(envoi.autre))


def test_withdrawn_refused_unknown_and_another_s_are_one_page(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    def page(client: FlaskClient, ref: str) -> str:
        answer = client.get(f"/grilles-recues/{ref}")
        assert answer.status_code == 404
        main = answer.get_data(as_text=True).partition('<nav class="fil"')[2].partition("</main>")[0]
        return main.replace(ref, "")

    unknown = page(client_for(envoi.bailleur), "inconnue-123")
    others = page(client_for(envoi.autre), envoi.transmission.ref)
    retirer(session, clock, envoi)
    session.commit()
    assert page(client_for(envoi.bailleur), envoi.transmission.ref) == unknown == others


def test_an_open_tab_gives_its_place_once_closed(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    client = client_for(envoi.bailleur)
    here = f"/grilles-recues/{envoi.transmission.ref}"
    assert client.get(here, headers=VEILLE).status_code == 204
    session.commit()
    retirer(session, clock, envoi)
    session.commit()
    tab = client.get(here, headers=VEILLE)
    assert tab.status_code == 200
    text = tab.get_data(as_text=True)
    assert text.lstrip().startswith("<div")
    assert INDISPONIBLE in text


def test_the_recipient_is_told_without_content_and_the_queue_holds_nothing(
    session: Session, clock: FixedClock, envoi: Envoi
) -> None:
    before = session.scalars(select(MessageSortant.id)).all()
    retirer(session, clock, envoi)
    session.commit()
    messages = session.scalars(select(MessageSortant).order_by(MessageSortant.id)).all()
    told = [one for one in messages if one.id > max(before)]
    assert [one.destinataire for one in told] == [envoi.bailleur.email]
    assert envoi.transmission.ref in told[0].sujet
    for one in messages:
        text = (one.sujet + one.corps).lower()
        assert not [secret for secret in secrets(envoi) if secret.lower() in text]


def test_no_message_that_leads_to_it_leaves_once_withdrawn(
    session: Session, clock: FixedClock, envoi: Envoi
) -> None:
    """The mail server was down: what waits for it, or was given up, is taken back; whoever waits is told."""
    announced = session.scalars(
        select(MessageSortant).where(MessageSortant.destinataire == envoi.bailleur.email)
    ).one()
    announced.statut = StatutMessage.ABANDONNE
    session.commit()
    retirer(session, clock, envoi)
    session.commit()
    left = session.scalars(select(MessageSortant).order_by(MessageSortant.id)).all()
    assert not [one for one in left if "/grilles-recues/" in one.corps]
    assert envoi.scene.mission_logement.email in {one.destinataire for one in left}


def test_what_was_read_stays_known_after_the_withdrawal(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    client_for(envoi.bailleur).get(f"/grilles-recues/{envoi.transmission.ref}")
    retirer(session, clock, envoi)
    session.commit()
    address = f"/menages/{envoi.scene.menage.ref}/transmissions/{envoi.transmission.ref}"
    text = client_for(envoi.travailleur).get(address).get_data(as_text=True)
    assert "Accès fermé" in text
    assert envoi.bailleur.nom in text


def test_a_reader_of_another_profile_or_département_sees_nothing(
    envoi: Envoi, client_for: Client, database: Database, app: Flask
) -> None:
    here = f"/grilles-recues/{envoi.transmission.ref}"
    for name, actor in envoi.scene.tous.items():
        if name == "bailleur_referent":
            continue
        answer = client_for(actor).get(here)
        assert answer.status_code in (403, 404), name
        nothing_of(envoi, answer)


def test_what_is_kept_of_the_content_is_on_no_disk_in_clear(
    session: Session, envoi: Envoi, database: Database
) -> None:
    if not database.is_sqlite:
        pytest.skip("one file to read on SQLite")
    session.commit()
    path = Path(str(database.url.database))
    raw = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    for secret in (*CANARIS, "Kerfictif"):
        assert secret.encode() not in raw


def test_the_last_day_passed_the_recipient_is_told_once(
    session: Session, clock: FixedClock, envoi: Envoi, database: Database
) -> None:
    settings = Settings(environnement="test")
    clock.instant += timedelta(days=180)
    assert dire_echues(database, clock, settings) == 0
    clock.instant += timedelta(days=1)
    assert dire_echues(database, clock, settings) == 1
    assert dire_echues(database, clock, settings) == 0
    session.commit()
    last = session.scalars(select(MessageSortant).order_by(MessageSortant.id.desc()).limit(1)).one()
    assert last.destinataire == envoi.bailleur.email
    assert envoi.transmission.ref in last.sujet


def test_signed_anew_to_the_letter_from_the_day_after_it_goes_on(
    session: Session, clock: FixedClock, envoi: Envoi, database: Database, client_for: Client
) -> None:
    autoriser(session, clock, envoi.travailleur, envoi.scene.menage, envoi.scene.bailleur, dans=181)
    session.commit()
    clock.instant += timedelta(days=181)
    assert dire_echues(database, clock, Settings(environnement="test")) == 0
    assert client_for(envoi.bailleur).get(f"/grilles-recues/{envoi.transmission.ref}").status_code == 200


def test_signed_anew_after_it_was_sent_under_another_the_agreement_is_kept(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    """Two were in force and the same version left under each: the newest is signed, one of them goes on."""
    ici, bailleur = envoi.scene.menage, envoi.scene.bailleur
    une = autoriser(session, clock, envoi.travailleur, ici, bailleur, dans=8)
    clock.instant += timedelta(days=8)
    session.commit()
    envoyer(session, clock, envoi.travailleur, une)
    nouvelle = autoriser(session, clock, envoi.travailleur, ici, bailleur)
    session.commit()
    assert nouvelle.statut is StatutAutorisation.ACCORDE
    assert client_for(envoi.bailleur).get("/grilles-recues").text.count("Maëlle KERFICTIF") == 1


def test_signed_anew_to_the_letter_it_goes_on_where_it_stood(
    session: Session, clock: FixedClock, envoi: Envoi, client_for: Client
) -> None:
    """The recipient keeps reading, answers where it was, is not told that it closed; withdrawn, it closes."""
    here = f"/grilles-recues/{envoi.transmission.ref}"
    client = client_for(envoi.bailleur)
    data = {"version": str(envoi.transmission.version), "jour": "2026-03-20"}
    assert client.post(f"{here}/repondre/positionnee", data=data).status_code == 303
    clock.instant += timedelta(days=170)
    nouvelle = autoriser(session, clock, envoi.travailleur, envoi.scene.menage, envoi.scene.bailleur)
    session.commit()
    client = client_for(envoi.bailleur)
    assert "Positionnée en CALEOL" in client.get(here).text
    sujets = session.scalars(select(MessageSortant.sujet).order_by(MessageSortant.id)).all()
    assert not any("plus disponible" in sujet for sujet in sujets)
    clock.instant += timedelta(days=30)
    assert client_for(envoi.bailleur).get(here).status_code == 200
    session.commit()
    envoi.autorisation = nouvelle
    retirer(session, clock, envoi)
    session.commit()
    closed_everywhere(envoi, client_for(envoi.bailleur))
