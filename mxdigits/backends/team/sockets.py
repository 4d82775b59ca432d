"""The Unix sockets through which MXNet's processes of one machine communicate.

They cost less than TCP, and only their owner can connect, because each process creates its own
under a strict umask. MXNet always puts them into ``/tmp``, and names them by numbers. When all
processes are connected, the files are no longer needed, and are deleted.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ...workers import FIRST_SOCKET, LAST_SOCKET, Workers

_FOLDER = Path("/tmp")


def draw_sockets(addresses: Iterable[str]) -> int:
    """Draw a number for the sockets of a new run; 0 if its machines need TCP.

    Nobody can guess it, so nobody can create a socket of that name first.

    Args:
        addresses: the addresses on which the run's machines listen. Loopback always means this
            machine.

    Example:
        >>> draw_sockets(["127.0.0.1", "10.0.0.2"])
        0
    """
    local = all(ipaddress.ip_address(each).is_loopback for each in addresses)
    if not local or not os.access(_FOLDER, os.W_OK | os.X_OK):
        return 0
    return FIRST_SOCKET + secrets.randbelow(LAST_SOCKET - FIRST_SOCKET + 1)


def scheduler_socket(workers: Workers) -> int:
    """The number of the scheduler's socket.

    Example:
        >>> scheduler_socket(Workers(1, 2, "127.0.0.1:9000", "127.0.0.1", sockets=70000))
        70000
    """
    return workers.sockets


def server_socket(workers: Workers, place: int) -> int:
    """The number of the socket of a server, which is counted from 0.

    Example:
        >>> server_socket(Workers(1, 2, "127.0.0.1:9000", "127.0.0.1", sockets=70000), 0)
        70001
    """
    return workers.sockets + 1 + place


def worker_socket(workers: Workers) -> int:
    """The number of this worker's socket.

    Example:
        >>> worker_socket(Workers(1, 2, "127.0.0.1:9000", "127.0.0.1", sockets=70000))
        70003
    """
    return workers.sockets + 1 + workers.servers + workers.rank


def socket_files(workers: Workers) -> list[Path]:
    """The files of all sockets of a run.

    Example:
        >>> run = Workers(0, 2, "127.0.0.1:9000", "127.0.0.1", sockets=70000)
        >>> [file.name for file in socket_files(run)]
        ['70000', '70001', '70002', '70003']
    """
    numbers = range(1 + workers.servers + workers.count) if workers.sockets else ()
    return [_FOLDER / str(workers.sockets + number) for number in numbers]


def remove_own_sockets(workers: Workers) -> None:
    """Delete the file of this worker's socket; worker 0 also deletes those of its companions.

    It is called after all have exchanged data: existing connections stay open.

    Example:
        >>> remove_own_sockets(Workers(1, 2, "127.0.0.1:9000", "127.0.0.1"))
    """
    if workers.sockets:
        files = socket_files(workers)
        beside = files[: 1 + workers.servers] if workers.is_first else []
        for file in (*beside, _FOLDER / str(worker_socket(workers))):
            file.unlink(missing_ok=True)


@contextmanager
def for_its_owner_alone() -> Iterator[None]:
    """Only this user can access files, including sockets, that are made in a ``with`` block.

    Example:
        >>> with for_its_owner_alone():
        ...     Path("mine").touch()
        >>> oct(Path("mine").stat().st_mode)[-3:]
        '600'
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
