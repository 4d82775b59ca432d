"""Which of the processes that train one network together this process is.

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
MOST = 4096  # workers, and also servers: far more than ever share a batch
FIRST_SOCKET = 1 << 16  # above all TCP ports
LAST_SOCKET = (1 << 31) - 1 - 2 * MOST  # so that those that follow, one a process, are below 2**31
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):(\d{1,5})")


@dataclass(frozen=True)
class Workers:
    """Which worker of how many this process is, and where they meet.

    Args:
        rank: the rank of this worker, from 0 to ``count - 1``. Worker 0 writes the run folder.
        count: the number of workers.
        coordinator: ``address:port`` where they meet, beside worker 0; empty if there is only one.
        address: the address that this worker listens on; empty if there is only one.
        servers: the number of processes that add up gradients, for backends that need them.
        sockets: for a run on one machine, a number that is unique there and names its Unix
            sockets; 0 for TCP.

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
    """Which worker this process is, by its environment; worker 0 of 1 if no variable is set.

    Raises:
        UsageError: if a variable is missing or invalid; names the first of them.

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
