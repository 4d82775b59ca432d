"""Sums gradients over workers of one machine, in shared memory.

The workers also announce their gradients in that memory: a message through the store would wait
until the scheduler and the server get a CPU, which the workers keep busy. The sum has the same bits
as over a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ....arrays import Numbers
from ...team.shared_memory import Barrier, shared_numbers
from ..runtime import import_mxnet
from ..slots import begins
from ..types import MXArray
from .team import ParameterServer

mx = import_mxnet()


class MemorySum:
    """Sums arrays of workers that share memory.

    Each worker copies its arrays there, and adds up all workers' arrays in the order of the
    workers. Two halves of the memory take turns. A worker that writes its next arrays to one half
    knows that all others have written theirs to the other half, so all of them have finished
    reading this one.

    Args:
        barrier: the barrier at which the workers wait for each other.
        rank: this worker's number.
        arrays: this worker's arrays, flat.
        halves: the memory, (2, workers, numbers).

    Example:
        >>> total = MemorySum.made(team, [gradients])  # doctest: +SKIP
        >>> total.run()  # doctest: +SKIP
    """

    def __init__(self, barrier: Barrier, rank: int, arrays: Sequence[MXArray], halves: Numbers):
        self._barrier, self._arrays = barrier, arrays
        self._halves = [_Half(rank, arrays, half) for half in halves]

    @classmethod
    def made(cls, team: ParameterServer, arrays: Sequence[MXArray]) -> Optional[MemorySum]:
        """A sum for the given arrays, float32; None if there is not enough memory."""
        flat = [array.reshape(-1) for array in arrays]
        length = begins([array.size for array in flat])[1]
        before = team.count * Barrier.NUMBERS
        memory = shared_numbers(team, before + 2 * team.count * length)
        if memory is None:
            return None
        barrier = Barrier(team.rank, memory[:before])
        return cls(barrier, team.rank, flat, memory[before:].reshape(2, team.count, length))

    def run(self) -> None:
        """Wait for all workers' arrays, and queue the addition; later reads get the sum."""
        half = self._halves[0]
        self._halves.reverse()
        for array, own in zip(self._arrays, half.own):
            array.copyto(own)
        half.own[0].wait_to_read()  # for MXNet, a half is one array
        self._barrier.wait()
        for array, (first, second, *others) in zip(self._arrays, half.of_all):
            mx.nd.elemwise_add(first, second, out=array)
            for other in others:
                mx.nd.elemwise_add(array, other, out=array)


class _Half:
    """One half of the shared memory, (workers, numbers), with the arrays of each worker.

    It is one array for MXNet, so operations on its parts keep their order.
    """

    def __init__(self, rank: int, arrays: Sequence[MXArray], numbers: Numbers):
        whole = mx.nd.from_numpy(numbers.reshape(-1), zero_copy=True)
        rows = range(0, numbers.size, numbers.shape[1])
        begin_of, _ = begins([array.size for array in arrays])
        self.of_all = [
            [whole[row + begin : row + begin + array.size] for row in rows]
            for array, begin in zip(arrays, begin_of)
        ]
        self.own = [each[rank] for each in self.of_all]
