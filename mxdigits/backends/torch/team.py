"""Workers that connect at PyTorch's store, and exchange tensors through gloo, or NCCL on GPUs."""

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

# Time for all workers to connect: some may first have to read their data.
_TO_ARRIVE = timedelta(minutes=5)
# Time for the others to reach an exchange: worker 0 may be busy with its callbacks.
_TO_COME = timedelta(minutes=30)


@functools.cache
def team_of(workers: Workers) -> Team:
    """The workers of a fit; the first call waits for all of them to arrive.

    A process connects to the others only once, and stays connected until all have ended.

    Raises:
        ContextError: if the workers cannot connect.

    Example:
        >>> from mxdigits.workers import ALONE
        >>> team_of(ALONE).count
        1
    """
    return Alone() if workers.count == 1 else ProcessGroup(workers)


class ProcessGroup:
    """A :class:`~mxdigits.backends.team.agreement.Team` of PyTorch's processes.

    The store listens on the coordinator's address, gloo on each worker's own. The order of
    additions depends only on the number of workers and the count of numbers.

    Args:
        workers: this process and the others.

    Raises:
        ContextError: if the workers cannot connect.

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
            # The first exchange connects the workers, so a missing network is noticed here.
            self._on_cpus.allreduce([torch.zeros(1)]).wait()
        except (OSError, RuntimeError) as error:
            raise ContextError(
                f"PyTorch's processes do not meet at {workers.coordinator}: {describe(error)}"
            ) from error
        # PyTorch's threads sometimes abort the process if they still run when Python ends.
        atexit.register(self._end)

    def _end(self) -> None:
        """Release the groups and the store, even if this object stays; their threads then end."""
        for name in ("_on_gpus", "_on_cpus", "_store"):
            self.__dict__.pop(name, None)

    def gathered(self, numbers: Row) -> Rows:
        """The numbers of all workers, (count, n)."""
        own = torch.from_numpy(np.array(numbers, np.float64))
        told: Rows = self.of_all(own).numpy()
        return told

    def first_says(self, data: bytes) -> bytes:
        """Worker 0's data, in all workers."""
        size = int(self.gathered([len(data)])[0, 0])
        padded = np.zeros(size, np.uint8)
        if self.rank == 0:
            padded[:] = np.frombuffer(data, np.uint8)
        with _others_needed():
            self._on_cpus.broadcast(torch.from_numpy(padded), 0).wait()
        return padded.tobytes()

    def of_all(self, own: Tensor) -> Tensor:
        """A tensor of all workers, (count, ...)."""
        given = self._taken(own)
        found = [torch.empty_like(given) for _ in range(self.count)]
        with _others_needed():
            self._group(given).allgather([found], [given]).wait()
        return torch.stack(found).to(own.device)

    def summed(self, own: Tensor) -> Tensor:
        """The sum of a tensor over all workers; it may overwrite ``own``."""
        given = self._taken(own)
        with _others_needed():
            self._group(given).allreduce([given]).wait()
        return given.to(own.device)

    def _taken(self, own: Tensor) -> Tensor:
        """A tensor in memory from which the workers can exchange it."""
        return own.contiguous() if own.device.type == "cuda" and _has_nccl() else own.cpu()

    def _group(self, tensor: Tensor) -> dist.Backend:
        return self._on_gpus if tensor.device.type == "cuda" else self._on_cpus

    @functools.cached_property
    def _on_gpus(self) -> dist.Backend:
        own = dist.PrefixStore("nccl", self._store)
        return dist.ProcessGroupNCCL(own, self.rank, self.count, dist.ProcessGroupNCCL.Options())


def _store(workers: Workers) -> dist.TCPStore:
    """The store through which the workers find each other; worker 0 runs it."""
    listening: dict[str, int] = {}
    if workers.is_first:
        # Listens on the given address only; PyTorch by itself would listen on all.
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
    """Report in one line that another worker is gone; its own output says why."""
    try:
        yield
    except RuntimeError as error:
        # PyTorch's message begins with a place in its source code, and ends with advice.
        why = describe(error).rpartition(".cc:")[2].partition("] ")[2] or describe(error)
        raise RunFailed(f"another worker does not answer: {why.partition('. ')[0]}") from error
