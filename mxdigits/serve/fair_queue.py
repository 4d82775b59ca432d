"""A queue whose clients take turns."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from typing import Generic, Optional, TypeVar

Job = TypeVar("Job")


class FairQueue(Generic[Job]):
    """Jobs of several clients for several threads; clients take turns, whatever each has queued.

    Args:
        most_each: how many jobs of one client may be in work at one time.

    >>> turns = FairQueue(most_each=1)
    >>> for client, job in (("a", 1), ("a", 2), ("b", 3)):
    ...     turns.put(client, job)
    >>> turns.take(), turns.take()
    (('a', 1), ('b', 3))
    """

    def __init__(self, most_each: int):
        self._most_each = most_each
        self._waiting: OrderedDict[str, deque[Job]] = (
            OrderedDict()
        )  # the client whose turn is next comes first
        self._in_work: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, client: str, job: Job) -> None:
        """Queue a job."""
        with self._changed:
            self._waiting.setdefault(client, deque()).append(job)
            self._changed.notify_all()

    def take(self) -> Optional[tuple[str, Job]]:
        """Wait for the next client and its job; None once the queue is closed."""
        with self._changed:
            while not self._closed:
                for client, jobs in self._waiting.items():
                    if self._in_work[client] < self._most_each:
                        return client, self._begun(client, jobs)
                self._changed.wait()
            return None

    def done(self, client: str) -> None:
        """Report that a job that was taken has ended."""
        with self._changed:
            self._in_work[client] -= 1
            if not self._in_work[client]:
                del self._in_work[client]
            self._changed.notify_all()

    def close(self) -> list[Job]:
        """Let every :meth:`take` return None; return the jobs that nobody took."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return [job for jobs in self._waiting.values() for job in jobs]

    def _begun(self, client: str, jobs: deque[Job]) -> Job:
        self._in_work[client] += 1
        self._waiting.move_to_end(client)
        job = jobs.popleft()
        if not jobs:
            del self._waiting[client]
        return job
