"""`flask --app wsgi serve`: the web server and the worker as one command, started and stopped together."""

import contextlib
import ctypes
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from gunicorn.workers import gthread

ROOT = Path(__file__).resolve().parent.parent  # where `wsgi.py` is
HOST = "127.0.0.1"
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
GRACE = 10  # seconds a request in progress has to finish once asked to stop
KILL_AFTER = GRACE + 5  # seconds before what did not stop is killed
POLL = 0.2  # seconds between two looks at the children


class ServeSettings(Protocol):
    """What this module reads of the portal's settings."""

    @property
    def web_workers(self) -> int:
        """Number of web processes, each of one thread."""

    @property
    def web_max_requests(self) -> int:
        """Requests after which a web process is renewed; 0 for never."""


def serve(settings: ServeSettings, port: int) -> int:
    """Run the web server on `port` of this machine and the worker until a signal, or until one of them ends.

    Return the exit code: 0 when asked to stop by SIGINT, SIGTERM or SIGHUP, 1 when a process ended by itself.
    Raise SystemExit with a message when the port is taken. Nothing is restarted and nothing is left behind:
    each child leads its own process group, which is killed when it does not stop in time, and on Linux is
    told to stop even when this process is killed outright.
    """
    refuse_taken_port(port)
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    return supervise([gunicorn_command(settings, port), flask])


def gunicorn_command(settings: ServeSettings, port: int) -> list[str]:
    """Return the command of the web server; this module is also gunicorn's configuration (hooks below).

    The application is loaded once, before the web processes are forked, so that they share its memory.
    """
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app", "--config", "python:portal.serve"),
        *("--bind", f"{HOST}:{port}", "--workers", str(settings.web_workers), "--preload"),
        *("--worker-class", "portal.serve.WebWorker", "--threads", "1", "--no-control-socket"),
        *("--graceful-timeout", str(GRACE), "--timeout", "60", "--log-level", "warning"),
        *("--max-requests", str(settings.web_max_requests)),
        *("--max-requests-jitter", str(settings.web_max_requests // 10)),
    ]


class WebWorker(gthread.ThreadWorker):
    """One thread for the requests, and a loop beside it that watches the connections on which none came yet.

    Browsers open connections in advance and say nothing on them. gunicorn's `sync` process would wait on such
    a connection until it is killed, and its `gthread` one for 5 seconds: a few tabs would stop the portal.
    """

    def handle(self, conn: gthread.TConn) -> object:
        """Serve what came on a connection, or give it back to the loop at once when nothing did."""
        if not conn.initialized and not conn.wait_for_data(0):
            return gthread._DEFER
        return super().handle(conn)  # type: ignore[no-untyped-call]  # gunicorn has no annotations


def when_ready(_server: Any) -> None:
    """gunicorn hook, before the first fork: keep the collector from writing into the memory to be shared."""
    gc.collect()
    gc.freeze()


def refuse_taken_port(port: int) -> None:
    """Raise SystemExit with a message when `port` cannot be listened to."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SystemExit(
                f"Cannot listen on {HOST}:{port} ({error.strerror}). Choose another port: PORT={port + 10}"
            ) from error


def supervise(commands: Sequence[Sequence[str]]) -> int:
    """Run every command until a stop signal or the end of one of them, then stop them all."""
    stop = threading.Event()
    children: list[subprocess.Popen[bytes]] = []
    with stop_signals_set(stop):
        try:
            children.extend(start(command) for command in commands)
            while not stop.is_set() and all(child.poll() is None for child in children):
                stop.wait(POLL)
        finally:
            stop_all(children)
    return 0 if stop.is_set() else 1


@contextlib.contextmanager
def stop_signals_set(stop: threading.Event) -> Iterator[None]:
    """While inside, SIGINT, SIGTERM and SIGHUP set `stop` and do nothing else."""

    def handler(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    previous = {number: signal.signal(number, handler) for number in signals}
    try:
        yield
    finally:
        for number, old in previous.items():
            signal.signal(number, old)


def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that a Ctrl-C reaches it only through us."""
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=die_with_parent())


def die_with_parent() -> Callable[[], None] | None:
    """Return what a child runs before its program to be told to stop when its parent dies (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: between fork and exec only the call remains

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask


def stop_all(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask every child to stop, wait for `KILL_AFTER` seconds, then kill whatever remains of their groups."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + KILL_AFTER
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0, deadline - time.monotonic()))
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
