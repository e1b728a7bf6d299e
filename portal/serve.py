"""`flask --app wsgi serve`: the web server and the worker as one command, started and stopped together.

Both are forked from the process of the command, which has loaded the application: it is loaded once for all
of them, and they share its memory.
"""

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import Any, Protocol

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.workers import gthread

HOST = "127.0.0.1"
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
GRACE = 10  # seconds a request in progress has to finish once asked to stop
KILL_AFTER = GRACE + 5  # seconds before what did not stop is killed
POLL = 0.2  # seconds between two looks at the children
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ServeSettings(Protocol):
    """What this module reads of the portal's settings."""

    @property
    def web_workers(self) -> int:
        """Number of web processes, each of one thread."""

    @property
    def web_max_requests(self) -> int:
        """Requests after which a web process is renewed; 0 for never."""


def serve(settings: ServeSettings, port: int, application: object, work: Callable[[], object]) -> int:
    """Run the WSGI application on `port` of this machine and `work` beside it until a signal, or an end.

    Return the exit code: 0 when asked to stop by SIGINT, SIGTERM or SIGHUP, 1 when a process ended by itself.
    Raise SystemExit with a message when the port is taken. Nothing is restarted and nothing is left behind:
    each child leads its own process group, which is killed when it does not stop in time, and on Linux is
    told to stop even when this process is killed outright. Call it before any thread and with no connection
    open: the children would inherit them.
    """
    refuse_taken_port(port)
    return supervise([partial(serve_web, settings, port, application), work])


def serve_web(settings: ServeSettings, port: int, application: object) -> None:
    """Serve a WSGI application on `port` of this machine until told to stop, by web processes of this one."""
    server = WebServer(
        application,
        {
            "bind": f"{HOST}:{port}",
            "workers": settings.web_workers,
            "preload_app": True,
            "worker_class": WebWorker,
            "threads": 1,
            "control_socket_disable": True,
            "graceful_timeout": GRACE,
            "timeout": 60,
            "limit_request_line": 8190,  # the most gunicorn takes: filters are in the address
            "loglevel": "warning",
            "max_requests": settings.web_max_requests,
            "max_requests_jitter": settings.web_max_requests // 10,
            "when_ready": keep_shared,
        },
    )
    Arbiter(server).run()


class WebServer(BaseApplication):
    """gunicorn on an application already loaded, with these settings and no other."""

    cfg: Config

    def __init__(self, application: object, options: dict[str, object]) -> None:
        self.application, self.options = application, options
        BaseApplication.__init__(self)

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        """Return the application."""
        return self.application


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


def keep_shared(_server: Any) -> None:
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


def supervise(works: Sequence[Callable[[], object]]) -> int:
    """Run each of `works` in its own process until a stop signal or the end of one of them, then stop all."""
    stop = threading.Event()
    children: list[ForkProcess] = []
    with stop_signals_set(stop):
        try:
            children.extend(start(work) for work in works)
            while not stop.is_set() and all(child.is_alive() for child in children):
                stop.wait(POLL)
        finally:
            stop_all(children)
    return 0 if stop.is_set() else 1


@contextlib.contextmanager
def stop_signals_set(stop: threading.Event) -> Iterator[None]:
    """While inside, SIGINT, SIGTERM and SIGHUP set `stop` and do nothing else."""

    def handler(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    previous = {number: signal.signal(number, handler) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, old in previous.items():
            signal.signal(number, old)


def start(work: Callable[[], object]) -> ForkProcess:
    """Start a child in its own session, so that a Ctrl-C reaches it only through us."""
    child = multiprocessing.get_context("fork").Process(target=_run, args=(work, os.getpid()))
    # A signal between the fork and the child's own handlers would be lost: it waits until they are back.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        child.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    return child


def _run(work: Callable[[], object], parent: int) -> None:
    os.setsid()
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    die_with(parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    work()


def die_with(parent: int) -> None:
    """Have this process told to stop when its parent dies (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died in between
            os.kill(os.getpid(), signal.SIGTERM)


def stop_all(children: Sequence[ForkProcess]) -> None:
    """Ask every child to stop, wait for `KILL_AFTER` seconds, then kill whatever remains of their groups."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + KILL_AFTER
    for child in children:
        child.join(max(0, deadline - time.monotonic()))
    for child in children:
        if child.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        child.join()
