"""The screens: the worker's, the one the household signs on, its own by the receipt."""

import io
import re
import struct
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions.enums import PresenceMenage
from portal.documents.models import Fichier
from portal.grilles.autorisations import fermeture, queries, recus
from portal.grilles.autorisations.enums import DecisionAdulte, StatutAutorisation
from portal.grilles.autorisations.models import AccordAdulte, Autorisation, RecuMenage
from portal.grilles.menages import acces
from portal.grilles.menages import service as menages
from portal.grilles.menages.models import Adulte, Menage
from portal.grilles.menages.saisie import SaisieAdulte
from portal.grilles.remplissage.models import GrilleAcces
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests import rendus
from tests.autorisations import TRACE, accorder, commission, demander, jour, repondre
from tests.grilles_remplies import grille_figee
from tests.integration.web_organisations import statements
from tests.menages import NUMERO, Scene, ouvrir, vue
from tests.transmises import envoyer

Clients = Callable[..., FlaskClient]
SECRETS = ("Kerfictif", "KERFICTIF", "Maëlle", "Fictif-Coz", "FICTIF-COZ", NUMERO)
PIN = "481592"


@pytest.fixture
def une(session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces) -> Autorisation:
    """A request of transmission to the landlord, its notice given."""
    made = demander(session, clock, scene)
    session.commit()
    return made


def base(scene: Scene, une: Autorisation | None = None, suite: str = "") -> str:
    root = f"/menages/{scene.menage.ref}/autorisations"
    return f"{root}/{une.ref}{suite}" if une else f"{root}{suite}"


def adultes(session: Session, scene: Scene) -> list[Adulte]:
    return list(queries.presents(session, scene.menage))


def signer(scene: Scene, une: Autorisation, adulte: Adulte) -> str:
    return base(scene, une, f"/adultes/{adulte.ref}/signer")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found
    return found[1]


def test_from_the_request_to_the_last_signature(
    session: Session, client_for: Clients, scene: Scene, grille: GrilleAcces
) -> None:
    client = client_for(scene.travailleur)
    form = client.get(base(scene, suite="/demander/transmission"))
    assert form.status_code == 200
    assert "02/09/2026" in form.text or "2026-09-02" in form.text
    sent = client.post(
        base(scene, suite="/demander/transmission"),
        data={
            "destinataire": scene.bailleur.ref,
            "finalite": "logement",
            "sections": ["A", "B"],
            "du": "2026-03-02",
            "au": "2026-09-02",
            "cle_idempotence": hidden(form.text, "cle_idempotence"),
        },
    )
    assert sent.status_code == 303
    fiche = client.get(sent.location)
    assert "Notice à donner" in fiche.text
    notice = client.get(f"{sent.location}/notice?langue=en")
    assert "What you should know before you answer" in notice.text
    given = client.post(
        f"{sent.location}/notice",
        data={"langue": "en", "lecture": "interprete", "version": hidden(notice.text, "version")},
    )
    assert given.status_code == 303
    for adulte in adultes(session, scene):
        page = client.get(f"{sent.location}/adultes/{adulte.ref}/signer")
        assert "May your grid be sent to this organisation?" in page.text
        assert scene.bailleur.nom in page.text
        assert "<nav" not in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert not any(secret in page.text.split("</title>")[0] for secret in SECRETS)
        done = client.post(
            f"{sent.location}/adultes/{adulte.ref}/signer",
            data={
                "decision": "accorde",
                "empreinte": hidden(page.text, "empreinte"),
                "nom": "Quelqu’un",
                "confirme": "y",
            },
        )
        assert done.status_code == 303
        assert client.get(done.location).status_code == 200
    une = session.scalars(select(Autorisation).order_by(Autorisation.id)).one()
    assert une.statut is StatutAutorisation.ACCORDE
    assert une.sections == ["A", "B"]
    assert "En vigueur" in client.get(sent.location).text


