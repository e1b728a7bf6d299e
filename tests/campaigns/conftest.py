"""Campaigns run on both engines: PostgreSQL when TEST_DATABASE_URL names a server."""

import os
import time
from collections.abc import Callable, Iterator

import pytest

SHORT = os.environ.get("CAMPAIGN") == "short"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql" and "TEST_DATABASE_URL" not in os.environ:
        pytest.skip("TEST_DATABASE_URL names no server")
    return str(request.param)


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Iterator[Callable[[str, object], None]]:
    """Print a figure of the campaign; the duration comes by itself."""
    start = time.monotonic()
    name = request.node.name

    def say(what: str, value: object) -> None:
        print(f"{name} {what}: {value}", flush=True)

    yield say
    say("seconds", round(time.monotonic() - start, 1))
