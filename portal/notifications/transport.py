"""How a message leaves: a real SMTP server, or files in a folder when none is configured."""

import os
import smtplib
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from portal.config import Settings
from portal.notifications.calendrier import RendezVous, ecrire
from portal.notifications.messages import with_links
from portal.notifications.models import MessageSortant

DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class _Subjects(EmailPolicy):
    """Policy that writes a subject as one encoded text.

    Word by word, as the library does, the space between two encoded words on either side of an end of line is
    lost: « Côtes-d’Armor(démonstration) ».
    """

    def fold(self, name: str, value: Any) -> str:
        if name.lower() != "subject":
            return str(super().fold(name, value))
        texte = Header(str(value), header_name=name).encode(linesep=self.linesep)
        return f"{name}: {texte}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() != "subject":
            return bytes(super().fold_binary(name, value))
        return self.fold(name, value).encode()


POLICY = _Subjects(linesep=SMTP.linesep)


class Refused(Exception):
    """Refused for good (5xx about the recipient or the content), or impossible to write."""


class NotNow(Exception):
    """The server refused this message for the moment (4xx); it answers for others."""


class ServerDown(Exception):
    """The server does not answer, is too slow, or refuses whoever we are: no message can leave now."""


class Transport(Protocol):
    """Takes one message; raises Refused, NotNow or ServerDown."""

    def send(self, message: EmailMessage) -> None: ...


def compose(settings: Settings, row: MessageSortant) -> EmailMessage:
    """Return the e-mail of an outbox row: the same Message-ID and date at every try."""
    name, sender = parseaddr(settings.mail_from)
    user, _, domain = sender.rpartition("@")
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(name, user, domain)
    try:
        message["To"] = Address(addr_spec=row.destinataire)
        message["Subject"] = row.sujet
        message.set_content(with_links(row.corps, settings.public_url), cte="quoted-printable")
        _add_calendar(settings, row, message)
    except (ValueError, IndexError, MessageError) as error:  # all that the e-mail package may say
        raise Refused(f"adresse ou texte impossible : {error}") from error
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.message_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = row.langue
    return message


def _add_calendar(settings: Settings, row: MessageSortant, message: EmailMessage) -> None:
    """Add the appointment of a row: as an alternative of the text, which Outlook and Thunderbird offer to put
    in the calendar, and as a file, which Apple Mail opens. Its date is the row's: a message sent again says
    the same."""
    if row.calendrier is None:
        return
    appointment = RendezVous.from_json(row.calendrier)
    content = ecrire(
        appointment,
        row.created_at,
        settings.public_url,
        organisateur=settings.mail_from,
        invite=row.destinataire,
    )
    message.add_alternative(
        content.decode(), subtype="calendar", params={"method": appointment.methode.value}, cte="base64"
    )
    message.add_attachment(content, maintype="application", subtype="ics", filename="seance.ics")


@contextmanager
def open_transport(settings: Settings) -> Iterator[Transport]:
    """Give the transport that the settings ask for; an SMTP connection is opened at the first message."""
    if not settings.smtp_url:
        yield FolderTransport(settings.var_dir / "mails")
        return
    transport = SmtpTransport(settings)
    try:
        yield transport
    finally:
        transport.close()


class FolderTransport:
    """Writes `.eml` files: a demonstration, or a portal whose mail server is not known yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write the message; sent again, it replaces itself."""
        instant = message["Date"].datetime.strftime("%Y%m%dT%H%M%SZ")
        name = f"{instant}-{message['Message-ID'].strip('<>').partition('@')[0]}.eml"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".tmp")
            with os.fdopen(handle, "wb") as file:
                file.write(message.as_bytes())
            Path(temporary).replace(self.folder / name)
        except OSError as error:
            raise ServerDown(str(error)) from error


class SmtpTransport:
    """One connection for several messages, opened again once when the server closed it between two."""

    def __init__(self, settings: Settings) -> None:
        self.url = urlsplit(settings.smtp_url)
        if self.url.scheme not in DEFAULT_PORTS:
            raise ValueError("PORTAL_SMTP_URL: smtp://, smtps:// or smtp+starttls:// expected")
        self.timeout = settings.smtp_timeout
        self.name = urlsplit(settings.public_url).hostname or "localhost"
        self.sender = parseaddr(settings.mail_from)[1]
        self.connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        reused = self.connection is not None
        try:
            self._send_once(message)
        except ServerDown:
            if not reused:
                raise
            self._send_once(message)

    def close(self) -> None:
        """Say goodbye, without waiting for an answer that does not come."""
        if self.connection is not None:
            try:
                self.connection.quit()
            except (OSError, smtplib.SMTPException):
                self.connection.close()
            self.connection = None

    def _send_once(self, message: EmailMessage) -> None:
        recipient = message["To"].addresses[0].addr_spec
        connection = self.connection = self.connection or self._connect()
        try:
            connection.sendmail(self.sender, [recipient], message.as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise self._judged(code, text) from error
        except smtplib.SMTPDataError as error:
            raise self._judged(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPNotSupportedError, UnicodeEncodeError) as error:
            raise Refused(f"adresse que le serveur ne sait pas lire : {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise ServerDown(str(error) or type(error).__name__) from error

    def _judged(self, code: int, text: bytes | str) -> Exception:
        words = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
        if code == 421:  # the server is leaving: nothing to do with this message
            self._drop()
            return ServerDown(words)
        return Refused(words) if 500 <= code < 600 else NotNow(words)

    def _drop(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _connect(self) -> smtplib.SMTP:
        """Return a connection, encrypted and authenticated as the address says, or raise ServerDown."""
        try:
            connection = self._reach()
        except (smtplib.SMTPException, OSError) as error:
            raise ServerDown(str(error) or type(error).__name__) from error
        try:
            if self.url.scheme == "smtp+starttls":
                connection.starttls(context=ssl.create_default_context())
            if self.url.username:
                connection.login(unquote(self.url.username), unquote(self.url.password or ""))
        except (smtplib.SMTPException, OSError, UnicodeEncodeError) as error:
            connection.close()
            raise ServerDown(str(error) or type(error).__name__) from error
        return connection

    def _reach(self) -> smtplib.SMTP:
        host, port = self.url.hostname or "localhost", self.url.port or DEFAULT_PORTS[self.url.scheme]
        if self.url.scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, self.name, timeout=self.timeout, context=context)
        return smtplib.SMTP(host, port, self.name, timeout=self.timeout)
