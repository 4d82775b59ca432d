"""Computes a batch in parts and adds up the gradients, with the memory of one part only."""

from __future__ import annotations

import math
from typing import Callable, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from .placement import Placement
from .types import Array


class PartResult(NamedTuple):
    """The results of a batch or a part of one, summed over its images; and the new statistics.

    Example:
        >>> PartResult({}, {}, jnp.float32(2.5), jnp.int32(7)).correct.tolist()
        7
    """

    gradients: dict[str, Array]
    statistics: dict[str, Array]
    total: Array
    correct: Array


class Part(NamedTuple):
    """Some images of a batch, their labels, and the key of their random numbers.

    Example:
        >>> Part(jnp.zeros((5, 1, 28, 28)), jnp.zeros(5, jnp.int32), None).labels.shape
        (5,)
    """

    images: Array
    labels: Array
    key: Array


# Computes a part's results from the part and the statistics before it.
_Learn = Callable[["dict[str, Array]", Part], PartResult]


def in_parts(
    learn: _Learn, statistics: dict[str, Array], batch: Part, parts: int, placement: Placement
) -> PartResult:
    """The results of a batch that is computed part by part.

    Args:
        learn: computes a part's results from the part and the statistics before it.
        statistics: the statistics before the batch.
        batch: the whole batch.
        parts: the number of parts; the last may be smaller than the others.
        placement: the devices, each of which computes its share of every part. Devices other than
            CPUs run the parts in a loop of XLA, which needs the memory of one part only.

    Example:
        >>> def learn(statistics, part):
        ...     total = part.labels.sum()
        ...     return PartResult({"w": part.images.sum()}, statistics, total, jnp.int32(1))
        >>> batch = Part(jnp.ones(5), jnp.arange(5), jax.random.key(0))
        >>> found = in_parts(learn, {}, batch, 2, Placement(jax.devices("cpu")[:1]))
        >>> found.gradients["w"].tolist(), found.total.tolist(), found.correct.tolist()
        (5.0, 10, 2)
    """
    if parts == 1:
        return learn(statistics, batch)
    samples = len(batch.labels)
    size = math.ceil(samples / parts)
    equal = samples // size
    # A batch that is divided among devices would have to be divided in another way, which XLA does
    # wrongly if devices have different numbers of images.
    images, labels = placement.whole(batch.images), placement.whole(batch.labels)
    keys = jax.vmap(lambda number: jax.random.fold_in(batch.key, number))(jnp.arange(equal + 1))

    def stacked(array: Array) -> Array:
        return array[: equal * size].reshape(equal, size, *array.shape[1:])

    def after(before: PartResult, part: Part) -> tuple[PartResult, None]:
        rows = jnp.arange(len(part.labels))
        own = Part(
            placement.gathered(part.images, rows), placement.gathered(part.labels, rows), part.key
        )
        return _together(before, learn(before.statistics, own)), None

    first = Part(images[:size], labels[:size], keys[0])
    nothing = jax.tree_util.tree_map(
        lambda each: jnp.zeros(each.shape, each.dtype), jax.eval_shape(learn, statistics, first)
    )
    begin = nothing._replace(statistics=statistics)
    every = Part(stacked(images), stacked(labels), keys[:equal])
    unroll = equal if placement.platform == "cpu" else 1
    learnt, _ = lax.scan(after, begin, every, unroll=unroll)
    if equal * size < samples:
        rest = Part(images[equal * size :], labels[equal * size :], keys[equal])
        learnt, _ = after(learnt, rest)
    return learnt


def _together(before: PartResult, now: PartResult) -> PartResult:
    summed = jax.tree_util.tree_map(
        jnp.add, before._replace(statistics={}), now._replace(statistics={})
    )
    result: PartResult = summed._replace(statistics=now.statistics)
    return result
