"""« Qui est mon interlocuteur ? »: whom to call from a commune or a structure, and what is empty."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.annuaire import interlocuteurs
from portal.annuaire.models import Referent
from portal.annuaire.titulaires import confier, noter_absence
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Commune, Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.text import sort_key
from tests.integration.annuaire.conftest import CAMILLE
from tests.integration.web_organisations import HTMX, text_of

Ouvrir = Callable[..., Referent]
SAINT_BRIEUC = "/annuaire/interlocuteurs?commune=22278"


@pytest.fixture
def client(client_for: Callable[..., FlaskClient], regulatrice: Actor) -> FlaskClient:
    """Someone of the SIAO, signed in."""
    return client_for(regulatrice)


def test_whoever_is_invited_once_finds_the_siao_of_a_commune(
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    session: Session,
    factories: SimpleNamespace,
    siao: Organisation,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
) -> None:
    ouvrir(siao, "referent_logement", replace(CAMILLE, nom="Siao"))
    ouvrir(gestionnaire, titulaire=replace(CAMILLE, nom="Ajoncs"))
    factories.Organisation(type=TypeOrganisation.ETAT, nom="DDETS Fictive")
    session.commit()
    invite = actor_for(Profil.INVITE_PONCTUEL, factories.Organisation(type=TypeOrganisation.SANTE))
    answer = client_for(invite).get(SAINT_BRIEUC)
    assert answer.status_code == 200
    page = text_of(answer)
    assert "Camille Siao" in page
    assert "Camille Ajoncs" not in page
    assert "DDETS Fictive" not in page  # nothing empty is told of those it may not read


def test_the_siao_is_never_cut_by_those_that_come_before_it(
    client: FlaskClient,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    siao: Organisation,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
) -> None:
    monkeypatch.setattr(interlocuteurs, "AUTRES", 2)
    for nom in ("Un", "Deux"):
        ouvrir(gestionnaire, "signataire", replace(CAMILLE, nom=nom))
    ouvrir(siao, "referent_logement", replace(CAMILLE, nom="Siao"))
    session.commit()
    whole = text_of(client.get(SAINT_BRIEUC))
    assert "Toutes les organisations ne sont pas montrées" not in whole
    ouvrir(gestionnaire, "signataire", replace(CAMILLE, nom="Trois"))
    session.commit()
    page = text_of(client.get(SAINT_BRIEUC))
    assert "Camille Siao" in page
    assert "Camille Deux" in page
    assert "Toutes les organisations ne sont pas montrées" in page


@pytest.fixture
def communes(session: Session) -> Iterator[None]:
    """Dozens that begin alike elsewhere, and come first; one name borne twice; taken back afterwards."""
    made = [
        *((f"37{number:03d}", f"Saint-Aubin-{number:02d}", "37") for number in range(600, 640)),
        ("22600", "Saint-Cast", "22"),
        ("35600", "Saint-Cast", "35"),
        ("22601", "Sainte-Tréphine", "22"),
    ]
    session.add_all(
        Commune(
            code=code,
            nom=nom,
            departement_code=departement,
            codes_postaux=code,
            tri=sort_key(nom),
            texte_recherche=f" {sort_key(nom)} {code}",
        )
        for code, nom, departement in made
    )
    session.commit()
    yield
    session.rollback()
    session.execute(delete(Commune).where(Commune.code.in_([code for code, _nom, _where in made])))
    session.commit()


@pytest.mark.usefixtures("communes")
def test_a_commune_is_found_among_those_of_the_reader(
    client: FlaskClient, session: Session, siao: Organisation, ouvrir: Ouvrir
) -> None:
    """The reader works in the 22 and the 35."""
    ouvrir(siao, "referent_logement", replace(CAMILLE, nom="Siao"))
    session.commit()
    chercher = "/annuaire/interlocuteurs?commune="
    choix = text_of(client.get(f"{chercher}saint"))
    assert "4 communes possibles" in choix
    assert "Saint-Aubin" not in choix
    assert "<h2 data-annonce>Saint-Brieuc</h2>" in text_of(client.get(f"{chercher}st+brieuc"))
    assert "<h2 data-annonce>Sainte-Tréphine</h2>" in text_of(client.get(f"{chercher}ste+trephine"))
    assert "2 communes possibles" in text_of(client.get(f"{chercher}Saint-Cast"))  # two bear the name
    fragment = text_of(client.get(f"{chercher}35600", headers=HTMX))
    assert "<h2 data-annonce>Saint-Cast</h2>" in fragment


def test_what_is_known_of_who_answers_is_told(
    client: FlaskClient,
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    regulatrice: Actor,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
) -> None:
    """The holder is away, the card is old; the structure's own card is empty."""
    structure = factories.Structure(organisation=gestionnaire, nom="Foyer des Ajoncs", commune_code="22278")
    whole = ouvrir(gestionnaire)
    noter_absence(session, clock, regulatrice, whole, clock.today(), None, version=whole.version)
    whole.verifie_le = clock.today().replace(year=2025)
    own = ouvrir(gestionnaire, titulaire=None, structure_id=structure.id)
    session.commit()
    here = f"/annuaire/interlocuteurs?structure={structure.ref}"
    page = text_of(client.get(here))
    assert f'href="/annuaire/{whole.ref}"' in page
    assert "En absence" in page
    assert "Non vérifiée depuis longtemps" in page
    confier(session, clock, regulatrice, own, replace(CAMILLE, nom="Foyer"), version=own.version)
    session.commit()
    page = text_of(client.get(here))
    assert "Camille Foyer" in page
    assert f'href="/annuaire/{whole.ref}"' not in page


def test_many_partners_are_folded_and_one_click_leads_to_a_subject_or_a_name(
    client: FlaskClient,
    session: Session,
    factories: SimpleNamespace,
    siao: Organisation,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
) -> None:
    ouvrir(siao, "referent_logement", replace(CAMILLE, nom="Siao"))
    ouvrir(gestionnaire, titulaire=replace(CAMILLE, nom="Ajoncs"))
    for nom in ("Bruyères", "Genêts", "Lande", "Étang"):
        ouvrir(factories.Organisation(nom=f"Association {nom}"), titulaire=replace(CAMILLE, nom=nom))
    session.commit()
    entiere = client.get(SAINT_BRIEUC).get_data(as_text=True)
    assert entiere.count('<details class="panneau interlocuteur">') == 6
    assert "Référent SIAO (5)" in entiere
    assert "Camille Ajoncs" in entiere
    sujet = text_of(client.get(f"{SAINT_BRIEUC}&sujet=referent_siao"))
    assert "Camille Étang" in sujet
    assert "Camille Siao" not in sujet
    assert (
        "<details class="
        not in client.get(f"{SAINT_BRIEUC}&sujet=referent_siao")
        .get_data(as_text=True)
        .split("Référent SIAO (5)")[1]
    )
    nomme = text_of(client.get(f"{SAINT_BRIEUC}&partenaire=etang"))
    assert "Camille Étang" in nomme
    assert "Camille Lande" not in nomme
    assert "Aucun interlocuteur avec ce choix" in text_of(client.get(f"{SAINT_BRIEUC}&partenaire=zzz"))
