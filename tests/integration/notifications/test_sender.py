"""Messages leave by a real SMTP server, whatever its mood."""

import asyncio
import datetime as dt
import email
import ssl
import threading
import time
from collections.abc import Callable
from email import policy
from email.header import decode_header, make_header
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select, update

import portal.notifications.sender as sender_module
from portal.config import Settings
from portal.notifications.models import MessageSortant, StatutMessage
from portal.notifications.sender import LEASE, MAX_TRIES, delay_after, send_due
from portal.notifications.service import enqueue, new_message
from portal.notifications.transport import compose
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.notifications.conftest import Mailbox, free_port


def write(database: Database, clock: FixedClock, *addresses: str) -> None:
    with database.session(write=True) as session:
        for address in addresses or ("a@partenaire.example",):
            session.add(new_message(clock, address, "fr", "Été : « à signer »", "Une ligne vous attend.\n"))
        session.commit()


def only_row(database: Database) -> MessageSortant:
    with database.session() as session:
        return session.scalars(select(MessageSortant)).one()


def test_a_message_leaves_once_with_its_headers(
    database: Database, clock: FixedClock, settings: Settings, mailbox: Mailbox
) -> None:
    write(database, clock)
    assert send_due(database, clock, settings) == (1, True)
    assert send_due(database, clock, settings) == (0, True)
    (received,) = mailbox.received
    row = only_row(database)
    assert row.statut is StatutMessage.ENVOYE
    assert row.envoye_le == clock.now()
    assert row.corps == ""  # it may hold a link that serves once
    assert received["To"] == "a@partenaire.example"
    assert received["From"] == "Portail des partenaires du SIAO <portail@siao.example>"
    assert received["Subject"] == "Été : « à signer »"
    assert received["Message-ID"] == f"<{row.message_id}@siao.example>"
    assert received["Date"].datetime == clock.now()
    assert received["Auto-Submitted"] == "auto-generated"
    assert received.get_content_type() == "text/plain"
    assert received.get_content().strip() == "Une ligne vous attend."


def test_a_long_subject_keeps_its_spaces(settings: Settings, clock: FixedClock) -> None:
    for longueur in range(60):  # wherever its lines end
        sujet = f"Refus de signer : {'x' * longueur} Côtes-d’Armor (démonstration), Sœurs d’Émeraude"
        message = compose(settings, new_message(clock, "a@partenaire.example", "fr", sujet, "Une ligne.\n"))
        brut = message.as_bytes()
        assert max(len(ligne) for ligne in brut.split(b"\r\n")) <= 78
        [lu] = [valeur for nom, valeur in email.message_from_bytes(brut).items() if nom == "Subject"]
        assert str(make_header(decode_header(lu))) == sujet
        assert email.message_from_bytes(brut, policy=policy.default)["Subject"] == sujet


def test_the_portal_s_address_is_that_of_the_day_it_leaves(
    database: Database, clock: FixedClock, settings: Settings, mailbox: Mailbox
) -> None:
    with database.session(write=True) as session:
        context = {"organisation": "Les Ajoncs", "nombre": 2}
        enqueue(session, clock, to="a@partenaire.example", template="comptes/revue", context=context)
        session.commit()
    send_due(database, clock, settings.model_copy(update={"public_url": "https://portail.example/"}))
    lines = mailbox.received[0].get_content().splitlines()
    assert "https://portail.example/equipe" in lines
    assert lines[-2] == "https://portail.example/"


def test_several_messages_use_one_connection(
    database: Database, clock: FixedClock, settings: Settings, mailbox: Mailbox
) -> None:
    peers = set()
    original = mailbox.handle_DATA

    async def note_peer(server: SMTP, session: Session, envelope: Envelope) -> str:
        peers.add(session.peer)
        return await original(server, session, envelope)

    mailbox.handle_DATA = note_peer  # type: ignore[method-assign]
    write(database, clock, *(f"p{n}@partenaire.example" for n in range(5)))
    assert send_due(database, clock, settings) == (5, True)
    assert len(peers) == 1


