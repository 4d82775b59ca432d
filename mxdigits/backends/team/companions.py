"""The helper processes that a backend's workers need."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ...errors import UsageError
from ...workers import Workers
from .sockets import scheduler_socket, server_socket, worker_socket

# The roles of MXNet's parameter server, by the names in its environment variables.
_SCHEDULER, _SERVER, _WORKER = "scheduler", "server", "worker"


class Companion(NamedTuple):
    """A process to start before the workers, and to end after them.

    It ends by itself when all workers have ended normally. ``environment`` is added to a worker's
    environment.

    Example:
        >>> companions("mxnet", Workers(0, 2, "127.0.0.1:9000", "127.0.0.1"))[0].name
        'scheduler'
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]


def companions(backend: str, workers: Workers) -> list[Companion]:
    """The processes to start on a worker's machine, for that worker.

    MXNet needs a scheduler and ``workers.servers`` processes that add up gradients, all of them
    beside worker 0; other backends need none.

    Args:
        backend: the name of the backend.
        workers: describes the worker; the processes listen on its address.

    Example:
        >>> [each.name for each in companions("mxnet", Workers(0, 2, "10.0.0.1:9000", "10.0.0.1"))]
        ['scheduler', 'server 0']
        >>> companions("xla", Workers(0, 2, "10.0.0.1:9000", "10.0.0.1"))
        []
    """
    if backend != "mxnet" or workers.count == 1 or not workers.is_first:
        return []
    servers = [(f"{_SERVER} {place}", _SERVER, place) for place in range(workers.servers)]
    named = [(_SCHEDULER, _SCHEDULER, 0), *servers]
    argv = (sys.executable, "-m", "mxdigits.backends.mxnet.team.companion")
    return [
        Companion(name, argv, parameter_server(workers, role, place)) for name, role, place in named
    ]


def check_addresses(backends: Iterable[str], addresses: Iterable[str]) -> None:
    """Refuse addresses at which a backend's workers or their helper processes cannot meet.

    Args:
        backends: the backends that may train.
        addresses: IP addresses of the machines of a run over a network.

    Raises:
        UsageError: naming the first such address.

    Example:
        >>> check_addresses(["mxnet"], ["10.0.0.1"])
        >>> check_addresses(["xla"], ["10.0.0.1", "fd00::1"])
    """
    found = [each for each in addresses if ":" in each]
    if found and "mxnet" in backends:
        raise UsageError(
            f"MXNet's processes do not speak IPv6, and {found[0]} is such an address; give the "
            "hosts IPv4 addresses, or train with backend=torch or backend=xla"
        )


def parameter_server(workers: Workers, role: str = _WORKER, place: int = 0) -> dict[str, str]:
    """The environment of a process of MXNet's parameter server, on a worker's machine.

    Args:
        workers: describes the worker.
        role: the role of the process.
        place: a server's number, counted from 0.

    Example:
        >>> found = parameter_server(Workers(1, 2, "10.0.0.1:9000", "10.0.0.2"))
        >>> found["DMLC_ROLE"], found["DMLC_PS_ROOT_URI"], found["DMLC_NODE_HOST"]
        ('worker', '10.0.0.1', '10.0.0.2')
    """
    found = {
        "DMLC_ROLE": role,
        "DMLC_PS_ROOT_URI": workers.host,
        "DMLC_PS_ROOT_PORT": workers.port,
        "DMLC_NUM_WORKER": str(workers.count),
        "DMLC_NUM_SERVER": str(workers.servers),
        "DMLC_NODE_HOST": workers.host if role == _SCHEDULER else workers.address,
        "DMLC_LOCAL": "0",
    }
    if workers.sockets:
        own = server_socket(workers, place) if role == _SERVER else worker_socket(workers)
        found["DMLC_LOCAL"] = "1"
        found["DMLC_PS_ROOT_PORT"] = str(scheduler_socket(workers))
        if role != _SCHEDULER:
            found["PORT"] = str(own)
    return found
