"""The processes that train one network together: which of them this is.

Each worker is an ordinary ``mxdigits run`` with some environment variables, which ``mxdigits
launch`` sets. A process without them trains alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import UsageError

RANK = "MXDIGITS_RANK"
WORKERS = "MXDIGITS_WORKERS"
COORDINATOR = "MXDIGITS_COORDINATOR"
ADDRESS = "MXDIGITS_INTERFACE_ADDRESS"
SERVERS = "MXDIGITS_SERVERS"
SOCKETS = "MXDIGITS_SOCKETS"

_LOOPBACK = "127.0.0.1"
MOST = 4096  # workers, and servers: far more than ever shared a batch
# Beyond all ports, and far enough below what 31 bits hold for a number of each process.
FIRST_SOCKET, LAST_SOCKET = 1 << 16, (1 << 31) - 1 - 2 * MOST
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):(\d{1,5})")


@dataclass(frozen=True)
class Workers:
    """Which worker of how many this process is, and where they meet.

    Args:
        rank: of this one, from 0 to ``count - 1``. Worker 0 writes the run folder.
        count: of all workers.
        coordinator: ``address:port`` where they meet, beside worker 0; empty for one alone.
        address: of this machine, which this worker listens on; empty for one alone.
        servers: the processes that add up gradients, for backends that need such.
        sockets: of a run on one machine, a number that no other run there has, by which its Unix
            sockets are named; 0 where TCP is spoken.

    Example:
        >>> Workers(0, 1, "", "").is_first
        True
    """

    rank: int
    count: int
    coordinator: str
    address: str
    servers: int = 1
    sockets: int = 0

    @property
    def is_first(self) -> bool:
        """Whether this worker writes the run folder."""
        return self.rank == 0

    @property
    def host(self) -> str:
        """The coordinator's address.

        Example:
            >>> Workers(0, 2, "[::1]:9000", "::1").host
            '::1'
        """
        return self.coordinator.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> str:
        """The coordinator's port.

        Example:
            >>> Workers(0, 2, "127.0.0.1:9000", "127.0.0.1").port
            '9000'
        """
        return self.coordinator.rpartition(":")[2]


ALONE = Workers(0, 1, "", "")


def current(environment: Mapping[str, str] = os.environ) -> Workers:
    """Which worker this process is, as its environment says; worker 0 of 1 where it says nothing.

    Raises:
        UsageError: naming the first variable that is missing or cannot be.

    Example:
        >>> found = current({"MXDIGITS_RANK": "1", "MXDIGITS_WORKERS": "2",
        ...                  "MXDIGITS_COORDINATOR": "127.0.0.1:9000"})
        >>> found.rank, found.address, found.servers
        (1, '127.0.0.1', 1)
    """
    if not environment.get(WORKERS):
        if environment.get(RANK):
            raise UsageError(f"{RANK} is set and {WORKERS} is not; mxdigits launch sets both")
        return ALONE
    count = _whole(environment, WORKERS, 1, MOST)
    if count == 1:
        return ALONE
    rank = _whole(environment, RANK, 0, count - 1)
    coordinator = environment.get(COORDINATOR, "")
    match = _PLACE.fullmatch(coordinator)
    if match is None or not 0 < int(match[2]) < 1 << 16:
        raise UsageError(
            f"{COORDINATOR}={coordinator!r} must be where the workers meet, such as "
            f"{_LOOPBACK}:9000"
        )
    servers = _whole(environment, SERVERS, 1, MOST) if environment.get(SERVERS) else 1
    sockets = 0
    if environment.get(SOCKETS):
        sockets = _whole(environment, SOCKETS, FIRST_SOCKET, LAST_SOCKET)
    address = environment.get(ADDRESS) or _LOOPBACK
    return Workers(rank, count, coordinator, address, servers, sockets)


def _whole(environment: Mapping[str, str], name: str, least: int, most: int) -> int:
    text = environment.get(name, "")
    if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
        raise UsageError(f"{name}={text!r} must be a whole number from {least} to {most}")
    return int(text)