@pytest.mark.parametrize("stage", ["recipient", "content"])
@pytest.mark.parametrize(
    ("answer", "status"),
    [("550 inconnu", StatutMessage.ABANDONNE), ("451 plus tard", StatutMessage.A_ENVOYER)],
)
def test_a_refusal_concerns_one_message_only(
    database: Database,
    clock: FixedClock,
    settings: Settings,
    mailbox: Mailbox,
    stage: str,
    answer: str,
    status: StatutMessage,
) -> None:
    write(database, clock, "refuse@partenaire.example")
    refused = only_row(database).id
    if stage == "recipient":
        mailbox.answers["refuse@partenaire.example"] = answer
    else:
        answers = iter([answer])
        mailbox.at_data = lambda: next(answers, "250 OK")
    write(database, clock, "b@partenaire.example")
    assert send_due(database, clock, settings) == (1, True)
    with database.session() as session:
        row = session.get(MessageSortant, refused)
        assert row is not None
    assert (row.statut, row.derniere_erreur, row.essais) == (status, answer, 1)
    assert row.corps != ""
    assert [m["To"] for m in mailbox.received] == ["b@partenaire.example"]
    if status is StatutMessage.A_ENVOYER:
        mailbox.answers.clear()
        assert send_due(database, clock, settings) == (0, True)
        clock.instant += delay_after(1)
        assert send_due(database, clock, settings) == (1, True)


def test_a_dead_server_is_asked_once_and_loses_nothing(
    database: Database,
    clock: FixedClock,
    settings_for: Callable[..., Settings],
    serve: Callable[..., int],
    mailbox: Mailbox,
) -> None:
    write(database, clock, "a@partenaire.example", "b@partenaire.example", "c@partenaire.example")
    dead = settings_for(f"smtp://127.0.0.1:{free_port()}")
    assert send_due(database, clock, dead) == (0, False)
    with database.session() as session:
        assert sorted(session.scalars(select(MessageSortant.essais))) == [0, 0, 1]
    clock.instant += delay_after(1)
    assert send_due(database, clock, settings_for(f"smtp://127.0.0.1:{serve()}")) == (3, True)


