"""Workers that meet at PyTorch's store, and exchange tensors through gloo, or NCCL on GPUs."""

from __future__ import annotations

import atexit
import functools
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import torch
from torch import Tensor
from torch import distributed as dist

from ...errors import ContextError, RunFailed
from ...foreign import describe
from ...workers import Workers
from ..team.agreement import Alone, Row, Rows, Team

# For all workers to arrive: some may have to read their data first.
_TO_ARRIVE = timedelta(minutes=5)
# For the others to come to an exchange: worker 0 may be busy with what its callbacks do.
_TO_COME = timedelta(minutes=30)


@functools.cache
def team_of(workers: Workers) -> Team:
    """The workers of a fit; the first call waits for all of them to arrive.

    A process meets the others once, and stays until all have ended.

    Raises:
        ContextError: if they do not meet.

    Example:
        >>> from mxdigits.workers import ALONE
        >>> team_of(ALONE).count
        1
    """
    return Alone() if workers.count == 1 else ProcessGroup(workers)


class ProcessGroup:
    """A :class:`~mxdigits.backends.team.agreement.Team` of PyTorch's processes.

    The store listens on the coordinator's address, gloo on that of each worker. What is added up is
    added in an order that depends on nothing but the number of workers and of numbers.

    Args:
        workers: this process and the others.

    Raises:
        ContextError: if they do not meet.

    Example:
        >>> team = ProcessGroup(current())  # doctest: +SKIP
        >>> team.gathered([team.rank]).tolist()  # doctest: +SKIP
        [[0.0], [1.0]]
    """

    def __init__(self, workers: Workers):
        self.rank, self.count = workers.rank, workers.count
        if not dist.is_available() or not dist.is_gloo_available():
            raise ContextError("this PyTorch is built without torch.distributed and gloo")
        try:
            self._store = _store(workers)
            options = dist.ProcessGroupGloo._Options()
            options._devices = [dist.ProcessGroupGloo.create_device(hostname=workers.address)]
            options._timeout = _TO_COME
            own = dist.PrefixStore("gloo", self._store)
            self._on_cpus = dist.ProcessGroupGloo(own, self.rank, self.count, options)
            # The connections are made by the first exchange, so a network that is not there is
            # noticed here.
            self._on_cpus.allreduce([torch.zeros(1)]).wait()
        except (OSError, RuntimeError) as error:
            raise ContextError(
                f"PyTorch's processes do not meet at {workers.coordinator}: {describe(error)}"
            ) from error
        # Threads of PyTorch's that are still there when Python ends abort the process at times.
        atexit.register(self._end)

    def _end(self) -> None:
        """Let go of the groups and the store, whoever holds this; their threads end with them."""
        for name in ("_on_gpus", "_on_cpus", "_store"):
            self.__dict__.pop(name, None)

    def gathered(self, numbers: Row) -> Rows:
        """What each worker tells, (count, n)."""
        own = torch.from_numpy(np.array(numbers, np.float64))
        told: Rows = self.of_all(own).numpy()
        return told

    def first_says(self, data: bytes) -> bytes:
        """What worker 0 gives."""
        size = int(self.gathered([len(data)])[0, 0])
        padded = np.zeros(size, np.uint8)
        if self.rank == 0:
            padded[:] = np.frombuffer(data, np.uint8)
        with _others_needed():
            self._on_cpus.broadcast(torch.from_numpy(padded), 0).wait()
        return padded.tobytes()

    def of_all(self, own: Tensor) -> Tensor:
        """What each worker has, (count, ...)."""
        given = self._taken(own)
        found = [torch.empty_like(given) for _ in range(self.count)]
        with _others_needed():
            self._group(given).allgather([found], [given]).wait()
        return torch.stack(found).to(own.device)

    def summed(self, own: Tensor) -> Tensor:
        """The sum of what each worker has; it may be written into the memory of ``own``."""
        given = self._taken(own)
        with _others_needed():
            self._group(given).allreduce([given]).wait()
        return given.to(own.device)

    def _taken(self, own: Tensor) -> Tensor:
        """A tensor where the workers can exchange it."""
        return own.contiguous() if own.device.type == "cuda" and _has_nccl() else own.cpu()

    def _group(self, tensor: Tensor) -> dist.Backend:
        return self._on_gpus if tensor.device.type == "cuda" else self._on_cpus

    @functools.cached_property
    def _on_gpus(self) -> dist.Backend:
        own = dist.PrefixStore("nccl", self._store)
        return dist.ProcessGroupNCCL(own, self.rank, self.count, dist.ProcessGroupNCCL.Options())


def _store(workers: Workers) -> dist.TCPStore:
    """The store by which the workers find each other, beside worker 0."""
    listening: dict[str, int] = {}
    if workers.is_first:
        # On the address that was asked for; PyTorch itself would listen on all of them.
        family = socket.AF_INET6 if ":" in workers.host else socket.AF_INET
        server = socket.create_server((workers.host, int(workers.port)), family=family)
        listening["master_listen_fd"] = server.detach()
    return dist.TCPStore(
        workers.host, int(workers.port), workers.count, workers.is_first, _TO_ARRIVE, **listening
    )


def _has_nccl() -> bool:
    return dist.is_nccl_available()


@contextmanager
def _others_needed() -> Iterator[None]:
    """Say in a line that another worker is gone; what has become of it is known elsewhere."""
    try:
        yield
    except RuntimeError as error:
        # PyTorch's text begins with a place in its source, and ends with advice.
        why = describe(error).rpartition(".cc:")[2].partition("] ")[2] or describe(error)
        raise RunFailed(f"another worker does not answer: {why.partition('. ')[0]}") from error
