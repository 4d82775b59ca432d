"""Limits for clients: sizes, numbers, times and rates, with their counters."""

from __future__ import annotations

import ipaddress
import json
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Callable, Optional


@dataclass(frozen=True)
class Limits:
    """The limits; the defaults suit a page for a few people, and a script beside it.

    >>> Limits(rate=10).body_bytes
    8000000
    """

    body_bytes: int = 8_000_000
    picture_pixels: int = 16_000_000
    picture_seconds: int = 5  # CPU time to read one picture; three times that by the clock
    refused_bytes: int = 256_000_000  # of a body that is too large: read and thrown away
    bodies_bytes: int = 64_000_000  # of all large bodies that are held at one time
    pictures: int = 128  # pictures that are read, or wait to be read, at one time
    requests: int = 128  # digits that are queued or predicted at one time
    explanations: int = 4  # at one time; each predicts some hundred images
    connections: int = 800  # at one time; fewer if the process may open too few files
    share: float = 0.5  # of each of the five numbers above for one address
    body_seconds: float = 10.0
    request_seconds: float = 30.0
    idle_seconds: float = 10.0  # for a connection to send a whole request
    rate: float = 100.0  # requests a second from one address; 0 for any number
    stored: int = 100_000  # digits in the store


class Refused(Exception):
    """A refused request: HTTP status, one sentence, and after how many seconds to ask again.

    >>> refused = Refused(429, "too many requests", retry_after=0.4)
    >>> refused.status, refused.headers
    (429, {'Retry-After': '1'})
    """

    def __init__(self, status: int, sentence: str, retry_after: float = 0):
        super().__init__(sentence)
        self.status, self.sentence = status, sentence
        self.headers = {"Retry-After": str(math.ceil(retry_after))} if retry_after else {}


class CapacityLimiter:
    """A limited number of places; if too few are free, a request is refused.

    Args:
        most: the number of places.
        what: their name in a message.
        share: the share of them that one client may take.

    >>> places = CapacityLimiter(2, "pictures")
    >>> with places.one("127.0.0.1"):
    ...     places.taken
    1
    """

    def __init__(self, most: int, what: str, share: float = 1):
        self._most, self._each, self._what = most, max(1, int(most * share)), what
        self._of_client: Counter[str] = Counter()
        self.taken = 0

    def take(self, client: str, count: int = 1) -> None:
        """Take some places.

        Raises:
            Refused: with 503 if too few are free.
        """
        none_left = self.taken + count > self._most
        if none_left or self._of_client[client] + count > self._each:
            whose = "" if none_left else " from one address"
            why = f"too many {self._what}{whose} at once; ask again soon"
            raise Refused(503, why, retry_after=1)
        self._of_client[client] += count
        self.taken += count

    def give(self, client: str, count: int = 1) -> None:
        """Give places back."""
        self.taken -= count
        self._of_client[client] -= count
        if not self._of_client[client]:
            del self._of_client[client]

    @contextmanager
    def one(self, client: str) -> Iterator[None]:
        """Take one place for as long as the block lasts."""
        self.take(client)
        try:
            yield
        finally:
            self.give(client)


class RateLimiter:
    """A token bucket per address: ``rate`` requests a second, and twice that many in a burst.

    >>> rates = RateLimiter(0.5, clock=lambda: 0.0)
    >>> rates.take("127.0.0.1")
    >>> rates.take("127.0.0.1")
    Traceback (most recent call last):
        ...
    mxdigits.serve.limits.Refused: more than 0.5 requests a second from one address; ask again soon
    """

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
        if len(self._left) > self._MOST_ADDRESSES:  # drop the address that was idle longest
            self._left.popitem(last=False)
        if left < 1:
            raise Refused(
                429,
                f"more than {self._rate:g} requests a second from one address; ask again soon",
                retry_after=(1 - left) / self._rate,
            )


def client_of(address: Optional[Sequence[object]]) -> str:
    """Return the client that an address stands for: with IPv6, a whole /64 network.

    A household or a rented machine has at least that many addresses.

    Args:
        address: host and port, as of ASGI and asyncio, or None.

    >>> client_of(("192.0.2.7", 50000)), client_of(("2001:db8::7", 50000))
    ('192.0.2.7', '2001:db8::/64')
    """
    host = str(address[0]) if address else ""
    try:
        number = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    if number.ipv4_mapped:
        return str(number.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(number) >> 64 << 64, 64)))


def quoted(text: str, most: int = 60) -> str:
    """Quote and shorten a client's text for use in an answer.

    >>> quoted("a" * 8, most=5)
    '"aaaaa..."'
    """
    return json.dumps(text if len(text) <= most else f"{text[:most]}...")
