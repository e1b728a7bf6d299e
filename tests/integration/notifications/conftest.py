"""A real SMTP server that does as told, and settings that send to it."""

import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.config import Settings


class Mailbox:
    """Handler of the server: keeps what it accepts; `answers` holds a reply per recipient address."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.at_data: Callable[[], str] = lambda: "250 OK"

    async def handle_RCPT(  # noqa: N802  (the library's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.at_data()
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.received.append(message)
        return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def serve(mailbox: Mailbox) -> Iterator[Callable[..., int]]:
    """Return a function that starts the server with aiosmtpd's options and returns its port."""
    started: list[Controller] = []

    def start(**options: Any) -> int:
        controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        started.append(controller)
        return controller.port

    yield start
    for controller in started:
        controller.stop(no_assert=True)


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Settings]:
    """Return a function making test settings around an SMTP address."""

    def make(smtp_url: str = "", **kwargs: Any) -> Settings:
        return Settings(
            environnement="test", var_dir=tmp_path / "var", smtp_url=smtp_url, smtp_timeout=5, **kwargs
        )

    return make


@pytest.fixture
def settings(serve: Callable[..., int], settings_for: Callable[..., Settings]) -> Settings:
    return settings_for(f"smtp://127.0.0.1:{serve()}")
