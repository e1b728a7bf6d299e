"""The screens of the directory: search, card, editing, hand-over, counterparts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.models import Absence, FonctionLocale, Referent, Titulaire
from portal.annuaire.titulaires import confier, noter_absence
from portal.conventions.enums import Statut
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, StructurePlaces
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database, new_ref
from tests.integration.annuaire.conftest import CAMILLE
from tests.integration.web_organisations import HTMX, reread, statements, text_of

Ouvrir = Callable[..., Referent]


@pytest.fixture
def client(client_for: Callable[..., FlaskClient], regulatrice: Actor) -> FlaskClient:
    """Someone of the SIAO, signed in."""
    return client_for(regulatrice)


@pytest.fixture
def referent(session: Session, gestionnaire: Organisation, ouvrir: Ouvrir) -> Referent:
    made = ouvrir(gestionnaire)
    session.commit()
    return made


def saisie(referent: Referent | None = None, **values: object) -> dict[str, object]:
    """What the form of a function sends."""
    return {
        "fonction_code": "referent_siao",
        "departement_code": "22",
        "structure": "",
        "preference": "telephone",
        "version": str(referent.version) if referent else "",
        "cle_idempotence": new_ref(),
    } | values


def test_the_page_and_what_comes_while_typing_say_the_same(
    client: FlaskClient, referent: Referent, database: Database
) -> None:
    page = text_of(client.get("/annuaire?q=ajoncs"))
    assert "Camille Exemple" in page
    assert 'href="tel:0261910001"' in page
    assert "<p data-annonce>1 réponse.</p>" in page
    with statements(database) as seen:
        fragment = text_of(client.get("/annuaire?q=ajoncs", headers=HTMX))
    assert len(seen) <= 6
    assert "<html" not in fragment
    assert fragment in page
    assert "Personne ne répond à cette recherche" in text_of(client.get("/annuaire?q=introuvable"))
    assert "Camille Exemple" in text_of(client.get("/annuaire?type=gestionnaire&fonction=referent_siao"))
    assert "02 61 91 00 01" not in text_of(client.get("/annuaire?a_verifier=1"))


def test_the_cost_of_a_page_does_not_grow_with_the_answers(
    client: FlaskClient, database: Database, session: Session, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    ouvrir(gestionnaire, "signataire")
    session.commit()
    client.get("/annuaire?q=ajoncs")
    with statements(database) as few:
        client.get("/annuaire?q=ajoncs")
    for _number in range(12):
        ouvrir(gestionnaire, "signataire")
    session.commit()
    with statements(database) as many:
        client.get("/annuaire?q=ajoncs")
    assert len(many) == len(few)


def test_the_card_says_whom_to_call_and_what_is_signed_together(
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    session: Session,
    factories: SimpleNamespace,
    siao: Organisation,
    gestionnaire: Organisation,
    referent: Referent,
    regulatrice: Actor,
) -> None:
    factories.Convention(operateur=gestionnaire, siao=siao, statut=Statut.EN_NEGOCIATION)
    session.commit()
    page = text_of(client_for(regulatrice).get(f"/annuaire/{referent.ref}"))
    assert "Appeler le 02 61 91 00 01" in page
    assert "Ce que signe cette organisation avec vous" in page
    assert "Tout le département : Côtes-d’Armor" in page
    assert "Tout est exact aujourd’hui" in page
    reader = text_of(client_for(actor_for(Profil.TRAVAILLEUR_SOCIAL)).get(f"/annuaire/{referent.ref}"))
    assert "Appeler le 02 61 91 00 01" in reader
    assert "Modifier" not in reader
    assert "Ce que signe" not in reader
    loin = factories.Organisation(departement_code="37")
    assert (
        client_for(actor_for(Profil.OPERATEUR_DIRECTION, loin)).get(f"/annuaire/{referent.ref}").status_code
        == 404
    )


def test_whoever_reads_a_card_may_ask_for_the_others_of_its_organisation(
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    session: Session,
    factories: SimpleNamespace,
    referent: Referent,
    gestionnaire: Organisation,
) -> None:
    reader = client_for(actor_for(Profil.TRAVAILLEUR_SOCIAL))
    link = f"/annuaire?organisation={gestionnaire.ref}"
    assert f'href="{link}"' in text_of(reader.get(f"/annuaire/{referent.ref}"))
    assert f"/annuaire/{referent.ref}" in text_of(reader.get(link))
    loin = factories.Organisation(departement_code="37")
    session.commit()
    assert client_for(actor_for(Profil.OPERATEUR_DIRECTION, loin)).get(link).status_code == 404
    assert reader.get(f"/annuaire?organisation={loin.ref}").status_code == 404


def test_the_card_as_a_file_holds_one_line_a_property(
    client: FlaskClient, session: Session, factories: SimpleNamespace, ouvrir: Ouvrir
) -> None:
    nom = "Association ; très, longue " + "é" * 60
    referent = ouvrir(factories.Organisation(nom=nom), titulaire=None, telephone="02 61 91 00 09")
    session.commit()
    answer = client.get(f"/annuaire/{referent.ref}/vcard")
    assert answer.mimetype == "text/vcard"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = answer.get_data().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    text = answer.get_data(as_text=True).replace("\r\n ", "")
    assert "KIND:org" in text
    assert "ORG:Association \\; très\\, longue" in text
    assert "TEL;TYPE=work;VALUE=uri:tel:0261910009" in text


def test_a_card_is_opened_with_its_holder_and_ten_clicks_make_one(
    client: FlaskClient, session: Session, gestionnaire: Organisation
) -> None:
    session.commit()
    here = f"/annuaire/nouvelle?organisation={gestionnaire.ref}"
    assert "Association Les Ajoncs" in text_of(client.get(here))
    typed = saisie(
        communes="St Brieuc\nlannion 22300",
        natures=["CHU"],
        publics=["familles"],
        **{
            "titulaire-prenom": "Lou",
            "titulaire-nom": "Neuf",
            "titulaire-email": "lou.neuf@gmail.com",
            "titulaire-du": "2026-03-01",
            "titulaire-role": "titulaire",
        },
    )
    answers = [client.post(here, data=typed) for _click in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    made = session.scalars(select(Referent)).one()
    assert {row.code for row in made.territoires} == {"22278", "22113"}
    assert made.titulaires[0].nom_complet == "Lou Neuf"
    page = text_of(client.get(f"/annuaire/{made.ref}"))
    assert "Adresse d’un service grand public" in page
    assert "Lannion, Saint-Brieuc" in page or "Saint-Brieuc, Lannion" in page


def test_nothing_typed_is_lost_by_an_error(
    client: FlaskClient, session: Session, gestionnaire: Organisation
) -> None:
    session.commit()
    here = f"/annuaire/nouvelle?organisation={gestionnaire.ref}"
    typed = saisie(
        communes="Atlantis", horaires="Le matin", **{"titulaire-nom": "Neuf", "titulaire-du": "2026-03-01"}
    )
    answer = client.post(here, data=typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Aucune commune de ce département ne s’écrit « Atlantis »." in page
    assert 'value="Le matin"' in page
    assert 'value="Neuf"' in page
    long = client.post(here, data=typed | {"communes": "\n".join(["Lannion"] * 700)})
    assert long.status_code == 422
    assert "Ce texte est trop long : 5000 caractères au plus." in text_of(long)
    answer = client.post(here, data=typed | {"communes": ""})
    assert answer.status_code == 422
    assert "sans eux, personne ne peut joindre cette fonction" in text_of(answer)
    assert not session.scalars(select(Referent)).all()


def test_a_stale_form_is_shown_both_versions(
    client: FlaskClient, session: Session, referent: Referent
) -> None:
    here = f"/annuaire/{referent.ref}/modifier"
    assert client.post(here, data=saisie(referent, horaires="Le matin")).status_code == 303
    answer = client.post(here, data=saisie(referent, horaires="Le soir"))
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Le matin" in page
    assert 'value="Le soir"' in page


def test_a_stale_correction_of_a_holder_is_shown_both_versions(
    client: FlaskClient, session: Session, referent: Referent
) -> None:
    camille = referent.titulaires[0]
    here = f"/annuaire/{referent.ref}/titulaires/{camille.ref}"
    typed = {
        "role": "titulaire",
        "prenom": "Camille",
        "du": "2025-09-01",
        "telephone": "0261910001",
        "version": str(referent.version),
    }
    assert client.post(here, data=typed | {"nom": "Première"}).status_code == 303
    answer = client.post(here, data=typed | {"nom": "Seconde"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Les deux versions" in page
    assert "Première" in page
    assert 'value="Seconde"' in page
    reread(session)
    now = {"version": str(session.get_one(Referent, referent.id).version)}
    assert client.post(here, data=typed | now | {"nom": "Seconde"}).status_code == 303


def test_a_function_passes_from_hand_to_hand(
    client_for: Callable[..., FlaskClient],
    regulatrice: Actor,
    session: Session,
    clock: FixedClock,
    referent: Referent,
) -> None:
    client = client_for(regulatrice)
    ref = referent.ref
    version = str(referent.version)
    typed = {
        "role": "titulaire",
        "prenom": "Lou",
        "nom": "Neuf",
        "du": "2026-03-02",
        "telephone": "0261910003",
    }
    assert client.get(f"/annuaire/{ref}/confier").status_code == 200
    assert client.post(f"/annuaire/{ref}/confier", data=typed | {"version": version}).status_code == 303
    assert client.post(f"/annuaire/{ref}/confier", data=typed | {"version": version}).status_code == 409
    reread(session)
    lou = session.scalars(select(Titulaire).where(Titulaire.nom == "Neuf")).one()
    assert "Lou Neuf" in text_of(client.get("/annuaire?q=neuf"))
    version = str(lou.referent.version)
    spaces = client.post(f"/annuaire/{ref}/absence", data={"du": "  ", "au": "", "version": version})
    assert (spaces.status_code, "Ce champ est obligatoire." in text_of(spaces)) == (422, True)
    absent = client.post(f"/annuaire/{ref}/absence", data={"du": "02/03/2026", "au": "", "version": version})
    assert absent.status_code == 303
    reread(session)
    assert "En absence, sans suppléant" in text_of(client.get(f"/annuaire/{ref}"))
    (absence,) = session.scalars(select(Absence))
    version = str(session.get_one(Referent, referent.id).version)
    gone = client.post(f"/annuaire/{ref}/absences/{absence.ref}/retirer", data={"version": version})
    assert gone.status_code == 303
    reread(session)
    version = str(session.get_one(Referent, referent.id).version)
    here = f"/annuaire/{ref}/titulaires/{lou.ref}"
    assert 'value="Neuf"' in text_of(client.get(here))
    done = client.post(here, data=typed | {"nom": "Dix", "au": "2026-03-02", "version": version})
    assert done.status_code == 303
    reread(session)
    clock.instant = clock.instant.replace(day=3)
    page = text_of(client_for(regulatrice).get(f"/annuaire/{ref}"))
    assert "Personne ne tient cette fonction" in page
    assert "À nommer par Association Les Ajoncs (Opérateur, direction)." in page


def test_a_card_is_verified_by_one_press_and_closed_after_a_question(
    client: FlaskClient, session: Session, clock: FixedClock, referent: Referent
) -> None:
    referent.verifie_le = date(2025, 3, 2)
    session.commit()
    assert "Non vérifiée depuis longtemps" in text_of(client.get("/annuaire?q=ajoncs"))
    assert "Fiche non vérifiée depuis longtemps" in text_of(client.get(f"/annuaire/{referent.ref}"))
    version = {"version": str(referent.version)}
    assert client.post(f"/annuaire/{referent.ref}/verifier", data=version).status_code == 303
    reread(session)
    assert session.get_one(Referent, referent.id).verifie_le == clock.today()
    client.post(f"/annuaire/{referent.ref}/verifier", data=version)
    assert "Cette fiche a changé" in text_of(client.get(f"/annuaire/{referent.ref}"))
    version = {"version": str(session.get_one(Referent, referent.id).version)}
    here = f"/annuaire/{referent.ref}/fermer"
    assert "Retirer cette fonction de l’annuaire ?" in text_of(client.get(here))
    assert client.post(here, data=version | {"ferme_le": "2099-01-01"}).status_code == 422
    assert client.post(here, data=version | {"ferme_le": clock.today().isoformat()}).status_code == 303
    assert "Personne ne répond" in text_of(client.get("/annuaire?q=ajoncs"))
    page = text_of(client.get(f"/annuaire/{referent.ref}"))
    assert "Fonction retirée de l’annuaire" in page
    assert "0261910001" not in page
    assert "02 61 91 00 01" not in page
    assert client.get(f"/annuaire/{referent.ref}/vcard").status_code == 404


def test_absences_are_told_to_those_who_keep_the_card_and_to_the_person(
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    session: Session,
    clock: FixedClock,
    regulatrice: Actor,
    direction: Actor,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
) -> None:
    referent = ouvrir(gestionnaire, titulaire=replace(CAMILLE, email=direction.email))
    for du, au in ((date(2026, 1, 5), date(2026, 1, 9)), (date(2026, 3, 1), date(2026, 3, 6))):
        noter_absence(session, clock, regulatrice, referent, du, au, version=referent.version)
    suivant = replace(CAMILLE, nom="Relève", du=date(2026, 4, 1))
    confier(session, clock, regulatrice, referent, suivant, version=referent.version)
    session.commit()
    kept = text_of(client_for(regulatrice).get(f"/annuaire/{referent.ref}"))
    assert kept.count("absence du ") == 2
    assert "à partir du 01/04/2026" in kept
    reader = text_of(client_for(actor_for(Profil.TRAVAILLEUR_SOCIAL)).get(f"/annuaire/{referent.ref}"))
    assert "absence du " not in reader
    assert "En absence jusqu’au 06/03/2026" in reader
    own = text_of(client_for(direction).get("/compte/donnees"))
    assert "Référent SIAO – Association Les Ajoncs" in own
    assert own.count("Absence</td>") == 2
    assert "Association Les Ajoncs" in own
    other = text_of(client_for(regulatrice).get("/compte/donnees"))
    assert "Ce que l’annuaire dit de vous" not in other


def test_readers_do_not_write(
    client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor], referent: Referent
) -> None:
    rival = client_for(actor_for(Profil.OPERATEUR_DIRECTION))
    for path in ("modifier", "confier", "absence", "fermer"):
        assert rival.get(f"/annuaire/{referent.ref}/{path}").status_code == 403, path
    assert rival.post(f"/annuaire/{referent.ref}/verifier").status_code == 403
    assert client_for(actor_for(Profil.ETAT_PILOTE)).get("/annuaire/nouvelle").status_code == 403
    assert client_for(actor_for(Profil.OBSERVATEUR_AGREGE)).get("/annuaire").status_code == 403


def test_the_direction_of_the_siao_adds_a_function(
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    session: Session,
    siao: Organisation,
) -> None:
    head = client_for(actor_for(Profil.SIAO_DIRECTION, siao))
    typed = {"departement_code": "22", "libelle": "Référent hiver", "unicite": "1"}
    assert head.post("/annuaire/fonctions", data=typed).status_code == 303
    assert head.post("/annuaire/fonctions", data=typed).status_code == 422
    assert session.scalars(select(FonctionLocale)).one().unicite
    assert "Référent hiver" in text_of(head.get("/annuaire/fonctions"))
    assert "Référent hiver" in text_of(head.get("/annuaire/nouvelle"))


def test_one_click_gives_the_counterpart_of_each_subject(
    client: FlaskClient,
    session: Session,
    factories: SimpleNamespace,
    siao: Organisation,
    gestionnaire: Organisation,
    referent: Referent,
    ouvrir: Ouvrir,
) -> None:
    structure = factories.Structure(organisation=gestionnaire, nom="Foyer des Ajoncs", commune_code="22278")
    structure.places = [StructurePlaces(nature_code="CHU", nombre=12)]
    other = factories.Structure(organisation=gestionnaire, nom="Autre foyer")
    ouvrir(gestionnaire, "referent_proximite", CAMILLE_AILLEURS, structure_id=other.id)
    ouvrir(siao, "referent_logement", CAMILLE_SIAO)
    bailleur = factories.Organisation(type=TypeOrganisation.BAILLEUR, nom="Armor Logis Fictif")
    ouvrir(bailleur, "referent_logement", CAMILLE_BAILLEUR)
    line = factories.Convention(operateur=gestionnaire, siao=siao)
    session.commit()
    page = text_of(client.get(f"/annuaire/interlocuteurs?structure={structure.ref}"))
    assert "Camille Exemple" in page
    assert "Camille Siao" in page
    assert "Camille Ailleurs" not in page
    assert "Camille Bailleur" not in page
    assert (
        "À nommer par SIAO Fictif des Côtes-d’Armor (SIAO, direction)." in page
    )  # its correspondant SI SIAO
    commune = text_of(client.get("/annuaire/interlocuteurs?commune=saint-br"))
    assert "Camille Bailleur" in commune
    assert "Camille Siao" in commune
    convention = text_of(client.get(f"/annuaire/interlocuteurs?convention={line.ref}"))
    assert "Camille Exemple" in convention
    assert "DDETS Fictive 22" in convention
    assert "ne s’écrit ainsi" in text_of(client.get("/annuaire/interlocuteurs?commune=atlantis"))
    assert client.get("/annuaire/interlocuteurs?structure=inconnue").status_code == 404


CAMILLE_AILLEURS, CAMILLE_SIAO, CAMILLE_BAILLEUR = (
    type(CAMILLE)(prenom="Camille", nom=nom, du=CAMILLE.du, telephone="02 61 91 00 05")
    for nom in ("Ailleurs", "Siao", "Bailleur")
)
