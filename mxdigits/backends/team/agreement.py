"""The workers of one fit, as a Trainer and its backend see them: who they are, what they tell.

All workers do the same at the same time: whoever calls a method here waits until all have called
it. What decides how a fit goes on, such as a signal that only one of them got, becomes known to
all of them in this way, so that they stay together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple, Protocol, Union

import numpy as np
from numpy.typing import NDArray

from ...arrays import Logits
from ..batches import Bounds, pieces, shares

# Batches between two questions of several workers how to go on.
_ASK_EVERY = 10

# What one worker gives, (n,), and what each of them has given, (count, n).
Row = Union[Sequence[float], NDArray[np.float64]]
Rows = NDArray[np.float64]


class Team(Protocol):
    """Some workers that share each batch; this process is one of them.

    Example:
        >>> Alone().count
        1
    """

    @property
    def rank(self) -> int:
        """Which of them this process is, from 0."""

    @property
    def count(self) -> int:
        """How many there are."""

    def gathered(self, numbers: Row) -> Rows:
        """What each worker tells: (count, n), float64, the same for all.

        Args:
            numbers: this worker's; as many as the others'.
        """

    def first_says(self, data: bytes) -> bytes:
        """What worker 0 gives, for all; what the others give is ignored."""


class Alone:
    """The one worker of a fit in a single process.

    Example:
        >>> Alone().gathered([1.5]).tolist()
        [[1.5]]
    """

    rank, count = 0, 1

    def gathered(self, numbers: Row) -> Rows:
        """What it is given, as a row."""
        return np.array([numbers], np.float64)

    def first_says(self, data: bytes) -> bytes:
        """What it is given."""
        return data


class Part(NamedTuple):
    """A worker's part of a batch: its bounds within the batch, and the images of the batch.

    Without images of its own a worker looks at one that counts for nothing, because the others wait
    for what it says of it.

    Example:
        >>> Part(10, 20, 20).own
        10
    """

    begin: int
    end: int
    whole: int

    @property
    def counted(self) -> int:
        """How many images are its own."""
        return self.end - self.begin

    @property
    def own(self) -> int:
        """How many images it looks at."""
        return max(self.counted, 1)

    @property
    def first_seen(self) -> int:
        """The first image that it looks at."""
        return min(self.begin, self.whole - 1)


def agreed(team: Team, *wishes: bool) -> list[bool]:
    """For each of some wishes, whether any worker has it.

    Example:
        >>> agreed(Alone(), True, False)
        [True, False]
    """
    if team.count == 1:
        return list(wishes)
    found: list[bool] = team.gathered(wishes).any(axis=0).tolist()
    return found


def first_decides(team: Team, value: object) -> object:
    """What worker 0 gives, in values that JSON knows, for all.

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
    """This worker's part of each piece of a batch, which is computed in up to so many pieces.

    Args:
        team: the workers.
        whole: the images of the batch.
        count: in how many pieces it is computed, one after the other.

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
    """How many images of a batch each worker has.

    Example:
        >>> sizes_of(Alone(), 10)
        [10]
    """
    sizes = [end - begin for begin, end in shares(0, whole, team.count)]
    return sizes + [0] * (team.count - len(sizes))


def is_asked(team: Team, begin: int, end: int) -> bool:
    """Whether to ask how to go on, where an epoch has come from one batch to another.

    A process alone asks each time; several also have to ask each other, so they do it seldom.

    Example:
        >>> is_asked(Alone(), 3, 4)
        True
    """
    return team.count == 1 or end // _ASK_EVERY > begin // _ASK_EVERY


def total(team: Team, number: int) -> int:
    """The sum of what each worker has.

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
        sizes: how many rows each worker has.

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
