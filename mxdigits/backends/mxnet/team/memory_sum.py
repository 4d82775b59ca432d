"""The sum of gradients over workers of one machine, in memory that they share.

That their gradients are there they tell each other in that memory, too: a message through the store
would wait until the scheduler and the server are given a CPU, which the workers keep busy. The sum
has the bits that it has over a network.
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
    """Arrays of workers that share memory.

    Each lays its arrays there, and adds up those of all in the order of the workers. Two halves of
    the memory take turns: who lays the next arrays into one half has heard from all others that
    theirs are in the other one, so all of them have read what was in this one.

    Args:
        barrier: where the workers wait for each other.
        rank: which worker this is.
        arrays: those of this worker, flat.
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
        """The sum of some arrays, float32; None if there is not so much memory."""
        flat = [array.reshape(-1) for array in arrays]
        length = begins([array.size for array in flat])[1]
        before = team.count * Barrier.NUMBERS
        memory = shared_numbers(team, before + 2 * team.count * length)
        if memory is None:
            return None
        barrier = Barrier(team.rank, memory[:before])
        return cls(barrier, team.rank, flat, memory[before:].reshape(2, team.count, length))

    def run(self) -> None:
        """Wait for all workers' arrays, and queue the addition; who reads one then gets the sum."""
        half = self._halves[0]
        self._halves.reverse()
        for array, own in zip(self._arrays, half.own):
            array.copyto(own)
        half.own[0].wait_to_read()  # all parts of a half are one array for MXNet
        self._barrier.wait()
        for array, (first, second, *others) in zip(self._arrays, half.of_all):
            mx.nd.elemwise_add(first, second, out=array)
            for other in others:
                mx.nd.elemwise_add(array, other, out=array)


class _Half:
    """One half of the shared memory, (workers, numbers): the arrays of each worker.

    It is one array for MXNet, so what is done with its parts is done in that order.
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
