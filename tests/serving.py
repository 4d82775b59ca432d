"""A server in a process of its own, for tests."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
        return self.process.wait(30), rest


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
                deadline = time.monotonic() + 15
                while process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.05)
                process.kill()
