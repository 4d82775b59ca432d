"""Which images come when: the order of an epoch, its batches, and their parts for each device."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Bounds = tuple[int, int]


def epoch_order(samples: int, seed: int, epoch: int) -> NDArray[np.int32]:
    """A permutation of ``samples`` indices, int32, that depends on (seed, epoch) alone.

    Example:
        >>> sorted(epoch_order(5, seed=0, epoch=0).tolist())
        [0, 1, 2, 3, 4]
    """
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, epoch])))
    return random.permutation(np.arange(samples, dtype=np.int32))


def batches(samples: int, batch_size: int) -> Iterator[Bounds]:
    """The bounds of each batch: every sample once, the last batch as small as it comes.

    Example:
        >>> list(batches(250, 100))
        [(0, 100), (100, 200), (200, 250)]
    """
    for begin in range(0, samples, batch_size):
        yield begin, min(begin + batch_size, samples)


def shares(begin: int, end: int, parts: int) -> list[Bounds]:
    """The bounds of each part of a batch; their sizes differ by one at most, none is empty.

    Example:
        >>> shares(0, 100, 3)
        [(0, 34), (34, 67), (67, 100)]
    """
    size, larger = divmod(end - begin, parts)
    bounds = []
    for part in range(parts):
        stop = begin + size + (part < larger)
        if stop > begin:
            bounds.append((begin, stop))
        begin = stop
    return bounds
