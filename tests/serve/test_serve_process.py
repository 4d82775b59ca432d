"""``mxdigits serve`` as a process, before a real network."""

from __future__ import annotations

import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pytest
from hostile_pictures import many_scans
from serving import ask, serving
from waiting import until

from mxdigits.data.idx import write_idx
from mxdigits.installing import install_command

pytestmark = pytest.mark.mxnet

JSON = "application/json"
RECIPE = """\
model: mlp
data: {{name: idx, path: {path}, batch_size: 20}}
epochs: 3
"""


def bars(labels):
    """Digits that a small network learns in seconds: a bar at a height of its own."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    for image, label in zip(images, labels):
        image[4 + 2 * label : 6 + 2 * label, 6:22] = 230
    return images


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    home = tmp_path_factory.mktemp("served")
    labels = np.arange(300) % 10
    for part in ("train", "t10k"):
        write_idx(home / f"{part}-images-idx3-ubyte", bars(labels))
        write_idx(home / f"{part}-labels-idx1-ubyte", labels.astype(np.uint8))
    (home / "bars.yaml").write_text(RECIPE.format(path=home))
    command = [sys.executable, "-m", "mxdigits", "run", "bars.yaml", "--no-report"]
    subprocess.run(command, cwd=home, check=True, capture_output=True)
    (folder,) = (home / "runs" / "bars").iterdir()
    return folder


def body(label: int) -> bytes:
    return json.dumps({"pixels": bars([label])[0].tolist()}).encode()


@pytest.fixture(scope="module")
def server(run, tmp_path_factory):
    store = tmp_path_factory.mktemp("store")
    with serving(run, "--rate", 0, "--store", store) as started:
        started.store = store
        yield started
        assert started.stop(signal.SIGTERM) == (0, "")


def ask_for(server, labels):
    with ThreadPoolExecutor(20) as clients:
        return list(
            clients.map(lambda n: ask(server.port, "/predict", body(n), content_type=JSON), labels)
        )


def test_a_runs_network_answers_many_at_once(run, server):
    assert server.said == [
        f"corrected digits are kept in {server.store}, 0 so far",
        "pictures are only resized, because the network learnt from images as they were; if those "
        "had "
        "MNIST's form, write --preprocessing mnist",
        f"{server.url} serves {run}; Ctrl-C stops it",
    ]
    assert server.host == "127.0.0.1"
    labels = [n % 10 for n in range(100)]
    assert [reply.json["answer"] for reply in ask_for(server, labels)] == list(map(str, labels))
    assert ask(server.port, "/model").json["name"] == f"bars/{run.name}"
    assert ask(server.port, "/digits?label=3", body(4), content_type=JSON).status == 201
    assert len(list(server.store.glob("train/3/*.png"))) == 1


def picture_in_work(clients, port, picture):
    """The answer to come to a picture that is being read now."""
    asked = clients.submit(ask, port, "/predict", picture)

    def begun():
        nonlocal asked
        if ask(port, "/healthz").json["pictures"]:
            return True
        if asked.done():  # before anybody looked
            asked = clients.submit(ask, port, "/predict", picture)
        return False

    until("a picture is being read", begun)
    return asked


@pytest.mark.parametrize(
    ("second", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_second_signal_ends_it_at_once(run, second, code):
    with serving(run) as alone, ThreadPoolExecutor(1) as clients:
        asked = picture_in_work(clients, alone.port, many_scans())
        alone.process.send_signal(signal.SIGTERM)
        until("the server listens no more", lambda: not _is_listening(alone.port))
        assert alone.stop(second) == (code, "")
        assert isinstance(asked.exception(), (ConnectionError, http.client.HTTPException))


def test_a_terminal_that_is_closed_lets_it_finish(run):
    """The terminal sends SIGHUP to the processes that read pictures too."""
    with serving(run) as alone, ThreadPoolExecutor(1) as clients:
        asked = picture_in_work(clients, alone.port, many_scans(times=10))
        readers = _children(alone.process.pid)
        assert len(readers) >= 2
        for each in readers:
            os.kill(each, signal.SIGHUP)
        assert alone.stop(signal.SIGHUP) == (0, "")
        assert asked.result().status == 200


def _children(process: int) -> list[int]:
    found = []
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(FileNotFoundError):  # it may end meanwhile
            found += [int(n) for n in (thread / "children").read_text().split()]
    return found


def test_what_nohup_ignores_is_ignored(run):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # which a new process inherits
    try:
        with serving(run) as alone:
            alone.process.send_signal(signal.SIGHUP)
            assert ask(alone.port, "/healthz").status == 200
            assert alone.stop(signal.SIGTERM) == (0, "")
    finally:
        signal.signal(signal.SIGHUP, before)


def test_files_that_run_short_cost_one_line(run):
    with serving(run) as alone, ExitStack() as connections:
        number = alone.process.pid
        limits = resource.prlimit(number, resource.RLIMIT_NOFILE)
        assert ask(alone.port, "/healthz").status == 200  # it has begun, and opens no more
        few = len(os.listdir(f"/proc/{number}/fd")) + 5
        resource.prlimit(number, resource.RLIMIT_NOFILE, (few, limits[1]))
        for _ in range(40):
            connections.enter_context(socket.create_connection(("127.0.0.1", alone.port)))
        said = alone.process.stderr.readline()
        resource.prlimit(number, resource.RLIMIT_NOFILE, limits)
        connections.close()
        assert ask(alone.port, "/predict", body(3), content_type=JSON).json["answer"] == "3"
        assert alone.stop(signal.SIGTERM) == (0, "")
    assert said == (
        "ERROR:    connections have to wait: Too many open files (said once a minute)\n"
    )


def _is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionError:
        return False
    return True


def test_a_body_that_never_ends_costs_one_line_when_it_stops(run):
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123"
    with serving(run) as alone, socket.create_connection(("127.0.0.1", alone.port)) as slow:
        slow.sendall(head)
        until("the server is healthy", lambda: ask(alone.port, "/healthz").status == 200)
        code, said = alone.stop(signal.SIGTERM)
        answer = slow.recv(65536)
    assert code == 0
    assert said == "ERROR:    Cancel 1 running task(s), timeout graceful shutdown exceeded\n"
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b'{"error":"the server is being stopped"}')


def test_batches_do_not_change_the_answers_and_ctrl_c_ends_it(run, server):
    with serving(run, "--batch-size", 1) as alone:
        labels = [n % 10 for n in range(60)]
        probabilities = [
            [list(reply.json["probabilities"].values()) for reply in ask_for(each, labels)]
            for each in (alone, server)
        ]
        assert alone.stop(signal.SIGINT) == (0, "")
    np.testing.assert_allclose(*probabilities, atol=2e-6)


def test_bad_requests_by_the_hundred_leave_the_memory_as_it_was(server):
    whole = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n"

    def bad(port, n):
        if n % 4 == 0:
            ask(port, "/predict", bytes(100_000))
        elif n % 4 == 1:
            ask(port, "/predict", body(1)[:-n], content_type=JSON)
        else:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(whole[: n % 80] if n % 4 == 2 else whole + bytes(n))

    with ThreadPoolExecutor(8) as clients:
        list(clients.map(lambda n: bad(server.port, n), range(200)))
        before = server.resident()
        for _ in range(3):
            list(clients.map(lambda n: bad(server.port, n), range(200)))
            assert ask(server.port, "/predict", body(6), content_type=JSON).json["answer"] == "6"
        assert server.resident() - before < 20e6


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--host", "no.such.host.invalid"], r"cannot listen on no\.such\.host\.invalid:0: [^;]+"),
        (["--store", "/proc/mine"], "cannot write to /proc/mine: No such file or directory"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_line(run, mxdigits, options, line):
    process = mxdigits("serve", run, "--port", "0", *options)
    assert process.returncode == 3
    assert re.fullmatch(f"error: {line}\n", process.stderr)


def test_a_port_that_is_taken_is_said_in_a_line(run, mxdigits):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = mxdigits("serve", run, "--port", port)
    assert process.returncode == 3
    assert process.stderr == (
        f"error: cannot listen on 127.0.0.1:{port}: Address already in use; "
        "--port 0 takes any free port\n"
    )


def test_no_run_folder(mxdigits, tmp_path):
    process = mxdigits("serve", "nothing")
    assert (process.returncode, process.stderr) == (
        3,
        "error: there is no run folder nothing, nor an installed network of that name; "
        "known: digits\n",
    )


def test_a_network_for_other_images_cannot_be_served(run, mxdigits, tmp_path):
    shutil.copytree(run, tmp_path, dirs_exist_ok=True)
    record = json.loads((run / "run.json").read_text())
    record["network"]["image_shape"] = [3, 32, 32]
    (tmp_path / "run.json").write_text(json.dumps(record))
    process = mxdigits("serve", ".")
    assert process.returncode == 3
    assert process.stderr == (
        "error: the network of . takes images of shape (3, 32, 32); "
        "only (1, 28, 28) can be served\n"
    )


def test_without_the_extra_the_error_says_what_to_install(run):
    code = (
        "import sys; sys.modules['uvicorn'] = None; from mxdigits.cli import main; "
        f"sys.exit(main(['serve', {str(run)!r}]))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 3
    assert process.stderr == (
        f"error: the server needs uvicorn, which is not installed: {install_command('serve')}\n"
    )
