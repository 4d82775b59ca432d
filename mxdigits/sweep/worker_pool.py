"""The workers of one machine: start, watch and end them."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Callable

from ..backends.cpus import Share
from ..storage.files import line_log
from .worker import Orders


@dataclass(frozen=True)
class Ended:
    """A worker that has ended: its name, its exit code (minus a signal's number), its last line.

    >>> Ended("3f2a", -9, "").why
    'its process was ended by SIGKILL'
    """

    worker: str
    code: int
    said: str

    @property
    def why(self) -> str:
        """The reason for repeating its trial."""
        if self.code < 0:
            return f"its process was ended by {signal.Signals(-self.code).name}"
        return f"its process ended with exit code {self.code}"


@dataclass(frozen=True)
class _Worker:
    place: int
    name: str
    process: subprocess.Popen[bytes]
    log: Path


class WorkerPool:
    """The workers of one machine; each writes to a log file, which is removed if it stays empty.

    Args:
        orders: makes the orders of a worker from its name and its share.
        each: the share of each worker; there are never more workers than shares.
        folder: for the log files.

    >>> with WorkerPool(orders, shares, Path("runs/mlp-sweep")) as pool:  # doctest: +SKIP
    ...     pool.start(2)
    """

    def __init__(
        self, orders: Callable[[str, Share], Orders], each: Sequence[Share], folder: Path
    ) -> None:
        self._orders = orders
        self._shares = each
        self._folder = folder
        self._workers: list[_Worker] = []

    def __len__(self) -> int:
        return len(self._workers)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            self._last_words(worker)
        self._workers = []

    def start(self, most: int) -> None:
        """Start this many workers, or as many as there are free shares."""
        free = [i for i in range(len(self._shares)) if i not in {w.place for w in self._workers}]
        for place in free[: max(most, 0)]:
            name = secrets.token_hex(4)
            log = self._folder / f"worker-{name}.log"
            with line_log(log) as opened:
                process = _started(opened)
            self._workers.append(_Worker(place, name, process, log))
            assert process.stdin is not None
            with suppress(BrokenPipeError):  # it is dead already, which is noticed later
                process.stdin.write(
                    f"{self._orders(name, self._shares[place]).to_json()}\n".encode()
                )
                process.stdin.flush()

    def ended(self) -> list[Ended]:
        """Return the workers that have ended since the last call."""
        gone = [worker for worker in self._workers if worker.process.poll() is not None]
        self._workers = [worker for worker in self._workers if worker not in gone]
        return [Ended(each.name, each.process.returncode, self._last_words(each)) for each in gone]

    def stop(self) -> None:
        """Let the workers keep a checkpoint and end, and wait for that."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.wait()

    @staticmethod
    def _last_words(worker: _Worker) -> str:
        worker.process.wait()
        if worker.process.stdin is not None:
            with suppress(BrokenPipeError):
                worker.process.stdin.close()
        with suppress(OSError):
            lines = worker.log.read_text(encoding="utf-8", errors="replace").split("\n")
            written = [line for line in lines if line.strip()]
            if not written:
                worker.log.unlink()
            return written[-1].strip() if written else ""
        return ""


def _started(log: IO[str]) -> subprocess.Popen[bytes]:
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; from {Orders.__module__} import main; "
        "sys.exit(main())"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        # Ctrl-C reaches only the parent, which tells its workers.
        start_new_session=True,
    )
