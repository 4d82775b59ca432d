"""Sums gradients over all workers, with the same bits each time.

The store adds up arrays in the order of arrival. For two numbers the order does not change the sum.
For more it does, so three or more workers need two steps: each adds up one piece of all gradients,
in the order of the workers, and then gets the other pieces. That takes one and a half times the
bytes of one step, for any number of workers; fetching all gradients from all others would multiply
the bytes by the number of workers.

Workers of one machine use shared memory instead (``memory_sum.py``).
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
        arrays: float32, of any shapes; every worker must have as many arrays of the same sizes.

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
        """Queue the addition; later reads of an array get the sum."""
        for each in self._sums:
            each.run()


class _InOneStep:
    """Sums an array of two workers, for which the order does not matter."""

    def __init__(self, team: ParameterServer, array: MXArray):
        self._store, self._array = team.store, array
        self._key = team.new_key(mx.nd.zeros_like(array))

    def run(self) -> None:
        self._store.pushpull(self._key, self._array, out=self._array)


class _InOrder:
    """Sums an array of several workers piece by piece, in the order of the workers.

    Both keys of the store hold one piece in each row: the first has every piece of every worker,
    the second every piece of the sum. A worker pushes only its own rows, so the store adds nothing
    up.
    """

    def __init__(self, team: ParameterServer, array: MXArray):
        count, rank = team.count, team.rank
        self._store, self._array, self._count = team.store, array.reshape(-1), count
        length = -(-array.size // count)
        padded = mx.nd.zeros(count * length)
        self._flat, self._padded = padded[: array.size], padded.reshape((count, length))
        self._pieces = team.new_key(_rows(mx.nd.zeros((count**2, length)), _places(0, count**2)))
        self._sums = team.new_key(_rows(mx.nd.zeros((count, length)), _places(0, count)))
        # Made once, because they do not change, and making them takes Python longer than sending.
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
    """The indices of ``count`` rows, from ``first`` on."""
    return mx.nd.arange(first, first + count, dtype="int64")


def _rows(rows: MXArray, places: MXArray, count: int = 0) -> MXArray:
    """A sparse array of ``count`` rows that has these rows; by default it has no others."""
    shape = (count or len(rows), rows.shape[1])
    return mx.nd.sparse.row_sparse_array((rows, places), shape=shape)
