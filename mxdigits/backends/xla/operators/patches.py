"""A convolution as one matrix product, which a GPU computes faster for small images.

The patches of the images become the columns of a matrix, and the filters the rows of another
(Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document
Processing", 2006).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import jax.numpy as jnp

from ....arrays import Shape
from .types import Array

# Most bytes of patches that are worth their copy on an H100: LeNet gains two fifths, ResNet-20
# seven tenths (benchmarks/ATTEMPTS.md). With up to 256 MiB the recipe best took a quarter longer.
_MOST_BYTES = 64 * 2**20


def are_few(data: Array, weight: Array, sizes: Sequence[int]) -> bool:
    """Whether the patches of a convolution are few enough to be copied.

    Args:
        data: images (N, C, ...).
        weight: filters (O, C, ...).
        sizes: the result's sizes along its spatial axes.

    Example:
        >>> are_few(jnp.zeros((100, 1, 28, 28)), jnp.zeros((20, 1, 5, 5)), (24, 24))
        True
    """
    places = len(data) * math.prod(sizes)
    return places * math.prod(weight.shape[1:]) * data.dtype.itemsize <= _MOST_BYTES


def convolved(data: Array, weight: Array, stride: Shape, dilate: Shape, sizes: Shape) -> Array:
    """The convolution of padded images (N, C, ...) with filters (O, C, ...): (N, O, *sizes).

    Example:
        >>> images, filters = jnp.ones((2, 1, 3, 3)), jnp.ones((1, 1, 2, 2))
        >>> convolved(images, filters, (1, 1), (1, 1), (2, 2))[0, 0].tolist()
        [[4.0, 4.0], [4.0, 4.0]]
    """
    kernel = weight.shape[2:]
    pieces = []
    for place in itertools.product(*(range(size) for size in kernel)):
        places = [slice(None), slice(None)]
        places += [
            slice(each * apart, each * apart + (size - 1) * step + 1, step)
            for each, apart, size, step in zip(place, dilate, sizes, stride)
        ]
        pieces.append(data[tuple(places)])
    patches = jnp.moveaxis(jnp.stack(pieces, axis=2), 0, 2)  # (C, places, N, *sizes)
    patches = patches.reshape((math.prod(weight.shape[1:]), -1))
    result = weight.reshape((len(weight), -1)) @ patches
    return jnp.moveaxis(result.reshape((len(weight), len(data), *sizes)), 0, 1)
