"""The sum of gradients over all workers, the same bits each time.

The store adds up what arrives in the order of arrival. Of two numbers the sum is the same either
way. Of more it is not, so three workers and more do it in two steps: each adds up one piece of all
gradients, in the order of the workers, and then gets the pieces of the others. That takes half as
many bytes again as one step would, however many workers there are, where to fetch all gradients
from all others would take so many times as many.

Workers of one machine use memory that they share instead (``memory_sum.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Union

from ..runtime import import_mxnet
from ..types import MXArray
from .memory_sum import MemorySum
from .team import ParameterServer

mx = import_mxnet()


class GradientSum:
    """Adds up arrays over all workers, in place.

    Args:
        team: the workers.
        arrays: float32, of any shapes, as many and as large as the other workers'.

    Example:
        >>> total = GradientSum(team, [gradients])  # doctest: +SKIP
        >>> total.run()  # doctest: +SKIP
    """

    def __init__(self, team: ParameterServer, arrays: Sequence[MXArray]):
        kind = _InOneStep if team.count == 2 else _InOrder
        in_memory = MemorySum.made(team, arrays) if team.shares_memory else None
        self._sums: Sequence[Union[MemorySum, _InOneStep, _InOrder]]
        self._sums = [in_memory] if in_memory else [kind(team, array) for array in arrays]

    def run(self) -> None:
        """Queue the addition; what reads an array afterwards gets the sum."""
        for each in self._sums:
            each.run()


class _InOneStep:
    """An array of two workers, whose sum does not depend on the order."""

    def __init__(self, team: ParameterServer, array: MXArray):
        self._store, self._array = team.store, array
        self._key = team.new_key(mx.nd.zeros_like(array))

    def run(self) -> None:
        self._store.pushpull(self._key, self._array, out=self._array)


class _InOrder:
    """An array of several workers, whose pieces are added up in the order of the workers.

    Both keys hold rows of one piece each: the first every piece of every worker, the second every
    piece of the sum. A worker pushes its own rows and no other, so the store adds nothing up.
    """

    def __init__(self, team: ParameterServer, array: MXArray):
        count, rank = team.count, team.rank
        self._store, self._array, self._count = team.store, array.reshape(-1), count
        length = -(-array.size // count)
        padded = mx.nd.zeros(count * length)
        self._flat, self._padded = padded[: array.size], padded.reshape((count, length))
        self._pieces = team.new_key(_rows(mx.nd.zeros((count**2, length)), _places(0, count**2)))
        self._sums = team.new_key(_rows(mx.nd.zeros((count, length)), _places(0, count)))
        # What does not change is made once: making it takes Python longer than sending it.
        self._pushed = _places(rank * count, count), _places(rank, 1)
        self._own_piece = mx.nd.arange(rank, count**2, count, dtype="int64")
        self._all_pieces = _places(0, count)
        self._found = mx.nd.sparse.zeros("row_sparse", (count**2, length))
        self._found_sums = mx.nd.sparse.zeros("row_sparse", (count, length))

    def run(self) -> None:
        count = self._count
        self._array.copyto(self._flat)
        own, piece = self._pushed
        self._store.push(self._pieces, _rows(self._padded, own, count**2))
        self._store.row_sparse_pull(self._pieces, out=self._found, row_ids=self._own_piece)
        found = self._found.data
        total = found[0]
        for row in range(1, count):
            total = total + found[row]
        self._store.push(self._sums, _rows(total.reshape((1, -1)), piece, count))
        self._store.row_sparse_pull(self._sums, out=self._found_sums, row_ids=self._all_pieces)
        self._array[:] = self._found_sums.data.reshape(-1)[: self._array.size]


def _places(first: int, count: int) -> MXArray:
    """The places of so many rows, from one on."""
    return mx.nd.arange(first, first + count, dtype="int64")


def _rows(rows: MXArray, places: MXArray, count: int = 0) -> MXArray:
    """Rows of an array of ``count`` rows, by their places; of all of them by default."""
    shape = (count or len(rows), rows.shape[1])
    return mx.nd.sparse.row_sparse_array((rows, places), shape=shape)
