"""A batch in parts: gradients are added up, so that memory is needed for a part at a time."""

from __future__ import annotations

import math
from typing import Callable, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from .types import Array


class Learnt(NamedTuple):
    """What a batch or a part of one gives, summed over its images; statistics are as after it.

    Example:
        >>> Learnt({}, {}, jnp.float32(2.5), jnp.int32(7)).correct.tolist()
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


# What a part gives, and the statistics before it.
_Learn = Callable[["dict[str, Array]", Part], Learnt]


def in_parts(
    learn: _Learn, statistics: dict[str, Array], batch: Part, parts: int, *, loop: bool
) -> Learnt:
    """What a batch gives if it is learnt in parts, one after the other.

    Args:
        learn: what a part gives, from the statistics before it.
        statistics: before the batch.
        batch: all of it.
        parts: how many; the last may be smaller than the others.
        loop: whether they are run by a loop of XLA's, which needs the memory of one part.

    Example:
        >>> def learn(statistics, part):
        ...     return Learnt({"w": part.images.sum()}, statistics, part.labels.sum(), jnp.int32(1))
        >>> batch = Part(jnp.ones(5), jnp.arange(5), jax.random.key(0))
        >>> found = in_parts(learn, {}, batch, 2, loop=False)
        >>> found.gradients["w"].tolist(), found.total.tolist(), found.correct.tolist()
        (5.0, 10, 2)
    """
    if parts == 1:
        return learn(statistics, batch)
    samples = len(batch.labels)
    size = math.ceil(samples / parts)
    equal = samples // size
    keys = jax.vmap(lambda number: jax.random.fold_in(batch.key, number))(jnp.arange(equal + 1))

    def stacked(array: Array) -> Array:
        return array[: equal * size].reshape(equal, size, *array.shape[1:])

    def after(before: Learnt, part: Part) -> tuple[Learnt, None]:
        return _together(before, learn(before.statistics, part)), None

    first = Part(batch.images[:size], batch.labels[:size], keys[0])
    nothing = jax.tree_util.tree_map(
        lambda each: jnp.zeros(each.shape, each.dtype), jax.eval_shape(learn, statistics, first)
    )
    begin = nothing._replace(statistics=statistics)
    every = Part(stacked(batch.images), stacked(batch.labels), keys[:equal])
    learnt, _ = lax.scan(after, begin, every, unroll=1 if loop else equal)
    if equal * size < samples:
        rest = Part(batch.images[equal * size :], batch.labels[equal * size :], keys[equal])
        learnt, _ = after(learnt, rest)
    return learnt


def _together(before: Learnt, now: Learnt) -> Learnt:
    summed = jax.tree_util.tree_map(
        jnp.add, before._replace(statistics={}), now._replace(statistics={})
    )
    result: Learnt = summed._replace(statistics=now.statistics)
    return result