def test_accepting_and_refusing_are_two_buttons_of_one_form_and_one_look(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    page = client_for(scene.travailleur).get(signer(scene, une, adultes(session, scene)[0])).text
    boutons = re.findall(r"<button[^>]*name=\"decision\"[^>]*>", page)
    assert len(boutons) == 2
    assert boutons[0].replace("accorde", "X") == boutons[1].replace("refuse", "X")


def test_refusing_asks_nothing(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    client = client_for(scene.travailleur)
    url = signer(scene, une, adultes(session, scene)[0])
    done = client.post(url, data={"decision": "refuse"})
    assert done.status_code == 303
    merci = client.get(done.location)
    assert "Merci, votre réponse est enregistrée" in merci.text
    session.refresh(une)
    assert une.statut is StatutAutorisation.REFUSE
    assert client.get(url).status_code == 303  # nothing left to answer


def test_what_was_typed_stays_when_the_box_was_forgotten(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    client = client_for(scene.travailleur)
    url = signer(scene, une, adultes(session, scene)[0])
    empreinte = hidden(client.get(url).text, "empreinte")
    again = client.post(url, data={"decision": "accorde", "empreinte": empreinte, "nom": "Maëlle K."})
    assert again.status_code == 422
    assert 'value="Maëlle K."' in again.text
    assert "Cochez la case pour confirmer." in again.text


def test_a_page_opened_before_what_leaves_changed_is_shown_anew(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    client = client_for(scene.travailleur)
    url = signer(scene, une, adultes(session, scene)[0])
    again = client.post(url, data={"decision": "accorde", "empreinte": "0" * 64, "trace": TRACE})
    assert again.status_code == 409
    assert "Ce qui partirait a changé" in again.text
    assert hidden(again.text, "empreinte") != "0" * 64


def test_the_page_shows_what_leaves_and_nothing_narrower(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    page = client_for(scene.travailleur).get(signer(scene, une, adultes(session, scene)[0])).text
    assert "Maëlle KERFICTIF" in page
    assert NUMERO in page
    assert "Notes internes" not in page
    assert "Réseau d’appui" not in page  # D4, for commissions alone


LISENT = {"travailleur", "siao_direction", "mission_logement"}
ENTRENT = LISENT | {"collegue", "exterieur", "ailleurs"}


@pytest.mark.parametrize(
    "suite",
    [
        "",
        "/demander/transmission",
        "/{une}",
        "/{une}/notice",
        "/{une}/retirer",
        "/{une}/adultes/{adulte}/signer",
        "/recus/{adulte}",
    ],
)
def test_each_profile_gets_the_page_or_nothing(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation, suite: str
) -> None:
    url = base(scene, suite=suite.format(une=une.ref, adulte=adultes(session, scene)[0].ref))
    seen = {nom: client_for(actor).get(url).status_code for nom, actor in scene.tous.items()}
    lit = suite in ("", "/{une}")
    voient = {nom: 200 if lit or nom == "travailleur" else 403 for nom in LISENT}
    sans = {nom: 403 for nom in scene.tous if nom not in LISENT}
    attendues = {"collegue", "exterieur", "ailleurs"}
    sans |= dict.fromkeys(attendues, 404)
    assert seen == voient | sans


def test_an_authorisation_of_another_household_is_not_found(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    autre = ouvrir(session, clock, scene.travailleur, si_siao="SI-22-77")
    session.commit()
    client = client_for(scene.travailleur)
    for suite in ("", "/notice", "/retirer", f"/adultes/{adultes(session, scene)[0].ref}/signer"):
        assert client.get(f"/menages/{autre.ref}/autorisations/{une.ref}{suite}").status_code == 404


def test_a_signed_paper_is_encrypted_and_served_to_whoever_sees_the_household(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    client, adulte = client_for(scene.travailleur), adultes(session, scene)[0]
    formulaire = client.get(base(scene, une, f"/adultes/{adulte.ref}/formulaire.pdf"))
    assert formulaire.status_code == 200
    mots = " ".join(rendus.mots_pdf(formulaire.data))
    assert scene.bailleur.nom in mots
    assert "Je refuse." in mots
    url = base(scene, une, f"/adultes/{adulte.ref}/papier")
    page = client.get(url)
    assert client.post(url, data={"decision": "accorde"}).status_code == 422
    pdf = b"%PDF-1.4\nsigne par Kerfictif\n%%EOF"
    done = client.post(
        url,
        data={
            "decision": "accorde",
            "empreinte": hidden(page.text, "empreinte"),
            "fichier": (io.BytesIO(pdf), "Kerfictif Maëlle.pdf"),
        },
    )
    assert done.status_code == 303
    fichier = session.scalars(select(Fichier).order_by(Fichier.id)).one()
    assert fichier.chiffre
    assert fichier.nom == "formulaire-signe.pdf"
    document = base(scene, une, f"/adultes/{adulte.ref}/document")
    assert client.get(document).data == pdf
    assert client_for(scene.siao_direction).get(document).data == pdf
    for nom in ("collegue", "exterieur", "bailleur_referent", "agent", "administrateur"):
        assert client_for(scene.tous[nom]).get(document).status_code in (403, 404)


def png(largeur: int, hauteur: int) -> bytes:
    """Return the first and the last bytes of an image of some size, whatever lies between."""
    tete = struct.pack(">I4sIIBBBBB", 13, b"IHDR", largeur, hauteur, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + tete + b"0000" + b"\x00\x00\x00\x00IEND\xaeB`\x82"


JPEG = b"\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\x00\x10\x01\x00\x11\x00\xff\xd9"  # 16 points wide, 65,535 high


@pytest.mark.parametrize(
    ("nom", "contenu", "dit"),
    [
        ("verrouille.pdf", b"%PDF-1.7\ntrailer << /Encrypt 5 0 R >>\n%%EOF", "mot de passe"),
        ("vide.pdf", b"", "Ce fichier est vide."),
        ("programme.pdf", b"MZ\x90\x00 run in DOS mode", "ne correspond pas à son nom"),
        ("coupe.pdf", b"%PDF-1.7\n1 0 obj", "abîmé ou incomplet"),
        ("geante.png", png(30_000, 30_000), "démesurée (30000 × 30000 points)"),
        ("coupee.png", png(800, 1100)[:40], "abîmé ou incomplet"),
        ("nulle.png", png(0, 1100), "abîmé ou incomplet"),
        ("sans-taille.jpg", b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9", "abîmé ou incomplet"),
        ("geante.jpg", JPEG, "démesurée (16 × 65535"),
        ("photo.heic", b"ftypheic", "n’est pas accepté ici"),
    ],
)  # fmt: skip
def test_a_paper_that_nobody_could_read_again_is_refused_next_to_its_field(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation, nom: str, contenu: bytes, dit: str
) -> None:
    """And nothing of it is kept, neither file nor answer; what was ticked stays."""
    client, adulte = client_for(scene.travailleur), adultes(session, scene)[0]
    url = base(scene, une, f"/adultes/{adulte.ref}/papier")
    data = {
        "decision": "accorde",
        "empreinte": hidden(client.get(url).text, "empreinte"),
        "fichier": (io.BytesIO(contenu), nom),
    }
    page = client.post(url, data=data)
    assert page.status_code == 422
    assert re.search(rf'id="fichier-erreur">.*{re.escape(dit)}', page.text)
    assert re.search(r'<input checked[^>]*value="accorde"', page.text)
    assert session.scalar(select(Fichier.id)) is None
    assert session.scalar(select(AccordAdulte.id).where(AccordAdulte.decision.is_not(None))) is None


def test_the_oral_page_offers_an_agreement_for_a_session_alone(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    client, adulte = client_for(scene.travailleur), adultes(session, scene)[0]
    assert 'value="accorde"' not in client.get(base(scene, une, f"/adultes/{adulte.ref}/oral")).text
    presentee = demander(session, clock, scene, a=commission(session, clock, scene))
    session.commit()
    url = base(scene, presentee, f"/adultes/{adulte.ref}/oral")
    assert client.post(url, data={"decision": "accorde"}).status_code == 422
    done = client.post(url, data={"decision": "accorde", "jour_seance": "2026-03-10"})
    assert done.status_code == 303
    fiche = client.get(done.location).text
    assert "pour la séance du 10/03/2026" in fiche
    assert "02/09/2026" not in fiche.partition("Les réponses")[0]  # what ends is that day's access
    sans_lui = commission(session, clock, scene, menage=PresenceMenage.NON, code="COSI")
    fermee = demander(session, clock, scene, a=sans_lui)
    session.commit()
    page = client.get(base(scene, fermee, f"/adultes/{adulte.ref}/oral")).text
    assert 'value="accorde"' not in page
    assert "ne reçoit pas le ménage" in page


def test_nothing_else_differs_for_a_household_that_refused(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, grille: GrilleAcces
) -> None:
    """Every page that tells of it to the worker and to the SIAO, before and after a refusal, but those of its
    authorisations; then its row in the lists against that of a twin that was never asked."""
    jumeau = ouvrir(
        session,
        clock,
        scene.travailleur,
        SaisieAdulte(nom="Jumeau", prenom="Maëlle", naissance=date(1990, 5, 12)),
        SaisieAdulte(nom="Jumelle", prenom="Yann", naissance=date(1988, 11, 3)),
        si_siao="SI-22-4472",
        numero_unique="",
        a_charge=2,
        en_visite=1,
    )
    grille_figee(session, clock, scene.travailleur, vue(session, clock, scene.travailleur, jumeau))
    for rang in range(3):
        ouvrir(session, clock, scene.travailleur, si_siao=f"SI-22-5{rang}")
    session.commit()
    clock.instant += timedelta(days=3)
    lecteurs = (scene.travailleur, scene.siao_direction, scene.mission_logement)
    clients = [client_for(actor) for actor in lecteurs]
    sienne = f"/menages/{scene.menage.ref}"
    autres = (sienne, f"{sienne}/grille", "/menages/acces", "/menages/demandes", "/dossiers")

    def pages() -> list[str]:
        lues = [client.get(url) for client in clients for url in ("/menages", "/a-faire", *autres)]
        assert {une.status_code for une in lues} == {200}
        return [neutral(une.text) for une in lues]

    avant = pages()
    une = demander(session, clock, scene, informer=False)
    repondre(session, clock, scene, une, 1, decision=DecisionAdulte.REFUSE)
    session.commit()
    apres = pages()
    assert avant == apres
    for page in apres[:: 2 + len(autres)]:
        refuse = rang_de(page, scene.menage, ("KERFICTIF", "LE FICTIF-COZ"))
        assert refuse
        assert refuse == rang_de(page, jumeau, ("JUMEAU", "JUMELLE"))


def rang_de(page: str, menage: Menage, noms: tuple[str, str]) -> str:
    """Return a household's row of a list, what names it set aside."""
    rangs = [one for one in re.findall(r"<tr.*?</tr>|<li.*?</li>", page, re.S) if menage.ref in one]
    dit: str = rangs[0].replace(menage.ref, "REF").replace(menage.code, "CODE")
    for nom in noms:
        dit = dit.replace(nom, "NOM")
    return dit


def neutral(page: str) -> str:
    """Return a page without what is new at each request."""
    return re.sub(r'(csrf_token" value|csrf-token" content|cle_idempotence" value)="[^"]*"', "", page)


def test_the_list_takes_a_constant_number_of_statements(
    session: Session,
    clock: FixedClock,
    database: Database,
    client_for: Clients,
    scene: Scene,
    grille: GrilleAcces,
) -> None:
    client = client_for(scene.travailleur)
    accorder(session, clock, scene)
    session.commit()
    client.get(base(scene))
    with statements(database) as peu:
        client.get(base(scene))
    for _n in range(5):
        demander(session, clock, scene)
    session.commit()
    with statements(database) as beaucoup:
        client.get(base(scene))
    assert len(beaucoup) == len(peu)


def test_the_pages_of_a_household_take_eight_statements_at_most(
    session: Session,
    clock: FixedClock,
    database: Database,
    client_for: Clients,
    scene: Scene,
    grille: GrilleAcces,
) -> None:
    """However much hangs on it: requests, sent grids, colleagues, dossiers."""
    une = accorder(session, clock, scene)
    envoyer(session, clock, scene.travailleur, une)
    orale = accorder(session, clock, scene, a=commission(session, clock, scene))
    acces.demander(session, clock, scene.collegue, scene.menage, "Remplacement", 3)
    session.commit()
    client = client_for(scene.travailleur)
    for url in (f"/menages/{scene.menage.ref}", base(scene), base(scene, une), base(scene, orale)):
        with statements(database) as premiere:
            assert client.get(url).status_code == 200
        with statements(database) as encore:
            client.get(url)
        assert len(premiere) == len(encore) <= 8, url


def test_in_english_the_words_of_the_grid_say_that_they_are_french(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    """Questions, choices, texts, parts to choose: everything official stays in French, and says so."""
    client = client_for(scene.travailleur)
    client.post("/langue", data={"langue": "en"})
    assert '<html lang="en"' in client.get(base(scene)).text
    anglais = {
        base(scene, une): (
            "Situation administrative",
            "Inscription au contingent",
            "Avis d’imposition",
            "Premier bail",
        ),
        base(scene, suite="/demander/transmission"): ("A – Situation administrative", "Mesure de protection"),
    }
    for url, mots in anglais.items():
        page = re.sub(r"<(\w+)[^>]*lang=\"fr\"[^>]*>.*?</\1>", "", client.get(url).text, flags=re.DOTALL)
        assert "<main" in page
        assert "&lt;span" not in page
        for mot in mots:
            assert mot not in page, (url, mot)


def test_a_closed_authorisation_shows_those_who_were_asked_and_nobody_since(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    client = client_for(scene.travailleur)
    accorder(session, clock, scene, une)
    session.commit()
    assert "Ce qui peut être lu" in client.get(base(scene, une)).text
    vise = vue(session, clock, scene.travailleur, scene.menage)
    parti = adultes(session, scene)[1]
    menages.retirer_adulte(session, clock, scene.travailleur, vise, parti, version=vise.menage.version)
    typed = SaisieAdulte(nom="Arrivant-Fictif", prenom="Ana", naissance=date(1991, 2, 3))
    menages.ajouter_adulte(session, clock, scene.travailleur, vise, typed, version=vise.menage.version)
    session.commit()
    page = client.get(base(scene, une)).text
    assert "Fermée d’office" in page
    assert "Ce que l’accord permettait de lire" in page
    assert "Yann LE FICTIF-COZ" in page
    assert "a quitté le ménage" in page
    assert "ARRIVANT-FICTIF" not in page
    assert "Fermée le" in page
    refusee = demander(session, clock, scene)
    repondre(session, clock, scene, refusee, 1, decision=DecisionAdulte.REFUSE)
    session.commit()
    assert "Ce que la demande aurait permis de lire" in client.get(base(scene, refusee)).text


def test_whoever_signed_is_named_even_once_another_would(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    """A measure of protection that comes later does not make its guardian sign what came before."""
    accorder(session, clock, scene, une)
    suivante = demander(session, clock, scene)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    typed = SaisieAdulte(
        nom="Kerfictif", prenom="Maëlle", naissance=date(1990, 5, 12), representant="Tutelle Fictive"
    )
    version = vise.menage.version
    une_adulte = adultes(session, scene)[0]
    menages.corriger_adulte(session, clock, scene.travailleur, vise, une_adulte, typed, version=version)
    session.commit()
    client = client_for(scene.travailleur)
    assert "signe pour cette personne" not in client.get(base(scene, une)).text
    assert "signe pour cette personne : Tutelle Fictive" in client.get(base(scene, suivante)).text


def test_a_grid_that_counts_other_people_than_the_household_s_page_says_so_before_it_is_shown(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, grille: GrilleAcces
) -> None:
    client = client_for(scene.travailleur)
    demande, relecture = (
        base(scene, suite="/demander/transmission"),
        f"/menages/{scene.menage.ref}/grille/relecture",
    )
    client.post(f"/menages/{scene.menage.ref}/grille")
    for url in (demande, relecture):
        assert "sur la fiche du ménage" not in client.get(url).text
    vise = vue(session, clock, scene.travailleur, scene.menage)
    parti = adultes(session, scene)[1]
    menages.retirer_adulte(session, clock, scene.travailleur, vise, parti, version=vise.menage.version)
    session.commit()
    for url in (demande, relecture):
        page = client.get(url).text
        assert "Adultes : 1 sur la fiche du ménage, 2 dans cette version de la grille." in page
    assert "Enfants à charge : 2 et 2." in page


def test_what_ends_is_asked_anew_in_one_press_and_what_was_refused_is_not(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    client = client_for(scene.travailleur)
    accorder(session, clock, scene, une)
    session.commit()
    assert "?comme=" not in client.get(base(scene, une)).text
    clock.instant += timedelta(days=175)
    session.commit()
    bientot = client_for(scene.travailleur).get(base(scene, une)).text
    suite = base(scene, suite=f"/demander/transmission?comme={une.ref}")
    assert suite in bientot
    form = client_for(scene.travailleur).get(suite).text
    assert re.search(rf'<option selected value="{scene.bailleur.ref}"', form)
    assert re.search(r'<input checked[^>]*value="logement"', form)
    assert client_for(scene.travailleur).get(suite.replace("transmission", "presentation")).status_code == 404
    refusee = demander(session, clock, scene)
    repondre(session, clock, scene, refusee, 1, decision=DecisionAdulte.REFUSE)
    session.commit()
    assert "?comme=" not in client_for(scene.travailleur).get(base(scene, refusee)).text


def test_the_pages_that_a_household_answers_on_take_eight_statements_at_most(
    session: Session,
    clock: FixedClock,
    database: Database,
    client_for: Clients,
    scene: Scene,
    une: Autorisation,
) -> None:
    """However many requests it was asked before."""
    adulte = adultes(session, scene)[0]
    autre = demander(session, clock, scene, informer=False)
    for _n in range(4):
        accorder(session, clock, scene)
    une = demander(session, clock, scene)
    session.commit()
    client = client_for(scene.travailleur)
    personne = f"/adultes/{adulte.ref}"
    suites = ("signer", "papier", "oral", "merci")
    pages = [base(scene, une, f"{personne}/{suite}") for suite in suites]
    pages += [base(scene, une, suite) for suite in ("/notice", "/retirer")]
    pages += [
        base(scene, suite=f"/recus/{adulte.ref}"),
        base(scene, suite=f"/demander/transmission?comme={autre.ref}"),
    ]
    for url in pages:
        assert client.get(url).status_code == 200, url
        with statements(database) as lus:
            client.get(url)
        assert len(lus) <= 8, (url, len(lus))


# The receipt


@pytest.fixture
def jeton(session: Session, clock: FixedClock, scene: Scene, une: Autorisation) -> str:
    """The secret of the receipt of the first adult, whose authorisation is open."""
    accorder(session, clock, scene, une)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    recu = recus.creer(session, clock, scene.travailleur, vise, adultes(session, scene)[0].ref, PIN, PIN)
    session.commit()
    return recus.jeton(session, recu)


def entrer(client: FlaskClient, jeton: str, pin: str = PIN) -> int:
    return client.post(f"/r/{jeton}", data={"pin": pin}).status_code


def test_the_receipt_is_a_paper_with_a_code(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    client, adulte = client_for(scene.travailleur), adultes(session, scene)[0]
    url = base(scene, suite=f"/recus/{adulte.ref}")
    for pin, encore in (("12345", "12345"), ("111111", "111111"), ("123456", "123456"), ("120590", "120590")):
        assert client.post(url, data={"pin": pin, "encore": encore}).status_code == 422, pin
    assert client.post(url, data={"pin": PIN, "encore": "481593"}).status_code == 422
    assert client.get(f"{url}/recu.pdf").status_code == 404
    assert client.post(url, data={"pin": PIN, "encore": PIN}).status_code == 303
    paper = client.get(f"{url}/recu.pdf")
    assert paper.headers["Cache-Control"] == "no-store"
    mots = "".join(rendus.mots_pdf(paper.data))
    recu = session.scalars(select(RecuMenage).order_by(RecuMenage.id)).one()
    assert recus.jeton(session, recu)[:20] in mots
    sienne = client_for()
    entrer(sienne, recus.jeton(session, recu))
    lue = sienne.get(f"/r/{recus.jeton(session, recu)}").text  # made without them, the adult would see it
    assert re.search(rf"{scene.travailleur.nom}.{{,200}}Un reçu, préparé ou imprimé", lue, re.S)
    assert PIN not in mots
    assert recu.pin_hash.startswith("$argon2")


def test_with_the_pin_a_household_sees_copies_remarks_and_withdraws(
    session: Session, client_for: Clients, scene: Scene, une: Autorisation, jeton: str
) -> None:
    client_for(scene.siao_direction).get(f"/menages/{scene.menage.ref}")
    client = client_for()
    demande = client.get(f"/r/{jeton}")
    assert "Votre code" in demande.text
    assert scene.bailleur.nom not in demande.text
    assert entrer(client, jeton) == 303
    page = client.get(f"/r/{jeton}")
    assert page.headers["Cache-Control"] == "no-store"
    assert scene.bailleur.nom in page.text
    assert scene.siao_direction.nom in page.text  # who read
    assert not any(secret in page.text.split("</title>")[0] for secret in SECRETS)
    detail = client.get(f"/r/{jeton}/{une.ref}")
    assert NUMERO in detail.text
    copie = client.get(f"/r/{jeton}/{une.ref}/copie.pdf")
    assert copie.headers["Content-Disposition"] == "attachment; filename=copie.pdf"
    assert NUMERO in rendus.mots_pdf(copie.data)
    for _n in range(2):
        sent = client.post(f"/r/{jeton}/{une.ref}/remarque", data={"texte": "Je cherche près de l’école."})
        assert sent.status_code == 303
    remarques = queries.remarques(session, une.grille_id)
    assert [one.texte for one in remarques] == ["Je cherche près de l’école."]
    assert client.post(f"/r/{jeton}/{une.ref}/remarque", data={"texte": " "}).status_code == 422
    assert client.get(f"/r/{jeton}/{une.ref}/retirer").status_code == 405
    assert client.post(f"/r/{jeton}/{une.ref}/retirer").status_code == 303
    assert client.post(f"/r/{jeton}/{une.ref}/retirer").status_code == 303
    session.refresh(une)
    assert une.statut is StatutAutorisation.RETIRE
    assert "Fermé" in client.get(f"/r/{jeton}").text
    assert client.post(f"/r/{jeton}/{une.ref}/remarque", data={"texte": "Encore"}).status_code == 422


def test_without_the_pin_nothing_is_read_nor_done(
    session: Session, client_for: Clients, une: Autorisation, jeton: str
) -> None:
    client = client_for()
    for suite in (f"/{une.ref}", f"/{une.ref}/copie.pdf"):
        assert client.get(f"/r/{jeton}{suite}").status_code == 303
    for suite in (f"/{une.ref}/retirer", f"/{une.ref}/remarque"):
        assert client.post(f"/r/{jeton}{suite}", data={"texte": "x"}).status_code == 303
    session.refresh(une)
    assert une.statut is StatutAutorisation.ACCORDE


def test_wrong_pins_are_slowed_down_whatever_the_browser(
    client_for: Clients, clock: FixedClock, jeton: str
) -> None:
    for _n in range(4):
        assert entrer(client_for(), jeton, "000000") == 422
    assert entrer(client_for(), jeton, "000000") == 429
    assert entrer(client_for(), jeton) == 429  # even the right one
    clock.instant += timedelta(minutes=15, seconds=1)
    assert entrer(client_for(), jeton, "000000") == 429
    clock.instant += timedelta(minutes=16)
    assert entrer(client_for(), jeton) == 429  # each one more doubles the wait
    clock.instant += timedelta(minutes=15)
    assert entrer(client_for(), jeton) == 303


def test_one_address_does_not_try_receipt_after_receipt(
    session: Session, client_for: Clients, clock: FixedClock, scene: Scene, jeton: str
) -> None:
    vise = vue(session, clock, scene.travailleur, scene.menage)
    autre = recus.creer(session, clock, scene.travailleur, vise, adultes(session, scene)[1].ref, PIN, PIN)
    secret = recus.jeton(session, autre)
    session.commit()
    client = client_for()
    client.application.extensions["portail_settings"].login_attempts_per_address = 3
    try:
        for _n in range(3):
            assert entrer(client, jeton, "000000") == 422
        assert entrer(client, secret) == 429
    finally:
        client.application.extensions["portail_settings"].login_attempts_per_address = 100


def test_unknown_revoked_and_replaced_are_one_page(
    session: Session, client_for: Clients, clock: FixedClock, scene: Scene, une: Autorisation, jeton: str
) -> None:
    worker, client = client_for(scene.travailleur), client_for()
    inconnu = client.get("/r/" + "0" * 48)
    assert inconnu.status_code == 404
    assert entrer(client, jeton) == 303
    assert client.get(f"/r/{jeton}").status_code == 200
    adulte = adultes(session, scene)[0]
    worker.post(base(scene, suite=f"/recus/{adulte.ref}/revoquer"))
    for url in (f"/r/{jeton}", f"/r/{jeton}/{une.ref}", f"/r/{jeton}/{une.ref}/copie.pdf"):
        mort = client.get(url)
        assert (mort.status_code, neutral(mort.text)) == (404, neutral(inconnu.text))
    assert client.post(f"/r/{jeton}", data={"pin": PIN}).status_code == 404
    assert client.post(f"/r/{jeton}/{une.ref}/retirer").status_code == 404


def test_whoever_left_and_the_protected_circuit_have_no_receipt(
    session: Session, client_for: Clients, clock: FixedClock, scene: Scene, jeton: str
) -> None:
    client = client_for()
    assert entrer(client, jeton) == 303
    vise = vue(session, clock, scene.travailleur, scene.menage)
    menages.proteger(session, clock, scene.travailleur, vise, "SI-22-4471", version=scene.menage.version)
    session.commit()
    assert client.get(f"/r/{jeton}").status_code == 404
    adulte = adultes(session, scene)[0]
    assert client_for(scene.travailleur).get(base(scene, suite=f"/recus/{adulte.ref}")).status_code == 404


def test_the_page_closes_by_itself_after_a_quarter_of_an_hour(
    client_for: Clients, jeton: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for()
    assert entrer(client, jeton) == 303
    assert "Ce qui est partagé" in client.get(f"/r/{jeton}").text
    monkeypatch.setattr("portal.web.recus.cookie.DUREE", -1)
    assert "Votre code" in client.get(f"/r/{jeton}").text


def test_a_receipt_opens_no_other_household(
    session: Session, client_for: Clients, clock: FixedClock, scene: Scene, une: Autorisation, jeton: str
) -> None:
    client = client_for()
    entrer(client, jeton)
    assert client.get(f"/r/{jeton}/inconnue").status_code == 404
    assert client.post(f"/r/{jeton}/inconnue/retirer").status_code == 404


def test_what_waits_is_on_the_home_page_by_code(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    attente = client_for(scene.travailleur).get("/a-faire").text
    assert "Réponses de ménages attendues" in attente
    assert "Rien ne vous attend" not in attente
    assert scene.menage.code in attente
    assert not any(secret in attente for secret in SECRETS)
    assert scene.menage.code not in client_for(scene.siao_direction).get("/a-faire").text
    accorder(session, clock, scene, une)
    session.commit()
    assert "Réponses de ménages attendues" not in client_for(scene.travailleur).get("/a-faire").text
    clock.instant += timedelta(days=170)
    assert "Autorisations qui se terminent bientôt" in client_for(scene.travailleur).get("/a-faire").text


def test_what_ends_soon_is_not_said_once_another_follows_it(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, grille: GrilleAcces
) -> None:
    """One that begins after a gap follows nothing."""
    une = accorder(session, clock, scene, au=jour("2026-03-10"))
    session.commit()
    pages = ("/a-faire", f"/menages/{scene.menage.ref}", base(scene, une))
    dits = ("qui se terminent bientôt", "En vigueur, finit bientôt", "?comme=")

    def dit() -> list[bool]:
        client = client_for(scene.travailleur)
        return [mots in client.get(page).text for page, mots in zip(pages, dits, strict=True)]

    assert dit() == [True] * 3
    trou = accorder(session, clock, scene, du=jour("2026-03-12"), au=jour("2026-09-10"))
    session.commit()
    assert dit() == [True] * 3
    vise = vue(session, clock, scene.travailleur, scene.menage)
    fermeture.retirer(session, clock, scene.travailleur, vise, trou.ref)
    demande = demander(session, clock, scene, du=jour("2026-03-11"), au=jour("2026-09-10"))
    session.commit()
    assert dit() == [True] * 3, "asked for is not agreed to"
    accorder(session, clock, scene, demande)
    session.commit()
    assert dit() == [False] * 3


def test_the_household_page_shows_its_authorisations(
    client_for: Clients, scene: Scene, une: Autorisation
) -> None:
    page = client_for(scene.travailleur).get(f"/menages/{scene.menage.ref}").text
    assert "Réponse attendue" in page
    assert f"/autorisations/{une.ref}" in page


def test_the_paper_says_of_a_number_that_is_not_there_that_it_is_not(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene
) -> None:
    sans = ouvrir(
        session,
        clock,
        scene.travailleur,
        SaisieAdulte(nom="Sansnuméro", prenom="Maëlle", naissance=date(1990, 5, 12)),
        numero_unique="",
    )
    grille_figee(session, clock, scene.travailleur, vue(session, clock, scene.travailleur, sans))
    une = demander(session, clock, scene, menage=sans)
    session.commit()
    adulte = sans.adultes[0].ref
    octets = client_for(scene.travailleur).get(
        f"/menages/{sans.ref}/autorisations/{une.ref}/adultes/{adulte}/formulaire.pdf"
    )
    assert "logement social : Non renseigné Qui envoie" in " ".join(rendus.mots_pdf(octets.data))


def test_a_household_keeps_a_copy_of_what_left(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, une: Autorisation, jeton: str
) -> None:
    parti = envoyer(session, clock, scene.travailleur, une)
    session.commit()
    client = client_for()
    copie = f"/r/{jeton}/envois/{parti.ref}.pdf"
    assert client.get(copie).status_code == 303
    entrer(client, jeton)
    page = client.get(f"/r/{jeton}")
    assert copie in page.text
    octets = client.get(copie)
    assert octets.headers["Content-Disposition"] == "attachment; filename=copie.pdf"
    assert NUMERO in rendus.mots_pdf(octets.data)
    assert client.get(f"/r/{jeton}/envois/inconnu.pdf").status_code == 404
    for accord in session.scalars(
        select(AccordAdulte).where(AccordAdulte.autorisation_id == une.id).order_by(AccordAdulte.id)
    ):
        session.delete(accord)  # an adult who was not asked reads nothing of what left
    session.commit()
    assert copie not in client.get(f"/r/{jeton}").text
    assert client.get(copie).status_code == 404


def test_one_that_is_to_begin_says_so_and_goes_with_the_one_before(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, grille: GrilleAcces
) -> None:
    actuelle = accorder(session, clock, scene, au=jour("2026-03-20"))
    suivante = accorder(session, clock, scene, du=jour("2026-03-21"), au=jour("2026-09-20"))
    session.commit()
    client = client_for(scene.travailleur)
    a_venir = client.get(base(scene, suivante)).text
    assert "Ce qui pourra être lu" in a_venir
    assert "permettait" not in a_venir
    assert "qui commence le 21/03/2026" in client.get(base(scene, actuelle, "/retirer")).text
    assert "qui commence le" not in client.get(base(scene, suivante, "/retirer")).text
