"""Operators that make constant or random arrays, without an input or in the shape of one."""

from __future__ import annotations

from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ....arrays import Shape
from ...graphs.shapes import for_batch
from .types import Draw, Function, constant, dtype_of


def full(
    *, shape: Optional[Shape], dtype: str, value: float, ctx: str, device: torch.device
) -> Tensor:
    """An array of one value; of the shape (1,) if none is given.

    Example:
        >>> CPU = torch.device("cpu")
        >>> full(shape=(2, 2), dtype="float32", value=0.5, ctx="", device=CPU).tolist()
        [[0.5, 0.5], [0.5, 0.5]]
    """
    number = value if dtype_of(dtype).is_floating_point else int(value)
    return torch.full(shape or (1,), number, dtype=dtype_of(dtype), device=device)


def zeros(
    batch: Optional[Tensor] = None, *, shape: Shape, dtype: str, ctx: str, device: torch.device
) -> Tensor:
    """An array of zeros; a size of 0 stands for the batch size.

    Example:
        >>> CPU = torch.device("cpu")
        >>> zeros(shape=(3,), dtype="int32", ctx="", device=CPU).tolist()
        [0, 0, 0]
    """
    shape = for_batch(shape, None if batch is None else batch.shape[0])
    return full(shape=shape, dtype=dtype, value=0.0, ctx=ctx, device=device)


def ones(*, shape: Shape, dtype: str, ctx: str, device: torch.device) -> Tensor:
    """An array of ones.

    Example:
        >>> CPU = torch.device("cpu")
        >>> ones(shape=(3,), dtype="int32", ctx="", device=CPU).tolist()
        [1, 1, 1]
    """
    return full(shape=shape, dtype=dtype, value=1.0, ctx=ctx, device=device)


def arange_like(
    data: Tensor, *, start: float, step: float, repeat: int, ctx: str, axis: Optional[int]
) -> Tensor:
    """Numbers in equal steps, each ``repeat`` times, to the size of the data or one of its axes.

    Example:
        >>> data = torch.zeros((2, 3))
        >>> arange_like(data, start=0.0, step=1.0, repeat=1, ctx="", axis=1).tolist()
        [0.0, 1.0, 2.0]
    """
    count = data.numel() if axis is None else data.shape[axis]
    numbers = start + step * (np.arange(count) // repeat)
    return constant(numbers.reshape(tuple(data.shape) if axis is None else (count,)), data)


def random_uniform(
    *, low: float, high: float, shape: Optional[Shape], dtype: Optional[str], ctx: str, draw: Draw
) -> Tensor:
    """Uniform random numbers from ``low`` to ``high``.

    Example:
        >>> from mxdigits.backends.torch.drawing import Generator
        >>> draw = Generator(torch.device("cpu"))
        >>> drawn = random_uniform(low=0.0, high=1.0, shape=(5,), dtype=None, ctx="", draw=draw)
        >>> tuple(drawn.shape), bool(((drawn >= 0) & (drawn < 1)).all())
        ((5,), True)
    """
    return (low + (high - low) * draw.uniform(shape or (1,))).to(dtype_of(dtype or "float32"))


def random_normal(
    *, loc: float, scale: float, shape: Optional[Shape], dtype: Optional[str], ctx: str, draw: Draw
) -> Tensor:
    """Normal random numbers with mean ``loc`` and standard deviation ``scale``.

    Example:
        >>> from mxdigits.backends.torch.drawing import Generator
        >>> draw = Generator(torch.device("cpu"))
        >>> random_normal(loc=5.0, scale=0.0, shape=(3,), dtype=None, ctx="", draw=draw).tolist()
        [5.0, 5.0, 5.0]
    """
    return (loc + scale * draw.normal(shape or (1,))).to(dtype_of(dtype or "float32"))


def random_uniform_like(data: Tensor, *, low: float, high: float, draw: Draw) -> Tensor:
    """Uniform random numbers in the shape and type of the data.

    Example:
        >>> from mxdigits.backends.torch.drawing import Generator
        >>> draw = Generator(torch.device("cpu"))
        >>> tuple(random_uniform_like(torch.zeros((2, 3)), low=0.0, high=1.0, draw=draw).shape)
        (2, 3)
    """
    return (low + (high - low) * draw.uniform(data.shape, by_image=True)).to(data.dtype)


def random_normal_like(data: Tensor, *, loc: float, scale: float, draw: Draw) -> Tensor:
    """Normal random numbers in the shape and type of the data.

    Example:
        >>> from mxdigits.backends.torch.drawing import Generator
        >>> draw = Generator(torch.device("cpu"))
        >>> random_normal_like(torch.zeros(3), loc=5.0, scale=0.0, draw=draw).tolist()
        [5.0, 5.0, 5.0]
    """
    return (loc + scale * draw.normal(data.shape, by_image=True)).to(data.dtype)


FUNCTIONS: dict[str, Function] = {
    "_contrib_arange_like": arange_like,
    "_full": full,
    "_ones": ones,
    "_random_normal": random_normal,
    "_random_normal_like": random_normal_like,
    "_random_uniform": random_uniform,
    "_random_uniform_like": random_uniform_like,
    "_zeros": zeros,
}
