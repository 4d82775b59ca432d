"""Servers for tests: ``mxdigits serve`` in a process, or a server without MXNet in a thread."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mxdigits.digitize.preprocessing import Preprocessing
from mxdigits.serve.batcher import Batcher
from mxdigits.serve.limits import Limits
from mxdigits.serve.server import Served, make_readers, make_server
from mxdigits.serve.store import Store


class Server:
    """A running ``mxdigits serve``: where it is, and what it said until it answered."""

    def __init__(self, process: subprocess.Popen[str]):
        self.process = process
        self.said: list[str] = []
        for line in process.stderr:
            self.said.append(line.rstrip())
            if found := re.match(r"http://(.+):(\d+)/ serves ", line):
                self.host, self.port = found[1], int(found[2])
                break
        else:
            raise AssertionError(f"the server did not start: {self.said}")
        self.url = f"http://{self.host}:{self.port}/"

    def resident(self) -> int:
        """The memory that the process has now, in bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * 4096

    def stop(self, how: int = signal.SIGINT) -> tuple[int, str]:
        """Stop it as Ctrl-C does; the exit code, and what else it wrote."""
        self.process.send_signal(how)
        rest = self.process.stderr.read()
        return self.process.wait(300), rest


@contextmanager
def serving(run: Path, *options: object) -> Iterator[Server]:
    """A server of a run on a free port, as long as the block lasts."""
    command = [sys.executable, "-m", "mxdigits", "serve", run, "--port", "0", *options]
    with subprocess.Popen(
        list(map(str, command)), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Server(process)
        finally:
            if process.poll() is None:
                process.terminate()
                deadline = time.monotonic() + 60
                while process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.05)
                process.kill()


def first_pixel(images: np.ndarray) -> np.ndarray:
    """A network that says what the first pixel says: (N, 28, 28) to probabilities (N, 10)."""
    prob = np.full((len(images), 10), 0.01, np.float32)
    prob[np.arange(len(images)), images[:, 0, 0] % 10] = 0.91
    return prob


@contextmanager
def answering(
    predict=first_pixel, *, store: Path | None = None, most: int = 32, names=(), **limits
) -> Iterator[int]:
    """A server in a thread of this process, as long as the block lasts; its port."""
    limits = Limits(**{"rate": 0, "share": 1, **limits})
    batcher = Batcher(lambda: predict, most)
    batcher.start()
    readers = make_readers(limits)
    readers.start()
    classes = tuple("0123456789")
    kept = None if store is None else Store(store, classes, limits.stored)
    prepared = Preprocessing("mnist", (1, 28, 28), dark_on_light=False)
    server = make_server(
        Served("a/run", classes, prepared, batcher, readers, kept),
        *(limits, names),
    )
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), name="server"
        )
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
            readers.close()
            batcher.close()


class Reply(NamedTuple):
    status: int
    headers: Message
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def ask(
    port: int,
    path: str,
    body=None,
    method: str | None = None,
    source: str = "127.0.0.1",
    **headers: str,
) -> Reply:
    """One request on a connection of its own, from an address of this machine.

    ``content_type`` is the header Content-Type.
    """
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=300, source_address=(source, 0)
    )
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method or ("GET" if body is None else "POST"), path, body, named)
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def pixels(first: int) -> bytes:
    """JSON of a digit with that first pixel, and a last one of white."""
    rows = [[0] * 28 for _ in range(28)]
    rows[0][0], rows[-1][-1] = first, 255
    return json.dumps({"pixels": rows}).encode()
