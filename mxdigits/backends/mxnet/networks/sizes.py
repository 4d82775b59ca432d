"""Checks the sizes of everything that a network computes, before MXNet allocates it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import Optional

from ....graph.checked_nodes import INPUT
from ...limits import IMAGES, check_memory
from ..types import MXArray, Symbol


def check_sizes(
    logits: Symbol,
    parameters: Mapping[str, MXArray],
    image_shape: Sequence[int],
    classes: Optional[int],
) -> None:
    """Check before anything is allocated that shapes fit and no output is huge.

    Args:
        logits: the symbol of a network.
        parameters: its arrays, or objects with their ``shape`` and ``size``, by name.
        image_shape: (C, H, W) of an image.
        classes: the number of logits that an image must get; None for any number.

    Raises:
        ValueError: if they do not fit, or are too large.
        mxnet.MXNetError: if MXNet finds that a layer does not fit its inputs.

    Example:
        >>> import mxnet as mx, numpy as np
        >>> data, weight = mx.sym.var("data"), mx.sym.var("w")
        >>> logits = mx.sym.FullyConnected(data, weight, num_hidden=10, no_bias=True)
        >>> check_sizes(logits, {"w": np.zeros((10, 784))}, (1, 28, 28), classes=5)
        Traceback (most recent call last):
            ...
        ValueError: its output for 2 images has the shape (2, 10)
    """
    everything = logits.get_internals()
    arguments = everything.list_arguments()
    known = {name: parameters[name].shape for name in arguments if name != INPUT}
    known[INPUT] = (IMAGES, *image_shape)
    with redirect_stdout(None):  # MXNet prints shapes that do not fit
        shapes, outputs, statistics = everything.infer_shape(**known)
    if outputs is None:
        raise ValueError("the shapes of its outputs do not follow from those of its parameters")
    # Some operators set the shapes of their inputs, whatever shapes were given.
    for name, shape in zip(
        [*arguments, *everything.list_auxiliary_states()], [*shapes, *statistics]
    ):
        given = known.get(name) or parameters[name].shape
        if shape != given:
            raise ValueError(f"{name!r} has the shape {given}, it should have {shape}")
    if min((size for shape in outputs for size in shape), default=1) < 1:
        raise ValueError("one of its outputs has no elements")
    if len(outputs[-1]) != 2 or outputs[-1][0] != IMAGES or classes not in (None, outputs[-1][1]):
        raise ValueError(f"its output for {IMAGES} images has the shape {outputs[-1]}")
    check_memory(map(math.prod, outputs), [array.size for array in parameters.values()])
