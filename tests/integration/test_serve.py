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
from types import SimpleNamespace

import pytest

from portal import serve

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes")

# A child that writes its pid, then sleeps; `{traps}` may make it deaf to SIGTERM.
CHILD = (
    "import os, signal, sys, time; {traps}; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
)
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
SUPERVISOR = """
import sys
from portal import serve
child = {child!r}
sys.exit(serve.supervise([[sys.executable, "-c", child, path] for path in sys.argv[1:]]))
"""


def command(pid_file: Path, traps: str = "pass") -> list[str]:
    return [sys.executable, "-c", CHILD.format(traps=traps), str(pid_file)]


def pid_in(pid_file: Path) -> int:
    return wait_for(lambda: int(pid_file.read_text() or 0) if pid_file.exists() else 0)


def wait_for(condition, seconds: float = 20):
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


@pytest.fixture
def supervised(tmp_path: Path):
    """A supervisor running two children; gives its process and the children's pids."""
    files = [tmp_path / "web", tmp_path / "worker"]
    source = SUPERVISOR.format(child=CHILD.format(traps="pass"))
    process = subprocess.Popen([sys.executable, "-c", source, *map(str, files)], cwd=serve.ROOT)
    pids = [pid_in(file) for file in files]
    yield process, pids
    process.kill()
    process.wait()
    for pid in pids:
        if not is_gone(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_stops_both_and_is_a_success(supervised, number: signal.Signals) -> None:
    process, pids = supervised
    process.send_signal(number)
    assert process.wait(20) == 0
    assert all(is_gone(pid) for pid in pids)


def test_the_end_of_one_stops_the_other_and_is_a_failure(supervised) -> None:
    process, pids = supervised
    os.kill(pids[1], signal.SIGKILL)
    assert process.wait(20) == 1
    assert all(is_gone(pid) for pid in pids)


@pytest.mark.skipif(sys.platform != "linux", reason="needs the kernel to tell children")
def test_children_stop_when_the_supervisor_is_killed_outright(supervised) -> None:
    process, pids = supervised
    process.kill()
    wait_for(lambda: all(is_gone(pid) for pid in pids))


def test_a_child_that_does_not_stop_in_time_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "KILL_AFTER", 0.3)
    child = serve.start(command(tmp_path / "deaf", traps=DEAF))
    pid = pid_in(tmp_path / "deaf")
    serve.stop_all([child])
    assert is_gone(pid)


def test_a_taken_port_is_refused_with_a_message() -> None:
    with socket.socket() as busy:
        busy.bind((serve.HOST, 0))
        busy.listen()
        with pytest.raises(SystemExit, match="Choose another port"):
            serve.refuse_taken_port(busy.getsockname()[1])


STUB = """
import time

def app(environ, start_response):
    if environ["PATH_INFO"] == "/lent":
        time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"bonjour"]
"""


@pytest.fixture
def web_port(tmp_path: Path):
    """Port of the web server, as `serve` starts it, in front of a stub application."""
    (tmp_path / "wsgi.py").write_text(STUB)
    with socket.socket() as free:
        free.bind((serve.HOST, 0))
        port = free.getsockname()[1]
    command = serve.gunicorn_command(SimpleNamespace(web_workers=2, web_max_requests=0), port)
    environment = os.environ | {"PYTHONPATH": str(serve.ROOT)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment)

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((serve.HOST, port)) == 0

    wait_for(listens)
    yield port, process
    process.terminate()
    process.wait(20)


def get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection(serve.HOST, port, timeout=3)
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


def test_a_request_in_progress_is_answered_before_stopping(web_port) -> None:
    port, process = web_port
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(get, port, "/lent")
        time.sleep(0.3)
        process.terminate()
        assert answer.result() == "bonjour"
    assert process.wait(20) == 0
