"""The order of images in an epoch, its batches, and their parts for each device."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Callable, Optional

import numpy as np
from numpy.typing import NDArray

from ..arrays import Numbers

Bounds = tuple[int, int]
Order = NDArray[np.int32]

BALANCED = "balanced"  # the sampler that shows all classes equally often


def orders(labels: Numbers, seed: int, sampler: Optional[str] = None) -> Callable[[int], Order]:
    """A function that gives the order of the images of an epoch.

    Args:
        labels: the labels of all images, (N,).
        seed: together with the epoch it decides the order.
        sampler: ``balanced`` for :func:`balanced_order`, None for :func:`epoch_order`.

    Example:
        >>> order = orders(np.array([0, 0, 1]), seed=0)
        >>> sorted(order(1).tolist())
        [0, 1, 2]
    """
    if sampler == BALANCED:
        return partial(balanced_order, labels, seed)
    return partial(epoch_order, len(labels), seed)


def epoch_order(samples: int, seed: int, epoch: int) -> NDArray[np.int32]:
    """A permutation of ``samples`` indices, int32, that depends only on (seed, epoch).

    Example:
        >>> sorted(epoch_order(5, seed=0, epoch=0).tolist())
        [0, 1, 2, 3, 4]
    """
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, epoch])))
    return random.permutation(np.arange(samples, dtype=np.int32))


def balanced_order(labels: Numbers, seed: int, epoch: int) -> Order:
    """As many indices as there are images, int32, with equally many of each class.

    The numbers of times that images of a class come differ by one at most: all images of a rare
    class come several times, and only some of a frequent class, others in each epoch. The order
    depends only on (labels, seed, epoch).

    Example:
        >>> labels = np.array([0, 0, 0, 0, 0, 1])
        >>> sorted(labels[balanced_order(labels, seed=0, epoch=0)].tolist())
        [0, 0, 0, 1, 1, 1]
    """
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, epoch])))
    present = np.unique(labels)
    share, more = divmod(len(labels), len(present))
    chosen = []
    for place, label in enumerate(random.permutation(present)):
        own = np.flatnonzero(labels == label).astype(np.int32)
        wanted = share + (place < more)
        rounds = [random.permutation(own) for _ in range(-(-wanted // len(own)))]
        chosen.append(np.concatenate(rounds)[:wanted])
    return random.permutation(np.concatenate(chosen))


def batches(samples: int, batch_size: int) -> Iterator[Bounds]:
    """The bounds of each batch: every sample comes once; the last batch may be smaller.

    Example:
        >>> list(batches(250, 100))
        [(0, 100), (100, 200), (200, 250)]
    """
    for begin in range(0, samples, batch_size):
        yield begin, min(begin + batch_size, samples)


def sharded(
    samples: int, batch_size: int, accumulate: int, seed: int, workers: int, *, backend: str
) -> list[NDArray[np.int64]]:
    """The images that each worker holds if none holds all of them: indices, in order.

    They are chosen at random, as many as a worker has places in the batches of an epoch.

    Args:
        samples: the number of samples of all workers.
        batch_size: images per step.
        accumulate: the number of pieces in which a batch is computed.
        seed: the seed of the choice.
        workers: the number of workers.
        backend: the name of their backend: most divide each piece as evenly as possible, but XLA
            divides its arrays over devices as a whole, before any pieces.

    Example:
        >>> [len(each) for each in sharded(11, 5, 1, seed=0, workers=2, backend="mxnet")]
        [7, 4]
    """
    divided, parts = (pieces, 1) if backend == "xla" else (shares, accumulate)
    sizes = np.zeros(workers, np.int64)
    for begin, end in all_pieces(samples, batch_size, parts):
        for worker, (low, high) in enumerate(divided(begin, end, workers)):
            sizes[worker] += high - low
    chosen = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, samples])))
    held = np.split(chosen.permutation(samples), np.cumsum(sizes)[:-1])
    return [np.sort(each) for each in held]


def pieces(begin: int, end: int, count: int) -> list[Bounds]:
    """The bounds of up to ``count`` pieces of a batch, all of one size except the last.

    Example:
        >>> pieces(100, 110, 3)
        [(100, 104), (104, 108), (108, 110)]
    """
    size = -(-(end - begin) // count)
    return [(begin + low, begin + high) for low, high in batches(end - begin, max(size, 1))]


def all_pieces(samples: int, batch_size: int, count: int) -> list[Bounds]:
    """The bounds of the pieces of every batch of an epoch.

    Example:
        >>> all_pieces(25, 10, 2)
        [(0, 5), (5, 10), (10, 15), (15, 20), (20, 23), (23, 25)]
    """
    every = (pieces(begin, end, count) for begin, end in batches(samples, batch_size))
    return [piece for batch in every for piece in batch]


def shares(begin: int, end: int, parts: int) -> list[Bounds]:
    """The bounds of each part of a batch; sizes differ by one at most, and no part is empty.

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
