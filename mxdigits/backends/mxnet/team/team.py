"""Workers that connect to MXNet's parameter server, through its key-value store."""

from __future__ import annotations

import atexit
import functools
import os

import numpy as np

from ....arrays import AnyArray, Numbers
from ....workers import Workers
from ...team.agreement import Alone, Row, Rows, Team
from ...team.companions import parameter_server
from ...team.shared_memory import shared_numbers
from ...team.sockets import for_its_owner_alone, remove_own_sockets
from ..runtime import import_mxnet
from ..types import KVStore, MXArray

# Bytes are sent as float32 numbers, two bytes each: float32 can hold every 16-bit number.
_BYTES_A_NUMBER = 2


@functools.cache
def team_of(workers: Workers) -> Team:
    """The workers of a fit; the first call waits for all of them to arrive.

    A process connects to the others only once, and stays connected until all have ended.

    Example:
        >>> from mxdigits.workers import ALONE
        >>> team_of(ALONE).count
        1
    """
    return Alone() if workers.count == 1 else ParameterServer(workers)


class ParameterServer:
    """A :class:`~mxdigits.backends.team.agreement.Team` that adds up arrays on MXNet's servers.

    Without an optimizer, the store ``dist_sync`` gives every worker the sum of all workers' arrays.
    It adds in the order of arrival, which does not matter if all numbers but one are zeros, as
    here, or if there are two of them.

    ``shares_memory`` says whether all workers can share memory, on one machine.

    Args:
        workers: this process and the others.

    Example:
        >>> team = ParameterServer(current())  # doctest: +SKIP
        >>> team.gathered([team.rank]).tolist()  # doctest: +SKIP
        [[0.0], [1.0]]
    """

    def __init__(self, workers: Workers):
        mx = import_mxnet()
        os.environ.update(parameter_server(workers))
        kind = "dist_device_sync" if mx.context.num_gpus() else "dist_sync"
        with for_its_owner_alone():
            self.store: KVStore = mx.kv.create(kind)
        atexit.register(self._leave)
        self.rank, self.count = workers.rank, workers.count
        self._used = 0
        self.gathered([0])  # connects all workers
        remove_own_sockets(workers)
        # Only on one machine without a GPU; a run with sockets is on one machine.
        local = workers.sockets > 0 and not mx.context.num_gpus()
        self.shares_memory = local and shared_numbers(self, 1) is not None

    def new_key(self, first: MXArray) -> str:
        """A key that this process has not used before; the same for all workers.

        Args:
            first: the initial array under the key, which gives its shape and type.
        """
        key = f"key{self._used}"
        self._used += 1
        self.store.init(key, first)
        return key

    def gathered(self, numbers: Row) -> Rows:
        """The numbers of all workers, (count, n)."""
        own = np.asarray(numbers, np.float64)
        rows = np.zeros((self.count, len(own)))
        rows[self.rank] = own
        told: Rows = self._summed(rows)
        return told

    def first_says(self, data: bytes) -> bytes:
        """Worker 0's data, in all workers."""
        size = int(self.gathered([len(data)])[0, 0])
        numbers = np.zeros(-(-size // _BYTES_A_NUMBER), np.float32)
        if self.rank == 0:
            padded = data + bytes(-size % _BYTES_A_NUMBER)
            numbers[:] = np.frombuffer(padded, "<u2")
        return bytes(self._summed(numbers).astype("<u2").tobytes()[:size])

    def _leave(self) -> None:
        """Disconnect. Otherwise MXNet's threads may abort when Python ends."""
        mx = import_mxnet()
        mx.base.check_call(mx.base._LIB.MXKVStoreFree(self.store.handle))
        self.store.handle = None  # nothing is left to free

    def _summed(self, array: Numbers) -> AnyArray:
        """The sum of an array over all workers; waits for it."""
        flat = array.ravel()
        size = 1 << max(len(flat) - 1, 1).bit_length()
        key, pushed, pulled = self._buffers(size, flat.dtype.name)
        padded = np.zeros(size, flat.dtype)
        padded[: len(flat)] = flat
        pushed[:] = padded
        self.store.push(key, pushed)
        self.store.pull(key, out=pulled)
        total: AnyArray = pulled.asnumpy()
        return total[: len(flat)].reshape(array.shape)

    @functools.cache  # noqa: B019  (it lives as long as the process)
    def _buffers(self, size: int, dtype: str) -> tuple[str, MXArray, MXArray]:
        mx = import_mxnet()
        pushed, pulled = (mx.nd.zeros(size, dtype=dtype) for _ in range(2))
        return self.new_key(pulled), pushed, pulled