def test_a_slow_server_is_left_after_the_timeout(
    database: Database, clock: FixedClock, settings: Settings, mailbox: Mailbox
) -> None:
    original = mailbox.handle_RCPT

    async def dawdle(
        server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(60)
        return await original(server, session, envelope, address, options)

    mailbox.handle_RCPT = dawdle  # type: ignore[method-assign]
    write(database, clock)
    started = time.monotonic()
    hurried = settings.model_copy(update={"smtp_timeout": 1})
    assert send_due(database, clock, hurried) == (0, False)
    assert time.monotonic() - started < 30
    row = only_row(database)
    assert row.statut is StatutMessage.A_ENVOYER
    assert row.derniere_erreur


def test_a_connection_closed_between_two_messages_is_opened_again(
    database: Database,
    clock: FixedClock,
    settings: Settings,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep, claim, closed = mailbox.handle_DATA, sender_module.claim, threading.Event()

    async def keep_then_hang_up(server: SMTP, session: Session, envelope: Envelope) -> str:
        def hang_up() -> None:
            server.transport.close()
            closed.set()

        if not mailbox.received:
            asyncio.get_running_loop().call_later(0.1, hang_up)
        return await keep(server, session, envelope)

    def claim_once_alone(database: Database, clock: FixedClock) -> MessageSortant | None:
        assert not mailbox.received or closed.wait(30)
        return claim(database, clock)

    mailbox.handle_DATA = keep_then_hang_up  # type: ignore[method-assign]
    monkeypatch.setattr(sender_module, "claim", claim_once_alone)
    write(database, clock, "a@partenaire.example", "b@partenaire.example")
    assert send_due(database, clock, settings) == (2, True)
    assert closed.is_set()


def test_a_message_is_abandoned_after_too_many_tries(
    database: Database, clock: FixedClock, settings_for: Callable[..., Settings]
) -> None:
    write(database, clock)
    with database.session(write=True) as session:
        session.execute(update(MessageSortant).values(essais=MAX_TRIES - 1))
        session.commit()
    send_due(database, clock, settings_for(f"smtp://127.0.0.1:{free_port()}"))
    assert only_row(database).statut is StatutMessage.ABANDONNE


def test_the_tries_outlast_a_week_end() -> None:
    total = sum((delay_after(tries) for tries in range(1, MAX_TRIES)), dt.timedelta())
    assert dt.timedelta(hours=63) < total < dt.timedelta(days=4)


@pytest.mark.parametrize(
    "address", ["pas une adresse", "a@b@c", "a\nb@partenaire.example", "é@partenaire.example", ""]
)
def test_an_impossible_address_blocks_nobody(
    database: Database, clock: FixedClock, settings: Settings, mailbox: Mailbox, address: str
) -> None:
    write(database, clock, address, "b@partenaire.example")
    assert send_due(database, clock, settings) == (1, True)
    with database.session() as session:
        row = session.scalars(select(MessageSortant).where(MessageSortant.destinataire == address)).one()
    assert row.statut is StatutMessage.ABANDONNE


def test_a_sender_that_dies_leaves_the_message_to_the_next(
    database: Database, clock: FixedClock, settings: Settings, mailbox: Mailbox
) -> None:
    write(database, clock)
    assert sender_module.claim(database, clock) is not None  # and this one dies
    assert send_due(database, clock, settings) == (0, True)
    clock.instant += LEASE
    assert send_due(database, clock, settings) == (1, True)


def test_two_senders_never_send_the_same_message(
    database: Database, clock: FixedClock, settings: Settings, mailbox: Mailbox
) -> None:
    write(database, clock, *(f"p{n}@partenaire.example" for n in range(20)))
    threads = [threading.Thread(target=send_due, args=(database, clock, settings)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(m["To"] for m in mailbox.received) == sorted(f"p{n}@partenaire.example" for n in range(20))


def test_without_a_server_messages_are_files(
    database: Database, clock: FixedClock, settings_for: Callable[..., Settings]
) -> None:
    settings = settings_for()
    write(database, clock)
    assert send_due(database, clock, settings) == (1, True)
    (path,) = (settings.var_dir / "mails").iterdir()
    assert path.name.startswith("20260302T090000Z-")
    assert path.suffix == ".eml"
    assert b"Une ligne vous attend." in path.read_bytes()


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server context of 127.0.0.1, whose certificate this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificat.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    right = (data.login, data.password) == (b"portail", b"secret/@:")
    return AuthResult(success=right, handled=right)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize(("password", "sent"), [("secret%2F%40%3A", 1), ("autre", 0), ("cl%C3%A9", 0)])
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is TLS from the start
def test_encrypted_and_authenticated(
    database: Database,
    clock: FixedClock,
    settings_for: Callable[..., Settings],
    serve: Callable[..., int],
    certificate: ssl.SSLContext,
    scheme: str,
    password: str,
    sent: int,
) -> None:
    options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": scheme != "smtps"}
    if scheme == "smtps":
        port = serve(ssl_context=certificate, **options)
    else:
        port = serve(tls_context=certificate, require_starttls=True, **options)
    write(database, clock)
    settings = settings_for(f"{scheme}://portail:{password}@127.0.0.1:{port}")
    assert send_due(database, clock, settings) == (sent, bool(sent))


def test_a_certificate_nobody_vouches_for_is_refused(
    database: Database,
    clock: FixedClock,
    settings_for: Callable[..., Settings],
    serve: Callable[..., int],
    certificate: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = serve(tls_context=certificate)
    monkeypatch.delenv("SSL_CERT_FILE")
    write(database, clock)
    assert send_due(database, clock, settings_for(f"smtp+starttls://127.0.0.1:{port}")) == (0, False)
    assert "CERTIFICATE_VERIFY_FAILED" in only_row(database).derniere_erreur
