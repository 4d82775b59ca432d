"""The readers of pictures: a few processes, shared fairly among the clients.

A reader is a thread with a process. If a picture takes too long, or crashes a decoder, only that
process ends; the next picture gets a new one.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Optional

from ..digitize.opening.confined import Bounds, ConfinedFunction
from ..digitize.opening.confined_process import Arrays
from ..errors import ProcessNotStarted
from .fair_queue import FairQueue


@dataclass(frozen=True, eq=False)
class _Job:
    content: bytes
    options: dict[str, object]
    answer: Future[Arrays]


class Readers:
    """Processes that read pictures.

    One client never occupies all of them, so that another client finds one free.

    Args:
        function: "module:name", see :class:`ConfinedFunction`.
        bounds: limits for one picture.
        count: the number of readers, two or more.

    >>> readers = Readers("mxdigits.serve.digit:read_digit", bounds, 2)  # doctest: +SKIP
    >>> readers.start()  # doctest: +SKIP
    >>> readers.submit("127.0.0.1", picture, **options).result()  # doctest: +SKIP
    >>> readers.close()  # doctest: +SKIP
    """

    def __init__(self, function: str, bounds: Bounds, count: int):
        self._turns: FairQueue[_Job] = FairQueue(max(1, count - 1))
        self._processes = [ConfinedFunction(function, bounds) for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._work, args=[each], name=f"reader {n}", daemon=True)
            for n, each in enumerate(self._processes)
        ]
        self._not_started: Optional[str] = None

    @property
    def trouble(self) -> Optional[str]:
        """Why no picture can be read at this time; None if pictures can be read."""
        if not any(thread.is_alive() for thread in self._threads):
            return "the threads that read pictures have ended"
        return self._not_started

    def start(self) -> None:
        """Start the threads; each starts its process when it has a picture to read."""
        for thread in self._threads:
            thread.start()

    def warm_up(self) -> None:
        """Start the processes too, before the first picture comes.

        Raises:
            ProcessNotStarted: if the system refuses.
        """
        for each in self._processes:
            each.start()

    def submit(self, client: str, content: bytes, **options: object) -> Future[Arrays]:
        """Queue a picture; the future gives what the function returns or raises."""
        job = _Job(content, options, Future())
        self._turns.put(client, job)
        return job.answer

    def close(self) -> None:
        """End all processes, also in the middle of a picture; queued pictures are cancelled."""
        for job in self._turns.close():
            job.answer.cancel()
        self.kill()
        for thread in self._threads:
            thread.join()

    def kill(self) -> None:
        """End all processes at once, without waiting."""
        for each in self._processes:
            each.close()

    def _work(self, process: ConfinedFunction) -> None:
        while (turn := self._turns.take()) is not None:
            client, job = turn
            try:
                if job.answer.set_running_or_notify_cancel():  # False if the client has left
                    self._read(process, job)
            finally:
                self._turns.done(client)

    def _read(self, process: ConfinedFunction, job: _Job) -> None:
        try:
            arrays = process(job.content, name="the picture", **job.options)
            self._not_started = None
        except BaseException as error:
            self._not_started = str(error) if isinstance(error, ProcessNotStarted) else None
            job.answer.set_exception(error)
        else:
            job.answer.set_result(arrays)
