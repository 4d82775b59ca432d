"""The sum of gradients over workers of one machine, in memory that they share.

Through the store they only tell each other that their gradients are there, which takes it a number
for each of them. The sum has the bits that it has over a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...arrays import Numbers
from ..shared_memory import shared_numbers
from .runtime import import_mxnet
from .slots import begins
from .team import ParameterServer
from .types import MXArray

mx = import_mxnet()


class MemorySum:
    """Arrays of workers that share memory.

    Each lays its arrays there, and adds up those of all in the order of the workers. Two halves of
    the memory take turns: who lays the next arrays into one half has heard from all others that
    theirs are in the other one, so all of them have read what was in this one.

    Args:
        team: the workers.
        arrays: those of this worker, flat.
        halves: the memory, (2, workers, numbers).

    Example:
        >>> total = MemorySum.made(team, [gradients])  # doctest: +SKIP
        >>> total.run()  # doctest: +SKIP
    """

    def __init__(self, team: ParameterServer, arrays: Sequence[MXArray], halves: Numbers):
        self._store, self._key = team.store, team.new_key(mx.nd.zeros(1))
        self._arrays = arrays
        self._halves = [_Half(team.rank, arrays, half) for half in halves]

    @classmethod
    def made(cls, team: ParameterServer, arrays: Sequence[MXArray]) -> Optional[MemorySum]:
        """The sum of some arrays, float32; None if there is not so much memory."""
        flat = [array.reshape(-1) for array in arrays]
        length = begins(_sizes(flat))[1]
        memory = shared_numbers(team, 2 * team.count * length)
        return None if memory is None else cls(team, flat, memory.reshape(2, team.count, length))

    def run(self) -> None:
        """Queue the addition; what reads an array afterwards gets the sum."""
        half = self._halves[0]
        self._halves.reverse()
        for array, own in zip(self._arrays, half.own):
            array.copyto(own)
        # The sum of all tokens comes back when every worker has sent its own: it is 0, as they are.
        self._store.pushpull(self._key, half.token, out=half.token)
        for array, (first, second, *others) in zip(self._arrays, half.of_all):
            mx.nd.elemwise_add(first, second, out=array)
            for other in others:
                mx.nd.elemwise_add(array, other, out=array)


class _Half:
    """One half of the shared memory, (workers, numbers): a token and the arrays of each worker.

    It is one array for MXNet, so what is done with its parts is done in that order.
    """

    def __init__(self, rank: int, arrays: Sequence[MXArray], numbers: Numbers):
        whole = mx.nd.from_numpy(numbers.reshape(-1), zero_copy=True)
        rows = range(0, numbers.size, numbers.shape[1])
        begin_of, _ = begins(_sizes(arrays))
        self.token = whole[rows[rank] : rows[rank] + 1]
        self.of_all = [
            [whole[row + begin : row + begin + array.size] for row in rows]
            for array, begin in zip(arrays, begin_of[1:])
        ]
        self.own = [each[rank] for each in self.of_all]


def _sizes(arrays: Sequence[MXArray]) -> list[int]:
    """Of what a worker lays into the memory: its token, and the arrays."""
    return [1, *(array.size for array in arrays)]
