"""`flask serve`: the web server and the worker start and stop together and leave nothing behind."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal import create_app, demarrage, serve
from portal.config import ROOT, Settings
from portal.jobs import worker
from portal.web.application import Portail

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes")

# Children that write their pid, then sleep; `{traps}` may make them deaf to SIGTERM.
SUPERVISOR = """
import os, signal, sys, time
from functools import partial
from pathlib import Path
from portal import serve

def child(file):
    {traps}
    Path(file).write_text(str(os.getpid()))
    time.sleep(60)

serve.KILL_AFTER = {patience}
sys.exit(serve.supervise([partial(child, file) for file in sys.argv[1:]]))
"""
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def pid_in(pid_file: Path) -> int:
    return wait_for(lambda: int(pid_file.read_text() or 0) if pid_file.exists() else 0)


def wait_for(condition, seconds: float = 60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.02)
    pytest.fail("waited too long")


def is_gone(pid: int) -> bool:
    """Whether the process ended (a zombie that nobody has reaped yet counts)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextlib.contextmanager
def supervising(folder: Path, *, traps: str = "pass", patience: float = serve.KILL_AFTER):
    """A supervisor running two children; gives its process and the children's pids."""
    files = [folder / "web", folder / "worker"]
    source = SUPERVISOR.format(traps=traps, patience=patience)
    process = subprocess.Popen([sys.executable, "-c", source, *map(str, files)], cwd=ROOT)
    pids = [pid_in(file) for file in files]
    try:
        yield process, pids
    finally:
        process.kill()
        process.wait()
        for pid in pids:
            if not is_gone(pid):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def supervised(tmp_path: Path):
    """A supervisor whose children stop when asked to."""
    with supervising(tmp_path) as running:
        yield running


@pytest.mark.parametrize("given", [None, "https://portail.example"])
def test_links_lead_to_the_port_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    """The web server and the worker, which are processes of their own, both make links."""
    told: dict[str, str] = {}

    def web(_settings: Settings, _port: int, served: Portail) -> None:
        told["web"] = served.extensions["portail_settings"].public_url

    def work(_database: object, _clock: object, settings: Settings, **_options: object) -> None:
        told["worker"] = settings.public_url

    monkeypatch.setattr(serve, "serve_web", web)
    monkeypatch.setattr(worker, "work", work)
    monkeypatch.setattr(serve, "supervise", lambda works: [run() for run in works] and 0)
    monkeypatch.setattr(signal, "signal", lambda *_args: None)  # the worker's own, once forked
    monkeypatch.setattr(demarrage, "prepare", lambda *_args, **_options: None)
    monkeypatch.delenv("PORTAL_PUBLIC_URL", raising=False)
    if given:
        monkeypatch.setenv("PORTAL_PUBLIC_URL", given)
    app = create_app(Settings(environnement="test", var_dir=tmp_path))
    with socket.socket() as free:
        free.bind((serve.HOST, 0))
        port = free.getsockname()[1]
    result = app.test_cli_runner().invoke(args=["serve", "--port", str(port)])
    assert result.exit_code == 0, result.output
    expected = given or f"http://127.0.0.1:{port}"
    assert told == {"web": expected, "worker": expected}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_stops_both_and_is_a_success(supervised, number: signal.Signals) -> None:
    process, pids = supervised
    process.send_signal(number)
    assert process.wait(60) == 0
    assert all(is_gone(pid) for pid in pids)


def test_the_end_of_one_stops_the_other_and_is_a_failure(supervised) -> None:
    process, pids = supervised
    os.kill(pids[1], signal.SIGKILL)
    assert process.wait(60) == 1
    assert all(is_gone(pid) for pid in pids)


@pytest.mark.skipif(sys.platform != "linux", reason="needs the kernel to tell children")
def test_children_stop_when_the_supervisor_is_killed_outright(supervised) -> None:
    process, pids = supervised
    process.kill()
    wait_for(lambda: all(is_gone(pid) for pid in pids))


def test_children_that_do_not_stop_in_time_are_killed(tmp_path: Path) -> None:
    with supervising(tmp_path, traps=DEAF, patience=0.3) as (process, pids):
        process.terminate()
        assert process.wait(60) == 0
        assert all(is_gone(pid) for pid in pids)


def test_a_taken_port_is_refused_with_a_message() -> None:
    with socket.socket() as busy:
        busy.bind((serve.HOST, 0))
        busy.listen()
        with pytest.raises(SystemExit, match="Choose another port"):
            serve.refuse_taken_port(busy.getsockname()[1])


STUB = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from portal import serve

def app(environ, start_response):
    if environ["PATH_INFO"] == "/lent":
        Path(sys.argv[2]).touch()
        time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"bonjour"]

serve.serve_web(SimpleNamespace(web_workers=2, web_max_requests=0), int(sys.argv[1]), app)
"""


@pytest.fixture
def web_port(tmp_path: Path):
    """Port of the web server, as `serve` starts it, in front of a stub application; what it answers slowly to
    leaves a file named « lent »."""
    with socket.socket() as free:
        free.bind((serve.HOST, 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", STUB, str(port), tmp_path / "lent"], cwd=ROOT)

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((serve.HOST, port)) == 0

    wait_for(listens)
    yield port, process
    process.terminate()
    process.wait(60)


def get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection(serve.HOST, port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().read().decode()


def test_silent_connections_do_not_stop_the_web_server(web_port) -> None:
    port, _process = web_port
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(socket.create_connection((serve.HOST, port)))
        for _ in range(10):
            assert get(port, "/") == "bonjour"


def test_many_filters_fit_in_the_address(web_port) -> None:
    port, _process = web_port
    assert get(port, "/?" + "nature=CHRS_INS&" * 500) == "bonjour"


def test_a_request_in_progress_is_answered_before_stopping(web_port, tmp_path: Path) -> None:
    port, process = web_port
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(get, port, "/lent")
        wait_for((tmp_path / "lent").exists)
        process.terminate()
        assert answer.result() == "bonjour"
    assert process.wait(60) == 0
