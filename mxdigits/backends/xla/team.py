"""Workers that connect at JAX's coordinator; their devices then work like those of one process."""

from __future__ import annotations

import functools
from contextlib import suppress
from functools import partial
from importlib import import_module

import jax
import numpy as np
from jax.experimental import multihost_utils

from ...errors import ContextError
from ...foreign import describe
from ...workers import Workers
from ..team.agreement import Alone, Row, Rows, Team
from .types import Device


@functools.cache
def team_of(workers: Workers) -> Team:
    """The workers of a fit; the first call waits for all of them to arrive.

    It has to be called before JAX's devices are used.

    Raises:
        ContextError: if the workers cannot connect.

    Example:
        >>> from mxdigits.workers import ALONE
        >>> team_of(ALONE).count
        1
    """
    return Alone() if workers.count == 1 else Processes(workers)


class Processes:
    """A :class:`~mxdigits.backends.team.agreement.Team` of JAX's processes.

    On CPUs they exchange arrays through gloo, on GPUs through NCCL.

    Args:
        workers: this process and the others.

    Raises:
        ContextError: if the workers cannot connect.

    Example:
        >>> team = Processes(current())  # doctest: +SKIP
        >>> team.gathered([team.rank]).tolist()  # doctest: +SKIP
        [[0.0], [1.0]]
    """

    def __init__(self, workers: Workers):
        self.rank, self.count = workers.rank, workers.count
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        _have_gloo_listen_on(workers.address)
        try:
            jax.distributed.initialize(
                workers.coordinator,
                workers.count,
                workers.rank,
                coordinator_bind_address=workers.coordinator,
            )
            self.gathered([self.rank])  # connects the workers to each other
        except Exception as error:  # XLA's errors have no common class of their own
            raise ContextError(
                f"JAX's processes do not meet at {workers.coordinator}: {describe(error)}"
            ) from error

    def gathered(self, numbers: Row) -> Rows:
        """The numbers of all workers, (count, n)."""
        # Sent as bytes, because JAX has only float32.
        own = np.asarray(numbers, np.float64).view(np.uint8)
        told = np.ascontiguousarray(multihost_utils.process_allgather(own))
        return told.reshape(self.count, -1).view(np.float64)

    def first_says(self, data: bytes) -> bytes:
        """Worker 0's data, in all workers."""
        size = int(self.gathered([len(data)])[0, 0])
        padded = np.zeros(size, np.uint8)
        if self.rank == 0:
            padded[:] = np.frombuffer(data, np.uint8)
        return bytes(np.asarray(multihost_utils.broadcast_one_to_all(padded)).tobytes())


def _have_gloo_listen_on(address: str) -> None:
    """Let gloo listen on the address at which the other workers can reach this one.

    By default, gloo takes the address of the machine's name, which other machines often cannot
    reach. JAX has no setting for it, but passes on the arguments with which it creates gloo.
    """
    with suppress(ImportError, AttributeError):  # another JAX may differ
        made = import_module("jax._src.lib").xla_client._xla
        made.make_gloo_tcp_collectives = partial(made.make_gloo_tcp_collectives, hostname=address)


def devices_of_all(device: Device) -> list[Device]:
    """A device of this process, and those with the same index in the other processes, in order.

    Example:
        >>> len(devices_of_all(jax.local_devices()[0]))
        1
    """
    kind = device.platform
    place = jax.local_devices(backend=kind).index(device)
    by_process: dict[int, list[Device]] = {}
    for each in jax.devices(kind):
        by_process.setdefault(each.process_index, []).append(each)
    return [by_process[process][place] for process in sorted(by_process)]
