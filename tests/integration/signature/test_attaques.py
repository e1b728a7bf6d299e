"""Attacks on a text in signature: at once, twice, too late, as someone else, on another's objects."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.comptes.models import Personne
from portal.config import Settings
from portal.conventions import service as lignes
from portal.conventions.enums import Partie, Statut
from portal.conventions.signature import delegations, service
from portal.conventions.signature.models import ActeSignature, DelegationSignature
from portal.documents.models import Fichier
from portal.notifications.models import MessageSortant, StatutMessage
from portal.notifications.sender import send_due
from portal.organisations.enums import TypeOrganisation
from portal.security.passwords import hash_password
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, NotVisible, StaleVersion
from tests.integration.signature.conftest import Signature

SECRET = "quatre mots sans rapport"
MAINTENANT = 10


@pytest.fixture
def clients(signature: Signature, client_for: Callable[..., FlaskClient]) -> dict[Partie, FlaskClient]:
    """One browser for each party, whose people have a password."""
    signature.session.execute(update(Personne).values(mot_de_passe=hash_password(SECRET)))
    return {partie: client_for(signature.nego.voix[partie]) for partie in Partie}


def base(signature: Signature) -> str:
    return f"/conventions/{signature.ligne.ref}/circuit"


def relire(signature: Signature) -> Session:
    signature.session.rollback()
    signature.session.expire_all()
    return signature.session


def actes(signature: Signature) -> list[ActeSignature]:
    return list(relire(signature).scalars(select(ActeSignature)))


def code(appel: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refus:
        appel()
    return refus.value.code


# --- at once ------------------------------------------------------------------------------------------


def ensemble(signature: Signature, database: Database, acteurs: list[Actor]) -> list[str]:
    """Have these people sign at the same moment; return the receipt or the refusal of each."""
    ref, empreinte = signature.ligne.ref, signature.fige().empreinte
    signature.session.commit()
    depart = Barrier(len(acteurs))

    def un(actor: Actor) -> str:
        depart.wait()
        with database.session(write=True) as session:
            try:
                acte = service.signer(
                    session, signature.nego.clock, actor, ref, empreinte, qualite="Direction"
                )
                session.commit()
            except DomainError as refus:
                session.rollback()
                return refus.code
            return acte.ref

    with ThreadPoolExecutor(len(acteurs)) as pool:
        return list(pool.map(un, acteurs))


def test_ten_clicks_at_once_sign_once_and_give_one_receipt(signature: Signature, database: Database) -> None:
    rendus = ensemble(signature, database, [signature.nego.voix[Partie.OPERATEUR]] * MAINTENANT)
    [acte] = actes(signature)
    assert set(rendus) == {acte.ref}


def test_of_ten_people_of_one_party_one_signs_and_the_others_are_told(
    signature: Signature, database: Database, actor_for: Callable[..., Actor]
) -> None:
    directions = [
        actor_for(Profil.OPERATEUR_DIRECTION, signature.ligne.operateur) for _rang in range(MAINTENANT)
    ]
    rendus = ensemble(signature, database, directions)
    [acte] = actes(signature)
    assert sorted(set(rendus)) == sorted({acte.ref, "conventions.signature_deja"})
    assert rendus.count(acte.ref) == 1


def test_a_text_reopened_while_one_signs_is_never_half_signed(
    signature: Signature, database: Database
) -> None:
    ref, version, empreinte = signature.ligne.ref, signature.ligne.version, signature.fige().empreinte
    signature.session.commit()
    depart = Barrier(2)

    def faire(acte: Callable[[Session], Any]) -> str:
        depart.wait()
        with database.session(write=True) as session:
            try:
                acte(session)
                session.commit()
            except (DomainError, StaleVersion) as refus:
                session.rollback()
                return type(refus).__name__
        return "fait"

    def signer(session: Session) -> None:
        operateur = signature.nego.voix[Partie.OPERATEUR]
        service.signer(session, signature.nego.clock, operateur, ref, empreinte, qualite="Direction")

    def rouvrir(session: Session) -> None:
        siao = signature.nego.voix[Partie.SIAO]
        lignes.avancer(session, signature.nego.clock, siao, ref, version, "rouvrir", motif="Une valeur")

    with ThreadPoolExecutor(2) as pool:
        signe, rouvert = pool.map(faire, (signer, rouvrir))
    relire(signature)
    if rouvert == "fait":
        assert signe == "DomainError"
        assert signature.ligne.statut is Statut.EN_NEGOCIATION
        assert not signature.ligne.signatures
    else:
        assert (signe, rouvert) == ("fait", "StaleVersion")
        assert [s.partie for s in signature.ligne.signatures] == [Partie.OPERATEUR]


# --- twice, too late ----------------------------------------------------------------------------------


def test_freezing_twice_leads_to_the_circuit(
    accord: Signature, client_for: Callable[..., FlaskClient]
) -> None:
    client = client_for(accord.nego.voix[Partie.SIAO])
    donnees = {"version": str(accord.ligne.version)}
    accord.session.commit()
    for _clic in range(2):
        assert client.post(base(accord) + "/figer", data=donnees).status_code == 303
    relire(accord)
    assert accord.fige().numero == 1


def test_a_stale_freezing_asks_to_look_again(
    accord: Signature, client_for: Callable[..., FlaskClient]
) -> None:
    client = client_for(accord.nego.voix[Partie.SIAO])
    donnees = {"version": str(accord.ligne.version - 1)}
    accord.session.commit()
    page = client.post(base(accord) + "/figer", data=donnees)
    assert page.status_code == 409
    assert "La ligne a changé entre-temps" in page.get_data(as_text=True)
    assert relire(accord).get_one(type(accord.ligne), accord.ligne.id).statut is Statut.ACCORD_DE_PRINCIPE


def papier(signature: Signature, contenu: bytes = b"%PDF-1.7 signe") -> dict[str, Any]:
    return {
        "empreinte": signature.fige().empreinte,
        "fichier": (io.BytesIO(contenu), "signe.pdf"),
        "signee_le": "2026-03-02",
        "nom": "Dominique Fictif",
        "qualite": "Président",
    }


def test_a_paper_sent_twice_is_recorded_once_with_its_first_file(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    for _clic in range(2):
        adresse = f"{base(signature)}/papier/operateur"
        assert clients[Partie.SIAO].post(adresse, data=papier(signature)).status_code == 303
    assert len(actes(signature)) == 1
    assert len(signature.session.scalars(select(Fichier)).all()) == 1


def test_another_paper_of_a_party_that_has_signed_is_refused(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    adresse = f"{base(signature)}/papier/operateur"
    clients[Partie.SIAO].post(adresse, data=papier(signature))
    page = clients[Partie.SIAO].post(adresse, data=papier(signature) | {"nom": "Claude Autre"})
    assert page.status_code == 422
    assert "Claude Autre" in page.get_data(as_text=True)
    assert [acte.nom for acte in actes(signature)] == ["Dominique Fictif"]


def test_a_convention_signed_elsewhere_is_not_said_signed_here(
    signature: Signature, clients: dict[Partie, FlaskClient]
) -> None:
    signature.signer(Partie.OPERATEUR)
    jour = date(2026, 3, 1)
    lignes.saisir_reprise(
        signature.session,
        signature.nego.clock,
        signature.nego.voix[Partie.SIAO],
        signature.ligne.ref,
        signature.ligne.version,
        date_signature=jour,
        date_effet=jour,
        date_fin=date(2030, 3, 1),
    )
    signature.session.commit()
    page = clients[Partie.ETAT].get(base(signature)).get_data(as_text=True)
    assert "Les trois parties ont signé" not in page
    assert "Signée hors du portail" in page


def test_a_mail_server_that_is_down_holds_neither_the_signature_nor_its_messages(
    signature: Signature, database: Database, tmp_path: Path
) -> None:
    acte = signature.signer(Partie.OPERATEUR)
    ecrits = [message.id for message in signature.ecrits()]
    signature.session.commit()
    settings = Settings(environnement="test", var_dir=tmp_path, smtp_url="smtp://127.0.0.1:1", smtp_timeout=1)
    send_due(database, signature.nego.clock, settings)
    messages = list(relire(signature).scalars(select(MessageSortant).where(MessageSortant.id.in_(ecrits))))
    assert len(messages) == 2  # the receipt, and the party whose turn comes
    assert {message.statut for message in messages} == {StatutMessage.A_ENVOYER}
    assert [un.ref for un in actes(signature)] == [acte.ref]


# --- as someone else ----------------------------------------------------------------------------------


def test_another_service_of_the_state_reads_and_does_not_sign(
    signature: Signature, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    signature.signer(Partie.OPERATEUR)
    signature.signer(Partie.SIAO)
    ailleurs = actor_for(Profil.ETAT_PILOTE, factories.Organisation(type=TypeOrganisation.ETAT))
    refus = code(lambda: signature.signer(Partie.ETAT, actor=ailleurs))
    assert refus == "signature.delegation_requise"
    assert signature.ligne.statut is Statut.EN_SIGNATURE


def deleguer(signature: Signature, agent: Actor, du: date, au: date | None = None) -> DelegationSignature:
    return delegations.deleguer(
        signature.session,
        signature.nego.clock,
        signature.nego.voix[Partie.SIAO],
        personne_ref=agent.personne_ref,
        qualite="Directrice adjointe",
        reference="Délibération du 3 février 2026",
        du=du,
        au=au,
    )


@pytest.mark.parametrize(
    ("au", "instant", "attendu"),
    [
        (date(2026, 3, 2), datetime(2026, 3, 2, 22, 59, tzinfo=UTC), "fait"),  # 23:59 in Paris
        (date(2026, 3, 2), datetime(2026, 3, 2, 23, 0, tzinfo=UTC), "signature.delegation_requise"),
        (date(2026, 3, 1), datetime(2026, 3, 2, 8, 0, tzinfo=UTC), "signature.delegation_requise"),
        (None, datetime(2029, 3, 2, 8, 0, tzinfo=UTC), "fait"),
    ],
    ids=["last minute", "one minute later", "ended the day before", "no end"],
)
def test_a_delegation_is_good_until_its_last_minute(
    signature: Signature,
    actor_for: Callable[..., Actor],
    au: date | None,
    instant: datetime,
    attendu: str,
) -> None:
    agent = actor_for(Profil.SIAO_REGULATEUR, signature.ligne.siao)
    deleguer(signature, agent, date(2026, 1, 1), au)
    signature.signer(Partie.OPERATEUR)
    clock = FixedClock(instant)
    empreinte = signature.fige().empreinte

    def signer() -> str:
        service.signer(signature.session, clock, agent, signature.ligne.ref, empreinte, qualite="")
        return "fait"

    assert (signer() if attendu == "fait" else code(signer)) == attendu


def test_a_delegation_of_tomorrow_allows_nothing_today(
    signature: Signature, actor_for: Callable[..., Actor]
) -> None:
    agent = actor_for(Profil.SIAO_REGULATEUR, signature.ligne.siao)
    deleguer(signature, agent, signature.nego.clock.today() + timedelta(days=1))
    signature.signer(Partie.OPERATEUR)
    assert code(lambda: signature.signer(Partie.SIAO, actor=agent)) == "signature.delegation_requise"


def test_a_delegate_cannot_give_itself_another_capacity(
    signature: Signature, actor_for: Callable[..., Actor]
) -> None:
    agent = actor_for(Profil.SIAO_REGULATEUR, signature.ligne.siao)
    deleguer(signature, agent, date(2026, 1, 1))
    signature.signer(Partie.OPERATEUR)
    acte = signature.signer(Partie.SIAO, actor=agent, qualite="Préfet", delegation="Décret imaginaire")
    assert (acte.qualite, acte.delegation) == ("Directrice adjointe", "Délibération du 3 février 2026")


@pytest.mark.parametrize("du", [date(1900, 1, 1), date(9999, 12, 31)])
def test_absurd_dates_of_a_delegation_are_refused(
    signature: Signature, actor_for: Callable[..., Actor], du: date
) -> None:
    agent = actor_for(Profil.SIAO_REGULATEUR, signature.ligne.siao)
    assert code(lambda: deleguer(signature, agent, du)) == "date_absurde"


def test_nobody_of_another_organisation_is_delegated(
    signature: Signature, actor_for: Callable[..., Actor]
) -> None:
    agent = actor_for(Profil.ETAT_AGENT, signature.ligne.etat)
    assert code(lambda: deleguer(signature, agent, date(2026, 1, 1))) == "signature.personne"


# --- on another's objects -----------------------------------------------------------------------------


def test_the_delegations_of_another_organisation_do_not_exist(
    signature: Signature, actor_for: Callable[..., Actor]
) -> None:
    agent = actor_for(Profil.SIAO_REGULATEUR, signature.ligne.siao)
    donnee = deleguer(signature, agent, date(2026, 1, 1))
    etat = signature.nego.voix[Partie.ETAT]
    with pytest.raises(NotVisible):
        delegations.retirer(signature.session, signature.nego.clock, etat, donnee.ref)
    with pytest.raises(NotVisible):
        delegations.piece(signature.session, etat, donnee.ref)


def test_the_receipt_of_one_convention_is_not_found_under_another(
    signature: Signature,
    clients: dict[Partie, FlaskClient],
    factories: SimpleNamespace,
) -> None:
    autre = factories.Convention(
        operateur=signature.ligne.operateur, siao=factories.Organisation(type=TypeOrganisation.SIAO)
    )
    acte = signature.signer(Partie.OPERATEUR)
    fige = signature.fige()
    signature.session.commit()
    client = clients[Partie.OPERATEUR]
    assert client.get(f"/conventions/{autre.ref}/circuit").status_code == 200
    assert client.get(f"/conventions/{autre.ref}/circuit/actes/{acte.ref}/recu").status_code == 404
    assert client.get(f"/conventions/{autre.ref}/circuit/textes/{fige.ref}").status_code == 404
