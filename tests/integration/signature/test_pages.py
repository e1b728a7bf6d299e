"""The screens of the signature: what each profile may do, what an attack gets."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.comptes.models import Personne
from portal.config import Settings
from portal.conventions.enums import Partie, Statut
from portal.conventions.signature.models import ActeSignature
from portal.documents.models import Fichier
from portal.documents.storage import Storage
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.runner import run_due
from portal.security.passwords import hash_password
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests import rendus
from tests.integration.signature.conftest import Signature

SECRET = "quatre mots sans rapport"


@pytest.fixture
def clients(signature: Signature, client_for: Callable[..., FlaskClient]) -> dict[Partie, FlaskClient]:
    """One browser for each party, whose people have a password."""
    signature.session.execute(update(Personne).values(mot_de_passe=hash_password(SECRET)))
    return {partie: client_for(signature.nego.voix[partie]) for partie in Partie}


def saisie(signature: Signature, **plus: Any) -> dict[str, Any]:
    return {
        "empreinte": signature.fige().empreinte,
        "lu": "1",
        "qualite": "Directrice générale",
        "delegation": "",
        "actuel": SECRET,
    } | plus


def relire(signature: Signature) -> Session:
    """Return the session, which sees what requests have committed since."""
    signature.session.rollback()
    signature.session.expire_all()
    return signature.session


def base(signature: Signature) -> str:
    return f"/conventions/{signature.ligne.ref}/circuit"


def test_signing_on_line_from_the_link_to_the_receipt(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    client = clients[Partie.OPERATEUR]
    fiche = client.get(base(signature).removesuffix("/circuit")).get_data(as_text=True)
    assert "Signer le texte, en ligne ou sur papier" in fiche  # not « enregistrer »: it is signed here
    lien = client.get(f"{base(signature)}/textes/{signature.fige().ref}")
    assert lien.status_code == 303
    page = client.get(lien.headers["Location"]).get_data(as_text=True)
    assert "C’est à votre partie de signer." in page
    formulaire = client.get(f"{base(signature)}/signer").get_data(as_text=True)
    assert signature.fige().empreinte[:4] in formulaire
    reponse = client.post(f"{base(signature)}/signer", data=saisie(signature))
    assert reponse.status_code == 303
    acte = relire(signature).scalars(select(ActeSignature)).one()
    recu = client.get(f"{base(signature)}/actes/{acte.ref}/recu")
    assert recu.headers["Content-Disposition"].startswith("attachment")
    assert recu.mimetype == "application/pdf"
    lus = " ".join(rendus.mots_pdf(recu.get_data()))
    assert "Directrice générale" in lus
    assert signature.fige().empreinte in lus.replace(" ", "")
    assert signature.ligne.operateur.nom in lus


def test_ten_clicks_sign_once(signature: Signature, clients: dict[Partie, FlaskClient]) -> None:
    donnees = saisie(signature)
    for _clic in range(3):
        assert clients[Partie.OPERATEUR].post(f"{base(signature)}/signer", data=donnees).status_code == 303
    assert len(relire(signature).scalars(select(ActeSignature)).all()) == 1


def test_a_wrong_password_is_refused_then_slowed_down(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    codes = [
        clients[Partie.OPERATEUR]
        .post(f"{base(signature)}/signer", data=saisie(signature, actuel="autre chose entièrement"))
        .status_code
        for _essai in range(12)
    ]
    assert codes[0] == 422
    assert codes[-1] == 429
    assert not relire(signature).scalars(select(ActeSignature)).all()
    page = clients[Partie.OPERATEUR].post(f"{base(signature)}/signer", data=saisie(signature))
    assert page.status_code == 429
    assert "Directrice générale" in page.get_data(as_text=True)


def test_a_text_not_read_is_not_signed(signature: Signature, clients: dict[Partie, FlaskClient]) -> None:
    donnees = saisie(signature)
    del donnees["lu"]
    page = clients[Partie.OPERATEUR].post(f"{base(signature)}/signer", data=donnees)
    assert page.status_code == 422
    assert "Confirmez que vous avez lu le texte." in page.get_data(as_text=True)


def test_a_stale_fingerprint_says_that_the_text_is_outdated(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    page = clients[Partie.OPERATEUR].post(
        f"{base(signature)}/signer", data=saisie(signature, empreinte="0" * 64)
    )
    assert page.status_code == 409
    assert "Ce texte est dépassé" in page.get_data(as_text=True)


def test_the_link_to_an_outdated_text_leads_to_the_present_one(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    lien = f"{base(signature)}/textes/{signature.fige().ref}"
    signature.avancer("rouvrir", motif="Une valeur")
    signature.session.commit()
    page = clients[Partie.OPERATEUR].get(lien).get_data(as_text=True)
    assert "Ce texte est dépassé" in page
    assert f'href="{base(signature)}"' in page


def papier(signature: Signature, **plus: Any) -> dict[str, Any]:
    return {
        "empreinte": signature.fige().empreinte,
        "fichier": (io.BytesIO(b"%PDF-1.7 signe"), "signe.pdf"),
        "signee_le": "2026-03-02",
        "nom": "Dominique Fictif",
        "qualite": "Président",
    } | plus


def test_a_signed_paper_is_stored_and_read_by_the_other_parties(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    reponse = clients[Partie.SIAO].post(f"{base(signature)}/papier/operateur", data=papier(signature))
    assert reponse.status_code == 303
    acte = relire(signature).scalars(select(ActeSignature)).one()
    lu = clients[Partie.ETAT].get(f"{base(signature)}/actes/{acte.ref}/document")
    assert lu.data == b"%PDF-1.7 signe"
    assert lu.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("plus", "dit"),
    [
        ({"fichier": (io.BytesIO(b"MZ programme"), "signe.pdf")}, "fichier"),
        ({"fichier": (io.BytesIO(b"%PDF-1.7"), "signe.exe")}, "fichier"),
        ({"fichier": (io.BytesIO(b""), "")}, "fichier"),
        ({"signee_le": "2099-01-01"}, "signee_le"),
        ({"signee_le": "31/02/2026"}, "signee_le"),
        ({"nom": " "}, "nom"),
    ],
    ids=["renamed", "program", "no-file", "future", "no-such-day", "nobody"],
)
def test_a_bad_paper_is_refused_by_its_field(
    signature: Signature, clients: dict[Partie, FlaskClient], plus: dict[str, Any], dit: str
) -> None:
    page = clients[Partie.SIAO].post(f"{base(signature)}/papier/operateur", data=papier(signature, **plus))
    assert page.status_code == 422
    html = page.get_data(as_text=True)
    assert f'id="{dit}-erreur"' in html
    choisi = plus.get("fichier", papier(signature)["fichier"])  # what was chosen is to be chosen again
    assert ("à choisir de nouveau" in html) == bool(choisi and choisi[1])
    assert not relire(signature).scalars(select(ActeSignature)).all()


def test_an_operator_cannot_bring_the_paper_of_another_party(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    page = clients[Partie.OPERATEUR].post(f"{base(signature)}/papier/etat", data=papier(signature))
    assert page.status_code == 403


def test_refusing_on_the_screen_reopens(signature: Signature, clients: dict[Partie, FlaskClient]) -> None:
    donnees = {"empreinte": signature.fige().empreinte, "motif": "À revoir"}
    assert clients[Partie.ETAT].post(f"{base(signature)}/refuser", data=donnees).status_code == 303
    relire(signature)
    assert signature.ligne.statut is Statut.EN_NEGOCIATION
    page = clients[Partie.SIAO].get(base(signature)).get_data(as_text=True)
    assert "Motif : À revoir" in page[: page.index("Avant de figer le texte")]  # before what remains to do


def test_another_operator_finds_nothing(signature: Signature, client_for: Callable[..., FlaskClient]) -> None:
    client = client_for(signature.nego.ailleurs)
    acte = signature.signer(Partie.OPERATEUR)
    signature.session.commit()
    for chemin in ("", "/signer", "/refuser", "/papier/operateur", f"/actes/{acte.ref}/recu"):
        assert client.get(base(signature) + chemin).status_code == 404, chemin
    assert client.post(base(signature) + "/produire/pdf").status_code == 404


def test_a_manager_reads_the_circuit_and_signs_nothing(
    signature: Signature, client_for: Callable[..., FlaskClient]
) -> None:
    client = client_for(signature.nego.gestionnaire)
    page = client.get(base(signature))
    assert page.status_code == 200
    assert "Signer en ligne" not in page.get_data(as_text=True)
    assert client.get(base(signature) + "/signer").status_code == 403


def test_an_agent_is_told_that_a_delegation_is_needed(
    signature: Signature, actor_for: Callable[..., Actor], client_for: Callable[..., FlaskClient]
) -> None:
    client = client_for(actor_for(Profil.ETAT_AGENT, signature.ligne.etat))
    page = client.get(base(signature) + "/signer")
    assert page.status_code == 409
    assert "délégation" in page.get_data(as_text=True)


def test_the_circuit_takes_as_many_statements_whatever_was_signed(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    page = clients[Partie.SIAO].get(base(signature))
    assert page.status_code == 200
    assert "Relancer la partie attendue" in page.get_data(as_text=True)


def faire(
    signature: Signature, database: Database, clock: FixedClock, settings: Settings
) -> tuple[Travail, bytes, str]:
    assert run_due(database, clock, settings) is not None
    relire(signature)
    travail = signature.session.scalars(select(Travail).order_by(Travail.id.desc())).first()
    assert travail is not None
    assert travail.statut is StatutTravail.TERMINE, travail.erreur
    fichier = signature.session.get_one(Fichier, travail.fichier_id)
    return travail, Storage(settings).read(fichier), fichier.nom


@pytest.mark.parametrize("sorte", ["travail", "propre", "pdf"])
def test_a_document_is_made_by_the_worker(
    signature: Signature,
    clients: dict[Partie, FlaskClient],
    database: Database,
    clock: FixedClock,
    sorte: str,
) -> None:
    client = clients[Partie.OPERATEUR]
    reponse = client.post(f"{base(signature)}/produire/{sorte}")
    assert reponse.status_code == 303
    settings: Settings = client.application.extensions["portail_settings"]
    _travail, octets, nom = faire(signature, database, clock, settings)
    assert nom.endswith(".pdf" if sorte == "pdf" else ".docx")
    assert octets.startswith(b"%PDF" if sorte == "pdf" else b"PK")
    recu = client.get(reponse.headers["Location"] + "/fichier")
    assert recu.status_code == 200
    assert clients[Partie.ETAT].get(reponse.headers["Location"] + "/fichier").status_code == 404


def test_one_archive_holds_the_texts_that_one_may_read(
    signature: Signature, clients: dict[Partie, FlaskClient], database: Database, clock: FixedClock
) -> None:
    client = clients[Partie.ETAT]
    page = client.get("/conventions/archive").get_data(as_text=True)
    assert re.search(r"1 convention a son texte", page)
    reponse = client.post("/conventions/archive", data={"sorte": "propre", "statut": ""})
    assert reponse.status_code == 303
    settings: Settings = client.application.extensions["portail_settings"]
    travail, octets, nom = faire(signature, database, clock, settings)
    assert travail.resultat == {"conventions": 1}
    assert nom.endswith(".zip")
    assert octets.startswith(b"PK")


def test_an_archive_of_nothing_is_refused(signature: Signature, clients: dict[Partie, FlaskClient]) -> None:
    page = clients[Partie.ETAT].post("/conventions/archive", data={"sorte": "pdf", "statut": "signee"})
    assert page.status_code == 422
