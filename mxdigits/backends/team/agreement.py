"""The workers of one fit, and how they exchange numbers, for a Trainer and its backend.

All workers do the same at the same time: a worker that calls a method here waits until all have
called it. Events that decide how a fit goes on, such as a signal that only one worker got, are
passed to all of them in this way, so that they stay together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple, Protocol, Union

import numpy as np
from numpy.typing import NDArray

from ...arrays import Logits
from ..batches import Bounds, pieces, shares

# Batches between two exchanges of several workers on how to go on.
_ASK_EVERY = 10

# The numbers of one worker, (n,), and those of all workers, (count, n).
Row = Union[Sequence[float], NDArray[np.float64]]
Rows = NDArray[np.float64]


class Team(Protocol):
    """Workers that share each batch; this process is one of them.

    Example:
        >>> Alone().count
        1
    """

    @property
    def rank(self) -> int:
        """This process's number among the workers, from 0."""

    @property
    def count(self) -> int:
        """The number of workers."""

    def gathered(self, numbers: Row) -> Rows:
        """Exchange numbers: those of all workers, (count, n), float64, the same in each.

        Args:
            numbers: this worker's numbers; as many as the others give.
        """

    def first_says(self, data: bytes) -> bytes:
        """Send worker 0's data to all workers; the others' data is ignored."""


class Alone:
    """The only worker of a fit in a single process.

    Example:
        >>> Alone().gathered([1.5]).tolist()
        [[1.5]]
    """

    rank, count = 0, 1

    def gathered(self, numbers: Row) -> Rows:
        """The numbers, as the only row."""
        return np.array([numbers], np.float64)

    def first_says(self, data: bytes) -> bytes:
        """The data."""
        return data


class Part(NamedTuple):
    """A worker's part of a batch: its bounds in the batch, and the number of images in the batch.

    A worker without images of its own computes one image with weight 0, because the others wait for
    its results.

    Example:
        >>> Part(10, 20, 20).own
        10
    """

    begin: int
    end: int
    whole: int

    @property
    def counted(self) -> int:
        """The number of its own images."""
        return self.end - self.begin

    @property
    def own(self) -> int:
        """The number of images that it computes, at least one."""
        return max(self.counted, 1)

    @property
    def first_seen(self) -> int:
        """The place of the first image that it computes."""
        return min(self.begin, self.whole - 1)


def agreed(team: Team, *flags: bool) -> list[bool]:
    """For each of several flags, whether any worker has set it.

    Example:
        >>> agreed(Alone(), True, False)
        [True, False]
    """
    if team.count == 1:
        return list(flags)
    found: list[bool] = team.gathered(flags).any(axis=0).tolist()
    return found


def first_decides(team: Team, value: object) -> object:
    """Worker 0's JSON value, in all workers.

    Example:
        >>> first_decides(Alone(), ["stop"])
        ['stop']
    """
    if team.count == 1:
        return value
    return json.loads(team.first_says(json.dumps(value).encode()))


def part_of(team: Team, begin: int, end: int) -> Bounds:
    """This worker's part of a batch; empty for the last workers of a batch smaller than the team.

    Example:
        >>> part_of(Alone(), 100, 200)
        (100, 200)
    """
    parts = shares(begin, end, team.count)
    return parts[team.rank] if team.rank < len(parts) else (end, end)


def parts_of(team: Team, whole: int, count: int) -> list[Part]:
    """This worker's part of each piece of a batch that is computed in up to ``count`` pieces.

    Args:
        team: the workers.
        whole: the number of images in the batch.
        count: the number of pieces, which are computed one after the other.

    Example:
        >>> [part.whole for part in parts_of(Alone(), 10, 3)]
        [4, 4, 2]
    """
    found = []
    for begin, end in pieces(0, whole, count):
        low, high = part_of(team, begin, end)
        found.append(Part(low - begin, high - begin, end - begin))
    return found


def sizes_of(team: Team, whole: int) -> list[int]:
    """The number of images of a batch that each worker has.

    Example:
        >>> sizes_of(Alone(), 10)
        [10]
    """
    sizes = [end - begin for begin, end in shares(0, whole, team.count)]
    return sizes + [0] * (team.count - len(sizes))


def is_asked(team: Team, begin: int, end: int) -> bool:
    """Whether to ask how to go on, after an epoch moved from batch ``begin`` to ``end``.

    A single process asks each time; several workers have to ask each other, so they ask seldom.

    Example:
        >>> is_asked(Alone(), 3, 4)
        True
    """
    return team.count == 1 or end // _ASK_EVERY > begin // _ASK_EVERY


def total(team: Team, number: int) -> int:
    """The sum of a number over all workers.

    Example:
        >>> total(Alone(), 3)
        3
    """
    return int(team.gathered([number]).sum())


def joined_rows(team: Team, rows: Logits, sizes: Sequence[int]) -> Logits:
    """The rows of all workers, worker by worker: (sum of sizes, n).

    Args:
        team: the workers.
        rows: this worker's (size, n), float32.
        sizes: the number of rows of each worker.

    Example:
        >>> joined_rows(Alone(), np.ones((2, 3), np.float32), [2]).shape
        (2, 3)
    """
    if team.count == 1:
        return rows
    width = rows.shape[1]
    padded = np.zeros((max(sizes), width))
    padded[: len(rows)] = rows
    told = team.gathered(padded.ravel()).reshape(team.count, -1, width)
    kept = [each[:size] for each, size in zip(told, sizes)]
    joined: Logits = np.concatenate(kept).astype(np.float32)
    return joined
