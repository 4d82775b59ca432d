"""What a client may ask of the server: sizes, numbers, times and rates, and what keeps count."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Limits:
    """The numbers; the defaults suit a page that a few people draw on, and a script beside it."""

    body_bytes: int = 8_000_000
    picture_pixels: int = 16_000_000
    bodies_bytes: int = 64_000_000  # of all large bodies that are held at one time
    requests: int = 64  # that are read, queued or predicted at one time
    connections: int = 800  # a process may usually open 1024 files
    body_seconds: float = 10.0
    request_seconds: float = 30.0
    idle_seconds: float = 10.0  # of a connection that has yet to send a whole request
    rate: float = 100.0  # requests a second from one address; 0 for any number
    stored: int = 100_000  # digits in the store


class Refused(Exception):
    """A request that is not done: its status, one sentence, and when to ask again (seconds)."""

    def __init__(self, status: int, sentence: str, retry_after: float = 0):
        super().__init__(sentence)
        self.status, self.sentence = status, sentence
        self.headers = {"Retry-After": str(math.ceil(retry_after))} if retry_after else {}


class Places:
    """A number of something that may be taken at one time; beyond it requests are refused."""

    def __init__(self, most: int, what: str):
        self._most, self._what = most, what
        self.taken = 0

    def take(self, count: int = 1) -> None:
        """Take so many.

        Raises:
            Refused: with 503 if they are not free.
        """
        if self.taken + count > self._most:
            raise Refused(503, f"too many {self._what} at once; ask again soon", retry_after=1)
        self.taken += count

    def give(self, count: int = 1) -> None:
        self.taken -= count

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take one for as long as the block lasts."""
        self.take()
        try:
            yield
        finally:
            self.give()


class Rates:
    """A token bucket an address: ``rate`` requests a second, and twice that many in a burst."""

    _MOST_ADDRESSES = 10_000

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic):
        self._rate, self._burst, self._clock = rate, max(1.0, 2 * rate), clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Count a request.

        Raises:
            Refused: with 429 if the address has sent too many.
        """
        if not self._rate:
            return
        now = self._clock()
        left, before = self._left.pop(address, (self._burst, now))
        left = min(self._burst, left + (now - before) * self._rate)
        self._left[address] = (left - 1 if left >= 1 else left), now
        if len(self._left) > self._MOST_ADDRESSES:  # the one not heard of for longest has most left
            self._left.popitem(last=False)
        if left < 1:
            raise Refused(
                429,
                f"more than {self._rate:g} requests a second from one address; ask again soon",
                retry_after=(1 - left) / self._rate,
            )
